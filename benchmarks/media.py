"""Long files for benchmarks, made from a short real one by copying packets."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Stream

ROOT = Path(__file__).parents[1]
REAL = Path(os.environ.get("CUELINE_REAL", ROOT.parent / "shared/media"))
CACHE = Path(os.environ.get("CUELINE_BENCH", Path(tempfile.gettempdir(), "cueline-bench")))


def looped(source: Path, seconds: float) -> Path:
    """A file with the packets of another, again and again, until it is so long; made once and kept.

    Args:
        source: A short film; its video and its sound are copied, not encoded again.
        seconds: How long the result is at least.
    """
    target = CACHE / f"{source.stem}-with-sound-{seconds:.0f}s.mp4"
    if target.exists():
        return target
    CACHE.mkdir(parents=True, exist_ok=True)
    aside = target.with_suffix(".part.mp4")
    with av.open(str(source)) as original, av.open(str(aside), "w") as copy:
        chosen = [original.streams.video[0], *original.streams.audio[:1]]
        written = {stream.index: copy.add_stream_from_template(stream) for stream in chosen}
        length = _length(original, chosen)
        for turn in range(math.ceil(seconds / length)):
            original.seek(0)
            for packet in original.demux(*chosen):
                if packet.dts is None:
                    continue
                shift = round(turn * length / packet.time_base)
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                packet.stream = written[packet.stream_index]
                copy.mux(packet)
    aside.rename(target)
    return target


def _length(container: InputContainer, streams: Sequence[Stream]) -> Fraction:
    """Seconds from the first packet to the end of the last, of the longest stream."""
    container.seek(0)
    times: dict[int, list[Fraction]] = {stream.index: [] for stream in streams}
    for packet in container.demux(*streams):
        if packet.dts is not None:
            start = packet.dts * packet.time_base
            times[packet.stream_index] += [start, start + (packet.duration or 0) * packet.time_base]
    return max(max(each) - min(each) for each in times.values())


def rewritten(source: Path, target: Path, title: str) -> Path:
    """A copy of a short file that differs in one byte or more, so that it is an asset of its own."""
    with av.open(str(source)) as original, av.open(str(target), "w") as copy:
        stream = original.streams.video[0]
        written = copy.add_stream_from_template(stream)
        copy.metadata["title"] = title
        for packet in original.demux(stream):
            if packet.dts is not None:
                packet.stream = written
                copy.mux(packet)
    return target
