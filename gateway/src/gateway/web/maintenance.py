"""The operator's switch: close a service for planned work, and open it again."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from gateway.use_cases.switch_maintenance import close, reopen
from gateway.web.parts import Operator, Parts, PartsDep

router = APIRouter(prefix="/gateway/v1/maintenance", tags=["gateway"])

Service = Annotated[str, Path(max_length=40, description="A service, or `all`.")]


class WorkBody(BaseModel):
    """Until when it is closed."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime | None = Field(
        default=None, description="When it opens by itself (RFC 3339, with its zone); left out: when somebody opens it."
    )


class Work(BaseModel):
    """A service that is closed."""

    service: str
    since: datetime
    until: datetime | None


class WorkList(BaseModel):
    """All that is closed."""

    items: list[Work]


def _services(parts: Parts) -> frozenset[str]:
    return frozenset(parts.guards)


def _listed(parts: Parts) -> WorkList:
    closed = sorted(parts.maintenance.closed.values(), key=lambda each: each.service)
    return WorkList(items=[Work(service=each.service, since=each.begun_at, until=each.ends_at) for each in closed])


@router.get("", summary="What is closed for planned work")
async def listed(parts: PartsDep, _: Operator) -> WorkList:
    """Empty where everything is open."""
    await parts.maintenance.read()
    return _listed(parts)


@router.put("/{service}", summary="Close a service for planned work")
async def begin(service: Service, body: WorkBody, parts: PartsDep, operator: Operator) -> WorkList:
    """People see a calm page, programs get 503 with Retry-After; the operator still comes in.

    Other gateways follow within a second. Saying it again changes until when. `all` closes every service; the gateway's own
    routes stay open.
    """
    await close(parts.recording, service, _services(parts), body.until, operator.subject, datetime.now(UTC))
    await parts.maintenance.read()
    return _listed(parts)


@router.delete("/{service}", summary="Open a service again")
async def end(service: Service, parts: PartsDep, _: Operator) -> WorkList:
    """What was closed with `all` opens with `all`. Opening what is open changes nothing."""
    await reopen(parts.recording, service, _services(parts))
    await parts.maintenance.read()
    return _listed(parts)
