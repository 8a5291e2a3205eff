"""The first page: what one has to do now, and for those who run programmes what is late anywhere."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from audit.adapters.directory import Directory
from audit.adapters.work_reader import Work
from audit.pages.desk import Desk, Staff, desk
from audit.pages.view import day
from audit.use_cases.list_audits import read_work

router = APIRouter(prefix="/audit", include_in_schema=False)

WEEK = timedelta(days=7)
WHAT = {
    "audit": "Audit the case",
    "returned": "Answer the moderator's question",
    "moderate": "Moderate",
    "review": "Review the actions",
    "action": "Action to finish",
    "acknowledge": "Read the result and say so",
    "discuss": "Discuss the result in supervision",
    "concern": "Concern that cannot wait",
    "dispute": "Answer the dispute",
    "circulate": "Circulate the round",
}


def address(work: Work) -> str:
    """Where it is done."""
    audit = f"/audit/audits/{work.audit_id}"
    return {
        "audit": f"{audit}/parts/{work.about}",
        "returned": f"{audit}/parts/{work.about}",
        "moderate": f"{audit}/moderation",
        "review": f"{audit}/review",
        "action": f"/audit/actions/{work.about}",
        "concern": f"/audit/concerns/{work.about}",
        "dispute": f"/audit/disputes/{work.audit_id}",
        "circulate": f"/audit/rounds/{work.audit_id}",
    }.get(work.kind, audit)


@router.get("/")
async def work_page(request: Request, identity: Staff) -> HTMLResponse:
    """What is to be done, in order of when it is due."""
    async with desk(request, identity) as at:
        today = at.context.today
        own, late = await read_work(at.transaction, at.context, at.viewer)
        names = await Directory(at.transaction, at.context.secrets).names([work.person for work in late])
        return at.show(
            "work.html",
            title="Your work",
            known=at.viewer.person is not None,
            groups=_groups(own, today, at),
            late=[_line(work, today, at) | {"person": names.get(work.person or "", "Nobody")} for work in late],
            overseer=at.viewer.is_overseer,
        )


def _groups(works: Sequence[Work], today: date, at: Desk) -> list[dict[str, Any]]:
    """Late, this week, later, without a day; empty groups are left out."""
    groups: dict[str, list[dict[str, Any]]] = {"Late": [], "Due within a week": [], "Later": [], "When you can": []}
    for work in works:
        if work.due_on is None:
            name = "When you can"
        elif work.due_on < today:
            name = "Late"
        else:
            name = "Due within a week" if work.due_on <= today + WEEK else "Later"
        groups[name].append(_line(work, today, at))
    return [{"name": name, "lines": lines} for name, lines in groups.items() if lines]


def _line(work: Work, today: date, at: Desk) -> dict[str, Any]:
    return {
        "what": WHAT[work.kind],
        "href": address(work),
        "reference": work.reference,
        "tool": at.words.tool(work.tool) if work.tool else "–",
        "team": at.words.team(work.team),
        "due": day(work.due_on),
        "late": _late_words(work.due_on, today),
        "concern": work.kind == "concern",
    }


def _late_words(due_on: date | None, today: date) -> str | None:
    if due_on is None or due_on >= today:
        return None
    days = (today - due_on).days
    return f"{days} day late" if days == 1 else f"{days} days late"
