"""A small problem that can be learned, and recipes that learn it in a moment."""

from dataclasses import replace

import numpy as np

from cueline.learning.recipes import TAGGER
from cueline.models.cards import ClassEntry, Input
from cueline.timeline.examples import Examples, LabelLists

ROWS, WIDTH, CLASSES = 120, 8, 5
QUICK = replace(TAGGER, hidden=(16, 16), members=2, epochs=2, least_steps=8, batch_rows=32)
INPUTS = (Input("rgb", 6), Input("audio", 2))
ENTRIES = tuple(ClassEntry(f"class {number}") for number in range(CLASSES))


def made_examples(rows=ROWS, *, seed=0, groups=None, unknown=None, values=None, flags=None):
    """Rows whose first five numbers each say, but for a little noise, whether a class is there."""
    rng = np.random.default_rng(seed)
    truth = rng.random((rows, CLASSES)) < 0.25
    numbers = 0.3 * rng.standard_normal((rows, WIDTH))
    numbers[:, :CLASSES] += 2.0 * truth
    flags = truth if flags is None else flags
    return Examples(
        numbers.astype(np.float32) if values is None else values,
        LabelLists.of_flags(flags),
        None if unknown is None else LabelLists.of_flags(unknown),
        groups=groups,
    )


def made_plan(examples=None, **about):
    from cueline.learning.tagging import Plan

    about = {"inputs": INPUTS, "classes": ENTRIES, "recipe": QUICK, **about}
    return Plan(made_examples() if examples is None else examples, **about)


def files_of(folder):
    """Every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
