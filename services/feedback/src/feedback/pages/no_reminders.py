"""`/s/no/{token}`: a page with one button that ends reminders. The token is the permission; opening it ends nothing."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from chassis.outbox import now
from chassis.pages import page
from chassis.web import uow_of
from feedback.adapters import sendings
from feedback.context import context_of
from feedback.pages.kind import kind_page
from feedback.use_cases import say_no


async def _holder(request: Request) -> tuple[str, UUID] | None:
    capability = say_no.capability_of(context_of(request), request.path_params["token"])
    if capability is None:
        return None
    async with uow_of(request).begin("", capability=capability) as transaction:
        return await sendings.holder(transaction, capability)


async def ask(request: Request) -> Response:
    """`GET`: ask whether it is meant. Programs that preview links come here too, so nothing is done."""
    return await _answer(request, done=False)


async def stop(request: Request) -> Response:
    """`POST`: stop the reminders, once and for all.

    From the button of the page, or by a mail program with one click (RFC 8058): that one brings no cookie, reads no page and
    follows no redirect. So there is no form token; who holds the address may do what it is for, and nothing else.
    """
    return await _answer(request, done=True)


async def _answer(request: Request, *, done: bool) -> Response:
    found = await _holder(request)
    if found is None:
        return kind_page(request, "unknown")
    org, invitation = found
    async with uow_of(request).begin(org) as transaction:
        if done:
            await say_no.say_no(transaction, invitation, now())
        asked = await say_no.look(transaction, context_of(request), invitation)
    return page(request, "no-reminders.html", done=done, organisation=asked.organisation, language=asked.language)
