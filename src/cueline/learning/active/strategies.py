"""The strategies that are known by name.

random             by chance
least_confident, margin, entropy    where the model is least sure
committee          where models disagree
density            unsure and like many others
batches            unsure and unlike one another
k_centre           unlike all that were asked
anomaly            odd
positives          likeliest until enough are found, then unsure
positive, negative, borderline, feeds    what people like to see
clusters           where one answer is about most clips
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cueline.errors import OptionError, near_miss
from cueline.learning.active.anomaly import Anomaly
from cueline.learning.active.asking import Strategy
from cueline.learning.active.batches import Batches
from cueline.learning.active.chance import Chance
from cueline.learning.active.committee import Committee
from cueline.learning.active.diversity import Density, KCentre
from cueline.learning.active.feeds import Borderline, Feeds, Negative, Positive
from cueline.learning.active.hierarchy import ClusterGuided
from cueline.learning.active.positives import Positives
from cueline.learning.active.uncertainty import Entropy, LeastConfident, Margin

STRATEGIES: Mapping[str, type[Strategy]] = {
    kind.name: kind
    for kind in (
        Chance,
        LeastConfident,
        Margin,
        Entropy,
        Committee,
        Density,
        Batches,
        KCentre,
        Anomaly,
        Positives,
        Positive,
        Negative,
        Borderline,
        Feeds,
        ClusterGuided,
    )
}


def strategy(name: str, **options: Any) -> Strategy:
    """A strategy by name.

    Args:
        name: Such as "margin".
        options: Its fields.

    Raises:
        OptionError: If there is none of that name, or it has no such option.

    Example:
        >>> strategy("batches", times=5)
        Batches(times=5)
    """
    if name not in STRATEGIES:
        there = ", ".join(STRATEGIES)
        raise OptionError(f"a strategy is one of {there}, got {name!r}.{near_miss(name, STRATEGIES)}")
    kind = STRATEGIES[name]
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # each is a dataclass
    for option in options:
        if option not in known:
            has = f"its options are {', '.join(known)}" if known else "it has no options"
            raise OptionError(f"the strategy {name!r} knows no {option!r}; {has}.{near_miss(option, known)}")
    return kind(**options)
