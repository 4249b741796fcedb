"""Models without training: what they say, of how many rows ever, and what they refuse to be."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from cueline.errors import FormatError, TimelineError
from cueline.models import multilabel
from cueline.models.multilabel import MultiLabelModel
from tests.models.made import CLASSES, UINT8, WIDTH, made_model, made_rows


def chances(model, rows):
    return np.concatenate(list(model.chances(rows)))


def with_arrays(model, **arrays):
    return replace(model, arrays={**model.arrays, **{name: np.float32(array) for name, array in arrays.items()}})


def test_members_answer_with_the_mean_of_their_log_odds():
    model, rows = made_model(members=3), made_rows()
    of_each = [
        rows @ model.arrays[f"{member}.layers.0.weight"] + model.arrays[f"{member}.layers.0.bias"]
        for member in range(3)
    ]
    assert model.members == 3
    np.testing.assert_allclose(chances(model, rows), expit(np.mean(of_each, axis=0)), atol=1e-5)


def test_ten_members_and_more_are_told_apart():
    model, rows = made_model(members=11), made_rows(3)
    assert model.members == 11
    first = rows @ model.arrays["1.layers.0.weight"] + model.arrays["1.layers.0.bias"]
    alone = {name: array for name, array in model.arrays.items() if "." not in name}
    alone |= {"0." + name.removeprefix("1."): a for name, a in model.arrays.items() if name.startswith("1.")}
    np.testing.assert_allclose(MultiLabelModel(model.card, alone).raw_log_odds(rows), first, atol=1e-4)


def test_calibration_bends_the_log_odds():
    model, rows = made_model(), made_rows()
    bent = with_arrays(model, slopes=[2, 1, 1, 1, 1], offsets=[0, -3, 0, 0, 0])
    odds = model.raw_log_odds(rows)
    odds[:, 0] *= 2
    odds[:, 1] -= 3
    np.testing.assert_allclose(chances(bent, rows), expit(odds), atol=1e-6)


def test_top_is_the_sorted_head_of_all_chances():
    model, rows = made_model(), made_rows()
    dense = chances(model, rows)
    order = np.argsort(-dense, axis=1, kind="stable")
    for k in (1, 3, CLASSES, 20):
        top = model.top(rows, k)
        np.testing.assert_array_equal(top.classes, order[:, :k])
        np.testing.assert_array_equal(top.scores, np.take_along_axis(dense, order[:, :k], axis=1))
        assert top.width == CLASSES


def test_twenty_classes_are_told_where_nobody_says_how_many():
    assert made_model(classes=30).top(made_rows()).classes.shape == (30, 20)


def test_blocks_do_not_change_what_is_said(monkeypatch):
    model, rows = made_model(unit=True), made_rows(23)
    whole = model.top(rows)
    for size in (1, 7, 22, 23):
        monkeypatch.setattr(multilabel, "BLOCK_ROWS", size)
        top = model.top(rows)
        np.testing.assert_array_equal(top.classes, whole.classes)
        np.testing.assert_allclose(top.scores, whole.scores, atol=1e-6)


def test_no_rows_have_no_classes():
    top = made_model().top(np.empty((0, WIDTH), np.float32), 3)
    assert top.classes.shape == top.scores.shape == (0, 3)


def test_halves_and_bytes_are_rows_too():
    model = made_model()
    halves = made_rows().astype(np.float16)
    np.testing.assert_array_equal(chances(model, halves), chances(model, halves.astype(np.float32)))
    quantised = np.random.default_rng(0).integers(0, 256, (9, WIDTH), dtype=np.uint8)
    floats = (quantised * UINT8[0] + UINT8[1]).astype(np.float32)
    np.testing.assert_allclose(chances(model, quantised), chances(model, floats), atol=1e-5)


def test_rows_of_another_width_are_refused():
    with pytest.raises(TimelineError, match="rows must have 8 numbers"):
        made_model().top(made_rows(width=WIDTH + 1))


@pytest.mark.parametrize("name", ["mean", "scale", "slopes", "offsets", "thresholds"])
def test_an_array_that_is_missing_or_of_another_shape_is_refused(name):
    model = made_model()
    with pytest.raises(FormatError, match=rf"the array '{name}' must have shape \(\d,\), got \(3,\)"):
        with_arrays(model, **{name: [1, 2, 3]})
    with pytest.raises(FormatError, match=f"a model has the array '{name}', got 0.layers"):
        MultiLabelModel(model.card, {key: array for key, array in model.arrays.items() if key != name})


@pytest.mark.parametrize("network", ["transformer", None, ["residual"]])
def test_an_unknown_network_is_refused(network):
    with pytest.raises(FormatError, match="the network of a model must be one of residual, perceptron, logistic"):
        made_model(network=network)


def test_a_model_without_members_is_refused():
    with pytest.raises(FormatError, match="a model has at least one member"):
        made_model(members=0)


def test_a_model_prints_its_sizes():
    assert repr(made_model()) == (
        "MultiLabelModel(ModelCard(8 numbers of features, 5 classes), 2 members, 0.0 million numbers)"
    )


def test_models_work_without_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from tests.models.made import made_model, made_rows\n"
        "import cueline.models.checkpoints\n"
        "print(made_model().top(made_rows()).classes.shape)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "(30, 5)\n"
