"""Dead letters for operators: of all organisations, a page at a time; one of them; and having some applied again.

The worker answers, since it alone sees those of all organisations. To apply them again is a command that the consumer itself
carries out where it is leading, as `loop dead-letters redrive` has it done.
"""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis import figures
from chassis.operating.answering import NO_STORE, PATH, Operating
from chassis.operating.looking import KIND
from chassis.operating.told import DeadLetter, DeadLetters, Redrive
from chassis.problems import problem_dict, problem_response

log = structlog.get_logger(__name__)

MOST = 500
"""Letters that one command may name."""
PAGE = 25

_COLUMNS = (
    "id, consumer, source, sequence, event_id, envelope ->> 'type' as type, org, envelope ->> 'time' as time, reason, "
    f"{KIND} as kind, attempts, failed_at, redriven_at"
)
_LIST = text(
    f"""
    select {_COLUMNS} from dead_letter
     where consumer = :consumer and redriven_at is null and (cast(:after as uuid) is null or id < cast(:after as uuid))
     order by id desc limit :limit
    """  # noqa: S608 - constants
)
_ONE = text(f"select {_COLUMNS}, envelope from dead_letter where id = :id")  # noqa: S608 - constants
_COMMAND = text(
    """
    insert into consumer_command (id, consumer, command, requested_by, letters)
    values (:id, :consumer, 'redrive', :by, cast(:letters as uuid[]))
    on conflict (id) do nothing
    """
)
_OF_COMMAND = text(
    """
    select id, consumer, requested_by, requested_at, letters, done_at, result from consumer_command
     where id = :id and command = 'redrive'
    """
)


class RedriveBody(BaseModel):
    """Which dead letters of which consumer."""

    model_config = ConfigDict(extra="forbid")

    consumer: str = Field(max_length=100)
    letters: Annotated[list[UUID], Field(min_length=1, max_length=MOST)]


class Letters:
    """Routes below `/operating`, of a worker that consumes."""

    def __init__(self, operating: Operating, engine: AsyncEngine) -> None:
        self._operating = operating
        self._engine = engine
        operating.routes += [
            Route(f"{PATH}/dead-letters", self.listed, methods=["GET"]),
            Route(f"{PATH}/dead-letters/{{id:uuid}}", self.one, methods=["GET"]),
            Route(f"{PATH}/redrives/{{id:uuid}}", self.redrive, methods=["PUT"]),
            Route(f"{PATH}/redrives/{{id:uuid}}", self.became, methods=["GET"]),
        ]

    async def listed(self, request: Request) -> Response:
        """Those of `consumer` that wait, put aside last first, after the identifier `after`."""
        if isinstance(refusal := self._operating.operator(request), Response):
            return refusal
        try:
            after = UUID(request.query_params["after"]) if "after" in request.query_params else None
        except ValueError:
            return problem_response(problem_dict("malformed-cursor", 422, "Start again without `after`."))
        names = {"consumer": request.query_params.get("consumer", ""), "after": after, "limit": PAGE + 1}
        rows = await self._rows(_LIST, names)
        items = [DeadLetter.model_validate(row) for row in rows[:PAGE]]
        return _json(DeadLetters(items=items, next=items[-1].id if len(rows) > PAGE else None))

    async def one(self, request: Request) -> Response:
        """One, with its envelope."""
        if isinstance(refusal := self._operating.operator(request), Response):
            return refusal
        rows = await self._rows(_ONE, {"id": request.path_params["id"]})
        if not rows:
            return problem_response(problem_dict("not-found", 404, "There is no such dead letter; perhaps it was reduced."))
        return _json(DeadLetter.model_validate(rows[0]))

    async def redrive(self, request: Request) -> Response:
        """Have some applied again. The identifier is the asker's: the same again changes nothing, and answers the same."""
        caller = self._operating.operator(request)
        if isinstance(caller, Response):
            return caller
        try:
            body = RedriveBody.model_validate_json(await request.body())
        except ValidationError:
            detail = f"Name a consumer, and 1 to {MOST} of its dead letters."
            return problem_response(problem_dict("malformed-redrive", 422, detail))
        ident = request.path_params["id"]
        names = {"id": ident, "consumer": body.consumer, "by": caller.subject, "letters": body.letters}
        async with self._engine.begin() as connection:
            new = (await connection.execute(_COMMAND, names)).rowcount
        if new:
            log.info("operating.redrive", command=str(ident), by=caller.subject, letters=len(body.letters))
        return await self._became(ident)

    async def became(self, request: Request) -> Response:
        """What became of it."""
        if isinstance(refusal := self._operating.operator(request), Response):
            return refusal
        return await self._became(request.path_params["id"])

    async def _became(self, ident: UUID) -> Response:
        rows = await self._rows(_OF_COMMAND, {"id": ident})
        if not rows:
            return problem_response(problem_dict("not-found", 404, "Nothing of this kind was asked for."))
        return _json(Redrive.model_validate(rows[0]))

    async def _rows(self, statement: Any, names: Mapping[str, Any]) -> list[dict[str, Any]]:
        async with self._engine.begin() as connection:
            await figures.limit(connection)
            return [dict(row) for row in (await connection.execute(statement, names)).mappings()]


def _json(told: BaseModel) -> Response:
    return Response(told.model_dump_json(), media_type="application/json", headers=NO_STORE)
