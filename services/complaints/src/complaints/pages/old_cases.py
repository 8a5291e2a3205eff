"""Staff pages that bring in old complaints and compliments: the sheet to fill in, what would become of it, the yes."""

import time
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.days import moment_words
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import PAGE_HEADERS, read_form_with_file, redirect
from chassis.pages.forms import require_token
from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, read_several_apart, template_csv, write_book, write_csv
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from complaints.domain.old_preview import MOST_SHOWN
from complaints.domain.old_sheet import COMPLAINTS, LIMITS, reading
from complaints.pages.labels import CLOCK_TAGS, Labels
from complaints.pages.staff_desk import Desk, Officer, desk
from complaints.pages.staff_forms import posted, setup_of
from complaints.use_cases import old_cases
from complaints.use_cases.old_cases import Checked

HOME = "/complaints/old-cases"
UPLOAD = f"{HOME}/upload"
"""Where a file is sent: the gateway lets more than a mebibyte through to paths that end so."""
BODY_BYTES = 8 * 1024 * 1024
"""A file, and what is around it in a form."""
SECONDS = 8.0
"""How long one click records before it shows how far it came: well within what a browser, and the way there, waits."""

_OF_THE_FILE = {
    "empty-spreadsheet", "form-too-large", "no-file", "not-a-spreadsheet", "spreadsheet-too-large", "too-many-columns",
    "too-many-rows", "unreadable-spreadsheet", "wrong-columns",
}  # fmt: skip
_GONE = 410
_STATES = {**{state: words for state, (words, _) in CLOCK_TAGS.items()}, "ended": "Withdrawn or discontinued"}
_DIFFERENCES = ("Row", "Reference", "Stage", "Days in your list", "Working days", "Clock")

router = APIRouter(prefix=HOME, include_in_schema=False)


@router.get("")
@router.get("/upload")
async def start_page(request: Request, identity: Officer) -> HTMLResponse:
    """The sheet to fill in, and the form that takes it."""
    async with desk(request, identity) as at:
        return await _form(at)


@router.get("/template.{kind}")
async def template(request: Request, identity: Officer, kind: Literal["xlsx", "complaints.csv", "compliments.csv"]) -> Response:
    """The workbook to fill in, or one of its sheets as CSV."""
    async with desk(request, identity) as at:
        layouts = await old_cases.sheets_of(at.transaction, at.setup, identity)
    if kind == "xlsx":
        return _download(write_book([(layout, []) for layout in layouts], LIMITS), XLSX_TYPE, "old-cases.xlsx")
    layout = layouts[kind != "complaints.csv"]
    return _download(template_csv(layout), CSV_TYPE, f"old-{kind}")


@router.post("/upload")
async def upload(request: Request, identity: Officer) -> Response:
    """Read a file and check it; what is wrong with it as a whole is said on the page. No connection is held meanwhile."""
    try:
        async with read_form_with_file(request, "file", LIMITS.file_bytes) as sent:
            require_token(sent.form, setup_of(request).form_key(org_of(identity)), identity.subject)
            async with desk(request, identity) as at:
                layouts = await old_cases.sheets_of(at.transaction, at.setup, identity)
            if sent.file is None:
                raise DomainError("no-file", "Choose a file", Kind.MALFORMED)
            sheets = await read_several_apart(sent.file, reading(layouts), LIMITS)
            name = sent.name
        found = await old_cases.check_old_cases(_begin(request, identity), setup_of(request), identity, sheets, name)
    except DomainError as error:
        if error.slug not in _OF_THE_FILE:
            raise
        words = error.detail.replace(" The columns that it can have: `expected`.", "")
        async with desk(request, identity) as at:
            return await _form(at, [("file", words)], expected=error.extra.get("expected", ()))
    return redirect(f"{HOME}/{found}")


@router.get("/{upload_id}")
async def checked_page(request: Request, identity: Officer, upload_id: UUID) -> HTMLResponse:
    """What would become of the file; once it is recorded, what did."""
    async with desk(request, identity) as at:
        try:
            checked, _ = await old_cases.look(at.transaction, at.setup, identity, upload_id)
        except DomainError as error:
            return await _gone(at, error)
        return _checked(at, checked)


