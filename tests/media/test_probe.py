"""What a file holds, as measured; every broken file gets a verdict."""

import copy
import os
import struct
from fractions import Fraction
from functools import cache
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import MediaError
from cueline.media.probe import Probe, probe
from cueline.timeline.assets import fingerprint

BOTH = pytest.mark.parametrize("measure", [False, True], ids=["fast", "measured"])
MALFORMED = Path(os.environ.get("CUELINE_REAL", Path(__file__).parents[3] / "shared" / "media")) / "malformed"


def texts(found: Probe) -> list[str]:
    return [f"{problem.severity}: {problem.text}" for problem in found.problems]


@BOTH
def test_a_good_film_is_described_without_a_problem(film, measure):
    path = film("a.mp4", pictures=[{}], tones=[{"channels": 2, "language": "deu"}])
    found = probe(path, measure=measure)
    video, sound = found.asset.streams
    assert (found.asset.id, found.asset.duration, found.fault, found.problems) == (fingerprint(path), 1.0, "", ())
    assert "mp4" in found.format
    assert (video.name, video.codec, video.rate, video.width, video.height) == ("video:0", "h264", 25, 64, 48)
    assert (video.start, video.duration, video.variable, video.interlaced, video.rotation) == (0, 1, False, False, 0)
    assert video.frames == (25 if measure else None)
    assert (sound.name, sound.codec, sound.rate_hz, sound.channels, sound.language) == (
        "audio:0",
        "aac",
        48000,
        2,
        "deu",
    )
    assert (sound.start, sound.duration, sound.rate) == (0, 1, None)


@BOTH
@pytest.mark.parametrize("form", ["a.mkv", "a.mp4", "a.mov"])
def test_a_late_start_is_kept_and_told(film, form, measure):
    times = [1 + Fraction(i, 25) for i in range(10)]
    found = probe(
        film(form, pictures=[{"times": times}], tones=[{"codec": "libmp3lame", "seconds": 2}]), measure=measure
    )
    video = found.asset.stream("video")
    assert (video.start, video.duration) == pytest.approx((1.0, 0.4), abs=1e-9)
    assert found.asset.duration == pytest.approx(2.0, abs=0.06)
    assert "warning: video:0 begins at 1.000 s" in texts(found)


@BOTH
def test_a_transport_stream_is_counted_from_its_first_frame(film, measure):
    found = probe(film("a.ts", pictures=[{"times": [7 + Fraction(i, 25) for i in range(10)]}]), measure=measure)
    assert (found.asset.streams[0].start, found.asset.duration, found.problems) == (0, 0.4, ())


def test_frames_before_zero_are_not_counted(film):
    times = [Fraction(i, 25) for i in range(-5, 5)]
    options = {"deadline": "realtime", "cpu-used": "8"}
    path = film(
        "a.webm", pictures=[{"codec": "libvpx-vp9", "options": options, "times": times}], avoid_negative_ts="disabled"
    )
    video = probe(path, measure=True).asset.streams[0]
    assert (video.start, video.duration, video.frames) == (0, 0.2, 5)


def test_uneven_frames_are_seen_when_measured_with_their_average_and_gaps(film):
    times = [Fraction(0), Fraction(1, 25), Fraction(1, 5), Fraction(2, 5), Fraction(1, 2), Fraction(5, 2)]
    found = probe(film("a.mkv", pictures=[{"times": times}]), measure=True)
    video = found.asset.streams[0]
    assert (video.variable, video.frames, video.rate) == (True, 6, Fraction(2))
    assert texts(found) == ["warning: video:0: nothing new for 2.000 s from 0.500 s on"]


def test_time_stamps_rounded_to_milliseconds_are_not_uneven(film):
    times = [Fraction(i * 1001, 30000) for i in range(30)]
    video = probe(
        film("a.mkv", pictures=[{"times": times, "rate": Fraction(30000, 1001)}]), measure=True
    ).asset.streams[0]
    assert (video.variable, video.rate) == (False, Fraction(30000, 1001))


def test_a_rate_that_the_header_gets_wrong_is_measured(film):
    path = film("a.avi", pictures=[{"codec": "mjpeg"}])
    found = probe(path, measure=True)
    assert found.asset.streams[0].rate == 25
    assert texts(found) == ["warning: video:0: the header states 1000 frames, 25 were found"]


@BOTH
@pytest.mark.parametrize(("turned", "upright"), [(-90, 90), (90, 270), (180, 180)])
def test_rotation_is_the_clockwise_turn_to_upright_and_size_is_as_shown(film, turned, upright, measure):
    video = probe(film("a.mp4", pictures=[{"rotation": turned}]), measure=measure).asset.streams[0]
    size = (48, 64) if upright != 180 else (64, 48)
    assert (video.rotation, video.width, video.height) == (upright, *size)


