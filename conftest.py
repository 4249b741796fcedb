"""Runs every example of the documentation, the README and the docstrings as a test.

Pages are run in a fresh folder that holds `films` (a film, a sound file, a broken file) and `film.mp4`.
Python blocks are run as they stand; of shell blocks, the lines that call `cueline`.
"""

import os
import shlex
import shutil
import tempfile
from collections import defaultdict
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from functools import cache
from pathlib import Path

import pytest
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.example import Example
from sybil.integration.pytest import SybilItem
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

from tests.commands import here
from tests.films import small_collection, three_shots

FLAGS = ELLIPSIS | NORMALIZE_WHITESPACE

HOME = Path.cwd()


@cache
def film() -> Path:
    """A small film, made once for all pages."""
    return three_shots(Path(tempfile.mkdtemp(prefix="cueline-docs-")) / "film.mp4")


def enter(namespace: dict[str, object]) -> None:
    """Begin a page in a folder of its own."""
    place = Path(tempfile.mkdtemp(prefix="cueline-page-"))
    small_collection(place / "films", film())
    shutil.copy(film(), place / "film.mp4")
    namespace["place"] = place
    os.chdir(place)


def leave(namespace: dict[str, object]) -> None:
    """Go back, and take the folder away."""
    os.chdir(HOME)
    shutil.rmtree(str(namespace["place"]))


def run_commands(example: Example) -> str | None:
    """Run the lines of a shell block that call `cueline`; a broken file may be named, a wrong command may not pass."""
    for line in str(example.parsed).splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["cueline"]:
            ended = here(*words[1:])
            if ended.returncode not in (0, 1) or "Traceback" in ended.stderr:
                return f"{line}\nended with {ended.returncode}:\n{ended.stderr}"
    return None


pages = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=FLAGS),
        CodeBlockParser(language="sh", evaluator=run_commands),
        SkipParser(),
    ],
    pattern="*.md",
    setup=enter,
    teardown=leave,
)
docstrings = Sybil(
    parsers=[DocTestParser(FLAGS)], path="src", pattern="*.py", document_types={".py": PythonDocStringDocument}
)

pytest_collect_file = (pages + docstrings).pytest()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the examples of one page together, in the order of reading: random order shuffles pages, not lines."""
    pages: dict[object, list[SybilItem]] = defaultdict(list)
    for item in items:
        if isinstance(item, SybilItem):
            pages[item.parent].append(item)
    ordered: list[pytest.Item] = []
    for item in items:
        if not isinstance(item, SybilItem):
            ordered.append(item)
        elif item.parent in pages:
            ordered += sorted(pages.pop(item.parent), key=lambda item: item.example.start)
    items[:] = ordered
