"""The JSON interface's way for a sheet: CSV or an Excel workbook, with a result for each row."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any, BinaryIO, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from audit.use_cases.upload_outcomes import STATUSES, RowResult, UploadOutcomes
from audit.web.turns import Turns
from chassis.access import org_of, requires
from chassis.errors import DomainError, Kind
from chassis.idempotency import Answer, IdempotencyKey, fingerprint, once
from chassis.identity import Identity
from chassis.pages.files import MULTIPART, media_type, read_body_as_file, read_form_with_file
from chassis.problems import Problem
from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, read_apart
from chassis.web import uow_of
from contracts.base import Code

SHEET_PATH = "/audit/v1/outcomes/spreadsheet"
SHEET_BYTES = 8 * 1024 * 1024
"""Of a body: a file of 4 MiB, which is read, and what is around it in a form; a larger file still gets its answer."""

_PLAIN_CSV = CSV_TYPE.partition(";")[0]
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}, "model": Problem}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    404: {**_PROBLEM, "description": "No such audit tool"},
    409: {**_PROBLEM, "description": "The key is in flight, or the organisation has no profile"},
    413: {**_PROBLEM, "description": "A file larger than 4 MiB"},
    415: {**_PROBLEM, "description": "Neither CSV nor a workbook nor a form"},
    429: {**_PROBLEM, "description": "Too many of your batches at once"},
}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}}
_BODY = {"requestBody": {"required": True, "content": {_PLAIN_CSV: _BINARY, XLSX_TYPE: _BINARY, MULTIPART: _FORM}}}

router = APIRouter(prefix="/audit/v1/outcomes", tags=["outcomes"])
Writer = Annotated[Identity, Depends(requires("audit:outcomes:write"))]


class SheetError(BaseModel):
    """What is wrong in one cell."""

    column: str = Field(description="Name of the column; empty for one without a heading.")
    letter: str = Field(description="Its letter in the sheet; empty where the sheet does not have it.")
    detail: str


class SheetItem(BaseModel):
    """What became of one row."""

    row: int = Field(description="Number of the row as a spreadsheet program shows it.")
    status: Literal["recorded", "corrected", "unchanged", "refused"]
    outcome_id: UUID | None
    reference: str | None
    version: int | None
    suggested: str | None
    reason: str | None = Field(description="Of a refused row: `invalid-row`, or the `type` of the problem as of a single one.")
    errors: list[SheetError]


class SheetResult(BaseModel):
    """A result for each row that was filled in, in the order of the sheet."""

    results: list[SheetItem]
    counts: dict[Literal["recorded", "corrected", "unchanged", "refused"], int]


@router.post(
    "/spreadsheet",
    response_model=SheetResult,
    responses=_RESPONSES,
    openapi_extra=_BODY,
    summary="Post a sheet of outcomes (CSV or XLSX)",
)
async def post_spreadsheet(
    request: Request,
    identity: Writer,
    key: IdempotencyKey,
    tool: Annotated[Code, Query(description="The audit tool; its sections are columns of the sheet.")],
) -> Response:
    """Record up to 1,000 outcomes of one tool from a sheet, with a result for each row.

    A refused row stops no other, so the answer is 200 also when some were refused: look at `counts`. A sheet that cannot be
    read (unknown columns, more than 1,000 rows, another sort of file) is refused as a whole. A row without `version` is
    version 1 of a new outcome; one that is recorded already gets the next version where it differs.
    """
    uploading: UploadOutcomes = request.app.state.upload_outcomes
    turns: Turns = request.app.state.turns
    org = org_of(identity)
    async with turns.take(org, identity.subject):
        async with uow_of(request).begin(org) as transaction:
            known, layout = await uploading.layout(transaction, tool)
        async with _file(request) as file:
            print_ = fingerprint(f"POST {SHEET_PATH} {tool}", await asyncio.to_thread(_digest, file))
            sheet = await read_apart(file, layout)
        async with uow_of(request).begin(org) as transaction:

            async def work() -> Answer:
                return Answer(200, present(await uploading.post(transaction, identity, known, sheet)))

            answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


def present(rows: Sequence[RowResult]) -> dict[str, Any]:
    """The body of the answer."""
    counted = Counter(row.status for row in rows)
    return {"results": [_item(row) for row in rows], "counts": {status: counted[status] for status in STATUSES}}


def _item(row: RowResult) -> dict[str, Any]:
    recorded = row.recorded
    return {
        "row": row.row,
        "status": row.status,
        "outcome_id": str(recorded.outcome_id) if recorded else None,
        "reference": row.reference,
        "version": row.version,
        "suggested": recorded.suggested if recorded else None,
        "reason": row.reason,
        "errors": [{"column": error.column, "letter": error.letter, "detail": error.detail} for error in row.errors],
    }


@asynccontextmanager
async def _file(request: Request) -> AsyncIterator[BinaryIO]:
    sent_as = media_type(request)
    if sent_as == MULTIPART:
        async with read_form_with_file(request, "file") as sent:
            if sent.file is None:
                detail = "The form has no file. Send it as the field `file`. Nothing was stored."
                raise DomainError("malformed-form", detail, Kind.MALFORMED)
            yield sent.file
    elif sent_as in {_PLAIN_CSV, XLSX_TYPE}:
        async with read_body_as_file(request) as file:
            yield file
    else:
        raise HTTPException(415, f"Send the sheet as {_PLAIN_CSV}, {XLSX_TYPE}, or a form ({MULTIPART}) with the field `file`.")


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256(file.read()).hexdigest()
    file.seek(0)
    return digest
