"""Uploading KPIs as a sheet: the template, what would become of every row, and the yes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.days import british_time
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import PAGE_HEADERS, Sent, page, read_form, read_form_with_file, redirect
from chassis.pages.forms import require_token
from chassis.secrets import Secrets
from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, read_apart, template_csv, write_xlsx
from chassis.web import uow_of
from reporting.domain.kpi_sheet import LIMITS
from reporting.domain.kpi_words import month_words
from reporting.domain.profile import Profile
from reporting.pages import form_fields
from reporting.pages.form_fields import Writer
from reporting.use_cases.read_kpis import place_name
from reporting.use_cases.upload_kpis import MOST_SHOWN, Checked, UploadKpis, shown_rows

HOME = "/reporting/kpis/upload"
BODY_BYTES = 8 * 1024 * 1024
"""A file of 4 MiB, and what is around it in a form; a larger file still gets its answer."""
_GONE = 410
_OF_THE_FILE = {
    "empty-spreadsheet", "form-too-large", "no-file", "not-a-spreadsheet", "spreadsheet-too-large", "too-many-columns",
    "too-many-rows", "unreadable-spreadsheet", "wrong-columns",
}  # fmt: skip


@dataclass(frozen=True)
class UploadPages:
    """What the pages are made with."""

    uploading: UploadKpis
    secrets: Secrets


def router(pages: UploadPages) -> APIRouter:
    """`/reporting/kpis/upload`."""
    routes = APIRouter(prefix=HOME, include_in_schema=False)
    _sending(routes, pages)
    _confirming(routes, pages)
    return routes


def _sending(routes: APIRouter, pages: UploadPages) -> None:
    """The form, the template, and what takes a file."""

    @routes.get("")
    async def start(request: Request, identity: Writer) -> HTMLResponse:
        """The sheet to fill in, and the form that takes it."""
        return await _form(pages, request, identity)

    @routes.get("/template.{kind}")
    async def template(request: Request, identity: Writer, kind: Literal["xlsx", "csv"]) -> Response:
        """The workbook, with a row for each figure of the last month that is missing; or its columns as CSV."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            layout, rows = await pages.uploading.template(transaction, identity)
        if kind == "csv":
            return _download(template_csv(layout), CSV_TYPE, "kpis.csv")
        content = await asyncio.to_thread(write_xlsx, layout, rows, LIMITS)
        return _download(content, XLSX_TYPE, "kpis.xlsx")

    @routes.post("")
    async def upload(request: Request, identity: Writer) -> Response:
        """Read a file and check it; what is wrong with it as a whole is said on the page."""
        try:
            async with read_form_with_file(request, "file", LIMITS.file_bytes) as sent:
                require_token(sent.form, *form_fields.session(pages.secrets, identity))
                found = await _check(pages, request, identity, sent)
        except DomainError as error:
            if error.slug not in _OF_THE_FILE:
                raise
            words = error.detail.replace(" The columns that it can have: `expected`.", "")
            return await _form(pages, request, identity, [("file", words)], expected=error.extra.get("expected", ()))
        return redirect(f"{HOME}/{found}")


def _confirming(routes: APIRouter, pages: UploadPages) -> None:
    """What would become of a file, and the yes."""

    @routes.get("/{upload_id}")
    async def checked(request: Request, identity: Writer, upload_id: UUID) -> HTMLResponse:
        """What would become of every row, or what did."""
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                profile = await pages.uploading.profile(transaction)
                found = await pages.uploading.look(transaction, identity, upload_id)
        except DomainError as error:
            return await _gone(pages, request, identity, error)
        return _checked(pages, request, identity, profile, found)

    @routes.post("/{upload_id}")
    async def confirm(request: Request, identity: Writer, upload_id: UUID) -> Response:
        """Record it, or throw it away. A second click finds it done."""
        form = await read_form(request)
        require_token(form, *form_fields.session(pages.secrets, identity))
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                if form.text("do") == "discard":
                    await pages.uploading.discard(transaction, identity, upload_id)
                    return redirect(HOME)
                profile = await pages.uploading.profile(transaction)
                found, stands = await pages.uploading.record(transaction, identity, upload_id)
        except DomainError as error:
            return await _gone(pages, request, identity, error)
        if stands:
            return redirect(f"{HOME}/{upload_id}")
        return _checked(pages, request, identity, profile, found, changed=True)

    @routes.get("/{upload_id}/faults.csv")
    async def faults(request: Request, identity: Writer, upload_id: UUID) -> Response:
        """The rows with faults as they stood, each with what is wrong with it: to be put right and sent again."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            content = await pages.uploading.refused(transaction, identity, upload_id)
        return _download(content, CSV_TYPE, "kpis-to-correct.csv")


async def _check(pages: UploadPages, request: Request, identity: Identity, sent: Sent) -> UUID:
    """Read and check; no connection to the database is held while the file is read."""
    if sent.file is None:
        raise DomainError("no-file", "Choose a file", Kind.MALFORMED)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        layout = await pages.uploading.layout(transaction)
    sheet = await read_apart(sent.file, layout, LIMITS)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        return await pages.uploading.check(transaction, identity, sheet, sent.name)


async def _form(
    pages: UploadPages,
    request: Request,
    identity: Identity,
    errors: Sequence[tuple[str, str]] = (),
    *,
    expected: Sequence[str] = (),
    status: int | None = None,
) -> HTMLResponse:
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = await pages.uploading.profile(transaction)
    return page(
        request,
        "kpi-upload.html",
        status or (422 if errors else 200),
        title="Upload figures of KPIs",
        organisation=profile.organisation.name,
        token=form_fields.token(pages.secrets, identity),
        errors=list(errors),
        expected=expected,
        most=LIMITS.rows,
        megabytes=LIMITS.file_bytes // 1024 // 1024,
    )


async def _gone(pages: UploadPages, request: Request, identity: Identity, error: DomainError) -> HTMLResponse:
    if error.slug != "upload-gone":
        raise error
    return await _form(pages, request, identity, [("file", error.detail)], status=_GONE)


def _checked(
    pages: UploadPages, request: Request, identity: Identity, profile: Profile, found: Checked, *, changed: bool = False
) -> HTMLResponse:
    names = {each.code: each.name for each in profile.kpis.kpis}
    until = british_time(found.until)
    return page(
        request,
        "kpi-upload-checked.html",
        409 if changed else 200,
        title="The figures are recorded" if found.done else "Check the figures",
        organisation=profile.organisation.name,
        token=form_fields.token(pages.secrets, identity),
        checked=found,
        address=f"{HOME}/{found.id}",
        rows=[
            (
                each.row,
                names.get(each.kpi, each.kpi),
                month_words(each.month),
                place_name(each.place, profile, each.month),
                each,
            )
            for each in shown_rows(found)[:MOST_SHOWN]
        ],
        most=MOST_SHOWN,
        until=f"{until.day} {until:%B %Y, %H:%M}",
        changed=changed,
    )


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
