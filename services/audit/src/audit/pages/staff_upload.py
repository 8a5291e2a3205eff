"""Staff page that takes the directory, or a part of it, as a sheet: all of it, or nothing and what is wrong in which cell."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from audit.domain.staff_entry import StaffEntry
from audit.domain.staff_sheet import cell_of, entry_of, layout_of
from audit.pages.desk import Desk, Officer, desk, form_key
from audit.pages.sheets import OF_THE_FILE, sheet_answer, shown_cells
from audit.use_cases.keep_people import Kept, keep_people
from chassis.access import org_of
from chassis.errors import DomainError, FieldError, Kind
from chassis.pages import read_form_with_file, redirect
from chassis.pages.forms import require_token
from chassis.problems import validation_errors
from chassis.spreadsheet import CellError, Sheet, read_apart

UPLOAD_PATH = "/audit/people/upload"

router = APIRouter(prefix=UPLOAD_PATH, include_in_schema=False)


@router.get("")
async def upload_page(request: Request, identity: Officer) -> HTMLResponse:
    """The form that takes a sheet."""
    async with desk(request, identity) as at:
        return _show(at)


@router.post("")
async def upload(request: Request, identity: Officer) -> Response:
    """Put everybody of a sheet into the directory, or nobody. Whoever is not in the sheet stays as they are."""
    cells: list[CellError] = []
    try:
        async with read_form_with_file(request, "file") as sent:
            require_token(sent.form, form_key(request.app.state.context, org_of(identity)), identity.subject)
            async with desk(request, identity) as at:
                profile = at.profile
            if sent.file is None:
                raise DomainError("no-file", "Choose a file", Kind.MALFORMED)
            # No connection to the database is held while the file is read.
            sheet = await read_apart(sent.file, layout_of(profile))
        entries, cells = _entries(sheet)
        _refuse(cells)
        async with desk(request, identity) as at:
            results = await keep_people(at.transaction, at.context, identity, entries)
            cells = _refused(sheet, results)
            _refuse(cells)
    except DomainError as error:
        if error.slug not in OF_THE_FILE:
            raise
        async with desk(request, identity) as at:
            return _show(at, error, cells)
    return redirect("/audit/people")


@router.get("/template.{kind}")
async def template(request: Request, identity: Officer, kind: str) -> Response:
    """An empty sheet, as CSV or as a workbook that explains its columns."""
    async with desk(request, identity) as at:
        return sheet_answer(layout_of(at.profile), kind, "staff")


def _entries(sheet: Sheet) -> tuple[list[StaffEntry], list[CellError]]:
    entries: list[StaffEntry] = []
    cells: list[CellError] = []
    for row in sheet.rows:
        if row.errors:
            cells += row.errors
            continue
        try:
            entries.append(StaffEntry.model_validate(entry_of(row)))
        except ValidationError as error:
            wrong = validation_errors(error.errors(include_url=False, include_context=False, include_input=False))
            cells += [cell_of(sheet, row, FieldError(each["pointer"], "This does not have the right form.")) for each in wrong]
    return entries, cells


def _refused(sheet: Sheet, results: Sequence[Kept | DomainError]) -> list[CellError]:
    """What was refused of a sheet that was right in itself; a result for each of its rows."""
    return [
        cell_of(sheet, row, each)
        for row, result in zip(sheet.rows, results, strict=True)
        if isinstance(result, DomainError)
        for each in (result.errors or (FieldError("/code", result.detail),))
    ]


def _refuse(cells: Sequence[CellError]) -> None:
    """Raise where anything is wrong, which takes back what was written of the others."""
    if cells:
        raise DomainError("invalid-sheet", f"{len(cells)} cells of the sheet are wrong. Nobody was changed", Kind.MALFORMED)


def _show(at: Desk, error: DomainError | None = None, cells: Sequence[CellError] = ()) -> HTMLResponse:
    context: dict[str, Any] = shown_cells(error, cells)
    return at.show("staff-upload.html", 422 if error else 200, title="Upload staff", address=UPLOAD_PATH, **context)
