"""Checks for authors of plug-ins: does it keep the promises of its port?

Each check raises PluginError with what is broken. Use them in the tests of your own package:

    from cueline.testing import check_extractor
    def test_my_extractor_keeps_its_promises():
        check_extractor(MyExtractor())
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline import registry
from cueline.errors import FormatError, OptionError, PluginError
from cueline.ports import Batch, Rows, Source
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.records import Provenance, Record, Tracks
from cueline.timeline.requests import EveryFrame, Instants, Request, Sound, Windows
from cueline.timeline.spans import Span, Spans, as_spans, clip
from cueline.timeline.tracks import FeatureTrack, LabelTrack, Track

RATE_HZ = 25
SECONDS = 4.0


def sample_asset() -> Asset:
    """Four seconds of video with sound, as checks use it."""
    video = Stream(
        "video:0", "video", 0, "h264", duration=SECONDS, rate=Fraction(RATE_HZ), frames=100, width=640, height=360
    )
    audio = Stream("audio:0", "audio", 1, "aac", duration=SECONDS, rate_hz=48000, channels=2)
    return Asset("c" * 32, SECONDS, (video, audio))


def check_options(plugin: Any) -> None:
    """Its options are those of a frozen dataclass, each with a default, and plain enough to be kept as JSON.

    Raises:
        PluginError: If a promise is broken; says which.
    """
    kind = type(plugin)
    name = kind.__name__
    if not (dataclasses.is_dataclass(plugin) and getattr(kind, "__dataclass_params__").frozen):  # noqa: B009
        raise PluginError(f"{name} must be a frozen dataclass: its fields are its options", plugin=name)
    if not isinstance(getattr(kind, "version", None), str):
        raise PluginError(f"{name} must have a class attribute 'version' of type str", plugin=name)
    if not (kind.__doc__ or "").strip() or (kind.__doc__ or "").startswith(f"{name}("):
        raise PluginError(f"{name} must have a docstring; its first line is shown by 'cueline plugins'", plugin=name)
    needed = [field.name for field in dataclasses.fields(plugin) if _has_no_default(field)]
    if needed:
        raise PluginError(f"every option of {name} needs a default, {needed[0]!r} has none", plugin=name)
    if plugin != kind() or hash(plugin) != hash(kind()):
        raise PluginError(f"two {name} with the same options must be equal", plugin=name)
    try:
        json.dumps(registry.values_of(plugin))
    except TypeError as error:
        raise PluginError(f"the options of {name} must be plain values: {error}", plugin=name) from error


def check_refusal(kind: registry.Kind, name: str) -> None:
    """A misspelt option is refused.

    Raises:
        PluginError: If it is taken in silence.
    """
    try:
        registry.make(kind, name, no_such_option=1)
    except OptionError:
        return
    raise PluginError(f"{name!r} takes an option that it does not have", plugin=name)


def check_extractor(extractor: Any, tracks: Tracks | None = None) -> None:
    """It gives rows in order and inside the asset, the same however the batches are cut, and changes nothing.

    Args:
        extractor: With default options.
        tracks: What it needs, for an extractor of a second pass.

    Raises:
        PluginError: If a promise is broken; says which.
    """
    check_options(extractor)
    name = type(extractor).__name__
    if not isinstance(extractor.gives, str) or not isinstance(extractor.needs, tuple):
        raise PluginError(f"{name}.gives must be a name and {name}.needs a tuple of names", plugin=name)
    silent = Asset("d" * 32, SECONDS)
    if extractor.wants(silent, tracks or {}) is not None:
        raise PluginError(f"{name}.wants must be None for an asset without streams", plugin=name)
    asset = sample_asset()
    request = extractor.wants(asset, tracks or {})
    if request is None:
        return
    whole = _run(extractor, asset, list(sample_batches(request, size=100)))
    _check_rows(name, whole, asset)
    for size in (1, 7):
        pieces = _run(extractor, asset, list(sample_batches(request, size=size)))
        if not _same(whole, pieces):
            raise PluginError(f"{name} must give the same rows however batches are cut, and does not", plugin=name)
    if _run(extractor, asset, []).spans.size:
        raise PluginError(f"{name} gives rows of an asset of which it saw nothing", plugin=name)


def check_detector(detector: Any, tracks: Tracks) -> None:
    """It gives every track it promises, inside the asset, twice the same, and changes nothing.

    Args:
        detector: With default options.
        tracks: What it needs, of `sample_asset()`.

    Raises:
        PluginError: If a promise is broken; says which.
    """
    check_options(detector)
    name = type(detector).__name__
    asset = sample_asset()
    given = detector.detect(asset, tracks)
    missing = sorted(set(detector.gives) - set(given))
    if missing:
        raise PluginError(f"{name} promises the track {missing[0]!r} and does not give it", plugin=name)
    again = detector.detect(asset, tracks)
    whole = Span(0.0, asset.duration)
    for track_name, track in given.items():
        if not isinstance(track, FeatureTrack | LabelTrack):
            raise PluginError(f"{name} must give tracks, got {type(track).__name__}", plugin=name)
        if len(track) and len(clip(track.spans, whole)[1]) != len(track):
            raise PluginError(f"{name} gives spans outside the asset in {track_name!r}", plugin=name)
        if not _equal(track, again[track_name]):
            raise PluginError(f"{name} must give the same twice, {track_name!r} differs", plugin=name)


def check_exporter(exporter: Any, folder: Path) -> Sequence[Path]:
    """It writes one or more files, for any name and for no tracks at all; gives what it wrote.

    Args:
        exporter: With default options.
        folder: An empty folder.

    Raises:
        PluginError: If a promise is broken; says which.
    """
    check_options(exporter)
    name = type(exporter).__name__
    if not exporter.keeps:
        raise PluginError(f"{name}.keeps must say what the format keeps and what it loses", plugin=name)
    shots = LabelTrack(as_spans([[0.0, 1.5], [1.5, SECONDS]]), ("shot", "shot"), stream="video:0")
    record = Record(sample_asset(), {"shots": shots}, {"shots": Provenance("shots", "1")})
    odd = Source(Record(Asset("e" * 32, 0.0)), '-odd "name"\n\u00e9\'.mp4')
    written = list(exporter.export([Source(record, "film.mp4"), odd], folder))
    if not written or not all(path.is_file() and path.resolve().is_relative_to(folder.resolve()) for path in written):
        raise PluginError(f"{name} must write files into the folder and name them, got {written}", plugin=name)
    return written


def check_importer(importer: Any, folder: Path) -> None:
    """It names its endings, and refuses what is none of its format; an exporter too, it reads what it writes.

    Args:
        importer: With default options.
        folder: An empty folder.

    Raises:
        PluginError: If a promise is broken; says which.
    """
    check_options(importer)
    name = type(importer).__name__
    if not importer.brings:
        raise PluginError(f"{name}.brings must say what reading brings", plugin=name)
    if not importer.suffixes or not all(suffix.startswith(".") for suffix in importer.suffixes):
        raise PluginError(f"{name}.suffixes must be endings such as '.srt', got {importer.suffixes}", plugin=name)
    for number, data in enumerate((b"\x00\xff no such format\n", b"{]\n")):
        strange = folder / f"strange-{number}{importer.suffixes[0]}"
        strange.write_bytes(data)
        try:
            list(importer.read(strange))
        except FormatError:
            continue
        raise PluginError(f"{name} must refuse what is not its format with a FormatError, got {data!r}", plugin=name)


def sample_batches(request: Request, *, size: int) -> Iterator[Batch]:
    """Batches as a decode pass would give them for a request on `sample_asset()`: noise that changes twice."""
    if isinstance(request, Sound):
        yield from _sample_sound(request, size)
        return
    frames = _frame_spans()
    if isinstance(request, EveryFrame):
        yield from _cut(_pictures(request.picture.width, request.picture.height, frames), frames, size)
    elif isinstance(request, Instants):
        times = np.arange(0.0, SECONDS, request.every) if request.every else np.array(request.times)
        rows = frames[np.floor(times * RATE_HZ + 1e-9).astype(int)]
        yield from _cut(_pictures(request.picture.width, request.picture.height, rows), rows, size)
    elif isinstance(request, Windows):
        for start, end in request.spans.tolist():
            times = start + (np.arange(request.frames) + 0.5) / request.frames * (end - start)
            rows = frames[np.floor(times * RATE_HZ + 1e-9).astype(int)]
            yield FrameBatch(_pictures(request.picture.width, request.picture.height, rows), rows, Span(start, end))


def _frame_spans() -> Spans:
    starts = np.arange(int(SECONDS * RATE_HZ)) / RATE_HZ
    return as_spans(np.column_stack((starts, (np.arange(len(starts)) + 1) / RATE_HZ)))


def _pictures(width: int, height: int, spans: Spans) -> npt.NDArray[np.uint8]:
    """A different texture in each third, slightly noisy, the same for the same time."""
    pictures = np.empty((len(spans), height, width, 3), dtype=np.uint8)
    for picture, start in zip(pictures, spans[:, 0], strict=True):
        third = np.random.default_rng(int(3 * start / SECONDS))
        noise = np.random.default_rng(round(start * 1000))
        texture = third.integers(20, 220, (height, width, 3))
        picture[...] = texture + noise.integers(0, 8, picture.shape)
    return pictures


def _cut(pictures: npt.NDArray[np.uint8], spans: Spans, size: int) -> Iterator[FrameBatch]:
    for first in range(0, len(pictures), size):
        yield FrameBatch(pictures[first : first + size].copy(), spans[first : first + size])


def _sample_sound(request: Sound, size: int) -> Iterator[SoundBatch]:
    rate = request.rate_hz or 48000
    noise = np.random.default_rng(0).normal(0, 0.1, (int(rate * SECONDS), 1 if request.mono else 2))
    step = max(1, size * rate // 100)
    for first in range(0, len(noise), step):
        yield SoundBatch(noise[first : first + step].astype(np.float32), first / rate, rate)


def _run(extractor: Any, asset: Asset, batches: list[Batch]) -> Rows:
    rows = list(extractor.extract(asset, iter(batches)))
    if not rows:
        return Rows(as_spans([]), np.empty((0, 0)))
    if len({(part.columns, part.values.dtype, part.values.shape[1:]) for part in rows}) > 1:
        name = type(extractor).__name__
        raise PluginError(f"{name} must give the same columns in all its rows", plugin=name)
    spans = np.concatenate([part.spans for part in rows])
    values = np.concatenate([part.values for part in rows])
    pictures = tuple(picture for part in rows for picture in part.pictures)
    return Rows(as_spans(spans), values, rows[0].columns, pictures)


def _check_rows(name: str, rows: Rows, asset: Asset) -> None:
    FeatureTrack(rows.spans, rows.values, rows.columns)
    if (np.diff(rows.spans[:, 0]) < 0).any():
        raise PluginError(f"{name} must give rows in order of time", plugin=name)
    if len(rows.spans) and (rows.spans[0, 0] < 0 or rows.spans[:, 1].max() > asset.duration + 1e-6):
        raise PluginError(f"{name} gives rows outside the asset", plugin=name)
    if rows.pictures and len(rows.pictures) != len(rows.spans):
        raise PluginError(f"{name} must give a picture for every row or for none", plugin=name)


def _same(one: Rows, two: Rows) -> bool:
    return np.array_equal(one.spans, two.spans) and np.allclose(
        one.values, two.values, rtol=1e-5, atol=1e-6, equal_nan=True
    )


def _equal(one: Track, two: Track) -> bool:
    if isinstance(one, FeatureTrack) and isinstance(two, FeatureTrack):
        return np.array_equal(one.spans, two.spans) and np.array_equal(one.values, two.values, equal_nan=True)
    if isinstance(one, LabelTrack) and isinstance(two, LabelTrack):
        return (
            np.array_equal(one.spans, two.spans) and one.names == two.names and np.array_equal(one.scores, two.scores)
        )
    return False


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.init and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
