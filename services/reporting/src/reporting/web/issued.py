"""JSON and files of what was issued."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from chassis.access import org_of
from chassis.spreadsheet import XLSX_TYPE
from chassis.web import uow_of
from reporting.adapters.issue_repository import Issue, Kind
from reporting.domain.report_changes import Change
from reporting.use_cases.desk import DeskSetup
from reporting.use_cases.read_issued import WRITERS, Version, list_issued, read_file, read_version
from reporting.web.answers import NOT_CHANGED, json_answer, tagged
from reporting.web.callers import Caller
from reporting.web.issue_files import file_name
from reporting.web.schemas import ReportAnswer

Responses = dict[int | str, dict[str, Any]]
UNKNOWN: Responses = {404: {"description": "No such version, or it is about service areas that the caller does not see."}}
WITHDRAWN: Responses = {409: {"description": "A quote in the file was withdrawn since; ask for the report to be issued again."}}


class IssueHead(BaseModel):
    """A version that was issued."""

    id: UUID
    report: str
    title: str
    period: str
    service_area: str | None = Field(description="The service area that it is limited to; null: all of the organisation.")
    audience: Literal["internal", "public"]
    number: int = Field(description="1 for the first version of a report and period.")
    state: Literal["issued", "withdrawn"]
    issued_at: datetime
    withdrawn_at: datetime | None
    digest: str = Field(description="SHA-256 of what was frozen.")

    @classmethod
    def of(cls, issue: Issue) -> "IssueHead":
        """From the record."""
        return cls.model_validate(
            {
                "id": issue.id,
                "report": issue.key.report,
                "title": issue.title,
                "period": issue.key.period,
                "service_area": issue.key.service_area or None,
                "audience": issue.audience,
                "number": issue.number,
                "state": issue.state.value,
                "issued_at": issue.issued.at if issue.issued else None,
                "withdrawn_at": issue.ended.at if issue.ended else None,
                "digest": issue.digest,
            }
        )


class IssueList(BaseModel):
    """A page of what was issued, the last first."""

    items: list[IssueHead]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")


class ChangeAnswer(BaseModel):
    """A figure that is not as it was in the version before."""

    table: str
    title: str
    row: str
    column: str
    before: str
    after: str

    @classmethod
    def of(cls, change: Change) -> "ChangeAnswer":
        """From the domain's."""
        return cls(**change.data())


class TextAnswer(BaseModel):
    """A text: plain, with paragraphs and lists (lines that begin with a hyphen)."""

    section: str = Field(description="`table-<code>` stands beside that table.")
    title: str
    words: str


class QuoteAnswer(BaseModel):
    """A quote that two people approved; without words once it was withdrawn."""

    quote_id: UUID
    words: str | None
    language: str
    source: str
    service_area: str
    withdrawn_on: date | None


class VersionAnswer(IssueHead):
    """A version with everything that is in it."""

    organisation: str
    as_of: datetime = Field(description="When the figures were counted.")
    positions: dict[str, int] = Field(description="Number of the last event of each source that is counted for certain.")
    content: ReportAnswer
    texts: list[TextAnswer]
    quotes: list[QuoteAnswer]
    reason: str | None = Field(description="Why it was issued again.")
    changes: list[ChangeAnswer] = Field(description="Figures that differ from the version before.")

    @classmethod
    def of_version(cls, version: Version) -> "VersionAnswer":
        """From the record, without words that were withdrawn."""
        content = version.content
        quotes = [
            QuoteAnswer(
                quote_id=UUID(each.quote_id),
                words=each.words or None,
                language=each.language,
                source=each.source,
                service_area=each.service_area,
                withdrawn_on=version.withdrawn.get(UUID(each.quote_id)),
            )
            for each in content.quotes
        ]
        return cls(
            **IssueHead.of(version.issue).model_dump(),
            organisation=content.organisation,
            as_of=content.as_of,
            positions=dict(content.positions),
            content=ReportAnswer.of(content.view),
            texts=[TextAnswer(section=each.section, title=each.title, words=each.words) for each in content.texts],
            quotes=quotes,
            reason=content.reason or None,
            changes=[ChangeAnswer.of(each) for each in content.changes],
        )


def router(setup: DeskSetup) -> APIRouter:
    """`/reporting/v1/issued`."""
    routes = APIRouter(prefix="/reporting/v1/issued", tags=["issued reports"])

    @routes.get("", summary="List issued reports")
    async def list_versions(
        request: Request,
        identity: Caller,
        report: Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)] = None,
        period: Annotated[str | None, Query(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=80, examples=["2022-23-q1"])] = None,
        after: Annotated[str | None, Query(max_length=250)] = None,
    ) -> IssueList:
        """Versions that were issued, the last first; withdrawn ones too, and marked. They never change."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found, following = await list_issued(transaction, setup, identity, report=report, period=period, after=after)
        return IssueList(items=[IssueHead.of(each) for each in found], next=following)

    @routes.get("/{ident}", summary="Read an issued report", response_model=VersionAnswer, responses={**NOT_CHANGED, **UNKNOWN})
    async def read_one(request: Request, ident: UUID, identity: Caller) -> Response:
        """A version as it was frozen: figures, texts, quotes, and what changed since the version before."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            version = await read_version(transaction, setup, _reader(identity), ident)
        return json_answer(request, VersionAnswer.of_version(version).model_dump(mode="json", by_alias=True))

    @routes.get(
        "/{ident}/pdf",
        summary="Read an issued report as PDF",
        response_class=Response,
        responses={200: {"content": {"application/pdf": {}}}, **NOT_CHANGED, **UNKNOWN, **WITHDRAWN},
    )
    async def read_pdf(request: Request, ident: UUID, identity: Caller) -> Response:
        """The same bytes as on the day on which it was issued."""
        return await handed_out(request, identity, ident, "pdf")

    @routes.get(
        "/{ident}/workbook",
        summary="Read an issued report as workbook",
        response_class=Response,
        responses={200: {"content": {XLSX_TYPE: {}}}, **NOT_CHANGED, **UNKNOWN},
    )
    async def read_workbook(request: Request, ident: UUID, identity: Caller) -> Response:
        """The same bytes as on the day on which it was issued."""
        return await handed_out(request, identity, ident, "workbook")

    async def handed_out(request: Request, identity: Caller, ident: UUID, kind: Kind) -> Response:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            issue, content, _ = await read_file(transaction, setup, _reader(identity), ident, kind)
        ending, media = ("pdf", "application/pdf") if kind == "pdf" else ("xlsx", XLSX_TYPE)
        attached = {"Content-Disposition": f'attachment; filename="{file_name(issue, ending)}"'}
        return tagged(request, content, media, **attached, **{"X-Content-Type-Options": "nosniff"})

    return routes


def _reader(identity: Caller) -> Caller:
    """The caller as a reader of what was issued: versions on their way are for the pages of those who write them."""
    return replace(identity, grants=identity.grants - set(WRITERS))
