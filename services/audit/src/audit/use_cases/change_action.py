"""Set an action, and follow it until it is done."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from audit.adapters.actions import ActionRepository, KeptAction
from audit.adapters.audits import AuditRepository, Record
from audit.adapters.directory import Directory
from audit.context import Context
from audit.domain.actions import Asked, check_step, open_number
from audit.domain.audit import Audit, State
from audit.domain.judgement import MOST_LETTERS
from audit.domain.notices import Notice, NoticeKind
from audit.domain.steps import may_write, settle
from audit.use_cases.notify import notify
from audit.use_cases.see_audit import Viewer, see_audit, viewer_of
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from contracts.audit import ActionChanged

MOST_ACTIONS = 50


@dataclass(frozen=True)
class NewAction:
    """What is to be done, by whom (a code of the directory), by when."""

    what: str
    owner: str
    due_on: date


async def add_action(transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, new: NewAction) -> UUID:
    """Set an action: the moderator (or the only auditor) before the grades are fixed, officer and reviewer afterwards."""
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    _may_set(viewer, record, context)
    repository = ActionRepository(transaction, context.secrets)
    await _check(transaction, context, new)
    if len(await repository.of_audit(audit_id)) >= MOST_ACTIONS:
        raise DomainError("too-many-actions", f"An audit has {MOST_ACTIONS} actions at most. Put some of them together.")
    action_id = await repository.add(
        audit_id, what=new.what.strip(), owner=new.owner, team=record.team, due_on=new.due_on, by=identity.subject
    )
    if record.audit.state is State.MODERATED:
        action = await repository.hold(action_id)
        if action is not None:
            _tell(transaction, record, action)
            path = f"/audit/actions/{action_id}"
            await notify(transaction, context, [Notice(NoticeKind.ACTION, record.reference, new.owner, path, action.code)])
    return action_id


async def change_action(
    transaction: Transaction, context: Context, identity: Identity, action_id: UUID, asked: Asked, revision: int
) -> KeptAction:
    """Take a step with an action that was read as `revision`; raises `stale` where somebody was faster."""
    repository = ActionRepository(transaction, context.secrets)
    action, record = await held_action(transaction, context, identity, action_id)
    if action.revision != revision:
        detail = "Somebody changed this action after you opened it. Nothing was changed. Look at it again, then decide."
        raise DomainError("stale", detail, Kind.STALE, extra={"revision": action.revision})
    if not runs(record.audit):
        raise DomainError(
            "not-running", "Actions run from the moderation until the review closes the audit. Nothing was changed."
        )
    check_step(action, asked, context.today)
    after = _after(action, asked, context.today)
    if asked.step != "note":
        await repository.save(after)
        _tell(transaction, record, after)
    steps = {"note": "noted", "done": "done", "reopen": "reopened", "drop": "dropped", "move": "moved"}
    moved_to = asked.due_on if asked.step in {"move", "reopen"} else None
    await repository.add_step(action.id, steps[asked.step], identity.subject, moved_to, asked.note.strip())
    await _settle(transaction, record, open_number(await repository.of_audit(record.audit.id)), identity)
    return after


async def drop_draft(transaction: Transaction, context: Context, identity: Identity, action_id: UUID) -> None:
    """Take back an action while grades are not fixed yet: nobody has been told of it."""
    action, record = await held_action(transaction, context, identity, action_id)
    viewer = await viewer_of(transaction, context, identity)
    may_write(record.audit, record.audit.deciding.code, viewer.code or "", context.now())
    repository = ActionRepository(transaction, context.secrets)
    await repository.save(replace(action, status="dropped"))
    await repository.add_step(action.id, "dropped", identity.subject)


async def held_action(
    transaction: Transaction, context: Context, identity: Identity, action_id: UUID
) -> tuple[KeptAction, Record]:
    """An action for whoever may change it (see `may_change`), held together with its audit.

    With the audit, so that an action is not opened again while the review that found none open closes the loop; and the audit
    first, as everybody who holds both does.
    """
    repository = ActionRepository(transaction, context.secrets)
    found = await repository.read(action_id)
    if found is None:
        raise not_found("action")
    viewer, record = await _see_audit_of(transaction, context, identity, found, hold=True)
    action = await repository.hold(action_id)
    if action is None or not (may_change(viewer, record, action) and _is_open(viewer, record)):
        raise not_found("action")
    return action, record


async def see_action(
    transaction: Transaction, context: Context, identity: Identity, action_id: UUID
) -> tuple[Viewer, KeptAction, Record]:
    """An action to look at, for whoever may know its audit; before grades are fixed only for whoever fixes them."""
    action = await ActionRepository(transaction, context.secrets).read(action_id)
    if action is None:
        raise not_found("action")
    viewer, record = await _see_audit_of(transaction, context, identity, action)
    if not _is_open(viewer, record):
        raise not_found("action")
    return viewer, action, record


def runs(audit: Audit) -> bool:
    """Whether actions may be changed: until the review closes the audit, and where nobody reviews, for good."""
    return audit.state is State.MODERATED or (audit.state is State.CLOSED and not audit.reviews)


async def _settle(transaction: Transaction, record: Record, open_actions: int, identity: Identity) -> None:
    after = settle(record.audit, open_actions)
    if after.state is record.audit.state:
        return
    repository = AuditRepository(transaction)
    await repository.save(record.audit, after)
    await repository.add_step(after.id, identity.subject, "closed" if after.state is State.CLOSED else "opened-again")


def may_change(viewer: Viewer, record: Record, action: KeptAction) -> bool:
    """Whether somebody may take steps with an action: owner, team manager, reviewer, moderator, QA officer."""
    review = record.audit.open_review
    its_own = {action.owner, review.reviewer if review else None, record.audit.deciding.person}
    return viewer.is_officer or viewer.manages(record.team) or (viewer.code is not None and viewer.code in its_own)


async def _see_audit_of(
    transaction: Transaction, context: Context, identity: Identity, action: KeptAction, *, hold: bool = False
) -> tuple[Viewer, Record]:
    """The audit of an action. To whoever may not know it the action looks as if it were not there: nothing says otherwise."""
    try:
        return await see_audit(transaction, context, identity, action.audit_id, hold=hold)
    except DomainError as error:
        raise (not_found("action") if error.kind is Kind.NOT_FOUND else error) from None


def _is_open(viewer: Viewer, record: Record) -> bool:
    """Whether the actions of an audit are more than the draft of whoever fixes its grades, or the viewer is that person."""
    finished = record.audit.state in {State.MODERATED, State.CLOSED}
    return finished or (viewer.code is not None and viewer.code == record.audit.deciding.person)


def _may_set(viewer: Viewer, record: Record, context: Context) -> None:
    if record.audit.state is State.MODERATED:
        review = record.audit.open_review
        if viewer.is_officer or (review is not None and review.reviewer == viewer.code):
            return
        raise DomainError("not-yours", "After moderation the QA officer and the reviewer may add actions.", Kind.FORBIDDEN)
    may_write(record.audit, record.audit.deciding.code, viewer.code or "", context.now())


async def _check(transaction: Transaction, context: Context, new: NewAction) -> None:
    errors = []
    if not 0 < len(new.what.strip()) <= MOST_LETTERS:
        errors.append(FieldError("/what", "Say what is to be done"))
    owner = await Directory(transaction, context.secrets).by_code(new.owner)
    if owner is None or not owner.active:
        errors.append(FieldError("/owner", "Choose somebody of the staff directory"))
    if new.due_on < context.today:
        errors.append(FieldError("/due_on", "Give a day that is still to come"))
    if errors:
        raise DomainError("invalid-action", "The action was not set. See `errors`.", Kind.MALFORMED, tuple(errors))


def _after(action: KeptAction, asked: Asked, today: date) -> KeptAction:
    note = asked.note.strip()
    match asked.step:
        case "done":
            return replace(action, status="done", done_on=today, evidence=note)
        case "drop":
            return replace(action, status="dropped")
        case "reopen":
            return replace(action, status="open", done_on=None, due_on=asked.due_on or action.due_on)
        case "move":
            return replace(action, due_on=asked.due_on or action.due_on)
        case _:
            return action


def _tell(transaction: Transaction, record: Record, action: KeptAction) -> None:
    transaction.record(
        ActionChanged(
            audit_id=record.audit.id,
            action=action.code,
            status=action.status,
            service_area=record.service_area,
            team=record.team,
            due_on=action.due_on,
            done_on=action.done_on,
            evidence=action.status == "done" and bool(action.evidence.strip()),
        )
    )
