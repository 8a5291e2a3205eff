"""Whether every record is in the reports exactly once: all figures of all reports and periods, against the records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from loop_cli.compare_cells import Computed, Table
from loop_cli.compare_recount import Recount
from loop_cli.compare_tables import Cells

QUARTERS = tuple(f"{year}-{year - 1999}-q{number}" for year in (2020, 2021, 2022) for number in (1, 2, 3, 4))
SMALL = range(1, 6)
HALVES = tuple(f"{year}-{year - 1999}-h{number}" for year in (2020, 2021, 2022) for number in (1, 2))
YEARS = ("2020-21", "2021-22", "2022-23")
"""The periods of the records, and a year before, in which there is nothing."""

_PERIODS = {"year": YEARS, "half-year": HALVES}


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what the records hold."""

    table: Table
    row: str
    column: str
    counted: str
    computed: Computed | None

    def __str__(self) -> str:
        where = (
            f"{self.table.organisation} {self.table.report} {self.table.period} {self.table.table}: {self.row}, {self.column}"
        )
        return f"{where}: {self.counted} in the records, {self.computed or 'no cell'} in the report"


def tables_of(code: str, recount: Recount) -> Iterator[Table]:
    """Every table of every report of an organisation in every period."""
    for report in recount.profile["reports"]["reports"]:
        for period in _PERIODS.get(report["period"], QUARTERS):
            for table in recount.tables(report):
                yield Table(code, report["code"], period, table["code"])


def recounted(recounts: Mapping[str, Recount], fetch: Callable[[Table], Cells]) -> tuple[int, list[Difference]]:
    """How many figures were compared, and those that differ."""
    number, differences = 0, []
    for code, recount in recounts.items():
        public = {each["code"] for each in recount.profile["reports"]["reports"] if each["audience"] == "public"}
        for table in tables_of(code, recount):
            cells, counted = fetch(table), recount.table(table.report, table.period, table.table)
            if not cells and not any(own.value or own.of for own in counted.values()):
                continue  # a table that stands for each member is left out where nothing was counted for it
            for (row, column), own in counted.items():
                if own.state == "not-in-use":
                    continue
                number += 1
                computed = cells.get((row, column))
                if not (_withheld(computed, own) if table.report in public else _agree(computed, own)):
                    differences.append(Difference(table, row, column, _words(own), computed))
    return number, differences


def _agree(computed: Computed | None, own: Computed) -> bool:
    """Whether the report counts what the records hold; before the first record of a kind there is nothing to show."""
    if computed is None or computed.state == "not-in-use":
        return own.of == 0  # a question that was not asked in the period
    if computed.state not in {"value", "zero", "not-collected"}:
        return False
    if own.of is None:
        return (computed.value or 0) == (own.value or 0)
    return (computed.n or 0, computed.of or 0) == (own.n or 0, own.of)


def _withheld(computed: Computed | None, own: Computed) -> bool:
    """Whether a public report shows the right figure, or withholds it; a small count it has to withhold."""
    if computed is not None and computed.state == "suppressed":
        return True
    return _agree(computed, own) and (own.of is not None or own.value not in SMALL)


def _words(own: Computed) -> str:
    return str(own.value or 0) if own.of is None else f"{own.n or 0} of {own.of}"
