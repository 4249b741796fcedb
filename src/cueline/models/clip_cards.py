"""Cards of models of clips: which numbers of which tracks go in, which classes come out, how well it does on what.

A clip has one class. A card tells the tracks and columns by name, so that a track may get more columns later and the
model still finds its own. It holds no time, no host and no path, so that the same training gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from cueline.errors import FormatError
from cueline.models.cards import Input

SCHEMA, VERSION = "cueline.clips", 1


@dataclass(frozen=True, slots=True)
class ClipCard:
    """All that is to be known of a model of clips besides its weights.

    Attributes:
        inputs: Which columns of which tracks go in, in order; pooled over the rows of a clip.
        classes: Which classes come out, in order; a clip has one of them.
        seconds: How long the clips were that it learned from: their median.
        recipe: Its name as "name", and the options that were chosen.
        seed: Decided every draw.
        data: Of what it was made: rows, groups and rows of each class, their hash, what became of label files, and the
            groups kept apart to test on, as "test_groups".
        measures: What it reached on groups that it did not learn from, with intervals.
        drift: What rows of other media are held against: "limit", the distance that 99 of 100 rows learned from lie
            within; the middle and spread of each number are among the weights.
    """

    inputs: tuple[Input, ...]
    classes: tuple[str, ...]
    seconds: float
    recipe: Mapping[str, Any]
    seed: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    measures: Mapping[str, Any] = field(default_factory=dict)
    drift: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse inputs without names of columns, fewer than two classes or one twice, and clips without length."""
        if not self.inputs or any(not one.columns for one in self.inputs):
            raise FormatError(f"a model of clips names the columns of its inputs, got {len(self.inputs)} inputs")
        if len(self.classes) < 2 or len(set(self.classes)) != len(self.classes):
            raise FormatError(f"a model of clips has two classes or more, each once, got {', '.join(self.classes)}")
        if not 0 < self.seconds < 1e6:
            raise FormatError(f"clips are longer than 0 s, got {self.seconds}")
        for name in ("recipe", "data", "measures", "drift"):
            if not isinstance(getattr(self, name), Mapping):
                raise FormatError(f"{name} must hold values by name, got {getattr(self, name)!r:.80}")

    @property
    def width(self) -> int:
        """D, how many numbers a row has."""
        return sum(one.numbers for one in self.inputs)

    @property
    def columns(self) -> tuple[str, ...]:
        """A name for each number of a row, such as "sound mfcc_mean_0 std"."""
        return columns_of(self.inputs)

    @property
    def test_groups(self) -> tuple[str, ...]:
        """The groups that are kept apart; none where all were measured by turns."""
        return tuple(self.data.get("test_groups", ()))

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the name and version of this schema."""
        return {"schema": SCHEMA, "version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ClipCard:
        """The inverse of `to_json`.

        Raises:
            FormatError: If the schema or version is another, or a value is missing or strange.
        """
        found = (values.get("schema"), values.get("version"))
        if found != (SCHEMA, VERSION):
            raise FormatError(f"a model of clips must have schema and version {(SCHEMA, VERSION)}, got {found}")
        try:
            known = {name: value for name, value in values.items() if name not in ("schema", "version")}
            return cls(inputs_of(known.pop("inputs")), tuple(known.pop("classes")), **known)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"a value is missing or strange: {type(error).__name__}: {error}") from error

    def __repr__(self) -> str:
        """Sizes, not contents."""
        tracks = ", ".join(one.track for one in self.inputs)
        return f"ClipCard({self.recipe.get('name')}, {self.width} numbers of {tracks}, {', '.join(self.classes)})"


def inputs_of(values: list[dict[str, Any]]) -> tuple[Input, ...]:
    """Inputs from plain values, as `asdict` gives them."""
    return tuple(Input(one["track"], one["width"], tuple(one["pools"]), tuple(one["columns"])) for one in values)


def columns_of(inputs: tuple[Input, ...]) -> tuple[str, ...]:
    """A name for each number of a row.

    Example:
        >>> columns_of((Input("sound", 2, ("mean", "std"), ("a", "b")),))
        ('sound a mean', 'sound b mean', 'sound a std', 'sound b std')
    """
    return tuple(f"{one.track} {column} {how}" for one in inputs for how in one.pools for column in one.columns)
