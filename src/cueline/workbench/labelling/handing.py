"""Handing labels on: the answers of a campaign as label files of the field.

    json            a list of clips with their labels: `[{etag, labels, data}]`
    player          the player's `{name: Dialogue|Music|Both}`
    classification  a table `Filename,Classification`
    csv             a table of all answers that stand, one a line, by whom and when
    labelstudio     tasks for Label Studio, each with what is known as a prediction, and their configuration
    m3u             a playlist for each class
    others          any exporter that is installed, such as activitynet or audacity, by label tracks

What several people said is put together first (see `amounts`), but in the table of answers, which has them all. What a
format cannot hold is left out and told, never made to fit: a clip whose class is tied is no clip without that class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cueline import registry
from cueline.datasets.labelfiles import Skip, answer_table, labelstudio, player, playlists, table, workshop
from cueline.errors import OptionError, UnknownPluginError, near_miss
from cueline.exporters.naming import FileNames, safe_name, written_whole
from cueline.timeline.answers import Clip
from cueline.workbench.labelling.amounts import Amount, Amounts, amounts
from cueline.workbench.labelling.clips import parts_of
from cueline.workbench.labelling.tracks import export_tracks
from cueline.workbench.library import Library

ONE_FILE = {
    "json": "labels.json",
    "player": "player.json",
    "classification": "classification.csv",
    "csv": "answers.csv",
}
FORMS = (*ONE_FILE, "labelstudio", "m3u")
_SHOWN = {"picture": "image"}


@dataclass(frozen=True, slots=True)
class Handed:
    """What was handed on.

    Attributes:
        files: The files written.
        clips: How many clips, or parts of clips, stand in them.
        left_out: What the format cannot hold, each with clip, class and reason.
    """

    files: Sequence[Path]
    clips: int
    left_out: Sequence[Skip]

    def __repr__(self) -> str:
        """Counts."""
        return f"Handed({len(self.files)} files, {self.clips} clips, {len(self.left_out)} left out)"


def export_labels(
    library: Library,
    campaign: str,
    form: str,
    out: Path | str,
    *,
    who: str | None = None,
    consensus: str = "majority",
) -> Handed:
    """Write the labels of a campaign.

    Args:
        library: Where they are.
        campaign: Name of the campaign.
        form: One of `FORMS`, or the name of an exporter.
        out: A folder, made if missing; for a format of one file also the file itself, which then has an ending.
        who: Only this person's answers.
        consensus: How those of several are put together: "majority" or "dawid-skene".

    Raises:
        StoreError: If there is no such campaign.
        OptionError: If there is no such person or way.
        UnknownPluginError: If there is no such format.
    """
    _must_be_known(form)
    out, found = Path(out), amounts(library, campaign, who=who, consensus=consensus)
    if form in ONE_FILE:
        text, clips, left_out = _texts(found, form)
        path = out if out.suffix and not out.is_dir() else out / f"{safe_name(campaign)}.{ONE_FILE[form]}"
        _write(path, text)
        return Handed([path], clips, left_out)
    if form == "m3u":
        return _playlists(found, out)
    if form == "labelstudio":
        return _labelstudio(library, found, out)
    return Handed(*export_tracks(library, found, form, out))


def labels_text(
    library: Library, campaign: str, form: str, *, who: str | None = None, consensus: str = "majority"
) -> tuple[str, Handed]:
    """The labels of a campaign as the text of one file, and what it lacks.

    Args:
        library: Where they are.
        campaign: Name of the campaign.
        form: One of `ONE_FILE`.
        who: Only this person's answers.
        consensus: How those of several are put together.

    Raises:
        StoreError: If there is no such campaign.
        OptionError: If there is no such person or way, or the format is not one text.
    """
    _must_be_known(form)
    if form not in ONE_FILE:
        raise OptionError(
            f"{form!r} is written as files; name a folder with --out. One text are: {', '.join(ONE_FILE)}"
        )
    text, clips, left_out = _texts(amounts(library, campaign, who=who, consensus=consensus), form)
    return text, Handed([], clips, left_out)


def _must_be_known(form: str) -> None:
    known = [*FORMS, *registry.installed("exporters")]
    if form not in known:
        raise UnknownPluginError(
            f"no format is called {form!r}; there are: {', '.join(dict.fromkeys(known))}.{near_miss(form, known)}"
        )


def _texts(found: Amounts, form: str) -> tuple[str, int, list[Skip]]:
    """The text of a format of one file, how many clips are in it, and what is not."""
    writers: dict[str, Callable[[Amounts], tuple[str, int, list[Skip]]]] = {
        "json": _workshop,
        "player": _player,
        "classification": _classification,
        "csv": _answers,
    }
    return writers[form](found)


def _workshop(found: Amounts) -> tuple[str, int, list[Skip]]:
    whole = [(item.clip.key, item.clip.name, item.said) for item in found.whole]
    text, left_out = workshop.written(whole)
    return text, len(whole) - len(left_out), [*left_out, *_no_parts(found)]


def _player(found: Amounts) -> tuple[str, int, list[Skip]]:
    single, left_out = _single(found)
    text, more = player.written((parts_of(clip.name)[-1], label) for clip, label in single)
    return text, len(single) - len(more), [*left_out, *more, *_no_parts(found)]


def _classification(found: Amounts) -> tuple[str, int, list[Skip]]:
    single, left_out = _single(found)
    return table.written((clip.name, label) for clip, label in single), len(single), [*left_out, *_no_parts(found)]


def _answers(found: Amounts) -> tuple[str, int, list[Skip]]:
    rows = [(found.clips.get(answer.asset, Clip(answer.asset, answer.asset)), answer) for answer in found.answers]
    text = answer_table.written((clip.name, clip.key, answer) for clip, answer in rows)
    return text, len({(answer.asset, answer.span) for _, answer in rows}), []


def _single(found: Amounts) -> tuple[list[tuple[Clip, str]], list[Skip]]:
    """The clips of just one class, and why others are not."""
    kept, left_out = list[tuple[Clip, str]](), list[Skip]()
    for item in found.whole:
        if len(item.yes) == 1:
            kept.append((item.clip, item.yes[0]))
        else:
            has = " and ".join(map(repr, item.yes)) or "none"
            open_ = "".join(f", {name} {said}" for name, said in item.said.items() if said in ("tied", "unsure"))
            reason = f"the format has one class for each clip, and this one has {has}{open_}"
            left_out.append(Skip("", item.clip.name, ", ".join(item.yes), reason))
    return kept, left_out


def _no_parts(found: Amounts) -> list[Skip]:
    reason = "the format is about whole clips, and this is about {}"
    return [Skip("", item.clip.name, ", ".join(item.yes), reason.format(item.span)) for item in found.parts]


def _playlists(found: Amounts, out: Path) -> Handed:
    names, files, left_out = FileNames(".m3u"), list[Path](), list[Skip]()
    clips = set[tuple[str, object]]()
    for label in found.campaign.classes:
        entries = [item for item in found.items if item.said[label] == "yes"]
        left_out += [
            Skip("", item.clip.name, label, f"a playlist lists what has the class, and this is {item.said[label]}")
            for item in found.items
            if item.said[label] in ("tied", "unsure")
        ]
        lines = list[str]()
        for item in entries:
            if item.clip.name.startswith("#") or "\n" in item.clip.name or "\r" in item.clip.name:
                left_out.append(Skip("", item.clip.name, label, "a line of a playlist cannot hold this name"))
            else:
                lines.append(_entry(item))
                clips.add((item.clip.asset, item.span))
        if lines:
            files.append(out / names.called(label))
            _write(files[-1], playlists.written(label, lines))
    return Handed(files, len(clips), left_out)


def _entry(item: Amount) -> str:
    return item.clip.name + (f"#t={item.span.start!r},{item.span.end!r}" if item.span else "")


def _labelstudio(library: Library, found: Amounts, out: Path) -> Handed:
    """Tasks about whole clips here, ranges by the exporter of that name."""
    files, clips, left_out = list[Path](), 0, list[Skip]()
    if found.parts:
        parts, clips, left_out = export_tracks(library, found, "labelstudio", out, parts=True)
        files += parts
    asked = [task.asset for task in found.tasks if task.span is None]
    known = {item.clip.asset: item for item in found.whole}
    assets = list(dict.fromkeys([*asked, *known]))
    if assets:
        where = {asset: path.as_uri() for asset, path in library.files().items()}
        kind = _SHOWN.get(found.campaign.shown, found.campaign.shown)
        guesses = [_guess(found, asset, known.get(asset), where) for asset in assets]
        left_out += [
            Skip("", item.clip.name, name, f"a prediction says what is there, and this is {verdict}")
            for item in known.values()
            for name, verdict in item.said.items()
            if verdict in ("tied", "unsure")
        ]
        question = found.campaign.question or f"Which of these are in this {kind}?"
        tasks = labelstudio.written(guesses, kind=kind, model=f"answers of {', '.join(found.people) or 'nobody'}")
        about = labelstudio.configuration(
            found.campaign.classes, kind=kind, question=question, exclusive=found.campaign.exclusive
        )
        stem = out / safe_name(found.campaign.name)
        files += [stem.with_name(f"{stem.name}.labelstudio.json"), stem.with_name(f"{stem.name}.labelstudio.xml")]
        _write(files[-2], tasks)
        _write(files[-1], about)
    return Handed(files, clips + len(assets), left_out)


def _guess(found: Amounts, asset: str, item: Amount | None, where: dict[str, str]) -> labelstudio.Guess:
    clip = found.clips.get(asset, Clip(asset, asset))
    choices = item.yes if item is not None and any(item.said.values()) else None
    return labelstudio.Guess(clip.name, clip.key, asset, where.get(asset, clip.name), choices)


def _write(path: Path, text: str) -> None:
    with written_whole(path, newline="") as file:
        file.write(text)
