"""Makes boundaries.json: onset scores of mir_eval, which pairs boundaries one to one as we do.

Run with: pip install mir_eval==0.8.2 && python tests/golden/boundaries.py
"""

import json
import random
from pathlib import Path

import mir_eval
import numpy as np


def cases():
    """Films with missed, doubled, moved and invented cuts; times in milliseconds, so that text keeps them exactly."""
    dice = random.Random(7)
    for tolerance in (0.0, 0.04, 0.1, 0.5):
        for count in (1, 5, 40):
            reference = sorted(dice.sample(range(60_000), count))
            kept = [time for time in reference if dice.random() < 0.8]
            moved = [time + dice.choice((0, 0, 30, -30, 90, 400)) for time in kept]
            doubled = [time + 20 for time in kept if dice.random() < 0.2]
            invented = dice.sample(range(60_000), count // 4 + 1)
            estimated = sorted({time for time in moved + doubled + invented if time >= 0})
            yield [time / 1000 for time in reference], [time / 1000 for time in estimated], tolerance


def main():
    """Write the cases beside this script."""
    rows = []
    for reference, estimated, tolerance in cases():
        f1, precision, recall = mir_eval.onset.f_measure(np.array(reference), np.array(estimated), window=tolerance)
        rows.append(
            {
                "reference": reference,
                "estimated": estimated,
                "tolerance": tolerance,
                "precision": precision,
                "recall": recall,
                "f1": f1,
            }
        )
    made = {"made_by": f"mir_eval {mir_eval.__version__}, onset.f_measure", "cases": rows}
    Path(__file__).with_suffix(".json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
