"""Taking in labels that people bring: from a format of the field to label tracks of the assets they are about.

What is brought is kept as the outcome of a plug-in called `import:TRACK`, with the file's name and hash in its
provenance; so bringing a file again replaces what it brought before, and nothing that an analysis made or will make.
Two files of one call never replace each other's labels, and where a file replaces those of another, that is told.
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
from cueline.stores.answers import SLACK_SECONDS
from cueline.stores.rows import plain
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span, clip
from cueline.timeline.tracks import LabelTrack, union
from cueline.workbench.matching import Places
from cueline.workbench.planning import Options

PREFIX = "import:"


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
        OptionError, UnknownPluginError: If it cannot be told which importer reads a file, or if the name asked for is
            that of a track which an installed plug-in makes.
        MediaError: If a file does not exist.
    """
    owners = Owners(store)
    owners.refuse_name(how.track)
    importers = [importer_for(path, how.form, how.options) for path in paths]
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise MediaError(f"there is no file {str(missing[0])!r}", path=missing[0])
    places, assets = Places(store.places()), {asset.id: asset for asset in store.assets()}
    tracks, faults, remarks = dict[str, list[str]](), list[str](), list[str]()
    rows = 0
    for path, (form, importer) in zip(paths, importers, strict=True):
        basket = _Basket(path, how, form, places, assets, owners)
        try:
            for brought in importer.read(path):
                basket.take(brought)
            digest = hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest()
        except Exception as error:  # noqa: BLE001  # a stranger's importer may raise anything; it is told as a fault
            faults.append(f"{path}: {_reason(form, error)}")
            continue
        kept = basket.outcomes({"format": form, "file": plain(path.name), "hash": digest}, importer.version)
        store.commit(run, kept)
        for outcome in kept:
            tracks.setdefault(outcome.asset, []).extend(outcome.tracks)
            rows += sum(map(len, outcome.tracks.values()))
        faults += [f"{path}: {fault}" for fault in dict.fromkeys(basket.faults)]
        remarks += [f"{path}: {remark}" for remark in dict.fromkeys(basket.remarks)]
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


def _reason(form: str, error: Exception) -> str:
    own = isinstance(error, CuelineError | OSError)
    return str(error) if own else f"the importer {form!r} broke: {type(error).__name__}: {error}"


class Owners:
    """Whose the names of tracks are, so that nothing is erased that a file does not bring again."""

    def __init__(self, store: Store) -> None:
        """Learn what installed plug-ins make."""
        self._store = store
        self._brought: dict[tuple[str, str], Path] = {}
        self._makers: dict[str, str] = {}
        for kind in ("extractors", "detectors"):
            for name, entry in registry.installed(kind).items():
                gives = entry.load().gives
                given = (gives,) if isinstance(gives, str) else gives
                self._makers.update(dict.fromkeys((name, *given), name))

    def refuse_name(self, track: str) -> None:
        """Refuse the name of what an analysis makes, since the next one would replace what was brought.

        Raises:
            OptionError: If a plug-in makes tracks of that name.
        """
        if track in self._makers:
            raise OptionError(
                f"the track {track!r} is what the plug-in {self._makers[track]!r} makes, and an analysis would replace "
                f"what is brought. Give it a name of its own, such as {_own_name(track)!r}"
            )

    def name_for(self, asset: str, track: str) -> str:
        """The name under which a track can be brought: its own, unless that is another's."""
        return _own_name(track) if track in self._makers or self._maker(asset, track) else track

    def claim(self, asset: str, track: str, path: Path) -> str:
        """Take a track for what a file brings, in place of what was brought under that name before.

        Returns:
            Which other file's labels are replaced, to be told; empty where there are none.

        Raises:
            FormatError: If another file of this call brings that track, or a plug-in made it.
        """
        if (maker := self._maker(asset, track)) is not None:
            raise FormatError(f"the track {track!r} was made by {maker!r}. Name another with --track", asset=asset)
        first = self._brought.setdefault((asset, track), path)
        if first != path:
            raise FormatError(
                f"the track {track!r} comes from {first.name!r} already. Bring the two one by one, each with a --track",
                asset=asset,
            )
        if track not in self._store.track_names(asset):
            return ""
        before = str(self._store.provenance(asset, track).options.get("file", ""))
        return "" if before == plain(path.name) else before

    def _maker(self, asset: str, track: str) -> str | None:
        """The plug-in that made a track which is there, unless it was brought."""
        if track not in self._store.track_names(asset):
            return None
        plugin = self._store.provenance(asset, track).plugin
        return None if plugin.startswith(PREFIX) else plugin


