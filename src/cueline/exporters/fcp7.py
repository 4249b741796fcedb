"""Final Cut 7 XML: one sequence for each asset, its shots as clips and all other labels as markers of the sequence.

The interchange format of Premiere, and of most editing systems beside. The labels of one track become clips of picture
and sound, linked; a label that begins while another lasts, that lasts no whole frame, or that reaches beyond the asset,
becomes a marker, and so do all labels of the other tracks. The comment of a marker tells its track, exact times and
score.

Times are frames, at the rate of the asset's video: a whole one, or a whole one x 1000/1001. Where there is none, or
frames follow at uneven distances, the option `rate` must say it, and times are nominal then. What XML may not hold is
percent-encoded in names.

References:
    Apple, Final Cut Pro XML Interchange Format, version 5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from cueline.errors import FormatError, OptionError
from cueline.exporters.naming import FileNames, one_line, url_of, written_whole
from cueline.ports import Source
from cueline.timeline.timecode import DROPPED, NTSC, frame_index, parse_rate, standard_rate
from cueline.timeline.tracks import LabelTrack

CHANNELS = 2  # of sound that get a track; an editor adds further ones
_HEADING = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
Tree = Mapping[str, "str | int | Tree"]
Frames = tuple[int, int, str]  # the first, the one after the last, and a name
Lane = tuple[str, int]  # "video" or "audio", and its number from 1


@dataclass(frozen=True, slots=True)
class Fcp7:
    """One Final Cut 7 sequence for each asset, for Premiere and others: shots as clips, everything else as markers.

    Attributes:
        clips: The label track whose labels become clips.
        markers: The label tracks whose labels become markers; empty takes all others.
        rate: Frames a second, such as `25`, `23.976` or `30000/1001`; empty takes that of the asset's video.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".xml"
    keeps: ClassVar[str] = (
        "Keeps names and times of all labels to the frame, from 0 s on, with track, exact times and score in the "
        "comment of a marker; loses the classes that were looked for, what was judged, streams and provenance."
    )

    clips: str = "shots"
    markers: tuple[str, ...] = ()
    rate: str = ""

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one sequence for each source.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources.

        Raises:
            FormatError: If an asset with labels has no frame rate that the format can tell.
            OptionError: If `rate` is none.
        """
        names, written = FileNames(self.suffix), []
        for source in sources:
            path = folder / names.of(source)
            root = Element("xmeml", version="5")
            root.append(self._sequence(source))
            indent(root)
            with written_whole(path) as file:
                file.write(f"{_HEADING}{tostring(root, encoding='unicode')}\n")
            written.append(path)
        return written

    def _sequence(self, source: Source) -> Element:
        asset, rate = source.record.asset, self._rate_of(source)
        clips, markers = self._labels(source, rate, frame_index(asset.duration, rate))
        video, audio = asset.stream("video"), asset.stream("audio")
        lanes: list[Lane] = [("video", 1)] if video or not audio else []
        lanes += [("audio", channel + 1) for channel in range(min(CHANNELS, audio.channels or 1) if audio else 0)]
        sequence, file = Element("sequence", id="sequence-1"), _file(source, rate, lanes)
        for part in list(file):
            if part.tag not in ("pathurl", "media"):
                sequence.append(part)
        media = SubElement(sequence, "media")
        media.extend([Element("video"), Element("audio")])
        shape: Tree = {"width": video.width, "height": video.height} if video and video.width else {}
        _fill(media[0], {"format": {"samplecharacteristics": {"rate": _speed(rate), **shape}}})
        for lane in lanes:
            track = SubElement(media[lane[0] == "audio"], "track")
            for number, clip in enumerate(clips, start=1):
                track.append(_clip(clip, number, rate, lane, lanes, file))
                file = Element("file", id=file.get("id", ""))  # described once, then named
        for (first, last, name), note in markers:
            times = {"in": first, "out": last if last > first else -1}
            _fill(sequence, {"marker": {"name": one_line(name), "comment": one_line(note), **times}})
        return sequence

    def _labels(self, source: Source, rate: Fraction, total: int) -> tuple[list[Frames], list[tuple[Frames, str]]]:
        """Those that are clips, and the markers, each with where it comes from."""
        clips: list[Frames] = []
        markers: list[tuple[Frames, str]] = []
        for name, track in sorted(source.record.tracks.items()):
            wanted = name == self.clips or not self.markers or name in self.markers
            for span, label, score in track if isinstance(track, LabelTrack) and wanted else ():
                first, last = (max(0, frame_index(time, rate)) for time in span)
                if name == self.clips and (clips[-1][1] if clips else 0) <= first < last <= total:
                    clips.append((first, last, label))
                else:
                    note = f"{name}, {span.start} to {span.end} s, score {score}"
                    markers.append(((first, last, label), note))
        return clips, markers

    def _rate_of(self, source: Source) -> Fraction:
        video = source.record.asset.stream("video")
        rate, why = None, "no known frame rate"
        if self.rate:
            try:
                rate = parse_rate(self.rate)
            except FormatError as error:
                raise OptionError(f"fcp7.rate must read like 25, 29.97 or 30000/1001, got {self.rate!r}") from error
        elif video is not None and video.variable:
            why = "frames at uneven distances"
        elif video is not None and video.rate is not None:
            try:
                rate = standard_rate(video.rate)
            except OptionError:
                rate = video.rate
        if rate is not None and rate in (ceil(rate), ceil(rate) * NTSC):
            return rate
        if not any(isinstance(track, LabelTrack) and len(track) for track in source.record.tracks.values()):
            return Fraction(25)  # nothing is counted
        raise FormatError(
            f"a Final Cut 7 sequence needs a whole frame rate, or one x 1000/1001, and {source.name!r} has "
            f"{why if rate is None else rate}. Say at which to count frames with fcp7.rate=25 (or 23.976, 29.97).",
            asset=source.record.asset.id,
        )


def _fill(element: Element, tree: Tree) -> None:
    for tag, value in tree.items():
        child = SubElement(element, tag)
        if isinstance(value, Mapping):
            _fill(child, value)
        else:
            child.text = str(value)


def _file(source: Source, rate: Fraction, lanes: Sequence[Lane]) -> Element:
    """The media; its name, rate, duration and time code are those of the sequence too."""
    file = Element("file", id="file-1")
    drop, channels = rate in DROPPED, sum(kind == "audio" for kind, _ in lanes)
    code: Tree = {"rate": _speed(rate), "string": f"00:00:00{';' if drop else ':'}00", "frame": 0}
    tracks: Tree = {kind: {"channelcount": channels} if kind == "audio" else {} for kind, _ in lanes}
    duration = frame_index(source.record.asset.duration, rate)
    _fill(file, {"name": one_line(source.name), "rate": _speed(rate), "duration": duration})
    _fill(
        file, {"timecode": {**code, "displayformat": "DF" if drop else "NDF"}, "pathurl": _url(source), "media": tracks}
    )
    return file


def _clip(clip: Frames, number: int, rate: Fraction, lane: Lane, lanes: Sequence[Lane], file: Element) -> Element:
    """A clip on one track, linked with those on the others."""
    kind, channel = lane
    item = Element("clipitem", id=f"{kind}-{channel}-{number}")
    first, last, name = clip
    _fill(item, {"name": one_line(name), "duration": last - first, "rate": _speed(rate)})
    _fill(item, {"start": first, "end": last, "in": first, "out": last})
    item.append(file)
    if kind == "audio":
        _fill(item, {"sourcetrack": {"mediatype": "audio", "trackindex": channel}})
    for other, index in lanes if len(lanes) > 1 else ():
        place: Tree = {"mediatype": other, "trackindex": index, "clipindex": number}
        _fill(item, {"link": {"linkclipref": f"{other}-{index}-{number}", **place}})
    return item


def _speed(rate: Fraction) -> Tree:
    return {"timebase": ceil(rate), "ntsc": "FALSE" if rate.denominator == 1 else "TRUE"}


def _url(source: Source) -> str:
    return url_of(source) or quote(source.record.asset.id, errors="surrogateescape")  # a source may have no name
