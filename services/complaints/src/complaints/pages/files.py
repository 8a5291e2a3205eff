"""Files of a complaint and of what came in: a page each, since looking at them is logged. Without script, and on a phone."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.attachments.download import download
from chassis.attachments.kinds import ACCEPT, TAKEN
from chassis.attachments.limits import MEGABYTE
from chassis.days import moment_words
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.pages import page, redirect
from chassis.pages.files import read_form_with_files
from chassis.pages.forms import require_token
from chassis.web import uow_of
from complaints.pages.files_view import scan_tag, size_words
from complaints.pages.intake import Officer
from complaints.pages.staff_forms import posted, setup_of, token_for
from complaints.use_cases.files import Added, FileDesk, add_file, find_record, open_file, prepare, remove_file, see_files

router = APIRouter(include_in_schema=False)
COMPLAINT = "/complaints/{complaint_id}/files"
CAME_IN = "/complaints/intake/{ident}/files"
FIELD = "files"
Errors = list[tuple[str, str]]


@router.get(CAME_IN)
async def files_that_came_in(request: Request, identity: Officer, ident: str) -> HTMLResponse:
    """The files of what came in."""
    return await _show(request, identity, "representation", _uuid(ident))


@router.post(CAME_IN)
async def add_to_what_came_in(request: Request, identity: Officer, ident: str) -> Response:
    """Add files to what came in."""
    return await _add(request, identity, "representation", _uuid(ident))


@router.get(CAME_IN + "/{file_id}")
async def save_one_that_came_in(request: Request, identity: Officer, ident: str, file_id: str) -> Response:
    """One of its files, to be saved; who did is shown."""
    return await _save(request, identity, "representation", _uuid(ident), _uuid(file_id))


@router.post(CAME_IN + "/{file_id}/remove")
async def remove_one_that_came_in(request: Request, identity: Officer, ident: str, file_id: str) -> Response:
    """Destroy one of its files, with a reason."""
    return await _remove(request, identity, "representation", _uuid(ident), _uuid(file_id))


@router.get(COMPLAINT)
async def files_of_complaint(request: Request, identity: Officer, complaint_id: str) -> HTMLResponse:
    """The files of a complaint, those of what became it too."""
    return await _show(request, identity, "complaint", _uuid(complaint_id))


@router.post(COMPLAINT)
async def add_to_complaint(request: Request, identity: Officer, complaint_id: str) -> Response:
    """Add files to a complaint."""
    return await _add(request, identity, "complaint", _uuid(complaint_id))


@router.get(COMPLAINT + "/{file_id}")
async def save_one_of_complaint(request: Request, identity: Officer, complaint_id: str, file_id: str) -> Response:
    """One of its files, to be saved; who did is shown."""
    return await _save(request, identity, "complaint", _uuid(complaint_id), _uuid(file_id))


@router.post(COMPLAINT + "/{file_id}/remove")
async def remove_one_of_complaint(request: Request, identity: Officer, complaint_id: str, file_id: str) -> Response:
    """Destroy one of its files, with a reason."""
    return await _remove(request, identity, "complaint", _uuid(complaint_id), _uuid(file_id))


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise not_found("file") from None


def _desk(request: Request) -> FileDesk:
    found: FileDesk = request.app.state.files
    return found


def _home(kind: str, ident: UUID) -> str:
    return f"/complaints/{ident}" if kind == "complaint" else f"/complaints/intake/{ident}"


async def _add(request: Request, identity: Identity, kind: str, ident: UUID) -> Response:
    """Each file on its own: what is fine is stored, and of the others it is said why not."""
    desk, setup, org = _desk(request), setup_of(request), org_of(identity)
    errors: Errors = []
    stored = 0
    try:
        async with read_form_with_files(request, FIELD, desk.limits.form) as sent:
            require_token(sent.form, setup.form_key(org), identity.subject)
            if not sent.files:
                errors.append((FIELD, "Choose a file, or several"))
            for file, name in sent.files:
                try:
                    incoming = await prepare(file, name, desk.limits)
                    async with uow_of(request).begin(org) as transaction:
                        record = await find_record(transaction, identity, kind, ident)
                        added = await add_file(transaction, setup, desk, identity, record, incoming)
                except DomainError as error:
                    if error.kind in {Kind.NOT_FOUND, Kind.FORBIDDEN}:
                        raise
                    # What is taken stands beside the field.
                    errors.append((FIELD, f"{name}: {error.detail.replace(f' {TAKEN}.', '')}"))
                else:
                    stored += not added.again
                    errors += _told_again(name, added)
    except DomainError as error:
        if error.slug != "form-too-large":
            raise
        most = desk.limits.form // MEGABYTE
        errors = [(FIELD, f"These files hold more than {most} MB together. Nothing was stored. Send them in several goes")]
    if errors:
        return await _show(request, identity, kind, ident, errors, stored=stored, status=422)
    return redirect(f"{_home(kind, ident)}/files")


def _told_again(name: str, added: Added) -> Errors:
    if not added.again:
        return []
    known = "" if name == added.file.name else f", as {added.file.name}"
    return [(FIELD, f"{name}: the record has this file already{known}. It was not stored twice")]


async def _save(request: Request, identity: Identity, kind: str, ident: UUID, file_id: UUID) -> Response:
    desk, org = _desk(request), org_of(identity)
    async with uow_of(request).begin(org) as transaction:
        record = await find_record(transaction, identity, kind, ident)
        file = await open_file(transaction, setup_of(request), desk, identity, record, file_id)
    return await download(uow_of(request), org, desk.store, file)


async def _remove(request: Request, identity: Identity, kind: str, ident: UUID, file_id: UUID) -> Response:
    form = await posted(request, identity)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            record = await find_record(transaction, identity, kind, ident)
            reason = form.text("reason")
            await remove_file(transaction, setup_of(request), _desk(request), identity, record, file_id, reason)
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        errors = [(f"reason-{file_id}", error.errors[0].detail)]
        return await _show(request, identity, kind, ident, errors, typed=form.text("reason"), status=422)
    return redirect(f"{_home(kind, ident)}/files")


async def _show(
    request: Request,
    identity: Identity,
    kind: str,
    ident: UUID,
    errors: Errors | None = None,
    status: int = 200,
    **more: Any,
) -> HTMLResponse:
    desk, setup = _desk(request), setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        record = await find_record(transaction, identity, kind, ident)
        found = await see_files(transaction, setup, desk, identity, record)
    return page(
        request,
        "files.html",
        status,
        title=f"Files of {record.reference}",
        organisation=found.organisation,
        found=found,
        names={each.file.id: each.file.name for each in found.files},
        home=_home(kind, ident),
        errors=errors or [],
        taken=TAKEN,
        accept=ACCEPT,
        limits=desk.limits,
        megabyte=MEGABYTE,
        scanner=desk.store.scanner,
        size=size_words,
        scan=scan_tag,
        moment=moment_words,
        token=token_for(request, identity),
        **more,
    )
