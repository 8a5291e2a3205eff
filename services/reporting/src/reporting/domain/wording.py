"""Figures in words that a councillor understands, and that claim no more than the numbers do."""

from dataclasses import dataclass

from reporting.domain.change import Share, in_words
from reporting.domain.statistics import Evidence, evidence, percent_half_up, wilson
from reporting.domain.tables import Cell, ColumnHead, State, TableView


@dataclass(frozen=True)
class Words:
    """A figure as it stands large, and what stands small below it."""

    figure: str
    note: str


# The shorthand of the Government Analysis Function for cells without a figure, and what it says.
SHORTHAND = {State.NOT_IN_USE: "[z]", State.NOT_COLLECTED: "[x]", State.SUPPRESSED: "[c]"}
STATES = {
    State.NOT_IN_USE: "Not in use: it did not exist in the period",
    State.NOT_COLLECTED: "Not collected: there is no record of which the figure could be made",
    State.SUPPRESSED: "Left out: the number is so small that a person could be recognised, or would give such a number away",
}
NOTHING_YET = Words("–", "Nothing recorded for this period")
TOO_FEW = "[u]"  # the same function's shorthand for a figure of low reliability
FEW = "Where there are fewer than 10, the numbers are given and no percentage: one more or less would change it too much."


def share(n: int, of: int) -> Words:
    """A share with what it is worth (reports.md: under 10 no percentage, under 30 no comparison, Wilson intervals)."""
    band = evidence(of)
    if band is Evidence.NONE:
        return NOTHING_YET
    numbers = f"{n:,} of {of:,}"
    if band is Evidence.TOO_FEW_TO_REPORT:
        return Words(numbers, "Too few to give a percentage")
    low, high = wilson(n, of).percent
    percent = f"{percent_half_up(n, of)}%"
    if band is Evidence.TOO_FEW_TO_COMPARE:
        return Words(percent, f"{numbers}. Too few to compare: it could lie anywhere between {low}% and {high}%")
    return Words(percent, f"{numbers}. Likely to lie between {low}% and {high}%")


def since(words: Words, before: Share, before_label: str, after: Share) -> Words:
    """A share's words with whether it changed since an earlier one, where there are enough to give a percentage."""
    if evidence(after.of) in {Evidence.NONE, Evidence.TOO_FEW_TO_REPORT} or not before.of:
        return words
    return Words(words.figure, f"{words.note}. {before_label}: {before.n:,} of {before.of:,}. {in_words(before, after)}")


def pooled(n: int, of: int, unit: str, groups: int, group_unit: str) -> Words:
    """A share of things that come several from one source, such as the answers of a family or the points of a complaint.

    They are not independent, so the number of sources decides what the share is worth, and no interval is claimed: one over
    the things themselves would be too narrow.
    """
    if evidence(of) is Evidence.NONE:
        return NOTHING_YET
    numbers = f"{n:,} of {of:,} {unit}, from {groups:,} {group_unit}"
    band = evidence(groups)
    if band in {Evidence.NONE, Evidence.TOO_FEW_TO_REPORT}:
        return Words(f"{n:,} of {of:,}", f"{unit.capitalize()} from {groups:,} {group_unit}: too few to give a percentage")
    percent = f"{percent_half_up(n, of)}%"
    return Words(percent, f"{numbers}. Too few to compare" if band is Evidence.TOO_FEW_TO_COMPARE else numbers)


def count(n: int, before: int | None, before_label: str) -> Words:
    """A count beside the one before. That two counts differ is not said to be a change."""
    return Words(f"{n:,}", f"{before_label}: {before:,}" if before is not None else "")


def too_few(cell: Cell, column: ColumnHead) -> bool:
    """Whether a share is shown by its numbers alone."""
    return column.show == "share" and cell.of is not None and evidence(cell.of) is Evidence.TOO_FEW_TO_REPORT


def chart_description(table: TableView) -> str:
    """What a bar chart of a table's first column shows, for those who do not see it and those who do."""
    bars = [(row.label, row.cells[0].value or 0) for row in table.rows if has_bar(row.cells[0]) and row.code != "total"]
    ranked = sorted((bar for bar in bars if bar[1]), key=lambda bar: -bar[1])
    total = sum(value for _, value in bars)
    if not ranked:
        return "There is nothing to show for this period."
    unit = table.columns[0].unit
    words = [f"Of {total:,} {unit}, {ranked[0][1]:,} were: {ranked[0][0]}."]
    if rest := ranked[1:3]:
        words.append(f"Next: {' and '.join(f'{label} ({value:,})' for label, value in rest)}.")
    if empty := len(bars) - len(ranked):
        words.append("One kind had none." if empty == 1 else f"{empty} kinds had none.")
    return " ".join(words)


def has_bar(cell: Cell) -> bool:
    """Whether a cell has a length to draw."""
    return cell.state in {State.VALUE, State.ZERO}
