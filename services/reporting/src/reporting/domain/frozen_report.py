"""A report as it was at a moment: its tables, texts, quotes and drawings, as one JSON document that never changes.

What was withheld in a public report is not in it: it is made of the view after suppression, and of a cell only what is shown.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

import orjson

from reporting.domain.periods import Kind, Period
from reporting.domain.protection import Protection
from reporting.domain.report_changes import Change
from reporting.domain.tables import Cell, ColumnHead, ReportView, Row, State, TableView

FORM = 1
"""Of the JSON; a reader of a later form still reads this one."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text beside figures: which section, its heading, its words, who wrote it and when."""

    section: str
    title: str
    words: str = field(repr=False)
    version: int = 0
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote that two people approved, as its text was when the report was made."""

    quote_id: str
    version: int
    words: str = field(repr=False)
    language: str = "en"
    service_area: str = ""
    themes: tuple[str, ...] = ()
    source: str = ""  # the survey, in words


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: its SVG, and what it shows in words."""

    svg: str = field(repr=False)
    description: str = ""


@dataclass(frozen=True, slots=True)
class WordsChanged:
    """A text or a quote that is not as it was in the version before: `how` is written, changed, left out, added, withdrawn."""

    section: str
    title: str
    how: str


@dataclass(frozen=True)
class Frozen:
    """A report at a moment. `changes` are against the version before, where there is one."""

    organisation: str
    view: ReportView
    area: str  # label of the service area that it is limited to; empty for all
    as_of: datetime
    positions: Mapping[str, int]
    texts: tuple[Written, ...] = ()
    quotes: tuple[Quoted, ...] = ()
    charts: Mapping[str, Drawing] = field(default_factory=dict)
    reason: str = field(default="", repr=False)
    changes: tuple[Change, ...] = ()
    words_changed: tuple[WordsChanged, ...] = ()

    def dump(self) -> bytes:
        """The JSON, the same bytes for the same report."""
        body = {
            "form": FORM,
            "organisation": self.organisation,
            "area": self.area,
            "as_of": self.as_of.isoformat(),
            "positions": dict(sorted(self.positions.items())),
            "report": view_data(self.view),
            "protection": self.view.protection.data() if self.view.protection else None,
            "texts": [{**asdict(each), "at": each.at.isoformat() if each.at else None} for each in self.texts],
            "quotes": [asdict(each) for each in self.quotes],
            "charts": {code: asdict(each) for code, each in self.charts.items()},
            "reason": self.reason,
            "changes": [each.data() for each in self.changes],
            "words_changed": [asdict(each) for each in self.words_changed],
        }
        return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def load(cls, content: bytes) -> "Frozen":
        """Read it back."""
        body = orjson.loads(content)
        texts = tuple(
            Written(**{**each, "at": datetime.fromisoformat(each["at"]) if each["at"] else None}) for each in body["texts"]
        )
        protection = Protection.load(body["protection"]) if body.get("protection") else None
        return cls(
            body["organisation"],
            replace(view_of(body["report"]), protection=protection),
            body["area"],
            datetime.fromisoformat(body["as_of"]),
            body["positions"],
            texts,
            tuple(Quoted(**{**each, "themes": tuple(each["themes"])}) for each in body["quotes"]),
            {code: Drawing(**each) for code, each in body["charts"].items()},
            body["reason"],
            tuple(Change(**each) for each in body["changes"]),
            tuple(WordsChanged(**each) for each in body["words_changed"]),
        )

    def text(self, section: str) -> Written | None:
        """The text of a section."""
        return next((each for each in self.texts if each.section == section), None)

    def without(self, withdrawn: Sequence[str]) -> "Frozen":
        """The same without the words of quotes that were withdrawn since: no reader is shown them any more."""
        gone = set(withdrawn)
        return replace(self, quotes=tuple(replace(each, words="") if each.quote_id in gone else each for each in self.quotes))


def digest(content: bytes) -> str:
    """What a document is known by: SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def figures_digest(tables: Sequence[TableView]) -> str:
    """What the figures of tables are known by."""
    return digest(orjson.dumps([_table_data(each) for each in tables], option=orjson.OPT_SORT_KEYS))


def view_data(view: ReportView) -> dict[str, Any]:
    """A view as JSON."""
    period = view.period
    return {
        "report": view.code,
        "title": view.title,
        "audience": view.audience,
        "period": {
            "code": period.code,
            "kind": period.kind.value,
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "label": period.label,
            "short": period.short,
        },
        "tables": tables_data(view.tables),
        "only": view.only,
        "notes": list(view.notes),
    }


def view_of(body: Mapping[str, Any]) -> ReportView:
    """A view from JSON."""
    held = body["period"]
    first, last = date.fromisoformat(held["first"]), date.fromisoformat(held["last"])
    period = Period(held["code"], Kind(held["kind"]), first, last, held["label"], held["short"])
    tables = tables_of(body["tables"])
    return ReportView(body["report"], body["title"], body["audience"], period, tables, body["only"], tuple(body["notes"]))


def tables_data(tables: Sequence[TableView]) -> list[dict[str, Any]]:
    """Tables as JSON."""
    return [_table_data(each) for each in tables]


def tables_of(body: Sequence[Mapping[str, Any]]) -> tuple[TableView, ...]:
    """Tables from JSON."""
    return tuple(
        TableView(
            each["code"],
            each["title"],
            each["rows_label"],
            tuple(ColumnHead(**column) for column in each["columns"]),
            tuple(Row(row["code"], row["label"], tuple(map(_cell_of, row["cells"]))) for row in each["rows"]),
            tuple(each["notes"]),
            each["chart"],
        )
        for each in body
    )


def _table_data(table: TableView) -> dict[str, Any]:
    return {
        "code": table.code,
        "title": table.title,
        "rows_label": table.rows_label,
        "columns": [{"code": each.code, "label": each.label, "unit": each.unit, "show": each.show} for each in table.columns],
        # What a row's figures are made of (`Row.figures`) is for suppression alone and is left behind.
        "rows": [
            {"code": row.code, "label": row.label, "cells": [_cell_data(cell) for cell in row.cells]} for row in table.rows
        ],
        "notes": list(table.notes),
        "chart": table.chart,
    }


def _cell_data(cell: Cell) -> dict[str, Any]:
    """A cell; of one that shows no figure, its state alone, whatever it was made of."""
    shown: dict[str, Any] = {"state": cell.state.value}
    if cell.state in {State.VALUE, State.ZERO}:
        shown |= {"value": cell.value, "n": cell.n, "of": cell.of, "text": cell.text}
    return {name: value for name, value in shown.items() if value is not None}


def _cell_of(body: Mapping[str, Any]) -> Cell:
    return Cell(State(body["state"]), body.get("value"), body.get("n"), body.get("of"), body.get("text"))
