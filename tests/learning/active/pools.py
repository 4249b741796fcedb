"""Small pools with known truth, for tests of strategies."""

import numpy as np

from cueline.learning.active.asking import UNKNOWN, YES, Known
from cueline.learning.active.few import fit_few


def unit(values):
    """Rows of length 1."""
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def made(rows=300, width=6, classes=1, seed=0, share=0.3):
    """Unit rows and answers that a linear model can learn."""
    rng = np.random.default_rng(seed)
    values = unit(rng.standard_normal((rows, width)))
    scores = values @ rng.standard_normal((width, classes))
    return values, (scores > np.quantile(scores, 1 - share, axis=0)).astype(np.int8)


def known(values, truth, asked=(), *, prior=None, unsure=(), fit=True):
    """What is known after some rows were answered, and others seen without an answer."""
    answers, seen = np.full(truth.shape, UNKNOWN, np.int8), np.zeros(len(values), np.bool_)
    asked, unsure = np.array(asked, np.int64), np.array(unsure, np.int64)
    answers[asked], seen[asked], seen[unsure] = truth[asked], True, True
    model = fit_few(values[asked], answers[asked]) if len(asked) else None
    chances = model.chances(values) if fit and model is not None and model.fitted.any() else None
    return Known(values, answers, chances, prior, seen)


def with_chances(chances, *, values=None, answers=None):
    """A pool of which the first two rows are answered, yes and no, and the model says what it is told to say."""
    chances = np.asarray(chances, np.float32)
    chances = chances[:, None] if chances.ndim == 1 else chances
    chances = np.concatenate((np.ones((1, chances.shape[1])), np.zeros((1, chances.shape[1])), chances))
    if answers is None:
        answers = np.full(chances.shape, UNKNOWN, np.int8)
        answers[0], answers[1] = YES, 0
    if values is None:
        values = unit(np.random.default_rng(0).standard_normal((len(chances), 4)))
    seen = np.zeros(len(chances), np.bool_)
    seen[:2] = True
    return Known(values, answers, chances.astype(np.float32), None, seen)


def chosen(strategy, known, count, seed=0):
    """The rows of one query."""
    return strategy.study(known.values, seed=3).choose(known, count, np.random.default_rng(seed))
