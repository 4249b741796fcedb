"""The training loop: it learns, repeats, goes on after a stop, and never looks where it must not."""

from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.extra("torch")
torch = pytest.importorskip("torch", reason="the extra `torch` is not installed")

from cueline.errors import OptionError, TimelineError  # noqa: E402
from cueline.evaluation.ranking import global_average_precision, hit_at_k  # noqa: E402
from cueline.learning import training  # noqa: E402
from cueline.learning.networks import exported, network  # noqa: E402
from cueline.learning.progress import Beat, Pace, silent  # noqa: E402
from cueline.learning.recipes import COURSE, EXPERTS, LOGISTIC  # noqa: E402
from cueline.learning.tagging import fit_preparation  # noqa: E402
from cueline.learning.training import Lesson, log_odds, train  # noqa: E402
from cueline.timeline.examples import LabelLists  # noqa: E402
from tests.learning.made import CLASSES, QUICK, WIDTH, made_examples, made_plan  # noqa: E402

NETWORKS = {
    "residual": QUICK,
    "perceptron": replace(COURSE, hidden=(16,), batch_rows=16, epochs=4, members=1, rate=1e-2),
    "logistic": replace(LOGISTIC, batch_rows=16),
    "experts": replace(EXPERTS, batch_rows=16, epochs=4),
}


def made_lesson(recipe=QUICK, *, learn=None, apart=None, **about):
    learn = made_examples() if learn is None else learn
    apart = made_examples(40, seed=1) if apart is None else apart
    prepare = fit_preparation(made_plan(learn, recipe=recipe))
    return Lesson(learn, apart, prepare, recipe, about.pop("seed", 3), **about)


def begun(lesson):
    torch.manual_seed(lesson.seed)
    return network(WIDTH, lesson.recipe, torch.full((CLASSES,), -1.0))


def trained(lesson, told=silent):
    one = begun(lesson)
    state = train(one, lesson, Pace(1), told)
    one.load_state_dict(state.best)
    return exported(one), state.epochs


def same(first, second):
    return all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_loss_falls(name):
    _, epochs = trained(made_lesson(replace(NETWORKS[name], epochs=8)))
    assert [epoch.number for epoch in epochs] == list(range(1, 9))
    assert epochs[-1].loss < 0.9 * epochs[0].loss


def test_the_same_seed_ends_with_the_same_weights_and_another_with_others():
    first, second, other = (trained(made_lesson(seed=seed))[0] for seed in (3, 3, 4))
    assert same(first, second)
    assert not same(first, other)


def test_what_the_caller_draws_is_left_alone():
    lesson, one = made_lesson(), begun(made_lesson())
    torch.manual_seed(5)
    wanted = torch.rand(3)
    torch.manual_seed(5)
    train(one, lesson, Pace(1), silent)
    assert torch.equal(torch.rand(3), wanted)


def test_an_epoch_tells_what_it_came_to_on_the_rows_apart():
    lesson = made_lesson(replace(QUICK, epochs=3))
    one = begun(lesson)
    state = train(one, lesson, Pace(1), silent)
    one.load_state_dict(state.best)
    best = max(state.epochs, key=lambda epoch: epoch.gap)
    odds = np.concatenate([block.numpy() for block in log_odds(one, lesson.apart.values, lesson.prepare)])
    flags = lesson.apart.yes.dense()
    assert best.gap == pytest.approx(global_average_precision(flags, odds, k=20), abs=1e-9)
    assert best.hit_at_1 == pytest.approx(hit_at_k(flags, odds, k=1))
    assert best.hit_at_5 == best.hit_at_20 == pytest.approx(flags.any(axis=1).mean())


def test_the_best_weights_are_those_after_the_best_epoch():
    recipe = replace(NETWORKS["perceptron"], epochs=6, rate=0.3)  # so fast that it gets worse in between
    weights, epochs = trained(made_lesson(recipe))
    best = next(epoch.number for epoch in reversed(epochs) if epoch.best)
    assert best == max(epochs, key=lambda epoch: epoch.gap).number < 6
    assert same(weights, trained(made_lesson(replace(recipe, epochs=best)))[0])


class Stop:
    """Ends a training as Ctrl-C does, after so many epochs."""

    def __init__(self, after):
        self.left = after

    def __call__(self, sign):
        self.left -= not isinstance(sign, Beat)
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("after", [1, 3])
def test_a_training_that_was_ended_goes_on_to_the_same_weights(name, after, tmp_path):
    recipe = replace(NETWORKS[name], epochs=4)
    through, epochs = trained(made_lesson(recipe))
    lesson = made_lesson(recipe, keep=tmp_path / "state.safetensors", mark="m")
    with pytest.raises(KeyboardInterrupt):
        trained(lesson, Stop(after))
    heard = []
    weights, again = trained(lesson, heard.append)
    assert same(weights, through)
    assert again == epochs
    assert [epoch.number for epoch in heard if not isinstance(epoch, Beat)] == list(range(after + 1, 5))


