"""Proxies keep the times of what they stand for, whatever that is written in."""

from fractions import Fraction

import av
import numpy as np
import pytest

from cueline.errors import MediaError, OptionError
from cueline.media import proxies
from cueline.media.playable import why_no_browser
from cueline.media.probe import probe
from cueline.media.proxies import make_proxy
from cueline.media.reader import Consumer, read
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.requests import EveryFrame, Picture, Sound
from tests.media.clips import Collect, Diary, Silent, read_back, tone, write_even, write_frames, write_sound

MILLISECOND = 0.001
MPEG2 = {"codec": "mpeg2video", "options": {"g": "12", "bf": "2"}}


def proxy_of(path, **how):
    return make_proxy(path, probe(path).asset, path.with_name("proxy"), **how)


def seen(path, size=(64, 48)):
    """Spans of the frames of a file and what they show."""
    collect = Collect()
    read(path, probe(path).asset, [Consumer("all", EveryFrame(Picture(*size)), collect)], progress=Silent())
    return collect.spans, [read_back(picture) for picture in collect.pictures]


def heard(path):
    """When the first sample is due, and all samples at 48 kHz."""
    collect = Collect()
    read(path, probe(path).asset, [Consumer("all", Sound(48000), collect)], progress=Silent())
    return collect.batches[0].start, collect.samples[:, 0]


def begins(path, level=0.1):
    """When a tone begins."""
    start, samples = heard(path)
    return start + np.flatnonzero(np.abs(samples) > level)[0] / 48000


@pytest.mark.parametrize(
    ("suffix", "how"),
    [("avi", MPEG2), ("mpg", MPEG2), ("ts", MPEG2), ("mkv", {"codec": "ffv1"}), ("mp4", {"options": {"bf": "3"}})],
)
def test_each_frame_is_shown_when_it_was_shown(tmp_path, suffix, how):
    path = tmp_path / f"film.{suffix}"
    write_even(path, 60, **how)
    proxy = proxy_of(path)
    assert proxy == tmp_path / "proxy.mp4"
    (spans, codes), (truth, original) = seen(proxy), seen(path)
    assert codes == original == list(range(60))
    assert np.abs(spans - truth).max() < MILLISECOND


def test_browsers_play_it(tmp_path):
    path = tmp_path / "film.avi"
    write_even(path, 10, **MPEG2)
    assert why_no_browser(path, probe(path).asset) == "browsers do not play AVI"
    proxy = proxy_of(path)
    assert why_no_browser(proxy, probe(proxy).asset) == ""


@pytest.mark.parametrize("first", [0, 1500])
def test_an_uneven_rate_and_a_late_start_are_kept(tmp_path, first):
    path = tmp_path / "film.mkv"
    stamps = [first + stamp for stamp in (0, 40, 100, 133, 500, 540, 2540, 2557)]
    write_frames(path, stamps, Fraction(1, 1000))
    spans, codes = seen(proxy_of(path))
    assert codes == list(range(8))
    assert spans[:, 0] == pytest.approx(np.array(stamps) / 1000, abs=MILLISECOND)


def test_film_rate_does_not_drift(tmp_path):
    path = tmp_path / "film.mkv"
    rate = Fraction(24000, 1001)
    write_frames(path, [1000 + i for i in range(100)], 1 / rate, rate=rate)
    spans, _ = seen(proxy_of(path))
    assert spans == pytest.approx(seen(path)[0], abs=MILLISECOND)


@pytest.mark.parametrize(("pictures", "sound"), [(0, 0), (0, 0.4), (0.7, 0), (0.3, 1)])
def test_sound_keeps_its_distance_from_the_pictures(film, pictures, sound):
    times = [Fraction(pictures) + Fraction(i, 25) for i in range(25)]
    path = film("film.mkv", pictures=[{"times": times}], tones=[{"codec": "flac", "start": sound, "channels": 2}])
    proxy = proxy_of(path)
    assert seen(proxy)[0][0, 0] == pytest.approx(float(pictures), abs=MILLISECOND)
    assert begins(proxy, 0.03) == pytest.approx(begins(path, 0.03), abs=MILLISECOND)


def test_a_jump_finds_a_key_frame_in_every_second(tmp_path):
    path = tmp_path / "film.mkv"
    write_frames(path, [300 + 40 * i for i in range(100)], Fraction(1, 1000))
    with av.open(str(proxy_of(path))) as proxy:
        keys = [float(packet.pts * packet.time_base) for packet in proxy.demux(video=0) if packet.is_keyframe]
    assert [key for key in keys if key in (0.3, 1.02, 2.02, 3.02, 4.02)] == [0.3, 1.02, 2.02, 3.02, 4.02]


