"""Clusters of clips: scaled, reduced, grouped, laid out, and judged by what is known of the clips.

Measures against known labels are taken over clips that somebody labelled: purity over those of them that lie in a
cluster, the others over all, outsiders counting as one more cluster. Intervals draw whole files, or what binds files in
the library, since clips of one file resemble one another.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError
from cueline.evaluation.clusterings import (
    adjusted_rand_index,
    cluster_purities,
    normalised_mutual_information,
    purity_interval,
    v_measure,
)
from cueline.evaluation.summaries import Interval, Measured
from cueline.learning.clustering.clusterings import Clustering, silhouettes, typical
from cueline.learning.clustering.components import Components, components
from cueline.learning.clustering.embedding import Embedding, embedding
from cueline.learning.clustering.guiding import Guided, guided
from cueline.learning.clustering.methods import How, cluster
from cueline.learning.clustering.scaling import Scaled, scale
from cueline.reports.clusterings import ClusterRow
from cueline.reports.words import short_clock
from cueline.timeline.groups import components as bound
from cueline.workbench.clustering.labels import KnownLabels
from cueline.workbench.clustering.tables import ClipTable

OUTSIDERS = "outsiders"
TYPICAL = 3


@dataclass(frozen=True, slots=True, eq=False)
class Clustered:
    """Clips in clusters, and all that was found on the way.

    Attributes:
        table: All clips that there are.
        labels: What is known of them.
        how: In which way they are clustered.
        scaled: The clips that take part, by number; the others have a number that is none.
        parts: Their principal components; where none were wanted, all columns as they are.
        clustering: Cluster of each clip that takes part.
        guided: What labelling by groups does, where that was wanted.
        plane: Pictures in two dimensions.
        silhouettes: Of each clip that takes part, shape (N,).
        rows: The clusters in words, outsiders last.
        measures: Numbers of the whole.
        notes: What one must know.
    """

    table: ClipTable
    labels: KnownLabels
    how: How
    scaled: Scaled
    parts: Components
    clustering: Clustering
    guided: Guided | None
    plane: Embedding
    silhouettes: npt.NDArray[np.float64]
    rows: tuple[ClusterRow, ...]
    measures: tuple[Measured, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Clustered({self.clustering})"

    @property
    def known(self) -> list[str]:
        """Known class of each clip that takes part; empty where nobody knows it."""
        return [self.labels.names[clip] for clip in self.scaled.rows.tolist()]


def run(table: ClipTable, labels: KnownLabels, how: How) -> Clustered:
    """Cluster clips.

    Args:
        table: The clips.
        labels: What is known of them; no cluster is made of it.
        how: In which way.

    Raises:
        OptionError: If the clips cannot be clustered so.
        TimelineError: If no clip has finite numbers.
    """
    scaled = scale(table.values, how.scale)
    parts = (
        components(scaled.values, keep=how.keep, seed=how.seed) if how.keep else Components(scaled.values, np.empty(0))
    )
    known = [labels.names[clip] for clip in scaled.rows.tolist()]
    found = _guided(parts, known, how) if how.method == "guided" else None
    clustering = found.clustering if found else cluster(parts.values, how)
    plane = embedding(parts.values, seed=how.seed)
    each = silhouettes(parts.values, clustering.groups, seed=how.seed)
    rows = tuple(_rows(table, scaled, parts, clustering, each, known))
    measures = (*_measures(table, scaled, clustering, each, known, how), *_guided_measures(found))
    notes = (*clustering.notes, *labels.notes, *filter(None, [plane.note, *_left_out(table, scaled)]))
    return Clustered(table, labels, how, scaled, parts, clustering, found, plane, each, rows, measures, notes)


def called(group: int) -> str:
    """What a cluster is called.

    Example:
        >>> called(0), called(-1)
        ('0', 'outsiders')
    """
    return str(group) if group >= 0 else OUTSIDERS


def clip_words(table: ClipTable, clip: int) -> str:
    """Name and time of a clip."""
    return f"{table.source(clip).name} {short_clock(float(table.spans[clip, 0]))}"


def _guided(parts: Components, known: list[str], how: How) -> Guided:
    classes = sorted(set(known) - {""})
    numbers = np.array([classes.index(name) if name else -1 for name in known], np.int64)
    return guided(parts.values, reference=numbers, ask=how.ask, numbers=how.numbers, height=how.height, seed=how.seed)


def _left_out(table: ClipTable, scaled: Scaled) -> Iterator[str]:
    """What is to be said of clips without finite numbers."""
    if len(scaled.left_out):
        names = Counter(table.source(clip).name for clip in scaled.left_out.tolist())
        first, count = names.most_common(1)[0]
        yield (
            f"{len(scaled.left_out):,} clips of {len(names):,} files are left out, since not all of their numbers are "
            f"finite; {count:,} of them are of {first}."
        )


def _rows(
    table: ClipTable,
    scaled: Scaled,
    parts: Components,
    clustering: Clustering,
    each: npt.NDArray[np.float64],
    known: list[str],
) -> Iterator[ClusterRow]:
    groups = clustering.groups
    labelled = np.array([bool(name) for name in known])
    names = np.array(known, object)[labelled].tolist()
    purities = {row.cluster: row for row in cluster_purities(names, groups[labelled])} if names else {}
    for group in [*range(clustering.count), *([-1] if clustering.outside else [])]:
        rows = groups == group
        fit = purities.get(group)
        own = each[rows][~np.isnan(each[rows])]
        nearest = typical(parts.values, groups, group, count=TYPICAL) if group >= 0 else ()
        yield ClusterRow(
            name=called(group),
            clips=int(rows.sum()),
            share=float(rows.mean()),
            typical=tuple(clip_words(table, int(scaled.rows[row])) for row in nearest),
            main=fit.main if fit else "",
            purity=fit.purity if fit else math.nan,
            base=fit.base if fit else math.nan,
            labelled=fit.rows if fit else 0,
            silhouette=float(own.mean()) if len(own) else math.nan,
        )


def _measures(
    table: ClipTable,
    scaled: Scaled,
    clustering: Clustering,
    each: npt.NDArray[np.float64],
    known: list[str],
    how: How,
) -> Iterator[Measured]:
    own = each[~np.isnan(each)]
    whole = Interval(float(own.mean()) if len(own) else math.nan)
    yield Measured("silhouette", whole, meaning="How much nearer clips are to their own cluster than to the next.")
    labelled = np.array([bool(name) for name in known])
    if not labelled.any():
        return
    groups = clustering.groups
    inside = labelled & (groups >= 0)
    binds = bound([source.groups for source in table.sources])[table.owner[scaled.rows]]
    names = np.array(known, object)
    pure = purity_interval(_texts(names[inside]), groups[inside], binds[inside], seed=how.seed)
    counts = Counter(names[inside].tolist())
    base = max(counts.values()) / int(inside.sum()) if counts else math.nan
    yield Measured("purity", pure, base, "Share of labelled clips in clusters that have the main label of theirs.")
    reference, estimated = _texts(names[labelled]), groups[labelled]
    rand = adjusted_rand_index(reference, estimated)
    yield Measured("adjusted Rand index", Interval(rand), 0.0, "Pairs of clips put together or parted as labels do.")
    shared = normalised_mutual_information(reference, estimated)
    yield Measured("normalised mutual information", Interval(shared), 0.0, "Also called V-measure.")
    fit = v_measure(reference, estimated)
    yield Measured("homogeneity", Interval(fit.homogeneity), 0.0, "1 where clusters have one label each.")
    yield Measured("completeness", Interval(fit.completeness), 0.0, "1 where labels lie in one cluster each.")


def _texts(names: npt.NDArray[Any]) -> list[str]:
    texts: list[str] = names.tolist()
    return texts


def _guided_measures(found: Guided | None) -> Iterator[Measured]:
    if found is None or math.isnan(found.named):
        return
    asked = len(found.asked)
    named = Interval(found.named)
    yield Measured("right by the cut", named, found.base, f"Clips that the {asked} answers name, cluster by cluster.")
    right = Interval(found.right)
    yield Measured("right where it follows", right, meaning=f"Of {len(found.followed):,} clips in settled groups.")


def read_numbers(text: str) -> tuple[int, ...]:
    """Numbers of clusters from a text such as "2-12", "8" or "2,4,8".

    Raises:
        OptionError: If it is none of these.

    Example:
        >>> read_numbers("2-5"), read_numbers("8"), read_numbers("2,4-5")
        ((2, 3, 4, 5), (8,), (2, 4, 5))
    """
    found: list[int] = []
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        low, dash, high = piece.partition("-")
        ends = (low, high if dash else low)
        if not all(end.strip().isascii() and end.strip().isdecimal() and len(end) < 7 for end in ends):
            raise OptionError(f"numbers of clusters look like 2-12, 8 or 2,4,8, got {text!r}")
        first, last = map(int, ends)
        if not 1 <= first <= last:
            raise OptionError(f"a range of clusters goes from 1 or more upwards, got {piece!r}")
        found += range(first, last + 1)
    if not found or len(found) > 200:
        raise OptionError(f"1 to 200 numbers of clusters can be tried, got {text!r}")
    return tuple(dict.fromkeys(found))
