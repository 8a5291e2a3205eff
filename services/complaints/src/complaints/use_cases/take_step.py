"""What every step of a complaint has in common: find and hold it, see that nobody was faster, take the step, store it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from chassis.calendar import WorkingDays
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_record import Record
from complaints.adapters.complaint_repository import ComplaintRepository, NewChange
from complaints.domain import made_in_error
from complaints.domain.case import Case
from complaints.use_cases.setup import Setup, rules_of, within_calendar
from complaints.use_cases.stage_events import received, stage_recounted

_SHOWN_CHANGES = 5

TakeStep = Callable[[Case, WorkingDays, date], Case]
"""A step of `domain.stages` with everything but the complaint, the calendar and today filled in."""


@dataclass(frozen=True)
class Target:
    """The stage that a step is about, and the version of the complaint that the sender has seen (If-Match), if it says so."""

    complaint_id: UUID
    stage: int
    if_match: str | None = None


@dataclass(frozen=True)
class Taken:
    """A complaint after a step: `changed` is False when the same step had been recorded before."""

    record: Record
    before: Case
    case: Case
    calendar: WorkingDays
    version: int
    changed: bool


def etag(version: int) -> str:
    """The entity tag (RFC 9110) of a complaint's version."""
    return f'"{version}"'


async def take_step(
    transaction: Transaction, setup: Setup, identity: Identity, target: Target, change: NewChange, step: TakeStep
) -> Taken:
    """Take a step on a complaint that is held for it, and store what came of it.

    Raises `not-found`, `stale` with what changed in between, and what the step raises; a conflict tells the latest changes.
    """
    repository = ComplaintRepository(transaction)
    record = await held(repository, identity, target.complaint_id)
    if target.if_match is not None and target.if_match not in {etag(record.version), "*"}:
        raise await _stale(repository, record, target.if_match)
    profile = (await setup.profiles.current(transaction)).profile
    before = record.case(rules_of(profile, record))
    calendar = setup.calendar()
    try:
        with within_calendar():
            if made_in_error.is_closed(before):
                raise made_in_error.refusal(before)
            after = step(before, calendar, setup.today())
            if after is before:
                return Taken(record, before, after, calendar, record.version, changed=False)
            named = replace(change, by_name=setup.seal_name(transaction.org, identity))
            await repository.save(record, before, after, calendar, named)
            _recount(transaction, record, before, after, calendar, change)
    except DomainError as error:
        if error.kind is Kind.CONFLICT:
            error.extra |= await _changes(repository, record, record.version - _SHOWN_CHANGES)
        raise
    return Taken(record, before, after, calendar, record.version + 1, changed=True)


def _recount(
    transaction: Transaction, record: Record, before: Case, after: Case, calendar: WorkingDays, change: NewChange
) -> None:
    """Tell reporting of stages as a whole: where the step's own event does not, and from then on at every step."""
    if after.received_on != before.received_on:
        transaction.record(received(replace(record, received_on=after.received_on)))
    for number in sorted({each.number for each in (*before.stages, *after.stages)} | {each.stage for each in after.requests}):
        same = before.begun(number) == after.begun(number) and before.request_of(number) == after.request_of(number)
        if not same and (change.recounts or number in record.recounted):
            told = {**record.told, **{(change.stage, point): each for point, each in change.told.items()}}
            transaction.record(
                stage_recounted(replace(record, told=told), after, number, record.version + 1, change.step, calendar)
            )


async def held(repository: ComplaintRepository, identity: Identity, complaint_id: UUID) -> Record:
    """A complaint, held until the transaction ends. Raises `not-found`."""
    # Locked first and read by a second statement, whose snapshot is younger: it sees what the last holder committed.
    record = await repository.by_id(complaint_id) if await repository.lock(complaint_id) else None
    if record is None or not may_see(identity, record.service_area):
        raise not_found("complaint")
    return record


def may_see(identity: Identity, service_area: str) -> bool:
    """Whether the caller's service areas (empty: all) hold this one."""
    return not identity.areas or service_area in identity.areas


async def _stale(repository: ComplaintRepository, record: Record, if_match: str) -> DomainError:
    known = {etag(version): version for version in range(1, record.version)}
    after = known.get(if_match, record.version - _SHOWN_CHANGES)
    return DomainError(
        "stale",
        "Somebody changed the complaint since you read it. Nothing was stored. Look at `changes`, and decide anew.",
        Kind.STALE,
        extra=await _changes(repository, record, after),
    )


async def _changes(repository: ComplaintRepository, record: Record, after: int) -> dict[str, Any]:
    changes = await repository.changes(record.id, max(0, after))
    return {
        "etag": etag(record.version),
        "changes": [
            {
                "version": change.version,
                "step": change.step,
                "stage": change.stage,
                "dated_on": change.dated_on.isoformat(),
                "recorded_at": change.recorded_at.isoformat(),
                "recorded_by": change.recorded_by,
            }
            for change in changes
        ],
    }
