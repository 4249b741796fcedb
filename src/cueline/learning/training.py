"""The training loop of one network: batches in a seeded order, a look at rows kept apart after every epoch.

Everything random comes from the seed and the number of the epoch, never from how training was begun: one that was
killed and goes on from its last epoch ends with the same bytes as one that ran through. The epoch with the greatest
GAP@20 on the rows kept apart is the one that counts.

Where the processor multiplies bfloat16 fast, products are made in it and weights stay float32: three to four times
the speed, and no loss that could be measured. Results repeat byte for byte on one kind of machine.

References:
    I. Loshchilov and F. Hutter, 2019, Decoupled weight decay regularization. L. N. Smith and N. Topin, 2019,
    Super-convergence: one cycle of the learning rate. H. Zhang et al., 2018, mixup: Beyond empirical risk minimization.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from cueline.errors import TimelineError
from cueline.evaluation.ranking import RankingTotals
from cueline.learning.progress import Beat, Epoch, Pace, Told
from cueline.learning.recipes import Recipe
from cueline.learning.states import State
from cueline.timeline.examples import Examples
from cueline.timeline.toplists import TopLists

Rows = npt.NDArray[np.int64]
Prepare = Callable[[npt.NDArray[np.generic]], npt.NDArray[np.float32]]

CLIP = 5.0  # greatest length of a gradient, where the rate goes through a cycle
DEPTH = 20
WARM = 0.15  # share of all steps in which the rate rises
FIRST, FINAL = 0.1, 1e-5  # rates at the beginning and at the end, as shares of the greatest
MOMENTA = (0.95, 0.85)  # at the lowest rate, and at the greatest
SECONDS_BETWEEN_BEATS = 0.5
BLOCK_ROWS = 2048
TOO_FAST = "Are some features huge? Try a smaller rate."
SURELY_NOT = -30.0  # log-odds of a class that nobody judged, so that it is not among the best


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """All that the training of one network needs besides the network.

    Attributes:
        learn: Rows to learn from.
        apart: Rows that choose the best epoch.
        prepare: Raw rows -> inputs of the network, shape (B, D).
        recipe: How.
        seed: Decides every draw.
        member: Which network of the model, from 1.
        keep: File that keeps the state after each epoch; None to keep none.
        mark: What the state is of; one of another mark is not gone on from.
    """

    learn: Examples
    apart: Examples
    prepare: Prepare
    recipe: Recipe
    seed: int
    member: int = 1
    keep: Path | None = None
    mark: str = ""

    @property
    def batch_rows(self) -> int:
        """Rows of one step."""
        return self.recipe.batch_for(len(self.learn))

    @property
    def steps(self) -> int:
        """Steps of one epoch."""
        return len(self.learn) // self.batch_rows


def train(network: nn.Module, lesson: Lesson, pace: Pace, told: Told) -> State:
    """Train in place; at the end the network holds the weights of the last epoch.

    Args:
        network: Fresh, as its recipe and seed begin it.
        lesson: What to learn, from what.
        pace: Hears of every row.
        told: Hears each epoch, and signs of life between.

    Returns:
        Every epoch, also those of an earlier run that this one goes on from, and the weights of the best.

    Raises:
        OptionError: If the state that was kept is of another training.
        TimelineError: If the loss is no number any more.
    """
    with torch.random.fork_rng(devices=[]):
        state = State(network, _optimizer(network, lesson.recipe))
        if lesson.keep is not None:
            state.load(lesson.keep, lesson.mark)
            pace.skip(len(state.epochs) * len(lesson.learn))
        for number in range(len(state.epochs) + 1, lesson.recipe.epochs + 1):
            loss = _epoch(state, lesson, number, pace, told)
            state.add(_look(network, lesson, number, loss, state.best_gap))
            if lesson.keep is not None:
                state.save(lesson.keep, lesson.mark)
            told(state.epochs[-1])
        return state


def log_odds(network: nn.Module, values: npt.NDArray[np.generic], prepare: Prepare) -> Iterator[Tensor]:
    """What a network says of raw rows, a block at a time, float32 of shape (B, C)."""
    network.eval()
    for first in range(0, len(values), BLOCK_ROWS):
        with torch.no_grad(), fast_products():
            odds: Tensor = network(torch.from_numpy(prepare(values[first : first + BLOCK_ROWS])))
        yield odds.float()


def fast_products() -> AbstractContextManager[Any]:
    """Where products of bfloat16 are fast, make them so."""
    fast = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001  # there is no public way to ask
    return torch.autocast("cpu", torch.bfloat16, enabled=fast)


def _optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.cycle:
        return torch.optim.AdamW(network.parameters(), lr=recipe.rate * FIRST, weight_decay=recipe.decay, fused=True)
    return torch.optim.Adam(network.parameters(), lr=recipe.rate, fused=True)


def _set_rate(optimizer: torch.optim.Optimizer, recipe: Recipe, done: float) -> None:
    """The learning rate and the momentum at a share of all steps, 0 to 1: up and down once, along cosines."""
    if not recipe.cycle:
        return
    rising = done < WARM
    share = done / WARM if rising else (1 - done) / (1 - WARM)
    high = (1 - math.cos(math.pi * share)) / 2
    low = FIRST if rising else FINAL
    for group in optimizer.param_groups:
        group["lr"] = recipe.rate * (low + (1 - low) * high)
        group["betas"] = (MOMENTA[0] + (MOMENTA[1] - MOMENTA[0]) * high, group["betas"][1])


def _epoch(state: State, lesson: Lesson, number: int, pace: Pace, told: Told) -> float:
    """See each row once; give the mean loss."""
    rng = np.random.default_rng((lesson.seed, number))
    torch.manual_seed(int(rng.integers(2**62)))
    order, losses, beat = rng.permutation(len(lesson.learn)), 0.0, time.monotonic()
    every, size, epochs = lesson.steps, lesson.batch_rows, lesson.recipe.epochs
    state.network.train()
    for step in range(every):
        _set_rate(state.optimizer, lesson.recipe, ((number - 1) * every + step) / max(epochs * every - 1, 1))
        losses += _step(state, lesson, np.sort(order[step * size : (step + 1) * size]), rng)
        pace.step(size if step < every - 1 else len(lesson.learn) - step * size)
        if time.monotonic() - beat > SECONDS_BETWEEN_BEATS:
            beat, seen = time.monotonic(), (step + 1) * size
            whole = (number, epochs, seen, len(lesson.learn), pace.rows_per_second, pace.seconds_left)
            told(Beat(lesson.member, lesson.recipe.members, *whole))
    if not math.isfinite(losses):
        raise TimelineError(f"the loss must stay finite, got {losses} in epoch {number}. {TOO_FAST}")
    return losses / every


def _step(state: State, lesson: Lesson, rows: Rows, rng: np.random.Generator) -> float:
    inputs, targets, weights = _batch(lesson, rows)
    if lesson.recipe.mixup:
        share = float(rng.beta(lesson.recipe.mixup, lesson.recipe.mixup))
        share, other = max(share, 1 - share), torch.from_numpy(rng.permutation(len(rows)))
        inputs, targets = torch.lerp(inputs[other], inputs, share), torch.lerp(targets[other], targets, share)
        weights = None if weights is None else weights * weights[other]
    with fast_products():
        odds = state.network(inputs)
    loss = functional.binary_cross_entropy_with_logits(odds.float(), targets, weight=weights, reduction="sum")
    loss = loss / len(rows)
    state.optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    if lesson.recipe.cycle:
        nn.utils.clip_grad_norm_(state.network.parameters(), CLIP)
    state.optimizer.step()
    return float(loss.detach())


def _batch(lesson: Lesson, rows: Rows) -> tuple[Tensor, Tensor, Tensor | None]:
    """Inputs, targets, and weights that leave out what nobody judged; None where all is judged."""
    targets = torch.from_numpy(lesson.learn.yes.take(rows).dense().astype(np.float32))
    unknown = lesson.learn.unknown.take(rows)
    weights = torch.from_numpy((~unknown.dense()).astype(np.float32)) if len(unknown.ids) else None
    return torch.from_numpy(lesson.prepare(lesson.learn.values[rows])), targets, weights


def _look(network: nn.Module, lesson: Lesson, number: int, loss: float, best_gap: float) -> Epoch:
    """Measure on the rows kept apart."""
    totals, first = RankingTotals(k=DEPTH), 0
    for odds in log_odds(network, lesson.apart.values, lesson.prepare):
        if not torch.isfinite(odds).all():
            raise TimelineError(
                f"what a network says must stay finite, got other numbers in epoch {number}. {TOO_FAST}"
            )
        rows = np.arange(first, first + len(odds))
        unknown = lesson.apart.unknown.take(rows)
        odds[torch.from_numpy(unknown.rows), torch.from_numpy(unknown.ids.astype(np.int64))] = SURELY_NOT
        totals.add(lesson.apart.yes.take(rows), _top(odds))
        first += len(odds)
    gap = totals.global_average_precision
    hits = (totals.hit_at(1), totals.hit_at(5), totals.hit_at(20))
    return Epoch(lesson.member, number, loss, gap, *hits, best=gap > best_gap)


def _top(odds: Tensor) -> TopLists:
    best = torch.topk(odds, min(DEPTH, odds.shape[1]), dim=1)
    return TopLists(best.indices.numpy(), best.values.numpy(), odds.shape[1])