def test_the_table_of_contents_comes_first(tmp_path):
    path = tmp_path / "film.mkv"
    write_even(path, 30)
    data = proxy_of(path).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    ("size", "height", "truth"),
    [((64, 48), 480, (64, 48)), ((320, 180), 90, (160, 90)), ((61, 47), 480, (60, 48)), ((64, 48), 33, (44, 32))],
)
def test_pictures_are_even_and_never_made_larger(tmp_path, size, height, truth):
    path = tmp_path / "film.mkv"
    write_even(path, 3, size=size, codec="ffv1")
    stream = probe(proxy_of(path, height=height)).asset.stream("video")
    assert (stream.width, stream.height) == truth


def test_pictures_stand_upright_with_square_pixels(film, tmp_path):
    path = film("turned.mp4", pictures=[{"size": (64, 48), "rotation": 90}])
    stream = probe(proxy_of(path)).asset.stream("video")
    assert (stream.width, stream.height, stream.rotation) == (48, 64, 0)
    wide = tmp_path / "wide.mkv"
    with av.open(str(wide), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2)
        container.mux(stream.encode(av.VideoFrame(64, 48, "yuv420p")))
        container.mux(stream.encode(None))
    stream = probe(proxy_of(wide)).asset.stream("video")
    assert (stream.width, stream.height) == (128, 48)


def test_sound_alone_becomes_a_file_of_sound(tmp_path):
    path = tmp_path / "sound.wav"
    samples = np.concatenate([np.zeros((24000, 1), np.float32), tone(1, channels=1)])
    write_sound(path, samples, 48000, "mono", codec="pcm_s16le")
    proxy = proxy_of(path)
    stream = probe(proxy).asset.stream("audio")
    assert (proxy.suffix, stream.codec, stream.channels) == (".m4a", "aac", 1)
    assert begins(proxy) == pytest.approx(0.5, abs=MILLISECOND)
    assert stream.duration == pytest.approx(1.5, abs=MILLISECOND)


def test_samples_that_are_no_numbers_or_far_too_loud_do_no_harm(tmp_path):
    path = tmp_path / "sound.wav"
    samples = np.zeros((48000, 1), np.float32)
    samples[100:103, 0], samples[200] = (np.nan, np.inf, -np.inf), 1e9
    write_sound(path, samples, 48000, "mono", codec="pcm_f32le")
    assert np.isfinite(heard(proxy_of(path))[1]).all()


def test_without_an_h264_encoder_it_is_webm(tmp_path, monkeypatch):
    monkeypatch.setattr(av, "codecs_available", {"libvpx-vp9", "libopus"})
    path = tmp_path / "film.mkv"
    write_frames(path, [0, 40, 100, 133, 500, 1000], Fraction(1, 1000))
    proxy = proxy_of(path)
    assert proxy.suffix == ".webm"
    with av.open(str(proxy)) as container:
        assert [packet.pts for packet in container.demux(video=0) if packet.is_keyframe] == [0, 1000]
    spans, codes = seen(proxy)
    assert codes == list(range(6))
    assert spans[:, 0] == pytest.approx([0, 0.04, 0.1, 0.133, 0.5, 1], abs=MILLISECOND)
    assert why_no_browser(proxy, probe(proxy).asset) == ""


def test_without_any_encoder_there_is_no_proxy(tmp_path, monkeypatch):
    monkeypatch.setattr(av, "codecs_available", {"libx264", "libopus"})
    path = tmp_path / "film.mkv"
    write_even(path, 3)
    with pytest.raises(MediaError, match="a proxy needs a PyAV that encodes H.264 and AAC, or VP9 and Opus"):
        proxy_of(path)


def test_damage_in_the_middle_is_survived(tmp_path):
    path = tmp_path / "film.mkv"
    write_even(path, 100, options={"g": "10"})
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 200] = bytes(200)
    path.write_bytes(data)
    (spans, codes), (truth, original) = seen(proxy_of(path)), seen(path)
    assert codes == original
    assert spans == pytest.approx(truth, abs=MILLISECOND)
    assert spans[-1, 1] == pytest.approx(4.0, abs=0.05)


def with_broken_sound(film, tmp_path):
    source, path = film("film.mkv", pictures=[{}], tones=[{"codec": "flac"}]), tmp_path / "broken.mkv"
    with av.open(str(source)) as original, av.open(str(path), "w") as copy:
        written = {stream.index: copy.add_stream_from_template(stream) for stream in original.streams}
        for packet in original.demux():
            if packet.size:
                stream = written[packet.stream_index]
                same = av.Packet(bytes(packet.size) if stream.type == "audio" else bytes(packet))
                same.pts, same.dts, same.time_base = packet.pts, packet.dts, packet.time_base
                same.duration, same.is_keyframe, same.stream = packet.duration, packet.is_keyframe, stream
                copy.mux(same)
    return path


