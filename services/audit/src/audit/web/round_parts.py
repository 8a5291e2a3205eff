"""What the routes of rounds have in common: who may, the entity tag, and taking a step."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from audit.context import Context
from audit.domain.round import Round
from audit.use_cases.take_round import Target
from audit.web.doing import do_once
from audit.web.round_schemas import RoundOut
from chassis.access import requires
from chassis.errors import DomainError, Kind
from chassis.idempotency import Answer
from chassis.identity import Identity
from chassis.problems import Problem
from chassis.storable import whole
from chassis.unit_of_work import Transaction

CASES = "audit:cases:write"
OFFICER = "role:qa-officer"

Reader = Annotated[Identity, Depends(requires(CASES, OFFICER, "role:senior-reader"))]
Officer = Annotated[Identity, Depends(requires(OFFICER))]
Lister = Annotated[Identity, Depends(requires(CASES, OFFICER))]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=100,
        description="ETag of the round as you read it. If somebody changed it since, nothing is done: 412.",
    ),
]
Responses = dict[int | str, dict[str, Any]]
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}, "model": Problem}
NONE: Responses = {404: {**_PROBLEM, "description": "None such, or not for your eyes"}}
STEP: Responses = {
    **NONE,
    409: {**_PROBLEM, "description": "The state is against it; `detail` says what to do, `errors` which rule for which case"},
    412: {**_PROBLEM, "description": "It was changed since you read it (If-Match)"},
}


async def take_step(
    request: Request,
    identity: Identity,
    key: str,
    body: BaseModel | None,
    work: Callable[[Transaction, Context], Awaitable[Round]],
) -> Response:
    """Take a step with a round, once for an idempotency key, and answer with the round."""
    context = context_of(request)

    async def step(transaction: Transaction) -> Answer:
        return Answer(200, RoundOut.of(await work(transaction, context)).model_dump(mode="json"))

    return await do_once(request, identity, key, body, step)


def context_of(request: Request) -> Context:
    """What use cases are given."""
    context: Context = request.app.state.context
    return context


def etag_of(of: Round) -> str:
    """The entity tag (RFC 9110) of a round: its revision."""
    return f'"{of.revision}"'


def target_of(round_id: UUID, if_match: str | None) -> Target:
    """The round that a step is about, as the sender has read it. Raises `stale` for what is no entity tag of ours."""
    if if_match is None or if_match == "*":
        return Target(round_id)
    revision = whole(if_match.strip('"'))
    if revision < 0:
        raise DomainError("stale", "This is not the ETag of a round. Read it again, and decide anew.", Kind.STALE)
    return Target(round_id, revision)
