"""Forward passes of the networks for many labels, in plain numpy: what training leaves, without what trained it.

A network is named arrays. Batch norm stands folded into the layer before it, dropout is gone, weights are (in, out).

    residual     input, gelu, then blocks x + second(gelu(first(norm(x)))), output
    perceptron   layers with ReLU between; with one layer it is logistic regression
    experts      for each class, gates that choose among experts and one that says no

References:
    D. Hendrycks and K. Gimpel, 2016, Gaussian error linear units. J. L. Ba et al., 2016, Layer normalization.
    M. I. Jordan and R. A. Jacobs, 1994, Hierarchical mixtures of experts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from cueline.errors import FormatError

Floats = npt.NDArray[np.float32]
Arrays = Mapping[str, Floats]
LAYER_NORM_EPS = np.float32(1e-5)
LEAST_CHANCE = np.float32(1e-7)
HALF, CUBIC, GELU_SCALE = np.float32(0.5), np.float32(0.044715), np.float32((2 / np.pi) ** 0.5)


def residual(x: Floats, arrays: Arrays) -> Floats:
    """Log-odds of a residual network, shape (N, D) to (N, C)."""
    x = gelu(_dense(x, arrays, "input"))
    for block in range(_depth(arrays, "blocks")):
        inner = layer_norm(x, arrays[f"blocks.{block}.norm.weight"], arrays[f"blocks.{block}.norm.bias"])
        inner = gelu(_dense(inner, arrays, f"blocks.{block}.first"))
        x = x + _dense(inner, arrays, f"blocks.{block}.second")
    return _dense(x, arrays, "output")


def perceptron(x: Floats, arrays: Arrays) -> Floats:
    """Log-odds of dense layers with ReLU between, shape (N, D) to (N, C)."""
    last = _depth(arrays, "layers") - 1
    for layer in range(last):
        x = np.maximum(_dense(x, arrays, f"layers.{layer}"), np.float32(0))
    return _dense(x, arrays, f"layers.{last}")


def experts(x: Floats, arrays: Arrays) -> Floats:
    """Log-odds of a mixture of experts, shape (N, D) to (N, C)."""
    gates, says = _dense(x, arrays, "gates"), _dense(x, arrays, "experts")
    per_class = gates.shape[1] - says.shape[1]
    gates = gates.reshape(len(x), per_class, -1)
    gates = np.exp(gates - gates.max(axis=2, keepdims=True))
    shares = gates[..., :-1] / gates.sum(axis=2, keepdims=True)
    chances = (shares * sigmoid(says.reshape(shares.shape))).sum(axis=2)
    chances = np.clip(chances, LEAST_CHANCE, 1 - LEAST_CHANCE)
    odds: Floats = np.log(chances / (1 - chances))
    return odds


NETWORKS: Mapping[str, Callable[[Floats, Arrays], Floats]] = {
    "residual": residual,
    "perceptron": perceptron,
    "logistic": perceptron,
    "experts": experts,
}


def gelu(x: Floats) -> Floats:
    """Each number times about the chance that a normal variable is below it, by the usual formula with tanh."""
    inner = np.square(x)
    inner *= CUBIC
    inner += np.float32(1)
    inner *= x
    inner *= GELU_SCALE
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= x
    inner *= HALF
    return inner


def layer_norm(x: Floats, weight: Floats, bias: Floats) -> Floats:
    """Each row brought to mean 0 and variance 1, then scaled and moved."""
    x = x - x.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(x).mean(axis=1, keepdims=True) + LAYER_NORM_EPS)
    normed: Floats = x / spread * weight + bias
    return normed


def sigmoid(odds: Floats) -> Floats:
    """Chances from log-odds, without overflow."""
    chances: Floats = odds * HALF
    np.tanh(chances, out=chances)
    chances *= HALF
    chances += HALF
    return chances


def _dense(x: Floats, arrays: Arrays, name: str) -> Floats:
    try:
        weight, bias = arrays[f"{name}.weight"], arrays[f"{name}.bias"]
    except KeyError as error:
        raise FormatError(f"the weights lack {error.args[0]!r}; they have: {', '.join(sorted(arrays))}") from error
    out: Floats = x @ weight
    out += bias
    return out


def _depth(arrays: Arrays, prefix: str) -> int:
    return len({name.split(".")[1] for name in arrays if name.startswith(f"{prefix}.")})