@router.post("/{upload_id}")
async def confirm(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """Record it, a part a transaction, or throw it away. What a click does not get done the next one does."""
    form = await posted(request, identity)
    begin, setup = _begin(request, identity), setup_of(request)
    try:
        if form.text("do") == "discard":
            async with begin() as transaction:
                await old_cases.discard(transaction, setup, identity, upload_id)
            return redirect(HOME)
        until, more = time.monotonic() + SECONDS, True
        while more:
            async with begin() as transaction:
                more = await old_cases.record_part(transaction, setup, identity, upload_id)
            more = more and time.monotonic() < until
    except DomainError as error:
        async with desk(request, identity) as at:
            return await _gone(at, error)
    return redirect(f"{HOME}/{upload_id}")


@router.get("/{upload_id}/faults.{kind}")
async def faults(request: Request, identity: Officer, upload_id: UUID, kind: Literal["xlsx", "csv"]) -> Response:
    """The rows with faults as they stood, each with what is wrong with it: to be put right and sent again."""
    async with desk(request, identity) as at:
        content = await old_cases.refused(at.transaction, at.setup, identity, upload_id, kind)
    return _download(content, XLSX_TYPE if kind == "xlsx" else CSV_TYPE, f"old-cases-to-correct.{kind}")


@router.get("/{upload_id}/differences.csv")
async def differences(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """Every stage of which the list counted other days than the clock."""
    async with desk(request, identity) as at:
        found = await old_cases.differences(at.transaction, at.setup, identity, upload_id)
    rows = [(*each[:-1], _STATES[each[-1]]) for each in found]
    return _download(write_csv(_DIFFERENCES, rows), CSV_TYPE, "old-cases-days.csv")


def _begin(request: Request, identity: Identity) -> old_cases.Begin:
    def begin() -> AbstractAsyncContextManager[Transaction]:
        return uow_of(request).begin(org_of(identity))

    return begin


async def _gone(at: Desk, error: DomainError) -> HTMLResponse:
    if error.slug == "upload-gone":
        return await _form(at, [("file", error.detail)], status=_GONE)
    if error.slug == "profile-changed":
        return await _form(at, [("file", error.detail)], status=409)
    raise error


async def _form(at: Desk, errors: Any = (), *, expected: Any = (), status: int | None = None) -> HTMLResponse:
    old_cases.whole_organisation(at.identity)
    return at.show(
        "old/start.html",
        status or (422 if errors else 200),
        title="Bring in old cases",
        errors=errors,
        expected=expected,
        most=LIMITS.rows,
        megabytes=LIMITS.file_bytes // (1024 * 1024),
        home=HOME,
        upload=UPLOAD,
    )


def _checked(at: Desk, checked: Checked) -> HTMLResponse:
    content, n = checked.content, checked.content["n"]
    return at.show(
        "old/checked.html",
        title=_title(checked, n),
        checked=checked,
        home=HOME,
        address=f"{HOME}/{checked.id}",
        until=moment_words(checked.expires_at),
        total=n["complaints"] + n["compliments"],
        what=_what(n["complaints"], n["compliments"]),
        recorded=_what(checked.recorded["complaints"], checked.recorded["compliments"]),
        n=n,
        content=content,
        years=_years(content, at.labels),
        clocks=_clocks(content),
        states=_STATES,
        most=MOST_SHOWN,
        sheets=COMPLAINTS,
    )


def _title(checked: Checked, n: Mapping[str, int]) -> str:
    if checked.done:
        return f"{_what(checked.recorded['complaints'], checked.recorded['compliments'])} recorded"
    if checked.begun:
        return "Recording old cases"
    return f"Check {_what(n['complaints'], n['compliments'])} before they are recorded"


def _what(complaints: int, compliments: int) -> str:
    words = [
        f"{n:,} {word}{'' if n == 1 else 's'}" for n, word in ((complaints, "complaint"), (compliments, "compliment")) if n
    ]
    return " and ".join(words) or "nothing"


def _years(content: Mapping[str, Any], labels: Labels) -> tuple[list[int], list[tuple[str, list[int]]]]:
    """Complaints by procedure, with a figure for each year, and compliments below them."""
    figures = {(procedure, year): n for procedure, year, n in content["years"]}
    praised = dict(content["compliment_years"])
    years = sorted({year for _, year in figures} | set(praised))
    procedures = dict.fromkeys(procedure for procedure, _ in figures)
    rows = [(labels.name("procedure", each), [figures.get((each, year), 0) for year in years]) for each in procedures]
    if praised:
        rows.append(("Compliments", [praised.get(year, 0) for year in years]))
    return years, rows


def _clocks(content: Mapping[str, Any]) -> list[tuple[int, dict[str, int]]]:
    """The stages, with how many there are in each state of the clock."""
    stages: dict[int, dict[str, int]] = {}
    for stage, state, n in content["clocks"]:
        stages.setdefault(stage, {})[state] = n
    return sorted(stages.items())


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
