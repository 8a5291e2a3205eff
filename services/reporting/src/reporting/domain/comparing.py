"""Comparing a report with earlier periods: a table's columns of its own period are repeated for each of them.

A recipe says with how many a table compares itself (`compare`); a reader may ask for others. What a recipe writes out itself
(a column with a period of its own) stands as it is, unless it is the earlier figure of another column and the reader asked.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from reporting.domain import periods
from reporting.domain.periods import Kind, Period
from reporting.domain.recipes import THIS, Column, PeriodRow, PeriodRows, Report, Span, Table

YEAR_BEFORE = "year-before"
MOST = 11  # earlier periods: with its own that is a table of twelve
WIDEST = 24  # columns of figures: more cannot be read, on a page or in print
_NUMBER = re.compile(r"^\d{1,3}$", re.ASCII)
_PERIODS = {"quarter": "quarters", "half-year": "half-years", "year": "years"}

Steps = tuple[int, ...]
"""How many periods back each compared one is, nearest first: (1, 2, 4)."""


class CannotCompareError(ValueError):
    """What was asked for cannot be compared with; the message says what can."""


def steps_of(period: Period, asked: Iterable[str]) -> Steps | None:
    """What was asked for, as steps back; None where nothing was, none (`0`) where no comparison is wanted.

    A number of periods before, `year-before`, or the code of an earlier period of the same kind; several together are all of
    them. Raises CannotCompareError.
    """
    wanted = [each for each in asked if each]
    if not wanted:
        return None
    if period.kind is Kind.NAMED and set(wanted) != {"0"}:
        raise CannotCompareError("a period with a name of its own has no earlier ones to compare it with")
    found = sorted({step for each in wanted for step in _steps(period, each)})
    if len(found) > MOST:
        raise CannotCompareError(f"a report can be compared with {MOST} earlier periods, and {len(found)} were asked for")
    try:
        if found:
            period.shift(-found[-1])
    except periods.UnknownPeriodError as error:
        raise CannotCompareError(str(error)) from None
    return tuple(found)


def _steps(period: Period, asked: str) -> Iterator[int]:
    if _NUMBER.match(asked):
        yield from range(1, int(asked) + 1)
        return
    if asked == YEAR_BEFORE:
        if period.steps_in_a_year is None:
            raise CannotCompareError("there is no period of this length a year before")
        yield period.steps_in_a_year
        return
    try:
        other = periods.parse(asked)
    except periods.UnknownPeriodError as error:
        raise CannotCompareError(
            f"expected a number of earlier periods (4), `{YEAR_BEFORE}` or an earlier period; {error}"
        ) from None
    yield _steps_back(period, other)


def _steps_back(period: Period, other: Period) -> int:
    """How many steps before a period another of the same kind is."""
    if other.kind is period.kind and other.first < period.first:
        near = max(1, round((period.first - other.first).days / ((period.last - period.first).days + 1)))
        for step in (near, near - 1, near + 1):
            if step > 0 and period.shift(-step) == other:
                return step
    raise CannotCompareError(f"expected a period before {period.label} that is as long, found {other.label}")


def compared(report: Report, steps: Steps | None) -> Report:
    """The report with its tables compared: with what was asked for, or with what each table's recipe says."""
    tables = tuple(_table(each, steps, report.period) for each in report.tables)
    return report.model_copy(update={"tables": tables})


def _table(table: Table, steps: Steps | None, kind: str) -> Table:
    asked = steps is not None
    if steps is None:
        steps = tuple(range(1, table.compare + 1))
    if not asked and not steps:
        return table
    if isinstance(table.rows, PeriodRows):
        return table.model_copy(update={"rows": _rows(table.rows, steps)})
    held = [each for each in table.columns if not _is_replaced(each, table.columns, steps, asked=asked)]
    bases = sum(1 for each in held if each.period == THIS and each.compare)
    fixed = len(held) - bases + (len(table.across.listed) if table.across else 0)
    room = max(1, (WIDEST - fixed) // bases - 1) if bases else 0
    shown = steps[:room]
    columns = tuple(column for each in held for column in _columns(each, shown, table.columns))
    notes = table.notes
    if len(shown) < len(steps):
        word = _PERIODS.get(kind, "periods")
        notes = (*notes, f"Compared with {len(shown)} of the {len(steps)} {word} asked for: more columns could not be read.")
    return table.model_copy(update={"columns": columns, "notes": notes})


def _rows(rows: PeriodRows, steps: Steps) -> PeriodRows:
    """The recipe's rows, and one for each compared period that is not among them, before them and oldest first."""
    there = {(each.from_, each.to) for each in rows.periods}
    more = [
        PeriodRow.model_validate({"code": f"minus-{step}", "label": "{period}", "from": -step, "to": -step})
        for step in reversed(steps)
        if (-step, -step) not in there
    ]
    taken = {each.code for each in rows.periods}
    return rows.model_copy(update={"periods": (*(each for each in more if each.code not in taken), *rows.periods)})


def _is_replaced(column: Column, columns: Sequence[Column], steps: Steps, *, asked: bool) -> bool:
    """Whether it is another column's figure of an earlier period, and is asked for (then it comes again) or no longer is."""
    step = -column.period.to
    if column.period.from_ != column.period.to or not step or not (asked or step in steps):
        return False
    return any(each.period == THIS and _figure(each) == _figure(column) for each in columns)


def _columns(column: Column, steps: Steps, there: Sequence[Column]) -> Iterator[Column]:
    """A column and its earlier ones; those that the recipe has of a period keep their code and their words."""
    if column.period != THIS or not steps or not column.compare:
        yield column
        return
    named = "{period}" in column.label
    label = column.label if named else f"{column.label}, {{period}}"
    yield column if named else column.model_copy(update={"label": label})
    codes = {each.code for each in there}
    for step in steps:
        span = Span.model_validate({"from": -step, "to": -step})
        held = next((each for each in there if each.period == span and _figure(each) == _figure(column)), None)
        if held is not None:
            yield held
            continue
        code = f"minus-{step}" if column.code == "this" else f"{column.code[:68]}-minus-{step}"
        if code in codes:
            code = f"{column.code[:68]}-before-{step}"
        yield column.model_copy(update={"code": code, "label": label, "period": span})


def _figure(column: Column) -> tuple[object, ...]:
    return column.measure, tuple(sorted(column.filter.items())), column.show
