"""Multi-label models: rows of numbers in, calibrated chances of thousands of classes out, in numpy alone.

A model is a few networks that answer together: the inputs are standardised, each track's stretch is brought to one
length where the recipe says so, the members' log-odds are averaged and then bent to the chances that rows kept apart
showed. Work goes block by block, so that memory does not grow with the rows.

    x -> standardise -> unit length for each input -> members -> mean log-odds -> slope * log-odds + offset

References:
    L. Breiman, 1996, Bagging predictors. J. Platt, 1999, Probabilistic outputs for support vector machines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from cueline.errors import FormatError
from cueline.models.cards import ModelCard
from cueline.models.inputs import Floats, Preparation, Values
from cueline.models.networks import NETWORKS, sigmoid
from cueline.timeline.toplists import TopLists, top_classes

BLOCK_ROWS = 2048
AT_ONCE = 2  # blocks: what a product leaves idle of the cores, the other block uses
OWN = ("mean", "scale", "slopes", "offsets", "thresholds")  # arrays of the model; those of members are "0.name", ...


@dataclass(frozen=True, slots=True, eq=False)
class MultiLabelModel:
    """A trained model.

    Attributes:
        card: What it is.
        arrays: `mean` and `scale` of the inputs, shape (D,), `slopes`, `offsets` and `thresholds` of the classes, shape
            (C,), and the weights of each member, whose names begin with its number and a dot.
    """

    card: ModelCard
    arrays: Mapping[str, Floats]

    def __post_init__(self) -> None:
        """Refuse arrays that do not fit the card."""
        lengths = dict.fromkeys(OWN[:2], self.card.width) | dict.fromkeys(OWN[2:], len(self.card.classes))
        for name, length in lengths.items():
            if name not in self.arrays:
                raise FormatError(f"a model has the array {name!r}, got {', '.join(sorted(self.arrays)) or 'none'}")
            if self.arrays[name].shape != (length,):
                raise FormatError(f"the array {name!r} must have shape {(length,)}, got {self.arrays[name].shape}")
        if str(self.card.recipe.get("network")) not in NETWORKS:
            raise FormatError(
                f"the network of a model must be one of {', '.join(NETWORKS)}, got {self.card.recipe.get('network')!r}"
            )
        if not self.members:
            raise FormatError("a model has at least one member, whose arrays begin with '0.', got none")

    @property
    def members(self) -> int:
        """How many networks answer together."""
        return len({name.split(".")[0] for name in self.arrays if name not in OWN})

    @property
    def thresholds(self) -> Floats:
        """The chance from which on each class is said to be there, shape (C,)."""
        return self.arrays["thresholds"]

    @property
    def preparation(self) -> Preparation:
        """What is done to rows before the networks see them."""
        card = self.card
        unit = bool(card.recipe.get("unit"))
        return Preparation(card.inputs, card.uint8, self.arrays["mean"], self.arrays["scale"], unit)

    def chances(self, values: Values) -> Iterator[Floats]:
        """Calibrated chances, block by block in order, shape (B, C) each.

        Args:
            values: Raw rows, shape (N, D), perhaps memory-mapped.
        """
        for odds in self.log_odds(values):
            yield sigmoid(odds)

    def log_odds(self, values: Values) -> Iterator[Floats]:
        """Calibrated log-odds, block by block in order, shape (B, C) each.

        Args:
            values: Raw rows, shape (N, D), perhaps memory-mapped.
        """
        for first in range(0, len(values), BLOCK_ROWS):
            yield self._block(values, first)

    def raw_log_odds(self, values: Values) -> Floats:
        """Mean of the members' log-odds, not calibrated, shape (N, C)."""
        x, network = self.preparation(values), NETWORKS[self.card.recipe["network"]]
        total = network(x, self._member(0))
        for number in range(1, self.members):
            total += network(x, self._member(number))
        total /= np.float32(self.members)
        return total

    def top(self, values: Values, k: int = 20) -> TopLists:
        """The k likeliest classes of each row with their calibrated chances.

        Args:
            values: Raw rows, shape (N, D), perhaps memory-mapped.
            k: How many, 1 or more; all where there are fewer.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            starts = range(0, len(values), BLOCK_ROWS)
            blocks = list(pool.map(lambda first: top_classes(self._block(values, first), k), starts))
        k = min(k, len(self.card.classes))
        classes = np.concatenate([np.empty((0, k), np.int32), *(block.classes for block in blocks)])
        scores = np.concatenate([np.empty((0, k), np.float32), *(block.scores for block in blocks)])
        return TopLists(classes, sigmoid(scores), len(self.card.classes))

    def _block(self, values: Values, first: int) -> Floats:
        odds = self.raw_log_odds(values[first : first + BLOCK_ROWS])
        odds *= self.arrays["slopes"]
        odds += self.arrays["offsets"]
        return odds

    def _member(self, number: int) -> dict[str, Floats]:
        mine = f"{number}."
        return {name.removeprefix(mine): array for name, array in self.arrays.items() if name.startswith(mine)}

    def __repr__(self) -> str:
        """Sizes, not contents."""
        count = sum(array.size for array in self.arrays.values())
        return f"MultiLabelModel({self.card!r}, {self.members} members, {count / 1e6:.1f} million numbers)"
