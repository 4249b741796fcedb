"""Small classifiers to learn with in tests, and clips of films whose classes can be learned."""

import numpy as np

from cueline.learning.active.asking import YES


class Chances:
    """What a function makes of features."""

    def __init__(self, of):
        self.of = of

    def chances(self, values):
        return self.of(values)


def ridge(values, answers):
    """Ridge regression on 1 and -1, unknown 0, squashed to chances."""
    rows = np.column_stack([values, np.ones(len(values))]).astype(np.float64)
    wanted = np.where(answers == YES, 1.0, np.where(answers == 0, -1.0, 0.0))
    weights = np.linalg.solve(rows.T @ rows + 3 * np.eye(rows.shape[1]), rows.T @ wanted)
    return Chances(lambda new: 1 / (1 + np.exp(-3 * np.column_stack([new, np.ones(len(new))]) @ weights)))


def nearest(values, answers):
    """The answer of the nearest row learned: it remembers all it saw, word for word."""

    def of(new):
        apart = ((new[:, None] - values[None]) ** 2).sum(axis=2)
        return (answers[apart.argmin(axis=1)] == YES).astype(np.float32)

    return Chances(of)


def made_clips(rows=300, *, films=60, classes=3, width=8, alike=0.0, clear=2.0, seed=0):
    """Features, true answers and films of clips.

    Args:
        alike: How much clips of a film share that says nothing of the classes.
        clear: How far a class moves its number.
    """
    rng = np.random.default_rng(seed)
    groups = rng.permutation(np.arange(rows) % films)
    answers = (rng.random((rows, classes)) < 0.3).astype(np.int8)
    values = rng.standard_normal((rows, width)) + alike * rng.standard_normal((films, width))[groups]
    values[:, :classes] += clear * answers
    return values.astype(np.float32), answers, groups
