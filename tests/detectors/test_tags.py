"""Tags of assets and of shots, by models without training."""

from pathlib import Path

import numpy as np
import pytest

from cueline.detectors.tags import Tags, fits, pooled
from cueline.errors import FormatError, OptionError, PluginError
from cueline.models.cards import Input
from cueline.models.checkpoints import save_model
from cueline.timeline.assets import Asset
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from tests.models.made import made_model

ASSET = Asset("0" * 32, 6.0)
INPUTS = (Input("sound", 2, ("mean", "std"), ("low", "high")), Input("color", 3, ("max",)))


def steps(count, width, seed, *, first=0.0, columns=(), stream="audio:0"):
    """A row each half second."""
    edges = first + np.arange(count + 1) / 2
    values = np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)
    return FeatureTrack(np.column_stack([edges[:-1], edges[1:]]), values, columns, stream)


def tracks(**more):
    return {
        "sound": steps(12, 2, 0, columns=("low", "high")),
        "color": steps(12, 3, 1, stream="video:0"),
        "shots": LabelTrack(as_spans([[0, 2], [2, 3], [3, 6]]), ("shot",) * 3, stream="video:0"),
        **more,
    }


@pytest.fixture
def model():
    return made_model(inputs=INPUTS)


@pytest.fixture
def folder(model, tmp_path):
    save_model(model, tmp_path / "tagger")
    return str(tmp_path / "tagger")


def by_hand(model, given, spans):
    """Chances for each span, from rows whose middle lies in it."""
    rows = []
    for start, end in spans:
        row = []
        for one in model.card.inputs:
            track = given[one.track]
            middle = track.spans.mean(axis=1)
            inside = track.values[(middle >= start) & (middle < end)].astype(np.float64)
            row += [getattr(inside, how)(axis=0) for how in one.pools]
        rows.append(np.concatenate(row))
    return np.concatenate(list(model.chances(np.array(rows, np.float32))))


def test_a_whole_asset_is_tagged(model, folder):
    found = Tags(folder).detect(ASSET, tracks())
    wanted = by_hand(model, tracks(), [(0, 6)])
    curve, tags = found["tags.curve"], found["tags"]
    assert curve.spans.tolist() == tags.judged.tolist() == [[0, 6]]
    assert curve.columns == tags.classes == model.card.names
    np.testing.assert_allclose(curve.values, wanted, atol=1e-6)
    expected = {name: chance for name, chance in zip(model.card.names, wanted[0], strict=True) if chance >= 0.5}
    assert dict(zip(tags.names, tags.scores, strict=True)) == pytest.approx(expected, abs=1e-6)
    assert {tuple(span) for span in tags.spans.tolist()} == {(0, 6)}


def test_each_shot_is_tagged(model, folder):
    found = Tags(folder, over="shots").detect(ASSET, tracks())
    wanted = by_hand(model, tracks(), [(0, 2), (2, 3), (3, 6)])
    assert found["tags.curve"].spans.tolist() == [[0, 2], [2, 3], [3, 6]]
    np.testing.assert_allclose(found["tags.curve"].values, wanted, atol=1e-5)
    assert len(found["tags"]) == (wanted >= 0.5).sum()


def test_spans_that_overlap_get_their_own_rows(model, folder):
    over = LabelTrack(as_spans([[0, 6], [0, 2], [1, 6], [1, 2]]), ("scene",) * 4)
    found = Tags(folder, over="scenes").detect(ASSET, tracks(scenes=over))["tags.curve"]
    np.testing.assert_allclose(found.values, by_hand(model, tracks(), found.spans.tolist()), atol=1e-5)


def test_at_most_so_many_tags_are_given_the_likeliest_ones(folder):
    chances = Tags(folder).detect(ASSET, tracks())["tags.curve"].values[0]
    found = Tags(folder, most=2, threshold=0.0).detect(ASSET, tracks())["tags"]
    assert sorted(found.scores) == pytest.approx(sorted(chances)[-2:], abs=1e-6)


def test_a_threshold_replaces_those_of_the_model(folder):
    found = Tags(folder, threshold=0.0).detect(ASSET, tracks())["tags"]
    assert len(found) == 5
    assert len(Tags(folder, threshold=0.9999).detect(ASSET, tracks())["tags"]) == 0


def test_each_class_has_its_own_threshold(model, folder):
    chances = Tags(folder).detect(ASSET, tracks())["tags.curve"].values[0]
    model.arrays["thresholds"][:] = chances + np.where(np.arange(5) == 3, -1e-4, 1e-4)
    save_model(model, Path(folder))
    assert Tags(folder).detect(ASSET, tracks())["tags"].names == ("class 3",)


