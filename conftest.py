"""Runs every example of the documentation, the README and the docstrings as a test."""

from collections import defaultdict
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE

import pytest
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.integration.pytest import SybilItem
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser

FLAGS = ELLIPSIS | NORMALIZE_WHITESPACE

pages = Sybil(parsers=[PythonCodeBlockParser(doctest_optionflags=FLAGS), SkipParser()], pattern="*.md")
docstrings = Sybil(
    parsers=[DocTestParser(FLAGS)], path="src", pattern="*.py", document_types={".py": PythonDocStringDocument}
)

pytest_collect_file = (pages + docstrings).pytest()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the examples of one page in the order of reading: random order mixes pages, not lines."""
    places = defaultdict(list)
    for place, item in enumerate(items):
        if isinstance(item, SybilItem):
            places[item.parent].append(place)
    for mine in places.values():
        ordered = sorted((items[place] for place in mine), key=lambda item: item.example.start)
        for place, item in zip(mine, ordered, strict=True):
            items[place] = item
