"""The network in numpy: against torch, and piece by piece."""

import numpy as np
import pytest

from cueline.detectors.sound import network
from cueline.detectors.sound.network import data_card, shipped, state_chances, weights_hash


def rows(count, seed=0):
    width = len(shipped()["mean"])
    spread = np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32)
    return shipped()["mean"] + spread / shipped()["scale"]


def test_each_row_sums_to_one_and_the_same_rows_give_the_same():
    found = state_chances(rows(50), shipped())
    assert found.shape == (50, 4)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(found, state_chances(rows(50), shipped()))


def test_rows_out_of_reach_change_nothing():
    one, other = rows(60), rows(60)
    other[: 30 - network.REACH_ROWS] = 0
    np.testing.assert_allclose(state_chances(one, shipped())[30:], state_chances(other, shipped())[30:], atol=1e-6)


def test_torch_gives_the_same():
    torch = pytest.importorskip("torch")
    weights, given = shipped(), rows(40)
    flow = np.clip((given - weights["mean"]) * weights["scale"], -network.MOST_DEVIATIONS, network.MOST_DEVIATIONS)
    members = []
    for number in range(len({name.split(".")[0] for name in weights if name[0].isdigit()})):
        w = {name: torch.from_numpy(weights[f"{number}.{name}"]) for name in ("near", "far", "near_bias", "far_bias")}
        dense = torch.relu(
            torch.from_numpy(flow) @ torch.from_numpy(weights[f"{number}.dense"])
            + torch.from_numpy(weights[f"{number}.dense_bias"])
        ).T[None]
        convolved = dense
        total = 0
        for name, step in zip(("near", "far"), network.STEPS, strict=True):
            convolved = torch.relu(
                torch.nn.functional.conv1d(
                    convolved, w[name].permute(2, 1, 0), w[f"{name}_bias"], padding=2 * step, dilation=step
                )
            )
            total = total + convolved
        odds = total[0].T @ torch.from_numpy(weights[f"{number}.out"]) + torch.from_numpy(weights[f"{number}.out_bias"])
        members.append(torch.softmax(odds, dim=1))
    mean = torch.stack(members).mean(dim=0)
    expected = torch.softmax(torch.log(mean.clamp(min=1e-9)) * float(weights["sharpness"][0]), dim=1)
    np.testing.assert_allclose(state_chances(given, weights), expected.numpy(), atol=1e-5)


def test_weights_have_a_hash_and_a_card():
    assert len(weights_hash()) == 64
    assert data_card()["classes"] == ["speech", "music", "both", "noise", "silence"]
    assert data_card()["recordings"]
