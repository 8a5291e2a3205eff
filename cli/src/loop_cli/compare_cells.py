"""Printed cells, the cells of reports that they are, and whether the two agree. Pure: no clock, no network."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.profiles import Fault, ProfileFaults, YamlFile, join, parse_yaml

State = Literal["value", "zero", "not-in-use", "not-collected", "suppressed"]
Right = Annotated[int, Field(ge=0)] | Literal["zero", "not-in-use"]
Outcome = Literal["agrees", "named", "differs"]

TOTAL = "total"
_Used = tuple[int, str, str | int]
"""A rule's table, row, column or reason."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Reason(_Strict):
    """Why print is not the right figure: for these rows and columns (all, where none are named) and this printed text."""

    rows: list[str] = []
    columns: list[str] = []
    printed: str
    right: Right
    reason: str

    def fits(self, row: str, column: str, printed: str) -> bool:
        """Whether it is about this printed cell."""
        return printed == self.printed and row in (self.rows or [row]) and column in (self.columns or [column])


class TableRule(_Strict):
    """Printed labels of a table's rows and columns, and their codes."""

    printed: str
    table: str
    period: str | None = None
    rows: dict[str, str]
    total: str | None = None
    columns: dict[str, str]
    reasons: list[Reason] = []

    @property
    def codes(self) -> dict[str, str]:
        """Row codes by printed label, the row of totals among them."""
        return {**self.rows, self.total: TOTAL} if self.total else self.rows


class FileRule(_Strict):
    """The report that a file of printed figures is, for one organisation and period."""

    file: str
    organisation: str
    report: str
    period: str
    tables: list[TableRule]


class CellRules(_Strict):
    """demo/mapping.yaml. `reasons` are sentences that several cells share, by name."""

    reasons: dict[str, str]
    files: list[FileRule]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a report of an organisation for a period."""

    organisation: str
    report: str
    period: str
    table: str


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """A printed figure and the cell that it is. `right` differs from what is printed only where a reason is given."""

    table: Table
    row: str
    column: str
    report_title: str
    table_title: str
    row_label: str
    column_label: str
    printed: str
    unit: str
    right: int | Literal["zero", "not-in-use"]
    reason: str | None


@dataclass(frozen=True, slots=True)
class Computed:
    """A cell as reporting gives it; `value` is a whole number, of records or per cent; `n` of `of` where it is a share."""

    state: State
    value: float | None
    n: int | None = None
    of: int | None = None

    @classmethod
    def from_json(cls, cell: Mapping[str, Any]) -> Self:
        """Reads a cell of the reporting API."""
        return cls(cell["state"], cell["value"], cell.get("n"), cell.get("of"))

    def __str__(self) -> str:
        if self.state == "value" and self.value is not None:
            return f"{self.value:g}"
        return "0" if self.state == "zero" else self.state.replace("-", " ")


class UnmappedCells(Exception):
    """Printed cells without a mapping, or a mapping without printed cells."""


def judge(cell: PrintedCell, computed: Computed | None) -> Outcome:
    """`agrees` with print, or with the right figure that a reason names (`named`), or `differs`, also when it is missing."""
    if computed is None:
        return "differs"
    if cell.right in {"zero", "not-in-use"}:
        matches = computed.state == cell.right
    else:
        number = 0 if computed.state == "zero" else computed.value if computed.state == "value" else None
        matches = number == cell.right
    if not matches:
        return "differs"
    return "named" if cell.reason else "agrees"


def load_rules(path: Path) -> CellRules:
    """Reads the mapping; ProfileFaults names file and line of what is wrong in it."""
    file = parse_yaml(path.read_bytes(), path)
    try:
        return CellRules.model_validate(file.data)
    except ValidationError as error:
        raise ProfileFaults(list(_faults(file, error))) from error


def _faults(file: YamlFile, error: ValidationError) -> Iterator[Fault]:
    for each in error.errors():
        yield Fault(file.place(reduce(join, each["loc"], "")), each["msg"])


def load_cells(folder: Path, rules: CellRules) -> list[PrintedCell]:
    """Every printed cell of every file of a folder, in order.

    Raises UnmappedCells when a printed cell has no mapping or several, when a printed figure is no number and has no reason,
    or when a rule is used by no cell.
    """
    known = {rule.file for rule in rules.files}
    faults = [f"{path.name}: no rules for this file" for path in sorted(folder.glob("*.csv")) if path.name not in known]
    cells: list[PrintedCell] = []
    for rule in rules.files:
        path = folder / rule.file
        if not path.exists():
            faults.append(f"{rule.file}: there is no such file")
            continue
        used: set[_Used] = set()
        with path.open(newline="", encoding="utf-8") as stream:
            for line, row in enumerate(csv.DictReader(stream), 2):
                found = _cell(rule, rules.reasons, row, used)
                if isinstance(found, str):
                    faults.append(f"{rule.file}:{line}: {found}")
                else:
                    cells.append(found)
        faults += [f"{rule.file}: {unused} is used by no printed cell" for unused in _unused(rule, used)]
    if faults:
        raise UnmappedCells("\n".join(faults))
    return cells


def _cell(rule: FileRule, shared: Mapping[str, str], row: Mapping[str, str], used: set[_Used]) -> PrintedCell | str:
    """The cell of one printed line, or what is wrong with it; notes in `used` which rules were."""
    label, column, printed = row["row"], row["column"], row["printed"]
    tables = [each for each in rule.tables if each.printed == row["table"]]
    rules = [each for each in tables if label in each.codes and column in each.columns]
    if len(rules) != 1:
        return f"expected one rule for table '{row['table']}', row '{label}', column '{column}', found {len(rules)}"
    table = rules[0]
    used |= {(id(table), "row", label), (id(table), "column", column)}
    reason = next((each for each in table.reasons if each.fits(label, column, printed)), None)
    if reason is None and not printed.isdecimal():
        return f"expected a number or a reason for '{printed}'"
    if reason:
        used.add((id(table), "reason", id(reason)))
    return PrintedCell(
        table=Table(rule.organisation, rule.report, table.period or rule.period, table.table),
        row=table.codes[label],
        column=table.columns[column],
        report_title=row["report"],
        table_title=row["table"],
        row_label=label,
        column_label=column,
        printed=printed,
        unit=row["unit"],
        right=reason.right if reason else int(printed),
        reason=shared.get(reason.reason, reason.reason) if reason else None,
    )


def _unused(rule: FileRule, used: set[_Used]) -> Iterator[str]:
    for table in rule.tables:
        parts: list[tuple[str, str, str | int]] = [("row", label, label) for label in table.codes]
        parts += [("column", label, label) for label in table.columns]
        parts += [("reason", each.reason, id(each)) for each in table.reasons]
        yield from (
            f"{kind} '{words}' of '{table.printed}'" for kind, words, key in parts if (id(table), kind, key) not in used
        )


def cells_of(table: Mapping[str, Any]) -> dict[tuple[str, str], Computed]:
    """The cells of a table of the reporting API by (row code, column code)."""
    columns: Sequence[Mapping[str, Any]] = table["columns"]
    return {
        (row["code"], column["code"]): Computed.from_json(cell)
        for row in table["rows"]
        for column, cell in zip(columns, row["cells"], strict=True)
    }
