"""Time codes are exact: no frame is lost in ten hours."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import FormatError, OptionError, TimelineError
from cueline.timeline.timecode import (
    DROPPED,
    STANDARD_RATES,
    clock,
    frame_index,
    frame_time,
    parse_rate,
    parse_smpte,
    parse_time,
    smpte,
    standard_rate,
)

FILM, VIDEO, FAST = (Fraction(n * 1000, 1001) for n in (24, 30, 60))
rates = st.sampled_from(STANDARD_RATES)
ten_hours = st.integers(0, 10 * 3600 * 120)


@given(ten_hours, rates)
def test_a_frame_keeps_its_number_through_seconds(index, rate):
    assert frame_index(frame_time(index, rate), rate) == index


def test_ten_hours_of_film_drift_by_no_frame():
    frames = 10 * 3600 * 24  # 10 h 0 min 36 s of 24000/1001
    exact = Fraction(frames * 1001, 24000)
    assert frame_time(frames, FILM) == float(exact) == 36036.0
    assert frame_index(36036.0, FILM) == frames
    assert frame_index(36036.0, FILM) != frame_index(36036.0, Fraction(23976, 1000))


def test_a_time_between_two_frames_goes_to_the_nearer_and_half_way_to_the_later():
    assert [frame_index(time, Fraction(25)) for time in (0.019, 0.021, 0.06)] == [0, 1, 1]
    assert frame_index(0.5, Fraction(1)) == 1


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(-25), 25.0])
def test_a_rate_is_an_exact_fraction_above_zero(rate):
    with pytest.raises(OptionError, match=r"must be an exact fraction above 0, got"):
        frame_time(1, rate)


@pytest.mark.parametrize("time", [math.nan, math.inf])
def test_a_frame_index_needs_a_finite_time(time):
    with pytest.raises(TimelineError, match="must be finite seconds"):
        frame_index(time, FILM)


@pytest.mark.parametrize(
    ("rounded", "exact"),
    [
        (23.976, FILM),
        (23.98, FILM),
        (24, Fraction(24)),
        (29.97, VIDEO),
        (30.0, Fraction(30)),
        (47.952, 48 * Fraction(1000, 1001)),
        (59.94, FAST),
        (60, Fraction(60)),
        (119.88, 120 * Fraction(1000, 1001)),
        (Fraction(2997, 100), VIDEO),
    ],
)
def test_a_rounded_rate_stands_for_the_standard_one(rounded, exact):
    assert standard_rate(rounded) == exact


@given(rates)
def test_standard_rates_are_their_own_standard(rate):
    assert standard_rate(rate) == standard_rate(float(rate)) == rate


@pytest.mark.parametrize("rate", [12.5, 0, -25, 1000, math.nan, math.inf])
def test_a_rate_that_is_not_standard_is_refused(rate):
    with pytest.raises(OptionError, match="a standard frame rate is one of 24000/1001, 24, 25"):
        standard_rate(rate)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("25", 25), ("23.976", FILM), ("29.97", VIDEO), ("25.0", 25), ("30000/1001", VIDEO), ("25/2", Fraction(25, 2))],
)
def test_a_rate_is_read_as_people_type_it(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "0", "-25", "0.0", "30/0", "1e3", "25fps"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(FormatError, match="a frame rate must read like 25, 29.97 or 30000/1001, got"):
        parse_rate(text)


def test_a_decimal_rate_that_is_near_no_standard_one_is_refused():
    with pytest.raises(OptionError, match="Give another rate as an exact fraction"):
        parse_rate("12.5")


@given(st.integers(0, 23 * 3600 * 24), rates, st.booleans())
def test_a_frame_keeps_its_number_through_its_label(index, rate, drop):
    drop = drop and rate in DROPPED
    text = smpte(index, rate, drop_frame=drop)
    assert (";" in text) == drop
    assert parse_smpte(text, rate) == index


@pytest.mark.parametrize("rate", sorted(DROPPED))
def test_drop_frame_labels_are_those_of_a_plain_count_without_the_left_out_ones(rate):
    count, dropped = math.ceil(rate), DROPPED[rate]
    labels = (
        f"00:{minute:02}:{second:02};{frame:02}"
        for minute in range(12)
        for second in range(60)
        for frame in range(count)
        if second or minute % 10 == 0 or frame >= dropped
    )
    for index, label in enumerate(labels):
        assert smpte(index, rate, drop_frame=True) == label


@pytest.mark.parametrize("rate", sorted(DROPPED))
def test_drop_frame_labels_keep_up_with_the_clock(rate):
    for hours in range(1, 24):
        index = parse_smpte(f"{hours:02}:00:00;00", rate)
        assert abs(frame_time(index, rate) - 3600 * hours) < 0.1
        assert smpte(index, rate) < f"{hours:02}:00:00:00"


def test_labels_above_a_hundred_frames_have_three_digits():
    assert smpte(7, Fraction(120)) == "00:00:00:007"
    assert parse_smpte("00:00:00:119", Fraction(120)) == 119


def test_marks_between_hours_and_minutes_may_be_semicolons_too():
    assert parse_smpte("00;01;00;02", VIDEO) == parse_smpte("00:01:00;02", VIDEO) == 1800


@pytest.mark.parametrize("rate", [Fraction(25), FILM, Fraction(30)])
def test_drop_frame_is_refused_where_it_does_not_exist(rate):
    with pytest.raises(OptionError, match="drop-frame exists at 30000/1001 and 60000/1001 frames a second alone"):
        smpte(0, rate, drop_frame=True)
    with pytest.raises(OptionError, match="drop-frame exists at"):
        parse_smpte("00:00:00;00", rate)


def test_labels_are_refused_for_rates_that_have_none():
    with pytest.raises(OptionError, match="need a whole frame rate or a whole one x 1000/1001, got 25/2"):
        smpte(0, Fraction(25, 2))


@pytest.mark.parametrize(("index", "drop"), [(-1, False), (-1, True), (24 * 3600 * 30, False), (24 * 3600 * 30, True)])
def test_a_label_lies_within_a_day(index, drop):
    with pytest.raises(TimelineError, match="just below 24 hours, got frame"):
        smpte(index, VIDEO, drop_frame=drop)


@pytest.mark.parametrize(
    "text", ["", "1:00:00:00", "00:00:00", "00:00:00.00", "00:00:00,00", "-0:00:00:00", "\u0660\u0660:00:00:00"]
)
def test_text_that_is_no_label_is_refused(text):
    with pytest.raises(FormatError, match="a time code must read HH:MM:SS:FF"):
        parse_smpte(text, Fraction(25))


@pytest.mark.parametrize("text", ["24:00:00:00", "00:60:00:00", "00:00:60:00", "00:00:00:25"])
def test_a_label_out_of_range_is_refused(text):
    with pytest.raises(FormatError, match="must stay below 24 hours, 60 minutes, 60 seconds and 25 frames"):
        parse_smpte(text, Fraction(25))


@pytest.mark.parametrize(("text", "rate"), [("00:01:00;00", VIDEO), ("00:01:00;01", VIDEO), ("01:59:00;03", FAST)])
def test_a_label_that_drop_frame_leaves_out_is_refused(text, rate):
    with pytest.raises(FormatError, match=r"drop-frame leaves out the first [24] labels of a minute"):
        parse_smpte(text, rate)


@given(st.integers(0, 400 * 3600 * 1000))
def test_a_clock_time_keeps_its_milliseconds(milliseconds):
    text = clock(milliseconds / 1000)
    assert parse_time(text) == milliseconds / 1000
    assert text.split(".")[1] == f"{milliseconds % 1000:03}"


@pytest.mark.parametrize(
    ("time", "text"),
    [(0, "00:00:00.000"), (0.0005, "00:00:00.001"), (59.9996, "00:01:00.000"), (362439.999, "100:40:39.999")],
)
def test_a_clock_time_is_rounded_to_the_nearest_millisecond(time, text):
    assert clock(time) == text


@pytest.mark.parametrize("time", [-0.001, math.nan, math.inf])
def test_a_clock_time_is_zero_or_more(time):
    with pytest.raises(TimelineError, match="a clock time must be 0 s or more"):
        clock(time)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("12.5", 12.5),
        ("12.5s", 12.5),
        (" 12s ", 12.0),
        ("12.", 12.0),
        (".5", 0.5),
        ("90", 90.0),
        ("1:02.5", 62.5),
        ("01:02", 62.0),
        ("90:00", 5400.0),
        ("00:01:02.5", 62.5),
        ("100:00:00", 360000.0),
        ("0.1", 0.1),
        ("0:00:00.1", 0.1),
    ],
)
def test_times_are_read_as_people_type_them(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "s", ".", "-5", "+5", "1e3", "12,5", "1:2:3:4", "1:02s", ":30", "1:", "nan", "inf", "1 2", "\u0663"]
)
def test_a_time_that_nobody_types_is_refused(text):
    with pytest.raises(FormatError, match=r"a time must read like 12.5, 12.5s, 1:02.5 or 00:01:02.5, got"):
        parse_time(text)


@pytest.mark.parametrize("text", ["1:60", "0:75.5", "1:60:00"])
def test_sixty_seconds_beside_a_colon_are_refused(text):
    with pytest.raises(FormatError, match="beside a colon must stay below 60"):
        parse_time(text)
