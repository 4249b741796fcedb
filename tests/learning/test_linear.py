"""Prior and ridge, beside scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

pytestmark = pytest.mark.extra("torch")
pytest.importorskip("torch", reason="the extra `torch` is not installed")

from cueline.learning import linear  # noqa: E402
from cueline.learning.linear import fit_prior, fit_ridge  # noqa: E402
from cueline.learning.recipes import LOGISTIC  # noqa: E402
from cueline.learning.tagging import fit_preparation  # noqa: E402
from tests.learning.made import WIDTH, made_examples, made_plan  # noqa: E402


@pytest.fixture
def examples():
    return made_examples()


@pytest.fixture
def prepare(examples):
    from dataclasses import replace

    return fit_preparation(made_plan(examples, recipe=replace(LOGISTIC, unit=False)))


def test_the_prior_is_how_common_each_class_is_whatever_the_row(examples, prepare):
    scores = fit_prior(examples, prepare).scores(examples.values)
    np.testing.assert_allclose(scores, np.tile(examples.yes.counts() / 120, (120, 1)), rtol=1e-6)


@pytest.mark.parametrize("strength", [0.01, 1.0, 30.0])
def test_ridge_is_that_of_scikit_learn(examples, prepare, strength):
    x, y = prepare(examples.values).astype(float), examples.yes.dense().astype(float)
    oracle = Ridge(alpha=strength * np.trace(x.T @ x) / WIDTH, solver="cholesky").fit(x, y)
    found = fit_ridge(examples, prepare, strength=strength)
    np.testing.assert_allclose(found.weights, oracle.coef_.T, atol=1e-5)
    np.testing.assert_allclose(found.scores(examples.values), oracle.predict(x), atol=1e-5)


def test_blocks_do_not_change_what_is_found(examples, prepare, monkeypatch):
    whole = fit_ridge(examples, prepare)
    monkeypatch.setattr(linear, "BLOCK_ROWS", 7)
    np.testing.assert_allclose(fit_ridge(examples, prepare).weights, whole.weights, atol=1e-6)


def test_a_dead_column_does_no_harm(examples):
    values = examples.values.copy()
    values[:, 6:] = 5.0
    dead = made_examples(values=values)
    found = fit_ridge(dead, fit_preparation(made_plan(dead)))
    assert np.isfinite(found.weights).all()
    assert not found.weights[6:].any()
