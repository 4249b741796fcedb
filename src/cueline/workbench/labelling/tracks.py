"""The answers of a campaign as label tracks, so that every exporter can write them.

A track is called like the campaign; its rows are what has a class, its judged spans what somebody answered. What is
said of a whole clip lasts as long as its media; where nobody has the media it lasts no known time, and is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cueline import registry
from cueline.datasets.labelfiles import Skip
from cueline.errors import FormatError
from cueline.ports import Exporter, Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance, Record
from cueline.timeline.spans import Span, as_spans, merge
from cueline.timeline.tracks import LabelTrack
from cueline.workbench.labelling.amounts import Amount, Amounts
from cueline.workbench.library import Library

MAKER = "answers"


def export_tracks(
    library: Library, found: Amounts, form: str, folder: Path, *, parts: bool = False
) -> tuple[list[Path], int, list[Skip]]:
    """Write what a campaign amounts to in the format of an exporter.

    Args:
        library: Where the media are known.
        found: What is written.
        form: Name of the exporter.
        folder: Where; made if missing.
        parts: Only what is said of parts of clips.

    Returns:
        The files, how many clips or parts stand in them, and what could not be written.

    Raises:
        UnknownPluginError: If there is no such exporter.
        FormatError: If nothing of it can be written.
    """
    exporter = _exporter(form, found.campaign.name)
    by_asset: dict[str, list[Amount]] = defaultdict(list)
    for item in found.parts if parts else found.items:
        by_asset[item.clip.asset].append(item)
    sources = {source.record.asset.id: source for source in library.sources((), by_asset.keys())}
    left_out = [
        Skip("", item.clip.name, ", ".join(item.yes), "nobody has its media, so that it has no length and no place")
        for asset, items in by_asset.items()
        if asset not in sources
        for item in items
    ]
    left_out += [
        Skip("", item.clip.name, name, f"a track says what is there, and this is {verdict}")
        for asset in sources
        for item in by_asset[asset]
        for name, verdict in item.said.items()
        if verdict in ("tied", "unsure")
    ]
    files = list[Path]()
    while sources:
        try:
            files = [*exporter.export(_tracked(found, sources, by_asset), folder)]
            break
        except FormatError as error:
            if error.asset not in sources or len(sources) == 1:
                raise
            source = sources.pop(error.asset)
            left_out.append(Skip("", source.name, "", str(error)))
    return files, sum(len(by_asset[asset]) for asset in sources), left_out


def _exporter(form: str, track: str) -> Exporter:
    """An exporter; one that writes a single track, and has a usual one, is told to write this."""
    options = registry.options_of(registry.installed("exporters")[form].load())
    single = {option.name: track for option in options if option.name in ("clips", "track") and option.default}
    exporter: Exporter = registry.make("exporters", form, **single)
    return exporter


def track_of(items: Sequence[Amount], classes: Sequence[str], asset: Asset) -> LabelTrack:
    """What is said of one asset as a track.

    Args:
        items: About this asset.
        classes: Those of the campaign.
        asset: Whose.
    """
    whole = Span(0.0, asset.duration)
    rows = [(item.span or whole, name) for item in items for name in item.yes]
    judged = [item.span or whole for item in items if any(said in ("yes", "no") for said in item.said.values())]
    stream = asset.stream("video") or asset.stream("audio")
    return LabelTrack(
        as_spans([span for span, _ in rows]),
        tuple(name for _, name in rows),
        np.ones(len(rows)),
        tuple(classes),
        merge(as_spans(judged)),
        stream.name if stream else "",
    )


def _tracked(found: Amounts, sources: Mapping[str, Source], items: Mapping[str, Sequence[Amount]]) -> Iterator[Source]:
    made = Provenance(MAKER, "1", {"campaign": found.campaign.name, "people": list(found.people)})
    name = found.campaign.name
    for asset, source in sources.items():
        track = track_of(items[asset], found.campaign.classes, source.record.asset)
        yield replace(source, record=Record(source.record.asset, {name: track}, {name: made}))
