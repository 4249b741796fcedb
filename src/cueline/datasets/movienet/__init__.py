"""MovieNet's scenes: films with their true and estimated boundaries, read without running what a file asks for.

films      a folder of films, and one film checked
forms      pickle, torch archive, npz, safetensors and JSON as mappings from names to values
pickles    pickles read as data, by a machine that has no instruction for running code
tensors    arrays as torch and numpy pickle them, made without torch
"""

from __future__ import annotations

from cueline.datasets.movienet.films import FEATURES, MovieFilm, film_files, read_features, read_film

__all__ = ["FEATURES", "MovieFilm", "film_files", "read_features", "read_film"]
