"""Principal components: fewer columns that hold most of the variance, and how much each of them holds.

Distances in many columns that say the same count it many times, and the last components are mostly noise. The cut-off
is a share of the variance, or a number of components.

References:
    I. T. Jolliffe, 2002, Principal component analysis: how many components to keep.
    scikit-learn, decomposition.PCA: the computation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA

from cueline.errors import OptionError

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Rows in their principal components.

    Attributes:
        values: Of the components that are kept, the greatest first, shape (N, K), K is 1 or more.
        shares: Of the variance that each component holds, never rising, shape (the lesser of N and D,); empty where
            rows do not differ.
    """

    values: Floats
    shares: Numbers

    @property
    def kept(self) -> int:
        """K, how many are kept."""
        return int(self.values.shape[1])

    @property
    def share(self) -> float:
        """Share of the variance in the kept ones; 1 where rows do not differ."""
        return float(min(1.0, self.shares[: self.kept].sum())) if len(self.shares) else 1.0

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Components({len(self.values)} rows, {self.kept} of {len(self.shares)} kept, {self.share:.3f} of all)"


def components(values: Floats, *, keep: float = 0.95, seed: int = 0) -> Components:
    """Turn columns into principal components and keep the first ones.

    Args:
        values: Finite, scaled, shape (N, D).
        keep: Below 1, the least share of the variance to keep; a whole number of 1 or more, how many components, as far
            as there are so many.
        seed: Of the computation, where it draws.

    Raises:
        OptionError: If `keep` is neither.

    Example:
        >>> rows = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]], np.float32)
        >>> components(rows)
        Components(3 rows, 1 of 2 kept, 1.000 of all)
    """
    must_be_kept(keep)
    if not np.ptp(values, axis=0).any():
        return Components(np.zeros((len(values), 1), np.float32), np.empty(0))
    fitted = PCA(svd_solver="full" if len(values) < values.shape[1] else "covariance_eigh", random_state=seed)
    turned = fitted.fit_transform(values.astype(np.float64))
    shares = np.asarray(fitted.explained_variance_ratio_, np.float64)
    # Rounded sums may end below the share that was asked for
    count = int(np.searchsorted(np.cumsum(shares), keep - 1e-9)) + 1 if keep < 1 else int(keep)
    count = min(count, len(shares))
    return Components(np.ascontiguousarray(turned[:, :count], np.float32), shares)


def must_be_kept(keep: float) -> None:
    """Refuse a cut-off that is neither a share nor a number.

    Raises:
        OptionError: Says what it may be.
    """
    if not 0 < keep < np.inf or (keep >= 1 and keep != int(keep)):
        raise OptionError(
            f"principal components are kept by a share of the variance in (0, 1), or by a whole number, got {keep:g}"
        )
