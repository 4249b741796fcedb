"""FCPXML: one project for each asset, its shots as clips of the story line and all other labels as markers in them.

The labels of one track become clips of the asset's media, with gaps where there is none; a label that begins while
another lasts, that lasts no whole frame, or that reaches beyond the asset, becomes a marker, and so do all labels of
the other tracks. A marker stands in the clip or gap in which it begins; its note tells track, exact times and score.

Times are whole frames, as fractions of a second, at the rate of the asset's video; where there is no rate, or frames
follow at uneven distances, the option `rate` must say it, and times are nominal then. Version 1.8, which Final Cut Pro
from 10.4 on and DaVinci Resolve read. What XML may not hold is percent-encoded in names.

References:
    Apple, FCPXML Reference, and the document type of version 1.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from cueline.errors import FormatError, OptionError
from cueline.exporters.naming import FileNames, one_line, url_of, written_whole
from cueline.ports import Source
from cueline.timeline.timecode import DROPPED, frame_index, parse_rate, standard_rate
from cueline.timeline.tracks import LabelTrack

_HEADING = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n\n'


@dataclass(frozen=True, slots=True)
class _Label:
    """A label, counted in frames.

    Attributes:
        first: Its first frame.
        last: The frame after its last one.
        name: What it is called.
        note: Where it comes from.
    """

    first: int
    last: int
    name: str
    note: str


@dataclass(slots=True)
class _Stretch:
    """A clip, or a gap where `label` is None, and the markers in it."""

    first: int
    last: int
    label: _Label | None
    markers: list[_Label] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fcpxml:
    """One Final Cut Pro project for each asset: shots as clips, everything else as markers; Resolve reads it too.

    Attributes:
        clips: The label track whose labels become clips.
        markers: The label tracks whose labels become markers; empty takes all others.
        rate: Frames a second, such as `25`, `23.976` or `30000/1001`; empty takes that of the asset's video.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".fcpxml"
    keeps: ClassVar[str] = (
        "Keeps names of all labels, the times of clips and where markers begin to the frame, from 0 s on, with track, "
        "exact times and score in the note of a marker; loses the classes that were looked for, what was judged, "
        "streams and provenance."
    )

    clips: str = "shots"
    markers: tuple[str, ...] = ()
    rate: str = ""

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one project for each source.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources.

        Raises:
            FormatError: If an asset with labels has no frame rate.
            OptionError: If `rate` is none.
        """
        names, written = FileNames(self.suffix), []
        for source in sources:
            path = folder / names.of(source)
            project = self._project(source)
            indent(project)
            with written_whole(path) as file:
                file.write(f"{_HEADING}{tostring(project, encoding='unicode')}\n")
            written.append(path)
        return written

    def _project(self, source: Source) -> Element:
        asset, rate = source.record.asset, self._rate_of(source)
        total = frame_index(asset.duration, rate)
        stretches = _stretches(*self._labels(source, rate, total), total)
        root = Element("fcpxml", version="1.8")
        resources = SubElement(root, "resources")
        video, audio = asset.stream("video"), asset.stream("audio")
        shape = {"width": str(video.width), "height": str(video.height)} if video and video.width else {}
        SubElement(resources, "format", {"id": "r1", "frameDuration": _seconds(1, rate), **shape})
        media = SubElement(resources, "asset", id="r2", name=one_line(source.name), src=_url(source), start="0s")
        media.set("duration", _seconds(total, rate))
        if video or not audio:
            media.attrib |= {"hasVideo": "1", "format": "r1"}
        if audio:
            media.attrib |= {"hasAudio": "1", "audioSources": "1", "audioChannels": str(audio.channels or 1)}
        event = SubElement(SubElement(root, "library"), "event", name="Cueline")
        codes = {"tcStart": "0s", "tcFormat": "DF" if rate in DROPPED else "NDF"}
        project = SubElement(event, "project", name=one_line(source.name))
        length = _seconds(stretches[-1].last if stretches else 0, rate)
        spine = SubElement(SubElement(project, "sequence", {"format": "r1", "duration": length, **codes}), "spine")
        for stretch in stretches:
            _append(spine, stretch, rate)
        return root

    def _labels(self, source: Source, rate: Fraction, total: int) -> tuple[list[_Label], list[_Label]]:
        """Those that are clips, and the markers."""
        clips: list[_Label] = []
        markers: list[_Label] = []
        for name, track in sorted(source.record.tracks.items()):
            wanted = name == self.clips or not self.markers or name in self.markers
            for span, label, score in track if isinstance(track, LabelTrack) and wanted else ():
                first, last = (max(0, frame_index(time, rate)) for time in span)
                row = _Label(first, last, label, f"{name}, {span.start} to {span.end} s, score {score}")
                fits = name == self.clips and (clips[-1].last if clips else 0) <= first < last <= total
                (clips if fits else markers).append(row)
        return clips, sorted(markers, key=lambda label: label.first)

    def _rate_of(self, source: Source) -> Fraction:
        if self.rate:
            try:
                return parse_rate(self.rate)
            except FormatError as error:
                raise OptionError(f"fcpxml.rate must read like 25, 29.97 or 30000/1001, got {self.rate!r}") from error
        video = source.record.asset.stream("video")
        if video is not None and video.rate is not None and not video.variable:
            try:
                return standard_rate(video.rate)
            except OptionError:
                return video.rate
        if not any(isinstance(track, LabelTrack) and len(track) for track in source.record.tracks.values()):
            return Fraction(25)  # nothing is counted
        why = "frames at uneven distances" if video is not None and video.variable else "no known frame rate"
        raise FormatError(
            f"a Final Cut project needs a frame rate, and {source.name!r} has {why}. Say at which to count frames with "
            "fcpxml.rate=25 (or 23.976, 29.97, 30000/1001).",
            asset=source.record.asset.id,
        )


def _stretches(clips: Sequence[_Label], markers: Iterable[_Label], total: int) -> list[_Stretch]:
    """Clips with gaps between them up to the end, or to the last marker where that lies later."""
    markers = list(markers)
    end = max([total, *(marker.first + 1 for marker in markers)])
    found: list[_Stretch] = []
    filled = 0
    for clip in clips:
        found += [_Stretch(filled, clip.first, None)] if clip.first > filled else []
        found.append(_Stretch(clip.first, clip.last, clip))
        filled = clip.last
    found += [_Stretch(filled, end, None)] if end > filled else []
    places: Iterator[_Stretch] = iter(found)
    place = next(places, None)
    for marker in markers:
        while place is not None and marker.first >= place.last:
            place = next(places, None)
        if place is not None:
            place.markers.append(marker)
    return found


def _append(spine: Element, stretch: _Stretch, rate: Fraction) -> None:
    """A clip counts its inner times as its media does, a gap from 0."""
    times = {"offset": _seconds(stretch.first, rate), "duration": _seconds(stretch.last - stretch.first, rate)}
    if stretch.label is None:
        item, origin = SubElement(spine, "gap", {"name": "Gap", "start": "0s", **times}), stretch.first
    else:
        about = {"name": one_line(stretch.label.name), "ref": "r2", "start": _seconds(stretch.first, rate)}
        item, origin = SubElement(spine, "asset-clip", {**about, **times}), 0
    for marker in stretch.markers:
        start, duration = _seconds(marker.first - origin, rate), _seconds(max(1, marker.last - marker.first), rate)
        SubElement(
            item, "marker", start=start, duration=duration, value=one_line(marker.name), note=one_line(marker.note)
        )


def _seconds(frames: int, rate: Fraction) -> str:
    exact = frames / rate
    return f"{exact.numerator}s" if exact.denominator == 1 else f"{exact.numerator}/{exact.denominator}s"


def _url(source: Source) -> str:
    return url_of(source) or quote(source.record.asset.id, errors="surrogateescape")  # a source may have no name
