"""Reference figures of agreement, made once by other people's programs; they are too heavy to install for a test.

    python -m venv reference && reference/bin/pip install irrCAC==0.4.4 statsmodels==0.15.0
    reference/bin/python services/audit/tests/unit/domain/reference/make_agreement.py > agreement.json

Weighted kappa, its standard error and interval: statsmodels.stats.inter_rater.cohens_kappa. AC2 with the same:
irrCAC.table.CAC(...).gwet(), the Python edition of Gwet's own package for R.
"""

import importlib
import json
import random
import sys
from typing import Any

SCHEMES = {"identity": None, "linear": "linear", "quadratic": "quadratic"}


def tables() -> list[list[list[int]]]:
    """Square tables of two to six grades, with and without a strong diagonal; the same every time."""
    chance = random.Random(1969)
    found = []
    for grades in (2, 3, 4, 5, 6):
        for lean in (0, 5, 40):
            for _ in range(3):
                cells = [[chance.randint(0, 9) for _ in range(grades)] for _ in range(grades)]
                for rank in range(grades):
                    cells[rank][rank] += lean
                found.append(cells)
    found.append([[0, 1, 0, 0], [2, 95, 4, 0], [0, 3, 1, 0], [0, 0, 0, 0]])  # nearly all are good, and none inadequate
    return found


def main() -> None:
    """Write the figures as JSON."""
    numpy: Any = importlib.import_module("numpy")
    pandas: Any = importlib.import_module("pandas")
    rater: Any = importlib.import_module("statsmodels.stats.inter_rater")
    irr: Any = importlib.import_module("irrCAC.table")
    listed = []
    for cells in tables():
        entry: dict[str, Any] = {"cells": cells, "kappa": {}, "ac2": {}}
        for name, scheme in SCHEMES.items():
            found = rater.cohens_kappa(numpy.array(cells), wt=scheme)
            entry["kappa"][name] = [float(each) for each in (found.kappa, found.std_kappa, found.kappa_low, found.kappa_upp)]
        for name in (*SCHEMES, "ordinal"):
            gwet = irr.CAC(pandas.DataFrame(cells), weights=name, digits=12).gwet()["est"]
            values = (gwet["coefficient_value"], gwet["se"], *gwet["confidence_interval"])
            entry["ac2"][name] = [float(numpy.ravel(each)[0]) for each in values]
        listed.append(entry)
    json.dump(listed, sys.stdout)


if __name__ == "__main__":
    main()
