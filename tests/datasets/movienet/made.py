"""Films made up for tests, as numbers and as what programs pickle."""

import numpy as np

TRUTH = "scene_transition_boundary_ground_truth"
PREDICTION = "scene_transition_boundary_prediction"
SHOT_ENDS = "shot_end_frame"


def values(shots=6, **others):
    """A film's values by name, as numpy arrays; every second shot ends a scene."""
    rng = np.random.default_rng(shots)
    return {
        "imdb_id": "tt0000001",
        "place": rng.normal(size=(shots, 8)).astype(np.float32),
        "audio": rng.normal(size=(shots, 4)).astype(np.float32),
        TRUTH: np.arange(shots - 1) % 2 == 1,
        PREDICTION: np.linspace(0.1, 0.9, shots - 1, dtype=np.float32),
        SHOT_ENDS: np.arange(1, shots + 1, dtype=np.int32) * 10 - 1,
        **others,
    }


def without(key):
    """A film's values, but for one."""
    return {name: value for name, value in values().items() if name != key}


def in_torch(mapping):
    """The same with torch tensors."""
    import torch

    return {key: torch.from_numpy(v.copy()) if isinstance(v, np.ndarray) else v for key, v in mapping.items()}


def write_json(path, mapping):
    """The same as JSON."""
    import json

    path.write_text(json.dumps({k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in mapping.items()}))
    return path
