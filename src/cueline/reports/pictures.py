"""Which pictures of an asset are worth showing, spread over the film, and how they travel inside a page."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator

import numpy as np

from cueline.errors import CuelineError
from cueline.ports import Store
from cueline.reports.facts import FileFacts, Problem
from cueline.reports.words import legible
from cueline.timeline.records import Tracks
from cueline.timeline.spans import Times
from cueline.timeline.tracks import LabelTrack, Track

_BLANK = 0.05  # worth below which a picture shows nothing, as a black or a white one does
_DARK, _LIGHT = 0.06, 0.94  # mean luma at which a thumbnail starts to count as black, and as white
_FULL_CONTRAST = 0.25  # from here on, more of it makes no thumbnail worth more
_PLAIN = 0.1  # worth of a thumbnail of one colour that is neither black nor white
_TIE = 0.1  # difference of worth below which the better spread picture is taken


class Album:
    """The pictures of one asset, each read once; where they cannot be read there are none, and a problem says why."""

    def __init__(self, store: Store, file: FileFacts) -> None:
        self._store = store
        self._file = file
        self._seen: dict[float, bytes | None] = {}
        self.problems: tuple[Problem, ...] = ()

    def at(self, time: float) -> bytes | None:
        """The picture (WebP) kept of the frame shown at a time, or None."""
        if time not in self._seen and not self.problems:
            try:
                self._seen[time] = self._store.picture(self._file.asset.id, time)
            except CuelineError as error:
                reason = legible(str(error))
                self.problems = (Problem(self._file.called, "pictures are not shown", reason, self._file.page),)
        return self._seen.get(time)


def key_times(tracks: Tracks) -> Times:
    """Times of the pictures worth showing: the key frames, or all thumbnails where there are none."""
    return next((track.spans[:, 0] for track in _pictured(tracks) if len(track)), np.empty(0))


def strip_times(tracks: Tracks, most: int) -> Times:
    """At most `most` times of good pictures, spread over the film.

    Key frames come before thumbnails unless they are too few; blank pictures, such as black ones, come last of all.
    """
    rated = [(track.spans[:, 0], _worth(track)) for track in _pictured(tracks)]
    clear = [(times[worth >= _BLANK], worth[worth >= _BLANK]) for times, worth in rated]
    for choices in (clear, rated):
        if any(len(times) for times, _ in choices):
            return _best_spread(*max(choices, key=lambda choice: min(len(choice[0]), most)), most)
    return np.empty(0)


def spread(times: Times, most: int) -> Times:
    """At most `most` of the times, evenly spread over their order."""
    if len(times) <= most:
        return times
    return times[((np.arange(most) + 0.5) * len(times) / most).astype(int)] if most else times[:0]


def pictures_at(album: Album, times: Times, *, most_bytes: float) -> Iterator[tuple[float, bytes]]:
    """Pictures (WebP) in order, as long as they fit into `most_bytes`."""
    left = most_bytes
    for time in times.tolist():
        picture = album.at(time)
        if picture is not None and len(picture) <= left:
            left -= len(picture)
            yield time, picture


def inside(picture: bytes) -> str:
    """A picture as an address that holds it."""
    return "data:image/webp;base64," + base64.b64encode(picture).decode()


def stride_within(album: Album, times: Times, *, most_bytes: int) -> int:
    """Every how many-th picture can be shown so that all fit into `most_bytes`, from a sample of sizes."""
    sizes = [len(album.at(time) or b"") for time in spread(times, 16).tolist()]
    return max(1, math.ceil(1.1 * len(times) * sum(sizes) / max(1, len(sizes)) / most_bytes))


def _pictured(tracks: Tracks) -> list[Track]:
    return [tracks[name] for name in ("keyframes", "thumbnails") if name in tracks]


def _worth(track: Track) -> Times:
    """How good the picture of each row is, in [0, 1], shape (N,); 1 where nobody rated it."""
    if isinstance(track, LabelTrack):
        return np.nan_to_num(track.scores, nan=1.0)
    if not {"brightness", "contrast"} <= set(track.columns):
        return np.ones(len(track))
    brightness, contrast = (track[column].astype(np.float64) for column in ("brightness", "contrast"))
    exposed = np.minimum(brightness / _DARK, (1 - brightness) / (1 - _LIGHT)).clip(0, 1)
    return np.asarray(exposed * (contrast / _FULL_CONTRAST).clip(_PLAIN, 1))


def _best_spread(times: Times, worth: Times, most: int) -> Times:
    """The best of each of `most` runs of times; among those about as good, the one nearest to the run's middle."""
    best = []
    for run in np.array_split(np.arange(len(times)), min(most, len(times))):
        near = run[worth[run] >= worth[run].max() - _TIE]
        best.append(near[abs(near - run.mean()).argmin()])
    return times[best]
