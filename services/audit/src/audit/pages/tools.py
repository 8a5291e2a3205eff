"""Staff pages of audit tools: the list, a tool as its auditors see it, and a blank one on paper."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from audit.adapters.print_tool import blank_tool
from audit.domain.profile import AuditProfile
from audit.pages import tool_view
from audit.use_cases.read_tools import ToolRead, read_tool
from chassis.access import org_of, requires
from chassis.days import british_today
from chassis.identity import Identity
from chassis.pages import page
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from chassis.profile_store import ProfileStore
from chassis.web import uow_of

router = APIRouter(prefix="/audit/tools", include_in_schema=False)

ROLES = ("role:manager", "role:qa-officer", "role:senior-reader")
Staff = Annotated[Identity, Depends(requires(*ROLES))]
Version = Annotated[int | None, Query(ge=1, le=10_000)]


@router.get("")
async def tools_page(request: Request, identity: Staff) -> HTMLResponse:
    """Every tool of the profile in force, in its order."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profiles: ProfileStore[AuditProfile] = request.app.state.profiles
        profile = (await profiles.current(transaction)).profile
    return page(
        request,
        "tools.html",
        title="Audit tools",
        organisation=profile.organisation.name,
        rows=[
            {
                "href": f"/audit/tools/{tool.code}",
                "name": tool.name,
                "kind": tool_view.kind(tool).partition(":")[0],
                "extent": tool_view.extent(tool),
                "result": tool_view.result(tool, profile.scale_of(tool)).partition(":")[0],
                "version": tool.version,
            }
            for tool in profile.audit.tools
        ],
    )


@router.get("/{code}")
async def tool_page(request: Request, identity: Staff, code: str, version: Version = None) -> HTMLResponse:
    """A tool: sections, guidance, what to look for and the meaning of grades exactly as its auditors see them."""
    profile, read = await _read(request, identity, code, version)
    return page(
        request,
        "tool.html",
        title=read.tool.name,
        organisation=profile.organisation.name,
        read=read,
        tool=read.tool,
        scale=read.scale,
        facts=tool_view.facts(read.tool, read.scale, profile),
        kind=tool_view.kind(read.tool),
        blank=f"/audit/tools/{read.tool.code}/blank.pdf" + (f"?version={read.tool.version}" if version else ""),
    )


@router.get("/{code}/blank.pdf")
async def blank_page(request: Request, identity: Staff, code: str, version: Version = None) -> Response:
    """A tool on paper: to read beforehand, with room for notes."""
    profile, read = await _read(request, identity, code, version)
    document = blank_tool(
        read.tool, read.scale, tool_view.facts(read.tool, read.scale, profile), profile.organisation.name, british_today()
    )
    printer: Printer = request.app.state.printer
    return pdf_response(await printer.render(document), f"{read.tool.code}-{read.tool.version}-blank.pdf")


async def _read(request: Request, identity: Identity, code: str, version: int | None) -> tuple[AuditProfile, ToolRead]:
    """The profile and a tool; the transaction is closed before anything is made of them."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profiles: ProfileStore[AuditProfile] = request.app.state.profiles
        profile = (await profiles.current(transaction)).profile
        return profile, await read_tool(transaction, request.app.state.tools, profile, code, version)
