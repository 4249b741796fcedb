"""Model cards: what a trained multi-label model is, said in plain values beside its weights.

A card tells which numbers go in, which classes come out, how the model was made and how well it did on rows kept
apart. It holds no time, no host and no path, so that the same training gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from cueline.errors import FormatError

SCHEMA, VERSION = "cueline.multilabel", 1

Pool = Literal["mean", "max", "min", "std"]


@dataclass(frozen=True, slots=True)
class Input:
    """One stretch of the numbers that go into a model.

    Attributes:
        track: Name of the feature track that it comes from, such as "mean_rgb" or "sound".
        width: How many numbers a row of that track has.
        pools: How the rows of a track become one; the stretch is as many times as wide.
        columns: Names of the numbers, or empty where they mean nothing by themselves.
    """

    track: str
    width: int
    pools: tuple[Pool, ...] = ("mean",)
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be read from a track."""
        strange = set(self.pools) - set(get_args(Pool))
        if self.width < 1 or not self.pools or strange or len(self.columns) not in (0, self.width):
            raise FormatError(
                f"an input has a width of 1 or more, pools out of {', '.join(get_args(Pool))} and no or {self.width} "
                f"columns, got {self.track!r}: width {self.width}, pools {self.pools}, {len(self.columns)} columns"
            )

    @property
    def numbers(self) -> int:
        """How many numbers it brings."""
        return self.width * len(self.pools)


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One class that a model knows.

    Attributes:
        name: As people read it.
        id: As a vocabulary knows it, such as "/m/03bt1gh"; or empty.
        link: Where one reads about it, or empty.
        verticals: Broader subjects it belongs to.
    """

    name: str
    id: str = ""
    link: str = ""
    verticals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All that is to be known of a model besides its weights.

    Attributes:
        inputs: Which numbers go in, in order.
        classes: Which classes come out, in order.
        uint8: Scale and offset by which whole numbers of 8 bits become numbers.
        recipe: How it was built and trained, plain values.
        seed: Decided every draw.
        data: Of what it was made: rows learned from, rows apart, their hash.
        measures: By name, on the rows apart; these chose the best epoch, so that they flatter a little.
    """

    inputs: tuple[Input, ...]
    classes: tuple[ClassEntry, ...]
    uint8: tuple[float, float] = (1.0, 0.0)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
    measures: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a card without inputs or classes, and a name that stands twice."""
        if not self.inputs or not self.classes:
            raise FormatError(
                f"a model has inputs and classes, got {len(self.inputs)} inputs and {len(self.classes)} classes"
            )
        for name in ("recipe", "data", "measures"):
            if not isinstance(getattr(self, name), Mapping):
                raise FormatError(f"{name} must hold values by name, got {getattr(self, name)!r:.80}")
        names = [entry.name for entry in self.classes]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise FormatError(f"classes must have different names, got {twice!r} twice")

    @property
    def width(self) -> int:
        """D, how many numbers a row has."""
        return sum(one.numbers for one in self.inputs)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""
        return tuple(entry.name for entry in self.classes)

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the name and version of this schema."""
        return {"schema": SCHEMA, "version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ModelCard:
        """The inverse of `to_json`.

        Raises:
            FormatError: If the schema or version is another, or a value is missing or strange.
        """
        found = (values.get("schema"), values.get("version"))
        if found != (SCHEMA, VERSION):
            raise FormatError(
                f"a model must be of schema {SCHEMA!r}, version {VERSION}, got {found[0]!r}, version {found[1]!r}. "
                "Train it again, or use the version of Cueline that made it."
            )
        try:
            known = {name: value for name, value in values.items() if name not in ("schema", "version")}
            inputs = tuple(Input(**_tuples(one, "pools", "columns")) for one in known.pop("inputs"))
            classes = tuple(ClassEntry(**_tuples(one, "verticals")) for one in known.pop("classes"))
            scale, offset = known.pop("uint8")
            return cls(inputs, classes, (float(scale), float(offset)), **known)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"a value is missing or strange: {type(error).__name__}: {error}") from error

    def __repr__(self) -> str:
        """Sizes, not contents."""
        tracks = ", ".join(one.track for one in self.inputs)
        return f"ModelCard({self.width} numbers of {tracks}, {len(self.classes)} classes)"


def _tuples(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**values, **{name: tuple(values[name]) for name in names}}
