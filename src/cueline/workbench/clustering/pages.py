"""Everything that is written of clusters: a table of clips, playlists, sounds to hear, and the page.

clusters.csv      a line a clip: file, start, end, cluster, both places in a plane, known label
cluster_N.m3u8    a playlist for each cluster, and one of the outsiders
sounds/           clips of each cluster drawn by chance, as small MP3 files of one channel
index.html        the page, with its pictures beside it as SVG and PNG
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from cueline import registry
from cueline.errors import MediaError
from cueline.media.cutting import Cut, encode_spans
from cueline.ports import Engine, Progress, Source, Task, Watch
from cueline.reports.clusterings import SOUNDS, ClusterReport, ClusterRow, Player, write_clusters
from cueline.reports.rendering import write_whole
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Record
from cueline.timeline.spans import Span
from cueline.timeline.tracks import LabelTrack
from cueline.workbench.clustering.plotting import PICTURES, pictures
from cueline.workbench.clustering.running import Clustered, called
from cueline.workbench.intake import probe_file

TABLE = "clusters.csv"
HEADING = ("file", "start", "end", "cluster", "tsne_x", "tsne_y", "graph_x", "graph_y", "label")
HEARD, MOST_ASKED = 6, 20
MOST_SECONDS = 15.0
_TRACK, _ASKED = "cluster", "asked"


@dataclass(frozen=True, slots=True)
class SoundsJob:
    """Sounds to cut out of one file."""

    path: Path
    cuts: tuple[Cut, ...]


def write(found: Clustered, folder: Path, *, heard: int = HEARD, jobs: int = 0, watch: Watch | None = None) -> Path:
    """Write table, playlists, sounds and page.

    Args:
        found: Clips in clusters.
        folder: Where; made if it is missing. What an earlier run wrote there is replaced, nothing else is touched.
        heard: How many clips of each cluster can be heard on the page; 0 for none.
        jobs: Files cut at once; 0 for one a core.
        watch: Hears how it goes.

    Returns:
        The page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder)
    write_whole(folder / TABLE, table_text(found).encode("utf-8", "surrogateescape"))
    lists = playlists(found, folder)
    players = _players(found, folder, heard, jobs, watch)
    rows = [
        replace(row, playlist=lists.get(row.name, ""), players=tuple(players.get(row.name, ()))) for row in found.rows
    ]
    return write_clusters(report_of(found, rows, players.get(_ASKED, ())), folder)


def report_of(found: Clustered, rows: Sequence[ClusterRow], asked: Sequence[Player] = ()) -> ClusterReport:
    """What the page tells; `asked` are the clips that labelling by groups asks for first."""
    return ClusterReport(
        title=found.table.title,
        rows=rows,
        measures=found.measures,
        pictures=pictures(found),
        notes=found.notes,
        asked=asked,
        left_out=found.table.left_out,
        facts=facts(found),
    )


def facts(found: Clustered) -> dict[str, str]:
    """What one needs to cluster again, in words."""
    how, parts, clustering = found.how, found.parts, found.clustering
    taken = clustering.tried[clustering.chosen].setting if clustering.tried else {}
    told = {
        "method": how.method,
        "setting": ", ".join(f"{name} {value:g}" for name, value in taken.items()) or "none",
        "tried": f"{len(clustering.tried)} settings",
        "files": f"{len(found.table.sources):,}",
        "clips": f"{len(found.scaled.rows):,} of {len(found.table):,}",
        "numbers of a clip": f"{found.table.values.shape[1]}, {found.scaled.flat} of them the same everywhere",
        "scale": how.scale,
        "principal components": f"{parts.kept}, {parts.share:.1%} of the variance" if how.keep else "none",
        "known labels": found.labels.origin or "none",
        "seed": str(how.seed),
    }
    if found.guided is not None:
        told["asked for"] = f"{len(found.guided.asked)} clips"
    return told


