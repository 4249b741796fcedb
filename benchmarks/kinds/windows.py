"""Windows of 10 s with known labels: speech, music, both, noise and silence, in the clear and through real codecs.

A window of both is a speaker mixed with a piece, the voice 10 dB below to 10 dB above. Pieces are dealt out to
speakers, and each is mixed with its speaker alone; a speaker with the pieces dealt to it is a component, and no sound
is in two. Intervals draw components, and sides of the split share none. Every window is a recipe that makes the same
samples each time, so that thousands need no memory.

    from the recordings    as many windows that do not overlap as a recording holds, at most `MOST`; recordings
                           between 5 and 10 s as they are
    noise                  to judge by: kinds that are heard nowhere in training, and real noise of a corpus (MUSAN)
    silence                digital, or hiss far below what can be heard
    ways                   how a window is sent; see `WAYS`
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import scipy.signal
import soxr

from benchmarks.kinds.noises import HEARD, UNHEARD, Kind
from benchmarks.kinds.recordings import MEDIA, Recording, chosen, samples
from benchmarks.kinds.spoiling import coded
from benchmarks.kinds.tunes import tune
from cueline.features.sound import RATE_HZ

Samples = np.ndarray
Make = Callable[[], Samples]

SECONDS, SHORTEST, MOST = 10, 5, 5
COUNT = SECONDS * RATE_HZ
RATIOS = (-10.0, -5.0, 0.0, 5.0, 10.0)  # level of the voice against the music, dB
TURNS = 2  # ratios that each piece is mixed at
LEVELS = (-32.0, -18.0)  # root mean square, dBFS
REAL_NOISE = (MEDIA / "audio/both/musanmix.mp3", (29.5, 40.5, 51.5))
NOISES, SILENCES, TUNES = 10, 6, 31
UNSURE = ("ami_trn01",)  # speech in a part of it alone


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A window, not made yet.

    Attributes:
        name: What it is made of.
        label: "speech", "music", "both", "noise" or "silence".
        component: Windows that share a speaker or a piece, at first hand or through others, have it in common.
        collection: Of the piece, else of the speaker, else the kind of noise.
        ratio_db: Level of the voice against the music; NaN where nothing is mixed.
        make: Makes its samples at `RATE_HZ`, shape (S,), float32.
    """

    name: str
    label: str
    component: str
    collection: str
    make: Make
    ratio_db: float = math.nan


def judged_windows() -> list[Window]:
    """Of the recordings that nothing was learned from, with kinds of noise that were never heard."""
    return [*_recorded(_pieces("speech", "judge"), _pieces("music", "judge")), *_noise(UNHEARD, real=True), *_silence()]


def learned_windows() -> list[Window]:
    """Of the recordings that the shipped network learned from, and of music made by a seed, for other learners."""
    music = [*_pieces("music", "learn", "check"), *(_Piece.of_seed(seed) for seed in range(TUNES))]
    return [*_recorded(_pieces("speech", "learn", "check"), music), *_noise(HEARD, real=False), *_silence()]


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    """What windows are cut from: a speaker or a piece of music, of one or more recordings."""

    group: str
    collection: str
    windows: tuple[tuple[str, Make], ...]

    @classmethod
    def of_seed(cls, seed: int) -> _Piece:
        return cls(f"tune {seed}", "made", ((f"tune {seed}", partial(_by_seed, tune, seed)),))


def _pieces(kind: str, *sides: str) -> list[_Piece]:
    """Speakers or pieces, in an order that follows from their names and mixes collections."""
    found: dict[str, list[Recording]] = {}
    for one in chosen(kind, *sides):
        if one.path.stem not in UNSURE:
            found.setdefault(reader(one), []).append(one)
    pieces = [
        _Piece(group, own[0].collection, tuple(window for one in own for window in _windows(one))[:MOST])
        for group, own in found.items()
    ]
    return sorted(pieces, key=lambda piece: hashlib.sha256(piece.group.encode()).digest())


def reader(one: Recording) -> str:
    """Its group; but chapters of one audio book are read by one person."""
    return re.sub(r"^(librivox_en)\d$", r"\1", one.group)


