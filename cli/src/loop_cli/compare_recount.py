"""Tables of the reports recounted from the records: the recipe language of reports.yaml in its plainest form."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chassis.profiles import Profile
from loop_cli.compare_cells import TOTAL, Computed
from loop_cli.compare_facts import Band, Fact, Period
from loop_cli.compare_measures import MEASURES
from loop_cli.compare_records import Definitions, Record, Records, define, read_records
from loop_cli.recipe_tables import written

_SUBJECTS = {
    "compliments": "compliments",
    **dict.fromkeys(("audit", "cases", "parts", "actions", "dispute", "practice"), "audits"),
    **dict.fromkeys(("responses", "answers"), "feedback"),
}


def month_span(year: int, month: int, months: int) -> Period:
    """The period of so many months from the first of a month; months beyond December or before January carry over."""
    first = date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
    after = month - 1 + months
    return Period(first, date(year + after // 12, after % 12 + 1, 1) - timedelta(days=1))


@dataclass(frozen=True)
class Recount:
    """An organisation's profile (document of all files) and records."""

    profile: Mapping[str, Any]
    records: Records
    definitions: Definitions
    _facts: dict[tuple[str, Period, tuple[Band, ...]], list[Fact]] = field(default_factory=dict, repr=False)
    _tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict, repr=False)

    @staticmethod
    def of(profile: Profile, records: Path) -> "Recount":
        """Takes the profile of an organisation and the folder with its records."""
        document = profile.document(list(profile.parts))
        return Recount(document, read_records(records), define(document))

    def table(self, report: str, period: str, table: str) -> dict[tuple[str, str], Computed]:
        """The cells of a table for a period by (row code, column code); KeyError where there is no such report or table."""
        recipe = _by_code(self.profile["reports"]["reports"], report)
        found = _by_code(self.tables(recipe), table)
        cells = {}
        for column in _columns(found):
            for row in self._rows(found):
                span = row.get("period") or column.get("period") or {"from": 0, "to": 0}
                cells[row["code"], column["code"]] = self._cell(found, row, column, self.period(period, span))
        return cells

    def tables(self, recipe: Record) -> list[dict[str, Any]]:
        """The tables of a report, written out for the organisation."""
        if recipe["code"] in self._tables:
            return self._tables[recipe["code"]]
        counted = (table for table in recipe["tables"] if table["rows"]["by"] != "kpi")  # what is posted is not counted
        return self._tables.setdefault(recipe["code"], [each for table in counted for each in written(self.profile, table)])

    def period(self, code: str, span: Mapping[str, int]) -> Period:
        """The days of a period's code, moved by a span of quarters or years."""
        if quarter := re.fullmatch(r"(\d{4})-\d\d-q([1-4])", code):
            return month_span(int(quarter[1]), 3 * (int(quarter[2]) + span["from"]) + 1, 3 * (1 + span["to"] - span["from"]))
        if half := re.fullmatch(r"(\d{4})-\d\d-h([12])", code):
            return month_span(int(half[1]), 6 * (int(half[2]) + span["from"]) - 2, 6 * (1 + span["to"] - span["from"]))
        if year := re.fullmatch(r"(\d{4})-\d\d", code):
            return month_span(int(year[1]) + span["from"], 4, 12 * (1 + span["to"] - span["from"]))
        named = _by_code(self.profile["reports"]["periods"], code)
        return Period(date.fromisoformat(named["from"]), date.fromisoformat(named["to"]))

    def _rows(self, table: Record) -> Iterator[dict[str, Any]]:
        """Each row with its code, and its own filter, measure or period."""
        rows = table["rows"]
        match rows["by"]:
            case "dimension":
                for group in rows.get("groups") or ():
                    yield {"code": group["code"], "filter": {rows["dimension"]: group["members"]}}
                for member in rows.get("members") or ():
                    yield {"code": member, "filter": {rows["dimension"]: [member]}}
            case "measure":
                yield from rows["measures"]
            case _:
                yield from ({"code": each["code"], "period": each} for each in rows["periods"])
        if table["total"]:
            yield {"code": TOTAL}

    def _cell(self, table: Record, row: Record, column: Record, period: Period) -> Computed:
        measure = row.get("measure") or column["measure"]
        if not all(self._is_in_use(each.get("filter", {}), measure, period) for each in (row, column.get("own", {}))):
            return Computed("not-in-use", None)
        facts = self._counted(measure, period, self._bands(table))
        all_of = [fact for fact in facts if _passes(fact, table["filter"])]
        chosen = [fact for fact in all_of if _passes(fact, row.get("filter", {})) and _passes(fact, column.get("filter", {}))]
        number = sum(fact.amount for fact in chosen)
        if column["show"] == "count":
            return Computed("value" if number else "zero", number)
        is_ratio = any(fact.of is not None for fact in facts)
        if row.get("of") is not None:
            all_of = [fact for fact in all_of if _passes(fact, row["of"])]
        elif column["show"] == "share-of-row":
            all_of = [fact for fact in all_of if _passes(fact, row.get("filter", {}))]
        whole = sum(fact.of or 0 for fact in chosen) if is_ratio else sum(fact.amount for fact in all_of)
        if not whole:
            return Computed("not-collected", None, 0, 0)
        # Half-up without fractions.
        return Computed("value" if number else "zero", (200 * number + whole) // (2 * whole), number, whole)

    def _counted(self, measure: str, period: Period, bands: tuple[Band, ...]) -> list[Fact]:
        """All that a measure counts in a period; many cells ask for the same."""
        key = (measure, period, bands)
        if key not in self._facts:
            self._facts[key] = list(MEASURES[measure](self.records, self.definitions, period, bands))
        return self._facts[key]

    def _bands(self, table: Record) -> tuple[Band, ...]:
        if not (name := table["rows"].get("bands") or (table.get("across") or {}).get("bands")):
            return ()
        members = _by_code(self.profile["reports"]["bands"], name)["members"]
        return tuple(Band(each["code"], each["from"], each["to"], each["open"]) for each in members)

    def _is_in_use(self, chosen: Mapping[str, list[str]], measure: str, period: Period) -> bool:
        """Whether the service area of a row was one, for what the measure counts, on any day of the period."""
        for code in chosen.get("service_area", []):
            subject = next((name for start, name in _SUBJECTS.items() if measure.startswith(start)), "complaints")
            validity = _by_code(self.profile["organisation"]["service_areas"], code)["used_for"].get(subject)
            first, last = (validity["from"] or "0001-01-01", validity["until"] or "9999-12-31") if validity else ("9", "0")
            if not (first <= str(period.last) and str(period.first) <= last):
                return False
        return True


def _columns(table: Record) -> Iterator[Record]:
    """The columns, those of a cross table first: each lets through its own member of the second dimension."""
    if across := table.get("across"):
        for member in across["members"]:
            own = {across["dimension"]: [member]}
            chosen = {**across.get("filter", {}), **own}
            column = {"code": member, "measure": across["measure"], "filter": chosen, "show": "count", "own": {"filter": own}}
            yield {**column, "period": across.get("period")}
    yield from table["columns"]


def _passes(fact: Fact, chosen: Mapping[str, list[str]]) -> bool:
    return all(fact.dimensions[name] & set(members) for name, members in chosen.items())


def _by_code(items: list[dict[str, Any]], code: str) -> dict[str, Any]:
    for item in items:
        if item["code"] == code:
            return item
    raise KeyError(code)
