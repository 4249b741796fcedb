"""What is wrong with a file, in words. Whole files are judged in test_probe.py; here, what they rarely have."""

from fractions import Fraction
from types import SimpleNamespace

import pytest

from cueline.media.beginnings import Beginning
from cueline.media.containers import opened, video_stream
from cueline.media.packets import Tally
from cueline.media.problems import Problem, appearance, length, missing, undecodable, uneven
from cueline.timeline.assets import Stream

VIDEO = Stream("video:0", "video", 0, "h264", width=64, height=48)


def container(duration=10.0, start=0.0, form="avi", streams=()):
    return SimpleNamespace(
        duration=duration and int(duration * 1_000_000),
        start_time=int(start * 1_000_000),
        format=SimpleNamespace(name=form),
        streams=list(streams),
    )


def texts(problems) -> list[str]:
    return [problem.text for problem in problems]


@pytest.mark.parametrize("found", [10, 9.8, 10.2])
def test_a_length_about_as_stated_is_no_problem(found):
    assert texts(length(container(), Fraction(found), Fraction(0))) == []


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (6, "the header states 10.000 s, 6.000 s were found; was the file cut off?"),
        (14, "the header states 10.000 s, 14.000 s were found"),
        (0, "the header states 10.000 s, nothing was found; was the file cut off?"),
    ],
)
def test_another_length_than_stated_is_told(found, text):
    assert texts(length(container(), Fraction(found), Fraction(0))) == [text]


def test_a_stated_length_may_count_from_zero_or_from_the_first_frame():
    assert texts(length(container(duration=10, start=5), Fraction(15), Fraction(0))) == []
    assert texts(length(container(duration=15, start=5), Fraction(15), Fraction(0))) == []
    assert texts(length(container(duration=10, start=5), Fraction(10), Fraction(5))) == []


def test_a_stated_length_may_include_the_last_subtitle():
    texted = container(streams=[SimpleNamespace(type="subtitle")])
    assert texts(length(texted, Fraction(2), Fraction(0))) == []


@pytest.mark.parametrize("form", ["aac", "mpegts"])
def test_a_format_without_a_header_states_no_length(form):
    assert texts(length(container(form=form), Fraction(3), Fraction(0))) == []
    assert texts(length(container(duration=None), Fraction(3), Fraction(0))) == []


def test_a_file_without_streams_holds_nothing():
    assert list(missing(container())) == [Problem("fault", "holds no video and no sound")]


def test_a_stream_that_gives_no_frame_without_an_error_is_told_so(film):
    with opened(film("a.mp4", pictures=[{}])) as file:
        stream = video_stream(file)
        silent = list(undecodable(stream, Beginning(packets=3), alone=False))
        failed = list(undecodable(stream, Beginning(packets=3, reason="damaged data, or encrypted"), alone=False))
    assert silent == [Problem("fault", "the video (h264) does not decode: no picture comes out of it")]
    assert texts(failed) == ["the video (h264) does not decode: damaged data, or encrypted"]


def test_a_stream_of_usual_size_from_zero_on_is_no_problem():
    assert texts(appearance(VIDEO, Beginning())) == []


def test_counts_that_agree_are_no_problem_and_others_are_told():
    told = Tally(Fraction(1, 25), Fraction(0), packets=24, damaged=1, backwards=[2.5, 3.0])
    assert texts(uneven(VIDEO, told, 25)) == [
        "video:0: the header states 25 frames, 24 were found",
        "video:0: 1 packet marked as damaged",
        "video:0: time stamps run backwards 2 times, first at 2.500 s",
    ]
    assert texts(uneven(VIDEO, Tally(Fraction(1, 25), Fraction(0), packets=24), 0)) == []


def test_frames_that_share_a_time_stamp_are_told():
    told = Tally(Fraction(1, 25), Fraction(0))
    for stamp in (0, 1, 1, 2):
        told.add(SimpleNamespace(pts=stamp, dts=None, duration=1, is_corrupt=False, is_discard=False))
    assert texts(uneven(VIDEO, told, 4)) == ["video:0: 1 frame with the time stamp of another"]
