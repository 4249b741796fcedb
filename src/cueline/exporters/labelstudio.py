"""Label Studio: tasks with predictions for people to correct, and what they said, read back.

One file of tasks for video and one for sound, each with the labelling configuration (XML) that its project needs: one
control a track, one label a class. A task knows its media, asset, length and frame rate; its tracks are one prediction.

Label Studio counts time in two ways. On video (`timelinelabels`) a range is FRAMES, from 1, the last included; a frame
there is a slot of 1/rate seconds on the player's clock, whatever frames the file has, so that a variable rate does no
harm. [0, 1) s at 25 frames a second is 1 to 25. On sound (`labels`) a region is SECONDS. The one is never taken for the
other: a range that is not whole numbers from 1 is refused, and so are frames whose rate nobody knows.

References:
    Label Studio documentation: tags TimelineLabels, Video, Labels and Audio; import of pre-annotated data.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import IO, Any, ClassVar
from xml.sax.saxutils import quoteattr

from cueline.errors import FormatError, OptionError
from cueline.exporters.naming import json_of, labels_of, media_of, url_of, written_whole
from cueline.ports import Brought, Source
from cueline.timeline.spans import Span
from cueline.timeline.timecode import frame_index, frame_time, standard_rate
from cueline.timeline.tracks import LabelTrack

UNKNOWN_RATE = Fraction(100)  # slots a second of a video of which no rate is known; its tasks say so
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KEPT_THERE = re.compile(r"/data/(?:upload/\d+/[0-9a-f]{8}-|local-files/\?d=)(.+)")  # how it stores what people give it
_TAGS = {  # kind of media: control, type of region, how the media is shown
    "video": ("TimelineLabels", "timelinelabels", '<Video name="video" value="$video" frameRate="$fps"/>'),
    "audio": ("Labels", "labels", '<Audio name="audio" value="$audio"/>'),
}
Row = tuple[float, float, str, float]


@dataclass(frozen=True, slots=True)
class LabelStudio:
    """Tasks with predictions and their labelling configuration, for Label Studio; reads what people labelled there.

    Attributes:
        base: What the quoted name of the media is put behind to have its address, such as
            "/data/local-files/?d=films/"; empty gives the address of the file, which no browser opens.
        rate: Frames a second that Label Studio counts on video, such as "25" or "30000/1001"; empty takes that of the
            stream, or 100 where none is known, and when reading that of the task.
        key: What the tasks call the media in their data, when reading; empty takes what the regions are drawn on.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".labelstudio.json"
    keeps: ClassVar[str] = (
        "Keeps the asset, track, name and score of every label, and its times, on sound exactly, on video to half a "
        "frame and at least one frame long, and the classes in the configuration; loses tracks without labels, what "
        "was judged, streams and options of detectors."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".json",)
    brings: ClassVar[str] = (
        "The labels of each task that people annotated, or else of its predictions, on video and sound; a second "
        "annotation as the track `name (2)`. Leaves out boxes, choices, transcripts and skipped annotations."
    )

    base: str = ""
    rate: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        """Refuse a rate that is none."""
        if self.rate:
            _rate_of(self.rate)

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write tasks and labelling configuration, for video and for sound apart.

        Args:
            sources: What to write; read once, one at a time. One without a video stream is taken for sound.
            folder: Where; made if it is missing.

        Returns:
            The files written: tasks, then configuration, of each kind.

        Raises:
            FormatError: If a name cannot stand in the configuration.
        """
        projects: dict[str, _Project] = {}
        with ExitStack() as open_files:
            for source in sources:
                kind = "video" if source.record.asset.stream("video") else "audio"
                if kind not in projects:
                    path = folder / f"{kind}{self.suffix}"
                    projects[kind] = _Project(kind, path, open_files.enter_context(written_whole(path)))
                projects[kind].add(source, url_of(source, self.base), self._written_rate(source, kind))
            for project in projects.values():
                project.end()
        return [path for project in projects.values() for path in (project.path, project.path.with_suffix(".xml"))]

    def read(self, path: Path) -> Iterator[Brought]:
        """Read tasks with annotations, as Label Studio exports them in its own format JSON.

        Args:
            path: The file.

        Yields:
            Each track of each annotation, or one without name and labels where somebody found nothing. Of a task that
            Cueline wrote, the media is the asset.

        Raises:
            FormatError: If it is another file, a region is not what it must be, or frames have no rate; says which.
        """
        tasks = json_of(path)
        for number, task in enumerate(tasks if isinstance(tasks, list) else [tasks], start=1):
            if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
                raise FormatError(
                    f"{str(path)!r}, task {number} must be an object with its 'data', got {task!r:.80}. Export from "
                    "Label Studio as JSON, not as JSON-MIN.",
                    path=path,
                )
            yield from _Task(self, path, f"task {task.get('id', number)}", task).brought()

    def _written_rate(self, source: Source, kind: str) -> Fraction | None:
        stream = source.record.asset.stream("video")
        if kind == "audio" or stream is None:
            return None
        return _rate_of(self.rate) if self.rate else stream.rate or UNKNOWN_RATE


@dataclass(slots=True)
class _Project:
    """The tasks of one kind of media, written one by one, and the names that their configuration needs."""

    kind: str
    path: Path
    file: IO[str]
    count: int = 0
    classes: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, source: Source, url: str, rate: Fraction | None) -> None:
        asset = source.record.asset
        tracks = {name: track for name, track in sorted(source.record.tracks.items()) if isinstance(track, LabelTrack)}
        for name, track in tracks.items():
            wrong = [one for one in (name, *track.classes) if not one.strip() or _NOT_XML.search(one)]
            if wrong or name == self.kind:
                raise FormatError(
                    f"tracks and classes need names that XML can hold, and tracks others than {self.kind!r}, got "
                    f"{(wrong or [name])[0]!r} of {source.name!r}. Rename it.",
                    asset=asset.id,
                )
            self.classes.setdefault(name, {}).update(dict.fromkeys(track.classes))
        about = {"asset": asset.id, "file": source.name, "duration": asset.duration, "rate": rate and str(rate)}
        made = (source.record.provenance.get(name) for name in tracks)
        prediction = {
            "model_version": ", ".join(f"{one.plugin} {one.version}" for one in made if one) or "cueline",
            "result": [region for name, track in tracks.items() for region in self._regions(source, name, track, rate)],
        }
        data = {self.kind: url, **({"fps": float(rate)} if rate else {}), "cueline": about}
        self.file.write(",\n" if self.count else "[\n")
        json.dump({"data": data, "predictions": [prediction]}, self.file, ensure_ascii=False, allow_nan=False)
        self.count += 1

    def end(self) -> None:
        control, _, shown = _TAGS[self.kind]
        self.file.write("\n]\n")
        with written_whole(self.path.with_suffix(".xml")) as file:
            file.write("<View>\n")
            for track, classes in self.classes.items():
                file.write(f'  <{control} name={quoteattr(track)} toName="{self.kind}">\n')
                file.writelines(f"    <Label value={quoteattr(name)}/>\n" for name in classes)
                file.write(f"  </{control}>\n")
            file.write(f"  {shown}\n</View>\n")

    def _regions(self, source: Source, name: str, track: LabelTrack, rate: Fraction | None) -> Iterator[dict[str, Any]]:
        kind = _TAGS[self.kind][1]
        for number, (span, label, score) in enumerate(track, start=1):
            about = json.dumps([source.record.asset.id, name, number])
            region = {"id": uuid.uuid5(uuid.NAMESPACE_URL, about).hex[:10], "from_name": name, "to_name": self.kind}
            value: dict[str, Any] = {"start": max(0.0, span.start), "end": max(0.0, span.end), "channel": 0}
            if rate is not None:
                value = {"ranges": [_frames(span, rate)]}
            yield {**region, "type": kind, "value": {**value, kind: [label]}, "score": score}


@dataclass(frozen=True, slots=True)
class _Task:
    """A task that is read."""

    options: LabelStudio
    path: Path
    where: str
    task: Mapping[str, Any]

    def brought(self) -> Iterator[Brought]:
        people = self.task.get("annotations") or self.task.get("completions")
        said = people or self.task.get("predictions") or []
        if not isinstance(said, list) or not all(isinstance(one, dict) and "result" in one for one in said):
            raise self._fault("have its annotations in full, each with a 'result'", said)
        said = [one for one in said if not one.get("was_cancelled")]
        for number, one in enumerate(said, start=1):
            found: dict[tuple[str, str], list[Row]] = {}
            for region in one["result"]:
                if isinstance(region, dict) and region.get("type") in ("timelinelabels", "labels"):
                    place = self._media(region.get("to_name")), str(region.get("from_name", ""))
                    found.setdefault(place, []).extend(self._rows(region))
            if one["result"] and not found:
                raise self._fault("have regions of type timelinelabels or labels", one["result"])
            if people and not found:
                found = {(self._media(None), ""): []}
            for (media, track), rows in found.items():
                yield Brought(media, track if number == 1 else f"{track} ({number})", labels_of(rows))

    def _media(self, to_name: Any) -> str:
        data = self.task["data"]
        ours = data.get("cueline")
        if isinstance(ours, dict) and "asset" in ours:
            return str(ours["asset"])
        texts = [key for key, value in data.items() if isinstance(value, str)]
        key = self.options.key or (to_name if to_name in texts else texts[0] if len(texts) == 1 else None)
        if key not in texts:
            raise self._fault(f"name its media in its data; say with option key which of {', '.join(data)} it is", data)
        url = media_of(data[key], self.options.base)
        kept = _KEPT_THERE.fullmatch(url)
        return kept[1] if kept else url

    def _rows(self, region: Mapping[str, Any]) -> Iterator[Row]:
        kind, value, score = region["type"], region.get("value"), region.get("score")
        names = value.get(kind) if isinstance(value, dict) else None
        score = 1.0 if score is None else score
        if not isinstance(value, dict) or not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            raise self._fault(f"have regions with a 'value' that lists its {kind!r}", region)
        if not _is_number(score) or not 0 <= score <= 1:
            raise self._fault("have regions with a 'score' in [0, 1]", region)
        if kind == "labels":
            spans = [self._seconds(value)]
        else:
            spans = [self._frames(part) for part in value.get("ranges") or [None]]
        for start, end in spans:
            yield from ((start, end, name, float(score)) for name in names)

    def _seconds(self, value: Mapping[str, Any]) -> tuple[float, float]:
        start: Any = value.get("start")
        end: Any = value.get("end")
        if isinstance(value.get("text"), str) or not (_is_number(start) and _is_number(end)):
            raise self._fault("have regions on sound, with start and end in seconds, not on text", value)
        if not 0 <= start <= end:
            raise self._fault("have regions that start at 0 s or later and do not end before they start", value)
        return float(start), float(end)

    def _frames(self, part: Any) -> tuple[float, float]:
        known = part if isinstance(part, dict) else {}
        first, last = known.get("start"), known.get("end")
        if not (type(first) is int and type(last) is int and 1 <= first <= last):
            raise self._fault("have ranges of whole frames from 1, the last included; are these seconds?", part)
        rate = self._rate()
        return frame_time(first - 1, rate), frame_time(last, rate)

    def _rate(self) -> Fraction:
        data = self.task["data"]
        ours = data.get("cueline")
        told = self.options.rate or (isinstance(ours, dict) and ours.get("rate")) or data.get("fps")
        if not told:
            raise self._fault(
                "tell the frame rate, as 'fps' in its data. Say with option rate what the labelling configuration has "
                "as frameRate, which is 24 where it has none",
                data,
            )
        try:
            return _rate_of(str(told))
        except OptionError as error:
            raise FormatError(f"{str(self.path)!r}, {self.where}: {error}", path=self.path) from error

    def _fault(self, must: str, got: Any) -> FormatError:
        return FormatError(f"{str(self.path)!r}, {self.where} must {must}; got {got!r:.120}", path=self.path)


def _frames(span: Span, rate: Fraction) -> dict[str, int]:
    """First and last frame of a span, from 1; a span shorter than a frame has one."""
    first = frame_index(max(0.0, span.start), rate) + 1
    return {"start": first, "end": max(first, frame_index(max(0.0, span.end), rate))}


def _rate_of(text: str) -> Fraction:
    """An exact rate: a fraction or a whole number as it is, a decimal as the standard rate that it stands for."""
    if re.fullmatch(r"[1-9]\d*(/[1-9]\d*)?", text, re.ASCII):
        return Fraction(text)
    if re.fullmatch(r"\d+\.\d*", text, re.ASCII):
        return standard_rate(Fraction(text))
    raise OptionError(f"a frame rate must read like 25, 29.97 or 30000/1001, got {text!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
