"""Examples from a campaign: the clips that people are asked about, with features, and what they agree on.

One row for each clip that was put to people or answered and has all the feature tracks; its numbers are the tracks,
pooled over the clip. A class is yes or no in a row when most of those who judged it say so; it is unknown where nobody
did, where nobody could say, and where as many say yes as no. Clips of assets that share a group are one group of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.detectors.tags import pooled
from cueline.errors import OptionError, near_miss
from cueline.evaluation.consensus import majority
from cueline.models.cards import Input
from cueline.ports import Source
from cueline.timeline.answers import Campaign
from cueline.timeline.examples import Examples, LabelLists
from cueline.timeline.groups import components
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.votes import MISSING, NO, YES, Item, Table, votes_of
from cueline.workbench.lessons import features_of, input_of
from cueline.workbench.library import Library

Flags = npt.NDArray[np.bool_]
Verdicts = npt.NDArray[np.int8]
UNKNOWN, HALF = MISSING, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class CampaignLesson:
    """What a campaign gives to learn from, and what it has not asked yet.

    Attributes:
        campaign: The campaign.
        examples: One row a clip; its assets are the names of files, its spans those of the clips.
        items: Asset and span of each row, None for the whole asset.
        inputs: What the numbers of a row are.
        answers: YES, NO or UNKNOWN, shape (N, C).
        asked: Whether somebody answered, be it that they cannot say, shape (N, C).
        left_out: Clips that take no part, and why.
    """

    campaign: Campaign
    examples: Examples
    items: tuple[Item, ...]
    inputs: tuple[Input, ...]
    answers: Verdicts
    asked: Flags
    left_out: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        """Sizes, not contents."""
        answered = np.count_nonzero((self.answers != UNKNOWN).any(axis=1))
        return f"CampaignLesson({self.campaign.name!r}, {len(self.items)} clips, {answered} answered)"

    def columns(self, names: Sequence[str]) -> list[int]:
        """Numbers of some classes of the campaign; of all where none is named.

        Raises:
            OptionError: If the campaign does not ask about one.
        """
        there = self.campaign.classes
        for name in names:
            if name not in there:
                raise OptionError(
                    f"the campaign {self.campaign.name!r} asks about {', '.join(there)}, got {name!r}."
                    f"{near_miss(name, there)}"
                )
        return [there.index(name) for name in names or there]


def campaign_lesson(library: Library, campaign: str, tracks: Sequence[str]) -> CampaignLesson:
    """Join features and answers.

    Args:
        library: Where.
        campaign: Name of the campaign.
        tracks: Names of feature tracks, such as sound.

    Raises:
        OptionError: If no clip of the campaign has all of the tracks, or tracks of one name are of several kinds.
        StoreError: If there is no such campaign.
    """
    if not tracks:
        raise OptionError("name at least one feature track to learn from, such as: --tracks sound")
    with library.answers() as book:
        about = book.find(Campaign, campaign)
        said = votes_of(book.answers(campaign=campaign), about.classes)
        tasks = [(task.asset, task.span) for task in book.tasks(campaign)]
    items = list(dict.fromkeys([*tasks, *said.items]))
    files, left_out = _files(library, items, tracks)
    inputs = tuple(input_of(name, [*files.values()]) for name in tracks) if files else ()
    wanted = [item for item in items if item[0] in files]
    values = _values(inputs, files, wanted)
    known = np.asarray(np.isfinite(values).all(axis=1))
    taken = [item for item, fine in zip(wanted, known.tolist(), strict=True) if fine]
    left_out += [
        (files[asset].name, "its mean is no number") for (asset, _), fine in zip(wanted, known, strict=True) if not fine
    ]
    if not taken:
        why = f"; {left_out[0][0]}: {left_out[0][1]}" if left_out else ". Put some to people first"
        raise OptionError(f"no clip of the campaign {campaign!r} has {' and '.join(map(repr, tracks))}{why}")
    row = {item: number for number, item in enumerate(said.items)}
    places = np.array([row.get(item, -1) for item in taken])
    table = np.full((len(taken), len(about.classes), max(len(said.people), 1)), MISSING, np.int8)
    table[places >= 0] = said.table[places[places >= 0]] if len(said.people) else MISSING
    answers = agreed(table)
    examples = _examples(files, taken, values[known].astype(np.float32), answers, about.classes)
    asked: Flags = (table != MISSING).any(axis=2)
    return CampaignLesson(about, examples, tuple(taken), inputs, answers, asked, tuple(left_out))


def agreed(table: Table) -> Verdicts:
    """What most people say, shape (N, C): YES, NO, or UNKNOWN where nobody judged or as many say yes as no.

    Args:
        table: Votes, shape (N, C, P).
    """
    share = np.stack([majority(table[:, column]).chance for column in range(table.shape[1])], axis=1)
    answers: Verdicts = np.select([share > HALF, share < HALF], [YES, NO], UNKNOWN).astype(np.int8)
    return answers


def _files(
    library: Library, items: Sequence[Item], tracks: Sequence[str]
) -> tuple[dict[str, Source], list[tuple[str, str]]]:
    """The assets of items that have all the tracks, and which have not, and why."""
    wanted = dict.fromkeys(asset for asset, _ in items)
    found: dict[str, Source] = {}
    left_out = []
    for source in library.sources(tracks, set(wanted)):
        asset = source.record.asset.id
        del wanted[asset]
        why = _wanting(source, tracks)
        if why:
            left_out.append((source.name, why))
        else:
            found[asset] = source
    names = _names_of_clips(library) if wanted else {}
    left_out += [(names.get(asset, asset), "its media is not in the library") for asset in wanted]
    return {asset: found[asset] for asset, _ in items if asset in found}, left_out


def _wanting(source: Source, tracks: Sequence[str]) -> str:
    there = source.record.tracks
    missing = [name for name in tracks if name not in there]
    if missing:
        return f"no track {missing[0]!r}; `cueline analyze` makes it"
    empty = [name for name in tracks if not len(there[name])]
    return f"{empty[0]!r} is empty" if empty else ""


def _names_of_clips(library: Library) -> dict[str, str]:
    with library.answers() as book:
        return {clip.asset: clip.name for clip in book.clips()}


def _values(inputs: Sequence[Input], files: dict[str, Source], items: Sequence[Item]) -> npt.NDArray[np.float64]:
    """Tracks pooled over each item, shape (N, D); NaN where a track has nothing there."""
    rows: dict[str, list[int]] = {}
    for number, (asset, _) in enumerate(items):
        rows.setdefault(asset, []).append(number)
    values = np.full((len(items), sum(one.numbers for one in inputs)), np.nan)
    for asset, numbers in rows.items():
        source = files[asset]
        whole = Span(0.0, source.record.asset.duration)
        spans = as_spans([items[number][1] or whole for number in numbers])
        parts = [pooled(one, features_of(one.track, source), spans) for one in inputs]
        values[numbers] = np.concatenate(parts, axis=1)
    return values


def _examples(
    files: dict[str, Source],
    items: Sequence[Item],
    values: npt.NDArray[np.float32],
    answers: Verdicts,
    classes: Sequence[str],
) -> Examples:
    assets = list(dict.fromkeys(asset for asset, _ in items))
    bound = dict(zip(assets, components([files[asset].record.asset.groups for asset in assets]).tolist(), strict=True))
    return Examples(
        values=values,
        yes=LabelLists.of_flags(answers == YES),
        unknown=LabelLists.of_flags(answers == UNKNOWN),
        classes=tuple(classes),
        assets=[files[asset].name for asset, _ in items],
        spans=as_spans(list(_spans(files, items))),
        groups=np.array([bound[asset] for asset, _ in items], np.int64),
    )


def _spans(files: dict[str, Source], items: Sequence[Item]) -> Iterator[Span]:
    for asset, span in items:
        yield span or Span(0.0, files[asset].record.asset.duration)
