"""Small encoded pictures."""

import numpy as np
import pytest

import cueline.media.derived as derived
from cueline.errors import FormatError, MediaError
from cueline.media.derived import decode_webp, encode_webp


def ramps(height=180, width=320):
    down, across = np.mgrid[:height, :width]
    return np.stack(
        [across * 255 // width, down * 255 // height, (across + down) * 255 // (width + height)], -1
    ).astype(np.uint8)


def test_a_picture_comes_back_about_as_it_was():
    picture = ramps()
    data = encode_webp(picture, quality=90)
    assert data[:4] == b"RIFF"
    assert data[8:12] == b"WEBP"
    again = decode_webp(data)
    assert again.shape == picture.shape
    assert np.abs(again.astype(int) - picture).mean() < 3


@pytest.mark.parametrize("colour", [(200, 40, 40), (255, 255, 255), (0, 0, 0), (30, 60, 220)])
def test_a_flat_colour_keeps_its_value_whatever_the_size(colour):
    picture = np.full((37, 51, 3), colour, dtype=np.uint8)
    assert np.abs(decode_webp(encode_webp(picture)).mean((0, 1)) - colour).max() <= 2


def test_a_picture_that_is_a_view_of_another_is_encoded_as_seen():
    picture = ramps()
    assert encode_webp(picture[::2, ::-2]) == encode_webp(picture[::2, ::-2].copy())


def test_lower_quality_takes_less_room():
    assert len(encode_webp(ramps(), quality=10)) < len(encode_webp(ramps(), quality=95))


@pytest.mark.parametrize(
    "picture",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)],
)
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(FormatError, match=r"must be uint8 of shape \(H, W, 3\), got"):
        encode_webp(picture)


def test_a_picture_too_large_for_webp_is_refused():
    with pytest.raises(FormatError, match="16383 pixels a side or fewer, got 16384 x 1"):
        encode_webp(np.zeros((1, 16384, 3), np.uint8))


def test_a_build_without_libwebp_says_what_to_install(monkeypatch):
    monkeypatch.setattr(derived.av, "codecs_available", set())
    with pytest.raises(MediaError, match="pip install"):
        encode_webp(ramps())


@pytest.mark.parametrize("data", [b"abc", b"RIFF\x10\x00\x00\x00WEBPVP8 "])
def test_data_that_are_no_webp_are_refused(data):
    with pytest.raises(FormatError, match=f"must decode, got {len(data)} bytes that do not"):
        decode_webp(data)


def test_no_data_are_no_picture():
    with pytest.raises(FormatError, match="0 bytes that hold none"):
        decode_webp(b"")
