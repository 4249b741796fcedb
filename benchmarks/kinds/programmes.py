"""Programmes with known truth: speech, music, both, noise and silence one after another.

A programme is made of passages, cut hard or faded over. In a passage somebody speaks, alone or in turn with another;
a piece is played; or both at once, the voice from 15 dB below to 15 dB above; or there is noise, or silence. Noise may
lie faintly under all. The truth says for every instant whether there is speech, and whether there is music.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import scipy.ndimage

from benchmarks.kinds.noises import HEARD, Kind, noise
from benchmarks.kinds.recordings import Recording, samples
from benchmarks.kinds.spoiling import brightened, faster, room, spoiled, tilt
from benchmarks.kinds.tunes import drums, gated, tune
from cueline.features.sound import RATE_HZ

Samples = np.ndarray

LEVEL = 0.05
STEP = RATE_HZ // 50  # samples of one step of the truth
PASSAGES = {"speech": 0.24, "music": 0.26, "both": 0.26, "noise": 0.17, "silence": 0.07}


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """Who and what a programme is made of.

    Attributes:
        speech: Recordings of speakers.
        music: Recordings of pieces.
        tunes: How many pieces of all are made by a seed, 0 to 1.
        noises: Kinds of noise.
        varied: Whether recordings are played faster, slower, tilted and in other rooms.
        spoil: Whether the whole goes through codecs, bands and levels.
        ratios: Least and greatest level of the voice against the music, dB.
    """

    speech: Sequence[Recording]
    music: Sequence[Recording]
    tunes: float = 0.0
    noises: tuple[Kind, ...] = HEARD
    varied: bool = False
    spoil: bool = True
    ratios: tuple[float, float] = (-10.0, 10.0)


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Sound and its truth.

    Attributes:
        samples: One channel at `RATE_HZ`, shape (S,), float32.
        speech: Whether there is speech, for each step of 20 ms, shape (T,).
        music: Whether there is music, shape (T,).
        silent: Whether there is nothing at all, shape (T,).
    """

    samples: Samples
    speech: Samples
    music: Samples
    silent: Samples


