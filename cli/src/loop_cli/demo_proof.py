"""Whether every record is in the reports exactly once: all counts of all reports and periods, against the records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from loop_cli.compare_cells import Computed, Table
from loop_cli.compare_recount import Recount
from loop_cli.compare_tables import Cells

QUARTERS = tuple(f"{year}-{year - 1999}-q{number}" for year in (2020, 2021, 2022) for number in (1, 2, 3, 4))
SMALL = range(1, 6)
YEARS = ("2020-21", "2021-22", "2022-23")
"""The periods of the records, and a year before, in which there is nothing."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A count that is not the number of records."""

    table: Table
    row: str
    column: str
    counted: int
    computed: Computed | None

    def __str__(self) -> str:
        where = (
            f"{self.table.organisation} {self.table.report} {self.table.period} {self.table.table}: {self.row}, {self.column}"
        )
        return f"{where}: {self.counted} in the records, {self.computed or 'no cell'} in the report"


def tables_of(code: str, recount: Recount) -> Iterator[tuple[Table, frozenset[str]]]:
    """Every table of every report of an organisation in every period, with the columns that are counts."""
    for report in recount.profile["reports"]["reports"]:
        periods = YEARS if report["period"] == "year" else QUARTERS
        for period in periods:
            for table in report["tables"]:
                counts = frozenset(each["code"] for each in table["columns"] if each["show"] == "count")
                counts |= frozenset((table.get("across") or {}).get("members", ()))
                yield Table(code, report["code"], period, table["code"]), counts


def recounted(recounts: Mapping[str, Recount], fetch: Callable[[Table], Cells]) -> tuple[int, list[Difference]]:
    """How many counts were compared, and those that differ."""
    number, differences = 0, []
    for code, recount in recounts.items():
        public = {each["code"] for each in recount.profile["reports"]["reports"] if each["audience"] == "public"}
        for table, columns in tables_of(code, recount):
            cells = fetch(table)
            for (row, column), own in recount.table(table.report, table.period, table.table).items():
                if column not in columns or own.state == "not-in-use":
                    continue
                number += 1
                computed = cells.get((row, column))
                counted = int(own.value or 0)
                right = _number(computed) == counted
                if table.report in public:
                    # A public report may withhold any count, and must withhold a small one.
                    right = _withheld(computed) or (right and counted not in SMALL)
                if not right:
                    differences.append(Difference(table, row, column, counted, computed))
    return number, differences


def _withheld(computed: Computed | None) -> bool:
    return computed is not None and computed.state == "suppressed"


def _number(computed: Computed | None) -> float | None:
    """The number of records that a cell shows; before the first record of a kind there is nothing to show."""
    if computed is None or computed.state not in {"value", "zero", "not-collected"}:
        return None
    return computed.value or 0
