"""One file analysed without a library."""

import pytest
import soundfile

from cueline.errors import CuelineError
from cueline.timeline.tracks import FeatureTrack
from cueline.workbench.intake import probe_file
from cueline.workbench.planning import plan
from cueline.workbench.without_library import analysed
from tests.detectors.sound.made import hiss


class Still:
    """Hears how it goes, and says nothing."""

    def at(self, phase, seconds=0.0):
        pass


@pytest.fixture
def noise(tmp_path):
    soundfile.write(tmp_path / "a.wav", hiss(2), 22050)
    return tmp_path / "a.wav"


def test_all_tracks_are_there_extracted_and_detected(noise):
    with analysed(noise, probe_file(noise, Still()).asset, plan(["sound.kinds"]), 1, Still()) as seen:
        assert set(seen.tracks) == {"sound", "sound.kinds", "sound.curve"}
        assert isinstance(seen.tracks["sound"], FeatureTrack)
        assert (seen.reason, seen.outcomes[-1].plugin) == ("", "sound.kinds")
        assert seen.asset.duration == pytest.approx(2.0)


def test_why_nothing_was_made_is_told(noise):
    asset = probe_file(noise, Still()).asset
    noise.write_bytes(b"something else")
    with analysed(noise, asset, plan(["sound"]), 1, Still()) as seen:
        assert seen.tracks == {}
        assert seen.reason


def test_its_files_go_away_whatever_happens(noise, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    asset = probe_file(noise, Still()).asset
    with pytest.raises(CuelineError, match="a look that fails"):
        _look_and_fail(noise, asset, tmp_path)
    assert not list(tmp_path.glob("cueline-*"))


def _look_and_fail(path, asset, folder):
    with analysed(path, asset, plan(["sound"]), 1, Still()):
        assert list(folder.glob("cueline-*"))
        raise CuelineError("a look that fails")
