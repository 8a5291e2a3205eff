"""Retention for the operator's command: `/<service>/v1/retention`."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from chassis.access import OPERATOR, org_of, requires
from chassis.identity import Identity
from chassis.retention import finding, of_trail, proofs, runs
from chassis.retention.kinds import TRAIL, Declared
from chassis.retention.periods import Period
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

Operator = Annotated[Identity, Depends(requires(OPERATOR))]
After = Annotated[int, Query(ge=0, lt=2**63, description="The last number that you have; 0 to begin.")]
Limit = Annotated[int, Query(ge=1, le=5_000)]


class KindStanding(BaseModel):
    """How a kind of record stands. Nothing is changed by asking, so it is what a run would do."""

    kind: str
    name: str
    months: int | None = Field(description="How long it is kept; null: for good.")
    at_least: int = Field(description="Months that no profile may go below.")
    in_time: int = Field(description="Records that are not over, or not for long enough.")
    due: dict[int, int] = Field(description="Records that are due, by the year since which they are over; held ones too.")
    held: int = Field(description="How many of those are held.")
    reduced: int


class TrailStanding(BaseModel):
    """How the trail stands: it ends at a checkpoint, and is no kind of record."""

    months: int | None = Field(description="How long entries are kept; null: for good.")
    at_least: int
    begins_after: int = Field(description="Entries up to this number were let go; 0: none was.")
    since: datetime | None = Field(description="When they were let go, the last time.")
    held: bool = Field(description="Whether a hold or a restriction keeps it whole.")
    due: bool = Field(description="Whether its oldest entry is over: a run lets some go, up to a checkpoint.")


class RunDone(BaseModel):
    """A run, by the hour or asked for."""

    asked_by: str | None
    asked_at: datetime
    ended_at: datetime | None
    reduced: dict[str, int]
    held: dict[str, int]
    failed: int


class RetentionStanding(BaseModel):
    """How all kinds of a service stand, what is not covered, and the last runs."""

    kinds: list[KindStanding]
    trail: TrailStanding
    not_covered: dict[str, str]
    runs: list[RunDone]


class RunAsked(BaseModel):
    """A run was asked for: the worker begins it within half a minute."""

    asked: bool


class ProofShown(BaseModel):
    """A proof; `hash` is over `said` and the proof before, `genuine` whether the seal is this service's."""

    number: int
    said: dict[str, Any]
    hash: str = Field(description="64 hexadecimal digits.")
    genuine: bool


class ProofPage(BaseModel):
    """Proofs in their order. `next` is the number to go on after, null at the end."""

    items: list[ProofShown]
    next: int | None


def retention_routes(
    declared: Declared,
    secrets: Secrets,
    periods: Callable[[Transaction], Awaitable[dict[str, Period]]],
    today: Callable[[], date],
) -> APIRouter:
    """The routes of one service."""
    service = declared.service
    router = APIRouter(prefix=f"/{service}/v1/retention", tags=["retention"])

    @router.get("", summary="How long records are kept, and what is due")
    async def read_retention(request: Request, identity: Operator) -> RetentionStanding:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            kept = await periods(transaction)
            standings = []
            for kind in declared.kinds:
                months = max(kept[kind.code].in_months, kind.at_least) if kind.code in kept else None
                standings.append(await finding.standing(transaction, secrets, kind, months, today()))
            period = kept.get(TRAIL.code)
            trail = await of_trail.standing(transaction, secrets, service, period.in_months if period else None, today())
            last = await runs.newest(transaction)
        return RetentionStanding(
            kinds=[
                KindStanding(
                    kind=each.kind.code,
                    name=each.kind.name,
                    months=each.months,
                    at_least=each.kind.at_least,
                    in_time=each.kept,
                    due=each.due,
                    held=each.held,
                    reduced=each.reduced,
                )
                for each in standings
            ],
            trail=TrailStanding(
                months=trail.months,
                at_least=TRAIL.at_least,
                begins_after=trail.begun.number,
                since=trail.begun.at,
                held=trail.held,
                due=trail.due,
            ),
            not_covered=dict(declared.not_covered),
            runs=[
                RunDone(
                    asked_by=each.asked_by,
                    asked_at=each.asked_at,
                    ended_at=each.ended_at,
                    reduced=dict(each.reduced),
                    held=dict(each.held),
                    failed=each.failed,
                )
                for each in last
            ],
        )

    @router.post("/runs", summary="Let what is due go now", status_code=202)
    async def ask_for_run(request: Request, identity: Operator) -> RunAsked:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await periods(transaction)
            await runs.ask(transaction, identity.subject)
        return RunAsked(asked=True)

    @router.get("/proofs", summary="Proofs of what was reduced, oldest first")
    async def list_proofs(request: Request, identity: Operator, after: After = 0, limit: Limit = 1_000) -> ProofPage:
        org = org_of(identity)
        async with uow_of(request).begin(org) as transaction:
            found = await proofs.in_order(transaction, after, limit)
        items = [
            ProofShown(
                number=each.number,
                said=dict(each.said),
                hash=each.hash.hex(),
                genuine=proofs.genuine(secrets, service, org, each),
            )
            for each in found
        ]
        return ProofPage(items=items, next=items[-1].number if len(items) == limit else None)

    return router
