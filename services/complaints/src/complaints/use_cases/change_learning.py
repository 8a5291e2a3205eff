"""Follow an action until it is done and reviewed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.learning import KeptAction, KeptStep, LearningRepository
from complaints.domain.learning import Action, Asked, Plan, Step, change, take
from complaints.events import learning as events
from complaints.use_cases.learn import check_codes, tidied
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import may_see
from contracts.complaints import LearningAction

OFFICER = "role:complaints-officer"
READER = "role:senior-reader"
MANAGER = "role:manager"
WRITE = "complaints:write"
READ = "complaints:read"

Told = Callable[[KeptAction, date], LearningAction]

_EVENTS: dict[Step, Told] = {
    "done": events.completed,
    "review": events.reviewed,
    "reopen": events.changed,
    "drop": events.changed,
    "move": events.changed,
}
_HISTORY: dict[Step, str] = {
    "note": "noted",
    "done": "done",
    "review": "reviewed",
    "reopen": "reopened",
    "drop": "dropped",
    "move": "moved",
}
_OF_OWNER: frozenset[Step] = frozenset({"note", "done"})


@dataclass(frozen=True)
class Seen:
    """An action as somebody sees it: with its history, and what they may do with it."""

    kept: KeptAction
    history: tuple[KeptStep, ...]
    own: bool
    oversees: bool
    """Whether it is for them to change, move, drop and review."""


@dataclass(frozen=True)
class Line:
    """What a change leaves behind: a line of the history, and the event that tells of it."""

    step: str
    event: Told | None
    due_on: date | None = None
    note: str = ""


def oversees(identity: Identity) -> bool:
    """Whether somebody looks after all actions: the complaints officer, and systems that write."""
    return identity.may(OFFICER, WRITE)


async def see_action(
    transaction: Transaction, setup: Setup, identity: Identity, action_id: UUID, *, hold: bool = False
) -> Seen:
    """An action for those who read complaints in its area, and for its owner. To others it is not there."""
    repository = LearningRepository(transaction, setup.secrets)
    kept = await repository.read(action_id, hold=hold)
    history = tuple(await repository.steps(action_id))
    if kept is None:
        # Its owner sees to it wherever it lies.
        async with transaction.whole_organisation():
            if await repository.is_of(action_id, identity.subject):
                kept = await repository.read(action_id, hold=hold)
                history = tuple(await repository.steps(action_id))
    if kept is None:
        raise not_found("action")
    own = bool(kept.action.plan.owner.sign_in) and kept.action.plan.owner.sign_in == identity.subject
    reads = identity.may(OFFICER, READER, WRITE, READ) and may_see(identity, kept.action.plan.service_area)
    if not (own or reads):
        raise not_found("action")
    return Seen(kept, history, own, oversees(identity) and reads)


async def take_learning_step(
    transaction: Transaction, setup: Setup, identity: Identity, action_id: UUID, asked: Asked, revision: int
) -> KeptAction:
    """Take a step with an action that was read as `revision`. Its owner notes and finishes; the rest is the officer's.

    Raises `stale` where somebody was faster, `not-yours`, and what `learning.take` raises.
    """
    seen = await see_action(transaction, setup, identity, action_id, hold=True)
    if not (seen.oversees or (seen.own and asked.step in _OF_OWNER)):
        raise DomainError("not-yours", "The complaints officer does that. Nothing was changed.", Kind.FORBIDDEN)
    _not_stale(seen.kept, revision)
    after = take(seen.kept.action, asked, setup.today())
    due_on = asked.due_on if asked.step in {"move", "reopen"} else None
    line = Line(_HISTORY[asked.step], _EVENTS.get(asked.step), due_on, asked.note.strip())
    return await _save(transaction, setup, identity, seen.kept, after, line)


async def change_plan(
    transaction: Transaction, setup: Setup, identity: Identity, action_id: UUID, plan: Plan, revision: int
) -> KeptAction:
    """Change what is to be done, who sees to it, where it belongs, its themes. The day is moved by a step, with a reason."""
    seen = await see_action(transaction, setup, identity, action_id, hold=True)
    if not seen.oversees:
        raise DomainError("not-yours", "The complaints officer does that. Nothing was changed.", Kind.FORBIDDEN)
    _not_stale(seen.kept, revision)
    profile = (await setup.profiles.current(transaction)).profile
    check_codes(profile, plan, setup)
    after = change(seen.kept.action, tidied(plan), setup.today())
    if after == seen.kept.action:
        return seen.kept
    return await _save(transaction, setup, identity, seen.kept, after, Line("changed", events.changed))


async def _save(
    transaction: Transaction, setup: Setup, identity: Identity, kept: KeptAction, after: Action, line: Line
) -> KeptAction:
    repository = LearningRepository(transaction, setup.secrets)
    # It may lie in another area when it is saved: then its next step is somebody else's.
    async with transaction.whole_organisation():
        await repository.save(kept, after, line.step, identity.subject, line.due_on, line.note)
    saved = replace(kept, action=after, revision=kept.revision + 1)
    if line.event is not None:
        transaction.record(line.event(saved, setup.today()))
    return saved


def _not_stale(kept: KeptAction, revision: int) -> None:
    if kept.revision != revision:
        detail = "Somebody changed this action after you opened it. Nothing was changed. Look at it again, then decide."
        raise DomainError("stale", detail, Kind.STALE, extra={"revision": kept.revision})