def _windows(one: Recording) -> Iterator[tuple[str, Make]]:
    length = len(samples(one.path))
    if length < SHORTEST * RATE_HZ:
        return
    for number in range(max(1, length // COUNT)):
        yield f"{one.path.stem} {number * SECONDS} s", partial(_cut, one.path, number * COUNT)


def _recorded(people: Sequence[_Piece], music: Sequence[_Piece]) -> Iterator[Window]:
    for who in people:
        for name, make in who.windows:
            yield Window(name, "speech", who.group, who.collection, partial(_levelled, make, name))
    for place, piece in enumerate(music):
        who = people[place % len(people)]
        for name, make in piece.windows:
            yield Window(name, "music", who.group, piece.collection, partial(_levelled, make, name))
        for turn in range(place * TURNS, (place + 1) * TURNS):
            (said, speech), (played, tones) = (one.windows[turn // TURNS % len(one.windows)] for one in (who, piece))
            ratio = RATIOS[turn % len(RATIOS)]
            name = f"{said} over {played}, {ratio:+.0f} dB"
            make = partial(_levelled, partial(_mixed, speech, tones, ratio), name)
            yield Window(name, "both", who.group, piece.collection, make, ratio)


def _noise(kinds: Sequence[Kind], *, real: bool) -> Iterator[Window]:
    for kind in kinds:
        for seed in range(NOISES):
            name = f"{kind.__name__} {seed}"
            yield Window(
                name, "noise", kind.__name__, kind.__name__, partial(_levelled, partial(_by_seed, kind, seed), name)
            )
    path, starts = REAL_NOISE
    for start in starts if real else ():
        name = f"{path.stem} {start} s"
        make = partial(_levelled, partial(_cut, path, int(start * RATE_HZ)), name)
        yield Window(name, "noise", path.stem, path.stem, make)


def _silence() -> Iterator[Window]:
    for seed in range(SILENCES):
        yield Window(f"silence {seed}", "silence", f"silence {seed}", "silence", partial(_nothing, seed))


def _cut(path: Path, first: int) -> Samples:
    return samples(path)[first : first + COUNT]


def _by_seed(kind: Kind, seed: int) -> Samples:
    return kind(np.random.default_rng([7, seed]), COUNT)


def _nothing(seed: int) -> Samples:
    hiss = np.random.default_rng([8, seed]).standard_normal(COUNT) * (0, 1e-6, 1e-5)[seed % 3]
    return hiss.astype(np.float32)


def _mixed(speech: Make, music: Make, ratio_db: float) -> Samples:
    voice, tones = _unit(speech()), _unit(music())
    count = min(len(voice), len(tones))
    return 10 ** (ratio_db / 20) * voice[:count] + tones[:count]


def _levelled(make: Make, name: str) -> Samples:
    """At a level that follows from the name."""
    drawn = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32
    level = 10 ** ((LEVELS[0] + drawn * (LEVELS[1] - LEVELS[0])) / 20)
    return np.clip(level * _unit(make()), -1, 1).astype(np.float32)


def _unit(values: Samples) -> Samples:
    return values / max(float(np.sqrt(np.mean(values.astype(np.float64) ** 2))), 1e-9)


def _clear(values: Samples) -> Samples:
    return values


def _telephone(values: Samples) -> Samples:
    """300 to 3,400 Hz, 8 kHz, eight bits a sample on the curve of G.711."""
    sos = scipy.signal.butter(4, (300, 3400), "bandpass", fs=RATE_HZ, output="sos")
    sent = np.clip(soxr.resample(scipy.signal.sosfilt(sos, values), RATE_HZ, 8000), -1, 1)
    bent = np.rint(127 * np.sign(sent) * np.log1p(255 * np.abs(sent)) / np.log(256)) / 127
    heard = np.sign(bent) * np.expm1(np.abs(bent) * np.log(256)) / 255
    found = soxr.resample(heard, 8000, RATE_HZ).astype(np.float32)
    return np.pad(found, (0, max(0, len(values) - len(found))))[: len(values)]


WAYS: dict[str, Callable[[Samples], Samples]] = {
    "clear": _clear,
    "mp3 128": partial(coded, name="mp3", kilobits=128, rate_hz=44100),
    "aac 24": partial(coded, name="aac", kilobits=24, rate_hz=22050),
    "opus 12": partial(coded, name="opus", kilobits=12, rate_hz=48000),
    "telephone": _telephone,
    "mp3 32": partial(coded, name="mp3", kilobits=32, rate_hz=22050),
    "aac 96": partial(coded, name="aac", kilobits=96, rate_hz=44100),
    "opus 64": partial(coded, name="opus", kilobits=64, rate_hz=48000),
}


def ways_of(window: Window, count: int = len(WAYS)) -> tuple[str, ...]:
    """In the clear and through some of the others, which follow from its name; all of them by default."""
    others = [way for way in WAYS if way != "clear"]
    first = hashlib.sha256(window.name.encode()).digest()[4] % len(others)
    return ("clear", *(others[(first + place) % len(others)] for place in range(min(count - 1, len(others)))))
