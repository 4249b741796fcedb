"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("cueline", deadline=None)  # a busy machine is not a wrong answer
settings.load_profile("cueline")


@pytest.fixture(scope="session")
def real_media() -> Path:
    """The folder of real films and sounds; the test is skipped where it is absent."""
    return _shared("media", "CUELINE_REAL")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real features, labels and vocabularies; the test is skipped where it is absent."""
    return _shared("data", "CUELINE_REAL_DATA")


@pytest.fixture(scope="session")
def golden() -> Path:
    """The folder of cases computed with the field's original programs; the test is skipped where it is absent."""
    return _shared("golden", "CUELINE_GOLDEN")


def _shared(name: str, variable: str) -> Path:
    folder = Path(os.environ.get(variable, Path(__file__).parents[2] / "shared" / name))
    if not folder.is_dir():
        pytest.skip(f"no folder is at {folder}; set {variable}")
    return folder
