"""Makes agreement.json: what krippendorff and statsmodels say of tables of ratings with and without missing answers.

Run with: pip install krippendorff==0.9.0 statsmodels==0.15.0 && python -m tests.golden.agreement
"""

import json
import random
from pathlib import Path

import krippendorff
import numpy as np
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa


def ratings(dice, items, people, categories, *, missing, noise):
    """A table of made-up ratings: a truth for each item, said or mistaken or left out; missing is -1."""
    table = []
    for _ in range(items):
        truth = min(int(dice.expovariate(1.0)), categories - 1)
        row = [dice.randrange(categories) if dice.random() < noise else truth for _ in range(people)]
        table.append([-1 if dice.random() < missing else said for said in row])
    return table


def alpha(table):
    """Nominal alpha; people are rows there, and NaN is missing."""
    data = np.array(table, float).T
    return float(krippendorff.alpha(np.where(data < 0, np.nan, data), level_of_measurement="nominal"))


def kappa(first, second, categories):
    """Cohen's kappa of the items that both judged."""
    counts = np.zeros((categories, categories))
    for one, two in zip(first, second, strict=True):
        if one >= 0 and two >= 0:
            counts[one, two] += 1
    return float(cohens_kappa(counts, return_results=False))


def main():
    """Write the cases."""
    dice, cases = random.Random(20), []
    for missing in (0.0, 0.0, 0.0, 0.2, 0.5, 0.7):
        for categories in (2, 3, 5):
            table = ratings(dice, 80, 4, categories, missing=missing, noise=0.4)
            columns = list(zip(*table, strict=True))
            case = {"ratings": table, "alpha": alpha(table), "cohen": kappa(*columns[:2], categories)}
            if not missing:
                case["fleiss"] = float(fleiss_kappa(aggregate_raters(np.array(table))[0]))
            cases.append(case)
    text = json.dumps(cases, separators=(",", ":")).replace('{"ratings"', '\n{"ratings"')
    Path(__file__).with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    main()