def table_text(found: Clustered) -> str:
    """The table of clips; those without finite numbers have no cluster, and those of no picture no places."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(HEADING)
    row_of = {clip: row for row, clip in enumerate(found.scaled.rows.tolist())}
    place_of = {row: place for place, row in enumerate(found.plane.rows.tolist())}
    for clip in range(len(found.table)):
        row = row_of.get(clip, -1)
        place = place_of.get(row, -1)
        cluster = called(int(found.clustering.groups[row])) if row >= 0 else ""
        places = (*found.plane.tsne[place], *found.plane.graph[place]) if place >= 0 else ()
        shown = [f"{value:.4f}" for value in places] or [""] * 4
        start, end = (f"{time:.3f}" for time in found.table.spans[clip].tolist())
        path = str(found.table.source(clip).path)
        lines.writerow([path, start, end, cluster, *shown, found.labels.names[clip]])
    return text.getvalue()


def playlists(found: Clustered, folder: Path) -> dict[str, str]:
    """Write a playlist for each cluster.

    Returns:
        Name of the cluster to that of the file.
    """
    written = registry.make("exporters", "m3u8").export(_sources(found), folder)
    return {path.stem.removeprefix(f"{_TRACK}_"): path.name for path in written}


def _sources(found: Clustered) -> Iterator[Source]:
    """Files with their clusters as a label track."""
    groups = found.clustering.groups.tolist()
    clips: dict[int, list[tuple[Span, str]]] = defaultdict(list)
    for row, clip in enumerate(found.scaled.rows.tolist()):
        clips[int(found.table.owner[clip])].append((found.table.span(clip), called(groups[row])))
    for owner, own in clips.items():
        source = found.table.sources[owner]
        spans, names = zip(*own, strict=True)
        track = LabelTrack(np.array([tuple(span) for span in spans]), tuple(names))
        asset = Asset(source.asset, max(span.end for span in spans))
        yield Source(Record(asset, {_TRACK: track}), source.name, Location(source.path.absolute(), 0, 0))


def _players(found: Clustered, folder: Path, heard: int, jobs: int, watch: Watch | None) -> dict[str, list[Player]]:
    """Clips of each cluster drawn by chance, with their sounds."""
    if not heard:
        return {}
    wanted = [
        (name, clip, f"{name}-{number}.mp3")
        for name, clips in _drawn(found, heard)
        for number, clip in enumerate(clips, start=1)
    ]
    (folder / SOUNDS).mkdir(exist_ok=True)
    reasons = _cut(found, wanted, folder / SOUNDS, jobs, watch)
    players: dict[str, list[Player]] = defaultdict(list)
    for cluster, clip, name in wanted:
        span, source = found.table.span(clip), found.table.source(clip)
        there = (folder / SOUNDS / name).exists() and not reasons.get(source.path)
        why = "" if there else reasons.get(source.path) or "no sound was found there"
        address = f"{SOUNDS}/{name}" if there else ""
        label = found.labels.names[clip]
        players[cluster].append(Player(source.name, span.start, span.end, label, address, why))
    return players


def _drawn(found: Clustered, heard: int) -> Iterator[tuple[str, list[int]]]:
    """Clips to be heard of each cluster, and those that labelling by groups asks for first."""
    rng = np.random.default_rng(found.how.seed)
    for group in [*range(found.clustering.count), *([-1] if found.clustering.outside else [])]:
        rows = np.flatnonzero(found.clustering.groups == group)
        drawn = np.sort(rng.choice(rows, min(heard, len(rows)), replace=False))
        yield called(group), found.scaled.rows[drawn].tolist()
    if found.guided is not None:
        yield _ASKED, found.scaled.rows[found.guided.asked[:MOST_ASKED]].tolist()


def _clear(folder: Path) -> None:
    """Take away what an earlier run wrote: another number of clusters would leave some of it standing."""
    if (folder / TABLE).exists():
        drawn = [f"{name}.{ending}" for name in PICTURES for ending in ("svg", "png")]
        for path in [*folder.glob(f"{_TRACK}_*.m3u8"), *folder.glob(f"{SOUNDS}/*.mp3"), *(folder / n for n in drawn)]:
            path.unlink(missing_ok=True)


def _cut(
    found: Clustered, wanted: Sequence[tuple[str, int, str]], folder: Path, jobs: int, watch: Watch | None
) -> dict[Path, str]:
    """Write sounds, a decode pass a file; gives why files could not be cut."""
    cuts: dict[Path, list[Cut]] = defaultdict(list)
    for _, clip, name in wanted:
        span = found.table.span(clip)
        short = Span(span.start, min(span.end, span.start + MOST_SECONDS))
        cuts[found.table.source(clip).path].append(Cut(short, folder / name))
    engine: Engine = registry.make("engines", "local", jobs=jobs)
    work = (SoundsJob(path, tuple(sorted(own, key=lambda cut: cut.span.start))) for path, own in sorted(cuts.items()))
    ends = engine.run((Task(str(job.path), cut_sounds, job) for job in work), watch=watch)
    return {end.task.payload.path: end.reason for end in ends if end.kind != "done"}


def cut_sounds(job: SoundsJob, progress: Progress) -> None:
    """Cut sounds out of one file; runs in a worker process.

    Raises:
        MediaError: If it cannot be done.
    """
    told = probe_file(job.path, progress)
    if told.fault:
        raise MediaError(told.fault, path=job.path)
    encode_spans(job.path, told.asset, job.cuts, "mp3", small=True, progress=progress)
