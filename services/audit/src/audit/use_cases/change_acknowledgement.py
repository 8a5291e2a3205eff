"""What happens to an acknowledgement later: a manager confirms it, a slip is corrected, a mistake is withdrawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from audit.adapters.acknowledgements import AcknowledgementRecord, AcknowledgementRepository
from audit.domain import acknowledgement
from audit.domain.acknowledgement import Acknowledgement, may_correct, notice_of
from audit.domain.dispute_access import Viewer, may_see
from audit.domain.dispute_profile import required_acknowledgements
from audit.events.practice_acknowledged import practice_acknowledged
from audit.use_cases.acknowledge_practice import Acknowledged, assert_not_oneself
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.take_dispute_step import stale
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class PracticeTarget:
    """The acknowledgement that a step is about, and its revision as the sender has seen it, if they say so."""

    acknowledgement_id: UUID
    revision: int | None = None


@dataclass(frozen=True)
class ConfirmAcknowledgement:
    """A manager has seen it, and perhaps shared it. Without `notice` it is the one of whoever confirms."""

    target: PracticeTarget
    seen_on: date
    shared_on: date | None = None
    notice: int | None = None


@dataclass(frozen=True)
class CorrectAcknowledgement:
    """New values by name (`acknowledgement.CORRECTABLE`)."""

    target: PracticeTarget
    values: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class WithdrawAcknowledgement:
    """It was recorded by mistake."""

    target: PracticeTarget
    withdrawn_on: date
    reason: str = field(repr=False)


Change = Callable[[AcknowledgementRecord, Viewer], Acknowledgement]


async def confirm_acknowledgement(
    transaction: Transaction, setup: DisputeSetup, identity: Identity, command: ConfirmAcknowledgement
) -> Acknowledged:
    """Record that a manager knows. Raises `not-found`, `stale`, `step-not-yours`, `no-such-notice`, and on days."""

    def change(record: AcknowledgementRecord, viewer: Viewer) -> Acknowledgement:
        mine = notice_of(viewer, record.content)
        number = command.notice if command.notice is not None and viewer.standing == "everything" else None
        if mine is None and record.content.withdrawn_on is None:
            raise _not_yours("the managers who were told")
        chosen = number or (mine.number if mine is not None else 0)
        return acknowledgement.confirm(record.content, chosen, command.seen_on, command.shared_on, setup.today())

    return await _change(transaction, setup, identity, command.target, "confirm", change)


async def correct_acknowledgement(
    transaction: Transaction, setup: DisputeSetup, identity: Identity, command: CorrectAcknowledgement
) -> Acknowledged:
    """Correct what was recorded. Raises `not-found`, `stale`, `step-not-yours`, `unknown-codes`, and on days."""
    profile = await setup.profile(transaction)
    rules = required_acknowledgements(profile.audit.acknowledgements)

    def change(record: AcknowledgementRecord, viewer: Viewer) -> Acknowledgement:
        _may_correct(viewer, record)
        after = acknowledgement.correct(record.content, command.values, rules, profile.themes, setup.today())
        assert_not_oneself(record.raised_person, after.worker)
        return after

    return await _change(transaction, setup, identity, command.target, "correct", change)


async def withdraw_acknowledgement(
    transaction: Transaction, setup: DisputeSetup, identity: Identity, command: WithdrawAcknowledgement
) -> Acknowledged:
    """Withdraw what was recorded by mistake. Raises `not-found`, `stale`, `step-not-yours`, `withdrawn`, and on days."""

    def change(record: AcknowledgementRecord, viewer: Viewer) -> Acknowledgement:
        _may_correct(viewer, record)
        return acknowledgement.withdraw(record.content, command.withdrawn_on, command.reason, setup.today())

    return await _change(transaction, setup, identity, command.target, "withdraw", change)


async def _change(
    transaction: Transaction, setup: DisputeSetup, identity: Identity, target: PracticeTarget, step: str, change: Change
) -> Acknowledged:
    repository = AcknowledgementRepository(transaction, setup.secrets)
    viewer = await setup.viewer(transaction, identity)
    record = await repository.hold(target.acknowledgement_id)
    if record is None or not may_see(viewer, record.parties):
        raise not_found("practice acknowledgement")
    if target.revision is not None and target.revision != record.revision:
        what = "practice acknowledgement"
        raise await stale(repository.histories, record.id, target.revision, record.revision, what)
    after = change(record, viewer)
    if after == record.content:
        return Acknowledged(record, changed=False)
    changed = replace(record, content=after, revision=record.revision + 1)
    await repository.save(record, changed, step, identity.subject)
    event = practice_acknowledged(record.id, after)
    if event != practice_acknowledged(record.id, record.content):
        transaction.record(event)
    return Acknowledged(changed, changed=True)


def _may_correct(viewer: Viewer, record: AcknowledgementRecord) -> None:
    if not may_correct(viewer, record.parties):
        raise _not_yours("whoever recorded it")


def _not_yours(whose: str) -> DomainError:
    detail = f"This step is for {whose}, or for a quality-assurance officer. Nothing was changed."
    return DomainError("step-not-yours", detail, Kind.FORBIDDEN)
