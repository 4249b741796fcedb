"""Films of MovieNet's scenes: the boundaries between shots, true and estimated, from files that may be anybody's.

One file a film, `<imdb_id>.pkl`, a pickled dict of torch tensors, or the same names in `.npz`, `.safetensors` or
`.json`. Of N shots:

    scene_transition_boundary_ground_truth   bool (N - 1,): whether a scene ends between shots i and i + 1
    scene_transition_boundary_prediction     float (N - 1,): how likely somebody's model finds that
    shot_end_frame                           int (N,): the last frame of each shot, from 0, inclusive
    imdb_id                                  text; the name of the file where it is missing
    place, cast, action, audio               float (N, 2048 or 512): features, which need not be there

References:
    Q. Huang et al., 2020, MovieNet: A Holistic Dataset for Movie Understanding.
    eluv-io/elv-ml-challenge: the 64 films in this form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cueline.datasets.movienet.forms import FORMS, Values, values_of
from cueline.datasets.movienet.pickles import DataFault
from cueline.datasets.movienet.tensors import Numbers
from cueline.errors import FormatError, MediaError, TimelineError
from cueline.evaluation.boundaries.films import SceneFilm, as_answers, as_frames, as_sureness

TRUTH = "scene_transition_boundary_ground_truth"
PREDICTION = "scene_transition_boundary_prediction"
SHOT_ENDS = "shot_end_frame"
FEATURES = ("place", "cast", "action", "audio")


@dataclass(frozen=True, slots=True, eq=False)
class MovieFilm:
    """One film's file, read and checked.

    Attributes:
        name: Its IMDb id, or else the name of its file.
        path: Where it lies.
        scenes: Its boundaries, of N shots.
    """

    name: str
    path: Path
    scenes: SceneFilm

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"MovieFilm({self.name!r}, {len(self.scenes.shot_end_frame)} shots, {self.scenes.reference.sum()} ends)"


def film_files(folder: Path) -> list[Path]:
    """The files of films in a folder, in order of name; folders in it and hidden files are left out.

    Args:
        folder: The folder, or the file of one film.

    Raises:
        MediaError: If it is not there.
        FormatError: If a file of a film is given, in none of the known forms.
    """
    if folder.is_file():
        if folder.suffix.lower() not in FORMS:
            raise FormatError(f"a film's file must end in {', '.join(FORMS)}, got {str(folder)!r}", path=folder)
        return [folder]
    if not folder.is_dir():
        raise MediaError(f"there is no folder {str(folder)!r}", path=folder)
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in FORMS and not path.name.startswith(".") and path.is_file()
    )


def read_film(path: Path) -> MovieFilm:
    """The boundaries of one film; its features are not looked at.

    Args:
        path: A file in one of the forms.

    Raises:
        FormatError: If it is damaged, would run code, lacks a value, or one is not what it must be; names file and key.
        OSError: If it cannot be read.
    """
    values = _values(path)
    truth, prediction, ends = (_flat(path, values, key) for key in (TRUTH, PREDICTION, SHOT_ENDS))
    if not len(ends):
        raise _fault(path, f"{SHOT_ENDS!r} must hold a shot or more, got none")
    for key, array in ((TRUTH, truth), (PREDICTION, prediction)):
        if len(array) != len(ends) - 1:
            raise _fault(
                path,
                f"{key!r} must have N - 1 = {len(ends) - 1} values for the {len(ends)} shots of {SHOT_ENDS!r}, "
                f"got {len(array)}",
            )
    scenes = SceneFilm(
        _checked(path, as_answers, truth, TRUTH),
        _checked(path, as_sureness, prediction, PREDICTION),
        _checked(path, as_frames, ends, SHOT_ENDS),
    )
    name = _read(path, values, "imdb_id") if "imdb_id" in values else path.stem
    return MovieFilm(str(name) if isinstance(name, str) or np.ndim(name) == 0 else path.stem, path, scenes)


def read_features(path: Path, keys: Sequence[str] = FEATURES) -> Numbers:
    """Features of a film's shots, side by side.

    Args:
        path: A file in one of the forms.
        keys: Which, in which order.

    Returns:
        float32, shape (N, D).

    Raises:
        FormatError: If one is missing, of another length than the first, no numbers, or not finite.
    """
    values = _values(path)
    columns: list[Numbers] = []
    for key in keys:
        array = _table(path, values, key)
        if array.ndim != 2 or array.dtype.kind not in "fiu" or (columns and len(array) != len(columns[0])):
            raise _fault(path, f"{key!r} must be numbers of shape (N, D), N as in {keys[0]!r}, got {array.shape}")
        with np.errstate(over="ignore"):  # too large for float32 is not finite, which is refused
            columns.append(array.astype(np.float32))
        if not np.isfinite(columns[-1]).all():
            raise _fault(path, f"{key!r} must be finite")
    return np.concatenate(columns, axis=1)


def _values(path: Path) -> Values:
    try:
        return values_of(path)
    except DataFault as error:
        raise _fault(path, str(error)) from error


def _read(path: Path, values: Values, key: str) -> Any:
    if key not in values:
        raise _fault(path, f"{key!r} must be there, got {', '.join(map(repr, list(values)[:12])) or 'nothing'}")
    try:
        return values[key]()
    except DataFault as error:
        raise _fault(path, f"{key!r}: {error}") from error


def _flat(path: Path, values: Values, key: str) -> Numbers:
    """A value as an array of shape (N,); a list of plain numbers will do."""
    value = _read(path, values, key)
    if isinstance(value, list | tuple) and all(isinstance(number, int | float) for number in value):
        value = np.array(value) if value else np.empty(0)
    if not isinstance(value, np.ndarray) or value.ndim != 1 or value.dtype.kind not in "biuf":
        shape = f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
        raise _fault(path, f"{key!r} must be numbers of shape (N,), got {shape}")
    return value.copy()  # so that nothing holds the file


def _table(path: Path, values: Values, key: str) -> Numbers:
    """A value as an array of any shape; lists of lists will do."""
    try:
        return np.asarray(_read(path, values, key))
    except ValueError as error:
        if isinstance(error, FormatError):
            raise
        raise _fault(path, f"{key!r} must be rows of one length: {error!s:.120}") from error


def _checked(path: Path, check: Callable[..., Any], array: Numbers, key: str) -> Any:
    try:
        return check(array, what=repr(key))
    except TimelineError as error:
        raise _fault(path, str(error)) from error


def _fault(path: Path, message: str) -> FormatError:
    return FormatError(f"{str(path)!r}: {message}", path=path)
