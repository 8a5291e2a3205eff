"""Pages on which somebody who asks what is held of them is answered: requests with their clock, search, ticks."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import requires, whole_org
from chassis.days import day_words
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.pages import Form, csrf_token, page, read_form, redirect
from chassis.pages.days import day_in, typed_day
from chassis.pages.forms import require_token
from chassis.subject import proposals, searching
from chassis.subject.clock import clock_of
from chassis.subject.declaring import ROLES, Match, Role
from chassis.subject.matching import Asked
from chassis.subject.reading import Ticked
from chassis.subject.restrictions import Restrictions
from chassis.subject.searching import joined
from chassis.subject.setup import ROLE, SubjectDesk, lines_in
from chassis.subject.store import Requests
from chassis.subject.tables import OUTCOMES, RIGHTS
from chassis.web import uow_of

Officer = Annotated[Identity, Depends(requires(ROLE))]
MOST_BYTES, MOST_FIELDS = 512 * 1024, 5_000
SHOWN = 500

RIGHT_WORDS = {
    "access": ("A copy of what is held (Article 15)", ""),
    "rectification": ("Something put right (Article 16)", ""),
    "portability": (
        "Data in a form for computers (Article 20)",
        "Does not apply to public tasks; the package has it all the same",
    ),
    "restriction": ("Use restricted (Article 18)", ""),
}
OUTCOME_WORDS = {
    "answered": "Answered in full",
    "partly": "Answered, some of it kept back",
    "refused": "Refused, and the person was told why and where to complain",
    "withdrawn": "Taken back by the person",
}
ASKED = ("names", "contacts", "references", "staff")


def uuid_in(value: str, what: str = "request") -> UUID:
    """An id of an address. Raises `DomainError` not-found for what is none."""
    try:
        return UUID(value)
    except ValueError:
        raise not_found(what) from None


def show(
    desk: SubjectDesk, request: Request, identity: Identity, template: str, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page of this desk."""
    return page(
        request,
        f"chassis/subject/{template}.html",
        status,
        token=csrf_token(desk.form_key(whole_org(identity)), identity.subject),
        at=f"/{desk.service}/subjects",
        service=desk.subject,
        day=day_words,
        roles=[(role.value, words) for role, words in ROLES.items()],
        rights=RIGHT_WORDS,
        outcomes=OUTCOME_WORDS,
        **{"errors": [], **context},
    )


async def posted(desk: SubjectDesk, request: Request, identity: Identity) -> tuple[str, Form]:
    """The organisation and the form that was posted from a page of ours."""
    org = whole_org(identity)
    form = await read_form(request, MOST_BYTES, MOST_FIELDS)
    require_token(form, desk.form_key(org), identity.subject)
    return org, form


def asked_in(form: Form) -> Asked:
    """What is known of the person, one a line."""
    return Asked(**{name: lines_in(form.text(name)) for name in ASKED})


def subject_pages(desk: SubjectDesk) -> APIRouter:
    """`/<service>/subjects` and what is below it, but the pages of single records (`chassis.subject.review`)."""
    router = APIRouter(prefix=f"/{desk.service}/subjects", include_in_schema=False)
    _requests(router, desk)
    _search(router, desk)
    _endings(router, desk)
    return router


