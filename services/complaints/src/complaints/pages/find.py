"""The box on every staff page in which somebody is asked for, and what is found. Posted: no address or log holds a name."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.pages import redirect
from complaints.domain.finding import MOST_ASKED
from complaints.pages import intake_words
from complaints.pages.labels import CLOCK_TAGS, PHASES
from complaints.pages.staff_desk import Desk, Overseer, desk
from complaints.pages.staff_forms import posted
from complaints.pages.ways import OFFICER
from complaints.use_cases.find_complaints import Found, find_complaints

HOME = "/complaints/find"
router = APIRouter(prefix=HOME, include_in_schema=False)


@router.get("")
async def find_page(request: Request, identity: Overseer) -> HTMLResponse:
    """What can be asked for, and how."""
    async with desk(request, identity) as at:
        return _page(at, "", None)


@router.post("")
async def find(request: Request, identity: Overseer) -> Response:
    """Lead to the one that was asked for by its whole reference; else list what can be meant, and where each stands."""
    form = await posted(request, identity)
    typed = form.text("asked")[:MOST_ASKED]
    async with desk(request, identity) as at:
        found = await find_complaints(at.transaction, at.setup, identity, typed, officer=identity.may(OFFICER))
        if found.exact is not None:
            return redirect(f"/complaints/{found.exact}")
        if not found.complaints and len(found.came) == 1 and found.asked.reference == found.came[0].reference.upper():
            return redirect(f"/complaints/intake/{found.came[0].id}")
        return _page(at, typed, found)


def _page(at: Desk, typed: str, found: Found | None) -> HTMLResponse:
    errors = [] if found is None or found.asked else [("asked", "Enter a reference, a name, a number, a postcode or a day")]
    return at.show(
        "find.html",
        422 if errors else 200,
        title="Find a complaint",
        typed=typed,
        found=None if errors else found,
        officer=at.identity.may(OFFICER),
        words=intake_words,
        clock_tags=CLOCK_TAGS,
        phases=PHASES,
        errors=errors,
    )
