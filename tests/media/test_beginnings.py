"""The first picture and the first sound, decoded."""

from fractions import Fraction

import pytest

from cueline.media.beginnings import Beginning, beginnings
from cueline.media.containers import audio_stream, opened, video_stream


def begun(path):
    with opened(path) as container:
        streams = [stream for stream in (video_stream(container), audio_stream(container)) if stream]
        return list(beginnings(container, streams).values())


def test_a_good_film_gives_its_first_picture_and_its_first_sound(film):
    picture, sound = begun(film("a.mp4", pictures=[{}], tones=[{}]))
    assert (picture.frame.width, picture.start, picture.reason, picture.turn) == (64, 0, "", 0)
    assert (sound.frame.samples, sound.start, sound.turn) == (1024, 0, 0)


def test_a_film_of_one_frame_begins(film):
    (picture,) = begun(film("a.mp4", pictures=[{"times": [Fraction(0)]}]))
    assert picture.frame is not None


def test_a_file_without_the_codec_is_not_tried(film):
    path = film("a.mp4", pictures=[{"codec": "mpeg4"}])
    path.write_bytes(path.read_bytes().replace(b"mp4v", b"zzzz").replace(b"esds", b"free"))
    with opened(path) as container:
        found = beginnings(container, list(container.streams))
    assert [each.reason for each in found.values()] == ["no decoder for its codec"]


def test_encrypted_streams_are_known_as_such(real_media):
    picture, sound = begun(real_media / "malformed" / "mp4parse_short-cenc.mp4")
    assert (picture.frame, picture.encrypted, sound.frame, sound.encrypted) == (None, True, None, True)


def test_a_header_without_data_begins_with_nothing(real_media):
    (sound,) = begun(real_media / "malformed" / "test1_empty.wav")
    assert (sound.frame, sound.packets, sound.start) == (None, 0, None)


@pytest.mark.parametrize(("written", "turn"), [(0, 0), (-90, 90), (180, 180), (90, 270), (45, None)])
def test_the_turn_to_upright_is_a_quarter_or_unknown(film, written, turn):
    (picture,) = begun(film("a.mp4", pictures=[{"rotation": written, "times": [Fraction(0)]}]))
    assert picture.turn == turn


def test_a_rotation_beyond_reason_is_unknown(real_media):
    (picture,) = begun(real_media / "malformed" / "mp4parse_no_timescale.mp4")
    assert (picture.frame.rotation, picture.turn) == (-(2**31), None)


def test_what_has_not_begun_is_upright_and_has_no_start():
    assert (Beginning().turn, Beginning().start) == (0, None)
