"""What the package shows."""

import pytest

from cueline.datasets import youtube8m


def test_public_names_are_sorted():
    assert youtube8m.__all__ == sorted(youtube8m.__all__, key=lambda name: (not name.isupper(), name.islower(), name))


@pytest.mark.parametrize("name", [name for name in youtube8m.__all__ if not name.isupper()])
def test_every_public_name_has_a_docstring(name):
    assert getattr(youtube8m, name).__doc__
