"""`/c/{org}/files`: photos and files for what somebody writes on the public form. Nobody need add any; what was typed stays."""

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis.attachments.kinds import ACCEPT
from chassis.attachments.limits import MEGABYTE
from chassis.errors import DomainError, Kind
from chassis.pages import read_form
from chassis.pages.files import SentFiles, read_form_with_files
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from complaints.adapters.attachments import Attachment
from complaints.domain import say
from complaints.pages.files_view import size_words
from complaints.pages.say import PublicForm
from complaints.use_cases.files import FileDesk, prepare
from complaints.use_cases.say_files import add_to_draft, files_of_draft, take_away
from complaints.use_cases.say_something import Conversation, converse, read_form_profile

router = APIRouter(prefix="/c/{org}/files", include_in_schema=False)

_WORDS = {
    "file-not-taken": "kind",
    "file-with-macros": "kind",
    "file-too-large": "size",
    "too-many-files": "many",
    "file-again": "again",
    "no-room-for-files": "full",
}
"""Why a file is not taken, as the sender is told; every other reason is that it cannot be opened."""


@router.get("")
async def files(request: Request, org: str) -> Response:
    """What was added, and the form to add more."""
    form = PublicForm(request, org)
    found, kept = await _load(form)
    return _led(form, found) or _page(form, found, kept, [])


@router.post("")
async def add(request: Request, org: str) -> Response:
    """Add photos or files. Those that cannot be taken are named; the others, and all that was typed, are kept."""
    form = PublicForm(request, org)
    desk = _desk(form)
    errors: list[str] = []
    status = 422
    try:
        async with read_form_with_files(request, "files", desk.limits.form) as sent:
            found, _ = await _load(form)
            if (led := _led(form, found)) is not None:
                return led
            if not form.ours(sent.form):
                errors, status = [form.words("say.error.form")], 403
            elif not sent.files:
                errors = [form.words("say.error.file.none")]
            else:
                errors = await _add_each(form, desk, sent)
    except DomainError as error:
        if error.slug != "form-too-large":
            raise
        errors = [form.words("say.error.file.together", size=desk.limits.form // MEGABYTE)]
    if not errors:
        return form.go("files")
    found, kept = await _load(form)
    return _led(form, found) or _page(form, found, kept, errors, status)


@router.post("/{file_id}/away")
async def away(request: Request, org: str, file_id: UUID) -> Response:
    """Take one away; a second click finds it gone."""
    posted = await read_form(request)
    form = PublicForm(request, org)
    if form.ours(posted):
        async with uow_of(request).begin(org) as transaction:
            found = await _held(form, transaction)
            if found.reference is None:
                try:
                    await take_away(transaction, form.setup, _desk(form), form.visit.code, file_id)
                except DomainError as error:
                    if error.kind is not Kind.NOT_FOUND:
                        raise
    return form.go("files")


async def _add_each(form: PublicForm, desk: FileDesk, sent: SentFiles) -> list[str]:
    errors = []
    for file, name in sent.files:
        try:
            incoming = await prepare(file, name, desk.limits)
            async with uow_of(form.request).begin(form.org) as transaction:
                found = await _held(form, transaction)
                if found.reference is None:
                    most = found.profile.complaints.intake.files
                    await add_to_draft(transaction, form.setup, desk, form.visit.code, most, incoming)
        except DomainError as error:
            errors.append(_why_not(form, desk, name, error, (await form.load()).profile.complaints.intake.files))
    return errors


def _why_not(form: PublicForm, desk: FileDesk, name: str, error: DomainError, most: int) -> str:
    # Isolated: a name in Latin letters stands in a sentence that may run from right to left.
    values = {"name": f"\u2068{name}\u2069", "size": desk.limits.file // MEGABYTE, "most": most}
    key = _WORDS.get(error.slug, "broken")
    needed = {"size": ("name", "size"), "many": ("name", "most")}.get(key, ("name",))
    return form.words(f"say.error.file.{key}", **{each: values[each] for each in needed})


async def _held(form: PublicForm, transaction: Transaction) -> Conversation:
    """Where the sender is, held so that it is not sent meanwhile. 404 for an organisation without a form."""
    profile = await read_form_profile(transaction, form.setup)
    if profile is None:
        raise HTTPException(404)
    return await converse(transaction, form.setup, profile, form.visit.code, hold=True)


async def _load(form: PublicForm) -> tuple[Conversation, Sequence[Attachment]]:
    found = await form.load()
    if not found.profile.complaints.intake.files:
        raise HTTPException(404)
    async with uow_of(form.request).begin(form.org) as transaction:
        return found, await files_of_draft(transaction, form.setup, _desk(form), form.visit.code)


def _led(form: PublicForm, found: Conversation) -> Response | None:
    if found.reference is not None:
        return form.go("done")
    open_one = say.first_open(found.answers)
    return None if open_one == "check" else form.go(open_one)


def _page(form: PublicForm, found: Conversation, kept: Sequence[Attachment], errors: list[str], status: int = 200) -> Response:
    desk, most = _desk(form), found.profile.complaints.intake.files
    return form.page(
        "files",
        found,
        status,
        files=kept,
        more=sum(each.kept for each in kept) < most,
        most=most,
        megabytes=desk.limits.file // MEGABYTE,
        accept=ACCEPT,
        size=size_words,
        errors=[("files", each) for each in errors],
        before=f"{form.home}/check",
        back="files",
    )


def _desk(form: PublicForm) -> FileDesk:
    found: FileDesk = form.request.app.state.files
    return found