def _requests(router: APIRouter, desk: SubjectDesk) -> None:
    @router.get("")
    async def list_requests(request: Request, identity: Officer) -> HTMLResponse:
        """Requests of people for what is held of them."""
        async with uow_of(request).begin(whole_org(identity)) as transaction:
            found = await Requests(transaction, desk.secrets).all()
            standing = await Restrictions(transaction, desk.secrets).in_force()
        today = desk.today()
        rows = [(each, clock_of(each.due_on, today, closed=each.closed_on is not None)) for each in found]
        return show(desk, request, identity, "list", title="What people ask about themselves", rows=rows, standing=standing)

    @router.get("/new")
    async def new_request(request: Request, identity: Officer) -> HTMLResponse:
        """A request that came in."""
        whole_org(identity)
        given = {name: request.query_params.get(name, "")[:80] for name in ("reference", "entitlement")}
        return show(desk, request, identity, "new", title="A request that came in", given=given, days={}, ident=new_id())

    @router.post("/new")
    async def open_request(request: Request, identity: Officer) -> Response:
        """A request is opened."""
        org, form = await posted(desk, request, identity)
        received = day_in(form, "received")
        typed = any(typed_day(form, "starts").values())
        starts = day_in(form, "starts")
        errors: list[tuple[str, str]] = []
        if received is None:
            errors.append(("received", "Enter the day on which it came"))
        if typed and starts is None:
            errors.append(("starts", "Enter a day, or leave it empty"))
        try:
            # With a day in its place where there is none, so that everything that is wrong is said at once.
            first = received or starts or desk.today()
            wanted = desk.wanted(form.text("reference"), form.text("entitlement"), first, starts, asked_in(form))
            if not errors:
                async with uow_of(request).begin(org) as transaction:
                    kept = await Requests(transaction, desk.secrets).add(wanted, identity.subject)
                return redirect(f"/{desk.service}/subjects/{kept.id}")
        except DomainError as error:
            if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
                raise
            errors += [(_FIELDS.get(each.pointer, "reference"), each.detail) for each in error.errors] or [
                ("reference", error.detail)
            ]
        days = {name: typed_day(form, name) for name in ("received", "starts")}
        return show(desk, request, identity, "new", 422, title="A request that came in", given=form, days=days, errors=errors)

    @router.get("/{request_id}")
    async def show_request(request: Request, identity: Officer, request_id: str) -> HTMLResponse:
        """One request: its clock, what is known of the person, the records."""
        return await one(desk, request, identity, uuid_in(request_id))

    @router.post("/{request_id}/known")
    async def change_known(request: Request, identity: Officer, request_id: str) -> Response:
        """What is known of the person is changed."""
        org, form = await posted(desk, request, identity)
        asked = asked_in(form)
        if not asked:
            errors = [("names", "Say what is known of the person: a name, a way to reach them, a reference or a sign-in")]
            return await one(desk, request, identity, uuid_in(request_id), errors, 422)
        async with uow_of(request).begin(org) as transaction:
            await Requests(transaction, desk.secrets).know(uuid_in(request_id), asked)
        return redirect(f"/{desk.service}/subjects/{request_id}")


_FIELDS = {
    "/reference": "reference",
    "/entitlement": "entitlement",
    "/received_on": "received",
    "/starts_on": "starts",
    "/asked": "names",
}


