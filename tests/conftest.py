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
    default = Path(__file__).parents[2] / "shared" / "media"
    folder = Path(os.environ.get("CUELINE_REAL", default))
    if not folder.is_dir():
        pytest.skip(f"real media are not at {folder}; set CUELINE_REAL")
    return folder
