"""Hugging Face: a folder that `datasets.load_dataset` loads, with labels as Parquet and a card that describes it.

    README.md             the card: what is in it, the columns, the splits
    data/train.parquet    a row for each label; a file for each split

A row has the columns of `COLUMNS`. `file_name` says which media it is about, relative to the folder that holds the
media; media are not copied. Groups of the asset are a JSON object in `groups`. Where assets have a group of the kind
`split`, such as train, validation and test, it is their split; all others are in "train".

References:
    Hugging Face, Datasets documentation, "Structure your repository" and "Create a dataset card".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from cueline.errors import FormatError
from cueline.exporters.naming import placed_whole, written_whole
from cueline.ports import Source
from cueline.timeline.tracks import LabelTrack

COLUMNS: Mapping[str, str] = {  # in the order of a row, each with its type as the card and Arrow call it
    "asset": "string",
    "file_name": "string",
    "groups": "string",
    "track": "string",
    "start": "float64",
    "end": "float64",
    "label": "string",
    "score": "float64",
}
GROUP_ROWS = 50_000
FIRST_SPLIT = "train"
_SPLIT = re.compile(r"\w+(\.\w+)*", re.ASCII)
_SCHEMA = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in COLUMNS.items()])


@dataclass(frozen=True, slots=True)
class HuggingFace:
    """A data set folder for Hugging Face `datasets`, to train on or to publish.

    Attributes:
        split: The kind of group that names the split of an asset.
        title: What the card calls the data set.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".parquet"
    keeps: ClassVar[str] = (
        "Keeps every label with exact seconds and score, and groups of assets; loses the classes that were looked for, "
        "what was judged, streams and provenance; media are named, not copied."
    )

    split: str = "split"
    title: str = "Timed labels"

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write the data set.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The card and a file for each split; one without rows, which `datasets` refuses to load, where there is
            nothing to put in it.

        Raises:
            FormatError: If a split has a name that `datasets` does not allow.
        """
        splits: dict[str, _Split] = {}
        with ExitStack() as whole:
            for source in sources:
                name = source.record.asset.groups.get(self.split, FIRST_SPLIT)
                if not _SPLIT.fullmatch(name):
                    raise FormatError(
                        f"a split must be called by letters, digits and underscores, as in train, got {name!r} for "
                        f"{source.name!r}. Rename its group {self.split!r}, or name another kind of group with "
                        "huggingface.split=KIND.",
                        asset=source.record.asset.id,
                    )
                if name not in splits:
                    splits[name] = whole.enter_context(_written_split(folder / "data" / f"{name}.parquet"))
                for track_name, track in sorted(source.record.tracks.items()):
                    if isinstance(track, LabelTrack):
                        splits[name].add(_rows(source, track_name, track))
            if not splits:
                splits[FIRST_SPLIT] = whole.enter_context(_written_split(folder / "data" / f"{FIRST_SPLIT}.parquet"))
        card = folder / "README.md"
        with written_whole(card) as file:
            file.write(self._card(splits))
        return [card, *(split.path for split in splits.values())]

    def _card(self, splits: Mapping[str, _Split]) -> str:
        lines = ["---", f"pretty_name: {json.dumps(self.title)}", "tags:", "- video", "- audio", "- timed-labels"]
        lines += ["configs:", "- config_name: default", "  data_files:"]
        for name, split in splits.items():
            lines += [f"  - split: {name}", f"    path: data/{split.path.name}"]
        lines += ["dataset_info:", "  features:"]
        for name, kind in COLUMNS.items():
            lines += [f"  - name: {name}", f"    dtype: {kind}"]
        lines += ["  splits:"]
        for name, split in splits.items():
            lines += [f"  - name: {name}", f"    num_bytes: {split.size_bytes}", f"    num_examples: {split.count}"]
        return "\n".join([*lines, "---", "", f"# {' '.join(self.title.split())}", "", _TEXT])


_TEXT = """\
Each row is a label: something named, in the media `file_name`, from `start` to `end`.

- Times are seconds from the start of the media, the end exclusive; where both are equal the label is an instant.
- `track` says which family the label is of, and `score` how sure its source was, from 0 to 1.
- `asset` is a fingerprint of the media's content; `groups` is a JSON object of what the media belong to.

Media are not part of this data set: join `file_name` with the folder that holds them. What has no row was either looked
for and not found, or not looked for; this table does not tell which.
"""


@dataclass(slots=True)
class _Split:
    """A file of rows on its way to disk, a group of them in memory."""

    path: Path
    writer: pq.ParquetWriter
    count: int = 0
    size_bytes: int = 0  # in memory, as the card has it
    parts: list[pa.Table] = field(default_factory=list)
    waiting: int = 0

    def add(self, part: pa.Table) -> None:
        self.parts.append(part)
        self.count += len(part)
        self.size_bytes += part.nbytes
        self.waiting += len(part)
        if self.waiting >= GROUP_ROWS:
            self.flush()

    def flush(self) -> None:
        if self.waiting:
            self.writer.write_table(pa.concat_tables(self.parts), row_group_size=GROUP_ROWS)
        self.parts.clear()
        self.waiting = 0


@contextmanager
def _written_split(path: Path) -> Iterator[_Split]:
    with placed_whole(path) as aside, pq.ParquetWriter(aside, _SCHEMA) as writer:
        split = _Split(path, writer)
        yield split
        split.flush()


def _rows(source: Source, name: str, track: LabelTrack) -> pa.Table:
    asset = source.record.asset
    groups = json.dumps(dict(asset.groups), sort_keys=True)
    about = (_text(asset.id), _text(source.name), groups, _text(name))
    return pa.table(
        [
            *(pa.repeat(text, len(track)) for text in about),
            *(track.spans[:, 0].copy(), track.spans[:, 1].copy()),
            pa.array([_text(label) for label in track.names], pa.string()),
            track.scores,
        ],
        schema=_SCHEMA,
    )


def _text(text: str) -> str:
    """Text as UTF-8 can hold it; what is not valid Unicode, as from a file name that is not UTF-8, becomes escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
