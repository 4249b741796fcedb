"""Train the two networks of the shot detector on the tuning films, and write their weights into the package.

    for seed in 1 2 3 4 5; do
        python benchmarks/shots/generate.py --split tune --seed $seed --out build/shots/tune$seed
    done
    python benchmarks/shots/train.py build/shots/tune?

Each film is shown as it is and in varied copies: darker, flatter, grey, with other colours, mirrored, backwards, with
frames left out. The running clips of the tuning split are shown too, as takes without a boundary. Needs torch.
`--parity even` learns from every other film alone, so that a design can be judged on the rest.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from films import Film, color_track, made_films, small_pictures
from pictures import CLIPS
from safetensors.numpy import save_file

from cueline.detectors.shots.evidence import cut_evidence, gradual_evidence
from cueline.detectors.shots.network import MOST_DEVIATIONS, WEIGHTS

HIDDEN = (48, 24)
MEMBERS = 3
CLIP_COPIES = 16
EPOCHS, BATCH, RATE, DECAY, DROPPED, NOISE = 12, 512, 3e-3, 1e-3, 0.1, 0.1


@dataclass(frozen=True)
class Lesson:
    """Evidence of one film, what is right, and which rows count."""

    evidence: np.ndarray
    right: np.ndarray
    counts: np.ndarray


def varied(random: np.random.Generator, film: Film) -> Film:
    """A copy of a film that looks different and has the same boundaries."""
    pictures, spans = film.pictures.astype(np.float32), film.spans
    cuts, gradual, count = film.cuts, film.gradual, len(film.pictures)
    if random.random() < 0.6:
        pictures *= np.exp(random.uniform(np.log(0.2), np.log(1.2)))
    if random.random() < 0.3:
        pictures = pictures[..., random.permutation(3)]
    if random.random() < 0.2:
        pictures = np.repeat(pictures.mean(axis=3, keepdims=True), 3, axis=3)
    if random.random() < 0.2:
        mean = pictures.mean(axis=(1, 2), keepdims=True)
        pictures = mean + (pictures - mean) * random.uniform(0, 0.4)
    if random.random() < 0.3:
        pictures = pictures[:, :, ::-1]
    if random.random() < 0.5:
        pictures, spans = pictures[::-1], (spans[-1, 1] - spans)[::-1, ::-1]
        cuts, gradual = np.sort(count - cuts), np.sort(count - gradual, axis=1)[::-1]
    if random.random() < 0.5 and film.step < 1 / 23:
        every = 2 if film.step > 1 / 45 else int(random.integers(2, 5))
        pictures, starts = pictures[::every], spans[::every, 0]
        spans = np.column_stack([starts, np.append(starts[1:], spans[-1, 1])])
        cuts, gradual = -(-cuts // every), -(-gradual // every)
    inside = (cuts > 0) & (cuts < len(pictures))
    whole = np.clip(pictures, 0, 255).astype(np.uint8)
    return Film(film.name, whole, spans, cuts[inside], np.clip(gradual, 0, len(pictures) - 1))


def lessons(film: Film) -> dict[str, Lesson]:
    """What a film teaches each network. The edges of a transition are left out: where it begins is anybody's guess."""
    track, count = color_track(film.pictures, film.spans), len(film.pictures)
    right, counts = np.zeros((2, count), np.float32), np.ones((2, count), bool)
    right[0, film.cuts] = 1
    counts[0, 0] = False
    for start, end in film.gradual:
        edge = min(2, (end - start) // 4)
        counts[1, max(0, start - 2) : end + 2] = False
        right[1, start + edge : end - edge] = counts[1, start + edge : end - edge] = True
    return {
        "cut": Lesson(cut_evidence(track), right[0], counts[0]),
        "gradual": Lesson(gradual_evidence(track), right[1], counts[1]),
    }


def shown(films: Sequence[Film], copies: int) -> Iterator[dict[str, Lesson]]:
    """Lessons of films and of their varied copies."""
    for number, film in enumerate(films):
        random = np.random.default_rng(number)
        for copy in range(copies + 1):
            yield lessons(varied(random, film) if copy else film)


def takes(real: Path) -> Iterator[Film]:
    """The running clips of the tuning split: no boundary."""
    for name, (first, count) in CLIPS["tune"].items():
        pictures, spans = small_pictures(real / "video" / name)
        stretch = slice(first, first + count)
        nothing = np.empty((0, 2), dtype=int)
        yield Film(name, pictures[stretch], spans[stretch], nothing[:, 0], nothing)


def fitted(taught: Sequence[Lesson]) -> dict[str, np.ndarray]:
    """Train an ensemble; give its weights by name."""
    kept = [lesson.counts for lesson in taught]
    evidence = np.concatenate([lesson.evidence[keep] for lesson, keep in zip(taught, kept, strict=True)])
    right = np.concatenate([lesson.right[keep] for lesson, keep in zip(taught, kept, strict=True)])
    mean, scale = evidence.mean(axis=0), 1 / (evidence.std(axis=0) + 1e-3)
    standard = np.clip((evidence - mean) * scale, -MOST_DEVIATIONS, MOST_DEVIATIONS).astype(np.float32)
    members = [member(torch.from_numpy(standard), torch.from_numpy(right), seed) for seed in range(MEMBERS)]
    weights = {"mean": mean, "scale": scale}
    for layer, same in enumerate(zip(*members, strict=True)):
        weights[f"weights.{layer}"] = np.stack([one.weight.detach().numpy().T for one in same])
        weights[f"biases.{layer}"] = np.stack([one.bias.detach().numpy()[None] for one in same])
    return {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in weights.items()}


def member(standard: torch.Tensor, right: torch.Tensor, seed: int) -> list[torch.nn.Linear]:
    """Train one network; give its layers."""
    torch.manual_seed(seed)
    sizes = (standard.shape[1], *HIDDEN, 1)
    layers = [torch.nn.Linear(wide, next_wide) for wide, next_wide in itertools.pairwise(sizes)]
    optimiser = torch.optim.AdamW([p for layer in layers for p in layer.parameters()], lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * (len(standard) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1)
    for _ in range(EPOCHS):
        order = torch.randperm(len(standard))
        for first in range(0, len(standard) - BATCH + 1, BATCH):
            rows = order[first : first + BATCH]
            flow = standard[rows]
            flow = flow + NOISE * torch.randn_like(flow)
            for layer in layers[:-1]:
                flow = torch.nn.functional.dropout(torch.relu(layer(flow)), DROPPED)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(layers[-1](flow)[:, 0], right[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return layers


def main() -> None:
    """Train on folders of films."""
    parser = argparse.ArgumentParser(description="Train the networks of the shot detector.")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--copies", type=int, default=4)
    parser.add_argument("--real", type=Path, default=os.environ.get("CUELINE_REAL", "../shared/media"))
    parser.add_argument("--parity", choices=("even", "odd"), help="only films of even or odd number, for a check")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    chosen = parser.parse_args()
    films = [film for folder in chosen.folders for film in made_films(folder)]
    if chosen.parity:
        films = [film for film in films if int(film.name[-1]) % 2 == (chosen.parity == "odd")]
    clips = list(takes(chosen.real))
    taught = [*shown(films, chosen.copies), *shown(clips, CLIP_COPIES)]
    weights = {}
    for what in ("cut", "gradual"):
        fit = fitted([lesson[what] for lesson in taught])
        weights |= {f"{what}.{name}": values for name, values in fit.items()}
    save_file(weights, chosen.out)
    rows = sum(len(lesson["cut"].right) for lesson in taught)
    print(f"{chosen.out}: learned from {len(films)} films and {len(clips)} clips, {rows} frames with copies")


if __name__ == "__main__":
    main()
