"""Votes of a few trees, since growing hundreds takes longer than all else that a test does."""

from contextlib import contextmanager

import pytest

from cueline.learning.clips import recipes


@contextmanager
def few_trees():
    """Forests and boosted trees are small inside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipes, "TREES", 10)
        patch.setattr(recipes, "ROUNDS", 5)
        yield
