"""Makes sound.json: what librosa, called measure by measure, says of sounds that are made from formulas.

Run with: pip install librosa==0.11.0 && python -m tests.golden.sound
"""

import json
import random
import warnings
from pathlib import Path

import numpy as np


def noise(count, seed):
    """White noise within 0.1 of 0, the same with every version of every library."""
    dice = random.Random(seed)
    return np.array([dice.uniform(-0.1, 0.1) for _ in range(count)])


def signals():
    """Sounds of known make: name -> (samples of float32, samples a second)."""
    rate = 22050
    time = np.arange(3 * rate) / rate
    chord = sum(0.2 / k * np.sin(2 * np.pi * 220 * k * time) for k in range(1, 9)) * (1 + np.sin(6 * np.pi * time)) / 2
    clicks = 0.02 * noise(len(time), 2)
    clicks[3000::7000] += 0.8
    made = {
        "noise": (noise(len(time), 1), rate),
        "tone": (0.5 * np.sin(2 * np.pi * 440 * time), rate),
        "chirp": (0.5 * np.sin(2 * np.pi * (100 * time + 900 * time**2)), rate),
        "chord over noise": (chord + 0.02 * noise(len(time), 3), rate),
        "clicks": (clicks, rate),
        "noise, then digital silence": (np.concatenate([noise(rate, 4), np.zeros(2 * rate)]), rate),
        "digital silence": (np.zeros(rate), rate),
        "shorter than a frame": (noise(700, 5), rate),
        "one sample": (np.array([0.3]), rate),
        "a whole number of hops": (chord[: 512 * 80] + 0.01 * noise(512 * 80, 6), rate),
        "noise at 16 kHz": (noise(16000, 7), 16000),
        "chord at 44.1 kHz": (chord + 0.02 * noise(len(time), 8), 44100),
    }
    return {name: (samples.astype(np.float32), rate) for name, (samples, rate) in made.items()}


def descriptors(samples, rate):
    """The 68, by one call of librosa each, with its defaults but for the tuning, which is fixed."""
    from librosa import feature

    curves = {
        "mfcc": feature.mfcc(y=samples, sr=rate, n_mfcc=13),
        "zcr": feature.zero_crossing_rate(samples),
        "spectral_contrast": feature.spectral_contrast(y=samples, sr=rate),
        "chroma": feature.chroma_stft(y=samples, sr=rate, tuning=0.0),
        "spectral_rolloff": feature.spectral_rolloff(y=samples, sr=rate, roll_percent=0.85),
        "spectral_centroid": feature.spectral_centroid(y=samples, sr=rate),
        "rms": feature.rms(y=samples),
    }
    values = {}
    for what, curve in curves.items():
        if len(curve) == 1:
            values[f"{what}_mean"] = curve.mean(dtype=float)
            continue
        for statistic in ("mean", "std"):
            numbers = getattr(np, statistic)(curve, axis=1, dtype=float)
            values |= {f"{what}_{statistic}_{i}": number for i, number in enumerate(numbers)}
    return values


def rest(samples, rate):
    """What rows of the track tell beside the 68, over the whole sound; levels without `top_db`."""
    import librosa
    from librosa import feature

    def levels(bands):
        return librosa.power_to_db(feature.melspectrogram(y=samples, sr=rate, n_mels=bands), top_db=None)

    harmonic, percussive = librosa.decompose.hpss(np.abs(librosa.stft(samples)))
    parts = np.maximum([np.sum(harmonic**2, dtype=float), np.sum(percussive**2, dtype=float)], 1e-38)
    values = {
        "spectral_bandwidth_mean": feature.spectral_bandwidth(y=samples, sr=rate).mean(dtype=float),
        "spectral_flatness_mean": feature.spectral_flatness(y=samples).mean(dtype=float),
        "flux_mean": librosa.onset.onset_strength(S=levels(128), center=False).mean(dtype=float),
        "harmonic_to_noise": np.clip(10 * np.log10(parts[0] / parts[1]), -60, 60),
    }
    return values | {f"mel_{i}": level for i, level in enumerate(levels(64).mean(axis=1, dtype=float))}


def main():
    """Write the values beside this script."""
    import librosa

    cases = {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="n_fft=2048 is too large")
        for name, (samples, rate) in signals().items():
            values = {"descriptors": descriptors(samples, rate)}
            if rate == 22050:
                values["rest"] = rest(samples, rate)
            # scipy's median filter, which librosa takes, makes NaN of two frames; it is left out
            cases[name] = {
                part: {key: float(f"{value:.9g}") for key, value in found.items() if np.isfinite(value)}
                for part, found in values.items()
            }
    made = {"made_by": f"librosa {librosa.__version__}", "cases": cases}
    Path(__file__).with_suffix(".json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
