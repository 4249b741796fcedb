"""Which rows of a reference are measured: those that somebody judged, of those kept apart; and which a model knows.

A model's card tells how many rows it learned from, and their hash, so that rows which it has seen are told apart from
new ones: `train multilabel --test-rows N` always keeps the same rows apart, and here the same N finds them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from cueline.errors import OptionError
from cueline.evaluation.judging import Policy
from cueline.models.cards import ModelCard
from cueline.timeline.examples import Examples, Indices, data_hash
from cueline.workbench.taggers import split_apart


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The rows that are measured.

    Attributes:
        rows: Which, rising; None for all.
        notes: What was left out, and why.
    """

    rows: Indices | None = None
    notes: tuple[str, ...] = ()

    def of(self, examples: Examples) -> Examples:
        """These rows; without ids, they go by the number that they had."""
        if self.rows is None:
            return examples
        kept = examples.take(self.rows)
        return kept if len(kept.assets) else replace(kept, assets=[f"row {row}" for row in self.rows.tolist()])


def part_of(examples: Examples, policy: Policy, test_rows: int = 0) -> Part:
    """The rows to measure.

    Args:
        examples: All rows, in the groups that training knows.
        policy: With "judged", rows of which nobody judged any class are left out.
        test_rows: As `train_multilabel`: the rows that it kept apart are measured; 0 for all.

    Raises:
        OptionError: If nobody judged anything, or so many rows cannot be kept apart.
    """
    apart = split_apart(examples, test_rows).apart if test_rows else None
    silent = examples.unknown.lengths == examples.yes.width
    if policy == "closed" or not silent.any():
        return Part(apart)
    rows = np.arange(len(examples)) if apart is None else apart
    judged = rows[~silent[rows]]
    if not len(judged):
        raise OptionError("nobody judged any class of any row. `--policy closed` takes that for no.")
    count = len(rows) - len(judged)
    notes = (f"{count:,} rows were left out: nobody judged any of their classes.",) if count else ()
    return Part(judged, notes)


def doubts(name: str, card: ModelCard, examples: Examples, test_rows: int = 0) -> Iterator[str]:
    """Whether a model learned from what it is measured on.

    Args:
        name: Of the model.
        card: Of the model.
        examples: All rows, in the groups that training knows.
        test_rows: As `part_of`.
    """
    learned, rows = card.data.get("rows"), len(examples)
    if test_rows:
        if not _knows(card, examples, split_apart(examples, test_rows).learn):
            yield (
                f"The model {name} was not trained with --test-rows {test_rows} on these rows and labels: it may have "
                "learned from those that are measured."
            )
    elif learned == rows and "sha256" not in card.data:
        yield (
            f"The model {name} learned from {rows:,} rows, and as many are measured. If they are the same ones, all "
            "numbers here flatter."
        )
    elif learned == rows and _knows(card, examples, None):
        yield f"The model {name} learned from exactly these {rows:,} rows: all numbers here flatter."
    elif isinstance(learned, int) and 0 < learned < rows:
        yield _doubt_of_some(name, card, examples, learned)


def _doubt_of_some(name: str, card: ModelCard, examples: Examples, learned: int) -> str:
    """Of a model that learned from fewer rows than are measured."""
    apart = len(examples) - learned
    several = len(np.unique(examples.groups)) > 1
    if several and _knows(card, examples, split_apart(examples, apart).learn):
        return (
            f"The model {name} learned from {learned:,} of these {len(examples):,} rows, so that all numbers here "
            f"flatter. `--test-rows {apart}` measures the others alone."
        )
    return (
        f"The model {name} learned from {learned:,} rows, and {len(examples):,} are measured. If the former are among "
        "the latter, all numbers here flatter. `--test-rows N` measures those that training with it kept apart."
    )


def _knows(card: ModelCard, examples: Examples, rows: Indices | None) -> bool:
    """Whether a model learned from exactly these rows."""
    return bool(card.data.get("sha256") == data_hash(examples, rows))
