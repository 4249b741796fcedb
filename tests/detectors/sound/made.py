"""Sounds whose kind nobody doubts, as tracks."""

import numpy as np
import scipy.signal

from cueline.features.sound import RATE_HZ
from tests.features.sound.made import heard, noise


def music(seconds, seed=0):
    """Chords of plucked and held notes in time."""
    random, found = np.random.default_rng(seed), np.zeros(round(seconds * RATE_HZ))
    for beat in np.arange(0, seconds, 0.5):
        root = 220 * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11]) / 12)
        times = np.arange(round(0.6 * RATE_HZ)) / RATE_HZ
        for ratio in (1, 1.26, 1.5, 2):
            note = sum(np.sin(2 * np.pi * root * ratio * order * times) / order for order in range(1, 8))
            first = round(beat * RATE_HZ)
            part = note[: len(found) - first] * np.exp(-2 * times)[: len(found) - first]
            found[first : first + len(part)] += part
    return (0.1 * found / np.sqrt(np.mean(found**2))).astype(np.float32)


def hiss(seconds, seed=0):
    """Steady noise."""
    return noise(round(seconds * RATE_HZ), seed, 0.05)


def nothing(seconds):
    """Digital silence."""
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def track(*parts):
    """The sound track of sounds one after another."""
    return heard(np.concatenate(parts))


def telephone(samples):
    """Only what a telephone lets through."""
    sos = scipy.signal.butter(4, (300, 3400), "bandpass", fs=RATE_HZ, output="sos")
    return scipy.signal.sosfilt(sos, samples).astype(np.float32)
