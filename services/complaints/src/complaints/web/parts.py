"""What routes have in common: who may, the set-up, and answers with an entity tag."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from chassis.access import org_of, requires
from chassis.idempotency import Answer, fingerprint, once
from chassis.identity import Identity
from chassis.problems import MEDIA_TYPE
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import etag

WRITE = "complaints:write"
READ = "complaints:read"
OFFICER = "role:complaints-officer"
SENIOR_READER = "role:senior-reader"

Writer = Annotated[Identity, Depends(requires(WRITE))]
Reader = Annotated[Identity, Depends(requires(READ, WRITE, OFFICER, SENIOR_READER))]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=100,
        description="ETag of the complaint as you read it. If it was changed since, nothing is stored: 412 with the changes.",
    ),
]

Work = Callable[[Transaction], Awaitable[Answer]]


def setup_of(request: Request) -> Setup:
    """The set-up of the application that handles the request."""
    found: Setup = request.app.state.setup
    return found


async def do_once(request: Request, identity: Identity, key: str, payload: BaseModel, work: Work) -> Response:
    """Do something in one transaction, once for an idempotency key, and answer; a complaint's version becomes its ETag."""
    print_ = fingerprint(f"{request.method} {request.url.path}", payload.model_dump_json())
    async with uow_of(request).begin(org_of(identity)) as transaction:
        answer = await once(transaction, identity.subject, key, print_, lambda: work(transaction))
    response = answer.response()
    if "version" in answer.body:
        response.headers["ETag"] = etag(answer.body["version"])
    return response


def responses(model: type[BaseModel], what: str, *, stale: bool = False) -> dict[int | str, dict[str, Any]]:
    """The documented answers of a route that records something, beside 201; `stale` for those that take If-Match."""
    documented: dict[int | str, dict[str, Any]] = {
        200: {"model": model, "description": f"The same {what} had been recorded before; nothing was changed."},
        404: _problem("There is none, or not for your eyes."),
        409: _problem("The state, or another record, is against it; `detail` says what to do."),
    }
    if stale:
        documented[412] = _problem("It was changed since you read it (If-Match); `changes` tells how.")
    return documented


def _problem(description: str) -> dict[str, Any]:
    # The schema of problems comes with the answers that all routes share.
    return {"description": description, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
