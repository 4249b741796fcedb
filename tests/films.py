"""Small films with known shots, for tests of the whole way from a file to a report."""

import shutil
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = Fraction(25)
CUTS = (1.2, 2.4)
DURATION = 3.6


def three_shots(path: Path, *, size: tuple[int, int] = (192, 108), seed: int = 0) -> Path:
    """A film of 3.6 s with cuts at 1.2 s and 2.4 s: three soft textures that drift slowly."""
    width, height = size
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(DURATION * RATE)):
            shot, into = divmod(number, 30)
            rng = np.random.default_rng(100 * seed + shot)
            coarse = np.kron(rng.integers(30, 226, (9, 16, 3)), np.ones((height // 9 + 1, width // 16 + 1, 1)))
            picture = np.roll(coarse, into // 3, axis=1)[:height, :width].astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, 1 / RATE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def silence(path: Path, seconds: float = 1.0) -> Path:
    """A sound file without pictures."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, round(16000 * seconds)), np.int16), format="s16", layout="mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def small_collection(folder: Path, film: Path | None = None) -> Path:
    """A folder with a film, a sound file and a broken file."""
    folder.mkdir(parents=True, exist_ok=True)
    if film:
        shutil.copy(film, folder / "a day.mp4")
    else:
        three_shots(folder / "a day.mp4")
    silence(folder / "radio.wav")
    (folder / "broken.mp4").write_bytes((folder / "a day.mp4").read_bytes()[:2000])
    return folder
