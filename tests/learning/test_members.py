"""Networks that are done, kept as what they are and what they say."""

from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.extra("torch")
pytest.importorskip("torch", reason="the extra `torch` is not installed")

from cueline.errors import FormatError, OptionError  # noqa: E402
from cueline.learning.members import fit_member, keep_member, kept_member  # noqa: E402
from cueline.learning.progress import Pace, silent  # noqa: E402
from cueline.learning.tagging import fit_preparation  # noqa: E402
from cueline.learning.training import Lesson  # noqa: E402
from cueline.models.networks import residual  # noqa: E402
from tests.learning.made import CLASSES, QUICK, made_examples, made_plan  # noqa: E402

APART = np.arange(80, 120)


@pytest.fixture(scope="module")
def lesson():
    examples = made_examples()
    prepare = fit_preparation(made_plan(examples))
    return Lesson(examples.take(np.arange(80)), examples.take(APART), prepare, QUICK, 3)


@pytest.fixture(scope="module")
def member(lesson):
    return fit_member(lesson, APART, np.full(CLASSES, -1, np.float32), Pace(1), silent)


def floats(weights):
    return {name: array.astype(np.float32) for name, array in weights.items()}


def test_a_member_says_of_the_rows_apart_what_its_weights_say(lesson, member):
    said = residual(lesson.prepare(lesson.apart.values), floats(member.best))
    assert member.odds.shape == (40, CLASSES)
    np.testing.assert_allclose(member.odds, said, atol=0.05)  # products may have been made in bfloat16
    assert [epoch.number for epoch in member.epochs] == list(range(1, QUICK.epochs + 1))


def test_a_member_hangs_on_its_seed_alone(lesson, member):
    prior = np.full(CLASSES, -1, np.float32)
    again = fit_member(lesson, APART, prior, Pace(1), silent)
    other = fit_member(replace(lesson, seed=4), APART, prior, Pace(1), silent)
    np.testing.assert_array_equal(again.odds, member.odds)
    assert not np.array_equal(other.odds, member.odds)


def test_a_member_comes_back_as_it_was(member, tmp_path):
    keep_member(tmp_path / "below" / "member.safetensors", "mark", member)
    found = kept_member(tmp_path / "below" / "member.safetensors", "mark")
    assert found.epochs == member.epochs
    assert found.best.keys() == member.best.keys()
    assert found.last.keys() == member.last.keys()
    for name in member.best:
        np.testing.assert_array_equal(found.best[name], member.best[name])
        np.testing.assert_array_equal(found.last[name], member.last[name])
    np.testing.assert_array_equal(found.odds, member.odds)
    np.testing.assert_array_equal(found.apart, APART)
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["member.safetensors"]


def test_there_may_be_none_yet(tmp_path):
    assert kept_member(tmp_path / "member.safetensors", "mark") is None


def test_a_member_of_another_training_is_refused(member, tmp_path):
    keep_member(tmp_path / "member.safetensors", "mark", member)
    with pytest.raises(OptionError, match="was begun with others. Name another folder, or delete that one"):
        kept_member(tmp_path / "member.safetensors", "another")


def test_a_member_that_was_cut_off_is_refused(member, tmp_path):
    path = tmp_path / "member.safetensors"
    keep_member(path, "mark", member)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(FormatError, match="must hold a training that goes on, whole"):
        kept_member(path, "mark")
