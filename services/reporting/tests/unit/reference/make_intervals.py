"""Reference figures of shares and their differences, made once by other people's programs, too heavy to install for a test.

    python -m venv reference && reference/bin/pip install statsmodels==0.15.0 scipy
    reference/bin/python services/reporting/tests/unit/reference/make_intervals.py > intervals.json

Wilson: statsmodels.stats.proportion.proportion_confint and scipy.stats.binomtest, which must agree. Newcombe's difference:
statsmodels.stats.proportion.confint_proportions_2indep(method="newcomb").
"""

import importlib
import json
import random
import sys
from typing import Any


def shares() -> list[tuple[int, int]]:
    """Shares of few and of many, at the edges and between; the same every time."""
    chance = random.Random(1927)
    found = [(0, 1), (1, 1), (0, 30), (30, 30), (3, 6), (9, 22), (39, 43), (1, 1000), (999, 1000)]
    for of in (2, 5, 12, 30, 44, 120, 750, 20_000):
        found += [(chance.randint(0, of), of) for _ in range(4)]
    return found


def main() -> None:
    """Write the figures as JSON."""
    proportion: Any = importlib.import_module("statsmodels.stats.proportion")
    stats: Any = importlib.import_module("scipy.stats")
    wilson = []
    for n, of in shares():
        low, high = map(float, proportion.proportion_confint(n, of, method="wilson"))
        other = stats.binomtest(n, of).proportion_ci(method="wilson")
        assert abs(low - other.low) < 1e-9, (n, of)
        assert abs(high - other.high) < 1e-9, (n, of)
        wilson.append([n, of, low, high])
    newcombe = []
    chance = random.Random(1998)
    for _ in range(60):
        (a, b), (c, d) = chance.sample(shares(), 2)
        low, high = map(float, proportion.confint_proportions_2indep(c, d, a, b, method="newcomb", compare="diff"))
        newcombe.append([a, b, c, d, low, high])
    json.dump({"wilson": wilson, "newcombe": newcombe}, sys.stdout)


if __name__ == "__main__":
    main()
