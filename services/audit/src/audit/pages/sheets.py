"""What the pages that take a sheet have in common: which refusals are the file's, how wrong cells are shown, templates."""

from collections.abc import Sequence
from typing import Any

from fastapi.responses import Response

from chassis.errors import DomainError
from chassis.pages import PAGE_HEADERS
from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, CellError, Layout, template_csv, template_xlsx

MOST_CELLS = 50
"""Wrong cells that a page names."""

OF_THE_FILE = frozenset(
    {
        "empty-spreadsheet",
        "form-too-large",
        "invalid-cases",
        "invalid-sheet",
        "no-file",
        "not-a-spreadsheet",
        "spreadsheet-too-large",
        "too-many-cases",
        "too-many-columns",
        "too-many-rows",
        "unreadable-spreadsheet",
        "wrong-columns",
        "wrong-state",
    }
)
"""What is wrong with a file or what it holds, and not with us: said beside its field, and the page stays."""

_TECHNICAL = (" The columns that it can have: `expected`.", " See `errors`.")


def shown_cells(error: DomainError | None, cells: Sequence[CellError]) -> dict[str, Any]:
    """What a template is given of a refusal: `errors`, `expected` columns, wrong `cells` and how many `more_cells`."""
    words = error.detail if error else ""
    for technical in _TECHNICAL:
        words = words.replace(technical, "")
    shown = cells[:MOST_CELLS]
    return {
        "errors": [("file", words)] if error else [],
        "expected": error.extra.get("expected", ()) if error else (),
        "cells": [(each.row, f"{each.column} ({each.letter})" if each.letter else each.column, each.detail) for each in shown],
        "more_cells": len(cells) - len(shown),
    }


def sheet_answer(layout: Layout, kind: str, name: str) -> Response:
    """A template to download: a workbook for `xlsx`, else CSV."""
    workbook = kind == "xlsx"
    content, media_type = (template_xlsx(layout), XLSX_TYPE) if workbook else (template_csv(layout), CSV_TYPE)
    headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}.{"xlsx" if workbook else "csv"}"'}
    return Response(content, media_type=media_type, headers=headers)
