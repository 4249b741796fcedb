"""Shots of made pictures with known cuts, dissolves and fades, of an encoded film, and of real films."""

import json
from fractions import Fraction

import av
import numpy as np
import pytest

from cueline.detectors.shots import Shots
from cueline.errors import OptionError, PluginError
from cueline.features.color import COLUMNS, Color
from cueline.media.probe import probe
from cueline.media.reader import Consumer, read
from cueline.timeline.assets import Asset
from cueline.timeline.batches import FrameBatch
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack

ASSET = Asset("0" * 32, 1.0)


class Quiet:
    def at(self, phase, seconds=0.0):
        pass


def scene(seed, frames, speed=1):
    """A soft textured picture that drifts, float32 (frames, 36, 64, 3)."""
    coarse = np.random.default_rng(seed).integers(20, 236, (9, 40, 3)).astype(np.float32)
    wide = np.kron(coarse, np.ones((4, 4, 1), np.float32))
    wide = sum(np.roll(wide, step, axis) for step in (-1, 0, 1) for axis in (0, 1)) / 6
    offsets = [(speed * frame // 3) % 90 for frame in range(frames)]
    return np.stack([wide[:, offset : offset + 64] for offset in offsets])


def color_track(pictures, spans):
    batches = (FrameBatch(pictures[i : i + 32].copy(), spans[i : i + 32]) for i in range(0, len(pictures), 32))
    values = [rows.values for rows in Color().extract(ASSET, batches)]
    return FeatureTrack(spans, np.concatenate(values), COLUMNS, "video:0")


def found_in(pictures, rate=25.0, **options):
    """The shots of pictures, and the frames that begin all but the first."""
    starts = np.arange(len(pictures)) / rate
    spans = as_spans(np.column_stack([starts, starts + 1 / rate]))
    color = color_track(np.clip(pictures, 0, 255).astype(np.uint8), spans)
    shots = Shots(**options).detect(ASSET, {"color": color})["shots"]
    return shots, np.round(shots.spans[1:, 0] * rate).astype(int).tolist()


@pytest.mark.parametrize("rate", [12.0, 25.0, 60.0])
def test_hard_cuts_are_found_to_the_frame_at_any_rate(rate):
    film = np.concatenate([scene(seed, frames) for seed, frames in ((1, 40), (2, 30), (3, 8), (4, 50))])
    assert found_in(film, rate)[1] == [40, 70, 78]


def test_shots_tile_the_film_from_its_first_frame_to_the_end_of_its_last():
    shots, _ = found_in(np.concatenate([scene(1, 40), scene(2, 40)]))
    assert shots.spans == pytest.approx(np.array([[0.0, 1.6], [1.6, 3.2]]))
    assert shots.names == ("shot", "shot")
    assert shots.scores[0] == 1.0
    assert shots.scores[1] > 0.5


def test_a_flash_is_no_boundary():
    film = scene(1, 80)
    film[40:42] = film[40:42] * 0.2 + 204
    assert found_in(film)[1] == []


def test_a_fast_pan_is_no_boundary():
    film = np.concatenate([scene(1, 30, speed=0), scene(1, 24, speed=9)])
    assert found_in(film)[1] == []


def test_a_dissolve_is_one_boundary_within_it():
    before, after = scene(1, 70, speed=0), scene(2, 70, speed=0)
    share = np.clip((np.arange(70) - 25) / 20, 0, 1)[:, None, None, None]
    (boundary,) = found_in(before * (1 - share) + after * share)[1]
    assert 25 <= boundary <= 45


def test_a_fade_through_black_is_one_boundary_in_the_black():
    out, back = np.linspace(1, 0, 20), np.linspace(0, 1, 20)
    light = np.concatenate([np.ones(40), out, np.zeros(10), back, np.ones(40)])[:, None, None, None]
    film = np.concatenate([scene(1, 65, speed=0), scene(2, 65, speed=0)]) * light
    (boundary,) = found_in(film)[1]
    assert 58 <= boundary <= 72


def test_the_result_does_not_depend_on_pieces(monkeypatch):
    film = np.concatenate([scene(seed, 60) for seed in (1, 2, 3, 4)])
    whole = found_in(film)[1]
    monkeypatch.setattr("cueline.detectors.shots.PIECE_FRAMES", 50)
    assert found_in(film)[1] == whole == [60, 120, 180]


def test_the_curve_has_a_row_for_each_frame():
    starts = np.arange(30) / 25
    spans = as_spans(np.column_stack([starts, starts + 0.04]))
    color = color_track(scene(1, 30).astype(np.uint8), spans)
    curve = Shots().detect(ASSET, {"color": color})["shots.curve"]
    assert curve.columns == ("cut", "gradual")
    assert len(curve) == 30
    assert ((curve.values >= 0) & (curve.values <= 1)).all()


def test_one_frame_is_one_shot():
    shots, boundaries = found_in(scene(1, 1))
    assert len(shots) == 1
    assert boundaries == []


def test_no_frames_are_no_shots():
    color = FeatureTrack(np.empty((0, 2)), np.empty((0, len(COLUMNS)), np.float16), COLUMNS, "video:0")
    tracks = Shots().detect(ASSET, {"color": color})
    assert len(tracks["shots"]) == len(tracks["shots.curve"]) == 0
    assert tracks["shots"].classes == ("shot",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cut": 0.0}, "cut is a chance"),
        ({"gradual": 1.5}, "gradual is a chance"),
        ({"shortest_seconds": -1.0}, "shortest_seconds must be 0 or more"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        Shots(**options)


def test_another_kind_of_track_is_refused():
    with pytest.raises(PluginError, match="shots works on the color track"):
        Shots().detect(ASSET, {"color": LabelTrack(np.array([[0.0, 1.0]]), ("shot",))})


def shots_of(path):
    """Shots of a file, and the start of each of its frames."""
    asset, batches = probe(path).asset, []
    report = read(path, asset, [Consumer("color", Color().wants(asset, {}), batches.extend)], progress=Quiet())
    assert not report.errors
    spans = np.concatenate([batch.spans for batch in batches])
    color = color_track(np.concatenate([batch.pictures for batch in batches]), spans)
    return Shots().detect(asset, {"color": color})["shots"], spans[:, 0]


def boundary_frames(path):
    shots, starts = shots_of(path)
    return np.searchsorted(starts, shots.spans[1:, 0]).tolist()


def test_an_encoded_film_of_uneven_frames_is_cut_at_the_right_time(tmp_path):
    path, times = tmp_path / "uneven.mp4", np.cumsum([0, *np.tile([1, 1, 2, 3], 25)])[:-1]
    film = np.concatenate([scene(5, 45), scene(6, 55)]).repeat(4, axis=1).repeat(4, axis=2).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 256, 144, "yuv420p"
        for picture, time in zip(film, times, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = int(time), Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    shots, _ = shots_of(path)
    assert shots.spans[1:, 0] == pytest.approx([times[45] / 30], abs=1e-3)


def test_real_films_are_cut_where_people_saw_it(real_media):
    seen = json.loads((real_media / "annotations/shots_by_eye.json").read_text())
    right = wrong = missed = 0
    for name, truth in seen.items():
        found = set(boundary_frames(real_media / "video" / name))
        soft = [range(a - 1, b + 2) for a, b in truth.get("gradual", [])]
        if name == "psd_testvideo.mp4":  # its fades and its dissolve are not in the list
            soft = [range(180, 245), range(331, 423), range(530, 558)]
        for span in soft[: len(truth.get("gradual", []))]:
            assert found & set(span), f"no boundary within {span} of {name}"
        hard = set(truth["hard_cuts"])
        right, missed = right + len(hard & found), missed + len(hard - found)
        wrong += len([frame for frame in found - hard if not any(frame in span for span in soft)])
    assert 2 * right / (2 * right + wrong + missed) > 0.9
    assert wrong == 0


def test_a_fast_shot_of_a_real_film_is_not_cut(real_media):
    assert not set(boundary_frames(real_media / "video/cosmos_30s.mp4")) & set(range(664, 700))


@pytest.mark.parametrize("name", ["chaplin.mp4", "carphone.mp4", "asl_again.mkv", "internvideo_example1.mp4"])
def test_real_takes_are_one_shot(real_media, name):
    assert boundary_frames(real_media / "video" / name) == []


def test_fades_to_black_part_a_real_film_in_the_black(real_media):
    assert boundary_frames(real_media / "video/psd_fades.mp4") == [
        pytest.approx(84, abs=2),
        pytest.approx(167, abs=2),
    ]
