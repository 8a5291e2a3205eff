"""The producer's event log over HTTP: served by its worker, read by consumers to repair gaps and to rebuild."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response

from chassis import tracing
from chassis.identity import HEADER, Identity, InvalidTokenError, TokenSigner, TokenVerifier, refusal_of
from chassis.outbox import envelope
from chassis.problems import problem_dict, problem_response

MAX_LIMIT = 1_000
SCOPE = "events:read"

_READ = text(
    """
    select id, org, sequence, subject, data::text as data, occurred_at, traceparent
      from outbox where sequence > :after order by sequence limit :limit
    """
)
_HEAD = text("select coalesce(max(sequence), 0) from outbox")


class EventLog:
    """Answers `GET /events?after=<sequence>&limit=<n>` from a service's outbox, to services only."""

    def __init__(self, service: str, engine: AsyncEngine, verifier: TokenVerifier) -> None:
        self._service = service
        self._engine = engine
        self._verifier = verifier

    async def answer(self, request: Request) -> Response:
        """`{"events": [envelope, ...], "head": <highest number given>}` in order, at most 1,000 at a time."""
        try:
            caller = self._verifier.verify(request.headers.get(HEADER))
        except InvalidTokenError as error:
            return problem_response(problem_dict(*refusal_of(error, "The event log is for services of this installation.")))
        if not caller.may(SCOPE):
            return problem_response(problem_dict("forbidden", 403, f"Reading the event log needs the scope {SCOPE}."))
        try:
            after = int(request.query_params.get("after", "0"))
            limit = int(request.query_params.get("limit", str(MAX_LIMIT)))
        except ValueError:
            after = limit = -1
        if not (0 <= after < 2**63 and 0 <= limit <= MAX_LIMIT):
            detail = f"`after` is a sequence number, `limit` at most {MAX_LIMIT}."
            return problem_response(problem_dict("malformed-query", 422, detail))
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_READ, {"after": after, "limit": limit})).all() if limit else []
            head = (await connection.execute(_HEAD)).scalar_one()
        events = [envelope(self._service, row) for row in rows]
        return Response(orjson.dumps({"events": events, "head": head}), media_type="application/json")


@dataclass(frozen=True)
class LogPage:
    """A page of a producer's log: envelopes in order, and the highest number given so far."""

    events: Sequence[dict[str, Any]]
    head: int


class LogClient:
    """Reads the logs of producing services with this service's own identity."""

    def __init__(
        self, reader: str, urls: dict[str, str], signer: TokenSigner, tls: ssl.SSLContext | None = None
    ) -> None:  # fmt: skip
        self._reader = reader
        self._urls = urls
        self._signer = signer
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(10.0, connect=2.0), verify=tls or True)

    async def read(self, source: str, after: int, limit: int = MAX_LIMIT) -> LogPage:
        """The events of `source` after a number; raises `httpx.HTTPError` where the producer is away."""
        identity = Identity(org=None, subject=f"service:{self._reader}", kind="service", grants=frozenset({SCOPE}))
        with tracing.call("read events") as traced:
            answer = await self._http.get(
                f"{self._urls[source]}/events",
                params={"after": after, "limit": limit},
                headers={HEADER: self._signer.sign(identity, source), **traced},
            )
        answer.raise_for_status()
        body = orjson.loads(answer.content)
        return LogPage(body["events"], body["head"])

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
