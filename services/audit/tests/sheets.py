"""Sheets of outcomes, as people fill them in."""

import io
from datetime import date
from typing import Any

from openpyxl import load_workbook
from services.audit.tests.conftest import profile_of

from audit.domain.profile import AuditProfile, Tool
from audit.domain.sheet_layout import layout_of
from audit.domain.sheet_rows import RowOutcome, outcomes_of
from chassis.spreadsheet import read, template_xlsx, write_csv

TODAY = date(2026, 11, 1)
WORCESTERSHIRE = profile_of("worcestershire")
LOOPED = WORCESTERSHIRE.tools["social-care-case-file"]


def row(**changes: Any) -> dict[str, Any]:
    """A good row of a looped audit, with changes; an underscore of a name is a space."""
    good = {
        "reference": "AUD-22-001",
        "case reference": "204418",
        "service area": "safeguarding",
        "completed on": "2022-07-06",
        "overall": "good",
        "voice-of-the-child": "good",
        "voice-of-the-child lead": "good",
        "voice-of-the-child peer": "requires-improvement",
        "plans": "n/a",
        "themes": "plans-and-outcomes",
        "action 1 due": "2022-08-31",
    }
    return good | {name.replace("__", "-").replace("_", " "): value for name, value in changes.items()}


def numbered(count: int, **changes: Any) -> list[dict[str, Any]]:
    """So many good rows, each with its own reference."""
    return [row(reference=f"AUD-{number:04}", **changes) for number in range(count)]


def csv_of(*rows: dict[str, Any]) -> bytes:
    """The rows as a CSV file."""
    headings = list(dict.fromkeys(name for each in rows for name in each))
    return write_csv(headings, [[each.get(name) for name in headings] for each in rows])


def workbook_of(*rows: dict[str, Any], profile: AuditProfile = WORCESTERSHIRE, tool: Tool = LOOPED) -> bytes:
    """The rows, filled into the template."""
    book = load_workbook(io.BytesIO(template_xlsx(layout_of(profile, tool))))
    sheet = book["Outcomes"]
    headings = [cell.value for cell in sheet[1]]
    for each in rows:
        sheet.append([each.get(str(name)) for name in headings])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def rows_of(content: bytes, profile: AuditProfile = WORCESTERSHIRE, tool: Tool = LOOPED) -> list[RowOutcome]:
    """What is read of a file."""
    return list(outcomes_of(read(io.BytesIO(content), layout_of(profile, tool)), profile, tool, TODAY))
