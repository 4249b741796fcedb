"""Playlists as labels: each names one class, and lists the clips that have it.

The class is the text of `#PLAYLIST:`, else the name of the file without its ending. An entry says yes to that class and
nothing of the others, unless just one class is right. An entry with a media fragment, `#t=START,END` in seconds, is
about that part. A `file:` URL of this machine, as players and the exporter `m3u8` write them, is read as its path; a
path, a name and the address of another place stay as they are, percent signs too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote

from cueline.datasets.labelfiles.items import LabelFile, LabelItem, Skip
from cueline.errors import FormatError, TimelineError
from cueline.timeline.spans import Span
from cueline.timeline.timecode import parse_time

_HLS = ("#EXT-X-TARGETDURATION", "#EXT-X-STREAM-INF")
_FRAGMENT = re.compile(r"(?P<media>.+)#t=(?:npt:)?(?P<start>[\d:.]*),(?P<end>[\d:.]+)")
_FILE_URL = re.compile(r"file:(?://(?:localhost)?(?=/)|(?=/[^/]))", re.IGNORECASE)
_TITLE = "#PLAYLIST:"


def fits(path: Path, text: str) -> bool:
    """Whether a text is a playlist."""
    return text.startswith("#EXTM3U") or path.suffix.lower() in (".m3u", ".m3u8")


def read(path: Path, text: str) -> LabelFile:
    """Read a playlist.

    Args:
        path: The file; its name may be that of the class.
        text: What it holds.

    Raises:
        FormatError: If it is the playlist of a stream, which lists no clips.
    """
    lines = [line.strip() for line in re.split(r"\r\n|\n|\r", text)]
    if any(line.startswith(_HLS) for line in lines):
        raise FormatError(f"{str(path)!r} must list clips, got a playlist of a stream", path=path)
    titles = (unquote(line.removeprefix(_TITLE)).strip() for line in lines if line.startswith(_TITLE))
    label = next((title for title in titles if title), path.stem)
    items, skipped = list[LabelItem](), list[Skip]()
    for number, line in enumerate(lines, start=1):
        if line and not line.startswith("#"):
            try:
                items.append(_item(line, label, f"line {number}"))
            except (FormatError, TimelineError) as error:
                skipped.append(Skip(f"line {number}", line, label, str(error)))
    return LabelFile("m3u", items, skipped)


def written(label: str, names: Iterable[str]) -> str:
    """A playlist of clips as text; what would break a line is percent-encoded in its title."""
    title = label.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")
    return "\n".join(["#EXTM3U", f"{_TITLE}{title}", *names, ""])


def _item(line: str, label: str, where: str) -> LabelItem:
    match = _FRAGMENT.fullmatch(line)
    if match is None:
        return LabelItem(_clip(line), {label: "yes"}, where=where)
    span = Span(parse_time(match["start"] or "0"), parse_time(match["end"]))
    return LabelItem(_clip(match["media"]), {label: "yes"}, span=span, where=where)


def _clip(media: str) -> str:
    """The path of a `file:` URL; anything else as it stands."""
    match = _FILE_URL.match(media)
    if match is None:
        return media
    encoded = media[match.end() :]
    path = unquote(encoded, errors="surrogateescape")
    if "#" in encoded or "?" in encoded or "\0" in path:
        raise FormatError(
            f"a file: URL must be a path, perhaps with #t=START,END, got {media!r}. "
            "Write # and ? in names as %23 and %3F."
        )
    return path
