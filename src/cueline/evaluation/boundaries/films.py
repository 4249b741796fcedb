"""A film whose scenes are measured: an answer and a score at the end of each shot, checked.

A film of N shots has N - 1 ends of shots at which a scene may end; item i lies between shots i and i + 1.
`shot_end_frame` holds the last frame of each shot, counted from 0 and inclusive.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError

Flags = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.floating]
Frames = npt.NDArray[np.int64]
Film = tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]
Films = Iterable[Film]


class SceneFilm(NamedTuple):
    """One film's boundaries; a plain tuple of the three does as well.

    Attributes:
        reference: Whether a scene ends between shots i and i + 1, bool, shape (N - 1,).
        scores: How sure the estimate is of it, on any monotone scale, shape (N - 1,).
        shot_end_frame: The last frame of each shot, whole numbers that never fall, shape (N,).
    """

    reference: Flags
    scores: Scores
    shot_end_frame: Frames


def as_film(film: Film, *, what: str = "a film") -> SceneFilm:
    """Check one film at the door.

    Args:
        film: The three arrays; the reference may be 0 and 1 in place of bool. A shot without frames is allowed.
        what: Which film, for the message.

    Returns:
        The same as arrays: bool, floats of the precision given, int64.

    Raises:
        TimelineError: If lengths do not fit, an answer is neither 0 nor 1, a score is not finite, or frames fall.

    Example:
        >>> as_film(([0, 1], [0.1, 0.9], [9, 19, 29])).reference.tolist()
        [False, True]
    """
    if len(film) != 3:
        raise TimelineError(
            f"{what} must be (reference, scores, shot_end_frame), got {len(film)} values. Films come as a list."
        )
    reference, scores, frames = map(np.asarray, film)
    ends = len(frames) - 1 if frames.ndim == 1 else -1
    if reference.shape != (ends,) or scores.shape != (ends,):
        raise TimelineError(
            f"{what} of N shots must have reference (N - 1,), scores (N - 1,) and shot_end_frame (N,), "
            f"got {reference.shape}, {scores.shape} and {frames.shape}"
        )
    return SceneFilm(
        as_answers(reference, what=f"the reference of {what}"),
        as_sureness(scores, what=f"the scores of {what}"),
        as_frames(frames, what=f"shot_end_frame of {what}"),
    )


def as_films(films: Films) -> list[SceneFilm]:
    """Check every film; a message says which.

    Raises:
        TimelineError: As `as_film`.
    """
    return [as_film(film, what=f"film {number}") for number, film in enumerate(films)]


def as_answers(values: npt.NDArray[np.generic], *, what: str) -> Flags:
    """Answers as bool.

    Raises:
        TimelineError: If one is neither True nor False, 1 nor 0.
    """
    strange = np.flatnonzero((values != 0) & (values != 1))
    if strange.size:
        raise TimelineError(
            f"{what} must be True or False, got {values[strange[0]]} at boundary {strange[0]}. "
            "Do reference and scores stand in the wrong order?"
        )
    return values.astype(np.bool_)


def as_sureness(values: npt.NDArray[np.generic], *, what: str) -> Scores:
    """Scores as floats of the precision given.

    Raises:
        TimelineError: If one is not a finite number.
    """
    if values.dtype.kind not in "biuf":
        raise TimelineError(f"{what} must be numbers, got {values.dtype}")
    # Floats keep their precision: in float32, 0.7 is at least a threshold of 0.7; widened it would not be.
    scores: Scores = values.astype(values.dtype if values.dtype.kind == "f" else np.float64, copy=False)
    strange = np.flatnonzero(~np.isfinite(scores))
    if strange.size:
        raise TimelineError(f"{what} must be finite, got {scores[strange[0]]} at boundary {strange[0]}")
    return scores


def as_frames(values: npt.NDArray[np.generic], *, what: str) -> Frames:
    """Last frames of shots as int64.

    Raises:
        TimelineError: If one is no whole number or below 0, or if they fall.
    """
    fine = values.dtype.kind in "iuf" and (values == np.floor(values)) & (np.abs(values.astype(np.float64)) < 2**53)
    if not np.all(fine):
        raise TimelineError(f"{what} must be whole numbers below 2**53, got {values.dtype}")
    frames = values.astype(np.int64)
    falls = np.flatnonzero(np.diff(frames, prepend=0) < 0)
    if falls.size:
        shot = int(falls[0])
        raise TimelineError(
            f"{what} must begin at 0 or later and never fall, got {frames[shot]} "
            f"{f'after {frames[shot - 1]}' if shot else 'first'}, at shot {shot}"
        )
    return frames
