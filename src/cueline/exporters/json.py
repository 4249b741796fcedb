"""JSON: everything known of one asset but its features, in one file that reads back exactly.

Schema "cueline.labels", version 1. One file an asset:

    {"schema": "cueline.labels", "version": 1,
     "file": "what people call it",
     "location": {"path", "size_bytes", "mtime_ns"} or null,
     "asset": {"id", "duration", "groups", "streams": [{"name", "kind", ..., "rate": "24000/1001"}]},
     "tracks": {"shots": {"stream": "video:0", "classes": ["shot"], "judged": [[0.0, 90.0]],
                          "labels": [{"start": 0.0, "end": 4.2, "name": "shot", "score": 0.9}],
                          "provenance": {"plugin", "version", "options", ...} or null}}}

Times are seconds from the start of the asset, half-open; rates are exact fractions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

from cueline.errors import FormatError, TimelineError
from cueline.exporters.naming import FileNames, written_whole
from cueline.ports import Source
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Provenance, Record
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import LabelTrack

SCHEMA = "cueline.labels"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Json:
    """One file for each asset, with all that other formats leave out."""

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".json"
    keeps: ClassVar[str] = (
        "Keeps the asset and its streams, every label track exactly, with classes, judged spans and provenance; "
        "loses feature tracks and pictures."
    )

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one file for each source.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources.
        """
        names, written = FileNames(self.suffix), []
        for source in sources:
            path = folder / names.of(source)
            with written_whole(path) as file:
                json.dump(_document(source), file, ensure_ascii=False, indent=1, allow_nan=False)
                file.write("\n")
            written.append(path)
        return written


def read_json(path: Path) -> Source:
    """Read a file of this format back.

    Args:
        path: A file that `Json` wrote.

    Returns:
        The source as it was, without feature tracks.

    Raises:
        FormatError: If it is not such a file, or of a version this Cueline does not know.
    """
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise FormatError(f"{str(path)!r} must be JSON, got something else: {error}", path=path) from error
    schema, version = (document.get("schema"), document.get("version")) if isinstance(document, dict) else (None, None)
    if (schema, version) != (SCHEMA, SCHEMA_VERSION):
        raise FormatError(
            f"{str(path)!r} must have schema {SCHEMA!r} version {SCHEMA_VERSION}, got {schema!r} version {version!r}. "
            "Was it written by another program, or by a later Cueline?",
            path=path,
        )
    try:
        return _source(document)
    except (KeyError, TypeError, ValueError, TimelineError) as error:
        raise FormatError(
            f"{str(path)!r} must follow schema {SCHEMA!r} version {SCHEMA_VERSION}, got a fault in it: "
            f"{type(error).__name__} {error}. Was it edited by hand?",
            path=path,
        ) from error


def _document(source: Source) -> dict[str, Any]:
    record, place = source.record, source.location
    labels = {name: track for name, track in sorted(record.tracks.items()) if isinstance(track, LabelTrack)}
    return {
        "schema": SCHEMA,
        "version": SCHEMA_VERSION,
        "file": source.name,
        "location": place and {"path": str(place.path), "size_bytes": place.size_bytes, "mtime_ns": place.mtime_ns},
        "asset": {
            "id": record.asset.id,
            "duration": record.asset.duration,
            "groups": dict(record.asset.groups),
            "streams": [_stream(stream) for stream in record.asset.streams],
        },
        "tracks": {name: _track(track, record.provenance.get(name)) for name, track in labels.items()},
    }


def _stream(stream: Stream) -> dict[str, Any]:
    return {**asdict(stream), "rate": None if stream.rate is None else str(stream.rate)}


def _track(track: LabelTrack, provenance: Provenance | None) -> dict[str, Any]:
    return {
        "stream": track.stream,
        "classes": list(track.classes),
        "judged": track.judged.tolist(),
        "labels": [{"start": span.start, "end": span.end, "name": name, "score": score} for span, name, score in track],
        "provenance": None if provenance is None else asdict(provenance),
    }


def _source(document: Mapping[str, Any]) -> Source:
    about, place = document["asset"], document["location"]
    asset = Asset(
        id=about["id"],
        duration=about["duration"],
        streams=tuple(
            Stream(**{**stream, "rate": None if stream["rate"] is None else Fraction(stream["rate"])})
            for stream in about["streams"]
        ),
        groups=about["groups"],
    )
    tracks = document["tracks"]
    made = {name: track["provenance"] for name, track in tracks.items() if track["provenance"] is not None}
    record = Record(
        asset=asset,
        tracks={name: _labels(track) for name, track in tracks.items()},
        provenance={name: Provenance(**fields) for name, fields in made.items()},
    )
    location = None if place is None else Location(Path(place["path"]), place["size_bytes"], place["mtime_ns"])
    return Source(record, document["file"], location)


def _labels(track: Mapping[str, Any]) -> LabelTrack:
    rows = track["labels"]
    return LabelTrack(
        spans=as_spans([[row["start"], row["end"]] for row in rows]),
        names=tuple(row["name"] for row in rows),
        scores=[row["score"] for row in rows],  # type: ignore[arg-type]  # made an array at birth
        classes=tuple(track["classes"]),
        judged=as_spans(track["judged"], what="judged spans"),
        stream=track["stream"],
    )
