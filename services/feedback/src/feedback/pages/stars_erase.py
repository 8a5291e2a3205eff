"""Staff page on which an officer erases all stars of a person who asked for it."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.errors import DomainError, Kind
from chassis.outbox import now
from chassis.pages import redirect
from feedback.pages.links_desk import Errors, Officer, desk, posted
from feedback.pages.stars_desk import PATH
from feedback.use_cases.erase_stars import erase_of_star
from feedback.use_cases.see_stars import person

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("/{star_id}/erase")
async def erase_page(request: Request, identity: Officer, star_id: UUID) -> HTMLResponse:
    """What goes and what stays, and the question."""
    return await _page(request, identity, star_id)


async def _page(request: Request, identity: Officer, star_id: UUID, errors: Errors = ()) -> HTMLResponse:
    async with desk(request, identity) as at:
        seen = await person(at.transaction, at.context, identity, star_id, now())
        return at.show(
            "stars/erase.html",
            422 if errors else 200,
            title="Erase all stars of this person",
            href=f"{PATH}/{star_id}",
            reference=seen.line.star.reference,
            others=len(seen.others),
            errors=errors,
        )


@router.post("/{star_id}/erase")
async def erase_form(request: Request, identity: Officer, star_id: UUID) -> Response:
    """Erase them, for good, and go back to the list."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            number = await erase_of_star(at.transaction, at.context, identity, star_id, form.text("reference"), now())
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        return await _page(request, identity, star_id, [("reference", each.detail) for each in error.errors])
    return redirect(f"{PATH}?erased={number}")
