"""What time stamps tell: ends, counts, evenness, gaps, clocks set back."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.media.containers import audio_stream, opened, video_stream, zero
from cueline.media.packets import Tally, heard_until, tail, walk

MILLISECOND = Fraction(1, 1000)


@dataclass
class Packet:
    """As much of a packet as a tally looks at."""

    pts: int | None
    dts: int | None = None
    duration: int | None = 40
    is_corrupt: bool = False
    is_discard: bool = False


def tally(*packets: Packet, time_base=MILLISECOND, zero=0, usual=0) -> Tally:
    told = Tally(time_base, Fraction(zero), usual)
    for packet in packets:
        told.add(packet)
    return told


def test_a_stream_ends_with_the_end_of_its_last_frame_in_whatever_order_they_come():
    told = tally(Packet(0), Packet(120), Packet(40), Packet(80))
    assert (told.frames, told.end, told.uneven) == (4, Fraction(16, 100), False)


def test_nothing_has_no_end():
    told = tally()
    assert (told.end, told.frames, told.uneven, told.gaps(), told.rate(None)) == (None, 0, False, [], None)


def test_a_packet_without_any_time_stamp_is_found_but_not_shown():
    told = tally(Packet(None))
    assert (told.packets, told.frames, told.end) == (1, 0, None)


def test_what_is_discarded_or_ends_before_zero_is_not_shown():
    told = tally(Packet(-80), Packet(-40), Packet(0, is_discard=True), Packet(40), zero=0)
    assert (told.packets, told.frames, told.end) == (4, 1, Fraction(8, 100))


def test_a_frame_across_zero_is_shown():
    assert tally(Packet(980), Packet(1020), zero=1000).frames == 2


def test_a_last_frame_without_duration_lasts_as_long_as_the_others():
    assert tally(Packet(0), Packet(40), Packet(80, duration=0)).end == Fraction(12, 100)


def test_a_single_frame_without_duration_lasts_as_long_as_usual():
    assert tally(Packet(0, duration=None), usual=20).end == Fraction(2, 100)


def test_damage_is_counted():
    assert tally(Packet(0), Packet(40, is_corrupt=True)).damaged == 1


def test_a_clock_set_back_by_over_a_second_goes_on_from_the_end():
    first = [Packet(i * 40, dts=i * 40) for i in range(50)]
    told = tally(*first, *first)
    assert (told.backwards, told.end, told.uneven) == ([2.0], Fraction(4), False)


def test_a_clock_set_back_by_less_is_told_and_left():
    told = tally(Packet(0, 0), Packet(40, 40), Packet(20, 20))
    assert (told.backwards, told.end) == ([0.08], Fraction(8, 100))


def test_a_clock_that_goes_back_before_anything_was_shown_is_no_news():
    assert tally(Packet(-400, -400), Packet(-800, -800), Packet(0, 0)).backwards == []


def test_rounded_distances_are_even_others_are_not():
    assert not tally(Packet(0), Packet(33), Packet(67), Packet(100)).uneven
    assert tally(Packet(0), Packet(33), Packet(100), Packet(133)).uneven
    coarse = Fraction(1, 100)
    assert not tally(Packet(0), Packet(3), Packet(7), Packet(10), time_base=coarse).uneven
    assert tally(Packet(0), Packet(1), Packet(3), time_base=Fraction(1, 24)).uneven


def test_a_stated_rate_stands_while_time_stamps_agree():
    rounded = [Packet(round(i * 1001 / 30)) for i in range(100)]
    assert tally(*rounded).rate(Fraction(30000, 1001)) == Fraction(30000, 1001)
    assert tally(*rounded).rate(Fraction(25)) == Fraction(99 * 1000, 3303)
    assert tally(Packet(0), Packet(40)).rate(None) == 25
    assert tally(Packet(0)).rate(Fraction(25)) == 25
    assert tally(Packet(0), Packet(0)).rate(Fraction(25)) == 25


def test_gaps_are_long_beside_a_second_and_beside_the_usual_distance():
    told = tally(*(Packet(i * 40) for i in (0, 1, 2, 52, 53)))
    assert told.gaps() == [(0.08, 2.0)]
    assert tally(*(Packet(i * 5000) for i in range(5))).gaps() == []


@given(st.permutations(range(12)), st.integers(1, 90000), st.integers(-5, 5))
def test_order_in_the_file_changes_nothing(order, ticks_a_second, origin):
    base, packets = Fraction(1, ticks_a_second), [Packet(origin + i, duration=1) for i in order]
    told = tally(*packets, time_base=base, zero=origin)
    assert (told.frames, told.end, told.gaps()) == (
        12,
        12 * base,
        tally(*sorted(packets, key=lambda p: p.pts), time_base=base, zero=origin).gaps(),
    )


@pytest.mark.parametrize("form", ["a.mp4", "a.mkv", "a.ts", "a.avi"])
def test_the_end_found_by_jumping_is_the_end_found_by_walking(film, form):
    path = film(form, pictures=[{"codec": "mpeg4"}], tones=[{"codec": "libmp3lame"}])
    with opened(path) as container:
        tallies, error = walk(container, zero(container))
    with opened(path) as container:
        ends = {stream.index: tail(container, stream, zero(container)).end for stream in container.streams}
    assert error is None
    assert ends == {index: told.end for index, told in tallies.items()}
    assert tallies[0].frames == 25


def test_a_file_that_states_no_duration_has_no_tail(film):
    path = film("a.mkv", pictures=[{}], live="1")
    with opened(path) as container:
        assert container.duration is None
        assert tail(container, video_stream(container), Fraction(0)) is None


def test_sound_is_heard_until_its_last_sample_not_its_last_packet(film):
    with opened(film("a.mp3", tones=[{"codec": "libmp3lame", "seconds": Fraction(1, 2)}])) as container:
        stream, origin = audio_stream(container), zero(container)
        assert heard_until(container, stream, origin) == Fraction(1, 2)
        assert tail(container, stream, origin).end > Fraction(1, 2)


def test_nothing_is_heard_where_nothing_decodes(real_media):
    with opened(real_media / "malformed" / "mutagen_52-overwritten-metadata.flac") as container:
        assert heard_until(container, audio_stream(container), Fraction(0)) is None
