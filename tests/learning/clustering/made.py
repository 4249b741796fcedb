"""Rows in three round heaps, far apart, and what heap each is of."""

import numpy as np


def heaps(each=30, *, width=6, apart=8.0, seed=0):
    """Rows, shape (3 * each, width), and the heap of each."""
    rng = np.random.default_rng(seed)
    rows = np.concatenate([rng.normal(apart * heap, 1, (each, width)) for heap in range(3)])
    return rows.astype(np.float32), np.repeat(np.arange(3), each)
