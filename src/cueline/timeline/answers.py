"""LabelClass, Campaign, LabelTask, Answer, Clip: what is looked for, what people are asked, what one of them said.

A class or a campaign is a value with a version: to edit one is to make the next version, and work done with the one
before still says so. An answer is an operation that is only ever added; to take one back is to add another that undoes
it. So nothing that somebody said is lost, and two people who answer at once never overwrite one another.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, get_args
from uuid import uuid4

from cueline.errors import FormatError, TimelineError, near_miss
from cueline.timeline.spans import Span

Verdict = Literal["yes", "no", "unsure", "skipped"]
Shown = Literal["video", "audio", "picture", "text"]
_VERDICTS = get_args(Verdict)
_CLIP_BYTES = 12


@dataclass(frozen=True, slots=True)
class LabelClass:
    """Something that may be in a span, in words that two people understand alike.

    Attributes:
        name: What it is called.
        definition: What belongs to it and what does not.
        primary: Whether it counts in the headline mean of an evaluation.
        excluded: Terms that speak against it, where text is matched.
        version: Counted by the store, from 1; 0 before it was kept.
    """

    name: str
    definition: str = ""
    primary: bool = True
    excluded: tuple[str, ...] = ()
    version: int = 0

    def __post_init__(self) -> None:
        """Refuse a class without a name."""
        if not self.name.strip():
            raise TimelineError(f"a class needs a name, got {self.name!r}")
        object.__setattr__(self, "excluded", tuple(self.excluded))


@dataclass(frozen=True, slots=True)
class Campaign:
    """A question put to people about many spans.

    Attributes:
        name: What it is called.
        classes: Names of the classes that may be the answer.
        question: As people read it.
        instruction: More words for those who are new to it.
        exclusive: Whether just one of the classes is right.
        shown: What people look at or listen to.
        source: Where its clips or ranges come from, in words, such as "every shot of the news".
        version: Counted by the store, from 1; 0 before it was kept.
    """

    name: str
    classes: tuple[str, ...]
    question: str = ""
    instruction: str = ""
    exclusive: bool = False
    shown: Shown = "video"
    source: str = ""
    version: int = 0

    def __post_init__(self) -> None:
        """Refuse a campaign without a name, without classes, with one of them twice, or shown in another way."""
        if not self.name.strip():
            raise TimelineError(f"a campaign needs a name, got {self.name!r}")
        object.__setattr__(self, "classes", tuple(self.classes))
        if not self.classes or len(set(self.classes)) != len(self.classes):
            raise TimelineError(f"a campaign asks about one class or more, each once, got {self.classes}")
        if self.shown not in get_args(Shown):
            raise TimelineError(f"what is shown is one of {', '.join(get_args(Shown))}, got {self.shown!r}")


@dataclass(frozen=True, slots=True)
class LabelTask:
    """What a campaign puts to people: an asset, or a part of one.

    Attributes:
        asset: Id of the asset.
        span: Which part, in seconds; None for the whole asset.
        priority: What is higher is asked first; any finite scale.
    """

    asset: str
    span: Span | None = None
    priority: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a task about nothing, and a priority that has no place in an order."""
        if not self.asset.strip():
            raise TimelineError(f"a task names its asset, got {self.asset!r}")
        if not math.isfinite(self.priority):
            raise TimelineError(f"a priority must be a finite number, got {self.priority}", asset=self.asset)


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip as a label file calls it, whether or not anybody here has its media.

    Attributes:
        asset: Id of the asset; `clip_id(name)` where nobody has the media.
        name: Its address, path or name, as the file writes it.
        key: Its id in the file, such as an etag; or empty.
        groups: Kind of group to name, as of an asset, such as {"video": "vid_xmas_9"}.
    """

    asset: str
    name: str
    key: str = ""
    groups: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse a clip that nothing is called by."""
        for what, value in (("asset", self.asset), ("name", self.name)):
            if not value.strip():
                raise TimelineError(f"a clip needs its {what}, got {value!r}", asset=self.asset or None)


def clip_id(name: str) -> str:
    """The asset id of a clip whose media nobody has: the same for the same name, whatever file it comes from.

    Example:
        >>> clip_id("https://example.org/xmas/vid_xmas_9-19-of-67.mp4")
        'clip-415440b2b85961e019cd9d90'
    """
    return "clip-" + hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_CLIP_BYTES).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person said of one class in one span; an operation with an id of its own.

    Attributes:
        asset: Id of the asset.
        label: Name of the class.
        verdict: "yes", "no", "unsure" for "cannot say", "skipped" for "did not want to".
        who: The person, as the team calls them.
        span: Which part, in seconds; None for the whole asset.
        campaign: Name of the campaign, or empty.
        label_version: Version of the class that was shown; 0 where nobody knows.
        shown: Fingerprint of the provenance of what a model proposed, if anything was.
        undoes: Id of an earlier answer that this one takes back, or empty; its verdict then says nothing.
        made: When, ISO 8601 in UTC.
        id: Random; the same answer that arrives twice is kept once.
    """

    asset: str
    label: str
    verdict: Verdict
    who: str
    span: Span | None = None
    campaign: str = ""
    label_version: int = 0
    shown: str = ""
    undoes: str = ""
    made: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))
    id: str = field(default_factory=lambda: uuid4().hex)

    def __post_init__(self) -> None:
        """Refuse an answer without an asset, a class or a person, and verdicts that nobody can give."""
        if not (self.asset.strip() and self.label.strip() and self.who.strip() and self.id.strip()):
            named = {"asset": self.asset, "class": self.label, "person": self.who, "id": self.id}
            what, value = next((what, value) for what, value in named.items() if not value.strip())
            raise TimelineError(f"an answer names its {what}, got {value!r}", asset=self.asset or None)
        if self.verdict not in _VERDICTS:
            close = near_miss(str(self.verdict), _VERDICTS)
            raise TimelineError(f"a verdict is one of {', '.join(_VERDICTS)}, got {self.verdict!r}.{close}")

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        values = {name: getattr(self, name) for name in _FIELDS}  # asdict would copy each value, at ten times the cost
        values["span"] = None if self.span is None else [self.span.start, self.span.end]
        return _WRITE(values)

    @classmethod
    def from_json(cls, text: str) -> Answer:
        """The inverse of `to_json`.

        Raises:
            FormatError: If the text is something else.
        """
        try:
            values = json.loads(text)
            span = values.pop("span")
            return cls(**values, span=None if span is None else Span(*span))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise FormatError(f"an answer must be JSON as to_json() writes it, got {text[:80]!r}: {error}") from error


_FIELDS = tuple(sorted(Answer.__slots__))
_WRITE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def taken_back(answers: Iterable[Answer]) -> set[str]:
    """Ids of the answers that another one undoes which holds itself.

    Args:
        answers: All of them, in the order in which they were given.
    """
    undone = set[str]()
    for answer in reversed(list(answers)):  # one that is undone itself undoes nothing
        if answer.undoes and answer.id not in undone:
            undone.add(answer.undoes)
    return undone


def standing(answers: Iterable[Answer]) -> list[Answer]:
    """The answers that hold: each person's last about a class in a span, without those taken back.

    Args:
        answers: All of them, in the order in which they were given.

    Returns:
        In the same order.
    """
    answers = list(answers)
    undone = taken_back(answers)
    last: dict[object, Answer] = {}
    for answer in answers:
        if answer.id not in undone and not answer.undoes:
            about = (answer.asset, answer.span, answer.label, answer.who, answer.campaign)
            last.pop(about, None)
            last[about] = answer
    return list(last.values())
