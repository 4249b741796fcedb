"""What multi-label models reach on YouTube-8M rows, what training and prediction cost.

    python -m benchmarks.youtube8m                 the table of `cueline bench youtube8m`, then the cost of prediction
    python -m benchmarks.youtube8m --only predict  prediction alone, with a model that the table left

Reads `train_features_uint8.npy`, `train_labels.npz` and `vocabulary.csv` from the folder `youtube8m` of
`CUELINE_REAL_DATA`; writes models and a report into `build/youtube8m`.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.youtube8m_reading import DATA
from cueline.models.checkpoints import load_model

OUT = Path("build/youtube8m")
ROWS = 50_000


def predict() -> None:
    """The best 20 classes of 50,000 rows, real ones and the first of them again."""
    began = time.perf_counter()
    model = load_model(OUT / "ours-0")
    loaded = time.perf_counter() - began
    rows = np.load(DATA / "train_features_uint8.npy", mmap_mode="r")
    rows = rows[np.arange(ROWS) % len(rows)]
    began = time.perf_counter()
    model.top(rows, 20)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{model!r}")
    print(
        f"opened in {loaded:.2f} s; the best 20 of {ROWS:,} rows in {seconds:.1f} s, at most {peak:,.0f} MB of memory"
    )


def main() -> None:
    """Run what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--only", choices=["predict"])
    if asked.parse_args().only is None:
        bench = ["bench", "youtube8m", "--data", str(DATA), "--out", str(OUT)]
        subprocess.run([sys.executable, "-m", "cueline", *bench], check=True)
    predict()


if __name__ == "__main__":
    main()
