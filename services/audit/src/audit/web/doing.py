"""Doing what a request asks for: in one transaction, once for its idempotency key, answered with the ETag of what it made."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from pydantic import BaseModel

from chassis.access import org_of
from chassis.idempotency import Answer, fingerprint, once
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

Work = Callable[[Transaction], Awaitable[Answer]]


async def do_once(request: Request, identity: Identity, key: str, body: BaseModel | None, work: Work) -> Response:
    """Do something in one transaction, once for an idempotency key, and answer; a `revision` in the answer is its ETag too."""
    print_ = fingerprint(f"{request.method} {request.url.path}", body.model_dump_json() if body else "")
    async with uow_of(request).begin(org_of(identity)) as transaction:
        answer = await once(transaction, identity.subject, key, print_, lambda: work(transaction))
    response = answer.response()
    if "revision" in answer.body:
        response.headers["ETag"] = f'"{answer.body["revision"]}"'
    return response
