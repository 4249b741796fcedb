"""Commands run in this process: what they print, and their exit codes."""

import sys

import pytest

from cueline.cli.app import main


@pytest.fixture
def cueline(monkeypatch, capsys):
    """Run a command; give its exit code, what it printed as a result, and what it said beside that."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["cueline", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return ended.value.code or 0, told.out, told.err

    return run
