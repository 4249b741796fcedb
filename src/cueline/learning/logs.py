"""Logs of a training that TensorBoard shows: loss, GAP and hits of every epoch of every network."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from cueline.errors import MissingExtraError
from cueline.learning.progress import Beat, Epoch


class TensorBoardLog:
    """Writes each epoch that it is told of; signs of life are left out."""

    def __init__(self, folder: Path) -> None:
        """Write into a folder, as a run of its own.

        Raises:
            MissingExtraError: If TensorBoard is not installed.
        """
        if find_spec("tensorboard") is None:
            raise MissingExtraError("logs need TensorBoard. Install it with: pip install 'cueline[tensorboard]'")
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder))

    def __call__(self, sign: Beat | Epoch) -> None:
        """Hear of a training."""
        if isinstance(sign, Epoch):
            for name in ("loss", "gap", "hit_at_1", "hit_at_5", "hit_at_20"):
                value = getattr(sign, name)
                self._writer.add_scalar(f"network {sign.member}/{name}", value, sign.number)
            self._writer.flush()