def test_a_rotation_that_is_no_quarter_turn_is_told(film):
    found = probe(film("a.mp4", pictures=[{"rotation": 30}]))
    assert found.asset.streams[0].rotation == 0
    assert texts(found) == ["warning: states a rotation that is no quarter turn; pictures are taken as they are"]


def test_interlaced_frames_are_seen(film):
    found = probe(film("a.mp4", pictures=[{"options": {"x264-params": "interlaced=1"}}]))
    assert found.asset.streams[0].interlaced


def test_the_choice_among_sounds_is_told_and_can_be_made(film):
    path = film("a.mkv", tones=[{"channels": 1, "language": "eng"}, {"channels": 2, "language": "fre"}])
    found = probe(path)
    assert [stream.name for stream in found.asset.streams] == ["audio:1", "audio:0"]
    assert found.asset.stream("audio").language == "fre"
    assert texts(found) == ["warning: holds 2 audio streams; audio:1 is taken, a browser may play audio:0"]
    assert probe(path, audio=0).asset.stream("audio").language == "eng"
    with pytest.raises(MediaError, match="got audio:7; it has audio:0, audio:1"):
        probe(path, audio=7)


@BOTH
def test_sound_with_cover_art_is_sound(film, measure):
    found = probe(film("a.mp3", tones=[{"codec": "libmp3lame"}], cover=True), measure=measure)
    assert [stream.kind for stream in found.asset.streams] == ["audio", "picture"]
    assert (found.asset.stream("video"), found.problems, found.asset.duration) == (None, (), 1.0)


@BOTH
def test_padding_at_the_end_of_sound_is_not_heard(film, measure):
    for form, codec in [("a.mp3", "libmp3lame"), ("a.opus", "libopus"), ("a.m4a", "aac"), ("a.flac", "flac")]:
        found = probe(film(form, tones=[{"codec": codec, "seconds": Fraction(1234, 1000)}]), measure=measure)
        assert found.asset.duration == pytest.approx(1.234, abs=0.001), form
        assert found.problems == ()


def cut(path: Path, part: float) -> Path:
    data = path.read_bytes()
    short = path.with_stem("cut")
    short.write_bytes(data[: int(len(data) * part)])
    return short


@BOTH
def test_a_film_cut_off_is_measured_to_where_it_ends(film, measure):
    times = [Fraction(i, 25) for i in range(100)]
    for form, options in [("a.mkv", {}), ("a.mp4", {"movflags": "faststart"})]:
        whole = film(form, pictures=[{"times": times}], tones=[{"seconds": 4}], **options)
        found = probe(cut(whole, 0.6), measure=measure)
        assert 1.5 < found.asset.duration < 3, form
        assert found.fault == ""
        assert any("the header states 4.0" in text and "was the file cut off?" in text for text in texts(found)), form


def test_a_film_whose_index_was_cut_off_cannot_be_opened(film):
    found = probe(cut(film("a.mp4", pictures=[{}]), 0.6))
    assert (found.asset.streams, found.fault) == ((), "not a media file, or damaged at its beginning")


def test_a_clock_set_back_goes_on_from_the_end_reached(film):
    path = film("a.ts", pictures=[{"times": [Fraction(i, 25) for i in range(50)]}])
    path.write_bytes(path.read_bytes() * 2)
    found = probe(path, measure=True)
    assert (found.asset.duration, found.asset.streams[0].frames, found.asset.streams[0].variable) == (4.0, 100, False)
    assert "warning: video:0: time stamps run backwards 1 time, first at 2.000 s" in texts(found)


def test_a_codec_that_nobody_knows_is_a_fault(film):
    path = film("a.mp4", pictures=[{"codec": "mpeg4"}])
    path.write_bytes(path.read_bytes().replace(b"mp4v", b"zzzz").replace(b"esds", b"free"))
    found = probe(path)
    assert found.fault.startswith("the video")
    assert "no decoder for its codec" in found.fault


def test_garbage_where_frames_should_be_is_a_fault(film):
    path = film("a.mp4", pictures=[{"codec": "mpeg4"}])
    data = bytearray(path.read_bytes())
    begin = data.index(b"mdat") + 4
    size = struct.unpack(">I", data[begin - 8 : begin - 4])[0]
    data[begin : begin + size - 8] = bytes(size - 8)
    path.write_bytes(data)
    assert probe(path).fault.startswith("the video (mpeg4) does not decode: ")


def test_broken_sound_beside_good_pictures_is_a_warning(film):
    path = film("a.mp4", pictures=[{}], tones=[{}])
    path.write_bytes(path.read_bytes().replace(b"mp4a", b"zzzz").replace(b"esds", b"free"))
    found = probe(path)
    assert found.fault == ""
    assert any(text.startswith("warning: the sound") for text in texts(found))


