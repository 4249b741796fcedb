"""Time stamps become spans."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cueline.media.clock import Clock

FILM = Fraction(24000, 1001)


def placed(stamps, *, time_base=Fraction(1, 1000), zero=Fraction(0), durations=None, usual=Fraction(1, 25)):
    told = []
    clock = Clock(time_base, zero, usual=usual, tell=lambda time, text: told.append((time, text)))
    out = []
    for index, stamp in enumerate(stamps):
        out += clock.put(stamp, durations[index] if durations else 0, index)
    out += clock.end()
    return out, told


def test_each_item_lasts_until_the_next_one():
    out, told = placed([0, 40, 100, 120])
    assert [(p.start, p.end) for p in out[:-1]] == [(0.0, 0.04), (0.04, 0.1), (0.1, 0.12)]
    assert [p.item for p in out] == [0, 1, 2, 3]
    assert told == []


def test_the_last_item_lasts_for_its_duration():
    out, _ = placed([0, 40], durations=[40, 33])
    assert out[-1].end == 0.073


def test_the_last_item_lasts_for_the_usual_distance_where_it_has_no_duration():
    assert placed([0, 40, 80, 160, 200])[0][-1].end == 0.24
    assert placed([500])[0] == [(0.5, 0.54, 0)]


def test_nothing_comes_of_nothing():
    assert placed([]) == ([], [])


def test_film_rate_does_not_drift_in_ten_hours():
    clock = Clock(1 / FILM, Fraction(0), usual=1 / FILM, tell=lambda *_: None)
    frame = round(36000 * FILM)
    assert clock.seconds(frame) == float(frame * 1001 / Fraction(24000))
    assert clock.ticks(clock.seconds(frame)) in (frame - 1, frame)


def test_zero_of_the_asset_is_taken_off_exactly():
    out, _ = placed([63000, 66003], time_base=Fraction(1, 90000), zero=Fraction(63000, 90000))
    assert out[0].start == 0.0
    assert out[0].end == 3003 / 90000


def test_what_lies_before_zero_keeps_its_time():
    out, _ = placed([0, 40, 80], zero=Fraction(1, 20))
    assert [p.start for p in out] == [-0.05, -0.01, 0.03]


def test_a_missing_time_stamp_follows_the_item_before():
    out, told = placed([0, None, None], durations=[40, 40, 40])
    assert [p.start for p in out] == [0.0, 0.04, 0.08]
    assert told == []


def test_a_first_item_without_a_time_stamp_starts_at_zero():
    out, told = placed([None, None], durations=[40, 40], zero=Fraction(2))
    assert [p.start for p in out] == [0.0, 0.04]
    assert told == [(0.0, "the first frame has no time stamp; it is taken to start at 0")]


def test_a_repeated_or_backward_time_stamp_is_dropped_and_told():
    out, told = placed([0, 40, 40, 20, 80])
    assert [p.item for p in out] == [0, 1, 4]
    assert [(p.start, p.end) for p in out[:2]] == [(0.0, 0.04), (0.04, 0.08)]
    assert [text for _, text in told] == ["a time stamp repeats or runs backwards; its frame was dropped"] * 2


def test_one_time_stamp_far_ahead_is_dropped_and_takes_nothing_with_it():
    out, told = placed([0, 40, 9_000_000, 120, 160])
    assert [(p.start, p.item) for p in out] == [(0.0, 0), (0.04, 1), (0.12, 3), (0.16, 4)]
    assert out[1].end == 0.12
    assert told == [(9000.0, "a time stamp runs ahead of its neighbours; its frame was dropped")]


def test_a_long_gap_that_stays_is_believed():
    out, told = placed([0, 40, 5000, 5040])
    assert [p.start for p in out] == [0.0, 0.04, 5.0, 5.04]
    assert out[1].end == 5.0
    assert told == []


def test_a_clock_that_restarts_goes_on_from_where_it_was():
    out, told = placed([5000, 5040, 0, 40, 80], durations=[40] * 5)
    assert [p.start for p in out] == [5.0, 5.04, 5.08, 5.12, 5.16]
    assert told == [(5.04, "time stamps were set back by 5.040 s; time goes on from here")]


def test_a_clock_that_restarts_after_a_gap_goes_on_too():
    out, told = placed([5000, 8000, 0, 40], durations=[40] * 4)
    assert [p.start for p in out] == [5.0, 8.0, 8.04, 8.08]
    assert len(told) == 1


@given(st.lists(st.one_of(st.none(), st.integers(-5000, 200_000)), max_size=40), st.integers(0, 100))
def test_whatever_the_stamps_spans_ascend_without_overlap_and_nothing_is_given_twice(stamps, duration):
    out, told = placed(stamps, durations=[duration] * len(stamps))
    assert all(a.start < a.end == b.start for a, b in pairwise(out))
    assert all(a.item < b.item for a, b in pairwise(out))
    assert len(out) + len(told) >= len(stamps)
