"""Staff pages of compliments: the list, one to record, and one with its words, from which it is passed on."""

from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis import keyset
from chassis.access import org_of
from chassis.days import moment_words
from chassis.errors import DomainError, Kind, not_found
from chassis.idempotency import Answer, fingerprint, once
from chassis.identity import Identity
from chassis.pages import Form, page, redirect
from chassis.pages.days import day_in, day_parts
from chassis.web import uow_of
from complaints.pages.heard import HeardSearch, choices_of
from complaints.pages.intake import Officer
from complaints.pages.labels import Labels, day_words
from complaints.pages.staff_forms import errors_of, posted, setup_of, token_for, wrong_reference
from complaints.use_cases.celebrate import list_compliments, pass_on, read_compliment, record_compliment
from complaints.use_cases.cursor import cursor_key
from complaints.use_cases.pass_on import PassOn
from complaints.use_cases.receive_compliment import ReceiveCompliment

router = APIRouter(prefix="/complaints/compliments", include_in_schema=False)

HOME = "/complaints/compliments"
TO = {"worker": "Worker", "manager": "Manager"}
MAIL = {"waiting": "mail waits", "sending": "mail goes out", "sent": "mail sent", "failed": "mail could not be sent"}


@router.get("")
async def compliments(request: Request, identity: Officer) -> HTMLResponse:
    """All compliments, newest first; those from outside are counted, those from inside kept."""
    after = cursor_key(request.query_params.get("after") or None)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        setup = setup_of(request)
        search = HeardSearch.asked(request.query_params, (await setup.profiles.current(transaction)).profile)
        found = await list_compliments(transaction, setup, search.heard(identity), after)
    labels = Labels(found.profile)
    return page(
        request,
        "compliments/list.html",
        title="Compliments",
        organisation=found.profile.organisation.name,
        found=found,
        labels=labels,
        search=search,
        options=choices_of(found.profile, setup.today()),
        sources={each.code: each.name for each in found.profile.complaints.sources},
        further=search.address(HOME, after=keyset.encode(*found.more)) if found.more else None,
        day=day_words,
    )


@router.get("/new")
async def new(request: Request, identity: Officer) -> HTMLResponse:
    """The form of a compliment."""
    parts = day_parts(setup_of(request).today())
    given = {"external": "yes", **{f"received-{part}": value for part, value in parts.items()}}
    return await _form(request, identity, given)


@router.post("/new")
async def record(request: Request, identity: Officer) -> Response:
    """Record it."""
    form = await posted(request, identity)
    received = day_in(form, "received")
    wrong = [] if received else [("received", "Enter the day on which it was received, like 27 3 2027")]
    wrong += [
        (name, words)
        for name, words in (("service_area", "Choose the service area"), ("source", "Choose who sends it"))
        if not form.text(name)
    ]
    wrong += wrong_reference(form)
    if wrong or received is None:
        return await _form(request, identity, form, wrong)
    command = ReceiveCompliment(
        reference=form.text("reference"),
        received_on=received,
        service_area=form.text("service_area"),
        team=form.text("team") or None,
        source=form.text("source"),
        external=form.text("external") != "no",
    )
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:

            async def work() -> Answer:
                ident = await record_compliment(transaction, setup_of(request), identity, command, form.text("words"))
                return Answer(201, {"compliment_id": str(ident)})

            # One showing of the form records one compliment: a second click of it finds the first.
            shown = f"compliment-form:{form.text('once')[:80] or token_for(request, identity)}"
            answer = await once(transaction, identity.subject, shown, fingerprint(HOME, ""), work)
    except DomainError as error:
        if error.slug == "reference-taken":
            return await _form(request, identity, form, [("reference", error.detail)])
        if error.kind is not Kind.MALFORMED:
            raise
        return await _form(request, identity, form, errors_of(error))
    return redirect(f"{HOME}/{answer.body['compliment_id']}")


@router.get("/{ident}")
async def one(request: Request, identity: Officer, ident: str) -> HTMLResponse:
    """What it says, and to whom it was passed on. That it was opened is logged and shown."""
    return await _show(request, identity, _uuid(ident), {})


@router.post("/{ident}/pass-on")
async def passing(request: Request, identity: Officer, ident: str) -> Response:
    """Pass it on to the worker or the manager, once each."""
    form = await posted(request, identity)
    key = _uuid(ident)
    if form.text("role") not in TO:
        return await _show(request, identity, key, form, [("role", "Choose to whom")], 422)
    to = PassOn(cast("Any", form.text("role")), form.text("name"), form.text("address"), form.text("words"))
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await pass_on(transaction, setup_of(request), identity, key, to)
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
            raise
        return await _show(request, identity, key, form, errors_of(error), 409 if error.kind is Kind.CONFLICT else 422)
    return redirect(f"{HOME}/{ident}")


def _uuid(ident: str) -> UUID:
    try:
        return UUID(ident)
    except ValueError:
        raise not_found("compliment") from None


async def _form(
    request: Request, identity: Identity, given: Form | dict[str, str], errors: list[tuple[str, str]] | None = None
) -> HTMLResponse:
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = (await setup_of(request).profiles.current(transaction)).profile
    on = setup_of(request).today()
    token = token_for(request, identity)
    used = [(each, each.used_for.get("compliments")) for each in profile.organisation.service_areas]
    return page(
        request,
        "compliments/new.html",
        422 if errors else 200,
        title="Record a compliment",
        organisation=profile.organisation.name,
        given=given,
        received={part: given.get(f"received-{part}", "")[:8] for part in ("day", "month", "year")},
        areas=[(each.code, each.name) for each, validity in used if validity is not None and validity.holds(on)],
        teams=[(each.code, each.name) for each in profile.organisation.teams if each.holds(on)],
        sources=[(each.code, each.name) for each in profile.complaints.sources],
        errors=errors or [],
        token=token,
        once=given.get("once") or token[:40],
    )


async def _show(
    request: Request,
    identity: Identity,
    ident: UUID,
    given: Form | dict[str, str],
    errors: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HTMLResponse:
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await read_compliment(transaction, setup_of(request), identity, ident)
    return page(
        request,
        "compliments/one.html",
        status,
        title=f"Compliment {found.compliment.reference}",
        organisation=found.profile.organisation.name,
        found=found,
        it=found.compliment,
        labels=Labels(found.profile),
        sources={each.code: each.name for each in found.profile.complaints.sources},
        given=given,
        to=TO,
        mail=MAIL,
        errors=errors or [],
        day=day_words,
        moment=moment_words,
        href=f"{HOME}/{ident}",
        token=token_for(request, identity),
    )
