"""silero-vad beside ours: where there is speech, by the network that is most used for it.

Version 6.2.3, its weights in TorchScript, all options as they are by default. A window has speech if a tenth of it is.

References:
    Silero Team, 2024, Silero VAD: pre-trained enterprise-grade voice activity detector,
    github.com/snakers4/silero-vad.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Any

import numpy as np
import soxr

from cueline.features.sound import RATE_HZ

HEARS_HZ = 16000
LEAST_SHARE = 0.1
MISSING = "silero-vad is left out: pip install --no-deps silero-vad==6.2.3 (it needs torch)"


def installed() -> bool:
    """Whether it can be asked."""
    return all(importlib.util.find_spec(name) is not None for name in ("silero_vad", "torch"))


@cache
def _model() -> Any:
    import silero_vad
    import torch

    torch.set_num_threads(1)
    return silero_vad.load_silero_vad()


def speech_spans(samples: np.ndarray) -> np.ndarray:
    """Where there is speech in samples at `RATE_HZ`, seconds, shape (N, 2)."""
    import silero_vad
    import torch

    heard = torch.from_numpy(soxr.resample(samples, RATE_HZ, HEARS_HZ).astype(np.float32))
    found = silero_vad.get_speech_timestamps(heard, _model(), sampling_rate=HEARS_HZ)
    return np.array([[one["start"], one["end"]] for one in found], float).reshape(-1, 2) / HEARS_HZ


def speech_share(samples: np.ndarray) -> float:
    """Share of the samples in which there is speech, 0 to 1."""
    spans = speech_spans(samples)
    return float((spans[:, 1] - spans[:, 0]).sum() * RATE_HZ / len(samples))
