"""Pages of an organisation's administrator: the other systems that come in, and what each may do."""

from typing import Any

import structlog
from fastapi import APIRouter
from starlette.responses import Response

from chassis.errors import DomainError, FieldError, Kind
from chassis.outbox import now
from chassis.pages import Form, redirect
from chassis.pages.fields import Filled, at_first, filled
from gateway.domain.credentials import KINDS, WARNED, Credential
from gateway.pages.client_form import WRONG, Spec, show_again, show_form, whole
from gateway.pages.client_words import (
    CLIENT_FIELDS,
    COLOURS,
    day,
    done_row,
    end_in_words,
    ends,
    facts_of,
    faults_of_areas,
    faults_of_name,
    given,
    lines,
    moment,
    refusal_row,
    scopes_in_words,
)  # fmt: skip
from gateway.pages.desk import Administrator, Desk
from gateway.use_cases.change_client import Change, change_client
from gateway.use_cases.disable_client import disable_client
from gateway.use_cases.issue_client import NewClient, issue_client
from gateway.use_cases.list_clients import Listed, list_clients
from gateway.use_cases.see_client import Seen, see_client

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)

_PAGE = 50
_MOST_AREAS = 200

_NEW = Spec(
    "Let another system in",
    "Make it",
    CLIENT_FIELDS,
    "One for each installation of a system, for as long as it lives: what it posts is kept under it. Credentials come next.",
)
_CHANGE = Spec(
    "Change what a system may do", "Save", CLIENT_FIELDS, "It holds within ten seconds, also for access tokens that it has."
)
_DISABLE = Spec(
    "Shut this system out for good",
    "Shut it out",
    warning="All of its credentials are refused within ten seconds. This cannot be taken back. What it posted stays.",
)


@router.get("/clients")
async def listed(desk: Administrator, after: str = "") -> Response:
    """Every system of the organisation, also those that were shut out."""
    found, cursor = await list_clients(desk.parts.uow, desk.org, after[:500] or None, _PAGE)
    return desk.show("clients.html", title="Other systems", clients=[_card(each) for each in found], next=cursor)


def _card(each: Listed) -> dict[str, Any]:
    client, end = each.client, each.next_end
    soon = not client.disabled and end is not None and end <= now() + WARNED
    state, colour = ("disabled", "grey") if client.disabled else ("ends soon", "yellow") if soon else ("in use", "green")
    first = f"{'Soon: ' if soon else ''}{end_in_words(end)}" if end and not client.disabled else "Nothing ends by itself"
    facts = [
        ("May", "\n".join(scopes_in_words(client.scopes))),
        ("Service areas", ", ".join(sorted(client.areas)) or "All"),
        ("Last used", day(each.last_used_on) or "Never"),
        ("Shut out", moment(each.disabled_at)) if client.disabled else ("First to end", first),
    ]
    return {"id": client.client_id, "name": client.name, "state": state, "colour": colour, "facts": facts}


def _read(values: dict[str, Any]) -> dict[str, Any]:
    """The values of the form as a client has them. Raises DomainError with everything that is wrong and no rule would say."""
    areas = lines(values["areas"])
    errors = faults_of_areas(areas)
    if len(areas) > _MOST_AREAS:
        errors.append(FieldError("/areas", f"At most {_MOST_AREAS} service areas."))
    errors += faults_of_name(values["name"])
    if errors:
        raise DomainError("malformed-client", "Nothing was changed.", Kind.MALFORMED, tuple(errors))
    return {
        "name": values["name"],
        "scopes": frozenset(values["scopes"]),
        "areas": frozenset(areas),
        "networks": lines(values["networks"]),
    }


def _filled(form: Form) -> Filled:
    """The form as it was sent; that nothing is chosen is said together with what else is wrong."""
    found = filled(CLIENT_FIELDS, form)
    if form.all("scopes"):
        return found
    errors = (*found.errors, ("scopes", "What it may do: choose at least one thing"))
    return Filled(found.given, found.several, found.values, errors)


@router.get("/clients/new")
async def new(desk: Administrator) -> Response:
    """The form for a system that is to come in."""
    return show_form(desk, _NEW, at_first(CLIENT_FIELDS, {}), None)


@router.post("/clients/new")
async def make(desk: Administrator) -> Response:
    """Make a client, without credentials yet. A second click finds the one that the first made."""
    form = await desk.posted()
    filled_in = _filled(form)
    if filled_in.errors:
        return show_form(desk, _NEW, filled_in, None, WRONG)
    wanted = None
    try:
        wanted = NewClient(**_read(dict(filled_in.values)))
        issued = await issue_client(desk.parts.recording, desk.org, wanted, desk.actor, secrets=False)
    except DomainError as error:
        if wanted and error.slug == "client-name-taken" and (own := await _made_just_now(desk, wanted)):
            return redirect(f"/clients/{own}")
        return await show_again(desk, _NEW, filled_in, form, "", _beside_name(error))
    log.info("client.made", org=desk.org, client=issued.client.client_id)
    return redirect(f"/clients/{issued.client.client_id}")