async def one(
    desk: SubjectDesk,
    request: Request,
    identity: Identity,
    ident: UUID,
    errors: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """The page of a request."""
    org = whole_org(identity)
    async with uow_of(request).begin(org) as transaction:
        requests = Requests(transaction, desk.secrets)
        wanted = await requests.one(ident)
        ticked = await requests.ticked(ident)
    matches = joined([Match(each.kind, each.id, each.why, each.role, each.rows) for each in ticked])
    records = await searching.described(uow_of(request), org, desk.subject, matches)
    return show(
        desk,
        request,
        identity,
        "one",
        status,
        title=f"Request {wanted.reference}",
        wanted=wanted,
        clock=clock_of(wanted.due_on, desk.today(), closed=wanted.closed_on is not None),
        records=records,
        gone=len(matches) - len(records),
        role_words={role.value: words for role, words in ROLES.items()},
        asked={name: "\n".join(getattr(wanted.asked, name)) for name in ASKED},
        errors=errors or [],
    )


def _search(router: APIRouter, desk: SubjectDesk) -> None:
    @router.post("/{request_id}/search")
    async def search(request: Request, identity: Officer, request_id: str) -> Response:
        """Records about the person are looked for."""
        org, form = await posted(desk, request, identity)
        ident, uow = uuid_in(request_id), uow_of(request)
        async with uow.begin(org) as transaction:
            asked = (await Requests(transaction, desk.secrets).one(ident)).asked
        if form.text("search"):
            kept = uuid_in(form.text("search"), "search")
            await proposals.go_on(desk, uow, org, identity.subject, kept, ident, asked)
        else:
            kept = await proposals.begin(desk, uow, org, identity.subject, ident, asked)
        return redirect(f"/{desk.service}/subjects/{ident}/search/{kept}")

    @router.get("/{request_id}/search/{search_id}")
    async def show_found(request: Request, identity: Officer, request_id: str, search_id: str) -> HTMLResponse:
        """What was found, to be ticked."""
        org, ident = whole_org(identity), uuid_in(request_id)
        found = await proposals.see(desk, uow_of(request), org, identity.subject, uuid_in(search_id, "search"), ident)
        async with uow_of(request).begin(org) as transaction:
            requests = Requests(transaction, desk.secrets)
            wanted = await requests.one(ident)
            ticked = {(each.kind, each.id): each.role.value for each in await requests.ticked(ident)}
        return show(
            desk, request, identity, "found", title="What was found", wanted=wanted, found=found, shown=found.found[:SHOWN],
            ticked=ticked, search=search_id,
        )  # fmt: skip

    @router.post("/{request_id}/search/{search_id}")
    async def tick(request: Request, identity: Officer, request_id: str, search_id: str) -> Response:
        """Records are ticked as being about the person."""
        org, form = await posted(desk, request, identity)
        ident = uuid_in(request_id)
        found = await proposals.see(desk, uow_of(request), org, identity.subject, uuid_in(search_id, "search"), ident)
        chosen, shown = set(form.all("record")), [(each.kind, each.id) for each in found.found[:SHOWN]]
        async with uow_of(request).begin(org) as transaction:
            requests = Requests(transaction, desk.secrets)
            await requests.one(ident)
            ticks = []
            for kind, record in shown:
                if f"{kind}/{record}" in chosen:
                    match = found.matches[kind, record]
                    role = _role(form.text(f"role-{kind}/{record}"), match.role)
                    ticks.append(Ticked(kind, record, role, match.why, match.rows))
            await requests.tick(ident, ticks, identity.subject)
            for kind, record in shown:
                if f"{kind}/{record}" not in chosen:
                    await requests.untick(ident, kind, record)
        return redirect(f"/{desk.service}/subjects/{ident}")


def _role(typed: str, proposed: Role) -> Role:
    try:
        return Role(typed)
    except ValueError:
        return proposed


def _endings(router: APIRouter, desk: SubjectDesk) -> None:
    @router.post("/{request_id}/extend")
    async def extend(request: Request, identity: Officer, request_id: str) -> Response:
        """Two months more are taken, and the person was told."""
        org, form = await posted(desk, request, identity)
        ident, on, why = uuid_in(request_id), day_in(form, "told"), form.text("why")
        async with uow_of(request).begin(org) as transaction:
            wanted = await Requests(transaction, desk.secrets).one(ident)
        errors = []
        if on is None or not wanted.received_on <= on <= min(desk.today(), wanted.due_on):
            # Article 12(3): the person is told within one month of receipt.
            latest = day_words(wanted.due_on)
            errors.append(("told", f"Enter when the person was told: {latest} at the latest, and not in the future"))
        if not 0 < len(why) <= 2_000:  # noqa: PLR2004 - a page
            errors.append(("why", "Say why it takes longer, as the person was told, in 2,000 characters at most"))
        if errors or on is None:
            return await one(desk, request, identity, ident, errors, 422)
        async with uow_of(request).begin(org) as transaction:
            await Requests(transaction, desk.secrets).extend(ident, on, desk.due(wanted.starts_on, extended=True), why)
        return redirect(f"/{desk.service}/subjects/{ident}")

    @router.post("/{request_id}/close")
    async def close(request: Request, identity: Officer, request_id: str) -> Response:
        """A request is closed."""
        org, form = await posted(desk, request, identity)
        ident, outcome = uuid_in(request_id), form.text("outcome")
        if outcome not in OUTCOMES:
            return await one(desk, request, identity, ident, [("outcome", "Choose how it ended")], 422)
        async with uow_of(request).begin(org) as transaction:
            await Requests(transaction, desk.secrets).close(ident, desk.today(), outcome)
        return redirect(f"/{desk.service}/subjects/{ident}")


__all__ = ["RIGHTS", "Officer", "posted", "show", "subject_pages", "uuid_in"]
