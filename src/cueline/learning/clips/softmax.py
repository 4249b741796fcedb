"""Sums of numbers as chances of one class of several, held near a prior: logistic regression, and a model adapted.

The loss of each row is minus the logarithm of its class's chance. To it comes what it costs to leave the prior:
`precision / 2 * (weight - prior)^2` for each weight. With a prior of 0 that is ridge logistic regression; with a prior
that says what another model says, few rows change little of it, many rows what they must. A precision of infinity holds
a number's weights where the prior has them.

    fit_softmax       weights and bias
    fit_calibration   one slope and an offset a class, from rows that the model had not seen

References:
    A. E. Hoerl and R. W. Kennard, 1970, Ridge regression. D. C. Liu and J. Nocedal, 1989, On the limited memory BFGS
    method. C. Chelba and A. Acero, 2004, Adaptation of maximum entropy capitalizer: little data can help a lot: a prior
    centred on the weights of another model.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from cueline.models.clip_models import log_softmax

Numbers = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

STEPS = 300
BIAS_PRECISION = 0.01  # of the bias around its prior: nearly free, and finite for a class without rows
SLOPE_PRECISION, OFFSET_PRECISION = 2.0**2, 1.0**-2  # of the calibration around 1 and 0
LEAST_SLOPE = 0.05  # a verdict is never turned upside down


def fit_softmax(
    x: Numbers,
    labels: Rows,
    *,
    classes: int,
    precision: Numbers,
    prior: Numbers | None = None,
    bias_precision: float = BIAS_PRECISION,
    counted: Numbers | None = None,
) -> tuple[Numbers, Numbers]:
    """Fit weights and bias.

    Args:
        x: Numbers of about deviation 1, shape (N, D).
        labels: Shape (N,), in 0 to C - 1.
        classes: C.
        precision: What it costs to leave the prior, for each number, above 0 or infinite, shape (D,).
        prior: Weights to stay near, shape (D, C); zeros if None.
        bias_precision: The same of the bias, around 0; infinite holds it there.
        counted: How much each row counts, shape (N,); 1 if None.

    Returns:
        Weights (D, C) and bias (C,).

    Example:
        >>> weights, bias = fit_softmax(np.array([[-1.0], [1.0]]), np.array([0, 1]), classes=2, precision=np.ones(1))
        >>> bool(weights[0, 1] > 0 > weights[0, 0]), bool(abs(bias[0] - bias[1]) < 1e-6)
        (True, True)
    """
    prior = np.zeros((x.shape[1], classes)) if prior is None else prior
    counted = np.ones(len(x)) if counted is None else counted
    free = np.isfinite(precision)
    fixed = x[:, ~free] @ prior[~free]
    inner, cost, start = x[:, free], precision[free][:, None], prior[free]
    right = np.eye(classes)[labels]
    moves = np.isfinite(bias_precision)
    bias_cost = bias_precision if moves else 0.0

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        weights, bias = flat[:-classes].reshape(-1, classes), flat[-classes:] * moves
        logs = log_softmax(inner @ weights + bias + fixed)
        away = weights - start
        wrong = (np.exp(logs) - right) * counted[:, None]
        value = -(counted * (logs * right).sum(axis=1)).sum() + (cost * away**2).sum() / 2
        value += bias_cost * (bias**2).sum() / 2
        slopes = inner.T @ wrong + cost * away, (wrong.sum(axis=0) + bias_cost * bias) * moves
        return float(value), np.concatenate([part.ravel() for part in slopes])

    begin = np.concatenate([start.ravel(), np.zeros(classes)])
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "ftol": 1e-10}).x
    weights = prior.copy()
    weights[free] = found[:-classes].reshape(-1, classes)
    return weights, found[-classes:] * moves


def fit_calibration(logs: Numbers, labels: Rows) -> tuple[Numbers, Numbers]:
    """One slope for all classes and an offset for each, near 1 and 0, so that chances are what is found.

    Args:
        logs: Log-chances of rows that the model had not seen, finite, shape (N, C).
        labels: Their classes, shape (N,).

    Returns:
        Slope (1,) and offsets (C,).
    """
    classes = logs.shape[1]
    right = np.eye(classes)[labels]

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        slope, offsets = flat[0], flat[1:]
        said = log_softmax(slope * logs + offsets)
        wrong = np.exp(said) - right
        value = (
            -(said * right).sum() + SLOPE_PRECISION * (slope - 1) ** 2 / 2 + OFFSET_PRECISION * (offsets**2).sum() / 2
        )
        steps = (wrong * logs).sum() + SLOPE_PRECISION * (slope - 1), wrong.sum(axis=0) + OFFSET_PRECISION * offsets
        return float(value), np.concatenate([np.atleast_1d(step) for step in steps])

    begin = np.concatenate([[1.0], np.zeros(classes)])
    bounds = [(LEAST_SLOPE, None), *[(None, None)] * classes]
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS}).x
    return found[:1], found[1:]