async def _made_just_now(desk: Desk, wanted: NewClient) -> str | None:
    """The client that the same person made with the same form, and nobody has touched since."""
    cursor: str | None = None
    while True:
        found, cursor = await list_clients(desk.parts.uow, desk.org, cursor, 500)
        for each in (one.client for one in found if not one.client.disabled and one.client.name == wanted.name):
            seen = await see_client(desk.parts.uow, desk.org, each.client_id)
            alike = (each.scopes, each.areas, each.revision) == (wanted.scopes, wanted.areas, 1)
            return each.client_id if alike and seen.history[-1].by == desk.person.subject else None
        if cursor is None:
            return None


def _beside_name(error: DomainError) -> DomainError:
    if error.slug != "client-name-taken":
        return error
    detail = "a system of this name is in use already. Take another name, so that nobody shuts out the wrong one."
    return DomainError(error.slug, detail, error.kind, (FieldError("/name", detail),))


@router.get("/clients/{client_id}")
async def one(desk: Administrator, client_id: str) -> Response:
    """A client with its credentials, why it was refused, and what was done with it."""
    seen = await see_client(desk.parts.uow, desk.org, client_id)
    names = {each.id: f"{each.name} ({KINDS[each.kind]})" for each in seen.credentials}
    return desk.show(
        "client.html",
        title=seen.client.name,
        client=seen.client,
        facts_known=facts_of(seen.client),
        credentials=[_credential(each) for each in seen.credentials],
        refusals=[refusal_row(each, names) for each in seen.refusals],
        history=[done_row(each, desk.person.subject) for each in seen.history],
    )


def _credential(each: Credential) -> dict[str, Any]:
    state = each.state(now())
    facts = [
        ("Kind", KINDS[each.kind]),
        *([("Known by", each.mark)] if each.mark else []),
        ("Made", moment(each.created_at)),
        ("Last used", day(each.last_used_on) or "Never"),
        ("End", ends(each)),
    ]
    good = each.is_good(now())
    return {"id": each.id, "name": each.name, "state": state, "colour": COLOURS[state], "facts": facts, "good": good}


async def open_client(desk: Desk, client_id: str) -> Seen | Response:
    """The client, or the way to its page where it was shut out, and nothing can be changed any more."""
    seen = await see_client(desk.parts.uow, desk.org, client_id)
    return redirect(f"/clients/{client_id}") if seen.client.disabled else seen


@router.get("/clients/{client_id}/change")
async def change_form(desk: Administrator, client_id: str) -> Response:
    """The form of what a client is called, and may do, where and from where."""
    seen = await open_client(desk, client_id)
    if isinstance(seen, Response):
        return seen
    return show_form(desk, _CHANGE, at_first(CLIENT_FIELDS, given(seen.client)), seen)


@router.post("/clients/{client_id}/change")
async def change(desk: Administrator, client_id: str) -> Response:
    """Save it, unless somebody else was faster; then it is shown again with what they changed."""
    form = await desk.posted()
    seen = await open_client(desk, client_id)
    if isinstance(seen, Response):
        return seen
    filled_in = _filled(form)
    if filled_in.errors:
        return show_form(desk, _CHANGE, filled_in, seen, WRONG)
    try:
        wanted = Change(**_read(dict(filled_in.values)))
        await change_client(desk.parts.recording, desk.org, client_id, wanted, whole(form.text("revision")))
    except DomainError as error:
        return await show_again(desk, _CHANGE, filled_in, form, client_id, _beside_name(error))
    await desk.parts.recall.everywhere()
    log.info("client.changed", org=desk.org, client=client_id)
    return redirect(f"/clients/{client_id}")


@router.get("/clients/{client_id}/disable")
async def disable_form(desk: Administrator, client_id: str) -> Response:
    """Ask whether a system is to be shut out."""
    seen = await open_client(desk, client_id)
    return seen if isinstance(seen, Response) else show_form(desk, _DISABLE, at_first((), {}), seen)


@router.post("/clients/{client_id}/disable")
async def disable(desk: Administrator, client_id: str) -> Response:
    """Shut it out. A second click changes nothing."""
    form = await desk.posted()
    try:
        await disable_client(desk.parts.recording, desk.org, client_id, desk.actor, whole(form.text("revision")))
    except DomainError as error:
        return await show_again(desk, _DISABLE, at_first((), {}), form, client_id, error)
    await desk.parts.recall.everywhere()
    log.info("client.disabled", org=desk.org, client=client_id)
    return redirect(f"/clients/{client_id}")
