"""One request of a person over all parts: opened once, looked at in each part, fetched as one package."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response, StreamingResponse

from chassis.access import asks
from chassis.attachments.download import HEADERS, content_disposition
from chassis.days import day_words
from chassis.errors import DomainError, Kind, not_found
from chassis.pages import Form, redirect
from chassis.pages.days import day_in, typed_day
from chassis.secrets import Secrets
from chassis.subject.desk import ASKED, RIGHT_WORDS, asked_in
from chassis.subject.joining import Joined
from chassis.subject.matching import Asked
from chassis.subject.package import PASSPHRASE, new_passphrase
from chassis.subject.setup import REFERENCE, ROLE, lines_in
from gateway.access.identities import Identities
from gateway.adapters import organisations
from gateway.domain.principals import Principal
from gateway.pages.desk import Desk, desk_of
from gateway.subject.package import Asking, make
from gateway.subject.parts import NAMES, NOT_OPENED, NOT_SEARCHED, PartsOfRequest, Standing, joined
from gateway.web.parts import PartsDep
from gateway.web.subjects import secrets_of

AT = "/subjects"
_FIELDS = {"/reference": "reference", "/received_on": "received", "/starts_on": "starts", "/asked": "names", "/known": "names"}


async def officer(request: Request, parts: PartsDep) -> Desk:
    """A dependency that lets in who answers for data protection of the whole organisation, and nobody else."""
    return await desk_of(request, parts, _check_may, AT)


def _check_may(person: Principal) -> None:
    if ROLE not in person.grants or person.areas:
        detail = "Only who answers for data protection, for all service areas, sees this."
        raise DomainError("forbidden", detail, Kind.FORBIDDEN)


asks(officer, ROLE)
Officer = Annotated[Desk, Depends(officer)]


def subject_pages(identities: Identities, seals: Secrets) -> APIRouter:
    """`/subjects` and what is below it."""
    router = APIRouter(prefix=AT, include_in_schema=False)

    def of(desk: Desk) -> PartsOfRequest:
        return PartsOfRequest(desk.parts, identities, desk.person)

    @router.get("")
    async def find_request(desk: Officer, reference: str = "") -> Response:
        """A request is found by its reference, or a new one is opened."""
        if not reference:
            return desk.show("subjects.html", title="What people ask about themselves", reference="")
        if not REFERENCE.fullmatch(reference):
            wrong = [("reference", "Use letters, digits and . _ - only, 80 at most")]
            return desk.show(
                "subjects.html", 422, title="What people ask about themselves", reference=reference[:80], errors=wrong
            )
        return redirect(f"{AT}/{reference}")

    @router.get("/new")
    async def new_request(desk: Officer, reference: str = "") -> Response:
        """A request that came in."""
        return _new(desk, {"reference": reference[:80]}, {})

    @router.post("/new")
    async def open_request(desk: Officer) -> Response:
        """A request is opened in every part, under one reference."""
        form = await desk.posted()
        errors, body = _wanted(form)
        if not errors:
            try:
                await of(desk).open(form.text("reference"), body)
                return redirect(f"{AT}/{form.text('reference')}")
            except DomainError as error:
                errors = [(_FIELDS.get(each.pointer, "reference"), each.detail) for each in error.errors] or [
                    ("reference", error.detail)
                ]
        return _new(desk, form, {name: typed_day(form, name) for name in ("received", "starts")}, 422, errors=errors)

    _add_one(router, of, seals)
    return router


def _add_one(router: APIRouter, of: Callable[[Desk], PartsOfRequest], seals: Secrets) -> None:
    @router.get("/{reference}")
    async def show_request(desk: Officer, reference: str) -> Response:
        """How a request stands in every part."""
        return _one(desk, reference, await of(desk).standing(_known(reference)))

    @router.post("/{reference}/package")
    async def fetch_package(desk: Officer, reference: str) -> Response:
        """One package of all parts, joined of theirs without opening them."""
        form = await desk.posted()
        standing = await of(desk).standing(_known(reference))
        first = next((each for each in standing if each.received_on is not None), None)
        passphrase = form.text("passphrase")
        if first is None or first.received_on is None or any(each.away for each in standing):
            wrong = "A part does not answer, or the request was opened in none. No package was made; look below"
            return _one(desk, reference, standing, 409, errors=[("main-content", wrong)], signs=form.text("staff"))
        if form.text("noted") != "yes" or not PASSPHRASE.fullmatch(passphrase):
            wrong = "Say that you have noted the passphrase: it is shown once, and is another one now"
            return _one(desk, reference, standing, 422, errors=[("noted", wrong)], signs=form.text("staff"))
        about = Asking(reference, first.received_on, Asked(staff=lines_in(form.text("staff"))))
        with ExitStack() as stack:
            packages = await of(desk).packages(reference, passphrase, stack)
            own = await make(desk.parts.recording, secrets_of(desk.parts, seals), desk.org, about, passphrase)
            packages["gateway"] = stack.enter_context(own.file)
            front = await _front(desk, reference, {name for name, file in packages.items() if file is None})
            content = joined(front, passphrase, packages, stack.pop_all())
        headers = {**HEADERS, "Content-Disposition": content_disposition(f"{reference}.zip")}
        return StreamingResponse(content, media_type="application/zip", headers=headers)


def _known(reference: str) -> str:
    if not REFERENCE.fullmatch(reference):
        raise not_found("request")
    return reference


def _wanted(form: Form) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """What the services are asked to open, and what is wrong with it as far as this page knows."""
    received, starts = day_in(form, "received"), day_in(form, "starts")
    errors = []
    if not REFERENCE.fullmatch(form.text("reference")):
        errors.append(("reference", "Use letters, digits and . _ - only, 80 at most"))
    if received is None:
        errors.append(("received", "Enter the day on which it came"))
    if starts is None and any(typed_day(form, "starts").values()):
        errors.append(("starts", "Enter a day, or leave it empty"))
    if form.text("entitlement") not in RIGHT_WORDS:
        errors.append(("entitlement", "Choose what is asked"))
    asked = asked_in(form)
    if not asked:
        errors.append(("names", "Say what is known of the person: a name, a way to reach them, a reference or a sign-in"))
    body = {
        "entitlement": form.text("entitlement"),
        "received_on": received.isoformat() if received else None,
        "starts_on": starts.isoformat() if starts else None,
        "known": {name: list(getattr(asked, name)) for name in ASKED},
    }
    return errors, body


def _new(desk: Desk, given: Any, days: dict[str, Any], status: int = 200, **more: Any) -> Response:
    title = "A request that came in"
    return desk.show("chassis/subject/new.html", status, title=title, given=given, days=days, at=AT, rights=RIGHT_WORDS, **more)


def _one(desk: Desk, reference: str, standing: list[Standing], status: int = 200, **more: Any) -> Response:
    first = next((each for each in standing if each.id is not None), None)
    around = {"signs": "", "errors": [], **more}
    return desk.show(
        "subject.html", status, title=f"Request {reference}", reference=reference, standing=standing, names=NAMES, first=first,
        day=day_words, rights=RIGHT_WORDS, passphrase=new_passphrase(), ready=not any(each.away for each in standing), **around,
    )  # fmt: skip


async def _front(desk: Desk, reference: str, missing: set[str]) -> Joined:
    async with desk.parts.uow.begin(desk.org) as transaction:
        name = await organisations.name_of(transaction.connection, desk.org)
    parts = {part: (words, NOT_OPENED if part in missing else "") for part, words in NAMES.items()}
    return Joined(reference, name, datetime.now(UTC), parts, NOT_SEARCHED)
