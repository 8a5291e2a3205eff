"""The rows of a stage: how it is written, with what its clock made of it, and how it is read."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.calendar import WorkingDays
from complaints.domain import clock
from complaints.domain.case import Finding, Stage
from complaints.domain.clock import Facts, PanelTerms, Suspension, Terms

_FACTS = ("acknowledged_on", "agreed_on", "extended_on", "extended_to", "panel_on", "reported_on", "responded_on")
_CHANGING = (
    *("started_on", "opened_on", *_FACTS, "suspensions", "ending", "confirmed_on", "internal_review", "points_changed"),
    *("due_on", "answer_by", "working_days", "calendar", "recounted"),
)
_TERMS = (
    *("limit_days", "extension_to", "counts_from", "acknowledge_within", "draft_before"),
    *("panel_report_within", "panel_answer_within"),
)
_COLUMNS = ("org", "complaint_id", "number", *_TERMS, *_CHANGING)


def _value(column: str) -> str:
    return f"cast(:{column} as jsonb)" if column == "suspensions" else f":{column}"


SAVE_STAGE = text(
    f"""
    insert into stage ({", ".join(_COLUMNS)})
    values ({", ".join(_value(column) for column in _COLUMNS)})
    on conflict on constraint stage_once do update
       set {", ".join(f"{column} = excluded.{column}" for column in (*_TERMS, *_CHANGING) if column != "recounted")},
           recounted = stage.recounted or excluded.recounted, void = false
    """  # noqa: S608 - constants of this module
)
SAVE_SPANS = text(
    """
    insert into overdue_span (org, complaint_id, stage, first_on, last_on)
    select :org, :complaint_id, :stage, new.first_on, new.last_on
      from unnest(cast(:first as date[]), cast(:last as date[])) as new (first_on, last_on)
    """
)


def stage_row(org: str, complaint_id: UUID, stage: Stage, calendar: WorkingDays, *, recounted: bool) -> dict[str, Any]:
    """The row of a stage, counted by a calendar. Raises OutsideCalendarError."""
    terms, facts = stage.terms, stage.facts
    when = clock.timing(calendar, terms, facts)
    suspensions = [{"from_on": each.from_on, "until_on": each.until_on, "reason": each.reason} for each in facts.suspensions]
    return {
        "org": org,
        "complaint_id": complaint_id,
        "number": stage.number,
        "limit_days": terms.limit,
        "extension_to": terms.extension_to,
        "counts_from": terms.counts_from,
        "acknowledge_within": terms.acknowledge_within,
        "draft_before": terms.draft_before,
        "panel_report_within": terms.panel.report_within if terms.panel else None,
        "panel_answer_within": terms.panel.answer_within if terms.panel else None,
        "started_on": facts.started_on,
        "opened_on": stage.opened_on,
        **{name: getattr(facts, name) for name in _FACTS},
        "suspensions": orjson.dumps(suspensions).decode(),
        "ending": stage.ending,
        "confirmed_on": stage.confirmed_on,
        "internal_review": stage.internal_review,
        "points_changed": stage.points_changed,
        "due_on": when.due_on,
        "answer_by": when.answer_by,
        "working_days": clock.days_taken(calendar, terms, facts),
        "calendar": calendar.version,
        "recounted": recounted,
    }


def span_row(org: str, complaint_id: UUID, stage: Stage, calendar: WorkingDays) -> dict[str, Any] | None:
    """The days on which a stage is or was overdue, as arrays; None where there are none."""
    spans = clock.overdue_spans(calendar, stage.terms, stage.facts)
    if not spans:
        return None
    return {
        "org": org,
        "complaint_id": complaint_id,
        "stage": stage.number,
        "first": [span.first for span in spans],
        # asyncpg reads the last day that a date can be as infinity, and writes it so.
        "last": [span.last or date.max for span in spans],
    }


def stage_of(row: Mapping[str, Any], findings: Mapping[str, Finding]) -> Stage:
    """A stage of its row as JSON."""
    return Stage(
        row["number"],
        terms_of(row),
        facts_of(row),
        date.fromisoformat(row["opened_on"]),
        findings,
        row["ending"],
        _day(row["confirmed_on"]),
        row["internal_review"],
        row["points_changed"],
    )


def terms_of(row: Mapping[str, Any]) -> Terms:
    """The terms of a stage's row."""
    report, answer = row["panel_report_within"], row["panel_answer_within"]
    panel = None if report is None or answer is None else PanelTerms(report, answer)
    return Terms(
        row["limit_days"], row["extension_to"], row["counts_from"], row["acknowledge_within"], row["draft_before"], panel
    )


def facts_of(row: Mapping[str, Any]) -> Facts:
    """The facts of a stage's row."""
    known = {name: _day(row[name]) for name in _FACTS if name != "extended_to"}
    started_on = date.fromisoformat(row["started_on"])
    return Facts(started_on, **known, extended_to=row["extended_to"], suspensions=tuple(_suspensions(row["suspensions"])))


def _suspensions(rows: list[dict[str, Any]]) -> Iterator[Suspension]:
    for each in rows:
        yield Suspension(date.fromisoformat(each["from_on"]), _day(each["until_on"]), each["reason"])


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
