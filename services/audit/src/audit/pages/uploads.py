"""Staff pages of uploads: choose a sheet, look at what would become of it, and say that it is to be recorded."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import HTMLResponse, Response

from audit.domain.profile import AuditProfile
from audit.pages import view, view_uploads
from audit.use_cases.upload_outcomes import UploadOutcomes
from audit.web.turns import Turns
from chassis.access import org_of, requires
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import PAGE_HEADERS, Sent, csrf_token, page, read_form, read_form_with_file, redirect
from chassis.pages.forms import require_token
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, read_apart, template_csv, template_xlsx
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

UPLOAD_PATH = "/audit/outcomes/upload"
OFFICER = "role:qa-officer"
FORMS = "audit-upload-form"

# What is wrong with the file or the choice, and not with us: said beside the field, and the page stays.
_OF_THE_FILE = {
    "empty-spreadsheet",
    "form-too-large",
    "no-file",
    "not-a-spreadsheet",
    "spreadsheet-too-large",
    "too-many-columns",
    "too-many-rows",
    "unreadable-spreadsheet",
    "wrong-columns",
}
_GONE = 410

router = APIRouter(prefix="/audit/outcomes", include_in_schema=False)
Officer = Annotated[Identity, Depends(requires(OFFICER))]


@router.get("/upload")
async def upload_page(request: Request, identity: Officer, tool: str = "") -> HTMLResponse:
    """Choose a tool and a file; a template for each tool."""
    return await _form(request, identity, tool)


@router.post("/upload")
async def upload(request: Request, identity: Officer) -> Response:
    """Read a file and check it; what is wrong with it as a whole is said on the page."""
    code = ""
    try:
        async with _turns(request).take(org_of(identity), identity.subject), read_form_with_file(request, "file") as sent:
            require_token(sent.form, *_session(request, identity))
            code = sent.form.text("tool")
            upload_id = await _check(request, identity, code, sent)
    except DomainError as error:
        if error.slug == "not-found":
            return await _form(request, identity, code, ("tool", "Choose the audit tool"))
        if error.slug not in _OF_THE_FILE:
            raise
        words = error.detail.replace(" The columns that it can have: `expected`.", "")
        return await _form(request, identity, code, ("file", words), expected=error.extra.get("expected", ()))
    return redirect(f"{UPLOAD_PATH}/{upload_id}")


@router.get("/upload/{upload_id}")
async def checked_page(request: Request, identity: Officer, upload_id: UUID) -> HTMLResponse:
    """What would become of each row, or what became of it."""
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile = await _profile(request, transaction)
            checked = await _uploading(request).look(transaction, identity, upload_id)
    except DomainError as error:
        return await _gone(request, identity, error)
    return page(request, "upload_checked.html", token=_token(request, identity), **view_uploads.checked(checked, profile))


@router.post("/upload/{upload_id}")
async def record(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """Record an upload, or throw it away. A second click finds it done."""
    form = await read_form(request)
    require_token(form, *_session(request, identity))
    uploading = _uploading(request)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            if form.text("do") == "discard":
                await uploading.discard(transaction, identity, upload_id)
                return redirect(UPLOAD_PATH)
            profile = await _profile(request, transaction)
            checked, stands = await uploading.record(transaction, identity, upload_id)
    except DomainError as error:
        return await _gone(request, identity, error)
    if stands:
        return redirect(f"{UPLOAD_PATH}/{upload_id}")
    shown = view_uploads.checked(checked, profile, changed=True)
    return page(request, "upload_checked.html", 409, token=_token(request, identity), **shown)


@router.get("/upload/{upload_id}/refused.csv")
async def refused_rows(request: Request, identity: Officer, upload_id: UUID) -> Response:
    """The refused rows as they stood, with the reasons."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        content = await _uploading(request).refused(transaction, identity, upload_id)
    return _download(content, CSV_TYPE, "refused-outcomes.csv")


@router.get("/template.csv")
async def csv_template(request: Request, identity: Officer, tool: Annotated[str, Query(max_length=80)]) -> Response:
    """The template of a tool as CSV."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        known, layout = await _uploading(request).layout(transaction, tool)
    return _download(template_csv(layout), CSV_TYPE, f"outcomes-{known.code}.csv")


@router.get("/template.xlsx")
async def workbook_template(request: Request, identity: Officer, tool: Annotated[str, Query(max_length=80)]) -> Response:
    """The template of a tool as an Excel workbook, with its explanations and the known codes."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        known, layout = await _uploading(request).layout(transaction, tool)
    return _download(template_xlsx(layout), XLSX_TYPE, f"outcomes-{known.code}.xlsx")


async def _check(request: Request, identity: Identity, code: str, sent: Sent) -> UUID:
    """Read and check; no connection to the database is held while the file is read."""
    org, uploading = org_of(identity), _uploading(request)
    async with uow_of(request).begin(org) as transaction:
        tool, layout = await uploading.layout(transaction, code)
    if sent.file is None:
        raise DomainError("no-file", "Choose a file", Kind.MALFORMED)
    sheet = await read_apart(sent.file, layout)
    async with uow_of(request).begin(org) as transaction:
        return await uploading.check(transaction, identity, tool, sheet, sent.name)


async def _form(
    request: Request,
    identity: Identity,
    tool: str,
    *errors: tuple[str, str],
    status: int | None = None,
    expected: Sequence[str] = (),
) -> HTMLResponse:
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = await _profile(request, transaction)
    return page(
        request,
        "upload.html",
        status or (422 if errors else 200),
        title="Upload audit outcomes",
        organisation=profile.organisation.name,
        token=_token(request, identity),
        tools=[(each.code, each.name) for each in profile.audit.tools],
        tool=view.tidy(tool),
        errors=errors,
        expected=expected,
    )


async def _gone(request: Request, identity: Identity, error: DomainError) -> HTMLResponse:
    if error.slug != "upload-gone":
        raise error
    return await _form(request, identity, "", ("file", error.detail), status=_GONE)


async def _profile(request: Request, transaction: Transaction) -> AuditProfile:
    profiles: ProfileStore[AuditProfile] = request.app.state.profiles
    return (await profiles.current(transaction)).profile


def _uploading(request: Request) -> UploadOutcomes:
    found: UploadOutcomes = request.app.state.upload_outcomes
    return found


def _turns(request: Request) -> Turns:
    found: Turns = request.app.state.turns
    return found


def _session(request: Request, identity: Identity) -> tuple[bytes, str]:
    secrets: Secrets = request.app.state.secrets
    return secrets.key(org_of(identity), FORMS), identity.subject


def _token(request: Request, identity: Identity) -> str:
    return csrf_token(*_session(request, identity))


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
