"""The sheet of KPIs to fill in: its columns from the profile, and from its rows to what is posted, or faults by cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chassis.errors import FieldError
from chassis.spreadsheet import Choice, Column, Layout, Limits, Sheet, SheetRow
from reporting.domain.kpi_figures import Observation, Place, Within, places_of
from reporting.domain.kpi_overview import last_due
from reporting.domain.kpi_posting import Posted
from reporting.domain.profile import Profile

LIMITS = Limits(rows=1_000, columns=40, cell=500)
_NAMES = {
    "kpi": "kpi",
    "month": "month",
    "service_area": "service area",
    "team": "team",
    "numerator": "numerator",
    "denominator": "denominator",
    "reason": "reason",
}
"""The column of each field of an item."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a cell: where, what stands there, and what is expected."""

    sheet: str
    row: int
    column: str
    letter: str
    found: str
    detail: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that was read: what it would post, or its faults."""

    number: int
    posted: Posted | None
    faults: tuple[Fault, ...]
    texts: tuple[str, ...]


def layout_of(profile: Profile) -> Layout:
    """The columns; they can stand in any order. Codes and names are both understood."""
    kpis = tuple(Choice(each.code, each.name) for each in profile.kpis.kpis)
    used = {area for each in profile.kpis.kpis for area in each.service_areas}
    areas = tuple(
        Choice(each.code, each.name, tuple(dict.fromkeys((each.short_name, *(former.name for former in each.former_names)))))
        for each in profile.organisation.service_areas
        if each.code in used
    )
    by_team = {area for each in profile.kpis.kpis if each.teams for area in each.service_areas}
    teams = tuple(Choice(each.code, each.name) for each in profile.organisation.teams if each.service_area in by_team)
    month = "The month, like 2026-10 or October 2026; of a quarterly KPI the last month of the quarter."
    return Layout(
        "KPIs",
        (
            Column(name="kpi", help="The KPI.", choices=kpis, required=True, aliases=("indicator", "measure")),
            Column(name="month", help=month, kind="month", required=True, example="2026-10", aliases=("period",)),
            Column(name="service area", help="The service area.", choices=areas, required=True, aliases=("area", "service")),
            Column(name="team", help="The team, of KPIs that are posted by team; else empty.", choices=teams),
            Column(
                name="numerator",
                help="What was counted, a whole number; of a KPI that is a number, the number.",
                kind="whole",
                example="18",
                aliases=("in time", "number", "value", "count"),
            ),
            Column(
                name="denominator",
                help="What it is a share of, a whole number; empty for a KPI that is a number. 0 where there were none.",
                kind="whole",
                example="20",
                aliases=("out of", "due", "total", "of"),
            ),
            Column(
                name="reason",
                help="Only to correct a figure that is recorded: why another one is right now. Without names.",
                aliases=("why", "reason for correction"),
            ),
        ),
    )


def rows_to_fill(
    profile: Profile, observations: Iterable[Observation], today: date, areas: frozenset[str]
) -> list[tuple[str, str, str, str | None]]:
    """A row for each figure of the last month that is over and is not there: KPI, month, service area, team."""
    there = {(each.kpi, each.month, each.place) for each in observations}
    rows = []
    for kpi in profile.kpis.kpis:
        month = last_due(kpi, today)
        if month is None:
            continue
        rows += [
            (kpi.code, f"{month:%Y-%m}", place.service_area, place.team or None)
            for place in places_of(kpi, profile, month, Within().limited(areas))
            if (kpi.code, month, place) not in there
        ]
    return rows


def read_rows(sheet: Sheet) -> tuple[list[ReadRow], int]:
    """What each row would post, or its faults; and how many rows were left empty, with neither number in them."""
    found, empty = [], 0
    for row in sheet.rows:
        if not row.errors and row.whole("numerator") is None and row.whole("denominator") is None:
            empty += 1
            continue
        faults = [_fault(sheet, row, each.column, each.detail) for each in row.errors]
        if not row.errors and row.whole("numerator") is None:
            faults.append(_fault(sheet, row, "numerator", "This must be filled in."))
        posted = None if faults else _posted(row)
        found.append(ReadRow(row.number, posted, tuple(faults), row.texts))
    return found, empty


def faults_of(sheet: Sheet, row: ReadRow, wrong: Sequence[FieldError]) -> list[Fault]:
    """What is wrong with an item, at the cells of its row."""
    by_number = {each.number: each for each in sheet.rows}
    return [_fault(sheet, by_number[row.number], _NAMES.get(each.pointer, ""), _said(each.detail)) for each in wrong]


def _said(detail: str) -> str:
    """Words about items, as words about rows."""
    return detail.replace("Send one of them.", "Keep one of them.").replace("Leave `corrects` out.", "")


def _posted(row: SheetRow) -> Posted:
    return Posted(
        row.text("kpi"),
        row.day("month") or date.max,
        Place(row.text("service area"), row.text("team")),
        row.whole("numerator") or 0,
        row.whole("denominator"),
        None,
        row.text("reason"),
    )


def _fault(sheet: Sheet, row: SheetRow, column: str, detail: str) -> Fault:
    letter = sheet.letters.get(column, "")
    place = place_of(letter)
    found = row.texts[place] if 0 <= place < len(row.texts) else ""
    return Fault(sheet.title or "the file", row.number, column, letter, found[:80], detail)


def place_of(letters: str) -> int:
    """The place from 0 of a column by its letters (A, Z, AA); -1 for none."""
    place = 0
    for each in letters:
        place = place * 26 + ord(each) - ord("A") + 1
    return place - 1
