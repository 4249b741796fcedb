"""One pass gives every consumer what it asked for, and survives what goes wrong."""

import gc
import threading
import time
import tracemalloc
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile

from cueline.errors import MediaError, OptionError
from cueline.media.reader import Consumer, PassCancelled, read
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.requests import EveryFrame, Instants, Picture, Sound, Windows
from cueline.timeline.spans import Span
from tests.media.clips import Collect, Diary, Silent, asset_of, read_back, tone, write_even, write_frames, write_sound

PICTURE = Picture(64, 48)
FILM = Fraction(24000, 1001)


def run(path, *requests, **how):
    """What consumers of these requests collect, and the report."""
    collected = [Collect() for _ in requests]
    consumers = [
        Consumer(f"consumer {i}", request, collect)
        for i, (request, collect) in enumerate(zip(requests, collected, strict=True))
    ]
    report = read(path, asset_of(path), consumers, progress=Silent(), **how)
    return report, collected


def codes(collect):
    return [read_back(picture) for picture in collect.pictures]


@pytest.mark.parametrize(
    ("codec", "suffix", "options"),
    [
        ("libx264", "mp4", {"bf": "3", "g": "12"}),
        ("libx264", "mkv", {"bf": "2", "g": "250"}),
        ("mpeg4", "mp4", {"bf": "2"}),
        ("mpeg4", "avi", {}),
        ("libvpx-vp9", "webm", {"deadline": "realtime", "cpu-used": "8"}),
    ],
)
def test_every_frame_comes_once_in_order_with_its_exact_time(tmp_path, codec, suffix, options):
    path = tmp_path / f"clip.{suffix}"
    write_even(path, 60, codec=codec, options=options)
    report, (every,) = run(path, EveryFrame(PICTURE))
    assert codes(every) == list(range(60))
    assert np.abs(every.spans[:, 0] - np.arange(60) / 25).max() < 0.0006
    assert (every.spans[1:, 0] == every.spans[:-1, 1]).all()
    assert report.frames == 60
    assert report.video == Span(every.spans[0, 0], every.spans[-1, 1])
    assert report.video.end == pytest.approx(2.4, abs=0.001)
    assert (report.fault_count, report.errors, report.sound) == (0, {}, None)


def test_film_rate_is_exact(tmp_path):
    path = tmp_path / "film.mp4"
    write_even(path, 240, rate=FILM)
    _, (every,) = run(path, EveryFrame(PICTURE))
    assert every.spans[:, 0].tolist() == [float(i / FILM) for i in range(240)]
    assert every.spans[-1, 1] == float(240 / FILM)


def test_variable_rate_keeps_every_time_stamp(tmp_path):
    path = tmp_path / "vfr.mkv"
    stamps = [0, 40, 100, 133, 500, 540, 2540, 2580]
    write_frames(path, stamps, Fraction(1, 1000))
    _, (every,) = run(path, EveryFrame(PICTURE))
    assert every.spans[:, 0].tolist() == [stamp / 1000 for stamp in stamps]
    assert codes(every) == list(range(8))


def test_a_late_start_is_kept(tmp_path):
    path = tmp_path / "late.mkv"
    write_frames(path, [1500 + 40 * i for i in range(10)], Fraction(1, 1000))
    report, (_, grid) = run(path, EveryFrame(PICTURE), Instants(PICTURE, every=0.1))
    assert report.video == Span(1.5, 1.9)
    assert codes(grid) == [0, 2, 5, 7]


def test_several_frame_threads_give_the_same(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 100)
    _, (one,) = run(path, EveryFrame(PICTURE))
    _, (many,) = run(path, EveryFrame(PICTURE), threads=0)
    assert (one.spans == many.spans).all()
    assert codes(many) == list(range(100))


def test_one_pass_serves_requests_of_every_kind(tmp_path):
    path = tmp_path / "clip.mkv"
    write_film_with_sound(path, 75)
    report, (every, small, grid, windows, sound, hifi) = run(
        path,
        EveryFrame(PICTURE),
        EveryFrame(Picture(8, 8, scaling="fast")),
        Instants(PICTURE, every=0.5),
        Windows(PICTURE, np.array([[0.0, 2.0], [1.0, 3.0]]), 4),
        Sound(16000),
        Sound(0, mono=False),
    )
    assert codes(every) == list(range(75))
    assert len(small.pictures) == 75
    assert codes(grid) == [0, 12, 25, 37, 50, 62]
    assert [batch.window for batch in windows.batches] == [Span(0.0, 2.0), Span(1.0, 3.0)]
    assert codes(windows)[:4] == [6, 18, 31, 43]
    assert len(sound.samples) == 48000
    assert hifi.samples.shape == (3 * 48000, 2)
    assert np.flatnonzero(np.abs(sound.samples[:, 0]) > 0.1)[0] / 16000 == pytest.approx(1.0, abs=0.001)
    assert report.sound == Span(0.0, 3.0)


