"""Opening files under any name, choosing streams, and the time that is zero."""

import os
from fractions import Fraction
from pathlib import Path

import av.error
import pytest

from cueline.errors import MediaError
from cueline.media.containers import (
    audio_stream,
    in_words,
    kind,
    name,
    of_kind,
    opened,
    packets,
    rate,
    video_stream,
    zero,
)

ODD_NAMES = [
    "-dash.mp4",
    "colon:name.mp4",
    "http:it.mp4",
    "new\nline.mp4",
    'it\'s "quoted".mp4',
    "größe ĳ 映画.mp4",
    "%03d.mp4",
]


def frames(count=5, *, start=0, rate=25):
    return [Fraction(start) + Fraction(i, rate) for i in range(count)]


@pytest.mark.parametrize("odd", ODD_NAMES)
def test_a_file_opens_whatever_its_name(film, odd):
    with opened(film(odd, pictures=[{"times": frames()}])) as container:
        assert video_stream(container).index == 0


def test_a_name_that_is_not_unicode_opens(film, tmp_path):
    odd = tmp_path / os.fsdecode(b"\xff\xfe.mp4")
    odd.write_bytes(film("a.mp4", pictures=[{"times": frames()}]).read_bytes())
    with opened(odd) as container:
        assert video_stream(container) is not None


def test_a_relative_name_with_a_leading_dash_opens(film, monkeypatch):
    path = film("-a.mp4", pictures=[{"times": frames()}])
    monkeypatch.chdir(path.parent)
    with opened(Path("-a.mp4")) as container:
        assert video_stream(container) is not None


def test_one_thread_means_none_beside_the_caller(film):
    path = film("a.mp4", pictures=[{"times": frames()}])
    with opened(path) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.thread_count, codec.thread_type.name) == (1, "NONE")
    with opened(path, threads=0) as container:
        assert container.streams.video[0].codec_context.thread_type.name == "AUTO"


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda path: path.write_bytes(b""), r"the file is empty \(0 bytes\)"),
        (lambda path: path.write_bytes(b"nothing like a film"), "not a media file, or damaged at its beginning"),
        (lambda path: path.mkdir(), "a folder, not a file"),
        (lambda path: None, "there is no such file"),
        (os.mkfifo, "not a regular file"),
        (lambda path: path.symlink_to(path), "symbolic links"),
    ],
)
def test_what_is_no_media_file_is_refused_in_words(tmp_path, write, reason):
    path = tmp_path / "a.mp4"
    write(path)
    with pytest.raises(MediaError, match=f"cannot open '.*a.mp4': .*{reason}$") as caught, opened(path):
        pass
    assert caught.value.path == path


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"secret")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may read everything
    with pytest.raises(MediaError, match="permission denied"), opened(path):
        pass


@pytest.mark.parametrize("suffix", ["txt", "nfo"])
def test_plain_text_is_no_film(tmp_path, suffix):
    path = tmp_path / f"notes.{suffix}"
    path.write_text("shot list\n" * 50)
    with pytest.raises(MediaError, match="not a media file"), opened(path):
        pass


def test_a_playlist_does_not_reach_the_network(tmp_path):
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(MediaError, match="cannot open"), opened(path):
        pass


@pytest.mark.parametrize("name", ["list.mp4", "list.ts", "list.m3u8", "list.ffconcat"])
@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile other.ts\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.ts\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    ],
    ids=["concat", "hls", "sdp"],
)
def test_a_list_of_other_files_is_refused_whatever_it_is_called(film, name, text):
    path = film("other.ts", pictures=[{"times": frames()}]).with_name(name)
    path.write_text(text)
    with pytest.raises(MediaError, match="points to other files or to the network|not a media file"), opened(path):
        pass


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            av.error.InvalidDataError(1094995529, "Invalid data found when processing input"),
            "damaged data, or encrypted",
        ),
        (av.error.EOFError(541478725, "End of file"), "the file ends before its first frame or sample"),
        (PermissionError(13, "Permission denied"), "permission denied"),
        (MemoryError(), "not enough memory, or a header that asks for far too much"),
        (OSError(28, "No space left on device", "/secret/path"), "no space left on device"),
        (RuntimeError("Two\nlines"), "two"),
        (RuntimeError(), "runtimeerror"),
    ],
)
def test_errors_are_told_in_one_line_without_numbers_or_paths(error, words):
    assert in_words(error) == words


