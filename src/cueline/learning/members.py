"""One network of a multi-label model: trained, and kept as what it is and what it says: no work is done twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import save_file

from cueline.learning.networks import exported, network
from cueline.learning.progress import Epoch, Pace, Told
from cueline.learning.splits import Rows
from cueline.learning.states import read_kept, told_beside
from cueline.learning.training import Lesson, log_odds, train
from cueline.models.inputs import Floats

APART, ODDS, BEST, LAST = "apart", "odds", "best.", "last."

Weights = Mapping[str, npt.NDArray[np.float16]]


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A trained network.

    Attributes:
        best: Its weights after the best epoch, as `cueline.models.networks` reads them, in half precision.
        last: Those after the last epoch.
        apart: The rows that it did not learn from, shape (A,).
        odds: What it says of them with its best weights, log-odds, shape (A, C).
        epochs: How its training went.
    """

    best: Weights
    last: Weights
    apart: Rows
    odds: Floats
    epochs: tuple[Epoch, ...]


def fit_member(lesson: Lesson, apart: Rows, prior: Floats, pace: Pace, told: Told) -> Member:
    """Train one network.

    Args:
        lesson: What to learn, from what.
        apart: Numbers of the rows of `lesson.apart`.
        prior: Log-odds of how common each class is among the rows to learn from, shape (C,).
        pace: Hears of every row.
        told: Hears each epoch, and signs of life between.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(lesson.seed)
        one = network(lesson.prepare(lesson.learn.values[:1]).shape[1], lesson.recipe, torch.from_numpy(prior))
    state = train(one, lesson, pace, told)
    last = _halved(exported(one))
    one.load_state_dict(state.best)
    odds = np.concatenate([block.numpy() for block in log_odds(one, lesson.apart.values, lesson.prepare)])
    return Member(_halved(exported(one)), last, apart, odds, tuple(state.epochs))


def keep_member(path: Path, mark: str, member: Member) -> None:
    """Write a network that is done, whole or not at all."""
    arrays = {BEST + name: array for name, array in member.best.items()}
    arrays |= {LAST + name: array for name, array in member.last.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.part")
    save_file({**arrays, APART: member.apart, ODDS: member.odds}, aside, metadata=told_beside(mark, member.epochs))
    aside.replace(path)


def kept_member(path: Path, mark: str) -> Member | None:
    """Read a network that is done; None where there is none yet.

    Raises:
        FormatError: If the file is broken.
        OptionError: If it is of another training.
    """
    if not path.is_file():
        return None
    arrays, epochs = read_kept(path, mark, "np")
    apart, odds = arrays.pop(APART), arrays.pop(ODDS)
    best, last = (
        {name.removeprefix(kind): array for name, array in arrays.items() if name.startswith(kind)}
        for kind in (BEST, LAST)
    )
    return Member(best, last, apart, odds, tuple(epochs))


def _halved(arrays: Mapping[str, Floats]) -> Weights:
    """Weights in half precision: half the bytes, and no loss that could be measured."""
    return {name: array.astype(np.float16) for name, array in arrays.items()}
