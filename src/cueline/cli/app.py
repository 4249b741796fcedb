"""The command line: `cueline VERB ...`, one file for each group of verbs.

JSON goes alone to standard output, everything else to standard error. The exit code is 0 when all
went well and something was done, 1 when something failed or there was nothing to do, 2 when the
command itself was wrong, 130 when it was interrupted.
"""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Annotated

import typer

from cueline.cli import (
    agreement,
    answering,
    campaigns,
    choosing,
    chunking,
    classes,
    clustering,
    evaluation,
    files,
    finding,
    history,
    kit,
    labels,
    learning,
    libraries,
    places,
    sharing,
    simulating,
    sounding,
    tables,
    training_sound,
    verifying,
)
from cueline.cli.output import INTERRUPTED, say, show
from cueline.errors import CuelineError

app = typer.Typer(
    name="cueline",
    help="Timed metadata on libraries of video and audio: found, measured, searched and exported.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (
    libraries,
    files,
    clustering,
    finding,
    tables,
    sharing,
    places,
    history,
    chunking,
    classes,
    campaigns,
    answering,
    labels,
    choosing,
    learning,
    training_sound,
    evaluation,
    simulating,
    kit,
    agreement,
    verifying,
    sounding,
):
    group.add_to(app)


@app.callback()
def about(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Timed metadata on libraries of video and audio: found, measured, searched and exported."""
    if version:
        show(f"cueline {metadata.version('cueline')}")
        raise typer.Exit


def main() -> None:
    """Run a command; turn errors into one line and an exit code."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # what cannot be written is told below, not after the end
    except CuelineError as error:
        for line in f"cueline: {error}".split("\n"):  # a query is shown with a caret below it
            say(line)
        sys.exit(2)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            say(
                "cueline: interrupted; libraries, chunks and playlists keep what was finished: "
                "the same command goes on from there"
            )
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        place = f": {error.filename!r}" if error.filename else ""
        say(f"cueline: {(error.strerror or str(error)).lower()}{place}")
        sys.exit(2)