def _own_name(track: str) -> str:
    return f"{track}.imported"


@dataclass(slots=True)
class _Basket:
    """What one file brings, by asset and track."""

    path: Path
    how: How
    form: str
    places: Places
    assets: Mapping[str, Asset]
    owners: Owners
    parts: dict[tuple[str, str], list[LabelTrack]] = field(default_factory=lambda: defaultdict(list))
    said: dict[str, dict[str, None]] = field(default_factory=dict)
    media: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def take(self, brought: Brought) -> None:
        """Put labels where they belong, or say why not.

        Raises:
            FormatError: If the file is about several media and is said to be about one.
        """
        self._refuse_second(brought.media)
        try:
            asset = self.assets[self._asset(brought)]
            labels = self._fitted(brought.labels, asset)
        except (LookupError, FormatError) as error:
            self.faults.append(str(error))
            return
        said = brought.track or self.form
        name = self.how.track or self.owners.name_for(asset.id, said)
        if name != said and not self.how.track:
            self.remarks.append(f"the track {said!r} is what a plug-in makes; what was brought is called {name!r}")
        self.parts[asset.id, name].append(labels)
        self.said.setdefault(name, {})[said] = None

    def outcomes(self, options: Mapping[str, str], version: str) -> list[Outcome]:
        """One for each track, as if a plug-in had made it."""
        kept = []
        for (asset, name), labels in self.parts.items():
            made = Provenance(f"{PREFIX}{name}", version, options)
            try:
                replaced = self.owners.claim(asset, name, self.path)
                _refuse_half_letters(name, *(text for each in labels for text in each.classes))
            except FormatError as error:
                self.faults.append(str(error))
                continue
            if replaced:
                self.remarks.append(f"the track {name!r} replaces what was brought from {replaced!r} before")
            kept.append(Outcome(asset, made.plugin, "done", made, tracks={name: union(labels)}))
        for name, said in self.said.items():
            if len(said) > 1:
                self.remarks.append(f"the tracks {', '.join(map(repr, said))} were put together as {name!r}")
        return kept

    def _refuse_second(self, media: str) -> None:
        self.media.add(media)
        if self.how.media and len(self.media) > 1:
            raise FormatError(
                f"the file is about several media, {' and '.join(map(repr, sorted(self.media)[:2]))} among them, and "
                f"they cannot all be {self.how.media!r}. Leave out --file"
            )

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
        starts, ends = labels.spans.T
        beyond = np.flatnonzero((ends > asset.duration + SLACK_SECONDS) | (starts < -SLACK_SECONDS))
        if not beyond.size or not asset.duration:
            return labels
        start, end = labels.spans[beyond[0]]
        told = (
            f"{beyond.size} of {len(labels)} labels reach beyond the media, which lasts {asset.duration:.3f} s; the "
            f"first goes from {start:.3f} s to {end:.3f} s"
        )
        if not self.how.clipped:
            raise FormatError(f"{told}. Is it another cut, or another unit of time? Cut them off with --clip if not")
        whole = Span(0.0, asset.duration)
        spans, rows = clip(labels.spans, whole)
        self.remarks.append(f"{told}; they were cut off, {len(labels) - len(rows)} of them wholly")
        names = tuple(labels.names[row] for row in rows)
        judged = clip(labels.judged, whole)[0]
        return LabelTrack(spans, names, labels.scores[rows], labels.classes, judged, labels.stream)


def _refuse_half_letters(*texts: str) -> None:
    """Refuse text that is no Unicode, as JSON can write it and nothing can keep it."""
    for text in texts:
        if plain(text) != text:
            raise FormatError(f"names must be Unicode text, got half a letter in {text!r}. Write the file anew")
