"""What every step of a dispute has in common: hold it, see that nobody was faster and that the caller may, store, tell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from audit.adapters.disputes import CASE, DisputeRepository, Record
from audit.adapters.histories import Change, Histories
from audit.domain.dispute import Dispute
from audit.domain.dispute_access import may_see, steps_for
from audit.domain.dispute_profile import Disputes, required_disputes
from audit.domain.dispute_steps import Step, legal
from audit.domain.notices import Notice, NoticeKind
from audit.events.disputes import events_of
from audit.use_cases.dispute_setup import DisputeSetup, known_person
from audit.use_cases.notify import notify
from chassis.calendar import WorkingDays
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction

_SHOWN = 50
"""Changes that a refusal tells at most."""

TakeStep = Callable[[Dispute, Disputes, WorkingDays, date], Dispute]
"""A step of `audit.domain.dispute_steps` with everything but the dispute, the rules, the calendar and today filled in."""


@dataclass(frozen=True)
class Target:
    """The dispute that a step is about, and its revision as the sender has seen it, if they say so."""

    dispute_id: UUID
    revision: int | None = None


@dataclass(frozen=True)
class Taken:
    """A dispute after a step; `changed` is False when nothing differed."""

    record: Record
    changed: bool


async def take_step(
    transaction: Transaction,
    setup: DisputeSetup,
    identity: Identity,
    target: Target,
    step: Step,
    take: TakeStep,
    *,
    named: Mapping[str, str | None] | None = None,
) -> Taken:
    """Take a step on a dispute that is held for it, store what came of it and tell the world.

    `named` are codes of people, by the place where they stand in what was sent: each who is new to it must be in the
    directory, and be somebody else than who raised the dispute. Raises `not-found`, `stale` with what changed in between,
    `step-not-yours`, `unknown-person`, `answers-own-concern`, and what the step raises.
    """
    repository = DisputeRepository(transaction, setup.secrets)
    viewer = await setup.viewer(transaction, identity)
    record = await repository.hold(target.dispute_id)
    if record is None or not may_see(viewer, record.parties):
        raise not_found("dispute")
    if target.revision is not None and target.revision != record.revision:
        raise await stale(repository.histories, record.id, target.revision, record.revision, "dispute")
    before = record.dispute
    legal(before, step)
    if step not in steps_for(viewer, record.parties, before):
        raise not_yours(step)
    rules = required_disputes((await setup.profile(transaction)).audit.disputes)
    for pointer, code in (named or {}).items():
        if code in record.parties.addressed:
            continue  # also where they have left since
        person = await known_person(setup.directory(transaction), code, pointer)
        assert_not_own(record.raised_person, person.code if person is not None else None, pointer)
    after = take(before, rules, setup.calendar(), setup.today())
    if after == before:
        return Taken(record, changed=False)
    taken = replace(record, dispute=after, revision=record.revision + 1)
    await repository.save(record, taken, step.value, identity.subject)
    keys = [setup.secrets.pseudonym(transaction.org, CASE, dispute.case_number) for dispute in (after, before)]
    for event in events_of(record.id, before, after, *keys):
        transaction.record(event)
    await tell(transaction, setup, taken, before)
    return Taken(taken, changed=True)


async def tell(transaction: Transaction, setup: DisputeSetup, record: Record, before: Dispute | None = None) -> None:
    """Mail whoever a dispute has come to: those who must answer a stage that has begun, who raised it once it is answered."""
    after = record.dispute
    stage, kind = after.current, NoticeKind.DISPUTE
    people: list[str | None] = []
    if before is None or len(after.stages) > len(before.stages):
        people = [stage.person]
        if stage.person is None and stage.to_team and after.team is not None:
            people = [manager.code for manager in await setup.directory(transaction).managers_of(after.team)]
    elif stage.answer is not None and before.current.answer is None:
        people, kind = [record.raised_person], NoticeKind.ANSWER
    path, about = f"/audit/disputes/{record.id}", f"stage-{len(after.stages)}"
    await notify(transaction, setup, [Notice(kind, record.reference, person, path, about) for person in people if person])


def assert_not_own(raiser: str | None, person: str | None, pointer: str = "/person") -> None:
    """Raise `answers-own-concern` where somebody would have to answer a concern that they raised."""
    if raiser is not None and raiser == person:
        errors = (FieldError(pointer, "expected somebody other than who raised it"),)
        detail = "Nobody answers a concern that they raised. Nothing was stored. Choose somebody else."
        raise DomainError("answers-own-concern", detail, Kind.MALFORMED, errors)


def not_yours(step: Step) -> DomainError:
    """The refusal of a step that is somebody else's."""
    whose = "whoever it is addressed to" if step is Step.ANSWER else "whoever raised it"
    detail = f"This step is for {whose}, or for a quality-assurance officer. Nothing was changed."
    return DomainError("step-not-yours", detail, Kind.FORBIDDEN)


async def stale(histories: Histories, record_id: UUID, seen: int, now: int, what: str) -> DomainError:
    """The refusal of who has seen an older revision, with what was changed since."""
    changes = await histories.after(record_id, seen if 0 < seen < now else now - 1)
    detail = f"Somebody changed the {what} since you read it. Nothing was stored. Look at `changes`, and decide anew."
    extra = {"etag": f'"{now}"', "changes": [change_out(change) for change in changes[-_SHOWN:]]}
    return DomainError("stale", detail, Kind.STALE, extra=extra)


def change_out(change: Change) -> dict[str, Any]:
    """A change as machines read it; of words only that they changed."""
    return {
        "revision": change.revision,
        "step": change.step,
        "stage": change.stage,
        "fact": change.fact,
        "was": None if change.secret else change.was,
        "became": change.became,
        "changed_at": change.changed_at.isoformat(),
        "changed_by": change.changed_by,
    }
