"""The network that hears speech and music: convolutions over rows of half a second, in plain numpy.

    evidence (N, D) -> standardise -> dense -> 5 rows -> 5 of every third row -> 4 log-odds, added up from both

It sees four seconds before and after a row. What comes out is one of four: neither, speech, music, both - speech yes
or no times music yes or no. Members answer together: their chances are averaged, then sharpened or softened by one
number until they mean what they say. Trained by `benchmarks/kinds/train.py`; the weights lie beside this file as
safetensors, their data card as JSON.

References:
    A. van den Oord et al., 2016, WaveNet: A generative model for raw audio: dilated convolutions. C. Guo et al., 2017,
    On calibration of modern neural networks: one temperature.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file

Floats = npt.NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("weights.safetensors")
CARD = Path(__file__).with_name("card.json")
MOST_DEVIATIONS = 5.0
WIDTH = 5
STEPS = (1, 3)
REACH_ROWS = sum(step * (WIDTH // 2) for step in STEPS)


def state_chances(evidence: Floats, weights: Mapping[str, Floats]) -> Floats:
    """Chances of neither, speech, music and both in each row.

    Args:
        evidence: Shape (N, D).
        weights: By name, see `shipped`.

    Returns:
        Shape (N, 4), each row sums to 1; what lies more than `REACH_ROWS` away changes nothing.
    """
    standard = np.clip((evidence - weights["mean"]) * weights["scale"], -MOST_DEVIATIONS, MOST_DEVIATIONS)
    members = len({name.split(".")[0] for name in weights if name[0].isdigit()})
    chances = sum(_softmax(_member(standard, weights, f"{number}.")) for number in range(members)) / members
    odds = np.log(np.maximum(chances, 1e-9)) * weights["sharpness"]
    return _softmax(odds.astype(np.float32))


def _member(rows: Floats, weights: Mapping[str, Floats], of: str) -> Floats:
    dense = np.maximum(rows @ weights[f"{of}dense"] + weights[f"{of}dense_bias"], 0.0)
    near = np.maximum(_convolved(dense, weights[f"{of}near"], STEPS[0]) + weights[f"{of}near_bias"], 0.0)
    far = np.maximum(_convolved(near, weights[f"{of}far"], STEPS[1]) + weights[f"{of}far_bias"], 0.0)
    odds: Floats = (near + far) @ weights[f"{of}out"] + weights[f"{of}out_bias"]
    return odds


def _convolved(rows: Floats, kernel: Floats, step: int) -> Floats:
    """Weighted sums of rows around each row, zeros beyond the ends; kernel of shape (width, in, out)."""
    reach = step * (len(kernel) // 2)
    padded = np.pad(rows, ((reach, reach), (0, 0)))
    parts = [padded[place * step : place * step + len(rows)] for place in range(len(kernel))]
    summed: Floats = np.concatenate(parts, axis=1) @ kernel.reshape(-1, kernel.shape[2])
    return summed


def _softmax(odds: Floats) -> Floats:
    raised = np.exp(odds - odds.max(axis=1, keepdims=True))
    chances: Floats = raised / raised.sum(axis=1, keepdims=True)
    return chances


@functools.cache
def shipped() -> Mapping[str, Floats]:
    """The weights shipped with Cueline, by name.

    `mean` and `scale` of the evidence, `sharpness`, the curves of verdicts, and of each member, whose names begin with
    its number and a dot, `dense`, `near`, `far`, `out` and their biases.
    """
    return {name: array.astype(np.float32) for name, array in load_file(WEIGHTS).items()}


@functools.cache
def weights_hash() -> str:
    """SHA-256 of the weights, so that other weights make kinds of sound due again."""
    return hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()


def data_card() -> dict[str, Any]:
    """What the shipped weights learned from, under which licences, and how well they do: plain values."""
    card: dict[str, Any] = json.loads(CARD.read_text(encoding="utf-8"))
    return card
