"""Silero VAD behind our port: the chance of speech in every 32 ms of sound (extra `silero`).

A small recurrent network hears windows of 512 samples at 16 kHz one after the other, and keeps what it heard in its
state. As by its authors, the last window is filled up with zeros; its row ends where the sound does. Samples that are
no numbers count as 0, since one of them would silence the state for the rest of the file.

References:
    Silero Team, 2024, Silero VAD: pre-trained enterprise-grade voice activity detector,
    https://github.com/snakers4/silero-vad.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import MissingExtraError, PluginError
from cueline.ports import Batch, Rows
from cueline.timeline.assets import Asset
from cueline.timeline.batches import SoundBatch
from cueline.timeline.records import Tracks
from cueline.timeline.requests import Sound

RATE_HZ = 16_000
WINDOW = 512
WEIGHTS = "silero_vad.jit"


@dataclass(frozen=True)
class Silero:
    """Chance of speech in each window of 32 ms."""

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "silero"
    needs: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "silero"
    imports: ClassVar[tuple[str, ...]] = ("torch", "silero_vad")

    @property
    def weights(self) -> dict[str, str]:
        """SHA-256 of the weights that are installed, for provenance; empty where none are."""
        package = find_spec("silero_vad")
        if package is None or package.origin is None:
            return {}
        return {WEIGHTS: hashlib.sha256((Path(package.origin).parent / "data" / WEIGHTS).read_bytes()).hexdigest()}

    def wants(self, asset: Asset, tracks: Tracks) -> Sound | None:  # noqa: ARG002  # the port's signature
        """One channel at 16 kHz; None for an asset without sound."""
        return None if asset.stream("audio") is None else Sound(RATE_HZ, mono=True)

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """One row a window: float32, shape (N, 1), column `speech`, 0 to 1.

        Raises:
            MissingExtraError: If Silero VAD is not installed.
            PluginError: If the batches are not one channel of sound at 16 kHz.
        """
        model = _model()
        rest, start, given = np.empty(0, np.float32), 0.0, 0
        for batch in batches:
            if not isinstance(batch, SoundBatch) or (batch.rate_hz, batch.samples.shape[1]) != (RATE_HZ, 1):
                raise PluginError(
                    f"silero works on one channel at {RATE_HZ} Hz, got {batch!r}; hand it what `wants` asks for",
                    asset=asset.id,
                    plugin="silero",
                )
            if not (given or len(rest)):
                start = batch.start
            samples = np.concatenate((rest, batch.samples[:, 0]))
            whole = len(samples) // WINDOW * WINDOW
            rest = samples[whole:]
            if whole:
                yield _rows(model, samples[:whole], start, given)
                given += whole
        if len(rest):
            yield _rows(model, rest, start, given)


def _rows(model: Any, samples: npt.NDArray[np.float32], start: float, given: int) -> Rows:
    """A row for each window, the first of them `given` samples after the start."""
    import torch

    windows = np.zeros((-(-len(samples) // WINDOW), WINDOW), np.float32)
    windows.reshape(-1)[: len(samples)] = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    with torch.inference_mode():
        chances = [model(window, RATE_HZ).item() for window in torch.from_numpy(windows)]
    edges = start + (given + np.minimum(WINDOW * np.arange(len(windows) + 1), len(samples))) / RATE_HZ
    return Rows(np.column_stack((edges[:-1], edges[1:])), np.array(chances, np.float32)[:, None], ("speech",))


def _model() -> Any:
    """The network with an empty state; one for each call, since the state lies in it."""
    try:
        import silero_vad
    except ImportError as error:
        raise MissingExtraError(
            "the silero extractor needs Silero VAD and torch. Install them with: pip install 'cueline[silero]'",
            plugin="silero",
        ) from error
    return silero_vad.load_silero_vad()
