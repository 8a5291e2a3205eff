"""Idempotency keys: a machine that repeats a request gets the first answer again, and nothing happens twice.

The record is written in the transaction of the work itself, so answer and effect are one. After
draft-ietf-httpapi-idempotency-key-header: same key and other payload is 422, still in flight is 409.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Header
from sqlalchemy import text
from starlette.responses import Response

from chassis.errors import DomainError, Kind
from chassis.unit_of_work import Transaction

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the client, one for each thing it wants done; the same key again returns the first answer.",
    ),
]


@dataclass(frozen=True)
class Answer:
    """What was answered: HTTP status and JSON body, and whether it is a repetition."""

    status: int
    body: dict[str, Any]
    replayed: bool = False

    def response(self) -> Response:
        """The answer as HTTP."""
        headers = {"Idempotency-Replayed": "true"} if self.replayed else None
        return Response(orjson.dumps(self.body), status_code=self.status, media_type="application/json", headers=headers)


_LOCK = text("select pg_try_advisory_xact_lock(hashtextextended(:org || chr(31) || :client || chr(31) || :key, 7204))")
_LOOK = text(
    "select fingerprint, status, body::text as body from idempotency where org = :org and client = :client and key = :key"
)
_KEEP = text(
    """
    insert into idempotency (org, client, key, fingerprint, status, body)
    values (:org, :client, :key, :fingerprint, :status, cast(:body as jsonb))
    """
)


def fingerprint(operation: str, payload: str) -> bytes:
    """What makes two requests the same: the operation and the canonical JSON of the payload."""
    return hashlib.sha256(f"{operation}\x1f{payload}".encode()).digest()


def _keyed(transaction: Transaction, print_: bytes) -> bytes:
    """As it is kept: a small payload could be guessed from a plain hash. Where a process has no keys it stays plain."""
    if transaction.fingerprints is None:
        return print_
    return hmac.new(transaction.fingerprints(transaction.org), print_, hashlib.sha256).digest()


async def once(
    transaction: Transaction,
    client: str,
    key: str,
    print_: bytes,
    work: Callable[[], Awaitable[Answer]],
) -> Answer:
    """Do `work` under an idempotency key, or return what was answered before.

    An answer of `work` is kept whatever its status; an exception rolls everything back, the key too, so that the corrected
    request may use it again. Raises `DomainError` for a key in flight (409) or reused for something else (422).
    """
    names = {"org": transaction.org, "client": client, "key": key}
    kept = _keyed(transaction, print_)
    if not (await transaction.connection.execute(_LOCK, names)).scalar_one():
        raise DomainError(
            "request-in-flight",
            "A request with this Idempotency-Key is still being carried out. Wait a second and send it again.",
            Kind.CONFLICT,
        )
    # A statement of its own, so that its snapshot is younger than the lock and sees what the last holder committed.
    seen = (await transaction.connection.execute(_LOOK, names)).one_or_none()
    if seen is not None:
        # Those of before they were keyed are plain; they are gone after a month (`chassis.housekeeping`).
        if not any(hmac.compare_digest(bytes(seen.fingerprint), known) for known in (kept, print_)):
            raise DomainError(
                "idempotency-key-reused",
                "This Idempotency-Key was used for another request. Nothing was stored. Use a new key for a new request.",
                Kind.MALFORMED,
            )
        return Answer(seen.status, orjson.loads(seen.body), replayed=True)
    answer = await work()
    body = orjson.dumps(answer.body).decode()
    await transaction.connection.execute(_KEEP, {**names, "fingerprint": kept, "status": answer.status, "body": body})
    return answer
