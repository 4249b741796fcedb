"""Records of YouTube-8M as rows: the golden files, and what is refused."""

import json

import numpy as np
import pytest

from cueline.datasets.youtube8m.messages import example_bytes, sequence_bytes
from cueline.datasets.youtube8m.official import MOST_FRAMES, read_frames, read_tfrecords
from cueline.datasets.youtube8m.quantising import TABLE
from cueline.datasets.youtube8m.records import write_records
from cueline.datasets.youtube8m.rows import joined
from cueline.datasets.youtube8m.skipping import Skipped
from cueline.errors import FormatError, OptionError

SMALL = {"classes": 9, "parts": {"mean_rgb": 3, "mean_audio": 2}}
GOOD = {
    "id": [b"abcd"],
    "labels": np.array([4, 1]),
    "mean_rgb": np.array([0.1, 0.2, 0.3]),
    "mean_audio": np.array([0.4, 0.5]),
}


@pytest.fixture
def facts(golden):
    return json.loads((golden / "youtube8m_tfrecord.json").read_text())


def video(tmp_path, *changes):
    path = tmp_path / "a.tfrecord"
    write_records(path, [example_bytes({k: v for k, v in (GOOD | each).items() if v is not None}) for each in changes])
    return path


def frame_level(tmp_path, rgb=(b"abc", b"def"), audio=(b"gh", b"ij"), **context):
    path = tmp_path / "f.tfrecord"
    lists = {name: steps for name, steps in (("rgb", rgb), ("audio", audio)) if steps is not None}
    write_records(path, [sequence_bytes({"id": [b"seg"], **context}, lists)])
    return path


def ratings(labels, starts, ends, scores):
    return {
        "segment_labels": np.array(labels, np.int64),
        "segment_start_times": np.array(starts, np.int64),
        "segment_end_times": np.array(ends, np.int64),
        "segment_scores": np.array(scores, np.float32),
    }


class TestGolden:
    def test_videos(self, golden, facts):
        rows = joined(read_tfrecords(golden / facts["video_level"]["file"]))
        for row, expected in enumerate(facts["video_level"]["records"]):
            rgb, audio = rows.values[row, :1024], rows.values[row, 1024:]
            assert rows.ids[row] == expected["id"]
            assert rows.yes[row].tolist() == expected["labels"]
            np.testing.assert_allclose(rgb[:5], expected["mean_rgb_first5"], atol=1e-7)
            np.testing.assert_allclose(audio[:5], expected["mean_audio_first5"], atol=1e-7)
            np.testing.assert_allclose(rgb.sum(dtype=float), expected["mean_rgb_sum"], atol=1e-4)
            np.testing.assert_allclose(audio.sum(dtype=float), expected["mean_audio_sum"], atol=1e-4)
        assert len(rows) == len(facts["video_level"]["records"])

    def test_frames_and_their_mean(self, golden, facts):
        (expected,) = facts["frame_level"]["records"]
        (found,) = read_frames(golden / facts["frame_level"]["file"])
        assert (found.id, found.labels.tolist()) == (expected["id"], expected["labels"])
        assert found.frames.shape == (expected["num_frames"], 1152)
        exact = {"rtol": 0, "atol": 1e-9}
        np.testing.assert_allclose(TABLE[found.frames[0, :5]], expected["rgb_row0_first5_dequantised"], **exact)
        np.testing.assert_allclose(
            TABLE[found.frames[2, 1024:1027]], expected["audio_row2_first3_dequantised"], **exact
        )
        np.testing.assert_allclose(found.mean()[:5], expected["rgb_mean_of_frames_first5"], **exact)
        rows = joined(read_tfrecords(golden / facts["frame_level"]["file"]))
        np.testing.assert_array_equal(rows.values[0], found.mean().astype(np.float32))

    def test_segments(self, golden, facts):
        facts = facts["segment_level"]
        (whole,) = read_frames(golden / facts["file"])
        assert len(whole.frames) == facts["num_frames"]
        rows = joined(read_tfrecords(golden / facts["file"]))
        examples = rows.examples()
        for row, expected in enumerate(facts["expected_segments"]):
            first, last = expected["frames"][0], expected["frames"][-1]
            rated = {int(name): score for name, score in expected["rated"].items()}
            assert rows.ids[row] == expected["segment_id"]
            assert examples.spans[row].tolist() == [first, last + 1]
            assert examples.yes[row].tolist() == [name for name, score in rated.items() if score == 1]
            assert set(range(3862)) - set(examples.unknown[row].tolist()) == set(rated)
            np.testing.assert_allclose(rows.values[row], TABLE[whole.frames[first : last + 1]].mean(axis=0), atol=1e-6)
        assert len(rows) == len(facts["expected_segments"])
        assert examples.groups.tolist() == [0, 0]


