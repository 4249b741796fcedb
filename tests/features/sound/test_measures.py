"""Names of what is measured."""

import json
from pathlib import Path

import numpy as np

from cueline.features.sound.measures import DESCRIPTORS, MEANS, STDS, bank, measure, table
from cueline.features.sound.spectra import blocks
from tests.features.sound.made import noise


def test_there_are_68_descriptors_with_the_names_of_the_field():
    made = json.loads((Path(__file__).parents[2] / "golden" / "sound.json").read_text())
    assert len(DESCRIPTORS) == len(set(DESCRIPTORS)) == 68
    assert set(DESCRIPTORS) == set(made["cases"]["noise"]["descriptors"])
    assert DESCRIPTORS[:2] == ("mfcc_mean_0", "mfcc_mean_1")
    assert DESCRIPTORS[26] == "zcr_mean"
    assert DESCRIPTORS[-3:] == ("spectral_rolloff_mean", "spectral_centroid_mean", "rms_mean")


def test_each_mean_has_its_deviation():
    assert [name.replace("_mean", "_std") for name in MEANS] == list(STDS)


def test_the_table_has_a_column_for_each_mean_down_to_strength():
    (block,) = blocks(noise(9000))
    found = table(measure(block, bank(22050)))
    assert found.shape == (1 + 9000 // 512, MEANS.index("rms_mean") + 1)
    assert found.dtype == np.float32
