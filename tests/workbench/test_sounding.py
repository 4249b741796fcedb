"""Kinds of sound of files, without a library."""

import av
import numpy as np
import pytest
import soundfile
import soxr

from cueline.errors import OptionError
from cueline.features.sound import RATE_HZ
from cueline.workbench.sounding import NO_SOUND, export_sounds, sounds_of_files
from tests.detectors.sound.made import hiss, music, nothing

LAYOUTS = [(channels, rate_hz) for channels in (1, 2, 6, 8) for rate_hz in (8000, 192_000)]


@pytest.fixture(scope="module")
def programmes(tmp_path_factory):
    """Two programmes, files that are odd, and one that is none."""
    folder = tmp_path_factory.mktemp("programmes")
    soundfile.write(folder / "a.wav", np.concatenate([hiss(8), music(14)]), RATE_HZ)
    soundfile.write(folder / "b.flac", np.concatenate([music(12), nothing(12)]), RATE_HZ)
    (folder / "c.mp3").write_bytes(b"no sound" * 100)
    for channels, rate_hz in LAYOUTS:
        sound = soxr.resample(music(3), RATE_HZ, rate_hz)
        soundfile.write(folder / f"{channels}x{rate_hz}.wav", np.repeat(sound[:, None], channels, axis=1), rate_hz)
    broken = music(4)
    broken[1000:3000] = np.nan
    odd = {"nan": broken, "constant": np.full(4 * RATE_HZ, 0.5, np.float32), "clipped": 50 * music(4)}
    odd["single"] = np.full(1, 0.1, np.float32)
    for name, sound in odd.items():
        soundfile.write(folder / f"{name}.wav", sound, RATE_HZ, subtype="FLOAT")
    _film(folder / "film.mp4")
    return folder


def _film(path):
    """Pictures without sound."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode(None))


@pytest.fixture(scope="module")
def found(programmes):
    return {answer.file.name: answer for answer in sounds_of_files([programmes], jobs=1)}


def test_regions_and_verdicts_of_each_file(found):
    one = found["a.wav"]
    assert [label for _, label, _ in one.regions] == ["noise", "music"]
    assert one.regions[0][0].end == pytest.approx(8, abs=0.51)
    assert one.regions[-1][0].end == pytest.approx(22, abs=1e-3)
    assert one.outro.label == "music"
    assert one.clip.label == "music"
    assert sum(one.clip.scores.values()) == pytest.approx(1)


def test_the_outro_is_about_the_last_ten_seconds_alone(found):
    other = found["b.flac"]
    assert (other.clip.label, other.outro.label) == ("music", "silence")


def test_a_file_that_cannot_be_read_says_why_and_the_others_go_on(found):
    assert found["c.mp3"].reason
    assert found["c.mp3"].regions == ()
    assert found["c.mp3"].clip is None


def test_pictures_without_sound_say_so(found):
    assert found["film.mp4"].reason == NO_SOUND


def test_regions_are_written_in_formats_of_the_field(found, tmp_path):
    files = export_sounds(list(found.values()), ["rttm", "audacity", "webvtt", "csv", "textgrid"], tmp_path / "out")
    suffixes = {path.suffix for path in files}
    assert {".rttm", ".txt", ".vtt", ".csv", ".TextGrid"} <= suffixes
    rttm = next(path for path in files if path.suffix == ".rttm").read_text()
    assert "music" in rttm
    assert "noise" in rttm


@pytest.mark.parametrize(("channels", "rate_hz"), LAYOUTS)
def test_any_rate_and_number_of_channels_will_do(found, channels, rate_hz):
    answer = found[f"{channels}x{rate_hz}.wav"]
    assert not answer.reason
    assert answer.regions[-1][0].end == pytest.approx(3, abs=0.01)


def test_numbers_that_are_none_a_constant_and_clipping_have_an_answer(found):
    answers = {name: found[f"{name}.wav"] for name in ("nan", "constant", "clipped")}
    assert not any(answer.reason for answer in answers.values())
    assert {label for _, label, _ in answers["constant"].regions} <= {"noise", "silence"}
    assert answers["clipped"].clip.label == "music"


def test_a_single_sample_has_an_answer(found):
    assert len(found["single.wav"].regions) == 1


def test_an_unknown_option_is_refused_before_any_work(programmes):
    with pytest.raises(OptionError, match="shortes"):
        list(sounds_of_files([programmes], options={"sound.kinds": {"shortes": 1}}))