def write_film_with_sound(path, count, burst=1.0):
    """Frames at 25 a second, and silence with a tone from `burst` on, as long as the pictures."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("flac", rate=48000, layout="stereo")
        samples = tone(count / 25)
        samples[: round(burst * 48000)] = 0
        resampler = av.AudioResampler(format=audio.codec_context.format, layout="stereo", rate=48000)
        from tests.media.clips import audio_frame, picture_of

        for index in range(count):
            frame = av.VideoFrame.from_ndarray(picture_of(index), format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(video.encode(frame))
            block = audio_frame(samples[index * 1920 : (index + 1) * 1920], 48000, "stereo", index * 1920)
            for each in resampler.resample(block):
                container.mux(audio.encode(each))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def test_equal_requests_share_their_batches(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 10)
    _, (one, other) = run(path, EveryFrame(PICTURE), EveryFrame(PICTURE))
    assert one.batches[0] is other.batches[0]


def test_sound_alone_is_read_without_pictures(tmp_path):
    path = tmp_path / "tone.flac"
    write_sound(path, tone(2.0, 44100), 44100, "stereo")
    report, (sound,) = run(path, Sound(16000))
    assert len(sound.samples) == 32000
    assert (report.frames, report.video, report.sound) == (0, None, Span(0.0, 2.0))


def test_a_raising_consumer_leaves_the_others_complete(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 100)
    collect = Collect()

    def broken(batches):
        next(batches)
        raise ValueError("a bug")

    consumers = [Consumer("broken", EveryFrame(PICTURE), broken), Consumer("good", EveryFrame(PICTURE), collect)]
    report = read(path, asset_of(path), consumers, progress=Silent(), queue_batches=1)
    assert codes(collect) == list(range(100))
    assert list(report.errors) == ["broken"]
    assert str(report.errors["broken"]) == "a bug"


def test_a_pass_stops_when_nobody_wants_any_more(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 200)
    consumers = [Consumer("early", EveryFrame(PICTURE), next)]
    report = read(path, asset_of(path), consumers, progress=Silent(), queue_batches=1)
    assert report.frames < 200
    assert report.errors == {}


def test_a_slow_consumer_is_waited_for_and_named(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 200)
    diary, seen = Diary(), []

    def slow(batches):
        for batch in batches:
            time.sleep(0.15)
            seen.append(len(batch))

    consumers = [Consumer("slow", EveryFrame(PICTURE), slow)]
    read(path, asset_of(path), consumers, progress=diary, queue_batches=1)
    assert sum(seen) == 200
    assert {phase for phase, _ in diary.phases} == {"decode", "slow"}


def test_progress_tells_how_far_decoding_came(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 50)
    diary = Diary()
    read(path, asset_of(path), [Consumer("a", EveryFrame(PICTURE), Collect())], progress=diary)
    times = [time for phase, time in diary.phases if phase == "decode"]
    assert times == sorted(times)
    assert times


def test_an_interrupted_pass_cancels_its_consumers(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 50)
    raised = []

    def consume(batches):
        try:
            list(batches)
        except PassCancelled as error:
            raised.append(error)
            raise

    class Interrupting:
        def at(self, phase, seconds=0.0):
            if phase == "decode":
                raise KeyboardInterrupt

    consumers = [Consumer(name, EveryFrame(PICTURE), consume) for name in "ab"]
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        read(path, asset_of(path), consumers, progress=Interrupting())
    assert [str(error) for error in raised] == [f"the decode pass of {str(path)!r} was cancelled"] * 2
    assert threading.active_count() == before


def test_a_file_that_does_not_open_cancels_and_says_why(tmp_path):
    path = tmp_path / "noise.mp4"
    path.write_bytes(b"not a film")
    collect = Collect()
    asset = Asset("0" * 32, 1.0, (Stream("video:0", "video", 0, "h264"),))
    with pytest.raises(MediaError, match="cannot open"):
        read(path, asset, [Consumer("a", EveryFrame(PICTURE), collect)], progress=Silent())
    assert collect.batches == []


def test_consumers_must_have_different_names(tmp_path):
    consumers = [Consumer("a", EveryFrame(PICTURE), Collect()) for _ in range(2)]
    with pytest.raises(OptionError, match="different names, got a, a"):
        read(tmp_path / "x", Asset("0" * 32, 1.0), consumers, progress=Silent())


def test_who_wants_a_stream_that_is_not_there_hears_it_and_the_others_are_served(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 10)
    report, (every, _) = run(path, EveryFrame(PICTURE), Sound())
    assert codes(every) == list(range(10))
    with pytest.raises(MediaError, match=r"no audio stream \(found: video h264\)"):
        raise report.errors["consumer 1"]


def test_damaged_packets_are_skipped_and_counted(tmp_path):
    whole, damaged = tmp_path / "whole.mkv", tmp_path / "damaged.mkv"
    write_even(whole, 100, options={"g": "10", "bf": "0"})
    scramble(whole, damaged, victims=range(30, 34))
    report, (every,) = run(damaged, EveryFrame(PICTURE))
    assert report.fault_count > 0
    assert all(1.0 < fault.time < 2.2 and fault.text for fault in report.faults)
    assert codes(every)[:25] == list(range(25))
    assert codes(every)[-50:] == list(range(50, 100))
    assert report.errors == {}
    assert (np.diff(every.spans[:, 0]) > 0).all()


def scramble(source, target, victims, kind="video"):
    """Copy a file; the packets of one stream whose ranks are given become noise."""
    noise = np.random.default_rng(0)
    with av.open(str(source)) as whole, av.open(str(target), "w") as out:
        streams = {stream.index: out.add_stream_from_template(stream) for stream in whole.streams}
        rank = 0
        for packet in whole.demux():
            if packet.dts is None:
                continue
            copy = packet
            if packet.stream.type == kind:
                if rank in victims:
                    copy = av.Packet(noise.bytes(packet.size))
                    copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
                    copy.duration = packet.duration
                rank += 1
            copy.stream = streams[packet.stream.index]
            out.mux(copy)


def test_broken_sound_does_not_lose_the_pictures(tmp_path):
    whole, damaged = tmp_path / "whole.mkv", tmp_path / "damaged.mkv"
    write_film_with_sound(whole, 50)
    scramble(whole, damaged, victims=range(1000), kind="audio")
    report, (every, sound) = run(damaged, EveryFrame(PICTURE), Sound())
    assert codes(every) == list(range(50))
    assert sound.batches == []
    assert list(report.errors) == ["consumer 1"]
    with pytest.raises(MediaError, match="cannot read audio of .*damaged data"):
        raise report.errors["consumer 1"]


def test_a_promise_without_a_frame_is_an_error(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 2, container_options={"movflags": "faststart"})
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    asset = Asset("0" * 32, 231.0, (Stream("video:0", "video", 0, "h264", duration=231.0),))
    report = read(path, asset, [Consumer("a", EveryFrame(PICTURE), Collect())], progress=Silent())
    with pytest.raises(MediaError, match="the file says that there is some, and holds none"):
        raise report.errors["a"]


def test_memory_does_not_grow_with_length(tmp_path):
    peaks = []
    for count in (300, 1500):
        path = tmp_path / f"{count}.mkv"
        write_even(path, count, options={"preset": "ultrafast"})
        consumers = [
            Consumer("a", EveryFrame(PICTURE), lambda batches: [len(batch) for batch in batches]),
            Consumer("b", Instants(PICTURE, every=0.5), lambda batches: [len(batch) for batch in batches]),
        ]
        asset = asset_of(path)
        gc.collect()
        tracemalloc.start()
        read(path, asset, consumers, progress=Silent(), queue_batches=1)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] + 500_000


def test_sound_that_is_no_numbers_is_told_as_a_fault(tmp_path):
    samples = np.zeros((16000, 1), np.float32)
    samples[8000] = np.nan
    path = tmp_path / "nan.wav"
    soundfile.write(path, samples, 16000, subtype="FLOAT")
    report, (sound,) = run(path, Sound(16000))
    assert [fault.text for fault in report.faults] == ["1 samples are no numbers, and were taken for silence"]
    assert np.isfinite(sound.samples).all()
