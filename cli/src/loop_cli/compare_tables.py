"""Printed and computed figures side by side, one table a published report, for the terminal."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid

from loop_cli.compare_cells import Computed, Outcome, PrintedCell, Table, judge

Cells = Mapping[tuple[str, str], Computed]
"""The cells of a table by (row code, column code)."""

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_MARKS: dict[Outcome, str] = {"agrees": "[green]✓[/]", "named": "[yellow]✓[/]", "differs": "[bold red]✗[/]"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A printed cell, what was computed for it (None: there is no such cell), and the outcome."""

    cell: PrintedCell
    computed: Computed | None
    outcome: Outcome


def compare(cells: Sequence[PrintedCell], fetch: Callable[[Table], Cells]) -> list[Comparison]:
    """Every printed cell beside its computed one; `fetch` is asked once a table."""
    tables: dict[Table, Cells] = {}
    compared = []
    for cell in cells:
        if cell.table not in tables:
            tables[cell.table] = fetch(cell.table)
        computed = tables[cell.table].get((cell.row, cell.column))
        compared.append(Comparison(cell, computed, judge(cell, computed)))
    return compared


def show(console: Console, compared: Sequence[Comparison]) -> None:
    """Prints one table a published report with its reasons below, and what it all comes to."""
    for title, group in groupby(compared, key=lambda each: each.cell.report_title):
        rows = list(group)
        notes: list[str] = []
        grid = Grid(title=f"[bold]{title}[/], {len(rows)} printed figures", title_justify="left", title_style="", expand=True)
        grid.add_column("row", no_wrap=True, ratio=1)
        grid.add_column("column", no_wrap=True, max_width=20)
        grid.add_column("printed", justify="right", no_wrap=True, min_width=7)
        grid.add_column("computed", justify="right", no_wrap=True, min_width=10)
        grid.add_column("", no_wrap=True, min_width=3)
        for name, part in groupby(rows, key=lambda each: each.cell.table_title):
            grid.add_section()
            grid.add_row(f"[bold]{name}[/]")
            for each in part:
                grid.add_row(*_cells(each, notes))
        console.print(grid)
        for number, note in enumerate(notes, 1):
            console.print(Padding(f"{_raised(number)} {note}", (0, 0, 0, 2)))
        console.print()
    console.print(summary(compared))


def _cells(each: Comparison, notes: list[str]) -> tuple[str, str, str, str, str]:
    """The cells of a row; a reason is added to the notes, unless it is among them already."""
    cell, computed = each.cell, each.computed
    sign = "%" if cell.unit == "%" else ""
    printed = cell.printed if cell.printed == "-" else cell.printed + sign
    figure = "missing" if computed is None else str(computed)
    if computed is not None and computed.state in {"value", "zero"}:
        of = f"[dim]{computed.n}/{computed.of}[/] " if sign and computed.of else ""
        figure = f"{of}{figure}{sign}"
    note = cell.reason if each.outcome == "named" else f"Expected {cell.right}." if each.outcome == "differs" else None
    if note and note not in notes:
        notes.append(note)
    mark = _MARKS[each.outcome] + (_raised(notes.index(note) + 1) if note else "")
    return f"  {cell.row_label}", cell.column_label, printed, figure, mark


def _raised(number: int) -> str:
    return str(number).translate(_RAISED)


def summary(compared: Sequence[Comparison]) -> str:
    """One line: how many agree, have a named reason, or differ."""
    counted = Counter(each.outcome for each in compared)
    text = f"{len(compared)} printed figures: [green]{counted['agrees']} agree[/]"
    text += f", [yellow]{counted['named']} are printed otherwise for a named reason[/]"
    colour = "bold red" if counted["differs"] else "green"
    return f"{text}, [{colour}]{counted['differs']} differ[/]."
