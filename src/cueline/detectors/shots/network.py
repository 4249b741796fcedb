"""Small networks of plain numpy that turn evidence into the chance of a cut, or of a gradual transition.

An ensemble of M networks with rectified hidden layers: standardise, multiply, add, keep what is positive, once a
layer; the last layer gives a log-odds, and the chances of the members are averaged. Trained by
`benchmarks/shots/train.py`; the weights lie beside this file as safetensors.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

Floats = npt.NDArray[np.float32]
WEIGHTS = Path(__file__).with_name("weights.safetensors")
MOST_DEVIATIONS = 6.0


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks that answer together.

    Attributes:
        mean: Of each number of the evidence, shape (D,).
        scale: One over its standard deviation, shape (D,).
        layers: Weights (M, in, out) and biases (M, 1, out) of each layer; the last has one output.
    """

    mean: Floats
    scale: Floats
    layers: tuple[tuple[Floats, Floats], ...]

    def chances(self, evidence: Floats) -> Floats:
        """The chance that each row is what was learned.

        Args:
            evidence: Shape (N, D).

        Returns:
            Shape (N,), between 0 and 1.
        """
        standard = np.clip((evidence - self.mean) * self.scale, -MOST_DEVIATIONS, MOST_DEVIATIONS)
        flow = np.broadcast_to(standard, (len(self.layers[0][0]), *standard.shape))
        for weights, biases in self.layers[:-1]:
            flow = np.maximum(flow @ weights + biases, 0.0)
        weights, biases = self.layers[-1]
        odds = (flow @ weights + biases)[..., 0]
        chances: Floats = (0.5 + 0.5 * np.tanh(odds / 2)).mean(axis=0).astype(np.float32)
        return chances


@functools.cache
def weights_hash() -> str:
    """SHA-256 of the weights, so that other weights make shots due again."""
    return hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()


@functools.cache
def ensemble(what: Literal["cut", "gradual"]) -> Ensemble:
    """The networks shipped with Cueline."""
    values = {name: array.astype(np.float32) for name, array in load_file(WEIGHTS).items() if name.startswith(what)}
    depth = sum(name.startswith(f"{what}.weights") for name in values)
    layers = tuple((values[f"{what}.weights.{layer}"], values[f"{what}.biases.{layer}"]) for layer in range(depth))
    return Ensemble(values[f"{what}.mean"], values[f"{what}.scale"], layers)
