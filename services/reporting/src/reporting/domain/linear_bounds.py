"""The least and the greatest that a count can be, from all sums at once: linear programming, by HiGHS.

Counts are whole numbers and at least nought. That they are whole is not used to find the ends, and rounds them afterwards: what
this finds is never narrower than what is so, and wider only where no sum but their being whole binds counts together.
"""

from collections.abc import Hashable, Mapping, Sequence
from math import ceil, floor
from typing import Any

import highspy
import numpy as np

from reporting.domain.sums import Row

_ROUNDING = 1e-6


class Bounds:
    """Ends of unknowns that are at least nought and fulfil every row."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._places = {each: n for n, each in enumerate(dict.fromkeys(each for unknown, _ in rows for each in unknown))}
        # The class that users are meant for prints a banner, and takes over Ctrl-C.
        self._solver = highspy._Highs()  # type: ignore[attr-defined]  # noqa: SLF001
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("threads", 1)
        self._solver.setOptionValue("presolve", "off")
        self._solver.setOptionValue("solver", "simplex")
        if rows:
            self._solver.passModel(self._model(rows))

    def of(self, figure: Hashable) -> tuple[int, int | None]:
        """The least and the greatest whole number that it can be; None where it has no greatest."""
        return self.of_all({figure: 1})

    def of_all(self, parts: Mapping[Any, int]) -> tuple[int, int | None]:
        """The same of a sum of them, by their factors."""
        if not parts.keys() <= self._places.keys():
            return 0, None
        least, most = self._end(parts, 1), self._end(parts, -1)
        return max(0, ceil((least or 0) - _ROUNDING)), None if most is None else floor(most + _ROUNDING)

    def _end(self, parts: Mapping[Any, int], sign: int) -> float | None:
        for each, factor in parts.items():
            self._solver.changeColCost(self._places[each], float(sign * factor))
        self._solver.run()
        status, value = self._solver.getModelStatus(), self._solver.getInfo().objective_function_value
        for each in parts:
            self._solver.changeColCost(self._places[each], 0.0)
        return sign * value if status == highspy.HighsModelStatus.kOptimal else None

    def _model(self, rows: Sequence[Row]) -> highspy.HighsLp:
        model = highspy.HighsLp()
        width, height = len(self._places), len(rows)
        model.num_col_, model.num_row_ = width, height
        model.col_cost_, model.col_lower_ = np.zeros(width), np.zeros(width)
        model.col_upper_ = np.full(width, highspy.kHighsInf)
        model.row_lower_ = model.row_upper_ = np.array([float(rest) for _, rest in rows])
        entries = [(self._places[each], float(factor)) for unknown, _ in rows for each, factor in unknown.items()]
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0, *(len(unknown) for unknown, _ in rows)])
        model.a_matrix_.index_ = np.array([place for place, _ in entries])
        model.a_matrix_.value_ = np.array([factor for _, factor in entries])
        return model
