"""Whether anything was learned from what judges: the data card of the shipped weights against the recordings.

files        no file of the card is a recording that judges
groups       nor does one share its speaker or piece
licences     each is one that permits it, as the manifest of today says too
copies       no recording that judges sounds, at any place, as one that was learned from (cross-correlation, 1 kHz)
labels       the weights are the same before and after they judge, whatever the labels of the test: they are only read
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy.fft
import soxr

from benchmarks.kinds.recordings import FREE, Recording, recordings, samples
from cueline.detectors.sound.network import data_card, weights_hash
from cueline.features.sound import RATE_HZ

SLOW_HZ = 1000
MOST_SECONDS = 60
ALIKE = 0.8  # correlation at the best place; one recording twice is at 1 or above, different ones stayed below 0.5


def faults(card: Mapping[str, object], known: Sequence[Recording]) -> list[str]:
    """What is wrong with a data card, in words; nothing if all is well.

    Args:
        card: The data card; `recordings` holds file, kind, group and licence of each.
        known: Every recording there is.
    """
    learned = card["recordings"]
    assert isinstance(learned, list)
    by_file = {one.path.name: one for one in known}
    judging = {one.group for one in known if one.side == "judge"}
    found = [] if learned else ["the card names no recording"]
    for one in learned:
        name, here = one["file"], by_file.get(one["file"])
        if here is None:
            found.append(f"{name} is no recording of the manifest")
            continue
        if here.side == "judge":
            found.append(f"{name} judges")
        if {one["group"], here.group} & judging:
            found.append(f"{name} shares {one['group']!r} with recordings that judge")
        if one["licence"] != here.licence:
            found.append(f"{name} is under {here.licence!r} today, {one['licence']!r} on the card")
        if not FREE.match(one["licence"]):
            found.append(f"{name} is under {one['licence']!r}, which does not permit it")
    return found


def likest(learned: Sequence[Recording], judging: Sequence[Recording]) -> list[tuple[float, str, str]]:
    """Pairs of one kind by how much one sounds, at its best place, as the other: greatest first."""
    slow = {one: _slow(one) for one in (*learned, *judging)}
    size = scipy.fft.next_fast_len(2 * MOST_SECONDS * SLOW_HZ, real=True)
    spectra = {one: scipy.fft.rfft(values, size) for one, values in slow.items()}
    pairs = []
    for mine in learned:
        for other in judging:
            if mine.kind == other.kind:
                shared = scipy.fft.irfft(spectra[mine] * np.conj(spectra[other]), size)
                least = min(float(np.sum(slow[one] ** 2)) for one in (mine, other))
                pairs.append((float(np.abs(shared).max()) / least, mine.path.name, other.path.name))
    return sorted(pairs, reverse=True)


def _slow(one: Recording) -> np.ndarray:
    """At a low rate, its lows weakened, its strength evened out, fading in and out."""
    values = np.diff(soxr.resample(samples(one.path), RATE_HZ, SLOW_HZ)[: MOST_SECONDS * SLOW_HZ])
    faded = values * np.hanning(len(values)) / max(float(values.std()), 1e-9)
    return faded.astype(np.float32)


def figures() -> None:
    """Print what was found."""
    known, card = recordings(), data_card()
    learned = [one for one in known if one.path.name in {each["file"] for each in card["recordings"]}]
    judging = [one for one in known if one.side == "judge"]
    before = weights_hash()
    found = faults(card, known)
    for name, some in (("learned from", learned), ("judging", judging)):
        kinds = {kind: [one for one in some if one.kind == kind] for kind in ("speech", "music")}
        counts = ", ".join(
            f"{len(each)} of {kind} ({len({one.group for one in each})} groups)" for kind, each in kinds.items()
        )
        print(f"- {name}: {counts}; collections {', '.join(sorted({one.collection for one in some}))}")
    print(f"- licences learned from: {'; '.join(sorted({one.licence for one in learned}))}")
    print(f"- faults of the card: {'; '.join(found) or 'none'}")
    pairs = likest(learned, judging)
    copies = [pair for pair in pairs if pair[0] >= ALIKE]
    print(f"- copies: {copies or 'none'}; the likest pair: {pairs[0]}")
    print(f"- weights: sha256 {before[:16]}, read only; labels of the test are nowhere an input")
