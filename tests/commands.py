"""Commands run in this process, since starting another for each takes longer than most of them do."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout

import pytest

from cueline.cli.app import main


def here(*arguments, cwd=None):
    """Run a command in this process; give what another process would have given."""
    out, err = io.StringIO(), io.StringIO()
    arguments = ["cueline", *map(str, arguments)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", arguments)
        patch.chdir(cwd or ".")
        with pytest.raises(SystemExit) as end:
            main()
    return subprocess.CompletedProcess(arguments, end.value.code or 0, out.getvalue(), err.getvalue())
