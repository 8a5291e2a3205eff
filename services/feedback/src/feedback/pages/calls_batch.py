"""Staff pages that add calls from a sheet: choose, look at what would become of each row, and say that they be added."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.days import british_day
from chassis.errors import DomainError, Kind
from chassis.outbox import now
from chassis.pages import Form, read_form_with_file, redirect
from chassis.pages.days import typed_day
from chassis.pages.forms import require_token
from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, read_apart, template_csv, template_xlsx
from feedback.domain.call_progress import month_end
from feedback.domain.call_sheet import LIMITS, MOST_CALLS, layout_of
from feedback.pages.call_view import CALLS
from feedback.pages.links_batch import column_of
from feedback.pages.links_desk import (
    Desk,
    Errors,
    Officer,
    day_in,
    desk,
    download,
    moment,
    posted,
    session,
    several,
    tidy,
)
from feedback.use_cases.call_sheets import (
    STATUSES,
    CheckedCalls,
    add_checked_calls,
    check_calls,
    due_fault,
    look_calls,
    refused_calls,
)
from feedback.use_cases.keep_callers import rota

BATCH = f"{CALLS}/batch"
MOST_SHOWN = 200
_WOULD = {"new": "New calls", "there": "There already this month: nothing is added", "refused": "Refused"}
_OF_THE_FILE = {
    "empty-spreadsheet", "form-too-large", "no-file", "not-a-spreadsheet", "spreadsheet-too-large", "too-many-columns",
    "too-many-rows", "unreadable-spreadsheet", "wrong-columns",
}  # fmt: skip
_GONE = 410

router = APIRouter(prefix=CALLS, include_in_schema=False)


async def _layout(at: Desk) -> Any:
    found = await rota(at.transaction, at.context)
    return layout_of(at.profile, [(each.subject, each.name) for each in found.everybody])


@router.get("/template.{kind}")
async def template(request: Request, identity: Officer, kind: str) -> Response:
    """An empty sheet: a workbook that explains its columns for `xlsx`, else CSV."""
    async with desk(request, identity) as at:
        layout = await _layout(at)
    if kind == "xlsx":
        return download(template_xlsx(layout, LIMITS), XLSX_TYPE, "calls.xlsx")
    return download(template_csv(layout), CSV_TYPE, "calls.csv")


@router.get("/batch")
async def batch_page(request: Request, identity: Officer) -> HTMLResponse:
    """The form that takes a sheet."""
    async with desk(request, identity) as at:
        return _form(at, {"programme": "", "due_on": {}})


@router.post("/batch")
async def upload(request: Request, identity: Officer) -> Response:
    """Read a sheet and check it; what is wrong with the choice or the file is said on the page."""
    given: dict[str, Any] = {"programme": "", "due_on": {}}
    try:
        async with read_form_with_file(request, "file") as sent:
            require_token(sent.form, *session(request, identity))
            given = {"programme": tidy(sent.form.text("programme")), "due_on": typed_day(sent.form, "due_on")}
            async with desk(request, identity) as at:
                due_on, errors = _due_on(sent.form)
                if at.profile.calls.programme(given["programme"]) is None:
                    errors.append(("programme", "Choose a programme"))
                if errors:
                    return _form(at, given, errors)
                layout = await _layout(at)
            if sent.file is None:
                raise DomainError("no-file", "Choose a file", Kind.MALFORMED)
            sheet = await read_apart(sent.file, layout, LIMITS)
            async with desk(request, identity) as at:
                found = await check_calls(
                    at.transaction, at.context, identity, sheet, given["programme"], due_on, sent.name, now()
                )
    except DomainError as error:
        if error.slug not in _OF_THE_FILE:
            raise
        words = error.detail.replace(" The columns that it can have: `expected`.", "")
        async with desk(request, identity) as at:
            return _form(at, given, [("file", words)], expected=error.extra.get("expected", ()))
    return redirect(f"{BATCH}/{found}")


def _due_on(form: Form) -> tuple[date, list[tuple[str, str]]]:
    """The day by which calls are to be made whose row does not say, and what is wrong with it."""
    today = british_day(now())
    try:
        due_on = day_in(form, "due_on") or month_end(today)
    except (ValueError, OverflowError):
        return today, [("due_on", "Write a real day in numbers, like 27 3 2026")]
    wrong = due_fault(due_on, today)
    return due_on, [("due_on", wrong.detail)] if wrong else []


@router.get("/batch/{upload_id}")
async def checked_page(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """What would become of each row; once they are added, what did."""
    async with desk(request, identity) as at:
        try:
            return _checked(at, await look_calls(at.transaction, at.context, identity, upload_id))
        except DomainError as error:
            return _gone(at, error)


@router.post("/batch/{upload_id}")
async def confirm(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """Add the calls, or throw the upload away. A second click finds it done, also after a restart."""
    form = await posted(request, identity)
    async with desk(request, identity) as at:
        if form.text("do") == "discard":
            await at.context.call_sheets.discard(at.transaction, upload_id, identity.subject)
            return redirect(BATCH)
        try:
            await add_checked_calls(at.transaction, at.context, identity, upload_id, now())
        except DomainError as error:
            return _gone(at, error)
    return redirect(f"{BATCH}/{upload_id}")


@router.get("/batch/{upload_id}/refused.csv")
async def refused_rows(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """The refused rows as they stood, with the reasons."""
    async with desk(request, identity) as at:
        content = await refused_calls(at.transaction, at.context, identity, upload_id)
    return download(content, CSV_TYPE, "refused-calls.csv")


def _gone(at: Desk, error: DomainError) -> HTMLResponse:
    if error.slug != "upload-gone":
        raise error
    return _form(at, {"programme": "", "due_on": {}}, [("file", error.detail)], status=_GONE)


def _form(
    at: Desk, given: dict[str, Any], errors: Errors = (), *, expected: Any = (), status: int | None = None
) -> HTMLResponse:
    return at.show(
        "calls/batch.html",
        status or (422 if errors else 200),
        title="Add calls from a list",
        given=given,
        errors=errors,
        expected=expected,
        most=f"{MOST_CALLS:,}",
        programmes=[(each.code, each.name) for each in at.profile.calls.programmes],
    )


def _checked(at: Desk, found: CheckedCalls) -> HTMLResponse:
    counts = found.counts
    some = counts["new"]
    wrong = [error for row in found.rows for error in row.errors]
    programme = at.profile.calls.programme(found.programme)
    done = found.done is not None
    return at.show(
        "batch_checked.html",
        title=f"{several(some, 'call')} added" if done else f"Check {several(some, 'call')} before you add",
        done=done,
        address=f"{BATCH}/{found.upload.id}",
        file=found.name or "the file",
        what=programme.name if programme else found.programme,
        verb="add",
        verbed="added",
        onward=("/feedback/calls", "To the calls"),
        until=moment(found.upload.expires_at),
        figures=[(_WOULD[status], f"{counts[status]:,}") for status in STATUSES],
        some=some,
        button=f"Add {several(some, 'call')}",
        refused=counts["refused"],
        wrong=[(each.row, column_of(each), each.detail) for each in wrong[:MOST_SHOWN]],
        more_wrong=max(0, len(wrong) - MOST_SHOWN),
    )
