"""LabelItem: what one item of a label file says of one clip; LabelFile: all of them, and what could not be read.

An item says a verdict of some classes and, with `rest`, of all the others that were asked about. A list of labels means
yes to those and no to the rest, so an empty list says no to everything; a label on a stretch of time means yes to that
class there and says nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cueline.errors import FormatError
from cueline.timeline.answers import Verdict
from cueline.timeline.spans import Span


@dataclass(frozen=True, slots=True)
class LabelItem:
    """What an item says.

    Attributes:
        clip: What the file calls the clip: an address, a path or a name.
        said: Class to verdict.
        rest: The verdict on every other class of the campaign; empty where the item says nothing of them.
        key: Id of the clip in the file, such as an etag; or empty.
        asset: Id of the asset, where the file knows it; or empty.
        span: Which part of the clip, in seconds; None for all of it.
        who: Who said it; empty where the file does not tell.
        where: Where it stands in the file, such as "item 17" or "line 4".
        doubt: Why the item contradicts itself, in words; empty where it does not.
        given: More that is known of the answer, where an item is just one: id, made, label_version, shown.

    Example:
        >>> LabelItem("xmas/a.mp4", {"holiday": "yes"}, rest="no", where="item 1")
        LabelItem('xmas/a.mp4', holiday yes, rest no, item 1)
    """

    clip: str
    said: Mapping[str, Verdict]
    rest: Verdict | Literal[""] = ""
    key: str = ""
    asset: str = ""
    span: Span | None = None
    who: str = ""
    where: str = ""
    doubt: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an item that says nothing, or is about nothing."""
        if not self.clip.strip():
            raise FormatError(f"{self.where or 'an item'} must name its clip, got {self.clip!r}")
        if not self.said and not self.rest:
            raise FormatError(f"{self.where or 'an item'} must say something of {self.clip!r}, got no class")

    def __repr__(self) -> str:
        """What it says, on one line."""
        said = [f"{name} {verdict}" for name, verdict in self.said.items()]
        rest = [f"rest {self.rest}"] if self.rest else []
        return f"LabelItem({', '.join([repr(self.clip), *said, *rest, *filter(None, [self.where])])})"


@dataclass(frozen=True, slots=True)
class Skip:
    """What of a file could not be taken.

    Attributes:
        where: Where it stands in the file.
        clip: What the file calls the clip, or empty.
        name: The class, or empty.
        reason: Why, in words.
    """

    where: str
    clip: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A label file that was read.

    Attributes:
        form: Name of its format.
        items: What it says, in its order.
        skipped: What could not be read, and why.
        exclusive: Whether the format has just one class for a clip.
        ranges: For each person, tasks of Label Studio with ranges, which its importer reads.
    """

    form: str
    items: Sequence[LabelItem] = ()
    skipped: Sequence[Skip] = ()
    exclusive: bool = False
    ranges: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that it names, in order of first mention."""
        return tuple(dict.fromkeys(name for item in self.items for name in item.said))

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"LabelFile({self.form}, {len(self.items)} items, {len(self.skipped)} skipped)"
