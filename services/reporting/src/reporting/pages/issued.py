"""Pages of what was issued: the list, a version as it was frozen, its files."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.days import moment_words
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.pages import page, redirect
from chassis.pages.headers import PAGE_HEADERS
from chassis.pdf.response import pdf_response
from chassis.spreadsheet import XLSX_TYPE
from chassis.web import uow_of
from reporting.domain.commentary import AFTER_TABLES, OF_TABLE
from reporting.domain.issuing import OPEN, State, Step, possible
from reporting.domain.plain_words import passages
from reporting.domain.stamp import stamp
from reporting.pages import view
from reporting.pages.form_fields import Writer
from reporting.pages.report_desk import STATES
from reporting.pages.report_forms import desk_of, error_context, posted, shown_again, token_for
from reporting.pages.routes import Staff
from reporting.use_cases.desk import DeskSetup
from reporting.use_cases.issue_report import issue_report, take_step
from reporting.use_cases.read_issued import WRITERS, Version, list_issued, read_file, read_version
from reporting.web.issue_files import IssueFiles, file_name

After = Annotated[str | None, Query(max_length=250)]


def router(setup: DeskSetup, files: IssueFiles) -> APIRouter:
    """`/reporting/issued`."""
    routes = APIRouter(prefix="/reporting/issued", include_in_schema=False)

    @routes.get("")
    async def show_list(request: Request, identity: Staff, after: After = None) -> Response:
        """What was issued, the last first."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found, following = await list_issued(transaction, setup, identity, after=after)
            profile = await setup.reports.organisation(transaction)
        names = {each.code: each.name for each in profile.organisation.service_areas}
        return page(
            request,
            "issued-list.html",
            title="Issued reports",
            organisation=profile.organisation.name,
            issues=[
                (each, names.get(each.key.service_area, each.key.service_area), *STATES[each.state.value]) for each in found
            ],
            next=following,
            moment=moment_words,
        )

    @routes.get("/{ident}")
    async def show_version(request: Request, ident: UUID, identity: Staff) -> Response:
        """A version as it was frozen; for those who write reports, also one on its way."""
        return await shown(request, identity, ident)

    @routes.post("/{ident}/{step}")
    async def take(request: Request, ident: UUID, step: Step, identity: Writer) -> Response:
        """Check, send back, issue or withdraw a version."""
        form = await posted(request, setup, identity)
        try:
            if step is Step.ISSUE:
                await issue_report(uow_of(request), setup, files, identity, ident)
            else:
                async with uow_of(request).begin(org_of(identity)) as transaction:
                    await take_step(transaction, setup, identity, ident, step, form.text("reason"))
        except DomainError as error:
            return await shown(request, identity, ident, form.text("reason"), error)
        return redirect(f"/reporting/issued/{ident}")

    async def shown(
        request: Request, identity: Identity, ident: UUID, reason: str = "", error: DomainError | None = None
    ) -> Response:
        status = shown_again(error) if error else 200
        async with uow_of(request).begin(org_of(identity)) as transaction:
            version = await read_version(transaction, setup, identity, ident)
        first = "reason" if error is not None and error.slug == "reason-missing" else "main-content"
        return page(
            request,
            "issued.html",
            status,
            title=version.content.view.title,
            organisation=version.content.organisation,
            token=token_for(setup, identity),
            state=STATES[version.issue.state.value],
            writer=identity.may(*WRITERS),
            reason=reason,
            **_context(version, identity),
            **error_context(error, first),
        )

    @routes.get("/{ident}/pdf")
    async def save_pdf(request: Request, ident: UUID, identity: Staff) -> Response:
        """The PDF as it was issued; of a version on its way, how it would be. Raises `quote-withdrawn`."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            version = await read_version(transaction, setup, identity, ident)
            if version.issue.state in {State.ISSUED, State.WITHDRAWN}:
                issue, content, _ = await read_file(transaction, setup, identity, ident, "pdf")
                return pdf_response(content, file_name(issue, "pdf"))
        return pdf_response(await files.draft(version.issue), file_name(version.issue, "pdf"))

    @routes.get("/{ident}/workbook")
    async def save_workbook(request: Request, ident: UUID, identity: Staff) -> Response:
        """The workbook as it was issued."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            issue, content, _ = await read_file(transaction, setup, identity, ident, "workbook")
        attached = {"Content-Disposition": f'attachment; filename="{file_name(issue, "xlsx")}"'}
        return Response(content, media_type=XLSX_TYPE, headers={**PAGE_HEADERS, **attached})

    return routes


def _context(version: Version, identity: Identity) -> dict[str, Any]:
    issue, content = version.issue, version.content
    beside = {
        each.section[len(OF_TABLE) :]: passages(each.words) for each in content.texts if each.section.startswith(OF_TABLE)
    }
    whole = [
        (each.section, each.title, passages(each.words)) for each in content.texts if not each.section.startswith(OF_TABLE)
    ]
    on_its_way = issue.state in OPEN
    return {
        "issue": issue,
        "content": content,
        "stamp": stamp(content, issue.number, issue.prepared, issue.checked, issue.issued),
        "above": [each for each in whole if each[0] not in AFTER_TABLES],
        "below": [each for each in whole if each[0] in AFTER_TABLES],
        "beside": beside,
        "tables": [view.table_for(table) for table in content.view.tables],
        "withdrawn": {str(ident): f"{day.day} {day:%B %Y}" for ident, day in version.withdrawn.items()},
        "steps": possible(issue.state, identity.subject, issue.prepared.by),
        "mine": issue.prepared.by == identity.subject,
        "on_its_way": on_its_way,
        "desk": desk_of(issue.key),
        "moment": moment_words,
    }
