"""Labels in two files of any format, measured."""

import json
import math

import pytest

from cueline.errors import FormatError, MediaError, OptionError, UnknownPluginError
from cueline.workbench.measuring_labels import Sides, measure_boundaries, measure_events, measure_frames, read_sides


def audacity(path, *rows):
    path.write_text("".join(f"{start}\t{end}\t{name}\n" for start, end, name in rows))
    return path


def activitynet(path, key, videos):
    path.write_text(json.dumps({"version": "VERSION 1.3", key: videos}))
    return path


def true(*rows):
    return {"duration": 100, "annotations": [{"segment": list(row[:2]), "label": row[2]} for row in rows]}


def found(*rows):
    return [{"segment": list(row[:2]), "label": row[2], "score": row[3]} for row in rows]


@pytest.fixture
def videos(tmp_path):
    """Annotations of two videos, predictions for one of them and for a third."""
    reference = activitynet(tmp_path / "true.json", "database", {"v": true((0, 10, "run")), "w": true((5, 9, "jump"))})
    estimated = activitynet(
        tmp_path / "found.json", "results", {"v": found((0, 9, "run", 0.9)), "x": found((0, 9, "run", 0.95))}
    )
    return Sides(reference, estimated)


def test_instants_are_boundaries_and_of_spans_the_starts_are(tmp_path):
    reference = audacity(tmp_path / "a.txt", (2, 2, "cut"), (5, 5, "cut"))
    estimated = audacity(tmp_path / "b.txt", (0, 2.1, "shot"), (2.1, 7, "shot"), (7, 9, "shot"))
    scores, pairs = measure_boundaries(Sides(reference, estimated), tolerance=0.2)
    assert (scores.matched, scores.reference, scores.estimated) == (1, 2, 2)
    assert [pair.media for pair in pairs.pairs] == ["a"]
    assert not pairs.strange
    assert not pairs.missing


def test_two_formats_can_be_compared(tmp_path):
    reference = audacity(tmp_path / "a.txt", (1, 2, "dog"))
    (tmp_path / "b.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\ndog\n")
    scores, _ = measure_frames(Sides(reference, tmp_path / "b.vtt"))
    assert scores.accuracy == 1


def test_events_of_activitynet_are_measured_by_video(videos):
    """The detection in a video without a reference is false and stands first; one class of two was never found."""
    measured, pairs = measure_events(videos)
    assert measured.detection.classes == ("jump", "run")
    assert measured.detection.map[0] == pytest.approx((0 + 0.5) / 2)
    assert (list(pairs.strange), pairs.missing) == (["x"], ["w"])
    overall = measured.events.overall
    assert (overall.matched, overall.reference, overall.estimated) == (1, 2, 2)


def test_media_without_an_estimate_were_missed(videos):
    scores, _ = measure_frames(Sides(videos.reference, videos.estimated, "activitynet"))
    assert scores.classes["jump"].recall == 0
    assert scores.classes["run"].recall == 0.9
    assert scores.judged == 19


def test_moments_are_judged_from_zero_to_the_last_border(tmp_path):
    reference = audacity(tmp_path / "a.txt", (2, 4, "dog"))
    scores, _ = measure_frames(Sides(reference, audacity(tmp_path / "b.txt", (3, 10, "dog"))))
    assert (scores.judged, scores.accuracy) == (10, pytest.approx(0.3))


def test_a_track_is_chosen_where_a_file_has_several(tmp_path):
    table = "file,track,start,end,name,score\na.mp4,shots,0,1,shot,1\na.mp4,sound,0,1,music,1\n"
    (tmp_path / "a.csv").write_text(table)
    sides = Sides(tmp_path / "a.csv", tmp_path / "a.csv")
    with pytest.raises(OptionError, match=r"a\.csv' has several tracks; say which with --track: 'shots', 'sound'"):
        read_sides(sides)
    (pair,) = read_sides(Sides(tmp_path / "a.csv", tmp_path / "a.csv", track="sound")).pairs
    assert pair.reference.names == ("music",)
    with pytest.raises(FormatError, match="must have labels of 'speech', got "):
        read_sides(Sides(tmp_path / "a.csv", tmp_path / "a.csv", track="speech"))


def test_what_cannot_be_read_is_refused(tmp_path):
    labels = audacity(tmp_path / "a.txt", (1, 2, "dog"))
    with pytest.raises(MediaError, match="there is no file"):
        read_sides(Sides(labels, tmp_path / "b.txt"))
    with pytest.raises(UnknownPluginError, match="no importer is called 'audacty'"):
        read_sides(Sides(labels, labels, "audacty"))


def test_a_file_without_labels_found_nothing(tmp_path):
    (tmp_path / "none.vtt").write_text("WEBVTT\n")
    reference = audacity(tmp_path / "a.txt", (1, 2, "dog"))
    scores, pairs = measure_frames(Sides(reference, tmp_path / "none.vtt"))
    assert (scores.classes["dog"].recall, pairs.missing) == (0, ["a"])
    scores, pairs = measure_boundaries(Sides(tmp_path / "none.vtt", reference), tolerance=0)
    assert math.isnan(scores.f1)
    assert list(pairs.strange) == ["a"]
