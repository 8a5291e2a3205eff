"""A report at a moment: what is kept of it, and what is not."""

from datetime import UTC, datetime

import orjson

from reporting.domain.frozen_report import Drawing, Frozen, Quoted, WordsChanged, Written, digest, figures_digest
from reporting.domain.periods import parse
from reporting.domain.report_changes import Change
from reporting.domain.tables import SUPPRESSED, Cell, ColumnHead, ReportView, Row, State, TableView

AT = datetime(2022, 7, 4, 9, 30, tzinfo=UTC)
HEADS = (ColumnHead("n", "Points", "points", "count"), ColumnHead("s", "Share", "%", "share"))
TABLE = TableView(
    "t", "Points", "Area", HEADS,
    (
        Row("a", "North", (Cell(State.VALUE, 26), Cell(State.VALUE, 67, 26, 39))),
        Row("b", "South", (SUPPRESSED, Cell(State.ZERO, 0, 0, 39))),
    ),
    ("A note.",), "bar",
)  # fmt: skip
WHOLE = Frozen(
    "Worcestershire", ReportView("r", "Report", "public", parse("2022-23-q1"), (TABLE,)), "North", AT, {"audit": 3},
    (Written("key-messages", "Key messages", "Words", 2, "Alex", AT),),
    (Quoted("0190b2f4-0000-7000-8000-000000000001", 1, "They listened.", "en", "North", ("voice",), "Survey"),),
    {"t": Drawing("<svg/>", "Bars.")}, "Late records", (Change("t", "Points", "North", "Points", "25", "26"),),
    (WordsChanged("key-messages", "Key messages", "changed"),),
)  # fmt: skip


class TestFrozen:
    def test_is_read_back_as_it_was(self) -> None:
        assert Frozen.load(WHOLE.dump()) == WHOLE

    def test_keeps_words_that_stand_in_the_place_of_a_figure(self) -> None:
        table = TableView("k", "KPIs", "KPI", HEADS[:1], (Row("a", "Visits", (Cell(State.VALUE, 3, text="Amber"),)),))
        view = ReportView("r", "Report", "internal", parse("2022-23-q1"), (table,))
        kept = Frozen.load(Frozen("W", view, "", AT, {}).dump())
        assert kept.view.tables == view.tables

    def test_the_same_report_is_the_same_bytes(self) -> None:
        assert digest(Frozen.load(WHOLE.dump()).dump()) == digest(WHOLE.dump())

    def test_holds_of_a_cell_only_what_is_shown(self) -> None:
        careless = Cell(State.SUPPRESSED, 4, 4, 17)
        counted_by = ("tally", "4 of 17")
        rows = (Row("a", "North", (careless, careless), counted_by),)
        view = ReportView("r", "Report", "public", parse("2022-23-q1"), (TableView("t", "T", "Area", HEADS, rows),))
        told = orjson.loads(Frozen("W", view, "", AT, {}).dump())
        assert told["report"]["tables"][0]["rows"] == [
            {"code": "a", "label": "North", "cells": [{"state": "suppressed"}, {"state": "suppressed"}]}
        ]

    def test_words_of_a_withdrawn_quote_are_taken_out(self) -> None:
        left = WHOLE.without([WHOLE.quotes[0].quote_id])
        assert (left.quotes[0].words, left.quotes[0].quote_id) == ("", WHOLE.quotes[0].quote_id)
        assert WHOLE.without([]) == WHOLE

    def test_no_words_are_in_what_is_logged(self) -> None:
        assert "They listened" not in repr(WHOLE.quotes)
        assert "Words" not in repr(WHOLE.texts).replace("Written", "")


class TestFiguresDigest:
    def test_changes_with_a_figure_and_not_without(self) -> None:
        assert figures_digest([TABLE]) == figures_digest(Frozen.load(WHOLE.dump()).view.tables)
        other = TableView("t", "Points", "Area", HEADS, TABLE.rows[:1], ("A note.",), "bar")
        assert figures_digest([TABLE]) != figures_digest([other])
