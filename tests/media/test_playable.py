"""What browsers play, and the reason where they do not."""

from dataclasses import replace

import av
import pytest

from cueline.errors import MediaError
from cueline.media.playable import why_no_browser
from cueline.media.probe import probe
from cueline.timeline.assets import Asset
from tests.media.clips import tone, write_even, write_sound


def why(path):
    return why_no_browser(path, probe(path).asset)


@pytest.mark.parametrize(
    ("suffix", "codec", "reason"),
    [
        ("mp4", "libx264", ""),
        ("mov", "libx264", ""),
        ("webm", "libvpx-vp9", ""),
        ("mp4", "libvpx-vp9", ""),
        ("mkv", "libx264", "not every browser plays Matroska"),
        ("avi", "libx264", "browsers do not play AVI"),
        ("ts", "libx264", "browsers do not play MPEG transport streams"),
        ("mpg", "mpeg2video", "browsers do not play MPEG program streams"),
        ("mp4", "mpeg4", "browsers do not play MPEG-4 part 2 video"),
        ("mp4", "mpeg2video", "browsers do not play MPEG-2 video"),
        ("mov", "mjpeg", "browsers do not play Motion JPEG"),
    ],
)
def test_pictures(tmp_path, suffix, codec, reason):
    path = tmp_path / f"film.{suffix}"
    write_even(path, 5, codec=codec, options={"strict": "unofficial"} if codec == "mjpeg" else {})
    assert why(path) == reason


@pytest.mark.parametrize(
    ("suffix", "codec", "reason"),
    [
        ("wav", "pcm_s16le", ""),
        ("wav", "pcm_f32le", ""),
        ("wav", "pcm_f64le", "browsers do not play pcm_f64le"),
        ("flac", "flac", ""),
        ("mp3", "libmp3lame", ""),
        ("aac", "aac", ""),
        ("m4a", "aac", ""),
        ("m4a", "alac", "not every browser plays ALAC"),
        ("ogg", "libopus", ""),
        ("webm", "libopus", ""),
        ("mka", "flac", "not every browser plays Matroska"),
        ("mov", "pcm_s16le", "browsers do not play pcm_s16le in MP4"),
        ("aiff", "pcm_s16be", "browsers do not play AIFF"),
    ],
)
def test_sound(tmp_path, suffix, codec, reason):
    path = tmp_path / f"sound.{suffix}"
    write_sound(path, tone(0.5), 48000, "stereo", codec=codec)
    assert why(path) == reason


def test_pixels_that_not_every_browser_can_show(tmp_path):
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
        container.mux(stream.encode(av.VideoFrame(64, 48, "yuv444p")))
        container.mux(stream.encode(None))
    assert why(path) == "not every browser plays H.264 with pixels of yuv444p"


def test_a_browser_would_play_another_stream_than_the_one_analysed(film):
    path = film("two.mp4", pictures=[{"default": False}, {"size": (128, 96)}], tones=[{}])
    assert why(path) == "browsers play video:0, and video:1 was analysed"


def test_cover_art_is_no_film(film):
    path = film("song.mp4", tones=[{}], cover=True)
    assert why(path) == ""


def test_what_holds_nothing_plays_nothing(tmp_path):
    path = tmp_path / "film.mp4"
    write_even(path, 5)
    assert why_no_browser(path, Asset("0" * 32, 0.0)) == "it holds no video and no sound"


def test_a_file_that_is_not_the_one_measured_is_refused(tmp_path):
    path = tmp_path / "film.mp4"
    write_even(path, 5)
    asset = probe(path).asset
    moved = replace(asset, streams=(replace(asset.streams[0], index=7),))
    with pytest.raises(MediaError, match="holds no video:0 any more; probe it again"):
        why_no_browser(path, moved)


def test_what_is_no_media_cannot_be_opened(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"no film")
    with pytest.raises(MediaError, match="cannot open"):
        why_no_browser(path, Asset("0" * 32, 0.0))


def test_real_files(real_media):
    reasons = {
        "bbb_720p.mp4": "",
        "torchcodec_h264_10bits.mp4": "not every browser plays H.264 with pixels of yuv420p10le",
        "torchcodec_h265_video.mp4": "not every browser plays HEVC",
        "transparent.webm": "",
    }
    assert {name: why(real_media / "video" / name) for name in reasons} == reasons
