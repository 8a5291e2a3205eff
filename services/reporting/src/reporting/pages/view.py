"""What the templates are given: tables in the shape of the layout's macro, choices of periods."""

from typing import Any

from reporting.domain import wording
from reporting.domain.evaluation import TOTAL
from reporting.domain.periods import FIRST_YEAR, LAST_YEAR, Kind, Period, containing
from reporting.domain.tables import Cell, ColumnHead, TableView
from reporting.domain.wording import too_few

EARLIER = 12  # periods offered before the one that is shown
LATER = 4


def table_for(table: TableView) -> dict[str, Any]:
    """A table for `data_table`. Shares of fewer than 10 are shown by their numbers."""
    few = any(too_few(cell, head) for row in table.rows for cell, head in zip(row.cells, table.columns, strict=True))
    return {
        "code": table.code,
        "title": table.title,
        "rows_label": table.rows_label,
        "columns": [{"code": each.code, "label": each.label, "unit": each.unit} for each in table.columns],
        "rows": [
            {
                "code": row.code,
                "label": row.label,
                "total": row.code == TOTAL,
                "cells": [_cell(cell, head) for cell, head in zip(row.cells, table.columns, strict=True)],
            }
            for row in table.rows
        ],
        "notes": [*table.notes, *([wording.FEW] if few else [])],
    }


def choices(shown: Period) -> list[tuple[str, str, bool]]:
    """Periods to choose from, latest first: code, label, and whether it is the one shown."""
    if shown.kind not in {Kind.QUARTER, Kind.HALF, Kind.YEAR}:
        return []
    steps = [shown.shift(step) for step in range(LATER, -EARLIER - 1, -1) if _within(shown, step)]
    return [(each.code, each.label, each.code == shown.code) for each in steps]


def _within(shown: Period, step: int) -> bool:
    years = abs(step) // (shown.steps_in_a_year or 1) + 1
    return FIRST_YEAR + years <= containing(shown.first, Kind.YEAR).first.year <= LAST_YEAR - years


def _cell(cell: Cell, head: ColumnHead) -> dict[str, Any]:
    shown: dict[str, Any] = {"state": cell.state.value, "value": cell.value, "n": cell.n, "of": cell.of}
    if too_few(cell, head):
        shown["text"] = f"{cell.n} of {cell.of}"
    elif cell.text is not None:
        shown["text"] = cell.text
    return shown
