"""The reference pages and the README's tree are those that the code gives now."""

import subprocess
import sys
from pathlib import Path

import pytest

from cueline import registry

ROOT = Path(__file__).parents[2]


def test_generated_pages_are_current():
    ended = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("kind", registry.KINDS)
def test_every_plug_in_is_documented(kind):
    page = (ROOT / "docs/reference/plugins.md").read_text()
    for name, entry in registry.installed(kind).items():
        if entry.package == "cueline":
            assert f"### {name}\n" in page


def test_every_command_is_documented():
    page = (ROOT / "docs/reference/command-line.md").read_text()
    for verb in ("init", "add", "doctor", "analyze", "status", "tags", "shots", "export", "report", "plugins"):
        assert f"## cueline {verb}\n" in page


def test_every_error_is_documented():
    from cueline import errors

    page = (ROOT / "docs/reference/errors.md").read_text()
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.CuelineError):
            assert name in page
