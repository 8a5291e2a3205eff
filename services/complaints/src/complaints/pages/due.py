"""Staff page of what is due: overdue, today, this week, next week; what waits for a decision; nothing else."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from complaints.pages.staff_desk import Overseer, desk
from complaints.pages.ways import OFFICER
from complaints.use_cases.say_what_is_due import what_is_due

router = APIRouter(prefix="/complaints/due", include_in_schema=False)
LISTS = (("overdue", "Overdue"), ("today", "Today"), ("week", "Later this week"), ("later", "Next week"))


@router.get("")
async def due_page(request: Request, identity: Overseer) -> HTMLResponse:
    """Every limit that runs, each with a link to where it is done."""
    async with desk(request, identity) as at:
        found = await what_is_due(at.transaction, at.setup, identity.areas)
        lists = [(name, title, getattr(found, name)) for name, title in LISTS]
        own = at.profile.complaints
        mailed = own.clock_reminders.morning and own.learning.complaints_unit_email is not None
        officer = identity.may(OFFICER)
        return at.show("due.html", title="What is due", found=found, lists=lists, officer=officer, mailed=mailed)
