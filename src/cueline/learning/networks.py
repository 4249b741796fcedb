"""Networks for many labels, as torch trains them: rows of numbers in, log-odds of classes out.

What comes before a network and is not learned is `cueline.models.inputs`; what is left of one when it has learned,
`exported`, is run by `cueline.models.networks` without torch.

References:
    K. He et al., 2016, Identity mappings in deep residual networks. S. Abu-El-Haija et al., 2016, YouTube-8M: logistic
    and mixture-of-experts models. X. Glorot and Y. Bengio, 2010, Understanding the difficulty of training deep
    feedforward neural networks: the first weights of perceptrons.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from cueline.learning.recipes import Recipe


class Residual(nn.Module):
    """x + B gelu(A norm(x)); B begins as zero, so that a deep network begins as a shallow one."""

    def __init__(self, width: int, dropout: float) -> None:
        """A block of one width."""
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, H) in and out."""
        inner: Tensor = self.second(functional.gelu(self.first(self.norm(x)), approximate="tanh"))
        out: Tensor = x + self.dropout(inner)
        return out


class ResidualNetwork(nn.Module):
    """One layer with batch norm, residual blocks, one layer out."""

    def __init__(self, width: int, recipe: Recipe, prior: Tensor) -> None:
        """For `width` inputs; the output begins at the log-odds of how common each class is."""
        super().__init__()
        hidden = recipe.hidden[0]
        self.input_dropout = nn.Dropout(recipe.input_dropout)
        self.input = nn.Linear(width, hidden)
        self.norm = nn.BatchNorm1d(hidden)
        self.blocks = nn.Sequential(*(Residual(hidden, recipe.dropout) for _ in recipe.hidden[1:]))
        self.dropout = nn.Dropout(recipe.dropout)
        self.output = nn.Linear(hidden, len(prior))
        self.output.bias.data.copy_(prior)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, D) to (B, C)."""
        hidden = functional.gelu(self.norm(self.input(self.input_dropout(x))), approximate="tanh")
        odds: Tensor = self.output(self.dropout(self.blocks(hidden)))
        return odds


class Perceptron(nn.Module):
    """Dense layers with ReLU between, weights by Xavier; without hidden ones it is logistic regression."""

    def __init__(self, widths: Sequence[int], recipe: Recipe, prior: Tensor | None) -> None:
        """Layers between these widths; a prior starts the last bias."""
        super().__init__()
        self.input_dropout = nn.Dropout(recipe.input_dropout)
        layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
        for layer in layers:
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
        if prior is not None:
            layers[-1].bias.data.copy_(prior)
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, D) to (B, C)."""
        x = self.input_dropout(x)
        for layer in self.layers[:-1]:
            x = functional.relu(layer(x))
        odds: Tensor = self.layers[-1](x)
        return odds


class Experts(nn.Module):
    """For each class a gate that chooses among experts, and one that says no: chances are sums of gate times expert."""

    def __init__(self, width: int, recipe: Recipe, prior: Tensor) -> None:
        """For `width` inputs."""
        super().__init__()
        self.shape = (len(prior), recipe.experts)
        self.input_dropout = nn.Dropout(recipe.input_dropout)
        self.gates = nn.Linear(width, len(prior) * (recipe.experts + 1))
        self.experts = nn.Linear(width, len(prior) * recipe.experts)
        self.experts.bias.data.copy_(prior.repeat_interleave(recipe.experts))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (B, D) to (B, C)."""
        classes, experts = self.shape
        x = self.input_dropout(x)
        gates = torch.softmax(self.gates(x).float().view(-1, classes, experts + 1), dim=2)[..., :experts]
        says = torch.sigmoid(self.experts(x).float().view(-1, classes, experts))
        return torch.logit((gates * says).sum(dim=2), eps=1e-7)


def network(width: int, recipe: Recipe, prior: Tensor) -> nn.Module:
    """The network of a recipe.

    Args:
        width: D, how many numbers a row has.
        recipe: Says its shape.
        prior: Log-odds of each class among the rows to learn from, shape (C,).
    """
    if recipe.network == "residual":
        return ResidualNetwork(width, recipe, prior)
    if recipe.network == "experts":
        return Experts(width, recipe, prior)
    start = prior if recipe.network == "logistic" else None
    return Perceptron((width, *recipe.hidden, len(prior)), recipe, start)


def exported(network: nn.Module) -> dict[str, npt.NDArray[np.float32]]:
    """The weights as `cueline.models.networks` reads them: (in, out), batch norm folded into the layer before it."""
    arrays = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
    if isinstance(network, ResidualNetwork):
        scale = arrays.pop("norm.weight") / torch.sqrt(arrays.pop("norm.running_var") + network.norm.eps)
        moved = arrays["input.bias"] - arrays.pop("norm.running_mean")
        arrays["input.weight"] *= scale[:, None]
        arrays["input.bias"] = moved * scale + arrays.pop("norm.bias")
        del arrays["norm.num_batches_tracked"]
    return {
        name: np.ascontiguousarray((array.T if array.ndim == 2 else array).numpy()) for name, array in arrays.items()
    }
