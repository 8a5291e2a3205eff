"""What somebody keeps of the tracker under a name."""

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chassis.access import org_of, requires
from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.pages import redirect
from chassis.web import uow_of
from complaints.adapters.saved_views import MOST, SavedViews
from complaints.pages.routes import OFFICER, SENIOR_READER, Search
from complaints.pages.staff_forms import posted, setup_of

MOST_NAME = 60
Staff = Annotated[Identity, Depends(requires(OFFICER, SENIOR_READER))]
router = APIRouter(prefix="/complaints/views", include_in_schema=False)


@router.post("")
async def keep(request: Request, identity: Staff) -> Response:
    """Keep the tracker as it is narrowed, under a name; an old view of that name gives way."""
    form = await posted(request, identity)
    name = " ".join(form.text("name").split())
    if not name or len(name) > MOST_NAME:
        errors = (FieldError("/name", f"expected a name of up to {MOST_NAME} characters"),)
        raise DomainError(
            "view-without-name", "Go back and give the view a short name. Nothing was kept.", Kind.MALFORMED, errors
        )
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = (await setup_of(request).profiles.current(transaction)).profile
        # Only what the tracker understands: what is kept is what it would show.
        address = Search.asked(dict(parse_qsl(form.text("query")[:500])), profile).address()
        views = SavedViews(transaction, identity.subject)
        known = [each for each, _ in await views.all()]
        if name not in known and len(known) >= MOST:
            detail = f"You keep {MOST} views already. Give one up first. Nothing was kept."
            raise DomainError("too-many-views", detail)
        await views.save(name, address.partition("?")[2])
    return redirect(address)


@router.post("/forget")
async def forget(request: Request, identity: Staff) -> Response:
    """Give a view up."""
    form = await posted(request, identity)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        await SavedViews(transaction, identity.subject).forget(form.text("name"))
    return redirect("/complaints/")
