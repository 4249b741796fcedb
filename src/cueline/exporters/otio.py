"""OpenTimelineIO: one timeline for each asset, its shots as clips on a track and all other labels as markers.

The labels of one track become clips that refer to the media; a label that begins while another lasts, that lasts no
whole frame, or that reaches beyond the asset, becomes a marker, and so do all labels of the other tracks, with a colour
for each track. Markers lie on the whole timeline. Frames are counted at the rate of the video, its average where
frames follow at uneven distances, or at the rate of samples where there is only sound; media times begin at 0.

Exact seconds, scores, classes and judged spans are kept in metadata under "cueline"; numbers stand there as text, since
the library reads one in ten wrong by its last digit. When a timeline is read, an exact second counts as long as it lies
within half a frame of the clip or marker: what an editor moved is where the editor put it. Times are media times, so a
clip that was moved on the timeline still speaks of the same part of its media; a marker on the timeline speaks of the
media of the clip below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlparse
from urllib.request import url2pathname

import numpy as np

from cueline.errors import FormatError, MissingExtraError, OptionError
from cueline.exporters.naming import FileNames, written_whole
from cueline.ports import Brought, Source
from cueline.timeline.assets import Asset
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.timecode import frame_index, parse_rate
from cueline.timeline.tracks import LabelTrack

KEY = "cueline"
COLORS = ("GREEN", "CYAN", "BLUE", "PURPLE", "MAGENTA", "PINK", "RED", "ORANGE", "YELLOW")
_HALF_FRAME = 0.5 + 1e-6
Row = tuple[float, float, str, float]


@dataclass(frozen=True, slots=True)
class Otio:
    """One OpenTimelineIO timeline for each asset, for Resolve, Premiere, Avid, Hiero and their like.

    Attributes:
        clips: The label track whose labels become clips.
        markers: The label tracks whose labels become markers; empty takes all others.
        rate: Frames a second, such as `25`, `23.976` or `30000/1001`; empty takes that of the asset.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".otio"
    keeps: ClassVar[str] = (
        "Keeps every label track exactly (times on frames for editors, exact seconds and scores, classes and judged "
        "spans in metadata), its stream, and where the media lies; loses provenance and what else is known of it."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".otio",)
    brings: ClassVar[str] = "Clips of the first picture track and markers, at the times of their media."
    extra: ClassVar[str] = "otio"
    imports: ClassVar[tuple[str, ...]] = ("opentimelineio",)

    clips: str = "shots"
    markers: tuple[str, ...] = ()
    rate: str = ""

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one timeline for each source.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources.

        Raises:
            FormatError: If a name holds the character NUL, which the library cannot.
            MissingExtraError: If OpenTimelineIO is not installed.
            OptionError: If `rate` is none.
        """
        names, written = FileNames(self.suffix), []
        for source in sources:
            path = folder / names.of(source)
            with written_whole(path) as file:
                file.write(self._timeline(source).to_json_string(indent=2) + "\n")
            written.append(path)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read clips and markers, back as they were where `export` wrote them.

        Args:
            path: A timeline, or a collection of them.

        Yields:
            The labels of each medium and track: "markers", or the name of the track of clips.

        Raises:
            FormatError: If it is no timeline, or times in it cannot be.
            MissingExtraError: If OpenTimelineIO is not installed.
        """
        otio = _library()
        try:
            found = otio.adapters.read_from_file(str(path), "otio_json")
        except (otio.exceptions.OTIOError, LookupError, ValueError) as error:
            raise FormatError(f"{str(path)!r} must be a timeline of OpenTimelineIO, got {error}", path=path) from error
        kind = otio.schema.Timeline
        timelines = [found] if isinstance(found, kind) else getattr(found, "find_children", lambda _: [])(kind)
        if not timelines:
            raise FormatError(f"{str(path)!r} must hold a timeline, got {type(found).__name__}", path=path)
        for timeline in timelines:
            try:
                brought = list(_Reading(otio, timeline).brought())
            except (LookupError, TypeError, ValueError) as error:
                raise FormatError(f"{str(path)!r} holds what cannot be: {error}", path=path) from error
            yield from brought

    def _timeline(self, source: Source) -> Any:
        otio, asset = _library(), source.record.asset
        tracks = {
            name: track
            for name, track in sorted(source.record.tracks.items())
            if isinstance(track, LabelTrack) and (name == self.clips or not self.markers or name in self.markers)
        }
        rate = self._rate_of(asset)
        sound = asset.stream("audio") is not None and asset.stream("video") is None
        lane = otio.schema.Track(_text(self.clips), kind="Audio" if sound else "Video")
        timeline = otio.schema.Timeline(_text(source.name), [lane], metadata={KEY: _about(source, tracks)})
        whole = _Whole(otio, source, rate, frame_index(asset.duration, rate))
        colors = iter(COLORS * (len(tracks) // len(COLORS) + 1))
        for name, track in tracks.items():
            color = "WHITE" if name == self.clips else next(colors)
            for row in track:
                if name != self.clips or not whole.append_clip(lane, name, *row):
                    timeline.tracks.markers.append(whole.marker(name, color, *row))
        return timeline

    def _rate_of(self, asset: Asset) -> Fraction:
        video, audio = asset.stream("video"), asset.stream("audio")
        if self.rate:
            try:
                return parse_rate(self.rate)
            except FormatError as error:
                raise OptionError(f"otio.rate must read like 25, 29.97 or 30000/1001, got {self.rate!r}") from error
        if video is not None and video.rate is not None:
            return video.rate
        return Fraction(audio.rate_hz if audio is not None and audio.rate_hz else 1000)


@dataclass(slots=True)
class _Whole:
    """An asset while its timeline is made: its frames, and how many of them have become clips or gaps."""

    otio: Any
    source: Source
    rate: Fraction
    frames: int
    filled: int = 0

    def range(self, first: int, last: int) -> Any:
        """From one frame to another, exclusive."""
        rational, rate = self.otio.opentime.RationalTime, float(self.rate)
        return self.otio.opentime.TimeRange(rational(first, rate), rational(last - first, rate))

    def append_clip(self, lane: Any, track: str, span: Span, label: str, score: float) -> bool:
        """Append a label to the lane; False where it cannot be a clip."""
        first, last = (frame_index(time, self.rate) for time in span)
        if not self.filled <= first < last <= self.frames:
            return False
        if first > self.filled:
            lane.append(self.otio.schema.Gap("", self.range(self.filled, first)))
        metadata = {KEY: _exactly(track, span, score)}
        lane.append(self.otio.schema.Clip(_text(label), self._media(), self.range(first, last), metadata))
        self.filled = last
        return True

    def marker(self, track: str, color: str, span: Span, label: str, score: float) -> Any:
        """A label as a marker of the timeline; what is shown beside it is its track, and a score that is not 1."""
        first, last = (frame_index(time, self.rate) for time in span)
        note = _text(track) if score == 1 else f"{_text(track)} {score:.2f}"
        metadata = {KEY: _exactly(track, span, score)}
        return self.otio.schema.Marker(_text(label), self.range(first, last), color, metadata, note)

    def _media(self) -> Any:
        whole, place = self.range(0, self.frames), self.source.location
        if place is None:
            return self.otio.schema.MissingReference(_medium_name(self.source), whole)
        return self.otio.schema.ExternalReference(place.path.as_uri(), whole)


def _exactly(track: str, span: Span, score: float) -> Mapping[str, Any]:
    return {"track": _text(track), "start": repr(span.start), "end": repr(span.end), "score": repr(score)}


def _about(source: Source, tracks: Mapping[str, LabelTrack]) -> Mapping[str, Any]:
    place = source.location
    return {
        "version": 1,
        "asset": _text(source.record.asset.id),
        "media": _medium_name(source) if place is None else _path_of(place.path.as_uri()),
        "tracks": [
            {
                "name": _text(name),
                "stream": _text(track.stream),
                "classes": [_text(label) for label in track.classes],
                "judged": [[repr(start), repr(end)] for start, end in track.judged.tolist()],
            }
            for name, track in tracks.items()
        ],
    }


def _medium_name(source: Source) -> str:
    return _text(source.name or source.record.asset.id)


def _text(text: str) -> str:
    """Text as the library can hold it; what is not valid Unicode, as from a file name that is not UTF-8, is escaped."""
    if "\0" in text:
        raise FormatError(f"a name in a timeline must not hold the character NUL, got {text!r}. Rename it.")
    return text.encode("utf-8", "backslashreplace").decode()


@dataclass(slots=True)
class _Reading:
    """A timeline that is read, and the labels found in it by medium and track."""

    otio: Any
    timeline: Any
    found: dict[tuple[str, str], list[Row]] = field(default_factory=dict)

    def brought(self) -> Iterator[Brought]:
        about = self.timeline.metadata.get(KEY, {})
        own = {about["media"]: about["asset"]} if "media" in about and "asset" in about else {}
        kept = {(about["asset"], track["name"]): track for track in about.get("tracks", ())} if own else {}
        self.found = {key: [] for key in kept}
        lanes = self.timeline.video_tracks() or self.timeline.audio_tracks()
        clips = list(lanes[0].find_clips()) if lanes else []
        for clip in clips:
            self._add(clip, clip.trimmed_range(), clip, lanes[0].name, own)
        for holder in (self.timeline.tracks, *self.timeline.tracks.find_children()):
            for marker in getattr(holder, "markers", ()):
                clip, place = self._below(holder, marker.marked_range, lanes)
                self._add(marker, place, clip, "markers", own)
        for (media, track), rows in self.found.items():
            yield Brought(media, track, _labels(rows, kept.get((media, track), {})))

    def _below(self, holder: Any, marked: Any, lanes: Sequence[Any]) -> tuple[Any, Any]:
        """The clip that a marker is about, and its range in the time of that clip's media."""
        if isinstance(holder, self.otio.schema.Clip) or not lanes:
            return (holder if isinstance(holder, self.otio.schema.Clip) else None), marked
        lane = lanes[0]
        in_lane = holder.transformed_time_range(marked, lane)
        clip = lane.child_at_time(in_lane.start_time)
        if not isinstance(clip, self.otio.schema.Clip):
            return None, holder.transformed_time_range(marked, self.timeline.tracks)
        return clip, holder.transformed_time_range(marked, clip)

    def _add(self, item: Any, place: Any, clip: Any, track: str, own: Mapping[str, str]) -> None:
        reference = clip.media_reference if clip is not None else None
        available = reference.available_range if reference is not None else None
        if available is not None:
            place = self.otio.opentime.TimeRange(place.start_time - available.start_time, place.duration)
        media = next(iter(own), "") if clip is None else _medium(reference) or clip.name
        exact = item.metadata.get(KEY, {})
        times = place.start_time.to_seconds(), place.end_time_exclusive().to_seconds()
        slack = _HALF_FRAME / getattr(item, "marked_range", place).start_time.rate
        if {"track", "start", "end", "score"} <= set(exact):
            known = float(exact["start"]), float(exact["end"])
            near = all(abs(one - other) <= slack for one, other in zip(times, known, strict=True))
            times, track = known if near else times, exact["track"]
        row = (*times, item.name, float(exact.get("score", 1.0)))
        self.found.setdefault((own.get(media, media), track), []).append(row)


def _labels(rows: Sequence[Row], kept: Mapping[str, Any]) -> LabelTrack:
    names = tuple(name for *_, name, _ in rows)
    classes = tuple(dict.fromkeys([*kept.get("classes", ()), *names]))
    spans, scores = as_spans([row[:2] for row in rows]), np.array([row[3] for row in rows], dtype=np.float64)
    judged = as_spans([[float(time) for time in span] for span in kept["judged"]]) if "judged" in kept else spans
    return LabelTrack(spans, names, scores, classes, judged)


def _medium(reference: Any) -> str:
    return _path_of(getattr(reference, "target_url", "") or "") or getattr(reference, "name", "")


def _path_of(url: str) -> str:
    """The path of a file: URL, and anything else as it is."""
    return url2pathname(urlparse(url).path) if url.startswith("file:") else url


def _library() -> Any:
    try:
        return import_module("opentimelineio")
    except ImportError as error:
        raise MissingExtraError(
            "timelines need OpenTimelineIO. Install it with: pip install 'cueline[otio]'", plugin="otio"
        ) from error
