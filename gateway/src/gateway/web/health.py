"""Health of the whole installation: every service's /readyz, asked at once."""

import asyncio
import time
from dataclasses import dataclass
from typing import Literal

import aiohttp
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from chassis.pages import page
from chassis.pages.errors import wants_page
from gateway.proxy.upstreams import base_of
from gateway.settings import SERVICES
from gateway.web.parts import Operator, Parts, PartsDep

router = APIRouter(tags=["gateway"])

State = Literal["ok", "degraded", "down"]

_SECONDS = 3.0
_BELIEVED = 1.0
"""Seconds for which an answer is given again: asking often must not become a load on the services."""


class ServiceHealth(BaseModel):
    """One service as the gateway sees it."""

    state: State
    detail: str


class Health(BaseModel):
    """All services and the worst of their states; `degraded` while at least one answers."""

    state: State
    services: dict[str, ServiceHealth]


@dataclass
class HealthOfAll:
    """Asks the services, and remembers the answer for a second."""

    _until: float = 0.0
    _answer: Health | None = None
    _asking: asyncio.Task[Health] | None = None

    async def of(self, parts: Parts) -> Health:
        """The health of all services; one question at a time however many ask."""
        if self._answer is not None and time.monotonic() < self._until:
            return self._answer
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(parts))
        return await asyncio.shield(self._asking)

    async def _ask(self, parts: Parts) -> Health:
        services = [service for service in SERVICES if service in parts.guards]
        found = await asyncio.gather(*(_ask_service(parts, service) for service in services))
        states = {each.state for each in found}
        overall: State = "degraded"
        if states == {"ok"}:
            overall = "ok"
        elif states == {"down"}:
            overall = "down"
        self._answer = Health(state=overall, services=dict(zip(services, found, strict=True)))
        self._until = time.monotonic() + _BELIEVED
        return self._answer


async def _ask_service(parts: Parts, service: str) -> ServiceHealth:
    base = base_of(parts.routes, service)
    if base is None:
        return ServiceHealth(state="down", detail="not set up")
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    if parts.maintenance.of(service) is not None:
        return ServiceHealth(state="degraded", detail="closed for planned work")
    try:
        async with parts.client().get(f"{base}/readyz", headers=parts.plain_headers(base), timeout=timeout) as response:
            if response.status == 200:  # noqa: PLR2004 - a status of HTTP
                return ServiceHealth(state="ok", detail="ready")
            # It runs but lacks something, such as its database.
            return ServiceHealth(state="degraded", detail="runs, but is not ready")
    except TimeoutError:
        return ServiceHealth(state="down", detail="did not answer in time")
    except (aiohttp.ClientError, OSError):
        return ServiceHealth(state="down", detail="cannot be reached")


@router.get("/health", summary="Health of all services", response_model=Health, responses={503: {"model": Health}})
async def health(request: Request, parts: PartsDep) -> Response:
    """200 when all are ready, else 503; a browser gets a page."""
    found = await parts.health.of(parts)
    status = 200 if found.state == "ok" else 503
    if wants_page(request):
        return page(request, "health.html", status, title="Health", health=found)
    return JSONResponse(found.model_dump(), status, headers={"Cache-Control": "no-store"})


class Carriage(BaseModel):
    """How requests to one service go through this gateway just now."""

    state: State
    detail: str
    breaker: Literal["closed", "open", "half-open"]
    under_way: int
    waiting: int
    shed: int = Field(description="Requests that were told to come back, since this gateway started.")


class CarriageOfAll(BaseModel):
    """What only the operator is told: how full this gateway is, and whether it keeps rates with the others."""

    services: dict[str, Carriage]
    rates_alone: bool = Field(description="Whether rates are this process' own, since the others cannot be told.")


@router.get("/gateway/v1/carriage", summary="How requests go through this gateway")
async def carriage(parts: PartsDep, _: Operator) -> CarriageOfAll:
    """Of the process that answers; others are asked one by one, or by their metrics."""
    found = await parts.health.of(parts)
    services = {
        name: Carriage(
            state=each.state,
            detail=each.detail,
            breaker=parts.guards[name].breaker.state,
            under_way=parts.guards[name].under_way,
            waiting=parts.guards[name].waiting,
            shed=parts.guards[name].shed,
        )
        for name, each in found.services.items()
    }
    return CarriageOfAll(services=services, rates_alone=parts.settling.alone)
