"""The command line: `cueline VERB ...`, one file for each group of verbs.

JSON goes alone to standard output, everything else to standard error. The exit code is 0 when all
went well and something was done, 1 when something failed or there was nothing to do, 2 when the
command itself was wrong, 130 when it was interrupted.
"""

from __future__ import annotations

import sys

import typer

from cueline.cli import files, kit, libraries, sharing
from cueline.cli.output import say
from cueline.errors import CuelineError

app = typer.Typer(
    name="cueline",
    help="Timed metadata on libraries of video and audio: found, measured, searched and exported.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (libraries, files, sharing, kit):
    group.add_to(app)


def main() -> None:
    """Run a command; turn errors into one line and an exit code."""
    try:
        app()
    except CuelineError as error:
        say(f"cueline: {error}")
        sys.exit(2)
    except KeyboardInterrupt:
        say("cueline: interrupted; what was finished is kept, the same command goes on from there")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
