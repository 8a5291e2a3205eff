"""Pages on which a record is gone through piece by piece, a statement is put beside it, and the package is fetched."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from chassis.access import whole_org
from chassis.attachments.download import HEADERS, content_disposition
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.pages import Form, redirect
from chassis.pages.days import day_in, typed_day
from chassis.subject.declaring import KindOf, Whose
from chassis.subject.desk import Officer, one, posted, show, uuid_in
from chassis.subject.document import DECISIONS, words
from chassis.subject.package import chunks, new_passphrase
from chassis.subject.reading import Piece, Section, Ticked, sections
from chassis.subject.restrictions import Restrictions
from chassis.subject.setup import SubjectDesk
from chassis.subject.store import NewNote, Requests, SubjectRequest
from chassis.subject.withholding import Choice, Decision
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

MOST_WORDS = 50_000
CHOICES = (("", "As proposed"), ("give", "Give it"), ("keep", "Keep it back"))


def review_pages(desk: SubjectDesk) -> APIRouter:
    """What is below `/<service>/subjects/{request_id}`."""
    router = APIRouter(prefix=f"/{desk.service}/subjects/{{request_id}}", include_in_schema=False)
    _record(router, desk)
    _piece(router, desk)
    _note(router, desk)
    _package(router, desk)
    return router


async def ticked_of(
    desk: SubjectDesk, transaction: Transaction, request_id: str, kind: str, record_id: str
) -> tuple[SubjectRequest, KindOf, Ticked]:
    """A record of a request. Raises `DomainError` not-found for one that nobody ticked."""
    requests = Requests(transaction, desk.secrets)
    wanted = await requests.one(uuid_in(request_id))
    ident, known = uuid_in(record_id, "record"), desk.subject.kind(kind)
    found = next((each for each in await requests.ticked(wanted.id) if (each.kind, each.id) == (kind, ident)), None)
    if found is None or known is None:
        raise not_found("record of this request")
    return wanted, known, found


async def _sections(
    desk: SubjectDesk, transaction: Transaction, wanted: SubjectRequest, kind: KindOf, ticked: Ticked
) -> list[Section]:
    if desk.subject.before is not None:
        await desk.subject.before(transaction)
    decisions = await Requests(transaction, desk.secrets).decisions(wanted.id, ticked.kind, ticked.id)
    return [section async for section in sections(transaction, desk.secrets, kind, ticked, decisions, desk.subject.wording)]


def _record(router: APIRouter, desk: SubjectDesk) -> None:
    @router.get("/records/{kind}/{record_id}")
    async def review(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> HTMLResponse:
        """A record is opened piece by piece, for the person whom it is about."""
        async with uow_of(request).begin(whole_org(identity)) as transaction:
            wanted, known, ticked = await ticked_of(desk, transaction, request_id, kind, record_id)
            requests = Requests(transaction, desk.secrets)
            found = await _sections(desk, transaction, wanted, known, ticked)
            decisions = await requests.decisions(wanted.id, kind, ticked.id)
            notes = await requests.notes(kind, ticked.id)
            standing = [each for each in await Restrictions(transaction, desk.secrets).of(kind, ticked.id) if not each.ended_on]
        return show(
            desk, request, identity, "review", title=f"{known.name}: what the person is given", wanted=wanted, kind=known,
            ticked=ticked, sections=found, decisions=decisions, notes=notes, words=shown_words, choices=CHOICES,
            internal=Whose.INTERNAL, noted=DECISIONS, restrictions=standing,
        )  # fmt: skip

    @router.post("/records/{kind}/{record_id}")
    async def decide(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> Response:
        """It is decided what the person is given of a record."""
        org, form = await posted(desk, request, identity)
        async with uow_of(request).begin(org) as transaction:
            wanted, known, ticked = await ticked_of(desk, transaction, request_id, kind, record_id)
            found = await _sections(desk, transaction, wanted, known, ticked)
            requests = Requests(transaction, desk.secrets)
            before = await requests.decisions(wanted.id, kind, ticked.id)
            await requests.decide(wanted.id, kind, ticked.id, _decided(form, found, before), identity.subject)
        return redirect(f"/{desk.service}/subjects/{wanted.id}")


def _decided(form: Form, found: list[Section], before: dict[str, Decision]) -> dict[str, Decision | None]:
    """What a form says of each piece that stood on the page; what is redacted stays so until something else is chosen."""
    decided: dict[str, Decision | None] = {}
    for piece in (piece for section in found for line in section.lines for piece in line.pieces):
        if piece.field.whose is Whose.INTERNAL or f"choice-{piece.id}" not in form:
            continue
        choice = form.text(f"choice-{piece.id}")
        if not choice and piece.field.whose is Whose.STAFF and form.text("staff") in {"give", "keep"}:
            choice = form.text("staff")
        seen = form.text(f"seen-{piece.id}")
        if choice in {"give", "keep"}:
            decided[piece.id] = Decision(Choice(choice), seen=seen)
        elif choice == "" and piece.id in before:
            decided[piece.id] = None
    return decided


def _piece(router: APIRouter, desk: SubjectDesk) -> None:
    async def shown(request: Request, identity: Identity, request_id: str, kind: str, record_id: str) -> tuple[Any, ...]:
        wanted_piece = request.query_params.get("piece", "")
        async with uow_of(request).begin(whole_org(identity)) as transaction:
            wanted, known, ticked = await ticked_of(desk, transaction, request_id, kind, record_id)
            found = await _sections(desk, transaction, wanted, known, ticked)
            decisions = await Requests(transaction, desk.secrets).decisions(wanted.id, kind, ticked.id)
        for section in found:
            for line in section.lines:
                for piece in line.pieces:
                    if piece.id == wanted_piece and piece.field.whose is not Whose.INTERNAL and not piece.field.is_file:
                        return wanted, known, ticked, section, piece, decisions.get(piece.id)
        raise not_found("piece of this record")

    @router.get("/records/{kind}/{record_id}/part")
    async def show_part(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> HTMLResponse:
        """Words about others are taken out of a piece."""
        wanted, known, ticked, section, piece, before = await shown(request, identity, request_id, kind, record_id)
        given = before.words if before is not None and before.choice is Choice.REDACT else shown_words(piece)
        reason = before.reason if before is not None else ""
        return show(
            desk, request, identity, "part", title="Take words out", wanted=wanted, kind=known, ticked=ticked, section=section,
            piece=piece, given=given, reason=reason, words=shown_words,
        )  # fmt: skip

    @router.post("/records/{kind}/{record_id}/part")
    async def keep_part(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> Response:
        """What is left of a piece is kept."""
        org, form = await posted(desk, request, identity)
        wanted, known, ticked, section, piece, _ = await shown(request, identity, request_id, kind, record_id)
        given, reason = form.text("given"), form.text("reason")
        errors = []
        if not 0 < len(given) <= MOST_WORDS:
            errors.append(("given", "Leave something to give, or keep the whole piece back on the page before"))
        if len(reason) > 500:  # noqa: PLR2004 - a sentence or two
            errors.append(("reason", "500 characters at most"))
        if form.text("seen") != piece.seen:
            errors.append(("given", "It was changed while you were reading. Read it again below, and take the words out anew"))
        if errors:
            return show(
                desk, request, identity, "part", 422, title="Take words out", wanted=wanted, kind=known, ticked=ticked,
                section=section, piece=piece, given=given, reason=reason, words=shown_words, errors=errors,
            )  # fmt: skip
        async with uow_of(request).begin(org) as transaction:
            decision = Decision(Choice.REDACT, given, reason, piece.seen)
            await Requests(transaction, desk.secrets).decide(wanted.id, kind, ticked.id, {piece.id: decision}, identity.subject)
        return redirect(f"/{desk.service}/subjects/{wanted.id}/records/{kind}/{ticked.id}")


def _note(router: APIRouter, desk: SubjectDesk) -> None:
    @router.get("/records/{kind}/{record_id}/statement")
    async def show_statement(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> HTMLResponse:
        """What the person says is wrong."""
        async with uow_of(request).begin(whole_org(identity)) as transaction:
            wanted, known, ticked = await ticked_of(desk, transaction, request_id, kind, record_id)
        title = "What the person says is wrong"
        return show(
            desk, request, identity, "statement", title=title, wanted=wanted, kind=known, ticked=ticked, given={}, on={},
            ident=new_id(), decisions=DECISIONS,
        )  # fmt: skip

    @router.post("/records/{kind}/{record_id}/statement")
    async def keep_statement(request: Request, identity: Officer, request_id: str, kind: str, record_id: str) -> Response:
        """A statement of the person is put beside a record, with what was decided."""
        org, form = await posted(desk, request, identity)
        on = day_in(form, "on")
        errors = [
            (name, f"{label}, in 5,000 characters at most")
            for name, label in (("says", "Enter what the person says is wrong"), ("reason", "Say what was done, or why not"))
            if not 0 < len(form.text(name)) <= 5_000  # noqa: PLR2004 - as it says
        ]
        if form.text("decision") not in DECISIONS:
            errors.append(("decision", "Choose what was decided"))
        if on is None or on > desk.today():
            errors.append(("on", "Enter the day on which it was decided, not in the future"))
        async with uow_of(request).begin(org) as transaction:
            wanted, known, ticked = await ticked_of(desk, transaction, request_id, kind, record_id)
            if not errors and on is not None:
                said = NewNote(id_in(form), wanted.id, form.text("says"), form.text("decision"), form.text("reason"), on)
                await Requests(transaction, desk.secrets).note(kind, ticked.id, said, identity)
        if errors:
            return show(
                desk, request, identity, "statement", 422, title="What the person says is wrong", wanted=wanted, kind=known,
                ticked=ticked, given=form, on=typed_day(form, "on"), ident=id_in(form), decisions=DECISIONS, errors=errors,
            )  # fmt: skip
        return redirect(f"/{desk.service}/subjects/{wanted.id}/records/{kind}/{ticked.id}")


def shown_words(piece: Piece) -> str:
    """A piece as the reviewer reads it: its codes in words, or the value as it is."""
    return piece.said if piece.said is not None else words(piece.value)


def id_in(form: Form) -> UUID:
    """The id that the page gave to what is new on it, so that sending it twice makes one."""
    try:
        return UUID(form.text("id"))
    except ValueError:
        return new_id()


def _package(router: APIRouter, desk: SubjectDesk) -> None:
    @router.get("/package")
    async def show_package(request: Request, identity: Officer, request_id: str) -> HTMLResponse:
        """Before the package is fetched: its passphrase, shown once."""
        async with uow_of(request).begin(whole_org(identity)) as transaction:
            requests = Requests(transaction, desk.secrets)
            wanted = await requests.one(uuid_in(request_id))
            number = len(await requests.ticked(wanted.id))
        return show(
            desk, request, identity, "package", title="The package", wanted=wanted, number=number, passphrase=new_passphrase()
        )

    @router.post("/package")
    async def fetch_package(request: Request, identity: Officer, request_id: str) -> Response:
        """The package with all that was ticked is made and fetched."""
        org, form = await posted(desk, request, identity)
        ident = uuid_in(request_id)
        if form.text("noted") != "yes":
            errors = [("main-content", "Say that you have noted the passphrase: it is shown once. Open the package again.")]
            return await one(desk, request, identity, ident, errors, 422)
        return sent(await desk.package(uow_of(request), org, ident, form.text("passphrase")))


def sent(made: Any) -> StreamingResponse:
    """The answer that carries a package."""
    headers = {**HEADERS, "Content-Disposition": content_disposition(made.name), "Content-Length": str(made.size)}
    return StreamingResponse(chunks(made), media_type="application/zip", headers=headers)
