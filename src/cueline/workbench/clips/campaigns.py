"""Labelled rows of a campaign: what most people say of each clip, from tracks that a library holds already.

Assets that share a group of any kind are one group; it goes by the first of their groups' names.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cueline.errors import OptionError
from cueline.learning.clips.problems import CURVE
from cueline.models.cards import Input
from cueline.timeline.groups import components
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack
from cueline.workbench.clips.material import YES, Clip, Material, Values
from cueline.workbench.clips.pooling import SOUND, inputs_of_tracks
from cueline.workbench.labelling.lessons import CampaignLesson, campaign_lesson
from cueline.workbench.library import Library


def material_of_campaign(library: Library, campaign: str, *, inputs: Sequence[Input] = ()) -> Material:
    """Labelled rows of a campaign: what most people say of each clip.

    Args:
        library: With the track `sound` of its assets, and `sound.curve` where the shipped verdict shall take part.
        campaign: Its name.
        inputs: What a row is made of, where a model that is continued says so.

    Raises:
        OptionError: If no clip of it has the tracks, or one class.
        StoreError: If there is no such campaign.
    """
    there = library.status().tracks
    both = there.get(CURVE, 0) >= there.get(SOUND, 0) > 0
    tracks = tuple(dict.fromkeys(one.track for one in inputs)) or ((SOUND, CURVE) if both else (SOUND,))
    lesson = campaign_lesson(library, campaign, tracks)
    own = tuple(inputs) or _inputs_of(lesson)
    paths, names = {asset: str(path) for asset, path in library.files().items()}, _group_names(library)
    clips, rows, left = list[Clip](), list[int](), list(lesson.left_out)
    for row, (asset, span) in enumerate(lesson.items):
        yes = np.flatnonzero(lesson.answers[row] == YES).tolist()
        file, name = paths.get(asset, ""), str(lesson.examples.assets[row])
        where = Span(*lesson.examples.spans[row].tolist())
        if len(yes) == 1:
            label = lesson.campaign.classes[yes[0]]
            clips.append(Clip(name, file, where, span is None, label, names.get(asset, name)))
            rows.append(row)
        elif lesson.asked[row].any():
            left.append((name, f"people say yes to {len(yes)} of its classes, and a clip has one"))
    if not clips:
        raise OptionError(
            f"no clip of the campaign {campaign!r} has one class that most people say yes to. Label some first."
        )
    notes = () if both or inputs else (f"not all assets have {CURVE!r}, so that the shipped verdict takes no part",)
    values = _columns_of(lesson, own)[rows]
    data = {"campaign": campaign, "classes_asked": list(lesson.campaign.classes)}
    return Material(values, tuple(clips), own, data, notes, left_out=tuple(left))


def _inputs_of(lesson: CampaignLesson) -> tuple[Input, ...]:
    """As `inputs_of_tracks`, from the columns that a lesson has."""
    return inputs_of_tracks(
        {
            one.track: FeatureTrack(np.empty((0, 2)), np.empty((0, one.width), np.float32), one.columns)
            for one in lesson.inputs
        }
    )


def _columns_of(lesson: CampaignLesson, inputs: Sequence[Input]) -> Values:
    """The columns of a lesson that inputs name, shape (N, D).

    Raises:
        OptionError: If one is missing.
    """
    place: dict[tuple[str, str, str], int] = {}
    for one in lesson.inputs:
        for how in one.pools:
            for column in one.columns:
                place[one.track, how, column] = len(place)
    wanted = [(one.track, how, column) for one in inputs for how in one.pools for column in one.columns]
    missing = [name for name in wanted if name not in place]
    if missing:
        track, _, column = missing[0]
        raise OptionError(
            f"the model needs the column {column!r} of {track!r}, which the library lacks. Analyse again."
        )
    values: Values = np.asarray(lesson.examples.values)[:, [place[name] for name in wanted]].astype(np.float32)
    return values


def _group_names(library: Library) -> dict[str, str]:
    """A name for what each asset shares with others: the first of its groups; none for assets without."""
    assets = library.assets()
    numbers = components([asset.groups for asset in assets]).tolist()
    names: dict[int, str] = {}
    for asset, number in zip(assets, numbers, strict=True):
        for kind, name in asset.groups.items():
            names[number] = min(names.get(number, f"{kind}={name}"), f"{kind}={name}")
    return {asset.id: names[number] for asset, number in zip(assets, numbers, strict=True) if number in names}
