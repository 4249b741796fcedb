"""What a trained multi-label model says of rows of features, of the files of a library, or of a few media files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from cueline.datasets.youtube8m import read_examples
from cueline.detectors.tags import Tags
from cueline.errors import OptionError, UnknownPluginError
from cueline.models.cards import ClassEntry
from cueline.models.checkpoints import load_card, load_model
from cueline.ports import Watch
from cueline.registry import values_of
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span
from cueline.timeline.toplists import top_classes
from cueline.workbench.analysis import Summary
from cueline.workbench.finding import find_media
from cueline.workbench.library import Library
from cueline.workbench.opened import is_library
from cueline.workbench.planning import plan

ARRAYS = (".npy", ".tfrecord", ".csv", ".parquet", ".gz")
PREDICTIONS = b"VideoId,LabelConfidencePairs"  # what their official form begins with
MODELS_OWN = -1.0  # a threshold that stands for the model's own, one for each class


@dataclass(frozen=True, slots=True)
class Classified:
    """What was found in one row, file or span.

    Attributes:
        item: Id of the video, number of the row, or path of the file.
        labels: Classes and their chances, the likeliest first.
        span: Of the file; None for rows of features.
    """

    item: str
    labels: tuple[tuple[ClassEntry, float], ...]
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which classes are told.

    Attributes:
        most: At most so many of each item.
        threshold: From this chance on; negative for the model's own thresholds.
        over: Name of a label track whose spans are looked at one by one; empty for files as a whole.
    """

    most: int = 5
    threshold: float = MODELS_OWN
    over: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be chosen."""
        if self.most < 1 or not self.threshold < 1:
            raise OptionError(
                f"at least 1 label is asked for, from a chance below 1 on, got {self.most} and {self.threshold}"
            )


def is_features(path: Path) -> bool:
    """Whether a path holds rows of features, not media: an array, records, a table or a compact form."""
    return (path.is_file() and path.suffix in ARRAYS) or (path / "compact.json").is_file()


def classify_rows(folder: Path, features: Path, choice: Choice) -> Iterator[Classified]:
    """What a model says of each row, in order.

    Args:
        folder: Of the model.
        features: As `read_examples` takes it.
        choice: Which classes are told.

    Raises:
        OptionError: If spans are to be looked at, which rows have not, or the file holds predictions.
    """
    if choice.over:
        raise OptionError(f"rows of features have no spans of a track: leave --over {choice.over} out for '{features}'")
    _must_hold_no_predictions(features)
    model, examples = load_model(folder), read_examples(features)
    row = 0
    for chances in model.chances(examples.values):
        top = top_classes(chances, choice.most)
        least = model.thresholds[top.classes] if choice.threshold < 0 else np.full(top.scores.shape, choice.threshold)
        for classes, scores, enough in zip(top.classes, top.scores, top.scores >= least, strict=True):
            found = zip(classes[enough].tolist(), scores[enough].tolist(), strict=True)
            item = str(examples.assets[row]) if len(examples.assets) else str(row)
            yield Classified(item, tuple((model.card.classes[number], score) for number, score in found))
            row += 1


def classify_library(
    library: Library, folder: Path, choice: Choice, *, jobs: int = 0, watch: Watch | None = None
) -> tuple[list[Classified], Summary]:
    """Tag every file of a library; the tags stay in it as the track `tags`.

    Args:
        library: Which; what the model needs and is not there is computed first.
        folder: Of the model.
        choice: Which classes are told.
        jobs: Files worked on at once; 0 for one a core.
        watch: Hears how it goes.

    Returns:
        What was found in each file, or each of its spans, and how the work went.

    Raises:
        UnknownPluginError: If nothing gives a track that the model was trained on, or that of the spans.
    """
    tags = _tags(folder, choice)
    summary = library.analyze(wanted=("tags",), options={"tags": values_of(tags)}, jobs=jobs, watch=watch)
    return list(_told(library, tags, summary)), summary


def classify_files(
    paths: Sequence[Path], folder: Path, choice: Choice, *, jobs: int = 0, watch: Watch | None = None
) -> tuple[list[Classified], Summary]:
    """Tag media files without keeping anything of it; otherwise as `classify_library`."""
    for path in paths:
        _must_hold_no_predictions(path)
    if not find_media(paths).files:
        raise OptionError(
            f"no media files are at {', '.join(map(str, paths))}. Rows of features end in .npy or .tfrecord."
        )
    with tempfile.TemporaryDirectory(prefix="cueline-") as place:
        library = Library(Path(place) / "classified.cue")
        tags = _tags(folder, choice)
        summary = library.analyze(*paths, wanted=("tags",), options={"tags": values_of(tags)}, jobs=jobs, watch=watch)
        return list(_told(library, tags, summary)), summary


def opened(path: Path) -> Library | None:
    """The library at a path, or None where there is none."""
    return Library(path) if is_library(path) else None


def _tags(folder: Path, choice: Choice) -> Tags:
    """The detector, refused here, before any file is opened, where it cannot work."""
    tracks = [one.track for one in load_card(folder).inputs]
    tags = Tags(str(folder.resolve()), choice.over, choice.most, choice.threshold)
    try:
        plan(("tags",), {"tags": values_of(tags)})
    except UnknownPluginError as error:
        if error.plugin not in tracks:
            raise
        raise UnknownPluginError(
            f"the model in {str(folder)!r} was trained on numbers ({', '.join(tracks)}) that media files do not give "
            f"here: nothing installed computes {error.plugin!r}. Classify rows of these numbers instead: a .npy array, "
            "records, or a compact form.",
            plugin=error.plugin,
        ) from error
    return tags


def _must_hold_no_predictions(path: Path) -> None:
    """Refuse what a model said before, which is no feature and no media."""
    if path.is_file():
        with path.open("rb") as file:
            official = file.read(len(PREDICTIONS)) == PREDICTIONS
        if official or path.suffix.lower() == ".npz":
            what = "predictions" if official else "arrays by name, as predictions and labels do"
            raise OptionError(
                f"{str(path)!r} holds {what}; classified are media, or rows of features, such as one .npy array. "
                "Predictions are measured by `cueline evaluate multilabel`."
            )


def _told(library: Library, tags: Tags, summary: Summary) -> Iterator[Classified]:
    """The track `tags`, an item for each span; one without labels for each file in which nothing was found.

    Files that could not be looked at now are left out, whatever another model said of them before.
    """
    entries = {entry.name: entry for entry in load_card(Path(tags.model)).classes}
    lost = {*summary.failed, *summary.unreadable}
    files = {asset: path for asset, path in library.files().items() if path not in lost}
    wanted = (values_of(tags), tags.weights)
    made = library.sql("select asset, provenance from tracks where name = 'tags'")
    for asset, text in zip(made["asset"], made["provenance"], strict=True):
        by = Provenance.from_json(text)
        if (by.options, by.weights) != wanted:
            files.pop(asset, None)
    seen = set()
    for (asset, span), rows in groupby(library.tags("tags"), key=lambda tag: (tag.asset, tag.span)):
        if asset not in files:
            continue
        seen.add(asset)
        found = sorted(rows, key=lambda tag: -tag.score)
        yield Classified(str(files[asset]), tuple((entries[tag.name], tag.score) for tag in found), span)
    for asset, path in files.items():
        if asset not in seen:
            yield Classified(str(path), ())
