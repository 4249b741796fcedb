"""Small models without training, as tests of models, tags and predictions use them."""

import numpy as np

from cueline.models.cards import ClassEntry, Input, ModelCard
from cueline.models.multilabel import MultiLabelModel

WIDTH, CLASSES = 8, 5
INPUTS = (Input("features", WIDTH),)
UINT8 = (4 / 255, 4 / 512 - 2)


def made_card(*, inputs=INPUTS, classes=CLASSES, network="logistic", unit=False, **more):
    entries = tuple(
        ClassEntry(f"class {number}", f"/m/{number}", f"https://example.org/{number}", ("Games", "Arts")[: number % 3])
        for number in range(classes)
    )
    return ModelCard(inputs, entries, more.pop("uint8", UINT8), {"network": network, "unit": unit}, **more)


def own_arrays(card, rng):
    """What a model has besides its members: nothing is moved, nothing is bent, all is told from a half on."""
    classes = len(card.classes)
    return {
        "mean": np.zeros(card.width, np.float32),
        "scale": np.ones(card.width, np.float32),
        "slopes": np.ones(classes, np.float32),
        "offsets": np.zeros(classes, np.float32),
        "thresholds": np.full(classes, 0.5, np.float32),
    }


def straight(card, rng):
    """One straight layer."""
    return {
        "layers.0.weight": rng.standard_normal((card.width, len(card.classes))).astype(np.float32),
        "layers.0.bias": rng.standard_normal(len(card.classes)).astype(np.float32),
    }


def made_model(*, members=2, seed=0, **about):
    """Logistic members with weights drawn at random."""
    card, rng = made_card(**about), np.random.default_rng(seed)
    arrays = own_arrays(card, rng)
    for number in range(members):
        arrays |= {f"{number}.{name}": array for name, array in straight(card, rng).items()}
    return MultiLabelModel(card, arrays)


def made_rows(rows=30, width=WIDTH, seed=0):
    return np.random.default_rng(seed).standard_normal((rows, width)).astype(np.float32)
