"""Material that is made up: clips as they come from files, without any media."""

import numpy as np

from cueline.timeline.spans import Span
from cueline.workbench.clips.material import Clip, Material
from tests.learning.clips.made import made_problem


def made_material(first=0, groups=12, each=2, **how):
    """Clips of some groups, numbered on from the first."""
    problem = made_problem(first + groups, each, **how)
    clips = tuple(
        Clip(
            f"g{group}_chunk_{number}.wav",
            f"/media/g{group}_chunk_{number}.wav",
            Span(0.0, 10.0),
            whole=True,
            label=problem.classes[problem.labels[group * each + number]],
            group=f"g{group}",
        )
        for group in range(first + groups)
        for number in range(each)
    )
    rows = np.arange(first * each, (first + groups) * each)
    return Material(problem.values[rows], clips[first * each :], problem.inputs, {"groups_by": "made up"})