def test_sound_that_cannot_be_decoded_is_left_out(film, tmp_path):
    path = with_broken_sound(film, tmp_path)
    asset = probe(path).asset
    assert asset.stream("audio") is not None
    proxy = probe(make_proxy(path, asset, tmp_path / "proxy")).asset
    assert proxy.stream("audio") is None
    assert proxy.stream("video").duration == pytest.approx(1.0, abs=MILLISECOND)


def test_where_nothing_can_be_decoded_there_is_no_proxy(film, tmp_path):
    path = with_broken_sound(film, tmp_path)
    sound = probe(path).asset.stream("audio")
    with pytest.raises(MediaError, match="no sound could be decoded"):
        make_proxy(path, Asset("0" * 32, 1.0, (sound,)), tmp_path / "proxy")
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_film_without_a_frame_gives_no_proxy(film, tmp_path):
    source, path = film("film.mkv", pictures=[{}], tones=[{}]), tmp_path / "empty.mkv"
    with av.open(str(source)) as original, av.open(str(path), "w") as copy:
        written = {stream.index: copy.add_stream_from_template(stream) for stream in original.streams}
        for packet in original.demux(audio=0):
            if packet.size:
                packet.stream = written[packet.stream_index]
                copy.mux(packet)
    asset = Asset("0" * 32, 1.0, (Stream("video:0", "video", 0, "h264", width=64, height=48),))
    with pytest.raises(MediaError, match="needs pictures, none came out of the file"):
        make_proxy(path, asset, tmp_path / "proxy")
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_proxy_of_nothing_is_refused(tmp_path):
    with pytest.raises(MediaError, match="has neither"):
        make_proxy(tmp_path / "film.mp4", Asset("0" * 32, 0.0), tmp_path / "proxy")


def test_pictures_without_a_size_are_refused(tmp_path):
    path = tmp_path / "film.mkv"
    write_even(path, 3)
    asset = Asset("0" * 32, 1.0, (Stream("video:0", "video", 0, "h264"),))
    with pytest.raises(MediaError, match="needs the size of its pictures"):
        make_proxy(path, asset, tmp_path / "proxy")


def test_pictures_without_height_are_refused(tmp_path):
    with pytest.raises(OptionError, match="2 pixels high or more, got height=1"):
        make_proxy(tmp_path / "film.mp4", Asset("0" * 32, 0.0), tmp_path / "proxy", height=1)


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    path = tmp_path / "film.mkv"
    write_even(path, 3)
    with pytest.raises(MediaError, match="cannot write the proxy .*no such file"):
        make_proxy(path, probe(path).asset, tmp_path / "nowhere" / "proxy")


def test_an_old_proxy_stays_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "film.mkv"
    write_even(path, 3)
    asset = probe(path).asset
    old = tmp_path / "proxy.mp4"
    old.write_bytes(b"old")

    class Impatient:
        def at(self, phase, seconds=0.0):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_proxy(path, asset, tmp_path / "proxy", progress=Impatient())
    assert old.read_bytes() == b"old"
    assert make_proxy(path, asset, tmp_path / "proxy") == old
    assert old.stat().st_size > 3
    assert sorted(tmp_path.iterdir()) == [path, old]


def test_progress_hears_how_far_it_is(tmp_path):
    path = tmp_path / "film.mkv"
    write_even(path, 50)
    diary = Diary()
    proxy_of(path, progress=diary)
    assert {phase for phase, _ in diary.phases} <= {"decode", "proxy pictures", "proxy sound"}
    assert max(seconds for _, seconds in diary.phases) > 1


def test_colours_come_back(tmp_path):
    path = tmp_path / "red.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "bgr0"
        picture = np.zeros((48, 64, 3), np.uint8)
        picture[:] = 200, 40, 90
        for _ in range(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format="bgr0")))
        container.mux(stream.encode(None))
    collect = Collect()
    proxy = proxy_of(path)
    read(proxy, probe(proxy).asset, [Consumer("all", EveryFrame(Picture(64, 48)), collect)], progress=Silent())
    assert np.abs(collect.pictures[0].astype(int) - (200, 40, 90)).max() <= 4


@pytest.mark.parametrize("name", ["psd_delayed_start.mp4", "decord_rot_90.mov", "transparent.webm"])
def test_real_films_keep_their_times(real_media, tmp_path, name):
    path = real_media / "video" / name
    proxy = make_proxy(path, probe(path).asset, tmp_path / "proxy", height=96)
    (spans, _), (truth, _) = seen(proxy), seen(path)
    assert spans == pytest.approx(truth, abs=MILLISECOND)


def test_forms_are_tried_in_order():
    assert proxies._form({"libx264", "aac", "libvpx-vp9", "libopus"}).name == "mp4"
