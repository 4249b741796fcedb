"""The state of a training on disk: all of it comes back, and nothing of another."""

import math

import pytest

pytestmark = pytest.mark.extra("torch")
torch = pytest.importorskip("torch", reason="the extra `torch` is not installed")

from cueline.errors import FormatError, OptionError  # noqa: E402
from cueline.learning.progress import Epoch  # noqa: E402
from cueline.learning.states import State  # noqa: E402


def fresh(seed=0):
    torch.manual_seed(seed)
    network = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    return State(network, torch.optim.AdamW(network.parameters(), lr=0.01))


def step(state, seed):
    draw = torch.Generator().manual_seed(seed)
    state.optimizer.zero_grad()
    state.network(torch.randn(5, 3, generator=draw)).square().sum().backward()
    state.optimizer.step()


def epoch(number, gap, *, best):
    return Epoch(1, number, 2.5, gap, 0.25, 0.5, 1.0, best)


@pytest.fixture
def state():
    state = fresh()
    for number, gap in enumerate((0.3, 0.7, 0.5), start=1):
        step(state, number)
        state.add(epoch(number, gap, best=gap > state.best_gap))
    return state


def test_the_best_weights_are_kept_whatever_comes_after(state):
    again = fresh()
    step(again, 1)
    step(again, 2)
    assert state.best_gap == 0.7
    for name, tensor in again.network.state_dict().items():
        assert torch.equal(state.best[name], tensor)


def test_nothing_is_best_before_the_first_epoch():
    assert fresh().best_gap == -math.inf


def test_a_training_that_goes_on_does_what_it_would_have_done(state, tmp_path):
    state.save(tmp_path / "below" / "state.safetensors", "mark")
    other = fresh(seed=9)
    other.load(tmp_path / "below" / "state.safetensors", "mark")
    assert other.epochs == state.epochs
    assert all(torch.equal(other.best[name], tensor) for name, tensor in state.best.items())
    for one in (state, other):
        step(one, 7)
        step(one, 8)
    for name, tensor in state.network.state_dict().items():
        assert torch.equal(other.network.state_dict()[name], tensor)


def test_saving_replaces_and_leaves_nothing_beside(state, tmp_path):
    for _ in range(2):
        state.save(tmp_path / "state.safetensors", "mark")
    assert [path.name for path in tmp_path.iterdir()] == ["state.safetensors"]


def test_where_nothing_was_kept_a_state_stays_fresh(tmp_path):
    state = fresh()
    state.load(tmp_path / "none.safetensors", "mark")
    assert state.epochs == []


def test_a_state_of_another_training_is_refused(state, tmp_path):
    state.save(tmp_path / "state.safetensors", "mark")
    with pytest.raises(OptionError, match="a training goes on with the rows, the recipe and the seed .* begun with"):
        fresh().load(tmp_path / "state.safetensors", "another")


@pytest.mark.parametrize("left", [0, 5, 200, -3])
def test_a_state_that_was_cut_off_is_refused(state, tmp_path, left):
    path = tmp_path / "state.safetensors"
    state.save(path, "mark")
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(FormatError, match="must hold a training that goes on, whole: .* Delete it, to begin anew"):
        fresh().load(path, "mark")
