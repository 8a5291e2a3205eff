"""Staff pages of comments: the list with its counts, and one with its words, from which it is passed on."""

from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis import keyset
from chassis.days import moment_words
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import Form, redirect
from complaints.pages.compliments import MAIL, TO
from complaints.pages.heard import HeardSearch, choices_of
from complaints.pages.staff_desk import Officer, desk
from complaints.pages.staff_forms import errors_of, posted
from complaints.use_cases.cursor import cursor_key
from complaints.use_cases.hear_comments import list_comments, pass_comment_on, read_comment
from complaints.use_cases.pass_on import PassOn

router = APIRouter(prefix="/complaints/comments", include_in_schema=False)
HOME = "/complaints/comments"


@router.get("")
async def comments(request: Request, identity: Officer) -> HTMLResponse:
    """All comments, newest first, and how many there are of each service area."""
    after = cursor_key(request.query_params.get("after") or None)
    async with desk(request, identity) as at:
        search = HeardSearch.asked(request.query_params, at.profile)
        found = await list_comments(at.transaction, at.setup, search.heard(identity), after)
        return at.show(
            "comments/list.html",
            title="Comments",
            found=found,
            number=sum(number for number, _ in found.counts.values()),
            told=sum(told for _, told in found.counts.values()),
            search=search,
            options=choices_of(at.profile, at.setup.today()),
            further=search.address(HOME, after=keyset.encode(*found.more)) if found.more else None,
        )


@router.get("/{ident}")
async def one(request: Request, identity: Officer, ident: UUID) -> HTMLResponse:
    """What it says, and to whom it was passed on. That it was opened is logged, as of what came in."""
    return await _show(request, identity, ident, {})


@router.post("/{ident}/pass-on")
async def passing(request: Request, identity: Officer, ident: UUID) -> Response:
    """Pass it on to the worker or the manager, once each."""
    form = await posted(request, identity)
    if form.text("role") not in TO:
        return await _show(request, identity, ident, form, [("role", "Choose to whom")], 422)
    to = PassOn(cast("Any", form.text("role")), form.text("name"), form.text("address"), form.text("words"))
    try:
        async with desk(request, identity) as at:
            await pass_comment_on(at.transaction, at.setup, identity, ident, to)
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
            raise
        return await _show(request, identity, ident, form, errors_of(error), 409 if error.kind is Kind.CONFLICT else 422)
    return redirect(f"{HOME}/{ident}")


async def _show(
    request: Request,
    identity: Identity,
    ident: UUID,
    given: Form | dict[str, str],
    errors: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HTMLResponse:
    async with desk(request, identity) as at:
        found = await read_comment(at.transaction, at.setup, identity, ident)
        return at.show(
            "comments/one.html",
            status,
            title=f"Comment {found.comment.reference}",
            found=found,
            it=found.comment,
            given=given,
            to=TO,
            mail=MAIL,
            errors=errors or [],
            moment=moment_words,
            href=f"{HOME}/{ident}",
        )
