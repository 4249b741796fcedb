"""Recipes: how a multi-label model is built and trained, one frozen value that says all of it.

    tagger      ours: a few residual networks on unit-length inputs, much dropout, one cycle of AdamW, answers averaged
    course      the perceptron of a course on multimedia: 1152-2000-3200-3862, ReLU, Xavier, Adam 1e-3
    logistic    one straight layer
    experts     a mixture of experts for each class, the strong video-level model of the YouTube-8M authors

References:
    S. Abu-El-Haija et al., 2016, YouTube-8M: A large-scale video classification benchmark: logistic and
    mixture-of-experts models on video-level features.
    N. Srivastava et al., 2014, Dropout. L. Breiman, 1996, Bagging predictors.
    H. Zhang et al., 2018, mixup: Beyond empirical risk minimization.
    L. N. Smith and N. Topin, 2019, Super-convergence: one cycle of the learning rate.
    I. Loshchilov and F. Hutter, 2019, Decoupled weight decay regularization.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from cueline.errors import OptionError

LEAST_BATCHES = 8  # of one epoch
LEAST_WIDTH, ROWS_A_UNIT = 64, 4  # a layer has at most one hidden number for so many rows, but so many at the least

Network = Literal["residual", "perceptron", "logistic", "experts"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is built and trained; every field takes part in what the model is.

    Attributes:
        network: Its shape.
        hidden: Width of each hidden layer; of a residual network all are equal.
        experts: For each class, of a mixture.
        members: How many networks answer together.
        standard: Whether the inputs are brought to mean 0 and deviation 1.
        unit: Whether the inputs of each track are brought to one length, so that loud and bright media count as others.
        dropout: Share of hidden numbers left out while learning.
        input_dropout: Share of inputs left out while learning.
        mixup: How strongly two rows are blended into one, the parameter of a Beta distribution; 0 for not at all.
        epochs: How often each row is seen.
        least_steps: Where rows are few, epochs are added until so many steps are made.
        batch_rows: Rows of one step.
        rate: Greatest learning rate.
        decay: Weight decay.
        cycle: Whether the rate rises and falls once; else it stays, and weights do not decay.
        calibrated: Whether chances are bent to what rows kept apart show.
    """

    network: Network = "residual"
    hidden: tuple[int, ...] = (1024, 1024)
    experts: int = 2
    members: int = 4
    standard: bool = True
    unit: bool = True
    dropout: float = 0.5
    input_dropout: float = 0.3
    mixup: float = 0.1
    epochs: int = 10
    least_steps: int = 400
    batch_rows: int = 512
    rate: float = 2e-3
    decay: float = 0.02
    cycle: bool = True
    calibrated: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be trained."""
        if self.network not in get_args(Network):
            raise OptionError(f"network must be one of {', '.join(get_args(Network))}, got {self.network!r}")
        object.__setattr__(self, "hidden", tuple(self.hidden))
        for name in ("dropout", "input_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise OptionError(f"{name} must lie in 0 to 1, 1 left out, got {getattr(self, name)}")
        for name, least in {"experts": 1, "members": 1, "epochs": 1, "batch_rows": 2}.items():
            if getattr(self, name) < least:
                raise OptionError(f"{name} must be {least} or more, got {getattr(self, name)}")
        if min(self.hidden, default=1) < 1 or (self.network == "residual" and len(set(self.hidden)) != 1):
            raise OptionError(f"hidden widths must be 1 or more, all equal in a residual network, got {self.hidden}")
        if not (self.rate > 0 and self.decay >= 0 and self.mixup >= 0):
            raise OptionError(
                f"rate must be above 0, decay and mixup 0 or more, got {self.rate}, {self.decay}, {self.mixup}"
            )

    def batch_for(self, rows: int) -> int:
        """Rows of one step when so many are learned from: smaller where they are few, two at the least."""
        return min(self.batch_rows, max(rows // LEAST_BATCHES, 2), rows)

    def fitted_to(self, rows: int, *, members: int) -> Recipe:
        """The recipe for so many rows to learn from: few rows take more epochs and narrower residual layers."""
        epochs = max(self.epochs, -(-self.least_steps // (rows // self.batch_for(rows))))
        widest = max(LEAST_WIDTH, rows // ROWS_A_UNIT)
        hidden = tuple(min(width, widest) for width in self.hidden) if self.network == "residual" else self.hidden
        return replace(self, members=members, epochs=epochs, hidden=hidden)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "hidden": list(self.hidden)}


TAGGER = Recipe()
COURSE = Recipe(
    network="perceptron",
    hidden=(2000, 3200),
    members=1,
    standard=False,
    unit=False,
    dropout=0.0,
    input_dropout=0.0,
    mixup=0.0,
    epochs=40,  # it still gets better after 8; the best one counts
    batch_rows=1024,
    rate=1e-3,
    decay=0.0,
    cycle=False,
    calibrated=False,
)
LOGISTIC = Recipe(network="logistic", hidden=(), members=1, dropout=0.0, mixup=0.0, epochs=12, rate=1e-2)
EXPERTS = Recipe(network="experts", hidden=(), members=1, dropout=0.0, mixup=0.0, epochs=12, rate=4e-3)
RECIPES = {"tagger": TAGGER, "course": COURSE, "logistic": LOGISTIC, "experts": EXPERTS}
