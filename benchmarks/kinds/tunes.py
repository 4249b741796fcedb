"""Music made by a seed: voices of many timbres over chords and a beat, so that music is more than what was at hand.

Not to be listened to for long. What counts is that notes are held, follow scales, sound together and go in time, in
timbres that the recordings lack: plucked and bowed strings, organs, flutes, bells, choirs that sing vowels, drums.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.ndimage
import scipy.signal

from cueline.features.sound import RATE_HZ

Samples = np.ndarray

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 2, 3, 5, 7, 8, 11), (0, 3, 5, 6, 7, 10))
VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (530, 1840, 2480), (570, 840, 2410), (300, 870, 2240))


Voice = Callable[[np.random.Generator, float, float, Samples], Samples]


class Score(NamedTuple):
    """What all voices of a piece share: seconds of a beat, lowest note (MIDI), scale, and the steps of its chords."""

    beat: float
    root: int
    scale: tuple[int, ...]
    steps: npt.NDArray[np.int64]

    def hertz(self, degree: int, higher: int) -> float:
        """Frequency of a step of the scale, counted from the lowest note, so many half tones higher."""
        pitch = self.root + higher + self.scale[degree % len(self.scale)] + 12 * (degree // len(self.scale))
        return float(440 * 2 ** ((pitch - 69) / 12))


def tune(random: np.random.Generator, count: int) -> Samples:
    """Music of level 1 (root mean square), shape (count,), float32."""
    root, scale = int(random.integers(36, 60)), SCALES[random.integers(len(SCALES))]
    beat = 60 / random.uniform(50, 180)
    steps = random.integers(0, 7, size=4) if random.random() < 0.8 else np.zeros(4, np.int64)
    score, found = Score(beat, root, scale, steps), np.zeros(count)
    alone = random.random()  # in one of nine the drums, in half all, else no drums
    for part in range(random.integers(1, 5) if alone > 0.11 else random.integers(0, 2)):
        voice = VOICES[random.integers(len(VOICES))]
        found += random.uniform(0.3, 1) * _part(random, count, score, voice, leads=part == 0)
    if alone < 0.6:
        found += random.uniform(0.2, 1.5) * drums(random, count, beat)
    if random.random() < 0.15:
        found = gated(random, found)
    if random.random() < 0.6:
        found = _hall(random, found)
    return (found / max(float(np.sqrt(np.mean(found**2))), 1e-9)).astype(np.float32)


def _part(random: np.random.Generator, count: int, score: Score, voice: Voice, *, leads: bool) -> Samples:
    """One voice: chords, an arpeggio or a melody."""
    beat, bar = score.beat, 4 * score.beat
    found, place = np.zeros(count), random.uniform(0, beat)
    style = random.choice(["melody", "chords"] if leads else ["chords", "arpeggio", "melody"])
    octave, degree = 12 * random.integers(0, 3), random.integers(0, 7)
    colour = random.random(8)
    while place < count / RATE_HZ:
        chord = score.steps[int(place / bar) % len(score.steps)]
        length = beat * random.choice([0.5, 1, 1, 2]) if style != "chords" else bar * random.choice([0.5, 1])
        if style == "arpeggio":
            length = beat / 2
            degree = chord + 2 * random.integers(0, 4)
        elif style == "melody":
            degree = degree + random.integers(-2, 3)
        notes = [chord, chord + 2, chord + 4] if style == "chords" else [degree]
        if random.random() > 0.1:
            for note in notes:
                hertz = score.hertz(note, octave)
                _add(found, place, voice(random, hertz, length * random.uniform(0.8, 1.3), colour))
        place += length
    return found / max(np.abs(found).max(), 1e-9)


def _add(found: Samples, place: float, note: Samples) -> None:
    first = int(place * RATE_HZ)
    note = note[: max(0, len(found) - first)]
    found[first : first + len(note)] += note


def _harmonic(random: np.random.Generator, hertz: float, seconds: float, colour: Samples) -> Samples:
    """Organ, winds, brass, bowed strings: overtones that are held, with or without vibrato."""
    count = max(64, int(seconds * RATE_HZ))
    time = np.arange(count) / RATE_HZ
    vibrato = colour[0] * 0.012 * np.sin(2 * np.pi * (4.5 + 2 * colour[1]) * time) if colour[2] < 0.6 else 0
    phase = 2 * np.pi * np.cumsum(hertz * (1 + vibrato) * np.ones(count)) / RATE_HZ
    fall, odd = 0.5 + 2.5 * colour[3], colour[4] < 0.3
    orders = [order for order in range(1, 25) if order * hertz < 0.45 * RATE_HZ and (order % 2 or not odd)]
    tone = np.sin(np.outer(orders, phase).astype(np.float32)).T @ np.array(orders, np.float32) ** np.float32(-fall)
    rise = 0.005 + 0.15 * colour[5]
    return (
        np.asarray(tone) * np.minimum(1, time / rise) * np.minimum(1, (time[-1] - time) / 0.05) * random.uniform(0.6, 1)
    )


def _plucked(random: np.random.Generator, hertz: float, seconds: float, colour: Samples) -> Samples:
    """Guitar, harp, piano: a string that is struck and dies away (Karplus and Strong, 1983)."""
    period, count = max(4, int(RATE_HZ / hertz)), max(64, int(1.5 * seconds * RATE_HZ))
    struck = np.zeros(count)
    struck[: min(period, count)] = random.uniform(-1, 1, min(period, count))
    keep, soft = 0.5 ** (hertz**-1 * 3 / (0.5 + 3 * colour[0])), 0.3 + 0.4 * colour[1]
    loop = np.zeros(period + 2)
    loop[0], loop[period], loop[period + 1] = 1, -keep * (1 - soft), -keep * soft
    return np.asarray(scipy.signal.lfilter([1.0], loop, struck)) * random.uniform(0.5, 1)


def _bell(random: np.random.Generator, hertz: float, seconds: float, colour: Samples) -> Samples:
    """Electric piano, bells: one tone that bends another (Chowning, 1973)."""
    count = max(64, int(1.5 * seconds * RATE_HZ))
    time = np.arange(count) / RATE_HZ
    ratio = (1, 2, 3.5, 1.4, 7)[int(colour[0] * 5)]
    fade = np.exp(-time * (1 + 5 * colour[1]))
    bend = 4 * colour[2] * fade * np.sin(2 * np.pi * ratio * hertz * time)
    return np.sin(2 * np.pi * hertz * time + bend) * fade * random.uniform(0.6, 1)


def _chip(random: np.random.Generator, hertz: float, seconds: float, colour: Samples) -> Samples:
    """Synthesisers and old games: square and saw, filtered; slides, vibrato, chords broken faster than one hears."""
    count = max(64, int(seconds * RATE_HZ))
    time = np.arange(count) / RATE_HZ
    pitch = hertz * np.ones(count)
    if colour[4] < 0.35:
        steps = np.array([(0, 4, 7), (0, 3, 7), (0, 12, 0), (0, 7, 12)][int(colour[5] * 4)])
        pitch *= 2 ** (steps[(time * (10 + 40 * colour[6])).astype(int) % 3] / 12)
    elif colour[4] < 0.55:
        pitch *= 1 + 0.5 * random.uniform(-1, 1) * np.exp(-time * random.uniform(3, 30))
    elif colour[4] < 0.75:
        pitch *= 1 + 0.02 * np.sin(2 * np.pi * (4 + 5 * colour[6]) * time) * np.minimum(1, 3 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    width = 0.1 + 0.4 * colour[0] + 0.1 * colour[7] * np.sin(2 * np.pi * 3 * time)
    tone = scipy.signal.square(phase, np.clip(width, 0.02, 0.98)) if colour[1] < 0.6 else scipy.signal.sawtooth(phase)
    sos = scipy.signal.butter(1, min(0.45 * RATE_HZ, 400 + 9000 * colour[2]), fs=RATE_HZ, output="sos")
    return np.asarray(scipy.signal.sosfilt(sos, tone)) * np.exp(-time * 8 * colour[3] ** 2)


def _sung(random: np.random.Generator, hertz: float, seconds: float, colour: Samples) -> Samples:
    """A voice that sings a vowel, with a consonant before it at times, or a choir of such voices."""
    count = max(512, int(seconds * RATE_HZ))
    time, found = np.arange(count) / RATE_HZ, np.zeros(count)
    while hertz > 700:
        hertz /= 2
    vowel = VOWELS[random.integers(len(VOWELS))]
    for _ in range(1 if colour[0] < 0.6 else 5):
        bent = 1 + 0.01 * np.sin(2 * np.pi * random.uniform(4.5, 6.5) * time + random.uniform(0, 6)) * np.minimum(
            1, 2 * time
        )
        bent = bent * (1 - 0.06 * np.exp(-time * 25)) * random.uniform(0.995, 1.005)
        found += scipy.signal.sawtooth(2 * np.pi * np.cumsum(hertz * bent) / RATE_HZ + random.uniform(0, 6), 0.9)
    voiced = sum(_formant(found, centre * (0.9 + 0.3 * colour[1])) for centre in vowel)
    note = np.asarray(voiced) * np.minimum(1, time / 0.06) * np.minimum(1, (time[-1] - time) / 0.08)
    if random.random() < 0.5:
        hiss = random.standard_normal(min(count, int(0.07 * RATE_HZ)))
        note[: len(hiss)] += 0.5 * np.abs(note).max() * hiss * np.hanning(len(hiss)) * random.random()
    return note / max(np.abs(note).max(), 1e-9)


def _formant(values: Samples, hertz: float) -> Samples:
    top, bottom = scipy.signal.iirpeak(min(hertz, 0.45 * RATE_HZ), 8, fs=RATE_HZ)
    return np.asarray(scipy.signal.lfilter(top, bottom, values))


VOICES = (_harmonic, _harmonic, _harmonic, _plucked, _plucked, _bell, _chip, _chip, _sung, _sung)


def drums(random: np.random.Generator, count: int, beat: float) -> Samples:
    """A kit of a few pieces in a pattern of sixteen steps, with accents, swing and now and then a roll."""
    found, step = np.zeros(count), beat / 4
    kit = [DRUMS[place](random) for place in random.choice(len(DRUMS), size=random.integers(1, 6))]
    odds = (
        np.array([0.5, 0.08, 0.25, 0.08] * 4) * random.uniform(0.4, 2.2, (len(kit), 1)) * random.uniform(0.3, 1.7, 16)
    )
    patterns, accents = random.random((len(kit), 16)) < odds, random.uniform(0.2, 1, (len(kit), 16))
    swing, loose = random.choice([0, 0, 0.3]) * step, random.choice([0, 0.01])
    for turn in range(int(count / RATE_HZ / step) + 1):
        if turn % 64 == 48 and random.random() < 0.3:
            patterns = random.random((len(kit), 16)) < odds
        late = swing * (turn % 2) + abs(loose * random.standard_normal())
        for pattern, accent, hit in zip(patterns, accents, kit, strict=True):
            if pattern[turn % 16]:
                _add(found, turn * step + late, hit * accent[turn % 16] * random.uniform(0.8, 1))
    return found / max(np.abs(found).max(), 1e-9)


def _struck(random: np.random.Generator) -> Samples:
    """Kick, tom, conga, wood: a tone that falls a little, with a click."""
    hertz, fade = np.exp(random.uniform(np.log(40), np.log(900))), random.uniform(8, 60)
    time = np.arange(int(min(0.5, 6 / fade) * RATE_HZ)) / RATE_HZ
    pitch = hertz * (1 + random.uniform(0, 3) * np.exp(-time * random.uniform(20, 80)))
    tone = np.sin(2 * np.pi * np.cumsum(pitch) / RATE_HZ) * np.exp(-time * fade)
    return tone + random.uniform(0, 0.3) * random.standard_normal(len(time)) * np.exp(-time * 200)


def _rattled(random: np.random.Generator) -> Samples:
    """Snare, clap, brush: a burst of noise in some band, at times with a tone or in several strokes."""
    fade = random.uniform(6, 70)
    time = np.arange(int(min(0.6, 6 / fade) * RATE_HZ)) / RATE_HZ
    low = np.exp(random.uniform(np.log(100), np.log(3000)))
    sos = scipy.signal.butter(
        1, (low, min(0.45 * RATE_HZ, low * random.uniform(2, 20))), "bandpass", fs=RATE_HZ, output="sos"
    )
    noise = scipy.signal.sosfilt(sos, random.standard_normal(len(time)))
    hit = noise / np.abs(noise).max() * np.exp(-time * fade)
    if random.random() < 0.5:
        hit += random.uniform(0.1, 0.8) * np.sin(2 * np.pi * random.uniform(120, 350) * time) * np.exp(-time * 20)
    if random.random() < 0.25:
        for stroke in (0.011, 0.023):
            hit[int(stroke * RATE_HZ) :] += hit[: len(hit) - int(stroke * RATE_HZ)]
    return np.asarray(hit)


def _ringing(random: np.random.Generator) -> Samples:
    """Hi-hat, cymbal, shaker, triangle: high noise or many high tones."""
    fade = random.uniform(3, 90)
    time = np.arange(int(min(1.0, 6 / fade) * RATE_HZ)) / RATE_HZ
    noise = np.diff(random.standard_normal(len(time)), prepend=0.0)
    tones = sum(np.sin(2 * np.pi * hertz * time) for hertz in random.uniform(2000, 9500, 8))
    share = random.random()
    return (share * noise + (1 - share) * 0.3 * np.asarray(tones)) * np.exp(-time * fade) * np.minimum(1, time / 0.002)


def _held_noise(random: np.random.Generator) -> Samples:
    """The drum of old games: noise whose samples are held for a while."""
    fade, hold = random.uniform(8, 60), random.integers(1, 12)
    time = np.arange(int(min(0.5, 6 / fade) * RATE_HZ)) / RATE_HZ
    noise = np.repeat(random.choice([-1.0, 1.0], len(time) // hold + 1), hold)[: len(time)]
    return np.asarray(noise * np.exp(-time * fade))


DRUMS = (_struck, _struck, _rattled, _rattled, _ringing, _ringing, _held_noise)


def gated(random: np.random.Generator, values: Samples) -> Samples:
    """Music that beats: tremolo, a gate in time, a compressor that ducks at each beat."""
    time, hertz = np.arange(len(values)) / RATE_HZ, random.uniform(1, 9)
    depth, turn = random.uniform(0.3, 1), (hertz * time + random.random()) % 1
    shape = random.choice(["sine", "gate", "duck"])
    if shape == "sine":
        gain = 0.5 + 0.5 * np.sin(2 * np.pi * turn)
    elif shape == "gate":
        gain = scipy.ndimage.uniform_filter1d((turn < random.uniform(0.2, 0.8)).astype(float), 200)
    else:
        gain = np.minimum(1, turn / random.uniform(0.2, 0.9))
    return (values * (1 - depth + depth * gain)).astype(np.float32)


def _hall(random: np.random.Generator, values: Samples) -> Samples:
    count = int(random.uniform(0.2, 2) * RATE_HZ)
    tail = random.standard_normal(count) * np.exp(-np.arange(count) / count * 6)
    tail[0] = np.sqrt(np.sum(tail**2)) * random.uniform(0.5, 2)
    return np.asarray(scipy.signal.fftconvolve(values, tail)[: len(values)])
