"""What happens to sound on its way to an archive: rooms, microphones, telephones, codecs, compressors, levels.

Codecs are the real ones, encoded and decoded in memory. Nothing here moves sound in time by more than a few hundredths
of a second, so that the truth about it stays true.
"""

from __future__ import annotations

import io

import av
import numpy as np
import scipy.fft
import scipy.signal
import soxr

from cueline.features.sound import RATE_HZ

Samples = np.ndarray

# Name: container, codec, kilobits a second, rates in Hz that it is used at, samples that its file does not say are late
CODECS = {
    "mp3": ("mp3", "libmp3lame", (32, 48, 64, 96), (22050, 24000), 0),
    "aac": ("adts", "aac", (24, 32, 48, 64, 96), (22050, 32000), 1024),
    "opus": ("ogg", "libopus", (12, 16, 24, 32, 64), (48000,), 0),
}


def coded(values: Samples, name: str, kilobits: int, rate_hz: int) -> Samples:
    """Sound that went through a codec; as long as it was, shape (S,), float32."""
    container, codec, _, _, late = CODECS[name]
    sent = soxr.resample(values, RATE_HZ, rate_hz, quality="MQ").astype(np.float32)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate_hz, layout="mono")
        stream.bit_rate = kilobits * 1000
        form = stream.codec_context.format.name if stream.codec_context.format else "fltp"
        for first in range(0, len(sent), rate_hz):
            frame = av.AudioFrame.from_ndarray(sent[None, first : first + rate_hz], format="fltp", layout="mono")
            frame.rate, frame.pts = rate_hz, first
            for each in av.AudioResampler(form, "mono", rate_hz).resample(frame):
                out.mux(stream.encode(each))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file) as back:
        parts = [frame.to_ndarray().astype(np.float32).mean(axis=0) for frame in back.decode(audio=0)]
        rate = back.streams.audio[0].rate
    heard = soxr.resample(np.concatenate(parts)[late:], rate, RATE_HZ, quality="MQ").astype(np.float32)
    return np.pad(heard, (0, max(0, len(values) - len(heard))))[: len(values)]


def any_codec(random: np.random.Generator, values: Samples) -> Samples:
    """Through one codec at one of its rates."""
    name = random.choice(list(CODECS))
    _, _, kilobits, rates, _ = CODECS[name]
    return coded(values, name, int(random.choice(kilobits)), int(random.choice(rates)))


def room(random: np.random.Generator, values: Samples) -> Samples:
    """A room or hall, nearer or farther."""
    seconds = random.uniform(0.1, 1.0)
    count = int(seconds * RATE_HZ)
    tail = random.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
    tail *= random.uniform(0.1, 1.0) / np.sqrt(np.sum(tail**2))
    tail[0] += 1
    return scipy.signal.fftconvolve(values, tail)[: len(values)].astype(np.float32)


def band(random: np.random.Generator, values: Samples) -> Samples:
    """A telephone, a medium wave, an old tape: lows and highs cut off, and the rest tilted."""
    low, high = random.choice([20, 60, 120, 300]), random.choice([3400, 4500, 7000, 9000])
    sos = scipy.signal.butter(random.integers(2, 6), (low, high), "bandpass", fs=RATE_HZ, output="sos")
    return scipy.signal.sosfilt(sos, values).astype(np.float32)


def narrowed(random: np.random.Generator, values: Samples) -> Samples:
    """Sampled at a lower rate on its way, so that nothing is above half of it."""
    rate_hz = int(random.choice([8000, 11025, 12000, 16000, 16000, 16000]))
    back = soxr.resample(soxr.resample(values, RATE_HZ, rate_hz, quality="MQ"), rate_hz, RATE_HZ, quality="MQ")
    return np.pad(back, (0, max(0, len(values) - len(back))))[: len(values)].astype(np.float32)


def brightened(random: np.random.Generator, values: Samples) -> Samples:
    """A voice that was recorded at 16 kHz gets the hiss above 8 kHz that it lost: what lies 3 kHz below, moved up."""
    sos = scipy.signal.butter(4, (4800, 7800), "bandpass", fs=RATE_HZ, output="sos")
    size = scipy.fft.next_fast_len(len(values))
    high = scipy.signal.hilbert(scipy.signal.sosfilt(sos, values), size)[: len(values)]
    moved = (high * np.exp(2j * np.pi * 3000 * np.arange(len(values)) / RATE_HZ)).real
    return (values + 10 ** (random.uniform(-15, 6) / 20) * moved).astype(np.float32)


def tilt(random: np.random.Generator, values: Samples) -> Samples:
    """Another microphone: treble or bass lifted or lowered, a bump somewhere."""
    size = scipy.fft.next_fast_len(len(values), real=True)
    spectrum = scipy.fft.rfft(values, size)
    hertz = np.maximum(scipy.fft.rfftfreq(size, 1 / RATE_HZ), 30.0)
    gain = random.uniform(-4, 4) * np.log2(hertz / 1000)
    centre = np.exp(random.uniform(np.log(100), np.log(6000)))
    gain += random.uniform(-9, 9) * np.exp(-((np.log(hertz / centre) / random.uniform(0.2, 1)) ** 2))
    tilted = scipy.fft.irfft(spectrum * 10 ** (np.clip(gain, -24, 24) / 20), size)
    return tilted[: len(values)].astype(np.float32)


def pressed(random: np.random.Generator, values: Samples) -> Samples:
    """A broadcaster's compressor: what is weak comes up; or plain clipping."""
    if random.random() < 0.3:
        limit = np.quantile(np.abs(values), random.uniform(0.9, 0.999)) + 1e-9
        return np.clip(values, -limit, limit).astype(np.float32)
    keep = np.exp(-1 / (random.uniform(0.02, 0.3) * RATE_HZ))
    power = scipy.signal.lfilter([1 - keep], [1, -keep], values.astype(np.float64) ** 2)
    strength = np.sqrt(np.maximum(power, 1e-12))
    floor = 10 ** (random.uniform(-50, -25) / 20) * max(strength.max(), 1e-9)
    return (values * np.maximum(strength, floor) ** -random.uniform(0.2, 0.7)).astype(np.float32)


def faster(values: Samples, by: float) -> Samples:
    """Played faster and higher, as a tape is."""
    return soxr.resample(values, RATE_HZ * by, RATE_HZ, quality="MQ").astype(np.float32)


def spoiled(random: np.random.Generator, values: Samples) -> Samples:
    """A chain of some of these, then any level from very weak to clipped."""
    for chance, does in ((0.3, tilt), (0.25, pressed), (0.2, band), (0.4, narrowed), (0.4, any_codec)):
        if random.random() < chance:
            values = does(random, values)
    peak = max(float(np.abs(values).max()), 1e-9)
    decibels = random.uniform(-45, 3) if random.random() < 0.3 else random.uniform(-20, 0)
    return np.clip(values / peak * 10 ** (decibels / 20), -1, 1).astype(np.float32)