def test_spans_without_a_row_of_some_track_are_not_judged(folder):
    late = steps(6, 3, 1, first=3.0, stream="video:0")
    found = Tags(folder, over="shots").detect(ASSET, tracks(color=late))
    assert found["tags"].judged.tolist() == found["tags.curve"].spans.tolist() == [[3, 6]]


def test_a_row_that_is_no_number_is_not_judged(folder):
    given = tracks()
    values = given["sound"].values.copy()
    values[0, 0] = np.nan
    broken = FeatureTrack(given["sound"].spans, values, ("low", "high"), "audio:0")
    found = Tags(folder, over="shots").detect(ASSET, tracks(sound=broken))
    assert found["tags"].judged.tolist() == [[2, 3], [3, 6]]


def test_a_track_without_rows_leaves_nothing_judged(folder):
    empty = FeatureTrack(as_spans([]), np.empty((0, 0)))
    found = Tags(folder).detect(ASSET, tracks(color=empty))
    assert len(found["tags"]) == len(found["tags"].judged) == len(found["tags.curve"]) == 0
    assert found["tags"].classes == ("class 0", "class 1", "class 2", "class 3", "class 4")


def test_no_shots_are_no_tags(folder):
    none = LabelTrack(as_spans([]), (), classes=("shot",))
    assert len(Tags(folder, over="shots").detect(ASSET, tracks(shots=none))["tags"]) == 0


def test_needs_are_the_tracks_of_the_model_and_the_one_whose_spans_are_tagged(folder):
    assert Tags(folder).needs == ("sound", "color")
    assert Tags(folder, over="shots").needs == ("sound", "color", "shots")
    assert Tags(folder, over="color").needs == ("sound", "color")


def test_needs_without_a_model_are_refused(tmp_path):
    with pytest.raises(OptionError, match=r"tags needs a trained model\. Name its folder with: --set tags\.model=FOLD"):
        _ = Tags().needs
    with pytest.raises(FormatError, match="a model is a folder with a file model.json"):
        _ = Tags(str(tmp_path)).needs


@pytest.mark.parametrize(
    "wrong", [steps(12, 4, 0), steps(12, 2, 0, columns=("high", "low")), LabelTrack(as_spans([[0, 1]]), ("x",))]
)
def test_a_track_of_another_kind_is_refused_by_name(folder, wrong):
    with pytest.raises(
        PluginError, match="was trained on 2 numbers of the track 'sound', got .* with other opt"
    ) as told:
        Tags(folder).detect(ASSET, tracks(sound=wrong))
    assert (told.value.asset, told.value.plugin) == (ASSET.id, "tags")


def test_spans_are_those_of_labels(folder):
    with pytest.raises(PluginError, match="over must name a label track, got FeatureTrack"):
        Tags(folder, over="color").detect(ASSET, tracks())


@pytest.mark.parametrize("options", [{"most": 0}, {"threshold": 1.0}, {"threshold": float("nan")}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(OptionError, match=r"most must be 1 or more|a threshold is a chance below 1"):
        Tags(**options)


def test_another_model_changes_provenance_and_tags(model, folder, tmp_path):
    before, found = Tags(folder).weights, Tags(folder).detect(ASSET, tracks())["tags.curve"]
    assert list(before) == ["tagger"]
    save_model(made_model(inputs=INPUTS, seed=1), Path(folder))
    assert Tags(folder).weights != before
    assert not np.array_equal(Tags(folder).detect(ASSET, tracks())["tags.curve"].values, found.values)
    save_model(model, Path(folder))
    assert Tags(folder).weights == before


def test_rows_are_pooled_in_the_order_of_the_spans():
    track = steps(12, 2, 0)
    spans = as_spans([[3, 6], [0, 2], [0, 6]])
    found = pooled(Input("sound", 2), track, spans)
    np.testing.assert_allclose(found[0], track.values[6:].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found[1], track.values[:4].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found[2], track.values.mean(axis=0), rtol=1e-5)


def test_columns_count_where_they_have_names():
    named, plain = Input("sound", 2, columns=("low", "high")), Input("sound", 2)
    assert fits(named, steps(1, 2, 0, columns=("low", "high")))
    assert not fits(named, steps(1, 2, 0, columns=("a", "b")))
    assert fits(plain, steps(1, 2, 0, columns=("a", "b")))
    assert not fits(plain, steps(1, 3, 0))
