"""Cueline: timed metadata on libraries of video and audio, found, measured and exported.

Every public name is one import away and loaded when it is first used, so that `import cueline`
costs next to nothing.

Example:
    >>> from cueline import Span
    >>> Span(1.0, 3.0).duration
    2.0
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cueline.errors import CuelineError as CuelineError
    from cueline.timeline.answers import Answer as Answer
    from cueline.timeline.answers import Campaign as Campaign
    from cueline.timeline.answers import LabelClass as LabelClass
    from cueline.timeline.assets import Asset as Asset
    from cueline.timeline.assets import Stream as Stream
    from cueline.timeline.assets import fingerprint as fingerprint
    from cueline.timeline.records import Provenance as Provenance
    from cueline.timeline.records import Record as Record
    from cueline.timeline.spans import Span as Span
    from cueline.timeline.tracks import FeatureTrack as FeatureTrack
    from cueline.timeline.tracks import LabelTrack as LabelTrack
    from cueline.workbench.library import Library as Library

_HOMES = {
    "Answer": "cueline.timeline.answers",
    "Asset": "cueline.timeline.assets",
    "Campaign": "cueline.timeline.answers",
    "CuelineError": "cueline.errors",
    "FeatureTrack": "cueline.timeline.tracks",
    "LabelClass": "cueline.timeline.answers",
    "LabelTrack": "cueline.timeline.tracks",
    "Library": "cueline.workbench.library",
    "Provenance": "cueline.timeline.records",
    "Record": "cueline.timeline.records",
    "Span": "cueline.timeline.spans",
    "Stream": "cueline.timeline.assets",
    "fingerprint": "cueline.timeline.assets",
}

__all__ = [  # a test keeps it equal to _HOMES
    "Answer",
    "Asset",
    "Campaign",
    "CuelineError",
    "FeatureTrack",
    "LabelClass",
    "LabelTrack",
    "Library",
    "Provenance",
    "Record",
    "Span",
    "Stream",
    "fingerprint",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name == "__version__":
        return import_module("importlib.metadata").version("cueline")
    if name not in _HOMES:
        raise AttributeError(f"module 'cueline' has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
