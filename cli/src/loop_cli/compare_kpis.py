"""Tables of KPIs recounted from the records: a row a KPI, its parts as columns; targets and judgements are not counted."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from loop_cli.compare_cells import Computed
from loop_cli.compare_facts import Period

Record = Mapping[str, Any]
COUNTED = ("numerator", "rest", "denominator", "value")
_NOT_IN_USE = Computed("not-in-use", None)
_NOT_COLLECTED = Computed("not-collected", None)
_QUARTER = 3


def kpi_cells(
    table: Record, kpis: Sequence[Record], observations: Sequence[Record], period_of: Callable[[Mapping[str, int]], Period]
) -> dict[tuple[str, str], Computed]:
    """The cells of a table of KPIs by (KPI, column)."""
    known = {each["code"]: each for each in kpis}
    cells = {}
    for code in table["rows"]["kpis"]:
        own = [each for each in observations if each["kpi"] == code and _passes(each, table["filter"])]
        for column in table["columns"]:
            if column["show"] in COUNTED:
                period = period_of(column.get("period") or {"from": 0, "to": 0})
                cells[code, column["code"]] = _cell(known[code], column["show"], list(_within(known[code], own, period)))
    return cells


def _passes(each: Record, chosen: Mapping[str, list[str]]) -> bool:
    return all(each.get(name) in codes for name, codes in chosen.items())


def _within(kpi: Record, observations: Sequence[Record], period: Period) -> Iterator[Record]:
    """What counts in a period: of what stands at a day, its last month."""
    for each in observations:
        month = date.fromisoformat(f"{each['month']}-01")
        is_last = (month.year, month.month) == (period.last.year, period.last.month)
        if month in period and (is_last or kpi.get("together", "sum") != "last"):
            yield each


def _cell(kpi: Record, show: str, found: Sequence[Record]) -> Computed:
    is_share = kpi["kind"] == "share"
    if not is_share and show != "value":
        return _NOT_IN_USE
    if not found or (kpi.get("together") == "none" and len(found) > 1):
        return _NOT_COLLECTED
    n, of = (sum(each.get(name) or 0 for each in found) for name in ("numerator", "denominator"))
    counts = {"numerator": n, "rest": of - n, "denominator": of}
    if show in counts:
        return Computed("value" if counts[show] else "zero", counts[show])
    if not is_share:
        return Computed("value" if n else "zero", n)
    if not of:
        return Computed("not-collected", None, 0, 0)
    return Computed("value" if n else "zero", (200 * n + of) // (2 * of), n, of)
