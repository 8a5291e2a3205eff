"""Staff page of the calendar: the days of the cycle, of rounds that are begun and of those that will be."""

from datetime import date
from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from audit.domain.timetable import Period, period, periods_around
from audit.pages.desk import Overseer, desk
from audit.pages.view import day
from audit.use_cases.read_rounds import CycleDay, Milestone, cycle
from audit.use_cases.see_audit import OFFICER
from chassis.calendar import OutsideCalendarError, WorkingDays
from chassis.errors import DomainError

BEFORE, AFTER = 1, 3
"""Months that are shown before and after the one that is asked for."""

MILESTONES: dict[Milestone, tuple[str, str]] = {
    "circulate": ("Circulate", "blue"),
    "submit": ("Submit by", "yellow"),
    "moderate": ("Moderate by", "purple"),
    "review": ("Review", "green"),
}

router = APIRouter(prefix="/audit", include_in_schema=False)


@router.get("/calendar")
async def calendar_page(request: Request, identity: Overseer, month: str = "") -> HTMLResponse:
    """Five months of the cycle, from the one before the month that is asked for."""
    async with desk(request, identity) as at:
        around = _months(month, at.context.today)
        days = await cycle(at.transaction, at.context, identity, around[0].first, around[-1].last)
        officer = identity.may(OFFICER)
        by_month = {key: list(each) for key, each in groupby(days, key=lambda each: each.day.strftime("%Y-%m"))}
        return at.show(
            "calendar.html",
            title="Calendar",
            months=[
                {
                    "code": each.code,
                    "name": f"{each.first:%B %Y}",
                    "days": [_line(one, at.context.today, officer=officer) for one in by_month.get(each.code, [])],
                }
                for each in around
            ],
            earlier=periods_around("monthly", around[0].first, 4, 0)[0].code,
            later=periods_around("monthly", around[-1].last, 0, 2)[-1].code,
            current=not month,
        )


def _months(asked: str, today: date) -> list[Period]:
    try:
        middle = period("monthly", asked[:7]).first if asked else today
        return periods_around("monthly", middle, BEFORE, AFTER)
    except DomainError:
        return periods_around("monthly", today, BEFORE, AFTER)


def _line(one: CycleDay, today: date, *, officer: bool) -> dict[str, Any]:
    words, colour = MILESTONES[one.milestone]
    begin = f"/audit/programmes/{one.programme}/rounds/new" if officer and one.milestone == "circulate" else None
    return {
        "day": f"{one.day:%A} {day(one.day)}",
        "note": _holiday(one.day),
        "today": one.day == today,
        "past": one.day < today,
        "milestone": words,
        "colour": colour,
        "title": one.title,
        "code": one.code,
        "href": f"/audit/rounds/{one.round_id}" if one.round_id is not None else begin,
        "begun": one.round_id is not None,
    }


def _holiday(on: date) -> str:
    """What stands beside a day on which nobody works."""
    calendar = WorkingDays.load()
    try:
        if calendar.is_working_day(on):
            return ""
        return calendar.holiday(on) or "not a working day"
    except OutsideCalendarError:
        return ""
