"""The verb that explores clips by clusters: cluster."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cueline.cli.arguments import AsJson, Jobs, Paths, read_names
from cueline.cli.output import finite, meter, must_be_folder, say, show, show_json, table
from cueline.errors import OptionError

if TYPE_CHECKING:
    from cueline.cli.output import Meter
    from cueline.learning.clustering.methods import How
    from cueline.workbench.clustering.labels import KnownLabels
    from cueline.workbench.clustering.running import Clustered
    from cueline.workbench.clustering.tables import ClipTable


def add_to(app: typer.Typer) -> None:
    """Register this verb."""
    app.command()(cluster)


def cluster(
    paths: Paths,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write page, table, playlists, sounds.", show_default=False),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="kmeans, dbscan, hdbscan, ward, average, complete, single, weighted, centroid, median or guided.",
        ),
    ] = "kmeans",
    k: Annotated[
        str, typer.Option("--k", metavar="NUMBERS", help="How many clusters: 8, or a range that is tried.")
    ] = "2-12",
    cut: Annotated[
        str, typer.Option("--cut", metavar="CUT", help="Of a tree: 5 clusters, or at a height: height=12.5.")
    ] = "",
    eps: Annotated[
        str, typer.Option("--eps", metavar="NUMBERS", help="Of DBSCAN, with commas; from the clips if left out.")
    ] = "",
    min_samples: Annotated[
        str, typer.Option("--min-samples", metavar="NUMBERS", help="Of DBSCAN and HDBSCAN, with commas.")
    ] = "",
    variance: Annotated[
        float,
        typer.Option(help="Principal components: a share of the variance, a number, or 0 for none.", min=0),
    ] = 0.95,
    scale: Annotated[str, typer.Option(metavar="HOW", help="standard, robust or none.")] = "standard",
    seconds: Annotated[float, typer.Option(help="Length of a clip, cut from the end of each file.")] = 10.0,
    over: Annotated[
        str, typer.Option("--over", metavar="TRACK", help="Of a library: clips are the spans of this label track.")
    ] = "",
    tracks: Annotated[
        str, typer.Option("--tracks", metavar="NAMES", help="Feature tracks of a library, with commas.")
    ] = "sound",
    features: Annotated[
        str, typer.Option(metavar="WHICH", help="descriptors (68 of the sound), or pooled: mean, std of all columns.")
    ] = "descriptors",
    labels: Annotated[
        Path | None,
        typer.Option("--labels", metavar="FILE", help="What is known of clips, to judge by.", show_default=False),
    ] = None,
    campaign: Annotated[str, typer.Option("--campaign", metavar="NAME", help="The same, from a library.")] = "",
    by_folder: Annotated[bool, typer.Option("--by-folder", help="The same, from the names of folders.")] = False,
    ask: Annotated[int, typer.Option(help="Clips that guided labelling asks for.", min=1)] = 20,
    heard: Annotated[int, typer.Option(help="Clips of each cluster to hear on the page.", min=0, max=100)] = 6,
    seed: Annotated[int, typer.Option(help="Of every draw.", min=0)] = 0,
    jobs: Jobs = 0,
    json: AsJson = False,
) -> None:
    """Group clips by what they sound like, and hear what each group is."""
    from cueline.workbench.clustering.pages import write
    from cueline.workbench.clustering.running import run

    must_be_folder(out)
    _must_be_one_place(paths, labels, campaign, by_folder=by_folder)
    how = _how(method, k, cut, eps, min_samples, variance=variance, scale=scale, ask=ask, seed=seed)
    with meter(quiet=json) as bars:
        clips = _clips(paths, bars, seconds=seconds, over=over, tracks=tracks, features=features, jobs=jobs)
        found = run(clips, _labels(clips, paths, labels, campaign, by_folder=by_folder), how)
        page = write(found, out, heard=heard, jobs=jobs, watch=bars.watch) if out is not None else None
    if json:
        show_json(_as_json(found))
    else:
        _show(found)
    for name, reason in clips.left_out:
        say(f"{name}: {reason}")
    if page is not None:
        say(f"report: {page}")
    sys.exit(1 if clips.left_out else 0)


def _how(
    method: str, k: str, cut: str, eps: str, samples: str, *, variance: float, scale: str, ask: int, seed: int
) -> How:
    from cueline.learning.clustering.methods import How
    from cueline.workbench.clustering.running import read_numbers

    height, numbers = math.nan, read_numbers(k)
    if cut.startswith("height="):
        height = _number(cut.removeprefix("height="), "--cut height=")
    elif cut:
        numbers = read_numbers(cut)
    return How(
        method,
        numbers,
        tuple(_number(text, "--eps") for text in read_names(eps)),
        read_numbers(samples) if samples else (),
        variance,
        height,
        scale,  # type: ignore[arg-type]  # refused where it is used, with the near miss
        ask,
        seed,
    )


def _number(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise OptionError(f"{what} takes a number, got {text!r}")
    return number


def _clips(
    paths: list[Path], bars: Meter, *, seconds: float, over: str, tracks: str, features: str, jobs: int
) -> ClipTable:
    from cueline.workbench.clustering.material import clips_of_files, clips_of_library
    from cueline.workbench.library import Library
    from cueline.workbench.opened import is_library

    if len(paths) == 1 and is_library(paths[0]):
        names = read_names(tracks)
        library = Library(paths[0])
        return clips_of_library(library, tracks=names, seconds=seconds, over=over, features=features)  # type: ignore[arg-type]
    if over or tracks != "sound":
        raise OptionError("--over and --tracks are about tracks of a library. Name one, or leave them out for files.")
    return clips_of_files(paths, seconds=seconds, features=features, jobs=jobs, watch=bars.watch)  # type: ignore[arg-type]


def _must_be_one_place(paths: list[Path], file: Path | None, campaign: str, *, by_folder: bool) -> None:
    """Refuse what is known from several places or from nowhere, before any work."""
    from cueline.workbench.finding import must_exist
    from cueline.workbench.opened import is_library

    if sum((file is not None, bool(campaign), by_folder)) > 1:
        raise OptionError("what is known comes from one place: --labels, --campaign or --by-folder, not several")
    if campaign and (len(paths) != 1 or not is_library(paths[0])):
        raise OptionError(f"the campaign {campaign!r} must be one of a library. Name the library.")
    must_exist([] if file is None else [file])


def _labels(clips: ClipTable, paths: list[Path], file: Path | None, campaign: str, *, by_folder: bool) -> KnownLabels:
    from cueline.workbench.clustering.labels import labels_of_campaign, labels_of_file, labels_of_folders, no_labels
    from cueline.workbench.library import Library

    if file is not None:
        return labels_of_file(clips, file)
    if campaign:
        return labels_of_campaign(clips, Library(paths[0]), campaign)
    return labels_of_folders(clips) if by_folder else no_labels(clips)


def _show(found: Clustered) -> None:
    """Clusters as a table, then the numbers of the whole."""
    from cueline.reports.words import number_words

    known = bool(found.labels.classes)
    heads = ("cluster", "clips", "share", *(("label", "purity", "anywhere") if known else ()), "silhouette", "typical")
    rows = [
        (
            row.name,
            f"{row.clips:,}",
            f"{row.share:.1%}",
            *((row.main or "-", number_words(row.purity), number_words(row.base)) if known else ()),
            number_words(row.silhouette),
            ", ".join(row.typical),
        )
        for row in found.rows
    ]
    table(heads, rows)
    for measure in found.measures:
        between, value = measure.result, number_words(measure.result.value)
        ends = "" if math.isnan(between.low) else f" ({number_words(between.low)} to {number_words(between.high)})"
        base = "" if math.isnan(measure.base) else f", base {number_words(measure.base)}"
        show(f"{measure.name} {value}{ends}{base}")
    for note in (*found.notes, *(m.result.note for m in found.measures if known and m.result.note)):
        say(note)


def _as_json(found: Clustered) -> dict[str, Any]:
    from cueline.workbench.clustering.pages import facts

    clusters = [
        {
            "cluster": row.name,
            "clips": row.clips,
            "share": row.share,
            "label": row.main or None,
            "purity": row.purity,
            "base": row.base,
            "labelled": row.labelled,
            "silhouette": row.silhouette,
            "typical": list(row.typical),
        }
        for row in found.rows
    ]
    measures = {
        each.name: {"value": each.result.value, "low": each.result.low, "high": each.result.high, "base": each.base}
        for each in found.measures
    }
    tried = [
        {**trial.setting, "clusters": trial.clusters, "outside": trial.outside, "silhouette": trial.silhouette}
        for trial in found.clustering.tried
    ]
    asked = [] if found.guided is None else [int(found.scaled.rows[row]) for row in found.guided.asked.tolist()]
    return {
        "method": found.how.method,
        "clusters": [finite(row) for row in clusters],
        "measures": {name: finite(values) for name, values in measures.items()},
        "tried": [finite(each) for each in tried],
        "asked": [
            {"file": found.table.source(c).path, "start": found.table.span(c).start, "end": found.table.span(c).end}
            for c in asked
        ],
        "notes": list(found.notes),
        "left_out": [{"file": name, "reason": reason} for name, reason in found.table.left_out],
        "facts": facts(found),
    }
