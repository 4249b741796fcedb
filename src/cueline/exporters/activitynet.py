"""ActivityNet: when what is done in many videos, as the programs that measure temporal action detection read it.

One file a track, with all media that have it, also those in which nothing was found:

    {"version": "VERSION 1.3",
     "taxonomy": [{"nodeId", "nodeName", "parentId", "parentName"}],
     "database": {ID: {"duration", "subset", "annotations": [{"segment": [start, end], "label"}]}}}

or, as predictions, which carry scores:

    {"version": "VERSION 1.3",
     "results": {ID: [{"label", "score", "segment": [start, end]}]},
     "external_data": {"used", "details"}}

Times are exact seconds; a time before 0 becomes 0. The id is the name of the media without its ending. The subset is
the group "subset" of an asset. The classes of a track stand in the taxonomy, below one root.

References:
    Caba Heilbron, Escorcia, Ghanem and Niebles, 2015, ActivityNet: A Large-Scale Video Benchmark for Human
    Activity Understanding; repository activitynet/ActivityNet, folder Evaluation.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, ClassVar

from cueline.errors import FormatError
from cueline.exporters.naming import FileNames, MediaIds, json_of, labels_of, written_whole
from cueline.ports import Brought, Source
from cueline.timeline.tracks import LabelTrack

VERSION = "VERSION 1.3"
Row = tuple[float, float, str, float]


@dataclass(frozen=True, slots=True)
class ActivityNet:
    """One file for each track, for measures of action detection; reads annotations and predictions.

    Attributes:
        predictions: Write predictions, with scores, in place of annotations.
        subset: Of assets that are in no group "subset"; measures look at "validation" unless told otherwise.
        whole: Seconds that a prediction without a segment lasts, when reading; 0 refuses one.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".activitynet.json"
    keeps: ClassVar[str] = (
        "Keeps the name of the media, name and exact times of every label, and the track in the name of the file; "
        "annotations keep the classes of all media together and lose scores, predictions the other way round; both "
        "lose what was judged, streams and provenance."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    brings: ClassVar[str] = (
        "The labels of each video, of annotations or of predictions with their scores, and the classes of the "
        "taxonomy; an annotation without a segment holds for the whole video."
    )

    predictions: bool = False
    subset: str = "validation"
    whole: float = 0.0

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one file for each track.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in the order in which tracks were met.
        """
        names, ids, files = FileNames(self.suffix), MediaIds(), dict[str, _File]()
        with ExitStack() as open_files:
            for source in sources:
                media = ids.of(source)
                for name, track in sorted(source.record.tracks.items()):
                    if not isinstance(track, LabelTrack):
                        continue
                    if name not in files:
                        path = folder / names.called(name)
                        files[name] = _File(path, open_files.enter_context(written_whole(path)))
                        files[name].begin("results" if self.predictions else "database")
                    files[name].add(media, self._entry(source, track), track.classes)
            for file in files.values():
                file.end({"external_data": {"used": False, "details": ""}} if self.predictions else file.taxonomy())
        return [file.path for file in files.values()]

    def read(self, path: Path) -> Iterator[Brought]:
        """Read annotations or predictions.

        Args:
            path: A JSON file of either form.

        Yields:
            One track for each video, also one without labels; the file does not name the track.

        Raises:
            FormatError: If it is another file, or something in it is not what it must be; says of which video.
        """
        document = json_of(path)
        known = document if isinstance(document, dict) else {}
        videos = known.get("database", known.get("results"))
        if not isinstance(videos, dict):
            raise FormatError(
                f"{str(path)!r} must be a JSON object with an object 'database' of annotations or 'results' of "
                f"predictions, got {', '.join(map(repr, known)) or type(document).__name__}. Is it another format?",
                path=path,
            )
        classes = _leaves(path, known.get("taxonomy", []))
        for media, about in videos.items():
            rows = list(self._rows(path, media, about, annotated="database" in known))
            yield Brought(media, "", labels_of(rows, classes=classes))

    def _entry(self, source: Source, track: LabelTrack) -> Any:
        rows = [(name, score, [max(0.0, span.start), max(0.0, span.end)]) for span, name, score in track]
        if self.predictions:
            return [{"label": name, "score": score, "segment": segment} for name, score, segment in rows]
        asset = source.record.asset
        return {
            "duration": asset.duration,
            "subset": asset.groups.get("subset", self.subset),
            "annotations": [{"segment": segment, "label": name} for name, _, segment in rows],
        }

    def _rows(self, path: Path, media: str, about: Any, *, annotated: bool) -> Iterator[Row]:
        """Labels of one video."""
        entries: Any = about
        whole: Any = self.whole
        if annotated:
            known = about if isinstance(about, dict) else {"annotations": None}
            entries, whole = known.get("annotations", []), known.get("duration")
        if not isinstance(entries, list):
            raise _fault(path, media, "an object with a list 'annotations', or in predictions a list", about)
        for number, entry in enumerate(entries, start=1):
            where = f"{media}, label {number}"
            name = entry.get("label") if isinstance(entry, dict) else None
            if not isinstance(name, str):
                raise _fault(path, where, "an object with a text 'label'", entry)
            score = entry.get("score", 1.0)
            if not _is_number(score) or not 0 <= score <= 1:
                raise _fault(path, where, "an object with a 'score' in [0, 1]", score)
            start, end = _segment(path, where, entry, whole)
            yield start, end, name, float(score)


@dataclass(slots=True)
class _File:
    """A file that is written video by video."""

    path: Path
    file: IO[str]
    count: int = 0
    classes: dict[str, None] = field(default_factory=dict)

    def begin(self, key: str) -> None:
        self.file.write(f'{{"version": {json.dumps(VERSION)},\n"{key}": {{')

    def add(self, media: str, entry: Any, classes: Iterable[str]) -> None:
        written = json.dumps(entry, ensure_ascii=False, allow_nan=False)
        self.file.write(f"{',' if self.count else ''}\n{json.dumps(media, ensure_ascii=False)}: {written}")
        self.classes.update(dict.fromkeys(classes))
        self.count += 1

    def taxonomy(self) -> dict[str, Any]:
        root = {"nodeId": 0, "nodeName": "Root", "parentId": None, "parentName": None}
        nodes = [
            {"nodeId": number, "nodeName": name, "parentId": 0, "parentName": "Root"}
            for number, name in enumerate(self.classes, start=1)
        ]
        return {"taxonomy": [root, *nodes]}

    def end(self, rest: Mapping[str, Any]) -> None:
        ((key, value),) = rest.items()
        self.file.write(f'\n}},\n"{key}": {json.dumps(value, ensure_ascii=False)}}}\n')


def _leaves(path: Path, nodes: Any) -> list[str]:
    """Names of the classes that have none below them, told by number, since a class may be called like its parent."""
    try:
        parents = {node["parentId"] for node in nodes}
        return [
            str(node["nodeName"]) for node in nodes if node["nodeId"] not in parents and node["parentId"] is not None
        ]
    except (KeyError, TypeError) as error:
        raise FormatError(
            f"{str(path)!r} must have a 'taxonomy' of objects with nodeId, nodeName and parentId, got a fault in it: "
            f"{type(error).__name__} {error}",
            path=path,
        ) from error


def _segment(path: Path, where: str, entry: Mapping[str, Any], whole: Any) -> tuple[float, float]:
    if "segment" not in entry:
        if not _is_number(whole) or whole <= 0:
            raise FormatError(
                f"{str(path)!r}, video {where}: a label needs a 'segment' [start, end] in seconds, got {entry!r:.80}. "
                "Predictions of classes of whole videos carry no times: say with option whole how long they last.",
                path=path,
            )
        return 0.0, float(whole)
    segment = entry["segment"]
    if not (isinstance(segment, list) and len(segment) == 2 and all(_is_number(time) for time in segment)):
        raise _fault(path, where, "a 'segment' [start, end] in seconds", segment)
    if not 0 <= segment[0] <= segment[1]:
        raise _fault(path, where, "a 'segment' that starts at 0 or later and ends no earlier than it starts", segment)
    return float(segment[0]), float(segment[1])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _fault(path: Path, where: str, must: str, got: Any) -> FormatError:
    return FormatError(f"{str(path)!r}, video {where}: there must be {must}, got {got!r:.80}", path=path)