@pytest.mark.parametrize("name", ["-dash.mp4", "new\nline.mp4", 'it\'s "quoted".mp4', "größe 映画.mp4", "a:b.mp4"])
def test_odd_names_are_probed_like_others(film, name):
    assert probe(film(name, pictures=[{}])).problems == ()


def test_what_is_no_media_is_an_asset_with_a_fault(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"")
    assert (probe(path).fault, probe(path).asset.streams) == ("the file is empty (0 bytes)", ())
    path.write_bytes(b"nothing like a film")
    assert probe(path).fault == "not a media file, or damaged at its beginning"
    assert probe(path).asset.id == fingerprint(path)


def test_what_is_no_file_is_an_error(tmp_path):
    with pytest.raises(MediaError, match="a folder, not a file"):
        probe(tmp_path)
    with pytest.raises(MediaError, match="there is no such file"):
        probe(tmp_path / "absent.mp4")


def test_pictures_and_subtitles_alone_are_faults(tmp_path):
    subtitles = tmp_path / "a.srt"
    subtitles.write_text("1\n00:00:01,000 --> 00:00:02,000\nGood evening.\n")
    assert probe(subtitles).fault == "holds no video and no sound, only subtitle"
    picture = tmp_path / "a.ppm"
    picture.write_bytes(b"P6 20 20 255\n" + bytes(1200))
    assert probe(picture).fault == "a still picture, neither video nor sound"


@given(
    form=st.sampled_from(["a.mp4", "a.mkv", "a.ts", "a.avi"]),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=30),
    kept=st.sampled_from([0.3, 0.9, 1.0]),
    measure=st.booleans(),
)
def test_whatever_bytes_change_there_is_a_verdict(sample, form, changes, kept, measure):
    whole = sample(form)
    data = bytearray(whole.read_bytes())
    for place, byte in changes:
        data[int(place * (len(data) - 1))] = byte
    damaged = whole.with_stem("damaged")
    damaged.write_bytes(data[: int(len(data) * kept)])
    found = probe(damaged, measure=measure)
    assert found.asset.duration >= 0
    assert all("\n" not in problem.text for problem in found.problems)


@pytest.fixture(scope="module")
def sample(film):
    return cache(lambda form: film(form, pictures=[{"codec": "mpeg4"}], tones=[{"codec": "libmp3lame"}]))


def test_a_probe_crosses_a_process_boundary(film):
    found = probe(film("a.mkv", pictures=[{}], tones=[{}, {"channels": 2}]))
    assert copy.deepcopy(found) == found
    assert ForkingPickler.dumps(found)


VERDICTS = {
    "-video-with-dash-.mp4": "its pictures measure 1 x 1 pixels",
    "bad_audio.mp3": "not a media file",
    "bad_video.mp4": "not a media file",
    "mp4parse_chunk_out_of_range.mp4": "not a media file",
    "mp4parse_no-ftyp.avif": "its pictures measure 1 x 1 pixels",
    "mp4parse_no_timescale.mp4": "a rotation that is no quarter turn",
    "mp4parse_opus_audioinit.mp4": "audio:0 begins at 0.832 s",
    "mp4parse_short-cenc.mp4": "the video (h264) is encrypted",
    "mp4parse_video_colr_nclx_hdr10.mp4": "its pictures measure 2 x 2 pixels",
    "mutagen_106-invalid-streaminfo.flac": "not a media file",
    "mutagen_52-overwritten-metadata.flac": "the sound (flac) does not decode",
    "mutagen_emptyfile.mp3": "the file is empty (0 bytes)",
    "mutagen_too-short.mp3": "not a media file",
    "mutagen_variable-block.flac": "the header states 261.680 s, 0.929 s were found",
    "pedalboard_bad_audio_file_lyrics3.mp3": "not a media file",
    "test1_empty.wav": "the sound (pcm_s16le) is announced, but holds no data",
    "tinytag_incomplete.mp3": "not a media file",
}


@BOTH
@pytest.mark.parametrize("name", sorted(path.name for path in MALFORMED.iterdir()) if MALFORMED.is_dir() else ["none"])
def test_every_malformed_file_gets_a_verdict(real_media, name, measure):
    found = probe(real_media / "malformed" / name, measure=measure)
    if name in VERDICTS:
        assert VERDICTS[name] in found.problems[0].text
    else:
        assert found.problems == ()
        assert found.asset.duration > 0


def test_real_films_are_turned_upright_as_the_eye_wants(real_media):
    turns = {
        name: probe(real_media / "video" / f"decord_rot_{name}.mov").asset.streams[0] for name in ("0", "90", "180")
    }
    assert {name: stream.rotation for name, stream in turns.items()} == {"0": 0, "90": 90, "180": 180}
    assert (turns["90"].width, turns["90"].height) == (320, 568)
