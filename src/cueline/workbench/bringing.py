"""Taking in labels that people bring: from a format of the field to label tracks of the assets they are about.

What is brought is kept as the outcome of a plug-in called `import:TRACK`, with the file's name and hash in its
provenance; so bringing a file again replaces what it brought before, and nothing that an analysis made.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from cueline import registry
from cueline.errors import CuelineError, FormatError, MediaError, OptionError
from cueline.ports import Brought, Importer, Outcome, Store
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span, clip
from cueline.timeline.timecode import clock
from cueline.timeline.tracks import LabelTrack, union
from cueline.workbench.matching import Places
from cueline.workbench.planning import Options

PREFIX = "import:"
_SLACK_SECONDS = 1.0  # containers, players and people disagree about the last moment of a file


@dataclass(frozen=True, slots=True)
class How:
    """How files are taken in.

    Attributes:
        form: Name of the importer; told by the ending where none is given.
        track: Name of the track; what the file says, or else the name of the format, where none is given.
        media: The asset it is about, where the file itself does not say; else the file's own name tells.
        clipped: Cut what lies beyond the end of an asset, instead of refusing it.
        options: Options by importer.
    """

    form: str = ""
    track: str = ""
    media: str = ""
    clipped: bool = False
    options: Options = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken in.

    Attributes:
        tracks: Names of the tracks that each asset has got, by its id.
        rows: How many labels in all.
        faults: What could not be taken in, and why, a line each.
        remarks: What was changed on the way, such as labels cut at the end of a film, a line each.
    """

    tracks: Mapping[str, Sequence[str]]
    rows: int
    faults: Sequence[str] = ()
    remarks: Sequence[str] = ()


def bring(store: Store, run: int, paths: Sequence[Path], how: How) -> Taken:
    """Take in files, each whole or with a reason; what could be taken in is kept.

    Raises:
        OptionError, UnknownPluginError: If it cannot be told which importer reads a file.
        MediaError: If a file does not exist.
    """
    importers = [importer_for(path, how.form, how.options) for path in paths]
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise MediaError(f"there is no file {str(missing[0])!r}", path=missing[0])
    places, assets = Places(store.places()), {asset.id: asset for asset in store.assets()}
    tracks, faults, remarks = dict[str, list[str]](), list[str](), list[str]()
    rows = 0
    for path, (form, importer) in zip(paths, importers, strict=True):
        basket = _Basket(path, how, form, places, assets)
        try:
            for brought in importer.read(path):
                basket.take(brought)
            digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        except (CuelineError, OSError) as error:
            faults.append(f"{path}: {error}")
            continue
        kept = basket.outcomes({"format": form, "file": path.name, "hash": digest}, importer.version)
        store.commit(run, kept)
        for outcome in kept:
            tracks.setdefault(outcome.asset, []).extend(outcome.tracks)
            rows += sum(map(len, outcome.tracks.values()))
        faults += [f"{path}: {fault}" for fault in dict.fromkeys(basket.faults)]
        remarks += [f"{path}: {remark}" for remark in basket.remarks]
    return Taken(tracks, rows, faults, remarks)


def importer_for(path: Path, form: str, options: Options) -> tuple[str, Importer]:
    """The importer of a name, or else the one for a file's ending, and its name.

    Raises:
        OptionError: If the ending does not tell.
        UnknownPluginError: If there is none of that name.
    """
    if not form:
        loaded = {name: entry.load() for name, entry in registry.installed("importers").items()}
        fitting = sorted(name for name, kind in loaded.items() if path.suffix.lower() in kind.suffixes)
        if len(fitting) != 1:
            raise OptionError(
                f"the ending of {path.name!r} does not tell its format; say which it is: "
                f"{', '.join(fitting or sorted(loaded))}"
            )
        form = fitting[0]
    importer: Importer = registry.make("importers", form, **options.get(form, {}))
    return form, importer


@dataclass(slots=True)
class _Basket:
    """What one file brings, by asset and track."""

    path: Path
    how: How
    form: str
    places: Places
    assets: Mapping[str, Asset]
    parts: dict[tuple[str, str], list[LabelTrack]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def take(self, brought: Brought) -> None:
        """Put labels where they belong, or say why not."""
        try:
            asset = self.assets[self._asset(brought)]
            labels = self._fitted(brought.labels, asset)
        except (LookupError, FormatError) as error:
            self.faults.append(str(error))
            return
        self.parts[asset.id, self.how.track or brought.track or self.form].append(labels)

    def outcomes(self, options: Mapping[str, str], version: str) -> list[Outcome]:
        """One for each track, as if a plug-in had made it."""
        kept = []
        for (asset, name), labels in self.parts.items():
            made = Provenance(f"{PREFIX}{name}", version, options)
            kept.append(Outcome(asset, made.plugin, "done", made, tracks={name: union(labels)}))
        return kept

    def _asset(self, brought: Brought) -> str:
        called = self.how.media or brought.media
        if called:
            return self.places.asset(called)
        stem = self.path.stem
        while stem:  # "film.en.srt" is about "film", unless there is a "film.en"
            try:
                return self.places.asset(stem)
            except LookupError:
                stem = stem.rpartition(".")[0]
        raise LookupError(
            f"the file does not say which media it is about, and none is called {self.path.stem!r}. Name it with --file"
        )

    def _fitted(self, labels: LabelTrack, asset: Asset) -> LabelTrack:
        """Labels of a stream of the asset, none of them beyond its end."""
        stream = asset.stream("video") or asset.stream("audio")
        labels = replace(labels, stream=stream.name if stream else "")
        beyond = np.flatnonzero(labels.spans[:, 1] > asset.duration + _SLACK_SECONDS)
        if not beyond.size or not asset.duration:
            return labels
        start, end = labels.spans[beyond[0]]
        told = (
            f"{beyond.size} of {len(labels)} labels reach beyond the end of the media ({clock(asset.duration)}), the "
            f"first from {clock(start)} to {clock(end)}"
        )
        if not self.how.clipped:
            raise FormatError(f"{told}. Is it another cut, or another unit of time? Cut them off with --clip if not")
        whole = Span(0.0, asset.duration)
        spans, rows = clip(labels.spans, whole)
        self.remarks.append(f"{told}; they were cut off there")
        names = tuple(labels.names[row] for row in rows)
        judged = clip(labels.judged, whole)[0]
        return LabelTrack(spans, names, labels.scores[rows], labels.classes, judged, labels.stream)
