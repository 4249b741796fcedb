"""The state of a training between two epochs, on disk, so that it can be killed and goes on."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from cueline.errors import FormatError, OptionError
from cueline.learning.progress import Epoch

NOW, BEST = "now.", "best."
MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # as torch's Adam and AdamW call them


@dataclass(slots=True, eq=False)
class State:
    """Where the training of one network stands.

    Attributes:
        network: With the weights of the last epoch.
        optimizer: With its moments.
        epochs: Those done.
        best: Weights of the best of them.
    """

    network: nn.Module
    optimizer: torch.optim.Optimizer
    epochs: list[Epoch] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)

    @property
    def best_gap(self) -> float:
        """The greatest GAP so far; below any where there is none."""
        return max((epoch.gap for epoch in self.epochs), default=-math.inf)

    def add(self, epoch: Epoch) -> None:
        """An epoch is done."""
        self.epochs.append(epoch)
        if epoch.best:
            self.best = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}

    def save(self, path: Path, mark: str) -> None:
        """Keep all of it in one file, whole or not at all.

        Args:
            path: Replaced if it is there.
            mark: What the training is of.
        """
        tensors = {NOW + name: tensor for name, tensor in self.network.state_dict().items()}
        tensors |= {BEST + name: tensor for name, tensor in self.best.items()}
        for name, moments in self._moments():
            tensors |= {f"{moment}.{name}": moments[moment] for moment in MOMENTS}
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.part")
        apart = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
        save_file(apart, aside, metadata=told_beside(mark, self.epochs))
        aside.replace(path)

    def load(self, path: Path, mark: str) -> None:
        """Go on from what was kept; stay fresh where there is nothing.

        Raises:
            FormatError: If the file is broken.
            OptionError: If what was kept is of another training.
        """
        if not path.is_file():
            return
        tensors, self.epochs = read_kept(path, mark, "pt")
        self.network.load_state_dict(_named(tensors, NOW))
        self.best = _named(tensors, BEST)
        for name, parameter in self.network.named_parameters():
            self.optimizer.state[parameter] = {moment: tensors[f"{moment}.{name}"] for moment in MOMENTS}

    def _moments(self) -> Iterator[tuple[str, Mapping[str, Tensor]]]:
        for name, parameter in self.network.named_parameters():
            yield name, self.optimizer.state[parameter]


def told_beside(mark: str, epochs: Sequence[Epoch]) -> dict[str, str]:
    """What a file that is kept says besides its arrays."""
    return {"mark": mark, "epochs": json.dumps([asdict(epoch) for epoch in epochs])}


def read_kept(path: Path, mark: str, form: Literal["np", "pt"]) -> tuple[dict[str, Any], list[Epoch]]:
    """Arrays and epochs of a file that was kept.

    Args:
        path: The file.
        mark: What it must be of.
        form: Arrays of numpy, or tensors of torch.

    Raises:
        FormatError: If the file is broken.
        OptionError: If it is of another training.
    """
    try:
        with safe_open(path, form) as file:
            told = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
    except SafetensorError as error:
        raise FormatError(
            f"{str(path)!r} must hold a training that goes on, whole: {error}. Delete it, to begin anew.", path=path
        ) from error
    if told.get("mark") != mark:
        raise OptionError(
            f"a training goes on with the rows, the recipe and the seed that it was begun with, but "
            f"{str(path.parent)!r} was begun with others. Name another folder, or delete that one."
        )
    return arrays, [Epoch(**values) for values in json.loads(told["epochs"])]


def _named(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
