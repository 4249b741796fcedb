"""The way it was done before, made honest: 68 descriptors of a clip, a forest and boosting that vote 1 to 2.

The vote was chosen on the test set and clips of one recording stood on both sides; here the weights are fixed,
training sees the recordings that the shipped network learned from, and speakers, pieces and collections of the test
were never heard. Below it stands a plain logistic regression on the same numbers, scaled. Each answers one of four:
speech, music, both, neither; all four weigh the same in learning, however many windows there are of each.

References:
    L. Breiman, 2001, Random forests. J. Friedman, 2001, Greedy function approximation: a gradient boosting machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

STATES = ("speech", "music", "both", "neither")
VOTES = (1, 2)


def state_of(label: str) -> str:
    """Noise and silence are neither."""
    return label if label in STATES else "neither"


def rivals(rows: np.ndarray, labels: Sequence[str], *, seed: int = 0) -> Mapping[str, object]:
    """The two ways, trained.

    Args:
        rows: Descriptors, shape (N, 68).
        labels: Of `STATES`, N of them.
        seed: Of both ensembles.
    """
    vote = VotingClassifier(
        [
            ("forest", RandomForestClassifier(random_state=seed)),
            ("boosting", GradientBoostingClassifier(random_state=seed)),
        ],
        voting="soft",
        weights=list(VOTES),
    )
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    even = compute_sample_weight("balanced", list(labels))
    return {
        "old pipeline": vote.fit(rows, list(labels), sample_weight=even),
        "logistic regression": plain.fit(rows, list(labels), logisticregression__sample_weight=even),
    }


def chances(model: object, rows: np.ndarray) -> np.ndarray:
    """Chance of each of `STATES`, shape (N, 4)."""
    order = [list(model.classes_).index(state) for state in STATES]  # type: ignore[attr-defined]
    found: np.ndarray = model.predict_proba(rows)[:, order]  # type: ignore[attr-defined]
    return found
