"""Health: /livez says that the process turns, /readyz that it can do its work, /metrics what it counts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Check = Callable[[], Awaitable[None]]
"""Raises when the thing is not there; its words are logged and shown to nobody outside."""

CHECK_SECONDS = 2.0


async def livez(_: Request) -> Response:
    """200 while the process turns."""
    return JSONResponse({"status": "ok"})


async def metrics(_: Request) -> Response:
    """Counters for Prometheus."""
    return Response(generate_latest(), headers={"content-type": CONTENT_TYPE_LATEST})


async def _one(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception as error:  # noqa: BLE001 - any failure means not ready, and says which kind
        return f"failed: {type(error).__name__}"
    return "ok"


async def results(checks: Mapping[str, Check]) -> dict[str, str]:
    """What each check comes to, by name: `ok`, or which kind of failure. All are run at once."""
    return dict(zip(checks, await asyncio.gather(*(_one(check) for check in checks.values())), strict=True))


def readyz(checks: Mapping[str, Check]) -> Callable[[Request], Awaitable[Response]]:
    """A route that runs all checks at once: 200 when all pass, else 503, each by name."""

    async def answer(_: Request) -> Response:
        found = await results(checks)
        ready = all(result == "ok" for result in found.values())
        return JSONResponse(
            {"status": "ok" if ready else "degraded", "checks": found},
            status_code=200 if ready else 503,
            headers={"Cache-Control": "no-store"},
        )

    return answer


def routes(checks: Mapping[str, Check]) -> list[Route]:
    """The three routes."""
    return [Route("/livez", livez), Route("/readyz", readyz(checks)), Route("/metrics", metrics)]


def database_check(engine: AsyncEngine) -> Check:
    """Ready when the database answers."""

    async def check() -> None:
        async with engine.connect() as connection:
            await connection.execute(text("select 1"))

    return check
