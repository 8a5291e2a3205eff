"""JSON routes of audits at work: what is to be done, the list, one audit."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from audit.adapters.directory import Directory
from audit.use_cases.list_audits import audit_cursor, list_audits, read_work
from audit.use_cases.read_audit import read_audit
from audit.use_cases.read_codes import read_codes
from audit.use_cases.see_audit import viewer_of
from audit.web.audit_parts import Person, Reader
from audit.web.audit_present import coded_out, seen_out
from audit.web.audit_schemas import AuditItem, AuditListOut, AuditListQuery, AuditOut, WorkItem, WorkOut
from audit.web.dispute_parts import read_answer
from audit.web.round_parts import NONE, context_of
from chassis import keyset
from chassis.access import org_of
from chassis.strict_json import StrictJsonRoute
from chassis.web import uow_of

router = APIRouter(prefix="/audit/v1", tags=["audits"], route_class=StrictJsonRoute)


@router.get("/work", response_model=WorkOut, summary="Read what waits for you")
async def get_work(request: Request, identity: Person) -> Response:
    """Parts to audit, questions to answer, moderations, reviews, actions, results to read or to discuss, concerns."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        viewer = await viewer_of(transaction, context, identity)
        own, late = await read_work(transaction, context, viewer)
        names = await Directory(transaction, context.secrets).names([work.person for work in (*own, *late)])
    today = context.today
    found = [[WorkItem.of(each, today, names) for each in works] for works in (own, late)]
    return read_answer(WorkOut(person=viewer.code, today=today, own=found[0], late=found[1]))


@router.get("/audits", response_model=AuditListOut, summary="List audits, the last allocated first")
async def get_audits(request: Request, identity: Reader, wanted: Annotated[AuditListQuery, Query()]) -> Response:
    """QA officers, senior readers and systems: all of their areas. Others: their own, and moderated ones of their teams.

    Nobody's words and no case's number are in a list.
    """
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        viewer = await viewer_of(transaction, context, identity)
        rows = await list_audits(transaction, viewer, wanted.filters(), audit_cursor(wanted.after), wanted.limit + 1)
    page = rows[: wanted.limit]
    following = keyset.encode(page[-1].position) if len(rows) > wanted.limit else None
    return read_answer(AuditListOut(items=[AuditItem.of(row, context.today) for row in page], next=following))


@router.get("/audits/{audit_id}", response_model=AuditOut, responses=NONE, summary="Read an audit")
async def get_audit(request: Request, identity: Reader, audit_id: UUID) -> Response:
    """As far as it is open to you. A system reads codes, states, days and grades: no words, no names, no case number."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        viewer = await viewer_of(transaction, context, identity)
        if viewer.is_machine:
            content = coded_out(await read_codes(transaction, context, viewer, audit_id), context.today)
        else:
            content = seen_out(await read_audit(transaction, context, identity, audit_id), context.today)
    return read_answer(content)
