"""The gateway's trail for machines and for who answers for data protection; the shapes are those of every service."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from chassis.access import asks
from chassis.errors import DomainError, Kind
from chassis.secrets import Secrets
from chassis.tenancy import INSTALLATION
from chassis.trail import reading
from chassis.trail.chaining import is_genuine
from chassis.trail.routes import ROLE, SCOPE, After, Checkpoint, Checkpoints, Limit, TrailEntry, TrailPage, beginning_of
from gateway.access.trail import SERVICE, note
from gateway.domain.principals import Principal
from gateway.pages.sessions import signed_in
from gateway.pages.ways import around
from gateway.web.parts import Parts, PartsDep, operator_or


async def officer(request: Request, parts: PartsDep) -> None:
    """Let in who answers for data protection, and tell the pages of the trail who that is."""
    person = await signed_in(request, parts)
    if person is None or ROLE not in person.grants:
        kind = Kind.FORBIDDEN if person else Kind.UNAUTHENTICATED
        raise DomainError("forbidden" if person else "unauthenticated", "Only who answers for data protection sees this.", kind)
    request.scope["state"]["principal"] = person
    request.state.identity = person.identity()
    request.state.around = around(parts.settings, person, request.url.path)
    note(request, person)


asks(officer, ROLE)
Reader = Annotated[Principal, Depends(operator_or(SCOPE))]


def trail_api(secrets: Secrets) -> APIRouter:
    """`GET /gateway/v1/trail` and its checkpoints."""
    router = APIRouter(prefix="/gateway/v1/trail", tags=["gateway"])

    @router.get("", summary="What operators and administrators did, oldest first")
    async def list_entries(parts: PartsDep, who: Reader, after: After = 0, limit: Limit = 1_000) -> TrailPage:
        """Of the organisation; for an operator who names none, what concerns the whole installation."""
        async with parts.recording.begin(_org(who)) as transaction:
            found = await reading.in_order(transaction, after, limit)
            beginning = await beginning_of(transaction, SERVICE, secrets)
        items = [TrailEntry.model_validate({**entry.said(), "hash": hash_.hex()}) for entry, hash_ in found]
        return TrailPage(items=items, next=found[-1][0].number if len(found) == limit else None, beginning=beginning)

    @router.get("/checkpoints", summary="Sealed heads of the gateway's chain")
    async def list_checkpoints(parts: PartsDep, who: Reader, after: After = 0, limit: Limit = 1_000) -> Checkpoints:
        """Set once an hour where something was done."""
        async with parts.uow.begin(_org(who)) as transaction:
            found = await reading.checkpoints(transaction, after, limit)
            beginning = await beginning_of(transaction, SERVICE, secrets)
        items = [
            Checkpoint(
                number=row.number, hash=bytes(row.hash).hex(), at=row.at, genuine=is_genuine(secrets, SERVICE, _org(who), row)
            )
            for row in found
        ]
        return Checkpoints(items=items, next=items[-1].number if len(items) == limit else None, beginning=beginning)

    return router


def _org(who: Principal) -> str:
    return who.org or INSTALLATION


def chrome(request: Request) -> dict[str, object]:
    """What stands around a page of the trail; the other pages bring it themselves."""
    found: dict[str, object] = getattr(request.state, "around", {})
    return found


__all__ = ["Parts", "chrome", "officer", "trail_api"]