class TestVideos:
    def test_labels_may_be_missing_or_empty_and_come_in_any_order(self, tmp_path):
        path = video(tmp_path, {}, {"labels": None}, {"labels": np.array([], np.int64)}, {"labels": []})
        rows = joined(read_tfrecords(path, **SMALL))
        assert [rows.yes[row].tolist() for row in range(4)] == [[1, 4], [], [], []]

    def test_shards_are_read_in_turn(self, tmp_path):
        path = video(tmp_path, {})
        path.rename(tmp_path / "train10.tfrecord")
        video(tmp_path, {"id": [b"first"]}).rename(tmp_path / "train9.tfrecord")
        assert joined(read_tfrecords(tmp_path, **SMALL)).ids == ["first", "abcd"]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"id": None}, "must have one id"),
            ({"id": [b"a", b"b"]}, "must have one id"),
            ({"id": [b"\xff"]}, "an id must be UTF-8"),
            ({"labels": np.array([9])}, "labels must lie in 0 to 8, got 9"),
            ({"labels": np.array([-1])}, "labels must lie in 0 to 8, got -1"),
            ({"labels": [b"x"]}, "labels must be whole numbers, got 1 texts"),
            ({"mean_rgb": None}, "a record must have 'mean_rgb', got id, labels, mean_audio"),
            ({"mean_rgb": np.array([1.0])}, "mean_rgb must hold 3 numbers, got 1"),
            ({"mean_rgb": np.array([1, 2, 3])}, "mean_rgb must be floats, got int64"),
            ({"mean_audio": np.array([1.0, np.nan])}, "mean_audio must be finite, got nan in column 1"),
        ],
    )
    def test_a_bad_record_is_named_or_left_out(self, tmp_path, change, message):
        path = video(tmp_path, {}, change, {"id": [b"last"]})
        with pytest.raises(FormatError, match=f"{message}.* in record 2 at byte ") as caught:
            joined(read_tfrecords(path, **SMALL))
        assert caught.value.path == path
        skipped = Skipped()
        assert joined(read_tfrecords(path, skipped=skipped, **SMALL)).ids == ["abcd", "last"]
        assert skipped.rows == 1

    def test_a_file_of_frames_is_no_file_of_videos(self, tmp_path):
        with pytest.raises(FormatError, match="no lists of frames"):
            joined(read_tfrecords(frame_level(tmp_path), level="video", **SMALL))

    def test_an_unknown_level_is_refused_with_the_near_miss(self, tmp_path):
        with pytest.raises(OptionError, match="Did you mean 'frame'"):
            joined(read_tfrecords(tmp_path, level="frames", **SMALL))


class TestFrames:
    def test_at_most_300_frames_count(self, tmp_path):
        many = [bytes([100] * 3)] * MOST_FRAMES + [bytes([200] * 3)] * 5
        path = frame_level(tmp_path, many, [b"gh"] * len(many))
        np.testing.assert_allclose(joined(read_tfrecords(path, **SMALL)).values[0, :3], TABLE[100], atol=1e-6)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"rgb": None}, "has a list 'rgb', got audio"),
            ({"audio": [b"gh"]}, "as many frames, got 2 and 1"),
            ({"rgb": [b"ab", b"cd"]}, "each frame must be 3 bytes, got 2 bytes in frame 0"),
            ({"rgb": [], "audio": []}, "frames 0 to 300 must exist to be averaged, got 0 frames"),
        ],
    )
    def test_bad_frames_are_named(self, tmp_path, change, message):
        with pytest.raises(FormatError, match=message):
            joined(read_tfrecords(frame_level(tmp_path, **change), **SMALL))

    def test_frames_of_a_bad_record_are_left_out_on_request(self, tmp_path):
        skipped = Skipped()
        assert list(read_frames(frame_level(tmp_path, rgb=None), skipped=skipped, **SMALL)) == []
        assert skipped.rows == 1
        with pytest.raises(FormatError, match="in record 1 at byte 0"):
            list(read_frames(frame_level(tmp_path, rgb=None), **SMALL))


class TestSegments:
    def test_a_segment_beyond_the_end_is_the_mean_of_what_is_there(self, tmp_path):
        path = frame_level(tmp_path, **ratings([1], [1], [6], [1.0]))
        rows = joined(read_tfrecords(path, **SMALL))
        np.testing.assert_allclose(rows.values[0, :3], TABLE[list(b"def")], atol=1e-6)
        assert rows.spans.tolist() == [[1, 6]]

    def test_the_same_file_is_also_a_file_of_videos(self, tmp_path):
        path = frame_level(tmp_path, labels=np.array([2]), **ratings([1], [0], [5], [1.0]))
        rows = joined(read_tfrecords(path, level="frame", **SMALL))
        assert (rows.ids, rows.yes[0].tolist(), rows.rated) == (["seg"], [2], None)

    @pytest.mark.parametrize(
        ("rated", "message"),
        [
            (ratings([1], [5], [10], [1.0]), "frames 5 to 10 must exist to be averaged, got 2"),
            (ratings([1, 2], [0], [5], [1.0]), r"each rating has a class.*got \[2, 1, 1, 1\]"),
            (ratings([9], [0], [5], [1.0]), "labels must lie in 0 to 8"),
            (ratings([1], [0], [5], [0.5]), "segment scores must be 0 or 1, got 0.5"),
            (ratings([1], [0], [0], [1.0]), "a segment must end once, after it starts"),
            (ratings([1], [-1], [5], [1.0]), "a segment must end once"),
            (ratings([1, 2], [0, 0], [5, 6], [1.0, 1.0]), "a segment must end once"),
            (ratings([1, 1], [0, 0], [5, 5], [1.0, 0.0]), "yes or no, got both in the segment at 0 s"),
        ],
    )
    def test_bad_ratings_are_named(self, tmp_path, rated, message):
        with pytest.raises(FormatError, match=message):
            joined(read_tfrecords(frame_level(tmp_path, **rated), **SMALL))
