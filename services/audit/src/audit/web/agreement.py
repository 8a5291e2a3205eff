"""JSON and CSV of agreement between auditors."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from audit.context import Context
from audit.use_cases.read_agreement import read_agreement
from audit.use_cases.see_audit import OFFICER, READER
from audit.web import agreement_csv
from audit.web.agreement_schemas import AgreementAnswer, AgreementQuery
from chassis.access import org_of, requires
from chassis.identity import Identity
from chassis.web import uow_of

READ = ("audit:audits:read", OFFICER, READER)

router = APIRouter(prefix="/audit/v1", tags=["agreement"])

Reader = Annotated[Identity, Depends(requires(*READ))]
Wanted = Annotated[AgreementQuery, Query()]


@router.get("/agreement", response_model=AgreementAnswer, summary="Read how far auditors agree")
async def get_agreement(request: Request, identity: Reader, wanted: Wanted) -> Response:
    """Pairs of grades in moderated audits, and in posted outcomes with lead and peer grades, by tool, section and auditor.

    Each coefficient names its weights and has its interval. Auditors are codes of the staff directory, never names.
    """
    context: Context = request.app.state.context
    async with uow_of(request).begin(org_of(identity)) as transaction:
        tools = await read_agreement(transaction, context, wanted.filters(identity))
    return Response(AgreementAnswer.of(tools).model_dump_json(), media_type="application/json")


@router.get(
    "/agreement.csv",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}},
    summary="Read the same as a table",
)
async def get_agreement_csv(request: Request, identity: Reader, wanted: Wanted) -> Response:
    """One line a tool, comparison and section, and one an auditor. UTF-8; what there is no figure for is empty."""
    context: Context = request.app.state.context
    async with uow_of(request).begin(org_of(identity)) as transaction:
        tools = await read_agreement(transaction, context, wanted.filters(identity))
    headers = {
        "Content-Disposition": 'attachment; filename="agreement.csv"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(agreement_csv.render(tools), media_type="text/csv; charset=utf-8", headers=headers)
