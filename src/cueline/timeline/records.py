"""Record: an asset with its tracks; and Provenance: who made a track, from what.

A Record is what a store gives back. Provenance says enough to make a track again, or to tell that it
would come out differently: plug-in, version, options, hashes of weights and inputs, class versions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from cueline.errors import FormatError
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import Track

Tracks = Mapping[str, Track]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who made a track.

    Attributes:
        plugin: Name of the plug-in, such as "shots".
        version: Version of the plug-in; a change of its results raises it.
        options: Its options as plain values.
        inputs: Fingerprint of each track it used, by name.
        weights: Hash of each file of weights it loaded, by name.
        classes: Version of each class it knows, by name.
        answers: Revision of people's answers it learned from, or None.
    """

    plugin: str
    version: str
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    answers: int | None = None

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that change with anything that could change the result."""
        return hashlib.blake2b(self.to_json().encode(), digest_size=16).hexdigest()

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Provenance:
        """The inverse of `to_json`.

        Raises:
            FormatError: If the text is something else.
        """
        try:
            return cls(**json.loads(text))
        except (TypeError, ValueError) as error:
            raise FormatError(f"provenance must be JSON as to_json() writes it, got {text[:80]!r}: {error}") from error


@dataclass(frozen=True, slots=True)
class Record:
    """An asset with its tracks, and who made each.

    Attributes:
        asset: Whose tracks these are.
        tracks: By name.
        provenance: By name of track.
    """

    asset: Asset
    tracks: Tracks = field(default_factory=dict)
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
