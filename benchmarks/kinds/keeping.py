"""Material that takes minutes to make, kept in `build/kinds` for as long as what makes it stays the same.

The name of a kept file holds a hash of the code that makes material and numbers of it, of the manifest of the
recordings, and of what was asked for: weights may change, and everything is judged anew from the same numbers. To
forget, delete the folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

import cueline.features.sound as features
from benchmarks.kinds.recordings import MEDIA

FOLDER = Path("build/kinds")

Arrays = Mapping[str, np.ndarray]


def kept(name: str, asked: object, makers: Sequence[str], make: Callable[[], Arrays]) -> Arrays:
    """Arrays by name, made now or found.

    Args:
        name: Of the file.
        asked: What else they hang on; its repr counts.
        makers: Names of the modules beside this one whose code they hang on.
        make: Makes them.
    """
    path = FOLDER / f"{name}-{_hash(asked, makers)}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part.npz")
        np.savez(aside, **make())
        aside.rename(path)
    with np.load(path) as found:
        return dict(found)


def _hash(asked: object, makers: Sequence[str]) -> str:
    here, there = Path(__file__).parent, Path(features.__file__).parent
    files = [*(here / f"{name}.py" for name in makers), *sorted(there.glob("*.py")), MEDIA / "MANIFEST.md"]
    told = hashlib.sha256(repr(asked).encode())
    for file in files:
        told.update(file.read_bytes())
    return told.hexdigest()[:12]
