"""The route by which a process tells of itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from chassis import health
from chassis.access import OPERATOR
from chassis.identity import HEADER, Identity, InvalidTokenError, TokenVerifier, refusal_of
from chassis.operating.told import Part, Told
from chassis.problems import problem_dict, problem_response

log = structlog.get_logger(__name__)

PATH = "/operating"
SECONDS = 2.5
"""For one look: what takes longer is told as not known, and keeps nobody waiting."""
NO_STORE = {"Cache-Control": "no-store"}

Tell = Callable[[], Awaitable[Any]]


class Operating:
    """Answers an operator. `add` has it tell more: under a name of a member of `Told`."""

    def __init__(self, service: str, part: Part, verifier: TokenVerifier, checks: Mapping[str, health.Check]) -> None:
        self.service = service
        self._part = part
        self._verifier = verifier
        self._checks = checks
        self._tells: dict[str, Tell] = {}
        self._started = datetime.now(UTC)
        self.routes: list[BaseRoute] = [Route(PATH, self.answer)]

    def add(self, member: str, tell: Tell) -> None:
        """Tell something more."""
        self._tells[member] = tell

    def operator(self, request: Request) -> Identity | Response:
        """Who asks, where the gateway says that it is an operator; else the refusal."""
        try:
            caller = self._verifier.verify(request.headers.get(HEADER))
        except InvalidTokenError as error:
            return problem_response(problem_dict(*refusal_of(error, "This is for operators, by the gateway.")))
        if caller.kind != OPERATOR or not caller.may(OPERATOR):
            return problem_response(problem_dict("forbidden", 403, "Only an operator may ask this."))
        return caller

    async def answer(self, request: Request) -> Response:
        """`Told` as JSON."""
        if isinstance(refusal := self.operator(request), Response):
            return refusal
        told = await self.told()
        return Response(told.model_dump_json(), media_type="application/json", headers=NO_STORE)

    async def told(self) -> Told:
        """All that is known, each look at once with the others."""
        checks, *found = await asyncio.gather(health.results(self._checks), *(self._one(*each) for each in self._tells.items()))
        return Told(
            service=self.service,
            part=self._part,
            version=_version(self.service),
            started_at=self._started,
            checks=checks,
            **dict(zip(self._tells, found, strict=True)),
        )

    async def _one(self, member: str, tell: Tell) -> Any:
        try:
            async with asyncio.timeout(SECONDS):
                return await tell()
        except Exception as error:  # noqa: BLE001 - whatever it was: the rest is told, and this as not known
            log.warning("operating.not_told", member=member, reason=type(error).__name__)
            return None


def _version(service: str) -> str:
    try:
        return version(f"loop-{service}")
    except PackageNotFoundError:
        return ""
