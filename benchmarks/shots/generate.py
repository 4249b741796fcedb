"""Render films whose every shot boundary is known, to tune shot detection on and to judge it with.

    python benchmarks/shots/generate.py --split tune --out build/shots/tune
    python benchmarks/shots/generate.py --split test --out build/shots/test

Eight films a split, 28 transitions each, H.264, of several sizes and rates, one of variable rate. Pictures
are running real clips of the folder `CUELINE_REAL` (no clip serves both splits) and synthetic scenes.
Each film lies beside a JSON truth:

    {"rate": "24000/1001", "frames": 1404, "times": [...],       seconds of each frame
     "cuts": [first frame of the new shot, seconds],
     "gradual": [[first mixed frame, first frame wholly of the new shot]],
     "kinds": {"cuts": [...], "gradual": [...]},
     "distractors": [{"kind", "start", "end"}]}                  what must not be taken for a boundary

The same seed gives the same films.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from pictures import Look, Shot, SyntheticScene, fresh_shot, other_angle
from PIL import Image, ImageDraw

Change = Callable[[np.ndarray, float], np.ndarray]
Size = tuple[int, int]
TIME_BASE = Fraction(1, 120_000)
LEAST_DIFFERENCE = 7.0  # mean of 255 levels between the two sides of a transition


@dataclass(frozen=True)
class Style:
    """What holds for a whole film."""

    size: Size
    rate: Fraction
    crf: int
    variable: bool = False
    grain: float = 0.0
    letterbox: float = 0.0
    grey: bool = False
    real: float = 0.7


STYLES = (
    Style((640, 360), Fraction(25), 23),
    Style((640, 272), Fraction(24), 20, grain=4.0),
    Style((480, 270), Fraction(24000, 1001), 26, letterbox=0.12),
    Style((426, 240), Fraction(30), 28),
    Style((320, 180), Fraction(60), 24),
    Style((360, 640), Fraction(30000, 1001), 25, variable=True),
    Style((384, 288), Fraction(25), 23, grain=7.0, grey=True),
    Style((512, 288), Fraction(50), 30, real=0.9),
)

TRANSITIONS = (
    *("cut",) * 9,
    *("short shot",) * 3,
    *("other angle",) * 4,
    *("same palette",) * 1,
    *("dark to dark",) * 2,
    *("dissolve",) * 5,
    *("fade through black",) * 2,
    *("fade through white",) * 1,
    *("wipe",) * 1,
)
GRADUAL = frozenset({"dissolve", "fade through black", "fade through white", "wipe"})
DISTRACTORS = (
    "flash",
    "lightning",
    "whip pan",
    "snap zoom",
    "object crossing",
    "shake",
    "blackout",
    "exposure",
    "text",
    "bars",
)


@dataclass
class Truth:
    """What is known of a film, in frames while it is made."""

    cuts: list[tuple[int, str]] = field(default_factory=list)
    gradual: list[tuple[int, int, str]] = field(default_factory=list)
    distractors: list[tuple[str, int, int]] = field(default_factory=list)

    def as_json(self, times: list[float], rate: Fraction) -> dict[str, object]:
        """Frames as seconds."""
        return {
            "rate": str(rate),
            "frames": len(times),
            "times": times,
            "cuts": [times[frame] for frame, _ in self.cuts],
            "gradual": [[times[start], times[end]] for start, end, _ in self.gradual],
            "kinds": {"cuts": [kind for _, kind in self.cuts], "gradual": [kind for *_, kind in self.gradual]},
            "distractors": [
                {"kind": kind, "start": times[start], "end": times[min(end, len(times) - 1)]}
                for kind, start, end in self.distractors
            ],
        }


@dataclass
class Take:
    """A shot on its way through the film: how far it ran, and what happens in it."""

    shot: Shot
    step: float
    shown: int = 0
    changes: list[tuple[int, int, Change]] = field(default_factory=list)

    def next(self, size: Size) -> np.ndarray:
        """Its next picture."""
        picture = self.shot.at(self.shown * self.step, size)
        for start, end, change in self.changes:
            if start <= self.shown < end:
                picture = change(picture, (self.shown - start + 0.5) / (end - start))
        self.shown += 1
        return picture


def distract(random: np.random.Generator, take: Take, frames: int, size: Size) -> tuple[str, int, int]:
    """Let something happen inside a take of some frames that is no boundary."""
    kind = str(random.choice(DISTRACTORS))
    rate = round(1 / take.step)
    at = int(random.integers(max(4, rate // 4), max(6, frames - rate // 2)))
    length = {
        "flash": int(random.integers(1, 4)),
        "lightning": max(6, rate // 3),
        "blackout": int(random.integers(1, 3)),
        "exposure": int(rate * random.uniform(0.2, 0.6)),
        "object crossing": max(5, int(rate * random.uniform(0.2, 0.6))),
        "text": frames - at,
        "bars": frames - at,
    }.get(kind, max(5, int(rate * random.uniform(0.25, 0.6))))
    move, seconds = take.shot.move, length * take.step
    if kind == "whip pan":
        side = 0.5 if move.view(at * take.step)[0] < 0.5 else -0.5
        burst = (at * take.step, seconds, side, float(random.uniform(-0.2, 0.2)), 1.0)
        take.shot = replace(take.shot, move=replace(move, zoom=max(2.2, move.zoom), bursts=(burst,)))
    elif kind == "snap zoom":
        factor = float(random.uniform(1.6, 2.4))
        burst = (at * take.step, seconds, 0.0, 0.0, factor if random.random() < 0.6 else 1 / factor)
        take.shot = replace(take.shot, move=replace(move, bursts=(burst,)))
    elif kind == "shake":
        take.shot = replace(take.shot, move=replace(move, zoom=max(1.3, move.zoom), shake=0.03, seed=at))
        at, length = 0, frames
    else:
        take.changes.append((at, at + length, change_of(random, kind, size)))
    return kind, at, at + length


def change_of(random: np.random.Generator, kind: str, size: Size) -> Change:
    """What a kind of distractor does to a picture, given how far it is, 0 to 1."""
    strength = float(random.uniform(0.55, 1.0))
    if kind == "flash":
        return lambda picture, _: picture + (255 - picture) * strength
    if kind == "lightning":
        levels = random.uniform(0, 0.8, 5) * random.integers(0, 2, 5)
        return lambda picture, done: picture * (1 + 1.5 * levels[int(done * 5)]) + 60 * levels[int(done * 5)]
    if kind == "blackout":
        return lambda picture, _: picture * (1 - strength)
    if kind == "exposure":
        gain = float(random.choice([0.45, 0.6, 1.5, 1.9]))
        return lambda picture, done: picture * gain ** np.sin(np.pi * done)
    if kind == "object crossing":
        return crossing(random, size)
    if kind == "text":
        return caption(random, size)
    rows = round(size[1] * 0.12)
    return lambda picture, done: bars(picture, round(rows * min(1.0, done * 3)))


def crossing(random: np.random.Generator, size: Size) -> Change:
    """Something near the camera that passes through the whole picture."""
    width, height = size
    wide, high = float(random.uniform(0.25, 0.7)) * width, float(random.uniform(0.6, 1.2)) * height
    scene = SyntheticScene(int(random.integers(1 << 30)), int(random.integers(1 << 30)), "soft", (width, height))
    body = np.asarray(scene.at(0.0), dtype=np.float32)
    back = bool(random.random() < 0.5)
    centre = float(random.uniform(0.4, 0.7)) * height

    def cross(picture: np.ndarray, done: float) -> np.ndarray:
        x = (1 - done if back else done) * (width + 2 * wide) - wide
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).ellipse((x - wide / 2, centre - high / 2, x + wide / 2, centre + high / 2), fill=255)
        weight = np.asarray(mask, dtype=np.float32)[..., None] / 255
        return picture * (1 - weight) + body * weight

    return cross


def caption(random: np.random.Generator, size: Size) -> Change:
    """Words that appear at once and stay."""
    width, height = size
    mask = Image.new("L", size)
    words = " ".join("abcdefghijklmnopqrstuvwxyz"[i : i + 5] for i in random.integers(0, 20, 4))
    place = (width * 0.1, height * float(random.choice([0.1, 0.45, 0.8])))
    ImageDraw.Draw(mask).text(place, words, fill=255, font_size=max(12, height // 12))
    weight = np.asarray(mask, dtype=np.float32)[..., None] / 255
    return lambda picture, _: picture * (1 - weight) + 240 * weight


def bars(picture: np.ndarray, rows: int) -> np.ndarray:
    """Black above and below."""
    if rows:
        picture = picture.copy()
        picture[:rows] = picture[-rows:] = 0
    return picture


def transition(random: np.random.Generator, kind: str, old: Take, new: Take, size: Size) -> Iterator[np.ndarray]:
    """The mixed pictures of a gradual transition."""
    count = round(2 ** random.uniform(np.log2(6), np.log2(48)))
    if kind == "dissolve":
        for i in range(count):
            weight = (i + 1) / (count + 1)
            yield old.next(size) * (1 - weight) + new.next(size) * weight
    elif kind == "wipe":
        count, back = max(8, count // 2), random.random() < 0.5
        for i in range(count):
            before, after = old.next(size), new.next(size)
            at = round(size[0] * (i + 1) / (count + 1))
            yield np.hstack([after[:, :at], before[:, at:]] if back else [before[:, :-at], after[:, -at:]])
    else:
        level = np.float32(0 if kind == "fade through black" else 255)
        for i in range(count):
            yield level + (old.next(size) - level) * (1 - (i + 1) / (count + 1))
        for _ in range(int(random.integers(1, 20))):
            yield np.full((size[1], size[0], 3), level, dtype=np.float32)
        for i in range(count):
            yield level + (new.next(size) - level) * (i + 1) / (count + 1)


def next_shot(random: np.random.Generator, kind: str, old: Shot, folder: Path, split: str, style: Style) -> Shot:
    """The shot after a transition; for a cut between similar pictures it depends on the one before."""
    if kind == "other angle":
        return other_angle(random, replace(old, move=replace(old.move, bursts=(), shake=0.0)))
    shot = fresh_shot(random, folder, split, real=style.real)
    if kind == "same palette" and isinstance(old.scene, SyntheticScene):
        shot = replace(shot, scene=replace(old.scene, seed=old.scene.seed + 7), look=old.look)
    if kind == "dark to dark":
        shot = replace(shot, look=replace(shot.look, gain=float(random.uniform(0.12, 0.3))))
    return replace(shot, look=replace(shot.look, grey=True)) if style.grey else shot


def visible_shot(random: np.random.Generator, kind: str, old: Take, folder: Path, split: str, style: Style) -> Shot:
    """A next shot that differs from the last picture by enough for a person to see the cut."""
    last, size = old.shot.at(old.shown * old.step, (64, 36)), (64, 36)
    for _ in range(50):
        shot = next_shot(random, kind, old.shot, folder, split, style)
        if np.abs(shot.at(0.0, size) - last).mean() >= LEAST_DIFFERENCE:
            return shot
    return next_shot(random, "cut", old.shot, folder, split, style)


def pictures(random: np.random.Generator, style: Style, folder: Path, split: str, truth: Truth) -> Iterator[np.ndarray]:
    """Every picture of a film in order; the truth grows as they come."""
    kinds = [str(kind) for kind in random.permutation(TRANSITIONS)]
    step, count = float(1 / style.rate), 0
    first = fresh_shot(random, folder, split, real=style.real)
    if kinds[0] == "dark to dark":
        first = replace(first, look=Look(gain=0.2))
    take = Take(replace(first, look=replace(first.look, grey=style.grey)), step)
    for number, kind in enumerate([*kinds, ""]):
        short = number > 0 and kinds[number - 1] == "short shot"
        frames = int(random.integers(5, 9)) if short else max(16, round(float(random.uniform(0.7, 2.4) * style.rate)))
        if kind == "dark to dark":
            take.shot = replace(take.shot, look=replace(take.shot.look, gain=float(random.uniform(0.12, 0.3))))
        if not short and frames * step > 1.0 and random.random() < 0.6:
            what, start, end = distract(random, take, frames, style.size)
            truth.distractors.append((what, count + start, count + end))
        for _ in range(frames):
            yield take.next(style.size)
            count += 1
        if not kind:
            return
        new = Take(visible_shot(random, kind, take, folder, split, style), step)
        if kind in GRADUAL:
            take.changes.clear()
            begun = count
            for picture in transition(random, kind, take, new, style.size):
                yield picture
                count += 1
            truth.gradual.append((begun, count, kind))
        else:
            truth.cuts.append((count, kind))
        take = new


def ticks(random: np.random.Generator, style: Style) -> Iterator[int]:
    """Time stamps without end, in units of TIME_BASE; uneven where the rate is variable."""
    distance, at = int(1 / style.rate / TIME_BASE), 0
    while True:
        yield at
        at += distance * (int(random.choice([1, 1, 1, 2, 3])) if style.variable else 1)


def render(path: Path, style: Style, folder: Path, split: str, seed: int) -> dict[str, object]:
    """Write one film; give its truth."""
    random, truth, times = np.random.default_rng(seed), Truth(), []
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=style.rate, options={"crf": str(style.crf), "preset": "veryfast"})
        stream.width, stream.height = style.size
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", TIME_BASE
        clock = ticks(np.random.default_rng(seed + 1), style)
        for clean in pictures(random, style, folder, split, truth):
            grain = random.normal(0, style.grain, (*clean.shape[:2], 1)).astype(np.float32) if style.grain else 0
            picture = bars(clean + grain, round(style.size[1] * style.letterbox))
            frame = av.VideoFrame.from_ndarray(np.clip(picture, 0, 255).astype(np.uint8), format="rgb24")
            frame.pts, frame.time_base = next(clock), TIME_BASE
            times.append(float(frame.pts * TIME_BASE))
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return truth.as_json(times, style.rate)


def main() -> None:
    """Render the films of one split."""
    parser = argparse.ArgumentParser(description="Render films whose every shot boundary is known.")
    parser.add_argument("--split", choices=("tune", "test"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", type=Path, default=os.environ.get("CUELINE_REAL", "../shared/media"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    for number, style in enumerate(STYLES):
        path = chosen.out / f"{chosen.split}_{number}.mp4"
        seed = chosen.seed * 1000 + number * 2 + (500 if chosen.split == "test" else 0)
        truth = render(path, style, chosen.real, chosen.split, seed)
        path.with_suffix(".json").write_text(json.dumps(truth))
        print(f"{path}: {truth['frames']} frames, {len(truth['cuts'])} cuts, {len(truth['gradual'])} gradual")


if __name__ == "__main__":
    main()
