"""A table of clips with made-up numbers: no file is decoded."""

from pathlib import Path

import numpy as np

from cueline.timeline.spans import as_spans
from cueline.workbench.clustering.tables import ClipSource, ClipTable
from tests.learning.clustering.made import heaps


def table(files=9, each=10):
    """Clips of three kinds of files, a kind a heap; gives the table and the kind of each clip."""
    rows, _ = heaps(files * each // 3)
    kinds = ("hum", "hiss", "hush")
    sources = tuple(
        ClipSource(
            f"{kinds[number * 3 // files]} {number}.wav",
            Path(f"/{kinds[number * 3 // files]}/{number}.wav"),
            f"{number}",
        )
        for number in range(files)
    )
    owner = np.repeat(np.arange(files), each)
    starts = np.tile(np.arange(each) * 10.0, files)
    spans = as_spans(np.column_stack((starts, starts + 10)))
    return ClipTable("made", sources, owner, spans, rows.astype(np.float64)), [
        kinds[number * 3 // files] for number in owner.tolist()
    ]
