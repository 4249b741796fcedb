"""What was found in an asset, and what cannot be read."""

import math
from dataclasses import replace

import numpy as np
import pytest

from cueline.reports.facts import library_facts
from cueline.reports.findings import Findings, findings
from cueline.timeline.assets import Asset
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack


def found_in(store):
    return findings(store, library_facts(store).files[0])


def test_labels_score_curves_and_known_sound_are_for_drawing_and_other_numbers_are_not(empty, make_film, make_sound):
    empty.add("a.mp4", Asset("a", 90.0), make_film(1)[0] | make_sound())
    found = found_in(empty)
    assert set(found.labels) == {"shots", "keyframes", "black", "silence"}
    assert set(found.curves) == {"shots.curve"}
    assert all(found.sound(name) is not None for name in ("peaks", "loudness", "loudness.blocks"))


def test_tracks_with_the_names_of_sound_that_are_something_else_are_not_sound(empty):
    labels = LabelTrack(as_spans([[0, 1]]), ("loud",))
    none = FeatureTrack(as_spans([]), np.zeros((0, 3)), ("low", "high", "rms"))
    other = FeatureTrack(as_spans([[0, 1]]), np.zeros((1, 1)), ("level",))
    empty.add("a.mp4", Asset("a", 1.0), {"loudness": labels, "peaks": none, "loudness.blocks": other})
    found = found_in(empty)
    assert [found.sound(name) for name in ("peaks", "loudness", "loudness.blocks")] == [None] * 3


def test_a_track_that_cannot_be_read_is_a_problem_and_hides_no_other(empty, make_film):
    empty.add("b/a.mp4", Asset("a", 90.0), make_film(1)[0], torn=("shots.curve",))
    empty.add("c.mp4", Asset("c", 90.0))
    found = found_in(empty)
    assert set(found.labels) == {"shots", "keyframes", "black"}
    assert [(p.file, p.what, p.reason, p.page) for p in found.problems] == [
        ("b/a.mp4", "shots.curve is not shown", "the file of shots.curve is damaged", "asset-a.html")
    ]


def test_the_median_of_no_shot_is_not_a_number():
    shots = LabelTrack(as_spans([[0, 1], [1, 4], [4, 6]]), ("shot",) * 3)
    assert Findings({"shots": shots}).median_shot == pytest.approx(2.0)
    assert math.isnan(Findings({"shots": LabelTrack(as_spans([]), (), classes=("shot",))}).median_shot)
    assert math.isnan(Findings({}).median_shot)
    assert Findings({}).shots is None


def test_a_fingerprint_changes_with_what_a_page_shows_and_with_nothing_else(make_film, make_sound):
    tracks = make_film(1)[0] | make_sound()
    same = Findings(tracks).fingerprint()
    assert Findings(dict(reversed(tracks.items()))).fingerprint() == same
    assert Findings(tracks | {"color": tracks["sound"]}).fingerprint() == same
    shots, peaks, curve = tracks["shots"], tracks["peaks"], tracks["shots.curve"]
    louder = peaks.values.copy()
    louder[7, 1] += 0.01
    changes = {
        "shots": replace(shots, scores=shots.scores * 0.5),
        "keyframes": replace(tracks["keyframes"], names=("still",) * 12, classes=("still",)),
        "black": LabelTrack(as_spans([[0.0, 1.25]]), ("black",), stream=tracks["black"].stream),
        "peaks": replace(peaks, values=louder),
        "shots.curve": replace(curve, columns=("cut",)),
    }
    prints = {Findings(tracks | {name: track}).fingerprint() for name, track in changes.items()}
    assert len(prints | {same}) == len(changes) + 1
