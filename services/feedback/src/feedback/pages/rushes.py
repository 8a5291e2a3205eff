"""Staff page of answers that came in a rush by an open link: by the hour, never what was answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.days import british_time
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import redirect
from feedback.adapters.rushes import HOUR, Hour
from feedback.domain.rush import LONG_MOST, SHORT_MOST, Standing
from feedback.pages.links_desk import Officer, Staff, day, desk, posted
from feedback.pages.links_list import LIST
from feedback.use_cases.look_at_rush import decide_rush, look_at_rush

router = APIRouter(prefix=LIST, include_in_schema=False)

DECISIONS: dict[str, Standing] = {"count": "counted", "leave-out": "left-out"}


@router.get("/{invitation_id}/answers")
async def by_hour(request: Request, identity: Staff, invitation_id: UUID, changed: int | None = None) -> HTMLResponse:
    """The hours of a poster in which many answers came, or some that do not count."""
    return await _page(request, identity, invitation_id, changed=changed)


async def _page(request: Request, identity: Identity, ident: UUID, status: int = 200, **more: Any) -> HTMLResponse:
    async with desk(request, identity) as at:
        found = await look_at_rush(at.transaction, ident, identity.areas)
        questionnaire = at.profile.questionnaire(found.invitation.questionnaire)
        return at.show(
            "links/answers.html",
            status,
            title="Answers that came in a rush",
            address=f"{LIST}/{ident}",
            name=found.invitation.reference or (questionnaire.name if questionnaire else found.invitation.questionnaire),
            rows=[_row(each) for each in found.hours],
            short_most=SHORT_MOST,
            long_most=LONG_MOST,
            **more,
        )


def _row(each: Hour) -> dict[str, Any]:
    begins, ends = british_time(each.hour), british_time(each.hour + HOUR)
    return {
        "value": each.hour.isoformat(),
        "when": f"{day(begins.date())}, {begins:%H:%M} to {ends:%H:%M}",
        "came": each.came,
        "counted": each.counted,
        "held": each.held,
        "left_out": each.left_out,
    }


@router.post("/{invitation_id}/answers")
async def decide(request: Request, identity: Officer, invitation_id: UUID) -> Response:
    """Count the answers of the chosen hours, or leave them out."""
    form = await posted(request, identity)
    standing = DECISIONS.get(form.text("decision"))
    hours = [hour for value in form.all("hour") if (hour := _hour(value)) is not None]
    if standing is None or not hours:
        error = ("hour-0", "Choose the hours whose answers you mean. Nothing was changed.")
        return await _page(request, identity, invitation_id, 422, errors=[error])
    async with desk(request, identity) as at:
        number = await decide_rush(
            at.transaction,
            at.context,
            invitation_id,
            hours,
            standing,
            identity,
            now(),
        )
    return redirect(f"{LIST}/{invitation_id}/answers?changed={number}")


def _hour(value: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
