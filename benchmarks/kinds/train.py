"""Train the network that hears kinds of sound, and write its weights and data card into the package.

    python -m benchmarks.kinds.train                                        what ships: about 20 minutes on two cores
    python -m benchmarks.kinds.train --programmes 300 --folder build/kinds  a look at it

Programmes of 20 s with known truth are made from the recordings that may be learned from. A first network learns from
one part of them and is measured on the other, whose speakers, pieces and collections it never heard; that sets the
sharpness of chances and the curves of verdicts. Then the network that ships learns from both parts, and is judged by
`benchmarks.kinds.judge`, whose recordings chose nothing. Every draw follows from the seed. Needs torch.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.kinds.hearing import rows_of
from benchmarks.kinds.programmes import STEP, Cast, Programme, programme
from benchmarks.kinds.recordings import Recording, chosen
from cueline.detectors.sound import LABELS, network
from cueline.detectors.sound.evidence import evidence
from cueline.detectors.sound.verdicts import mean_chances
from cueline.features.sound import RATE_HZ
from cueline.models.checkpoints import write_arrays
from cueline.models.clip_verdicts import LEAST_SHARE, sounding_shares
from cueline.timeline.tracks import FeatureTrack

SECONDS, PASSAGES, LONG_PASSAGES = 20.0, (1.5, 10.0), (8.0, 20.0)
HIDDEN, MEMBERS, EPOCHS, BATCH, RATE, DECAY, DROPPED = 48, 3, 20, 16, 3e-3, 1e-2, 0.25
CLIP_ROWS = 20
LEAST_SHARE_THERE = 0.3  # of a clip that a voice or music fills if it counts; clips with less, but some, set nothing

Rows = tuple[FeatureTrack, np.ndarray]


def truth(made: Programme, track: FeatureTrack) -> np.ndarray:
    """Of each row the share with speech, with music, with both, and the share that is silent, shape (N, 4)."""
    lanes = np.column_stack([made.speech, made.music, made.speech & made.music, made.silent]).astype(np.float32)
    edges = np.rint(track.spans * (RATE_HZ / STEP)).astype(np.intp)
    return np.stack([lanes[first : max(first + 1, last)].mean(axis=0) for first, last in edges.tolist()])


def lesson(cast: Cast, passages: tuple[float, float], seed: Sequence[int]) -> Rows:
    """The rows of one programme and what is true of them."""
    made = programme(np.random.default_rng(seed), cast, SECONDS, passages)
    track = rows_of(made.samples)
    return track, truth(made, track)


def lessons(cast: Cast, seed: int, count: int, passages: tuple[float, float] = PASSAGES) -> list[Rows]:
    """Many programmes, made on all cores."""
    with ProcessPoolExecutor() as pool:
        return list(pool.map(partial(lesson, cast, passages), [(seed, number) for number in range(count)], chunksize=8))


class Network(torch.nn.Module):
    """What `cueline.detectors.sound.network` runs in numpy, for learning."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dense = torch.nn.Conv1d(width, HIDDEN, 1)
        self.near, self.far = (
            torch.nn.Conv1d(HIDDEN, HIDDEN, network.WIDTH, padding=step * (network.WIDTH // 2), dilation=step)
            for step in network.STEPS
        )
        self.out = torch.nn.Conv1d(HIDDEN, 4, 1)
        self.drop = torch.nn.Dropout(DROPPED)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Log-odds of the four states: shape (B, N, D) to (B, N, 4)."""
        dense = torch.relu(self.dense(self.drop(rows.transpose(1, 2))))
        near = torch.relu(self.near(self.drop(dense)))
        far = torch.relu(self.far(self.drop(near)))
        return self.out(near + far).transpose(1, 2)

    def arrays(self, of: str) -> dict[str, np.ndarray]:
        """Weights by the names and in the shapes of the package."""
        found = {}
        for name in ("dense", "near", "far", "out"):
            layer = getattr(self, name)
            kernel = layer.weight.detach().numpy().transpose(2, 1, 0)
            found[f"{of}{name}"] = kernel[0] if name in ("dense", "out") else kernel
            found[f"{of}{name}_bias"] = layer.bias.detach().numpy()
        return found


def learn(material: Sequence[Rows], seed: int) -> dict[str, np.ndarray]:
    """Weights of a whole ensemble, not sharpened yet."""
    rows = np.stack([evidence(track) for track, _ in material])
    flat = rows.reshape(-1, rows.shape[2])
    mean, scale = flat.mean(axis=0), 1 / (flat.std(axis=0) + 1e-6)
    inputs = torch.from_numpy(np.clip((rows - mean) * scale, -network.MOST_DEVIATIONS, network.MOST_DEVIATIONS))
    right = np.stack([told for _, told in material])
    wanted = torch.from_numpy(_states(right))
    counts = torch.from_numpy(1 - right[..., 3])
    weights = {"mean": mean, "scale": scale, "sharpness": np.ones(1, np.float32)}
    for member in range(MEMBERS):
        weights |= _member(inputs, wanted, counts, seed + member).arrays(f"{member}.")
    return {name: np.ascontiguousarray(array, np.float32) for name, array in weights.items()}


def _states(right: np.ndarray) -> np.ndarray:
    """Shares with speech, music and both to those of the four states, shape (..., 4)."""
    speech, music, both = np.moveaxis(right, -1, 0)[:3]
    return np.stack([1 - speech - music + both, speech - both, music - both, both], axis=-1).clip(0)


def _member(inputs: torch.Tensor, wanted: torch.Tensor, counts: torch.Tensor, seed: int) -> Network:
    torch.manual_seed(seed)
    net = Network(inputs.shape[2])
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    batches = len(inputs) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=EPOCHS * batches)
    for _ in range(EPOCHS):
        order = torch.randperm(len(inputs))
        for batch in range(batches):
            chosen_rows = order[batch * BATCH : (batch + 1) * BATCH]
            told = torch.log_softmax(net(inputs[chosen_rows]), dim=2)
            loss = -(wanted[chosen_rows] * told).sum(dim=2) * counts[chosen_rows]
            optimizer.zero_grad()
            (loss.sum() / counts[chosen_rows].sum().clamp(min=1)).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return net.eval()


def settle(weights: dict[str, np.ndarray], apart: Sequence[Rows], calm: Sequence[Rows]) -> dict[str, np.ndarray]:
    """Sharpness of chances, and the curves of verdicts, from programmes that were not learned from.

    Args:
        weights: Of a network that learned from others.
        apart: Programmes that give the sharpness.
        calm: Programmes of long passages, whose clips of 10 s give the curves.
    """
    told = [network.state_chances(evidence(track), weights) for track, _ in apart]
    right = np.concatenate([lanes for _, lanes in apart])
    states = _states(right)
    sounds = right[:, 3] < 0.01
    tried = np.linspace(0.4, 1.6, 25)
    odds = np.log(np.maximum(np.concatenate(told), 1e-9))[sounds]
    costs = [float(-(states[sounds] * _log_softmax(odds * by)).sum(axis=1).mean()) for by in tried]
    settled = {**weights, "sharpness": np.array([tried[int(np.argmin(costs))]], np.float32)}
    clips = [clip for track, lanes in calm for clip in _clips(track, lanes, settled)]
    heard, there = (np.array(part) for part in zip(*clips, strict=True))
    print(f"{len(clips)} clips of 10 s: to take more than half for there is right for {_right(heard > 0.5, there):.3f}")
    for place, name in enumerate(("speech", "music")):
        settled[f"{name}_curve"] = _platt(heard[:, place], there[:, place])
    curves = np.stack([settled["speech_curve"], settled["music_curve"]])
    print(f"the curves are right for {_right(_log_odds(heard) * curves[:, 0] + curves[:, 1] > 0, there):.3f}")
    return settled


def _right(said: np.ndarray, there: np.ndarray) -> float:
    """Share of clips of which it is told rightly whether there is speech, and music."""
    return float((said == there).all(axis=1).mean())


def _clips(
    track: FeatureTrack, right: np.ndarray, weights: Mapping[str, np.ndarray]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Clips of 10 s: the shares that the network hears, and whether there is speech, and music."""
    states = network.state_chances(evidence(track), weights)
    silent = right[:, 3:4] > 0.5
    values = np.column_stack([states[:, [1, 2, 3, 0]] * ~silent, silent])
    curve = FeatureTrack(track.spans, values.astype(np.float32), LABELS)
    found = []
    for first in range(0, len(track) - CLIP_ROWS + 1, CLIP_ROWS // 2):
        part = slice(first, first + CLIP_ROWS)
        share = right[part, :2].mean(axis=0)
        if silent[part].mean() < 0.9 and not ((share > 0) & (share < LEAST_SHARE_THERE)).any():
            span = np.array([[track.spans[first, 0], track.spans[first + CLIP_ROWS - 1, 1]]])
            found.append((sounding_shares(mean_chances(curve, span))[0], share >= LEAST_SHARE_THERE))
    return found


def _platt(share: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Slope and offset over the log-odds of a share."""
    x = torch.from_numpy(_log_odds(share))
    wanted = torch.from_numpy(there.astype(np.float64))
    curve = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([curve], max_iter=100)

    def cost() -> torch.Tensor:
        solver.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(curve[0] * x + curve[1], wanted)
        loss = loss + 1e-3 * (curve**2).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    solver.step(cost)  # type: ignore[no-untyped-call]
    return curve.detach().numpy().astype(np.float32)


def _log_odds(share: np.ndarray) -> np.ndarray:
    held = np.clip(share, LEAST_SHARE, 1 - LEAST_SHARE)
    return np.asarray(np.log(held / (1 - held)))


def _log_softmax(odds: np.ndarray) -> np.ndarray:
    raised = odds - odds.max(axis=1, keepdims=True)
    return np.asarray(raised - np.log(np.exp(raised).sum(axis=1, keepdims=True)))


def cast_of(*sides: str, varied: bool) -> Cast:
    """Who programmes of some sides are made of."""
    speech, music = (list(chosen(kind, *sides)) for kind in ("speech", "music"))
    if varied:
        return Cast(speech, music, tunes=0.4, varied=True, ratios=(-15.0, 15.0))
    return Cast(speech, music, ratios=(-10.0, 10.0))


def card(people: Cast, apart: Cast, weights: Mapping[str, np.ndarray], programmes: int, seed: int) -> dict[str, object]:
    """What is to be known of the weights."""
    return {
        "schema": "cueline.sound-kinds",
        "version": 1,
        "classes": list(LABELS),
        "command": f"python -m benchmarks.kinds.train --programmes {programmes} --seed {seed}",
        "programmes": programmes,
        "seconds_each": SECONDS,
        "seed": seed,
        "network": {
            "hidden": HIDDEN,
            "members": MEMBERS,
            "epochs": EPOCHS,
            "sharpness": float(weights["sharpness"][0]),
        },
        "made": {"music": people.tunes, "noises": [kind.__name__ for kind in people.noises]},
        "recordings": [_entry(one) for one in (*people.speech, *people.music)],
        "set_sharpness_and_curves": [one.path.name for one in (*apart.speech, *apart.music)],
    }


def _entry(one: Recording) -> dict[str, str]:
    return {"file": one.path.name, "kind": one.kind, "group": one.group, "licence": one.licence}


def main() -> None:
    """Train, settle, train again, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--programmes", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=network.WEIGHTS.parent, help="where weights and card go")
    options = parser.parse_args()
    torch.use_deterministic_algorithms(mode=True)
    first, apart, whole = (
        cast_of("learn", varied=True),
        cast_of("check", varied=False),
        cast_of("learn", "check", varied=True),
    )
    count, seed = options.programmes, options.seed
    few, calm = lessons(apart, seed + 1, count // 10), lessons(apart, seed + 3, count // 10, LONG_PASSAGES)
    settled = settle(learn(lessons(first, seed, count // 2), seed), few, calm)
    print(
        f"sharpness {settled['sharpness'][0]:.2f}, curves {settled['speech_curve']} {settled['music_curve']}",
        flush=True,
    )
    weights = learn(lessons(whole, seed + 2, count), seed)
    weights |= {name: settled[name] for name in ("sharpness", "speech_curve", "music_curve")}
    options.folder.mkdir(parents=True, exist_ok=True)
    halved = {name: array.astype(np.float16).astype(np.float32) for name, array in weights.items()}
    write_arrays(options.folder / network.WEIGHTS.name, halved)
    told = card(whole, apart, weights, count, seed)
    (options.folder / network.CARD.name).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"written to {options.folder}: {sum(array.size for array in weights.values()):,} numbers")


if __name__ == "__main__":
    main()
