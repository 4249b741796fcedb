"""Noise made by a seed: what is neither speech nor music, of many kinds.

The kinds stand in two lists: `HEARD` is learned from, `UNHEARD` only judges, so that the figure for noise speaks of
kinds of noise that were never heard.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import scipy.fft
import scipy.signal

from cueline.features.sound import RATE_HZ

Samples = np.ndarray
Kind = Callable[[np.random.Generator, int], Samples]


def coloured(random: np.random.Generator, count: int) -> Samples:
    """Steady noise whose power falls or rises with frequency, with a bump or two."""
    size = scipy.fft.next_fast_len(count, real=True)
    spectrum = scipy.fft.rfft(random.standard_normal(size))
    hertz = scipy.fft.rfftfreq(size, 1 / RATE_HZ)
    spectrum *= np.maximum(hertz, 20.0) ** -random.uniform(-0.2, 1.2)
    for _ in range(random.integers(0, 4)):
        centre, width = np.exp(random.uniform(np.log(80), np.log(8000))), random.uniform(0.1, 0.8)
        spectrum *= 1 + random.uniform(0.5, 6) * np.exp(-((np.log(np.maximum(hertz, 1) / centre) / width) ** 2))
    return np.asarray(scipy.fft.irfft(spectrum, size)[:count])


def wind(random: np.random.Generator, count: int) -> Samples:
    """Low noise that swells and falls."""
    return _band(random.standard_normal(count), 20, random.uniform(150, 900)) * _swell(random, count, 0.1, 1.5)


def waves(random: np.random.Generator, count: int) -> Samples:
    """Surf, traffic that passes: broad noise in slow swells."""
    return coloured(random, count) * _swell(random, count, 0.05, 0.5) ** 2


def hum(random: np.random.Generator, count: int) -> Samples:
    """Mains hum or a fan: a steady low tone with overtones, in noise."""
    base, time = random.choice([50, 60, random.uniform(30, 240)]), np.arange(count) / RATE_HZ
    tone = sum(
        random.uniform(0, 1) / order * np.sin(2 * np.pi * (base * order * time + random.random()))
        for order in range(1, random.integers(3, 20))
    )
    return tone + random.uniform(0.05, 1) * coloured(random, count)


def engine(random: np.random.Generator, count: int) -> Samples:
    """Pulses at a rate that wanders, through a resonance."""
    rate = random.uniform(15, 120) * np.exp(0.3 * _drift(random, count, 0.3))
    phase = np.cumsum(rate) / RATE_HZ
    pulses = np.diff(np.floor(phase), prepend=0.0) * random.uniform(0.6, 1.4, count)
    return _ring(pulses, random.uniform(80, 900), random.uniform(0.002, 0.02)) + 0.02 * _unit(coloured(random, count))


def rain(random: np.random.Generator, count: int) -> Samples:
    """Many small drops, crackle, fire: short rings at random moments."""
    drops = np.where(random.random(count) < np.exp(random.uniform(-8.5, -4)), random.exponential(1, count), 0)
    return _ring(drops, random.uniform(900, 7000), random.uniform(0.0005, 0.004)) + 0.01 * coloured(random, count)


def knocks(random: np.random.Generator, count: int) -> Samples:
    """Steps, hammering, typing, claps: single hits, steady or not, in a quiet place."""
    gap, hits = random.uniform(0.08, 0.9), np.zeros(count)
    uneven, place = random.choice([0.02, 0.3, 0.8]), 0.0
    while place < count / RATE_HZ:
        hits[min(count - 1, int(place * RATE_HZ))] = random.uniform(0.3, 1)
        place += max(0.04, gap * (1 + uneven * random.standard_normal()))
    body = _ring(hits, random.uniform(100, 3000), random.uniform(0.003, 0.04))
    burst = scipy.signal.fftconvolve(hits, random.standard_normal(2000) * np.exp(-np.arange(2000) / 300))[:count]
    return body / max(np.abs(body).max(), 1e-9) + random.uniform(0, 1) * burst + 1e-3 * coloured(random, count)


def applause(random: np.random.Generator, count: int) -> Samples:
    """Hundreds of hands."""
    claps = random.poisson(random.uniform(20, 400) / RATE_HZ, count) * random.uniform(0.3, 1, count)
    shape = random.standard_normal(900) * np.exp(-np.arange(900) / random.uniform(60, 250))
    return _band(scipy.signal.fftconvolve(claps, shape)[:count], 400, 6000) * _swell(random, count, 0.1, 0.5)


def birds(random: np.random.Generator, count: int) -> Samples:
    """Chirps and squeaks: short sweeps here and there, over a little noise."""
    found = 0.02 * _unit(coloured(random, count))
    for _ in range(int(count / RATE_HZ * random.uniform(0.5, 5))):
        length = int(random.uniform(0.03, 0.25) * RATE_HZ)
        start = random.integers(0, max(1, count - length))
        top, time = random.uniform(1500, 7000), np.linspace(0, 1, length)
        pitch = top * (1 + random.uniform(-0.4, 0.4) * time + 0.1 * np.sin(2 * np.pi * random.uniform(0, 20) * time))
        chirp = np.sin(2 * np.pi * np.cumsum(pitch) / RATE_HZ) * np.hanning(length)
        found[start : start + length] += random.uniform(0.2, 1) * chirp[: count - start]
    return found


def grinding(random: np.random.Generator, count: int) -> Samples:
    """A drill or saw: a rough tone that wanders, and noise about it."""
    pitch = random.uniform(120, 1500) * np.exp(0.15 * _drift(random, count, 1.0))
    tone = scipy.signal.sawtooth(2 * np.pi * np.cumsum(pitch) / RATE_HZ)
    rough = 1 + random.uniform(0, 0.8) * random.standard_normal(count)
    return tone * rough * _swell(random, count, 0.2, 2) + random.uniform(0.3, 2) * _unit(coloured(random, count))


def rustle(random: np.random.Generator, count: int) -> Samples:
    """Paper, cloth, gravel, frying: bursts of high noise at no regular time, shorter and longer."""
    found = 0.02 * _unit(coloured(random, count))
    for _ in range(int(count / RATE_HZ * np.exp(random.uniform(np.log(3), np.log(60))))):
        length = int(random.uniform(0.01, 0.25) * RATE_HZ)
        start = random.integers(0, max(1, count - length))
        burst = random.standard_normal(length) * np.hanning(length) ** random.uniform(0.3, 2)
        found[start : start + length] += (random.exponential(1) * burst)[: count - start]
    return _band(found, random.uniform(100, 2500), random.uniform(4000, 9500))


def clatter(random: np.random.Generator, count: int) -> Samples:
    """Dishes, tools, coins: things that ring out of tune with one another at no regular time."""
    found = 0.01 * _unit(coloured(random, count))
    things = [np.exp(random.uniform(np.log(400), np.log(8000), random.integers(2, 7))) for _ in range(4)]
    for _ in range(int(count / RATE_HZ * random.uniform(0.7, 8))):
        time = np.arange(int(random.uniform(0.03, 0.4) * RATE_HZ)) / RATE_HZ
        pitches = things[random.integers(4)] * random.uniform(0.97, 1.03)
        ring = np.sin(2 * np.pi * np.outer(pitches, time)).sum(axis=0) + 2 * random.standard_normal(len(time))
        hit = random.exponential(1) * ring * np.exp(-time * random.uniform(8, 90))
        start = random.integers(0, max(1, count - len(time)))
        found[start : start + len(time)] += hit[: count - start]
    return found


def crackle(random: np.random.Generator, count: int) -> Samples:
    """An empty record groove, a bad line: hiss with clicks."""
    clicks = np.where(random.random(count) < random.uniform(2e-4, 3e-3), random.standard_normal(count), 0)
    return _unit(coloured(random, count)) + random.uniform(2, 20) * _ring(clicks, random.uniform(500, 5000), 0.0005)


def train_ride(random: np.random.Generator, count: int) -> Samples:
    """A rumble with regular double knocks."""
    gap, hits = random.uniform(0.6, 1.4), np.zeros(count)
    for place in np.arange(0, count / RATE_HZ - 0.3, gap):
        for late in (0, 0.14):
            hits[int((place + late + random.uniform(0, 0.01)) * RATE_HZ)] = random.uniform(0.5, 1)
    knock = _unit(_ring(hits, random.uniform(60, 300), 0.02))
    return _unit(_band(random.standard_normal(count), 20, random.uniform(200, 700))) + random.uniform(0.3, 2) * knock


def siren(random: np.random.Generator, count: int) -> Samples:
    """Sirens, alarms and telephones: one tone up and down, or on and off."""
    time, slow = np.arange(count) / RATE_HZ, random.uniform(0.15, 4)
    low = random.uniform(350, 1800)
    turn = scipy.signal.square if random.random() < 0.5 else np.sin
    pitch = low * (1 + random.uniform(0.05, 0.5) * turn(2 * np.pi * slow * time))
    tone = np.tanh(random.uniform(0.5, 3) * np.sin(2 * np.pi * np.cumsum(pitch) / RATE_HZ))
    if random.random() < 0.5:
        tone *= scipy.signal.square(2 * np.pi * random.uniform(0.3, 4) * time, random.uniform(0.3, 0.7)) > 0
    return tone + random.uniform(0.05, 1) * _unit(coloured(random, count))


def bubbling(random: np.random.Generator, count: int) -> Samples:
    """Water: many rising blips."""
    found = 0.05 * _unit(coloured(random, count))
    for _ in range(int(count / RATE_HZ * random.uniform(10, 60))):
        length = int(random.uniform(0.01, 0.06) * RATE_HZ)
        start, time = random.integers(0, max(1, count - length)), np.arange(length) / RATE_HZ
        pitch = random.uniform(300, 3000) * (1 + random.uniform(0, 8) * time)
        blip = np.sin(2 * np.pi * pitch * time) * np.exp(-time * random.uniform(40, 150))
        found[start : start + length] += random.uniform(0.1, 1) * blip[: count - start]
    return found


def texture(random: np.random.Generator, count: int) -> Samples:
    """Anything that goes on: bands of noise, each of which swells, stutters or ticks in its own time."""
    edges = np.exp(np.linspace(np.log(60), np.log(9500), random.integers(4, 13)))
    common = _drift(random, count, random.uniform(0.3, 20))
    found = np.zeros(count)
    for low, high in itertools.pairwise(edges):
        swell = random.uniform(0, 1.5) * _drift(random, count, np.exp(random.uniform(np.log(0.3), np.log(40))))
        band = _unit(_band(random.standard_normal(count), low, high))
        found += random.exponential(1) * (low / 100) ** -random.uniform(0, 0.8) * band * np.exp(swell + common * 0.5)
    return found


def helicopter(random: np.random.Generator, count: int) -> Samples:
    """Blades: low noise that beats steadily, 9 to 25 times a second."""
    beat = 0.5 + 0.5 * np.sin(2 * np.pi * random.uniform(9, 25) * np.arange(count) / RATE_HZ)
    low = _band(random.standard_normal(count), 30, random.uniform(300, 1500))
    return _unit(low) * beat ** random.uniform(1, 4) + 0.1 * _unit(coloured(random, count))


def thunder(random: np.random.Generator, count: int) -> Samples:
    """Thunder, fireworks, shots: few bangs, each with a long dark tail."""
    hits = np.where(random.random(count) < random.uniform(0.3, 2) / RATE_HZ, random.exponential(1, count), 0.0)
    hits[int(random.uniform(0, 0.3) * count)] = 1
    length = int(random.uniform(0.5, 2.5) * RATE_HZ)
    tail = random.standard_normal(length) * np.exp(-5 * np.arange(length) / length)
    bang = scipy.signal.fftconvolve(hits, tail)[:count]
    return _band(bang, 20, random.uniform(300, 3000)) + 0.002 * _unit(coloured(random, count))


def crickets(random: np.random.Generator, count: int) -> Samples:
    """Insects at night: high tones, each pulsed in its own quick time, over faint noise."""
    time, found = np.arange(count) / RATE_HZ, 0.1 * _unit(coloured(random, count))
    for _ in range(random.integers(1, 5)):
        tone = np.sin(2 * np.pi * random.uniform(2500, 7500) * time)
        quick = scipy.signal.square(2 * np.pi * random.uniform(15, 60) * time) > 0
        slow = scipy.signal.square(2 * np.pi * random.uniform(0.8, 3) * time + random.uniform(0, 6), 0.5) > 0
        found += random.uniform(0.2, 1) * tone * quick * slow
    return found


HEARD: tuple[Kind, ...] = (
    coloured,
    wind,
    waves,
    hum,
    engine,
    rain,
    knocks,
    birds,
    grinding,
    rustle,
    clatter,
    crackle,
    siren,
    applause,
    train_ride,
    bubbling,
    texture,
    texture,
)
UNHEARD: tuple[Kind, ...] = (helicopter, thunder, crickets)


def noise(random: np.random.Generator, count: int, kinds: tuple[Kind, ...] = HEARD) -> Samples:
    """Noise of one kind, or of two together, of level 1 (root mean square), shape (count,), float32."""
    found = _unit(kinds[random.integers(len(kinds))](random, count))
    if random.random() < 0.3:
        found = found + random.uniform(0.1, 1) * _unit(kinds[random.integers(len(kinds))](random, count))
    return _unit(found).astype(np.float32)


def _unit(values: Samples) -> Samples:
    return values / max(float(np.sqrt(np.mean(values**2))), 1e-9)


def _band(values: Samples, low: float, high: float) -> Samples:
    sos = scipy.signal.butter(2, (low, min(high, 0.45 * RATE_HZ)), "bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(scipy.signal.sosfilt(sos, values))


def _ring(hits: Samples, hertz: float, seconds: float) -> Samples:
    """Hits through a resonance that dies away."""
    radius = np.exp(-1 / (seconds * RATE_HZ))
    poles = [1, -2 * radius * np.cos(2 * np.pi * hertz / RATE_HZ), radius**2]
    return np.asarray(scipy.signal.lfilter([1 - radius], poles, hits))


def _drift(random: np.random.Generator, count: int, hertz: float) -> Samples:
    """A slow curve about 0 that changes within about 1 / hertz seconds."""
    points = random.standard_normal(max(4, int(count / RATE_HZ * hertz * 2) + 4))
    return np.interp(np.linspace(0, len(points) - 1, count), np.arange(len(points)), points)


def _swell(random: np.random.Generator, count: int, slowest: float, fastest: float) -> Samples:
    return np.exp(random.uniform(0.1, 1.2) * _drift(random, count, random.uniform(slowest, fastest)))
