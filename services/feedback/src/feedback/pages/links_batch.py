"""Staff pages that issue letters from a sheet: choose, look at what would become of each row, and say that they be issued."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import Sent, read_form_with_file, redirect
from chassis.pages.forms import require_token
from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, CellError, read_apart, template_csv, template_xlsx
from feedback.domain.letter_sheet import LIMITS, MOST_LETTERS, layout_of
from feedback.domain.sending import channel_of
from feedback.pages.link_form import LinkForm, empty, read_link_form
from feedback.pages.links_desk import (
    CHANNEL_NAMES,
    Desk,
    Errors,
    Officer,
    choices_of,
    desk,
    download,
    errors_of,
    moment,
    posted,
    session,
    several,
)
from feedback.pages.links_issue import ISSUED, kept_links
from feedback.use_cases.issue_letters import (
    STATUSES,
    CheckedLetters,
    assert_settings,
    check_letters,
    issue_letters,
    look_letters,
    refused_letters,
)

BATCH = "/feedback/links/batch"
MOST_SHOWN = 200
"""Wrong cells that a page lists; the file of refused rows has all."""

_OF_THE_FILE = {
    "empty-spreadsheet", "form-too-large", "no-file", "not-a-spreadsheet", "spreadsheet-too-large", "too-many-columns",
    "too-many-rows", "unreadable-spreadsheet", "wrong-columns",
}  # fmt: skip
_WOULD = {
    "new": "New links",
    "again": "New links in the place of old ones, which stop",
    "there": "There already: no new link",
    "refused": "Refused",
}
_GONE = 410

router = APIRouter(prefix="/feedback/links", include_in_schema=False)


@router.get("/template.{kind}")
async def template(request: Request, identity: Officer, kind: str) -> Response:
    """An empty sheet: a workbook that explains its columns for `xlsx`, else CSV."""
    async with desk(request, identity) as at:
        layout = layout_of(at.profile)
    if kind == "xlsx":
        return download(template_xlsx(layout, LIMITS), XLSX_TYPE, "letters.xlsx")
    return download(template_csv(layout), CSV_TYPE, "letters.csv")


@router.get("/batch")
async def batch_page(request: Request, identity: Officer) -> HTMLResponse:
    """The form that takes a sheet."""
    async with desk(request, identity) as at:
        return await _form(at, empty())


@router.post("/batch")
async def upload(request: Request, identity: Officer) -> Response:
    """Read a sheet and check it; what is wrong with the choice or the file is said on the page."""
    given: dict[str, Any] = empty()
    try:
        async with read_form_with_file(request, "file") as sent:
            require_token(sent.form, *session(request, identity))
            read = read_link_form(sent.form, posters=False)
            given = read.given
            if read.errors:
                async with desk(request, identity) as at:
                    return await _form(at, given, read.errors)
            upload_id = await _check(request, identity, read, sent)
    except DomainError as error:
        if error.slug not in _OF_THE_FILE and not error.errors:
            raise
        words = error.detail.replace(" The columns that it can have: `expected`.", "")
        errors = errors_of(error) if error.slug == "unknown-code" else [("file", words)]
        async with desk(request, identity) as at:
            return await _form(at, given, errors, expected=error.extra.get("expected", ()))
    return redirect(f"{BATCH}/{upload_id}")


async def _check(request: Request, identity: Identity, read: LinkForm, sent: Sent) -> UUID:
    """Check the choice, read the file, check its rows; no connection to the database is held while the file is read."""
    settings = read.settings()
    async with desk(request, identity) as at:
        profile = await assert_settings(at.transaction, at.context, identity, settings, now())
    if sent.file is None:
        raise DomainError("no-file", "Choose a file", Kind.MALFORMED)
    sheet = await read_apart(sent.file, layout_of(profile), LIMITS)
    async with desk(request, identity) as at:
        return await check_letters(at.transaction, at.context, identity, sheet, settings, sent.name, now())


@router.get("/batch/{upload_id}")
async def checked_page(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """What would become of each row; once it is issued, the way to the links."""
    try:
        async with desk(request, identity) as at:
            return _checked(at, await look_letters(at.transaction, at.context, identity, upload_id))
    except DomainError as error:
        return await _gone(request, identity, error)


@router.post("/batch/{upload_id}")
async def confirm(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """Issue the letters, or throw the upload away. A second click finds it done, also after a restart."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            if form.text("do") == "discard":
                await at.context.uploads.discard(at.transaction, upload_id, identity.subject)
                return redirect(BATCH)
            found, stands = await issue_letters(at.transaction, at.context, identity, upload_id, now())
            if not stands:
                return _checked(at, found, changed=True)
    except DomainError as error:
        return await _gone(request, identity, error)
    return redirect(f"{ISSUED}/{found.done['set']}" if found.done else BATCH)


