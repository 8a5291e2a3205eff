"""The trail for machines: `GET /<service>/v1/trail`, to keep a copy elsewhere and to check the chain oneself."""

import hmac
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from chassis.access import OPERATOR, org_of, requires
from chassis.identity import Identity
from chassis.secrets import Secrets
from chassis.trail import begun, reading
from chassis.trail.begun import begun_of
from chassis.trail.chaining import seal_of
from chassis.trail.reading import MOST
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

SCOPE = "trail:read"
ROLE = "role:data-protection"

Reader = Annotated[Identity, Depends(requires(SCOPE, OPERATOR))]
After = Annotated[int, Query(ge=0, lt=2**63, description="The last number that you have; 0 to begin.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]


class TrailEntry(BaseModel):
    """Who did what. `hash` is over all other members; the guide "The trail" says how."""

    number: int = Field(description="Gapless for your organisation in this service, from 1.")
    org: str
    at: str = Field(description="When, UTC with microseconds, as it is hashed.")
    subject: str = Field(description="Who: the subject of their identity.")
    kind: str = Field(description="`staff`, `client`, `operator` or `service`.")
    method: str
    route: str = Field(description="The template of the route.")
    parameters: dict[str, str] = Field(description="Ids and codes of the path.")
    request_id: str
    events: list[UUID] = Field(description="Events that the change recorded.")
    hash: str = Field(description="64 hexadecimal digits.")


class Beginning(BaseModel):
    """Entries up to `number` were let go, since their time was over. `hash` is that entry's: the next is chained to it."""

    number: int
    hash: str = Field(description="64 hexadecimal digits.")
    at: datetime = Field(description="When it was sealed.")
    genuine: bool = Field(description="Whether the seal is this service's.")


class TrailPage(BaseModel):
    """Entries in their order. `next` is the number to go on after, null at the end."""

    items: list[TrailEntry]
    next: int | None
    beginning: Beginning | None = Field(description="Where the chain begins; null: with its first entry.")


class Checkpoint(BaseModel):
    """A head of the chain that was sealed. `genuine`: the seal is this service's."""

    number: int
    hash: str
    at: datetime
    genuine: bool


class Checkpoints(BaseModel):
    """Checkpoints in their order."""

    items: list[Checkpoint]
    next: int | None
    beginning: Beginning | None = Field(description="Where the chain begins; null: with its first entry.")


async def beginning_of(transaction: Transaction, service: str, secrets: Secrets) -> Beginning | None:
    """Where the transaction's chain begins, None where that is its first entry."""
    found = await begun_of(transaction.connection, service, transaction.org)
    if found.at is None:
        return None
    genuine = begun.is_genuine(secrets, service, transaction.org, found)
    return Beginning(number=found.number, hash=found.hash.hex(), at=found.at, genuine=genuine)


def trail_routes(service: str, secrets: Secrets) -> APIRouter:
    """The routes of one service."""
    router = APIRouter(prefix=f"/{service}/v1/trail", tags=["trail"])

    @router.get("", summary="Who read or changed what, oldest first")
    async def list_entries(request: Request, identity: Reader, after: After = 0, limit: Limit = 1_000) -> TrailPage:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await reading.in_order(transaction, after, limit)
            beginning = await beginning_of(transaction, service, secrets)
        items: list[Any] = [{**entry.said(), "hash": hash_.hex()} for entry, hash_ in found]
        return TrailPage(items=items, next=found[-1][0].number if len(found) == limit else None, beginning=beginning)

    @router.get("/checkpoints", summary="Sealed heads of the chain")
    async def list_checkpoints(request: Request, identity: Reader, after: After = 0, limit: Limit = 1_000) -> Checkpoints:
        org = org_of(identity)
        async with uow_of(request).begin(org) as transaction:
            found = await reading.checkpoints(transaction, after, limit)
            beginning = await beginning_of(transaction, service, secrets)
        items = [
            Checkpoint(
                number=row.number,
                hash=bytes(row.hash).hex(),
                at=row.at,
                genuine=hmac.compare_digest(row.seal, seal_of(secrets, service, org, row.number, bytes(row.hash))),
            )
            for row in found
        ]
        return Checkpoints(items=items, next=items[-1].number if len(items) == limit else None, beginning=beginning)

    return router