def programme(random: np.random.Generator, cast: Cast, seconds: float, passages: tuple[float, float]) -> Programme:
    """A programme of some length, of passages of least and greatest length in seconds."""
    kinds, odds = list(PASSAGES), np.array(list(PASSAGES.values()))
    count = int(seconds * RATE_HZ) // STEP * STEP
    sound = np.zeros(count, np.float32)
    truth = {name: np.zeros(count // STEP, bool) for name in ("speech", "music", "silent")}
    place, before = 0, ""
    while place < count:
        kind = before
        while kind == before:
            kind = kinds[random.choice(len(kinds), p=odds)]
        length = int(random.uniform(*passages) * RATE_HZ) // STEP * STEP
        length = min(length, count - place)
        made = passage(random, cast, kind, length) * 10 ** (random.uniform(-6, 6) / 20)
        fade = min(length // 4, int(random.choice([0, 0.01, 0.05, 0.3]) * RATE_HZ))
        made[:fade] *= np.linspace(0, 1, fade)
        made[length - fade :] *= np.linspace(1, 0, fade)
        sound[place : place + length] = made
        steps = slice(place // STEP, (place + length) // STEP)
        truth["speech"][steps] = kind in ("speech", "both")
        truth["music"][steps] = kind in ("music", "both")
        truth["silent"][steps] = kind == "silence"
        place, before = place + length, kind
    if random.random() < 0.3:
        sound += LEVEL * 10 ** (random.uniform(-45, -15) / 20) * noise(random, count, cast.noises)
    return Programme(spoiled(random, sound) if cast.spoil else sound, **truth)


def passage(random: np.random.Generator, cast: Cast, kind: str, count: int) -> Samples:
    """Sound of one kind at about `LEVEL`, shape (count,), float32."""
    if kind == "silence":
        return np.zeros(count, np.float32) + random.choice([0, 1e-6, 1e-5]) * random.standard_normal(count).astype(
            np.float32
        )
    if kind == "noise":
        return LEVEL * noise(random, count, cast.noises)
    if kind in ("speech", "music"):
        made = (spoken if kind == "speech" else played)(random, cast, count)
        if cast.varied and random.random() < 0.15:
            made = made + 10 ** (-random.uniform(3, 15) / 20) * noise(random, count, cast.noises)
        return LEVEL * made
    ratio = 10 ** (random.uniform(*cast.ratios) / 20)
    both = ratio * spoken(random, cast, count) + played(random, cast, count)
    return (LEVEL / np.sqrt(1 + ratio**2) * both).astype(np.float32)


def spoken(random: np.random.Generator, cast: Cast, count: int) -> Samples:
    """One speaker, or two in turn, of level 1 over all, shape (count,), float32."""
    people = [cast.speech[place] for place in random.integers(len(cast.speech), size=random.choice([1, 1, 2]))]
    by = random.uniform(0.88, 1.14) if cast.varied and random.random() < 0.5 else 1.0
    parts, length, turn = [], 0, 0
    while length < count:
        values = _trimmed(people[turn % len(people)].path)
        start = random.integers(0, max(1, len(values) - 2 * RATE_HZ)) if not parts or len(people) > 1 else 0
        part = values[start:] if len(people) == 1 else values[start : start + int(random.uniform(1, 6) * RATE_HZ)]
        part = faster(part, by) if by != 1 else part
        pause = np.zeros(int(random.uniform(0, 0.3) * RATE_HZ), np.float32)
        parts += [_unit(part), pause]
        length, turn = length + len(part) + len(pause), turn + 1
    voices = np.concatenate(parts)[:count]
    if cast.varied and random.random() < 0.6:
        voices = brightened(random, voices)
    return _finished(random, cast, voices, 0.3)


def played(random: np.random.Generator, cast: Cast, count: int) -> Samples:
    """One piece of level 1, shape (count,), float32; a recording that is too short is played again."""
    if random.random() < cast.tunes:
        return _finished(random, cast, tune(random, count), 0.1)
    values = samples(cast.music[random.integers(len(cast.music))].path)
    if cast.varied and random.random() < 0.6:
        values = faster(values, random.uniform(0.8, 1.25))
    start = random.integers(0, len(values))
    values = np.tile(values, count // len(values) + 2)[start : start + count]
    return _finished(random, cast, _remixed(random, cast, values) if cast.varied else values, 0.15)


def _remixed(random: np.random.Generator, cast: Cast, values: Samples) -> Samples:
    """A piece with drums, with another piece at once, or beating in time."""
    if random.random() < 0.3:
        values = _unit(values) + random.uniform(0.2, 2) * _unit(drums(random, len(values), random.uniform(0.3, 1.2)))
    elif random.random() < 0.15:
        other = samples(cast.music[random.integers(len(cast.music))].path)
        values = _unit(values) + random.uniform(0.3, 1) * _unit(np.resize(other, len(values)))
    return gated(random, values) if random.random() < 0.15 else values


def _finished(random: np.random.Generator, cast: Cast, values: Samples, roomy: float) -> Samples:
    if cast.varied and random.random() < 0.5:
        values = tilt(random, values)
    if cast.varied and random.random() < roomy:
        values = room(random, values)
    return _unit(values)


def _unit(values: Samples) -> Samples:
    return (values / max(float(np.sqrt(np.mean(values.astype(np.float64) ** 2))), 1e-9)).astype(np.float32)


@cache
def _trimmed(path: Path) -> Samples:
    """A recording without the quiet before the first word and after the last."""
    values = samples(path)
    strength = scipy.ndimage.uniform_filter1d(values**2, 1000)
    loud = np.flatnonzero(strength > 0.0025 * strength.max())
    return values[loud[0] : loud[-1] + 1]
