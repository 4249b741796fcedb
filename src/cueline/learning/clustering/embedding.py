"""Two pictures of rows in two dimensions: t-SNE, and the distances along a graph of neighbours.

t-SNE keeps neighbours together: clusters show, but their sizes and the distances between them mean nothing. The second
picture, Isomap, lays rows out by their way along a graph of nearest neighbours, much as UMAP begins: how far groups lie
apart shows better, what is within them worse. Trust what both show.

With more rows than 5,000 a seeded draw of them is shown; the graph is made of 1,500 of these, into which the others
are placed.

References:
    L. van der Maaten and G. Hinton, 2008, Visualizing data using t-SNE. J. B. Tenenbaum, V. de Silva and
    J. C. Langford, 2000, A global geometric framework for nonlinear dimensionality reduction: Isomap.
    M. Wattenberg, F. Viegas and I. Johnson, 2016, How to use t-SNE effectively.
    scikit-learn, manifold: the computations.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.manifold import TSNE, Isomap

from cueline.learning.clustering.clusterings import Floats, Numbers, Rows

MOST_ROWS = 5_000
GRAPH_ROWS = 1_500
PERPLEXITY, NEIGHBOURS = 30.0, 10
FEWEST = 5


@dataclass(frozen=True, slots=True, eq=False)
class Embedding:
    """Rows in two dimensions, twice.

    Attributes:
        rows: Which rows are shown, rising, shape (M,).
        tsne: Their places by t-SNE, shape (M, 2).
        graph: Their places by the graph of neighbours, shape (M, 2).
        note: What one must know; else empty.
    """

    rows: Rows
    tsne: Numbers
    graph: Numbers
    note: str = ""

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Embedding({len(self.rows)} rows)"


def embedding(values: Floats, *, seed: int = 0) -> Embedding:
    """Lay rows out in two dimensions.

    Args:
        values: Finite, shape (N, K).
        seed: Of the draw and of both pictures.

    Returns:
        Places of all rows, or of 5,000 of them; of fewer than 5 rows, and of rows that are all alike, the first two
        columns.
    """
    rng = np.random.default_rng(seed)
    rows = np.arange(len(values))
    note = ""
    if len(values) > MOST_ROWS:
        rows = np.sort(rng.choice(rows, MOST_ROWS, replace=False))
        note = f"The pictures show {MOST_ROWS:,} of {len(values):,} clips, drawn by chance."
    shown = values[rows]
    if len(rows) < FEWEST or not np.ptp(shown, axis=0).any():
        plain = _two(shown.astype(np.float64))
        return Embedding(rows, plain, plain.copy(), "Too few different clips for the pictures: two columns are shown.")
    return Embedding(rows, _tsne(shown, seed), _graph(shown, rng), note)


def _tsne(values: Floats, seed: int) -> Numbers:
    perplexity = min(PERPLEXITY, (len(values) - 1) / 3)
    # The beginning is scaled by its spread, which a single column leaves at 0 in the second direction
    start = "pca" if values.shape[1] >= 2 else "random"
    fitted = TSNE(perplexity=perplexity, init=start, learning_rate="auto", random_state=seed, n_jobs=1)
    return np.asarray(fitted.fit_transform(values), np.float64)


def _graph(values: Floats, rng: np.random.Generator) -> Numbers:
    rows = np.arange(len(values))
    if len(values) > GRAPH_ROWS:
        rows = np.sort(rng.choice(rows, GRAPH_ROWS, replace=False))
    fitted = Isomap(n_neighbors=min(NEIGHBOURS, len(rows) - 1), n_components=2)
    with warnings.catch_warnings():
        # Parts that no neighbour binds are bound by their nearest rows, which is what is wanted
        warnings.filterwarnings("ignore", "The number of connected components")
        warnings.filterwarnings("ignore", category=_sparse_warning())
        fitted.fit(values[rows])
        places = np.asarray(fitted.embedding_ if len(rows) == len(values) else fitted.transform(values), np.float64)
    return _two(places)


def _sparse_warning() -> type[Warning]:
    from scipy.sparse import SparseEfficiencyWarning

    kind: type[Warning] = SparseEfficiencyWarning
    return kind


def _two(values: npt.NDArray[np.float64]) -> Numbers:
    """The first two columns; zeros where there is but one."""
    if values.shape[1] >= 2:
        return np.ascontiguousarray(values[:, :2])
    return np.column_stack((values[:, 0], np.zeros(len(values))))
