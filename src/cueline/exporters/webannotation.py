"""W3C Web Annotation: labels as linked data that say of which stretch of which resource they speak.

One file an asset: a collection of annotations, each with a tag as its body and a stretch of the media as its target:

    {"type": "Annotation", "motivation": "tagging", "cueline:track": "shots",
     "body": {"type": "TextualBody", "purpose": "tagging", "value": "shot", "cueline:score": 0.9},
     "target": {"source": "file:///films/a.mp4",
                "selector": {"type": "FragmentSelector", "conformsTo": "http://www.w3.org/TR/media-frags/",
                             "value": "t=3,7"}}}

Ids follow from asset, track and number, so that the same labels have the same ids. Times are exact seconds; a fragment
must end after it starts, so an instant lasts 1 ms, and a time before 0 becomes 0.

Of what others write, single annotations, lists, pages and collections in one file are read. The name of a label is the
text or the address of each body, or the motivation where there is no body; its times stand in a selector or behind
`#t=` in an address, in seconds or as a clock shows them.

References:
    W3C, Web Annotation Data Model, 2017; W3C, Media Fragments URI 1.0, section 4.2.1.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from cueline.errors import FormatError
from cueline.exporters.naming import FileNames, json_of, labels_of, media_of, url_of, written_whole
from cueline.ports import Brought, Source
from cueline.timeline.spans import Span
from cueline.timeline.timecode import parse_time
from cueline.timeline.tracks import LabelTrack

CONTEXT = ["http://www.w3.org/ns/anno.jsonld", {"cueline": "urn:cueline:"}]
MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
_INSTANT = Decimal("0.001")
_TEMPORAL = re.compile(r"(?:^|[#&])t=(?:npt:)?([^&]*)")
Row = tuple[float, float, str, float]


@dataclass(frozen=True, slots=True)
class WebAnnotation:
    """One collection of annotations for each asset, for the web of linked data; reads annotations of media.

    Attributes:
        base: What the quoted name of the media is put behind to have its address, such as "https://films.org/media/";
            empty gives the address of the file.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".jsonld"
    keeps: ClassVar[str] = (
        "Keeps the address of the media, track, name, score and exact times of every label (an instant lasts 1 ms); "
        "loses tracks without labels, the classes that were looked for, what was judged, streams and provenance."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".jsonld", ".json")
    brings: ClassVar[str] = (
        "Each annotation with a temporal fragment as a label for each of its bodies, of the track that Cueline wrote, "
        "or else of the track `annotations`."
    )

    base: str = ""

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one file for each source.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources; one without labels has an empty collection.
        """
        names, written = FileNames(self.suffix), []
        for source in sources:
            path = folder / names.of(source)
            with written_whole(path) as file:
                json.dump(self._collection(source), file, ensure_ascii=False, indent=1, allow_nan=False)
                file.write("\n")
            written.append(path)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read annotations.

        Args:
            path: A JSON-LD file as the standard shows it: names of properties as in its context.

        Yields:
            The labels of each medium and track, in order of their first annotations.

        Raises:
            FormatError: If it is another file, points to pages elsewhere, or an annotation says no times; names it.
        """
        found: dict[tuple[str, str], list[Row]] = {}
        for number, annotation in enumerate(_annotations(path, json_of(path)), start=1):
            where = f"{str(path)!r}, annotation {annotation.get('id', number)}"
            track = annotation.get("cueline:track", "annotations")
            names = list(_names(path, where, annotation))
            for url, start, end in _targets(path, where, annotation.get("target")):
                rows = found.setdefault((media_of(url, self.base), str(track)), [])
                rows.extend((start, end, name, score) for name, score in names)
        for (media, track), rows in found.items():
            yield Brought(media, track, labels_of(rows))

    def _collection(self, source: Source) -> dict[str, Any]:
        url = url_of(source, self.base)
        items = [
            _annotation(_urn(source, name, str(number)), name, url, row)
            for name, track in sorted(source.record.tracks.items())
            if isinstance(track, LabelTrack)
            for number, row in enumerate(track, start=1)
        ]
        page = {"id": _urn(source, "page"), "type": "AnnotationPage", "startIndex": 0, "items": items}
        collection = {"id": _urn(source), "type": "AnnotationCollection", "label": source.name, "total": len(items)}
        return {"@context": CONTEXT, **collection, "first": page}


