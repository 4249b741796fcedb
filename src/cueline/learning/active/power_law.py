"""The power law a - b n^-c that learning curves follow: fitted to many curves at once.

With c given, a and b are the answer of a weighted least squares; c is sought on a grid. b below 0, a curve that falls,
becomes 0; a above 1, more than anything can reach, becomes 1.

References:
    C. Cortes, L. Jackel, S. Solla, V. Vapnik and J. Denker, 1993, Learning curves: asymptotic values and rate of
    convergence.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_EXPONENTS = np.geomspace(0.1, 2, 31)


class Law(NamedTuple):
    """a - b n^-c, for R curves at once.

    Attributes:
        a: Where it ends, at most 1, shape (R,).
        b: How far it has to go, 0 or more, shape (R,).
        c: How fast, from .1 to 2, shape (R,).
    """

    a: Numbers
    b: Numbers
    c: Numbers

    def at(self, n: float) -> Numbers:
        """Its height at n labels, shape (R,)."""
        return self.a - self.b * float(n) ** -self.c


def fitted(sizes: Numbers, curves: Numbers, weights: Numbers) -> Law:
    """The power law with the least weighted squares for each of R curves: a and b in closed form, for each c of a grid.

    Args:
        sizes: Labels, two or more different ones, shape (S,).
        curves: What was measured, shape (R, S).
        weights: How much each size counts, summing up to 1, shape (S,).

    Example:
        >>> sizes = np.array([10.0, 20.0, 40.0, 80.0])
        >>> fitted(sizes, 0.9 - 1.5 * sizes[None] ** -0.5, np.full(4, 0.25)).at(160).round(2).tolist()
        [0.78]
    """
    x = sizes ** -_EXPONENTS[:, None]
    middle = (x @ weights)[:, None]
    mean = (curves @ weights)[None]
    spread = (x - middle) * weights
    slope = -(spread @ curves.T) / (spread * x).sum(axis=1)[:, None]
    b = slope.clip(0)
    a = mean + b * middle
    through = ((x * weights) @ (1 - curves.T) / ((x * x) @ weights)[:, None]).clip(0)
    a, b = np.where(a > 1, 1.0, a), np.where(a > 1, through, b)
    off = (curves[None] - a[:, :, None] + b[:, :, None] * x[:, None, :]) ** 2 @ weights
    best, every = off.argmin(axis=0), np.arange(len(curves))
    return Law(a[best, every], b[best, every], _EXPONENTS[best])


def weights_of(measured: Numbers) -> Numbers:
    """How much each size counts, summing up to 1: by the inverse of its variance over draws, none by far the most.

    Args:
        measured: Shape (draws, S), two draws or more.
    """
    variance = measured.var(axis=0, ddof=1)
    typical = float(np.median(variance))
    weights = 1 / (variance + typical) if typical > 0 else np.ones(len(variance))
    return np.asarray(weights / weights.sum())
