"""Networks of torch say what their exported weights say in numpy."""

from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.extra("torch")
torch = pytest.importorskip("torch", reason="the extra `torch` is not installed")

from cueline.learning.networks import exported, network  # noqa: E402
from cueline.learning.recipes import COURSE, EXPERTS, LOGISTIC, TAGGER  # noqa: E402
from cueline.models.networks import NETWORKS  # noqa: E402

WIDTH, CLASSES = 7, 6
RECIPES = {
    "one layer": replace(TAGGER, hidden=(16,)),
    "residual": replace(TAGGER, hidden=(16, 16, 16)),
    "perceptron": replace(COURSE, hidden=(12, 9)),
    "logistic": LOGISTIC,
    "experts": replace(EXPERTS, experts=3),
}
PRIOR = torch.linspace(-4, -1, CLASSES)


def fresh(recipe, seed=0):
    torch.manual_seed(seed)
    return network(WIDTH, recipe, PRIOR).eval()


def perturbed(recipe):
    """As after some training: every weight moved, every running mean and variance too."""
    one = fresh(recipe)
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for tensor in one.state_dict().values():
            if tensor.is_floating_point():
                tensor.add_(0.3 * torch.rand(tensor.shape, generator=draw))
    return one


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("made", [fresh, perturbed])
def test_numpy_says_what_torch_says(name, made):
    recipe = RECIPES[name]
    one, rows = made(recipe), np.random.default_rng(0).standard_normal((20, WIDTH)).astype(np.float32)
    with torch.no_grad():
        wanted = one(torch.from_numpy(rows)).numpy()
    found = NETWORKS[recipe.network](rows, exported(one))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", RECIPES)
def test_exported_weights_are_a_copy(name):
    one = perturbed(RECIPES[name])
    arrays = exported(one)
    before = {name: array.copy() for name, array in arrays.items()}
    with torch.no_grad():
        for parameter in one.parameters():
            parameter.zero_()
    for name, array in before.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].flags.c_contiguous
        assert arrays[name].dtype == np.float32


def test_exporting_leaves_the_network_as_it_is():
    one, rows = perturbed(RECIPES["residual"]), torch.ones(2, WIDTH)
    with torch.no_grad():
        before = one(rows)
        exported(one)
        assert torch.equal(one(rows), before)


@pytest.mark.parametrize("name", ["one layer", "residual", "logistic"])
def test_a_network_begins_near_how_common_each_class_is(name):
    with torch.no_grad():
        said = fresh(RECIPES[name])(torch.zeros(1, WIDTH))
    np.testing.assert_allclose(said[0], PRIOR, atol=1.5)


def test_a_deep_network_begins_as_a_shallow_one():
    deep, rows = fresh(RECIPES["residual"]), torch.ones(3, WIDTH)
    with torch.no_grad():
        whole = deep(rows)
        deep.blocks = torch.nn.Sequential()
        assert torch.equal(deep(rows), whole)


def test_a_perceptron_begins_by_xavier_and_without_prior():
    one = fresh(RECIPES["perceptron"])
    for layer in one.layers:
        limit = (6 / sum(layer.weight.shape)) ** 0.5
        assert layer.weight.abs().max() <= limit
        assert layer.weight.abs().max() > 0.8 * limit
        assert not layer.bias.any()


def test_the_same_seed_begins_the_same_network():
    for recipe in RECIPES.values():
        first, second, other = (exported(fresh(recipe, seed)) for seed in (0, 0, 1))
        assert all(np.array_equal(first[name], second[name]) for name in first)
        assert not all(np.array_equal(first[name], other[name]) for name in first)