def _annotation(urn: str, track: str, url: str, row: tuple[Span, str, float]) -> dict[str, Any]:
    span, name, score = row
    selector = {"type": "FragmentSelector", "conformsTo": MEDIA_FRAGMENTS, "value": _fragment(span)}
    return {
        "id": urn,
        "type": "Annotation",
        "motivation": "tagging",
        "cueline:track": track,
        "body": {"type": "TextualBody", "purpose": "tagging", "value": name, "cueline:score": score},
        "target": {"source": url, "selector": selector},
    }


def _urn(source: Source, *parts: str) -> str:
    about = json.dumps([source.record.asset.id, *parts])
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, about)}"


def _fragment(span: Span) -> str:
    """Times in seconds, never with an exponent, which fragments do not know."""
    start, end = (Decimal(repr(max(0.0, time))) for time in span)
    return f"t={start:f},{end if end > start else start + _INSTANT:f}"


def _annotations(path: Path, document: Any) -> Iterator[dict[str, Any]]:
    """Every annotation of a document, page by page."""
    if isinstance(document, list):
        for value in document:
            yield from _annotations(path, value)
        return
    kinds = document.get("type", []) if isinstance(document, dict) else []
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "Annotation" in kinds:
        yield document
    elif "AnnotationPage" in kinds or "AnnotationCollection" in kinds:
        for key in ("first", "items", "next"):
            value = document.get(key, [])
            if isinstance(value, str):
                raise FormatError(
                    f"{str(path)!r} must hold all its pages, got an address for {key!r}: {value}. Fetch that page, and "
                    "read it as a file of its own.",
                    path=path,
                )
            yield from _annotations(path, value)
    else:
        raise FormatError(
            f"{str(path)!r} must hold values of type Annotation, AnnotationPage or AnnotationCollection, got "
            f"{document!r:.80}. Is it another format?",
            path=path,
        )


def _names(path: Path, where: str, annotation: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Name and score that each body gives."""
    bodies = annotation.get("body", annotation.get("bodyValue", annotation.get("motivation")))
    for body in bodies if isinstance(bodies, list) else [bodies]:
        known = body if isinstance(body, dict) else {"id": body}
        name = known.get("value", known.get("source", known.get("id")))
        score = known.get("cueline:score", 1.0)
        if not isinstance(name, str):
            raise _fault(path, where, "have a body with a text or an address, or a motivation", body)
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
            raise _fault(path, where, "have a 'cueline:score' in [0, 1]", score)
        yield name, float(score)


def _targets(path: Path, where: str, targets: Any) -> Iterator[tuple[str, float, float]]:
    """Address, start and end of each target."""
    for target in targets if isinstance(targets, list) else [targets]:
        known = target if isinstance(target, dict) else {"source": target}
        url = known.get("source", known.get("id"))
        url = url.get("id") if isinstance(url, dict) else url
        if not isinstance(url, str):
            raise _fault(path, where, "have a target with an address", target)
        selectors = known.get("selector", [])
        selectors = selectors if isinstance(selectors, list) else [selectors]
        fragments = [str(one["value"]) for one in selectors if isinstance(one, dict) and "value" in one]
        source, _, behind = url.partition("#")
        found = next(filter(None, map(_TEMPORAL.search, [*fragments, behind])), None)
        if found is None:
            raise _fault(path, where, "say its times in a fragment, t=START,END", target)
        yield (source, *_times(path, where, found[1]))


def _times(path: Path, where: str, fragment: str) -> tuple[float, float]:
    first, comma, last = fragment.partition(",")
    if not comma:
        raise _fault(
            path, where, "say where it ends, t=START,END, since how long the media lasts is not known", fragment
        )
    try:
        start, end = parse_time(first or "0"), parse_time(last)
    except (FormatError, OverflowError) as error:
        raise FormatError(f"{where}: {error}", path=path) from error
    if end < start:
        raise _fault(path, where, "not end before it starts", fragment)
    return start, end


def _fault(path: Path, where: str, must: str, got: Any) -> FormatError:
    return FormatError(f"{where} must {must}, got {got!r:.120}", path=path)