@pytest.mark.parametrize("form", ["a.mp4", "a.mov", "a.mkv"])
def test_a_late_start_stays_late_where_the_author_set_the_clock(film, form):
    with opened(film(form, pictures=[{"times": frames(start=1)}])) as container:
        stream = video_stream(container)
        assert zero(container) == 0
        assert next(container.decode(stream)).pts * stream.time_base == 1


def test_a_transport_stream_begins_at_its_first_presentation(film):
    with opened(film("a.ts", pictures=[{"times": frames(start=1)}])) as container:
        stream = video_stream(container)
        first = min(frame.pts for frame in container.decode(stream))
        assert zero(container) == first * stream.time_base > 0


def test_the_padding_that_an_encoder_of_mp3_puts_in_front_is_before_zero(film):
    with opened(film("a.mp3", tones=[{"codec": "libmp3lame"}])) as container:
        stream = audio_stream(container)
        assert zero(container) == stream.start_time * stream.time_base > 0


def test_pictures_before_zero_do_not_move_zero(film):
    path = film(
        "a.webm",
        pictures=[
            {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}, "times": frames(start=-0.08)}
        ],
        avoid_negative_ts="disabled",
    )
    with opened(path) as container:
        assert container.streams.video[0].start_time < 0
        assert zero(container) == 0


def test_of_two_videos_the_default_is_chosen_then_the_larger_then_the_first(film):
    small, large = {"times": frames(), "size": (64, 48)}, {"times": frames(), "size": (128, 96)}
    for pictures, chosen in [
        ([small, large], "video:1"),
        ([large, small], "video:0"),
        ([small, small], "video:0"),
        ([small, large | {"default": False}], "video:0"),
    ]:
        with opened(film("a.mkv", pictures=pictures)) as container:
            assert name(video_stream(container)) == chosen


def test_of_two_sounds_the_default_is_chosen_then_more_channels_then_the_first(film):
    mono, stereo = {"channels": 1}, {"channels": 2}
    for tones, chosen in [
        ([mono, stereo], "audio:1"),
        ([stereo, stereo], "audio:0"),
        ([mono, stereo | {"default": False}], "audio:0"),
    ]:
        with opened(film("a.mkv", tones=tones)) as container:
            assert name(audio_stream(container)) == chosen


def test_a_stream_can_be_chosen_by_its_rank(film):
    with opened(film("a.mkv", pictures=[{"times": frames()}], tones=[{}, {}])) as container:
        assert name(audio_stream(container, stream=1)) == "audio:1"
        assert audio_stream(container, stream=1).index == 2
        with pytest.raises(MediaError, match=r"got audio:2; it has audio:0, audio:1"):
            audio_stream(container, stream=2)
        with pytest.raises(MediaError, match=r"got video:-1; it has video:0"):
            video_stream(container, stream=-1)


def test_cover_art_is_a_picture_never_the_video(film):
    with opened(film("a.mp3", tones=[{"codec": "libmp3lame"}], cover=True)) as container:
        assert video_stream(container) is None
        assert [name(stream) for stream in of_kind(container, "picture")] == ["picture:0"]
        with pytest.raises(MediaError, match="got video:0; it has no video"):
            video_stream(container, stream=0)


def test_rates_are_exact_fractions(film):
    ntsc = [Fraction(i * 1001, 30000) for i in range(10)]
    with opened(
        film(
            "a.mp4",
            pictures=[{"times": ntsc, "rate": Fraction(30000, 1001), "time_base": Fraction(1, 30000)}],
            tones=[{}],
        )
    ) as container:
        assert rate(video_stream(container)) == Fraction(30000, 1001)
        assert rate(audio_stream(container)) is None


def test_the_largest_of_the_two_films_in_nasa_is_chosen(real_media):
    with opened(real_media / "video" / "nasa_13013.mp4") as container:
        stream = video_stream(container)
        assert (stream.index, name(stream), stream.width) == (3, "video:1", 480)
        assert [kind(each) for each in container.streams] == ["video", "audio", "subtitle"] * 2


def test_tags_that_are_not_unicode_do_not_keep_a_file_closed(real_media):
    with opened(real_media / "malformed" / "pydub_creative_common.mp4") as container:
        assert video_stream(container) is not None


def test_packets_of_no_stream_are_none(film):
    with opened(film("a.mp4", pictures=[{"times": frames()}])) as container:
        assert list(packets(container, [])) == []
        assert len([packet for packet in packets(container, list(container.streams)) if packet.size]) == 5


def test_a_stream_that_shows_up_while_reading_is_the_end_not_a_crash():
    class LateStream:
        def demux(self, streams):
            yield from streams
            raise IndexError("list index out of range")

    assert list(packets(LateStream(), ["video", "sound"])) == ["video", "sound"]
