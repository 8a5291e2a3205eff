"""Record what is to be done because of a point, or why nothing is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.mail.message import is_address
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_record import Record
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.adapters.learning import KeptAction, KeptNone, LearningRepository, Origin
from complaints.adapters.point_rows import Point
from complaints.domain.codes import CodeCheck
from complaints.domain.learning import MOST_ACTIONS, Found, Owner, Plan, check_plan, check_reason, found_on
from complaints.domain.profile import Profile
from complaints.events.learning import recorded
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import may_see
from contracts.complaints import LearningDeclined


@dataclass(frozen=True)
class At:
    """The point, and how much had been recorded of it when the sender looked (None: whatever there is by now)."""

    complaint_id: UUID
    point_id: UUID
    seen: int | None = None


@dataclass(frozen=True)
class PointLearning:
    """A point with the finding that counts now, and what was recorded of it."""

    record: Record
    point: Point
    found: Found | None
    actions: tuple[KeptAction, ...]
    nones: tuple[KeptNone, ...]

    @property
    def recorded(self) -> int:
        """How much has been recorded: grows with each action and each reason."""
        return len(self.actions) + len(self.nones)

    @property
    def none(self) -> KeptNone | None:
        """The reason for no action that stands."""
        return next((each for each in self.nones if each.replaced_on is None), None)

    @property
    def asks(self) -> bool:
        """Whether an action, or a reason for none, is still asked for. A dropped action answers nothing."""
        answered = self.none or any(each.action.status != "dropped" for each in self.actions)
        return self.point.live and self.found is not None and self.found.asks and not answered


async def learning_of(transaction: Transaction, setup: Setup, record: Record) -> tuple[PointLearning, ...]:
    """What was recorded of each point of a complaint, in their order; also of those that were superseded."""
    repository = LearningRepository(transaction, setup.secrets)
    actions, nones = await repository.of_complaint(record.id), await repository.nones_of(record.id)
    references = {point.id: point.reference for point in record.points}
    learned = []
    for point in record.points:
        # What was recorded of the points that it was split from or merged of stands for it, as their findings do.
        own = (point.id, *point.ancestors)
        found = found_on((references[each] for each in own), record.stages)
        of = [each for each in actions if each.point_id in own], [each for each in nones if each.point_id in own]
        learned.append(PointLearning(record, point, found, tuple(of[0]), tuple(of[1])))
    return tuple(learned)


def to_show(learned: Sequence[PointLearning]) -> tuple[PointLearning, ...]:
    """What of it is shown: live points, and superseded ones of which something was recorded that no live one shows."""
    shown = {ancestor for each in learned if each.point.live for ancestor in each.point.ancestors}
    return tuple(each for each in learned if each.point.live or (each.recorded and each.point.id not in shown))


async def see_point(transaction: Transaction, setup: Setup, identity: Identity, at: At, *, hold: bool = False) -> PointLearning:
    """A point with its learning; with `hold` nobody else records anything of the complaint meanwhile. Raises `not-found`."""
    repository = ComplaintRepository(transaction)
    if hold:
        await repository.lock(at.complaint_id)
    record = await repository.by_id(at.complaint_id)
    if record is None or not may_see(identity, record.service_area):
        raise not_found("complaint")
    found = next((each for each in await learning_of(transaction, setup, record) if each.point.id == at.point_id), None)
    if found is None:
        raise not_found("point")
    return found


async def record_action(
    transaction: Transaction, setup: Setup, identity: Identity, at: At, action_id: UUID, plan: Plan
) -> tuple[KeptAction, bool]:
    """Record an action under an id that its sender chose; False, and nothing changed, where that one is there already.

    Raises `superseded`, `not-answered`, `stale`, `too-many-actions`, `invalid-action`, `unknown-codes`.
    """
    learning = await see_point(transaction, setup, identity, at, hold=True)
    repository = LearningRepository(transaction, setup.secrets)
    if any(each.id == action_id for each in learning.actions):
        kept = await repository.read(action_id)
        return _there(kept), False
    found = _answered(learning)
    _not_stale(learning, at)
    if len(learning.actions) >= MOST_ACTIONS:
        raise DomainError("too-many-actions", f"A point has {MOST_ACTIONS} actions at most. Put some of them together.")
    profile = (await setup.profiles.current(transaction)).profile
    check_codes(profile, plan, setup)
    plan = tidied(plan)
    check_plan(plan, setup.today())
    origin = Origin(at.complaint_id, at.point_id, learning.record.reference, found)
    async with transaction.whole_organisation():
        taken = await repository.read(action_id) is not None
    if taken:
        raise DomainError("id-taken", "There is another action with this id. Nothing was stored. Choose a new one.")
    await repository.add(action_id, origin, plan, setup.today(), identity.subject)
    kept = _there(await repository.read(action_id))
    transaction.record(recorded(kept, setup.today()))
    return kept, True


async def decline(
    transaction: Transaction, setup: Setup, identity: Identity, at: At, decision_id: UUID, reason: str
) -> tuple[UUID, bool]:
    """Record why a point needs no action, under an id that its sender chose; False where that one is there already.

    Raises `superseded`, `not-answered`, `not-asked`, `point-has-action`, `already-declined`, `stale`, `invalid-reason`.
    """
    learning = await see_point(transaction, setup, identity, at, hold=True)
    if any(each.id == decision_id for each in learning.nones):
        return decision_id, False
    found = _answered(learning)
    _not_stale(learning, at)
    if not found.asks:
        raise DomainError("not-asked", "The finding on this point asks for no action, so no reason is needed.")
    if any(each.action.status != "dropped" for each in learning.actions):
        raise DomainError("point-has-action", "This point has an action. Drop it, with a reason, if it is not needed any more.")
    if learning.none is not None:
        raise DomainError("already-declined", "A reason for no action stands already. Record an action if there is one now.")
    check_reason(reason)
    origin = Origin(at.complaint_id, at.point_id, learning.record.reference, found)
    repository = LearningRepository(transaction, setup.secrets)
    await repository.decline(decision_id, origin, learning.point.service_area, reason.strip(), setup.today(), identity.subject)
    transaction.record(
        LearningDeclined(
            decision_id=decision_id,
            complaint_id=at.complaint_id,
            point_id=at.point_id,
            stage=found.stage,
            finding=found.finding,
            service_area=learning.point.service_area,
            decided_on=setup.today(),
        )
    )
    return decision_id, True


def tidied(plan: Plan) -> Plan:
    """A plan without white space around its words."""
    owner = Owner(plan.owner.name.strip(), plan.owner.sign_in.strip(), plan.owner.email.strip())
    return replace(plan, what=plan.what.strip(), owner=owner, themes=tuple(dict.fromkeys(plan.themes)))


def check_codes(profile: Profile, plan: Plan, setup: Setup) -> None:
    """Raise `unknown-codes` for codes that the profile does not have, and `invalid-action` for an address that is none."""
    check = CodeCheck(profile, setup.today())
    check.one_of("/service_area", plan.service_area, profile.organisation.service_areas)
    check.team("/team", plan.team, plan.service_area)
    for index, theme in enumerate(plan.themes):
        check.one_of(f"/themes/{index}", theme, (*profile.organisation.themes, *profile.complaints.learning.themes))
    check.done()
    if plan.owner.email.strip() and not is_address(plan.owner.email.strip()):
        error = FieldError("/owner_email", "Enter an e-mail address such as sam.okafor@council.example")
        raise DomainError("invalid-action", "The action was not stored. See `errors`.", Kind.MALFORMED, (error,))


def _answered(learning: PointLearning) -> Found:
    if not learning.point.live:
        detail = f"Point {learning.point.reference} was split or merged, is a duplicate, or an error: it is answered no more."
        raise DomainError("superseded", f"{detail} Record what is learned of the point that it became.")
    if learning.found is None:
        detail = "There is no finding on this point yet. Record the response of the stage first."
        raise DomainError("not-answered", detail)
    return learning.found


def _not_stale(learning: PointLearning, at: At) -> None:
    if at.seen is not None and at.seen != learning.recorded:
        detail = "Somebody recorded something of this point after you opened it. Nothing was stored. Look at it, then decide."
        raise DomainError("stale", detail, Kind.STALE, extra={"recorded": learning.recorded})


def _there(kept: KeptAction | None) -> KeptAction:
    if kept is None:
        raise not_found("action")
    return kept
