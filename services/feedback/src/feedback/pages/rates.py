"""Staff page of response rates, and the same as CSV."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.days import british_day
from chassis.outbox import now
from chassis.spreadsheet import CSV_TYPE, write_csv
from feedback.domain.link_list import month_of
from feedback.domain.profile import FeedbackProfile
from feedback.domain.rates import BYS, By, RateRow
from feedback.pages.links_desk import CHANNEL_NAMES, Staff, choices_of, day, desk, download, tidy
from feedback.use_cases.count_rates import count_rates, counted_since

PATH = "/feedback/rates"
_BY_NAMES: dict[By, str] = {
    "questionnaire": "Questionnaire",
    "team": "Team",
    "channel": "How it reached people",
    "month": "Month of issue",
}
_COLUMNS = (
    ("issued", "Issued"),
    ("waiting", "Not answered yet"),
    ("begun", "Begun, not sent"),
    ("answered", "Answered"),
    ("ended", "Ended without an answer"),
    ("declined", "Wants no reminders"),
)
_WITHHELD = "[c]"

router = APIRouter(include_in_schema=False)


def _chosen(request: Request) -> tuple[By, str]:
    wanted = request.query_params.get("by", "")
    by: By = next((each for each in BYS if each == wanted), "questionnaire")
    return by, tidy(request.query_params.get("questionnaire", ""))


@router.get(PATH)
async def rates_page(request: Request, identity: Staff) -> HTMLResponse:
    """Letters issued and answered, by questionnaire, team, channel or month."""
    by, questionnaire = _chosen(request)
    moment = now()
    async with desk(request, identity) as at:
        rows = await count_rates(at.transaction, by, questionnaire or None, identity.areas, moment)
        chosen = {"by": by, **({"questionnaire": questionnaire} if questionnaire else {})}
        return at.show(
            "rates.html",
            title="Response rates",
            bys=list(_BY_NAMES.items()),
            by=by,
            questionnaire=questionnaire,
            questionnaires=choices_of(at.profile, identity)["questionnaires"],
            table=_table(rows, by, at.profile),
            file=f"{PATH}.csv?{urlencode(chosen)}",
            since=day(counted_since(british_day(moment))),
        )


@router.get(f"{PATH}.csv")
async def rates_csv(request: Request, identity: Staff) -> Response:
    """The same figures as CSV."""
    by, questionnaire = _chosen(request)
    async with desk(request, identity) as at:
        rows = await count_rates(at.transaction, by, questionnaire or None, identity.areas, now())
        headings = [_BY_NAMES[by], *(label for _, label in _COLUMNS), "Response rate (%)"]
        lines = [[_label(row.group, by, at.profile), *map(_plain, row.counts), _plain(row.rate)] for row in rows]
    return download(write_csv(headings, lines), CSV_TYPE, f"response-rates-by-{by}.csv")


def _plain(value: int | None) -> int | str:
    return _WITHHELD if value is None else value


def _table(rows: list[RateRow], by: By, profile: FeedbackProfile) -> dict[str, Any]:
    columns = [{"code": code, "label": label, "unit": None} for code, label in _COLUMNS]
    return {
        "code": "rates",
        "title": f"Letters by {_BY_NAMES[by].lower()}",
        "rows_label": _BY_NAMES[by],
        "columns": [*columns, {"code": "rate", "label": "Response rate", "unit": "percent"}],
        "rows": [
            {
                "code": row.group or "none",
                "label": _label(row.group, by, profile),
                "total": row.group == "total",
                "cells": [*map(figure, row.counts), figure(row.rate)],
            }
            for row in rows
        ],
        "notes": [
            "Letters are links for one person. Withdrawn ones are not counted; one that was issued again is counted once.",
            "Whoever wants no reminders of a text message or e-mail may still have answered.",
            "Counts of 1 to 5, and others from which they could be worked out, are withheld; so are rates of fewer than 10.",
            "A poster has no rate: nobody knows how many have seen it.",
        ],
    }


def figure(value: int | None) -> dict[str, Any]:
    """A cell of a table; None is a figure that is withheld."""
    state = "suppressed" if value is None else "value" if value else "zero"
    return {"state": state, "value": value, "n": None, "of": None}


def _label(group: str, by: By, profile: FeedbackProfile) -> str:
    if group == "total":
        return "All"
    if by == "questionnaire":
        questionnaire = profile.questionnaire(group)
        return questionnaire.name if questionnaire else group
    if by == "team":
        team = profile.organisation.team(group)
        return team.name if team else group or "No team"
    if by == "channel":
        return CHANNEL_NAMES.get(group, group)
    month = month_of(group)
    return f"{month:%B %Y}" if month else group
