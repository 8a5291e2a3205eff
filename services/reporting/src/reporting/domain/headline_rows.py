"""Headlines: rows that are cells of other reports, with what may be said of each.

A pack for a panel repeats no recipe: it names report, table, row and column, and counts what stands there, for its own period.
So a headline cannot differ from the report that it comes from. Below the table each headline stands as a sentence: its figure
and what that is made of, the periods before, whether it changed (`reporting.domain.change`), the measure, and the report.
"""

from collections.abc import Iterator
from dataclasses import replace

from reporting.domain import change, wording
from reporting.domain.change import Share
from reporting.domain.expansion import OTHER_ROWS, expanded
from reporting.domain.measures import MEASURES
from reporting.domain.profile import Profile
from reporting.domain.recipes import Column, Filter, Headline, HeadlineRows, MeasureRow, MeasureRows, Report, Table
from reporting.domain.tables import Cell, ColumnHead, Row, State, TableView
from reporting.domain.tallies import both

TOTAL = "total"
NOT_CHANGES = "That two counts differ is not by itself a change: they say how many there were."


class UnknownCellError(ValueError):
    """A headline names what no report has; the message says what."""


def resolved(report: Report, profile: Profile) -> Report:
    """The report, expanded already, with its headlines as what they count. Raises UnknownCellError."""
    tables = tuple(
        table.model_copy(update={"rows": _rows(table.rows, profile)}) if isinstance(table.rows, HeadlineRows) else table
        for table in report.tables
    )
    return report.model_copy(update={"tables": tables})


def _rows(rows: HeadlineRows, profile: Profile) -> MeasureRows:
    return MeasureRows(by="measure", label=rows.label, measures=tuple(row(each, profile) for each in rows.headlines))


def row(headline: Headline, profile: Profile) -> MeasureRow:
    """What a headline counts. Raises UnknownCellError."""
    report = profile.reports.report(headline.report)
    if report is None:
        raise UnknownCellError(f"there is no report '{headline.report}'")
    table = next((each for each in expanded(report, profile).tables if each.code == headline.table), None)
    if table is None:
        raise UnknownCellError(f"the report '{report.code}' has no table '{headline.table}'")
    column = next((each for each in table.columns if each.code == headline.column), None)
    if column is None:
        raise UnknownCellError(f"the table '{table.code}' has no column '{headline.column}'")
    measure, chosen = _place(table, column, headline.row)
    whole = _filter(table.filter, {} if column.show == "share" else chosen)
    share = column.show != "count" and not MEASURES[measure].is_ratio
    return MeasureRow(
        code=headline.code,
        label=headline.label,
        measure=measure,
        filter=_filter(table.filter, column.filter, chosen),
        of=whole if share else None,
        told=f"Counted as “{MEASURES[measure].name}”. From the report “{report.title}”, table “{table.title}”.",
        several=headline.several,
    )


def _place(table: Table, column: Column, code: str) -> tuple[str, Filter]:
    """The measure of a row, and what the row lets through."""
    rows = table.rows
    if isinstance(rows, MeasureRows):
        for each in rows.measures:
            if each.code == code:
                return each.measure, each.filter
    elif not isinstance(rows, OTHER_ROWS) and rows.dimension != "band" and column.measure is not None:
        if code == TOTAL and table.total:
            return column.measure, {}
        groups = {each.code: each.members for each in rows.groups}
        if members := groups.get(code) or tuple(member for member in rows.listed if member == code and not rows.groups):
            return column.measure, {rows.dimension: members}
    raise UnknownCellError(f"the table '{table.code}' has no row '{code}' that a headline can be made of")


def _filter(*filters: Filter) -> Filter:
    return dict(both(*(each.items() for each in filters)))


def told(view: TableView, recipe: Table) -> TableView:
    """The table with a sentence for each headline; after what has to be withheld was withheld."""
    rows = recipe.rows
    if not isinstance(rows, MeasureRows) or not any(each.told for each in rows.measures):
        return view
    by_code = {each.code: each for each in rows.measures}
    sentences = tuple(_sentence(each, by_code[each.code], view.columns) for each in view.rows if each.code in by_code)
    counts = (NOT_CHANGES,) if any(column.show == "count" for column in view.columns) and len(view.columns) > 1 else ()
    return replace(view, notes=(*sentences, *counts, *view.notes))


def _sentence(row: Row, headline: MeasureRow, columns: tuple[ColumnHead, ...]) -> str:
    parts = _parts(row, headline, columns)
    return f"{headline.label}: {' '.join(parts)} {headline.told}"


def _parts(row: Row, headline: MeasureRow, columns: tuple[ColumnHead, ...]) -> Iterator[str]:
    first, now = columns[0], row.cells[0]
    if now.state not in {State.VALUE, State.ZERO}:
        yield f"no figure for {first.label} ({wording.STATES[now.state].lower()})."
        return
    unit = MEASURES[headline.measure].unit
    if first.show == "count":
        before = [f"{label.label}: {cell.value or 0:,}" for label, cell in _earlier(row, columns)]
        yield f"{'; '.join([f'{now.value or 0:,} {unit} in {first.label}', *before])}."
        return
    words = wording.share(now.n or 0, now.of or 0)
    figure = (
        words.figure if words.figure.startswith(f"{now.n or 0:,} of") else f"{words.figure}, {now.n or 0:,} of {now.of or 0:,}"
    )
    yield f"{figure} {unit} in {first.label}."
    if headline.several:
        yield "Several come from one family or complaint, so no range and no change is claimed."
    elif words.note and ". " in words.note:
        yield f"{words.note.split('. ', 1)[1]}."
    elif words.note and not words.note[0].isdigit():
        yield f"{words.note}."
    for head, cell in _earlier(row, columns):
        yield f"{head.label}: {cell.n or 0:,} of {cell.of or 0:,}."
        if not headline.several:
            yield change.in_words(Share(cell.n or 0, cell.of or 0), Share(now.n or 0, now.of or 0))


def _earlier(row: Row, columns: tuple[ColumnHead, ...]) -> Iterator[tuple[ColumnHead, Cell]]:
    """The periods before that have a figure."""
    for head, cell in zip(columns[1:], row.cells[1:], strict=True):
        if cell.state in {State.VALUE, State.ZERO}:
            yield head, cell
