"""Labelled clips that are made up: numbers of a sound, and what a shipped model would say of them."""

import numpy as np

from cueline.learning.clips.problems import CURVE, Problem
from cueline.models.cards import Input
from cueline.models.clip_verdicts import KINDS

CLASSES = ("Dialogue", "Music", "Both")
SOUND = Input("sound", 4, ("mean", "std"), ("loud", "bright", "noisy", "plain"))
CHANCES = Input(CURVE, 5, ("mean",), KINDS)
KIND_OF = {"Dialogue": "speech", "Music": "music", "Both": "both"}


def made_problem(groups=12, each=2, *, classes=CLASSES, seed=0, spread=0.6, curve=True, shipped_right=0.8):
    """Clips whose numbers tell the class, with noise of each group; the shipped model is right of most."""
    chance = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(len(classes), SOUND.numbers)) * 1.5
    values, labels, names = [], [], []
    for group in range(groups):
        label = group % len(classes)
        own = chance.normal(size=SOUND.numbers) * spread
        for _ in range(each):
            row = centres[label] + own + chance.normal(size=SOUND.numbers) * spread
            values.append(np.concatenate([row, shipped(classes[label], chance, shipped_right)]) if curve else row)
            labels.append(label)
            names.append(f"group {group:03}")
    inputs = (SOUND, CHANCES) if curve else (SOUND,)
    return Problem(np.array(values, np.float32), np.array(labels), tuple(names), classes, inputs)


def shipped(label, chance, right):
    """Chances of the five kinds, the greatest on the right one as often as asked for."""
    kind = KIND_OF.get(label, "noise")
    said = kind if chance.random() < right else KINDS[int(chance.integers(3))]
    found = np.full(5, 0.05)
    found[KINDS.index(said)] = 0.8
    return found
