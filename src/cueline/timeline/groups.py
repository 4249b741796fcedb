"""Groups of assets: what must stay together when a set is split, such as all clips of one film.

Two assets belong together when they share a group of any kind, and so do those who both belong to a third: a speaker
who is in two shows binds the two. What must not be parted is therefore a connected component.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt


def components(groups: Sequence[Mapping[str, str]], *, kinds: Collection[str] | None = None) -> npt.NDArray[np.intp]:
    """Which connected component each asset is in.

    Args:
        groups: The groups of each asset, kind to name, length N.
        kinds: The kinds that bind; all of them where none is given.

    Returns:
        Shape (N,): numbers from 0 in order of first appearance. An asset without groups is a component of its own.

    Example:
        >>> components([{"show": "A"}, {"show": "B"}, {"show": "A", "speaker": "ann"}, {"speaker": "ann"}, {}]).tolist()
        [0, 1, 0, 0, 2]
    """
    above = list(range(len(groups)))

    def top(member: int) -> int:
        while above[member] != member:
            above[member] = above[above[member]]
            member = above[member]
        return member

    first: dict[tuple[str, str], int] = {}
    for member, named in enumerate(groups):
        for kind, name in named.items():
            if kinds is None or kind in kinds:
                above[top(member)] = top(first.setdefault((kind, name), member))
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(top(member), len(numbers)) for member in range(len(groups))], dtype=np.intp)