def test_a_state_of_another_mark_is_not_gone_on_from(tmp_path):
    trained(made_lesson(keep=tmp_path / "state.safetensors", mark="one"))
    with pytest.raises(OptionError, match="a training goes on with the rows, the recipe and the seed"):
        trained(made_lesson(keep=tmp_path / "state.safetensors", mark="other"))


@pytest.mark.parametrize("mixup", [0.0, 0.4])
@pytest.mark.parametrize("name", NETWORKS)
def test_answers_that_nobody_gave_carry_no_gradient(name, mixup):
    """An unknown pair is yes or no in the targets; neither must change what is learned."""
    recipe = replace(NETWORKS[name], mixup=mixup)
    unknown = np.random.default_rng(2).random((120, CLASSES)) < 0.3
    flags = made_examples().yes.dense() & ~unknown
    examples = made_examples(flags=flags, unknown=unknown)
    other = made_examples(flags=flags, unknown=unknown)
    object.__setattr__(other, "yes", LabelLists.of_flags(flags | unknown))
    first, second = trained(made_lesson(recipe, learn=examples)), trained(made_lesson(recipe, learn=other))
    assert same(first[0], second[0])
    assert [epoch.loss for epoch in first[1]] == [epoch.loss for epoch in second[1]]
    assert not same(first[0], trained(made_lesson(recipe, learn=made_examples(flags=flags)))[0])


def test_answers_that_nobody_gave_are_not_measured():
    unknown = np.zeros((40, CLASSES), bool)
    unknown[:, 3] = True
    flags = made_examples(40, seed=1).yes.dense() & ~unknown
    lesson = made_lesson(apart=made_examples(40, seed=1, flags=flags, unknown=unknown))
    one = begun(lesson)
    epochs = train(one, lesson, Pace(1), silent).epochs
    odds = np.concatenate([block.numpy() for block in log_odds(one, lesson.apart.values, lesson.prepare)])
    known = np.delete(odds, 3, axis=1)
    wanted = global_average_precision(np.delete(flags, 3, axis=1), known, k=20)
    assert max(epoch.gap for epoch in epochs) == pytest.approx(wanted, abs=1e-9)


def test_every_row_is_learned_from_and_in_another_order_each_epoch(monkeypatch):
    seen = []
    batch = training._batch
    monkeypatch.setattr(training, "_batch", lambda lesson, rows: (seen.append(rows), batch(lesson, rows))[1])
    trained(made_lesson(replace(QUICK, batch_rows=15)))
    epochs = np.split(np.concatenate(seen), 2)
    for rows in epochs:
        assert sorted(rows) == list(range(120))
    assert not np.array_equal(*epochs)


def test_signs_of_life_come_within_an_epoch(monkeypatch):
    monkeypatch.setattr(training, "SECONDS_BETWEEN_BEATS", -1.0)
    heard = []
    trained(made_lesson(replace(QUICK, batch_rows=30)), heard.append)
    beats = [sign for sign in heard if isinstance(sign, Beat)]
    assert [(beat.epoch, beat.rows) for beat in beats[:8]] == [(1, 15 * step) for step in range(1, 9)]
    assert all((beat.epochs, beat.of_rows, beat.member) == (2, 120, 1) for beat in beats)
    assert all(beat.rows_per_second > 0 for beat in beats)


def test_the_rate_rises_and_falls_once(monkeypatch):
    rates = []
    step = training._step

    def watched(state, *more):
        rates.append(state.optimizer.param_groups[0]["lr"])
        return step(state, *more)

    monkeypatch.setattr(training, "_step", watched)
    trained(made_lesson(replace(QUICK, epochs=5)))
    peak = int(np.argmax(rates))
    assert rates[0] == pytest.approx(QUICK.rate * training.FIRST)
    assert rates[-1] == pytest.approx(QUICK.rate * training.FINAL)
    assert rates[peak] == pytest.approx(QUICK.rate, rel=0.1)
    assert (np.diff(rates[: peak + 1]) > 0).all()
    assert (np.diff(rates[peak:]) < 0).all()


def test_a_rate_that_stays_stays(monkeypatch):
    rates = set()
    step = training._step

    def watched(state, *more):
        rates.add(state.optimizer.param_groups[0]["lr"])
        return step(state, *more)

    monkeypatch.setattr(training, "_step", watched)
    trained(made_lesson(NETWORKS["perceptron"]))
    assert rates == {1e-2}


@pytest.mark.parametrize("name", ["perceptron", "logistic"])
def test_a_loss_that_is_no_number_any_more_is_refused(name):
    recipe = replace(NETWORKS[name], standard=False, unit=False)
    huge = made_examples().values * np.float32(1e38)
    with pytest.raises(TimelineError, match=r"the loss must stay finite, got (nan|inf) in epoch \d. Are some features"):
        trained(made_lesson(recipe, learn=made_examples(values=huge)))


def test_weights_that_burst_in_the_last_step_are_refused_too():
    recipe = replace(NETWORKS["logistic"], rate=3e38, epochs=1, cycle=False)
    with pytest.raises(TimelineError, match="what a network says must stay finite, got other numbers in epoch 1. Are"):
        trained(replace(made_lesson(recipe), learn=made_examples(3)))  # one step
