"""One extraction as it goes: samples in, rows out, and no more than a few seconds remembered between the two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cueline.features.sound.harmonics import Harmonics
from cueline.features.sound.measures import bank, measure, table
from cueline.features.sound.mel import log_mel, mel_filters
from cueline.features.sound.modulation import Modulation
from cueline.features.sound.onsets import Onsets, flux
from cueline.features.sound.persistence import Persistence
from cueline.features.sound.rows import RowMaker, row_columns
from cueline.features.sound.shape import bandwidth, flatness
from cueline.features.sound.spectra import Block, Floats, Framing
from cueline.ports import Rows

RATE_HZ = 22050


class Listening:
    """Hears a sound from its first sample to its last."""

    def __init__(self, start: float, *, seconds: float, bands: int, harmonics: bool) -> None:
        """Stand before the first sample.

        Args:
            start: Seconds of the asset at which it is.
            seconds: Length of a row.
            bands: Log-mel bands of a row.
            harmonics: Whether to tell the harmonic-to-noise ratio.
        """
        self._start = start
        self._bank = bank(RATE_HZ)
        self._mel = mel_filters(RATE_HZ, bands)
        self._framing = Framing()
        self._before: Floats | None = None
        self._onsets = Onsets()
        self._modulation = Modulation(RATE_HZ)
        self._persistence = Persistence(RATE_HZ)
        self._harmonics = Harmonics() if harmonics else None
        columns = row_columns(bands, harmonics=harmonics)
        self._rows = RowMaker(start=start, rate_hz=RATE_HZ, seconds=seconds, columns=columns)

    @property
    def time(self) -> float:
        """Seconds of the asset at which the next sample is due."""
        return self._start + self._framing.count / RATE_HZ

    def put(self, samples: Floats) -> Iterator[Rows]:
        """Hear the next samples, shape (S,); give the rows that are complete."""
        for block in self._framing.put(samples):
            self._hear(block)
            rows = self._rows.complete()
            if rows is not None:
                yield rows

    def end(self) -> Iterator[Rows]:
        """No more samples: give the rows that are left."""
        for block in self._framing.end():
            self._hear(block)
        self._rows.add(onsets=self._onsets.end())
        if self._harmonics is not None:
            self._rows.add(energies=self._harmonics.end())
        rows = self._rows.end(self._framing.count)
        if rows is not None:
            yield rows

    def _hear(self, block: Block) -> None:
        measured = measure(block, self._bank)
        gains = flux(measured.levels, measured.levels[0] if self._before is None else self._before)
        self._before = measured.levels[-1]
        shape = bandwidth(block.magnitude, self._bank.hertz, measured.centroid), flatness(block.power)
        self._rows.add(
            measures=np.column_stack([table(measured), *shape, gains]),
            levels=log_mel(block.power, self._mel),
            onsets=self._onsets.put(gains),
            paces=np.column_stack([self._modulation.put(block.power), self._persistence.put(block.power)]),
        )
        if self._harmonics is not None:
            self._rows.add(energies=self._harmonics.put(block.magnitude))
