"""The recordings of speech and music, what may be done with each, and on which side of the split it stands.

The manifest beside the media tells the licence of every file. What ships learns only from recordings that are public
domain, CC0, CC BY or CC BY-SA without a doubt; all others serve to judge. So do some speakers whose recordings are as
free, and whole collections, so that people, pieces and collections are judged that were never heard. A group is a
speaker or a piece; all of a group is on one side.

    learn    free, heard in training
    check    free, heard by nobody until a choice between ways of training is made; then learned from too
    judge    never learned from, and nothing is chosen by it
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr

from cueline.features.sound import RATE_HZ

MEDIA = Path(os.environ.get("CUELINE_REAL", "../shared/media"))
FREE = re.compile(r"^(public domain|CC0|CC BY(-SA)? [34]\.0|CC BY 3\.0 / CC BY-SA)\b", re.IGNORECASE)
JUDGED_COLLECTIONS = ("librivox", "jfk", "ami", "fw")  # of speech: other readers, a speech, a meeting, many languages
CHECKED_COLLECTIONS = ("lofi", "librosa")
JUDGED_PIECES = ("librosa_Hungarian_Dance",)  # another recording of it stands in a collection that judges
SHARE = 4  # of the speakers one in so many is judged, and of what is learned from one in so many checks


@dataclass(frozen=True, slots=True)
class Recording:
    """One file of speech or music.

    Attributes:
        path: Where it lies.
        kind: "speech" or "music".
        collection: Where it comes from, the first word of its name.
        group: The speaker or the piece.
        licence: As the manifest has it.
        side: "learn", "check" or "judge".
    """

    path: Path
    kind: str
    collection: str
    group: str
    licence: str
    side: str


@cache
def recordings() -> tuple[Recording, ...]:
    """Every recording of speech or music alone, in order of name."""
    rows = [line.strip().strip("|").split("|") for line in (MEDIA / "MANIFEST.md").read_text().splitlines()]
    found = []
    for row in rows:
        place = row[0].strip()
        parts = re.match(r"audio/(speech|music)/(.+)", place)
        if parts:
            found.append(_recording(MEDIA / place, parts[1], row[2].strip()))
    return tuple(sorted(found, key=lambda one: one.path.name))


def _recording(path: Path, kind: str, licence: str) -> Recording:
    name = path.stem
    collection = re.split(r"[_.]", name)[0]
    speaker = re.match(r"(?:ls|librosa)_(\d+)-", name)
    group = f"speaker {speaker[1]}" if speaker else re.sub(r"(_x15|-\d+s)+$", "", name)
    return Recording(path, kind, collection, group, licence, _side(kind, collection, group, licence))


def _side(kind: str, collection: str, group: str, licence: str) -> str:
    judged = group.startswith(JUDGED_PIECES) or (kind == "speech" and collection in JUDGED_COLLECTIONS)
    if judged or not FREE.match(licence):
        return "judge"
    place = int.from_bytes(hashlib.sha256(group.encode()).digest()[:4]) % (SHARE * SHARE)
    if kind == "speech" and place % SHARE == 0:
        return "judge"
    if (kind == "music" and collection in CHECKED_COLLECTIONS) or place // SHARE == 0:
        return "check"
    return "learn"


@cache
def samples(path: Path) -> np.ndarray:
    """One channel at the rate of the features, shape (S,), float32."""
    values, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono: np.ndarray = soxr.resample(values.mean(axis=1), rate, RATE_HZ)
    return mono


def chosen(kind: str, *sides: str) -> Iterator[Recording]:
    """The recordings of one kind on some sides."""
    return (one for one in recordings() if one.kind == kind and one.side in sides)
