"""Pictures for made films: running real clips and synthetic scenes, seen by a moving camera."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw

LONGEST_SIDE = 400
MOST_FRAMES = 300

# No source serves both splits. Each span (first frame, frames) is one camera take, checked by eye.
CLIPS = {
    "tune": {
        "chaplin.mp4": (0, 241),
        "carphone.mp4": (0, 120),
        "filename with spaces and '.mp4": (0, 324),
        "askanything_hitting_baseball.mp4": (0, 300),
        "decord_flipping_a_pancake.mkv": (0, 310),
        "mmaction2_test.mp4": (0, 300),
        "askanything_jesse_dance.mp4": (0, 235),
    },
    "test": {
        "cockatoo.mp4": (0, 280),
        "mmaction2_structuralize.mp4": (0, 300),
        "intel_bottle-detection.mp4": (0, 300),
        "bbb_720p.mp4": (0, 132),
        "realshort.mp4": (0, 36),
        "mmaction2_demo.mp4": (0, 220),
        "nasa_13013.mp4": (0, 140),
        "askanything_making_cake.mp4": (120, 75),
    },
}


@functools.lru_cache(maxsize=8)
def clip(path: Path, first: int, count: int) -> tuple[tuple[Image.Image, ...], float]:
    """Frames of one take, at most `LONGEST_SIDE` pixels long, and their rate."""
    pictures = []
    with av.open(str(path), metadata_errors="ignore") as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        scale = min(1.0, LONGEST_SIDE / max(stream.width, stream.height))
        size = (round(stream.width * scale) // 2 * 2, round(stream.height * scale) // 2 * 2)
        for index, frame in enumerate(container.decode(stream)):
            if index >= first:
                pictures.append(frame.to_image(width=size[0], height=size[1], interpolation="AREA"))
            if len(pictures) == min(count, MOST_FRAMES):
                break
        return tuple(pictures), float(stream.average_rate)


@dataclass(frozen=True)
class RealScene:
    """A running clip; it runs back when it ends, so that its motion never jumps."""

    path: Path
    first: int
    count: int
    offset: float

    def at(self, time: float) -> Image.Image:
        """The frame shown at a time of the shot."""
        pictures, rate = clip(self.path, self.first, self.count)
        step = math.floor((time + self.offset) * rate) % (2 * len(pictures) - 2)
        return pictures[step if step < len(pictures) else 2 * len(pictures) - 2 - step]


@dataclass(frozen=True)
class SyntheticScene:
    """A textured ground of a palette, with shapes that drift."""

    seed: int
    palette: int
    kind: str
    size: tuple[int, int] = (400, 300)

    @functools.cached_property
    def _ground(self) -> Image.Image:
        random, colours = np.random.default_rng(self.seed), self._colours()
        width, height = self.size
        if self.kind == "gradient":
            turn = random.uniform(0, 2 * math.pi)
            x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
            mix = 0.5 + 0.35 * (math.cos(turn) * x + math.sin(turn) * y)
        else:
            mix = sum(
                np.asarray(
                    Image.fromarray(random.random((3 * 2**octave, 4 * 2**octave), dtype=np.float32)).resize(
                        self.size, Image.Resampling.BICUBIC
                    )
                )
                * 0.55**octave
                for octave in range(2 if self.kind == "soft" else 6)
            )
            mix = (mix - mix.min()) / np.ptp(mix)
        mix = np.clip(mix, 0, 1)[..., None]
        return Image.fromarray((colours[0] * (1 - mix) + colours[1] * mix).astype(np.uint8))

    @functools.cached_property
    def _shapes(self) -> list[tuple[float, ...]]:
        random = np.random.default_rng(self.seed + 1)
        return [tuple(random.uniform(-1, 1, 6)) for _ in range(random.integers(2, 8))]

    def _colours(self) -> np.ndarray:
        return np.random.default_rng(self.palette).uniform(15, 235, (4, 3))

    def at(self, time: float) -> Image.Image:
        """The ground with its shapes where they are at a time of the shot."""
        picture, colours = self._ground.copy(), self._colours()
        draw, (width, height) = ImageDraw.Draw(picture), self.size
        for number, (x, y, vx, vy, wide, high) in enumerate(self._shapes):
            cx, cy = (0.5 + 0.45 * x + 0.12 * vx * time) * width, (0.5 + 0.45 * y + 0.12 * vy * time) * height
            rx, ry = (0.03 + 0.08 * abs(wide)) * width, (0.03 + 0.1 * abs(high)) * height
            shape = draw.ellipse if number % 2 else draw.rectangle
            shape((cx - rx, cy - ry, cx + rx, cy + ry), fill=tuple(int(c) for c in colours[2 + number % 2]))
        return picture


@dataclass(frozen=True)
class Move:
    """A camera: where it looks in the scene (0-1), how it drifts, and bursts of fast motion.

    `bursts` are (start, seconds, dx, dy, zoom factor): a whip pan or a snap zoom.
    """

    x: float
    y: float
    zoom: float
    drift: tuple[float, float] = (0.0, 0.0)
    swell: float = 0.0
    shake: float = 0.0
    seed: int = 0
    bursts: tuple[tuple[float, float, float, float, float], ...] = ()

    def view(self, time: float) -> tuple[float, float, float]:
        """Centre and zoom at a time of the shot."""
        x, y = self.x + self.drift[0] * time, self.y + self.drift[1] * time
        zoom = self.zoom * math.exp(self.swell * time)
        for start, seconds, dx, dy, factor in self.bursts:
            done = min(1.0, max(0.0, (time - start) / seconds))
            eased = done * done * (3 - 2 * done)
            x, y, zoom = x + dx * eased, y + dy * eased, zoom * factor**eased
        if self.shake:
            random = np.random.default_rng((self.seed, math.floor(time * 1000)))
            x, y = x + random.normal(0, self.shake), y + random.normal(0, self.shake)
        return x, y, max(1.0, zoom)


@dataclass(frozen=True)
class Look:
    """How a shot is graded: a gain, a gain for each colour, and whether it is black and white."""

    gain: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    mirrored: bool = False
    grey: bool = False


@dataclass(frozen=True)
class Shot:
    """One camera take: a scene, a camera, a look, and what happens in it."""

    scene: RealScene | SyntheticScene
    move: Move
    look: Look = field(default_factory=Look)

    def at(self, time: float, size: tuple[int, int]) -> np.ndarray:
        """The picture at a time of the shot, float32 (H, W, 3), 0-255."""
        picture = self.scene.at(time)
        x, y, zoom = self.move.view(time)
        full_width, full_height = picture.size
        width = min(full_width, full_height * size[0] / size[1]) / zoom
        height = width * size[1] / size[0]
        left = min(max(0.0, x * full_width - width / 2), full_width - width)
        top = min(max(0.0, y * full_height - height / 2), full_height - height)
        picture = picture.resize(size, Image.Resampling.BILINEAR, box=(left, top, left + width, top + height))
        values = np.asarray(picture, dtype=np.float32)
        if self.look.mirrored:
            values = values[:, ::-1]
        if self.look.grey:
            values = np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
        return values * (np.float32(self.look.gain) * np.array(self.look.tint, dtype=np.float32))


def fresh_shot(random: np.random.Generator, folder: Path, split: str, *, real: float) -> Shot:
    """A shot of a scene drawn at random, real with the given chance."""
    names = sorted(name for name in CLIPS[split] if (folder / "video" / name).exists())
    if names and random.random() < real:
        name = names[random.integers(len(names))]
        first, count = CLIPS[split][name]
        scene: RealScene | SyntheticScene = RealScene(
            folder / "video" / name, first, count, float(random.uniform(0, 8))
        )
    else:
        kind = ("noise", "soft", "gradient")[random.integers(3)]
        scene = SyntheticScene(int(random.integers(1 << 30)), int(random.integers(1 << 30)), kind)
    tint = tuple(float(v) for v in random.uniform(0.8, 1.15, 3)) if random.random() < 0.5 else (1.0, 1.0, 1.0)
    look = Look(float(random.uniform(0.6, 1.1)), tint, bool(random.random() < 0.3))
    return Shot(scene, camera(random), look)


def camera(random: np.random.Generator) -> Move:
    """A camera at rest, or one that pans, zooms or is held by hand."""
    x, y, zoom = float(random.uniform(0.3, 0.7)), float(random.uniform(0.3, 0.7)), float(random.uniform(1.0, 2.0))
    kind = random.choice(["still", "pan", "zoom", "hand"], p=[0.4, 0.25, 0.15, 0.2])
    if kind == "pan":
        speed = float(random.uniform(0.05, 0.25)) * (1 if x < 0.5 else -1)
        return Move(x, y, max(1.5, zoom), drift=(speed, 0.0))
    if kind == "zoom":
        return Move(x, y, zoom, swell=float(random.uniform(-0.3, 0.3)))
    if kind == "hand":
        return Move(x, y, max(1.2, zoom), shake=float(random.uniform(0.002, 0.012)), seed=int(random.integers(1 << 30)))
    return Move(x, y, zoom)


def other_angle(random: np.random.Generator, shot: Shot) -> Shot:
    """The same scene and grading from another place: a crop that shares little with the first."""
    x = shot.move.view(0.0)[0]
    move = Move(
        x=float(random.uniform(0.75, 0.9) if x < 0.5 else random.uniform(0.1, 0.25)),
        y=float(random.uniform(0.1, 0.9)),
        zoom=float(random.uniform(1.9, 2.6)) if shot.move.zoom < 1.6 else 1.0,
    )
    return replace(shot, move=move)
