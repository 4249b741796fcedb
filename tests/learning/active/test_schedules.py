"""How many to ask before clips are ranked anew."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import OptionError
from cueline.learning.active.schedules import CLASSIC, Adaptive, Sizes, overlap, schedule

SIZES = st.lists(st.integers(1, 200), min_size=1, max_size=8)


@given(SIZES, st.integers(0, 30))
def test_sizes_come_one_after_the_other_and_the_last_again_and_again(sizes, query):
    read = schedule(",".join(map(str, sizes)))
    assert read.size(query) == (sizes[query] if query < len(sizes) else sizes[-1])


@given(st.integers(0, 30))
def test_one_size_is_always_that_size(query):
    assert schedule("50").size(query) == 50


def test_dots_say_and_so_on():
    assert schedule("5, 5, 10, ...") == Sizes((5, 5, 10))
    assert schedule("classic") == Sizes(CLASSIC)
    assert str(schedule("5,10")) == "5,10, and so on"
    assert str(schedule("20")) == "20"


@given(
    st.integers(1, 20),
    st.integers(0, 30),
    st.integers(0, 200),
    st.lists(st.floats(0, 1) | st.just(math.nan)),
    st.data(),
)
def test_adaptive_sizes_stay_in_bounds_and_at_most_double_or_halve(least, more, most, overlaps, data):
    plan = Adaptive(first=least + more, least=least, most=least + more + most)
    last = plan.size(0)
    assert last == plan.first
    for query, alike in enumerate(overlaps, 1):
        size = plan.size(query, last=last, alike=alike)
        assert plan.least <= size <= plan.most
        assert last // 2 <= size <= last * 2
        if alike >= plan.calm:
            assert size == min(2 * last, plan.most)
        elif alike < plan.moved:
            assert size == max(last // 2, plan.least)
        else:
            assert size == last
        last = size


def test_adaptive_is_known_by_its_word():
    assert schedule("adaptive") == Adaptive()
    assert str(Adaptive()) == "adaptive from 5 to 80"


@pytest.mark.parametrize("text", ["", "5,,5", "many", "5;5", "2.5", "..."])
def test_what_is_no_schedule_is_refused(text):
    with pytest.raises(OptionError, match="queries are sizes such as 20 or 5,5,10,10,20, or adaptive or classic, got"):
        schedule(text)


def test_a_misspelt_word_is_refused_with_the_near_miss():
    with pytest.raises(OptionError, match="got 'adaptiv'. Did you mean 'adaptive'?"):
        schedule("adaptiv")


@pytest.mark.parametrize("text", ["0", "5,0", "-3"])
def test_queries_of_nothing_are_refused(text):
    with pytest.raises(OptionError, match="sizes of queries must be one or more whole numbers from 1"):
        schedule(text)


@pytest.mark.parametrize(
    "options", [{"least": 0}, {"first": 4}, {"most": 4}, {"moved": 0.8}, {"calm": 1.1}, {"moved": math.nan}]
)
def test_bounds_that_contradict_one_another_are_refused(options):
    with pytest.raises(OptionError, match="an adaptive schedule needs 1 <= least <= first <= most"):
        Adaptive(**options)


def test_overlap_is_the_share_of_unsure_rows_that_stay():
    chances = np.linspace(0, 1, 1001, dtype=np.float32)[:, None]
    rows = np.arange(1001)
    assert overlap(chances, chances, rows) == 1
    assert overlap(chances, chances + 0.05, rows) == pytest.approx(0.5, abs=0.02)
    assert overlap(chances, chances + 0.3, rows) == 0


def test_overlap_is_about_rows_that_can_still_be_asked():
    before, now = np.full((4, 1), 0.9, np.float32), np.full((4, 1), 0.9, np.float32)
    before[0], now[1] = 0.5, 0.5
    assert overlap(before, now, np.array([2, 3])) == 1


def test_overlap_is_unknown_without_two_rankings():
    chances = np.full((4, 1), 0.5, np.float32)
    assert math.isnan(overlap(None, chances, np.arange(4)))
    assert math.isnan(overlap(chances, None, np.arange(4)))
    assert math.isnan(overlap(chances, chances, np.arange(0)))
