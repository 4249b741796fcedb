"""Whole models from examples: learned, repeatable to the byte, resumed, and blind to what they must not see."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace

import numpy as np
import pytest

pytestmark = pytest.mark.extra("torch")
torch = pytest.importorskip("torch", reason="the extra `torch` is not installed")

from cueline.errors import OptionError, TimelineError  # noqa: E402
from cueline.evaluation.ranking import average_precision, global_average_precision  # noqa: E402
from cueline.learning import tagging  # noqa: E402
from cueline.learning.progress import Beat  # noqa: E402
from cueline.learning.recipes import COURSE, EXPERTS, LOGISTIC  # noqa: E402
from cueline.learning.splits import fold_groups, split_groups  # noqa: E402
from cueline.learning.tagging import (  # noqa: E402
    TRAINING,
    data_hash,
    expected_card,
    fit_multilabel,
    fit_preparation,
    forget_training,
    rows_apart,
)
from cueline.models.cards import ClassEntry, Input  # noqa: E402
from cueline.models.checkpoints import CARD, WEIGHTS, save_model  # noqa: E402
from cueline.timeline.examples import Examples, LabelLists  # noqa: E402
from tests.learning.made import CLASSES, INPUTS, QUICK, WIDTH, files_of, made_examples, made_plan  # noqa: E402

LEARNED = replace(QUICK, least_steps=300, rate=1e-2, dropout=0.1, input_dropout=0.0)


def written(folder, plan=None, **how):
    """Train and save as `cueline train` does; give the bytes of all files."""
    fitted = fit_multilabel(made_plan() if plan is None else plan, folder=folder, **how)
    save_model(fitted.model, folder)
    forget_training(folder)
    return files_of(folder)


def scores_of(model, rows):
    return np.concatenate(list(model.chances(rows)))


class Stop:
    """Ends a training as Ctrl-C does, after so many epochs."""

    def __init__(self, after):
        self.left = after

    def __call__(self, sign):
        self.left -= not isinstance(sign, Beat)
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def learned():
    """A model of the toy problem, and other rows of it."""
    return fit_multilabel(made_plan(made_examples(400), recipe=LEARNED)), made_examples(300, seed=1)


def test_a_problem_that_can_be_learned_is_learned(learned):
    fitted, test = learned
    scores = scores_of(fitted.model, test.values)
    assert global_average_precision(test.yes.dense(), scores) > 0.9
    assert np.mean(average_precision(test.yes.dense(), scores)) > 0.9


def test_chances_mean_what_they_say(learned):
    fitted, test = learned
    scores, flags = scores_of(fitted.model, test.values), test.yes.dense()
    assert scores.mean() == pytest.approx(flags.mean(), abs=0.05)
    assert np.square(scores - flags).mean() < 0.5 * flags.mean() * (1 - flags.mean())


def test_thresholds_tell_classes_apart(learned):
    fitted, test = learned
    said, flags = scores_of(fitted.model, test.values) >= fitted.model.thresholds, test.yes.dense()
    assert 2 * (said & flags).sum() / (said.sum() + flags.sum()) > 0.8


@pytest.mark.parametrize("recipe", [COURSE, LOGISTIC, EXPERTS])
def test_every_recipe_makes_a_model(recipe):
    hidden = (16, 12) if recipe.hidden else ()
    recipe = replace(recipe, hidden=hidden, batch_rows=32, epochs=10, least_steps=100, rate=1e-2)
    fitted, test = fit_multilabel(made_plan(recipe=recipe)), made_examples(300, seed=1)
    assert fitted.model.members == recipe.members
    assert global_average_precision(test.yes.dense(), scores_of(fitted.model, test.values)) > 0.6
    if not recipe.calibrated:
        assert (fitted.model.arrays["slopes"] == 1).all()
        assert not fitted.model.arrays["offsets"].any()


def test_the_card_says_what_the_model_is(learned):
    card = learned[0].model.card
    assert card.inputs == INPUTS
    assert card.names == ("class 0", "class 1", "class 2", "class 3", "class 4")
    assert card.data == {"rows": 400, "rows_apart": 160, "sha256": data_hash(made_examples(400))}
    assert card.recipe == {**card.recipe, "network": "residual", "members": 2, "hidden": [16, 16]}
    assert list(card.measures) == ["GAP@20", "Hit@1", "Hit@5", "Hit@20"]
    assert all(0 < value <= 1 for value in card.measures.values())
    wanted = expected_card(made_plan(made_examples(400), recipe=LEARNED))
    assert replace(card, measures={}) == wanted


def test_measures_are_the_mean_of_the_best_epochs(learned):
    fitted, _ = learned
    best = [max(epoch.gap for epoch in fitted.epochs if epoch.member == member) for member in (1, 2)]
    assert fitted.model.card.measures["GAP@20"] == pytest.approx(np.mean(best))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_model(tmp_path):
    first, second = (written(tmp_path / name) for name in ("a", "b"))
    assert set(first) == {CARD, WEIGHTS}
    assert first == second
    other = written(tmp_path / "c", made_plan(seed=1))
    assert other[WEIGHTS] != first[WEIGHTS]


def test_members_are_different_networks_with_different_rows_apart():
    fitted = fit_multilabel(made_plan())
    assert not np.array_equal(fitted.model.arrays["0.output.weight"], fitted.model.arrays["1.output.weight"])
    assert fitted.model.card.data["rows_apart"] == 2 * rows_apart(120)


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_training_that_was_ended_goes_on_to_the_same_bytes(after, tmp_path):
    """Within the first network, between the two, and within the second."""
    through = written(tmp_path / "through")
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path / "ended", told=Stop(after))
    kept = set(files_of(tmp_path / "ended"))
    assert kept
    assert all(name.startswith(TRAINING) for name in kept)
    heard = []
    assert written(tmp_path / "ended", told=heard.append) == through
    assert len(heard) == 4 - after


def test_a_training_that_was_killed_goes_on_to_the_same_bytes(tmp_path):
    through = written(tmp_path / "through", made_plan(recipe=replace(QUICK, least_steps=80)))
    code = (
        "import sys, time, torch; torch.set_num_threads(1)\n"
        "from dataclasses import replace\n"
        "from pathlib import Path\n"
        "from tests.learning.made import QUICK, made_plan\n"
        "from cueline.learning.tagging import fit_multilabel\n"
        "def told(sign): print('epoch', flush=True); time.sleep(0.05)\n"
        "fit_multilabel(made_plan(recipe=replace(QUICK, least_steps=80)), folder=Path(sys.argv[1]), told=told)"
    )
    folder = tmp_path / "killed"
    with subprocess.Popen([sys.executable, "-c", code, folder], stdout=subprocess.PIPE, text=True) as process:
        for _ in range(4):
            process.stdout.readline()
        time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    heard = []
    assert written(folder, made_plan(recipe=replace(QUICK, least_steps=80)), told=heard.append) == through
    assert 0 < len(heard) <= 2 * 10 - 4


def test_a_training_that_is_done_is_not_done_again(tmp_path):
    first = fit_multilabel(made_plan(), folder=tmp_path)
    heard = []
    again = fit_multilabel(made_plan(), folder=tmp_path, told=heard.append)
    assert heard == []
    assert again.epochs == first.epochs
    np.testing.assert_array_equal(again.model.arrays["slopes"], first.model.arrays["slopes"])
    forget_training(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "other",
    [
        {"recipe": replace(QUICK, dropout=0.25)},
        {"examples": made_examples(seed=9)},
        {"examples": made_examples(groups=np.arange(120) // 2)},
        {"seed": 1},
        {"inputs": (Input("all", WIDTH),)},
    ],
)
def test_the_state_of_another_recipe_data_or_seed_is_refused(other, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fit_multilabel(made_plan(), folder=tmp_path, told=Stop(1))
    with pytest.raises(OptionError, match="was begun with others. Name another folder, or delete that one"):
        fit_multilabel(made_plan(**other), folder=tmp_path)


def test_labels_of_rows_that_measure_never_reach_the_model(tmp_path):
    """Rows are drawn as `cueline train --test-rows` draws them, and their labels replaced by noise."""
    written_of = []
    for noise in (False, True):
        examples = made_examples()
        split = split_groups(examples.groups, apart=30, seed=8)
        flags = examples.yes.dense()
        if noise:
            flags[split.apart] = np.random.default_rng(5).random((30, CLASSES)) < 0.5
        whole = made_examples(flags=flags)
        written_of.append(written(tmp_path / str(noise), made_plan(whole.take(split.learn))))
    assert written_of[0] == written_of[1]


def test_answers_that_nobody_gave_are_not_taken_for_no():
    """Half of what is there was not judged: a model that heard a no instead says it half as often."""
    truth = made_examples(400).yes.dense()
    unknown = truth & (np.random.default_rng(2).random(truth.shape) < 0.5)
    recipe, rows = replace(LEARNED, least_steps=100), made_examples(300, seed=1).values
    judged, closed = (
        fit_multilabel(made_plan(made_examples(400, flags=truth & ~unknown, unknown=missing), recipe=recipe)).model
        for missing in (unknown, None)
    )
    assert scores_of(judged, rows).mean() > 1.3 * scores_of(closed, rows).mean()


def test_rows_of_one_group_are_never_on_both_sides(monkeypatch):
    lessons = []
    fit = tagging.fit_member
    monkeypatch.setattr(tagging, "fit_member", lambda lesson, *more: (lessons.append(lesson), fit(lesson, *more))[1])
    fit_multilabel(made_plan(made_examples(groups=np.arange(120) // 6)))
    assert len(lessons) == 2
    for lesson in lessons:
        assert not set(lesson.learn.groups) & set(lesson.apart.groups)
        assert len(lesson.learn) + len(lesson.apart) == 120
    assert not set(lessons[0].apart.groups) & set(lessons[1].apart.groups)


def test_few_groups_make_fewer_members():
    fitted = fit_multilabel(made_plan(made_examples(groups=np.arange(120) % 4)))
    assert fitted.model.members == fitted.model.card.recipe["members"] == 1


@pytest.mark.parametrize("groups", [1, 3])
def test_fewer_groups_than_four_are_refused(groups):
    with pytest.raises(OptionError, match=f"learning needs 4 groups of rows or more, .* got {groups} groups in 120"):
        fit_multilabel(made_plan(made_examples(groups=np.arange(120) % groups)))


def test_the_smallest_problem_there_can_be_is_learned():
    fitted = fit_multilabel(made_plan(made_examples(4, flags=np.eye(4, CLASSES, dtype=bool))))
    assert np.isfinite(scores_of(fitted.model, made_examples().values)).all()


def test_bytes_are_learned_from_as_the_numbers_they_stand_for():
    values = np.clip((made_examples().values + 2) * 255 / 4 - 0.5, 0, 255).round().astype(np.uint8)
    uint8 = (4 / 255, 4 / 512 - 2)
    quantised = fit_multilabel(made_plan(made_examples(values=values), uint8=uint8)).model
    floats = (values * np.float64(uint8[0]) + uint8[1]).astype(np.float32)
    np.testing.assert_allclose(scores_of(quantised, values), scores_of(quantised, floats), atol=1e-4)
    np.testing.assert_allclose(quantised.arrays["mean"], floats.mean(axis=0), atol=1e-4)


def test_rows_may_be_mapped_into_memory(tmp_path):
    np.save(tmp_path / "x.npy", made_examples().values)
    mapped = made_examples(values=np.load(tmp_path / "x.npy", mmap_mode="r"))
    first, second = fit_multilabel(made_plan()).model, fit_multilabel(made_plan(mapped)).model
    assert all(np.array_equal(first.arrays[name], second.arrays[name]) for name in first.arrays)


@pytest.mark.parametrize("constant", [0.0, 0.1, 1234.567, -3e7])
def test_constant_columns_do_no_harm(constant):
    values = made_examples().values.copy()
    values[:, 5:] = constant
    fitted = fit_multilabel(made_plan(made_examples(values=values)))
    assert not fitted.model.arrays["scale"][5:].any()
    other = values.copy()
    other[:, 5:] += np.float32(0.25)
    np.testing.assert_array_equal(scores_of(fitted.model, other), scores_of(fitted.model, values))


@pytest.mark.parametrize("scale", [1e-9, 1e6, 1e30])
def test_the_unit_of_features_does_not_matter(scale):
    values = made_examples().values
    plain = fit_multilabel(made_plan()).model
    other = fit_multilabel(made_plan(made_examples(values=values * np.float32(scale)))).model
    np.testing.assert_allclose(scores_of(other, values * np.float32(scale)), scores_of(plain, values), atol=0.02)


def test_mean_and_deviation_are_those_of_all_rows(monkeypatch):
    values = made_examples().values + np.float32(4000)
    monkeypatch.setattr(tagging, "BLOCK_ROWS", 7)
    prepare = fit_preparation(made_plan(made_examples(values=values)))
    np.testing.assert_allclose(prepare.mean, values.astype(float).mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(prepare.scale, 1 / values.astype(float).std(axis=0), rtol=1e-4)


def test_a_recipe_may_take_numbers_as_they_are():
    prepare = fit_preparation(made_plan(recipe=replace(QUICK, standard=False, unit=False)))
    np.testing.assert_array_equal(prepare(made_examples().values), made_examples().values)


def test_features_that_are_no_numbers_are_refused():
    values = made_examples().values.copy()
    values[17, 3] = np.nan
    with pytest.raises(TimelineError, match="features must be finite, got nan in row 17 of the block, column 3"):
        fit_multilabel(made_plan(made_examples(values=values)))


def test_a_class_that_no_row_has_is_hardly_ever_told():
    flags = made_examples(400).yes.dense()
    flags[:, 2] = False
    fitted = fit_multilabel(made_plan(made_examples(400, flags=flags), recipe=LEARNED))
    chances = scores_of(fitted.model, made_examples(300, seed=1).values)
    assert chances[:, 2].max() < 0.5
    assert (chances[:, 2] < fitted.model.thresholds[2]).all()
    assert np.isfinite([*fitted.model.card.measures.values()]).all()


def test_rows_apart_without_any_class_leave_chances_as_they_are():
    flags = np.zeros((120, CLASSES), bool)
    examples = made_examples()
    rows = np.concatenate(
        [split.apart for split in fold_groups(examples.groups, folds=2, apart=rows_apart(120), seed=0)]
    )
    flags[np.setdiff1d(np.arange(120), rows)[:8], 1] = True
    model = fit_multilabel(made_plan(made_examples(flags=flags))).model
    assert (model.arrays["slopes"] == 1).all()
    assert (model.thresholds == 0.5).all()


def test_a_tenth_is_kept_apart_and_more_where_rows_are_few():
    assert [rows_apart(rows) for rows in (4, 30, 300, 500, 2000, 10**6)] == [1, 6, 60, 100, 200, 1000]


def test_answers_without_a_no_are_refused():
    examples = made_examples()
    unsaid = LabelLists.of_flags(~examples.yes.dense())
    with pytest.raises(OptionError, match="judged absent in others, got none.*--policy closed"):
        made_plan(replace(examples, unknown=unsaid))


def test_labels_without_any_class_are_refused():
    with pytest.raises(OptionError, match="at least one row must have a class, got 120 rows without any"):
        made_plan(made_examples(flags=np.zeros((120, CLASSES), bool)))


def test_names_for_other_classes_are_refused():
    with pytest.raises(OptionError, match="each class needs one entry, got 1 entries and labels of 5 classes"):
        made_plan(classes=(ClassEntry("dog"),))


def test_a_seed_below_0_is_refused():
    with pytest.raises(OptionError, match="a seed must be 0 or more, got -1"):
        made_plan(seed=-1)


def test_the_hash_changes_with_rows_answers_and_groups():
    plain = made_examples()
    values = plain.values.copy()
    values[3, 3] += 1
    flags = plain.yes.dense()
    flags[0] = ~flags[0]
    others = [
        made_examples(values=values),
        made_examples(flags=flags),
        made_examples(groups=np.arange(120) // 2),
        made_examples(unknown=~plain.yes.dense()),
        Examples(plain.values, LabelLists.none(120, width=CLASSES)),
    ]
    assert len({data_hash(each) for each in [plain, *others]}) == 6
    assert data_hash(made_examples()) == data_hash(plain)


def test_every_epoch_can_be_told_as_json(learned):
    told = json.loads(json.dumps([asdict(epoch) for epoch in learned[0].epochs]))
    assert {epoch["member"] for epoch in told} == {1, 2}