@router.get("/batch/{upload_id}/refused.csv")
async def refused_rows(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """The refused rows as they stood, with the reasons."""
    async with desk(request, identity) as at:
        content = await refused_letters(at.transaction, at.context, identity, upload_id)
    return download(content, CSV_TYPE, "refused-letters.csv")


async def _form(
    at: Desk, given: dict[str, Any], errors: Errors = (), *, expected: Sequence[str] = (), status: int | None = None
) -> HTMLResponse:
    return at.show(
        "links/batch.html",
        status or (422 if errors else 200),
        title="Issue letters from a list",
        given=given,
        errors=errors,
        expected=expected,
        most=f"{MOST_LETTERS:,}",
        kept=await kept_links(at),
        **{name: each for name, each in choices_of(at.profile, at.identity).items() if name != "channels"},
        channels=[each for each in choices_of(at.profile, at.identity)["channels"] if each[0] != "poster"],
    )


async def _gone(request: Request, identity: Identity, error: DomainError) -> HTMLResponse:
    if error.slug != "upload-gone":
        raise error
    async with desk(request, identity) as at:
        return await _form(at, empty(), [("file", error.detail)], status=_GONE)


def _checked(at: Desk, found: CheckedLetters, *, changed: bool = False) -> HTMLResponse:
    counts = found.counts
    some = counts["new"] + counts["again"]
    wrong = [error for row in found.rows for error in row.errors]
    questionnaire = at.profile.questionnaire(found.settings.questionnaire)
    done = found.done is not None
    return at.show(
        "batch_checked.html",
        409 if changed else 200,
        title=f"{several(some, 'letter')} issued" if done else f"Check {several(some, 'letter')} before you issue",
        done=done,
        changed=changed,
        address=f"{BATCH}/{found.upload.id}",
        verb="issue",
        verbed="issued",
        onward=(f"{ISSUED}/{found.done['set']}", "Fetch the links, inserts and lists") if found.done else None,
        file=found.name or "the file",
        what=questionnaire.name if questionnaire else found.settings.questionnaire,
        examples=found.examples,
        until=moment(found.upload.expires_at),
        figures=[(_WOULD[status], f"{counts[status]:,}") for status in STATUSES] + _to_send(found),
        some=some,
        button=f"Issue {several(some, 'link')}",
        refused=counts["refused"],
        wrong=[(each.row, column_of(each), each.detail) for each in wrong[:MOST_SHOWN]],
        more_wrong=max(0, len(wrong) - MOST_SHOWN),
    )


def _to_send(found: CheckedLetters) -> list[tuple[str, str]]:
    """How many we send and how many the officer does, while it waits for a yes."""
    channel = channel_of(found.settings.channel)
    if channel is None or found.done is not None:
        return []
    some = found.counts["new"] + found.counts["again"]
    word = CHANNEL_NAMES[channel].lower()
    return [(f"Sent by us as {word}", f"{found.sent:,}"), ("Without an address: you send them", f"{some - found.sent:,}")]


def column_of(error: CellError) -> str:
    """A column by its name and its letter in the sheet."""
    return f"{error.column} ({error.letter})" if error.letter else error.column
