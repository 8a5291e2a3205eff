"""The points of a complaint are added, corrected, split, merged or marked as duplicates, or such a change is taken back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from complaints.adapters import point_links
from complaints.adapters.complaint_record import Record
from complaints.adapters.complaint_repository import ComplaintRepository, NewChange
from complaints.adapters.point_rows import NewPoints
from complaints.domain import point_changes
from complaints.domain.case import Case, Finding
from complaints.domain.codes import CodeCheck, within_areas
from complaints.domain.points import NewPoint as Made
from complaints.domain.points import PointChange
from complaints.use_cases.point_events import points_changed
from complaints.use_cases.points import NewPoint, check_point, facts_of, sealed_of
from complaints.use_cases.setup import Setup, rules_of
from complaints.use_cases.take_step import Taken, Target, held, may_see, take_step


@dataclass(frozen=True)
class AddPoint:
    """A point that was not recorded, or came up later, and why it is added."""

    target: Target
    point: NewPoint
    reason: str


@dataclass(frozen=True)
class CorrectPoint:
    """How a point should have been recorded, named by its reference, and why."""

    target: Target
    point: NewPoint
    reason: str


@dataclass(frozen=True)
class SplitPoint:
    """The reference of a point, the parts that it is, and why."""

    target: Target
    point: str
    into: tuple[NewPoint, ...]
    reason: str


@dataclass(frozen=True)
class MergePoints:
    """The references of points, the one that they are, and why."""

    target: Target
    points: tuple[str, ...]
    into: NewPoint
    reason: str


@dataclass(frozen=True)
class MarkDuplicate:
    """The reference of a point, the id of the one that it is the same as, of this complaint or another, and why."""

    target: Target
    point: str
    same_as: UUID
    reason: str


@dataclass(frozen=True)
class TakeBackPoints:
    """The number of a change of points that was made in error, and why."""

    target: Target
    change: int
    reason: str


Change = Callable[[Case], Case]


@dataclass(frozen=True)
class _Asked:
    """What is asked of a complaint: the step, what it says of points, and the change."""

    step: str
    code: str
    reason: str
    change: Change
    points: tuple[NewPoint, ...] = ()
    made: Sequence[Made] = ()
    ids: Mapping[str, UUID] = field(default_factory=dict)


async def add_point(transaction: Transaction, setup: Setup, identity: Identity, command: AddPoint) -> Taken:
    """Add a point. Raises what `take_step` and `point_changes.add` raise, and `unknown-codes`."""
    record, number, made = await _begun(transaction, setup, identity, command.target, (command.point,), "/point")

    def change(case: Case) -> Case:
        return point_changes.add(case, made[0], number=number, today=setup.today())

    asked = _Asked("point-add", command.point.reference, command.reason, change, (command.point,), made)
    return await _take(transaction, setup, identity, command.target, record, asked)


async def correct_point(transaction: Transaction, setup: Setup, identity: Identity, command: CorrectPoint) -> Taken:
    """Correct what a point is about. Raises as `add_point`, and what `point_changes.correct` raises."""
    record, number, made = await _begun(transaction, setup, identity, command.target, (command.point,), "/point")

    def change(case: Case) -> Case:
        return point_changes.correct(case, made[0], number=number, today=setup.today())

    asked = _Asked("point-correct", command.point.reference, command.reason, change, (command.point,))
    return await _take(transaction, setup, identity, command.target, record, asked)


async def split_point(transaction: Transaction, setup: Setup, identity: Identity, command: SplitPoint) -> Taken:
    """Split a point. Raises as `add_point`, and what `point_changes.split` raises."""
    record, number, made = await _begun(transaction, setup, identity, command.target, command.into, "/into")

    def change(case: Case) -> Case:
        return point_changes.split(case, command.point, made, number=number, today=setup.today())

    asked = _Asked("point-split", command.point, command.reason, change, command.into, made)
    return await _take(transaction, setup, identity, command.target, record, asked)


async def merge_points(transaction: Transaction, setup: Setup, identity: Identity, command: MergePoints) -> Taken:
    """Merge points. Raises as `add_point`, and what `point_changes.merge` raises."""
    record, number, made = await _begun(transaction, setup, identity, command.target, (command.into,), "/into")

    def change(case: Case) -> Case:
        return point_changes.merge(case, command.points, made[0], number=number, today=setup.today())

    asked = _Asked("point-merge", ", ".join(command.points), command.reason, change, (command.into,), made)
    return await _take(transaction, setup, identity, command.target, record, asked)


async def mark_duplicate(transaction: Transaction, setup: Setup, identity: Identity, command: MarkDuplicate) -> Taken:
    """Mark a point as the same as another one. Raises as `add_point`, and what `point_changes.duplicate` raises."""
    other_id = await point_links.complaint_of(transaction, command.same_as)
    # Both are held, always in the same order, so that two who do this at once wait for one another and never for ever.
    for ident in sorted({command.target.complaint_id, other_id or command.target.complaint_id}):
        await ComplaintRepository(transaction).lock(ident)
    record = await held(ComplaintRepository(transaction), identity, command.target.complaint_id)
    within = {point.id: point.reference for point in record.points}
    same_as, elsewhere, found = within.get(command.same_as), None, None
    if same_as is None:
        found = await _found_elsewhere(transaction, setup, identity, command.same_as, other_id)
        elsewhere = str(command.same_as)

    def change(case: Case) -> Case:
        given = {"elsewhere": elsewhere, "found": found, "number": record.version + 1, "today": setup.today()}
        return point_changes.duplicate(case, command.point, same_as, **given)  # type: ignore[arg-type]

    asked = _Asked("point-duplicate", command.point, command.reason, change)
    return await _take(transaction, setup, identity, command.target, record, asked)


async def take_back_points(transaction: Transaction, setup: Setup, identity: Identity, command: TakeBackPoints) -> Taken:
    """Take back a change of points. Raises what `take_step` and `point_changes.take_back` raise."""
    # Held before it is asked who names its points, so that nobody begins to meanwhile.
    record = await held(ComplaintRepository(transaction), identity, command.target.complaint_id)
    references = {point.id: point.reference for point in record.points}
    links = await point_links.duplicates_of(transaction, record.id)
    named = {references[link.same_as] for link in links if link.complaint_id != record.id}

    def change(case: Case) -> Case:
        return point_changes.take_back(case, command.change, held=named, today=setup.today())

    code = str(command.change)
    asked = _Asked("point-take-back", code, command.reason, change)
    return await _take(transaction, setup, identity, command.target, record, asked)


async def _begun(
    transaction: Transaction, setup: Setup, identity: Identity, target: Target, points: tuple[NewPoint, ...], at: str
) -> tuple[Record, int, list[Made]]:
    """The complaint, held, the number of the change, and the points as they will be known; their codes are checked."""
    record = await held(ComplaintRepository(transaction), identity, target.complaint_id)
    profile = (await setup.profiles.current(transaction)).profile
    check = CodeCheck(profile, record.received_on)
    procedure = profile.procedure(record.procedure)
    for place, point in enumerate(points):
        where = f"{at}/{place}" if len(points) > 1 else at
        check_point(check, where, point, procedure, point.service_area or record.service_area)
    check.done()
    within_areas(identity.areas, [point.service_area for point in points if point.service_area])
    made = [Made(each.reference, facts_of(setup, transaction.org, each, record.service_area)) for each in points]
    return record, record.version + 1, made


async def _take(
    transaction: Transaction, setup: Setup, identity: Identity, target: Target, record: Record, asked: _Asked
) -> Taken:
    if not asked.reason.strip():
        errors = (FieldError("/reason", "expected why the points are changed"),)
        raise DomainError("reason-required", "Points are changed with a reason.", Kind.MALFORMED, errors)
    org = transaction.org
    ids = {each.reference: new_id() for each in asked.made}
    change = NewChange(
        asked.step,
        max(len(record.stages), 1),
        setup.today(),
        identity.subject,
        setup.seal_reason(org, asked.reason),
        asked.code[:200],
        points=NewPoints(ids, sealed_of(setup, org, asked.points)),
    )
    taken = await take_step(transaction, setup, identity, target, change, lambda case, _calendar, _today: asked.change(case))
    if not taken.changed:
        return taken
    transaction.record(points_changed(record, taken.case, ids, taken.version, asked.step))
    return replace(taken, record=await held(ComplaintRepository(transaction), identity, target.complaint_id))


async def _found_elsewhere(
    transaction: Transaction, setup: Setup, identity: Identity, point_id: UUID, complaint_id: UUID | None
) -> Mapping[int, Finding]:
    """What was found on a point of another complaint, which must be one that is answered and counted."""
    record = None if complaint_id is None else await ComplaintRepository(transaction).by_id(complaint_id)
    if record is None or not may_see(identity, record.service_area):
        errors = (FieldError("/same_as", "There is no such point, or not for your eyes."),)
        raise DomainError("no-such-point", "The other point is not recorded. Nothing was stored.", Kind.MALFORMED, errors)
    case = record.case(rules_of((await setup.profiles.current(transaction)).profile, record))
    reference = next(point.reference for point in record.points if point.id == point_id)
    point = case.book.points[reference]
    if not point.live:
        detail = f"Point {reference} of complaint {record.reference} {point_changes.became_words(point)}."
        raise DomainError("superseded", f"{detail} Choose what it became. Nothing was changed.")
    return point_changes.findings_on(case, reference)


async def find_point(transaction: Transaction, identity: Identity, complaint: str, point: str) -> UUID:
    """The id of a live point by the reference of its complaint, and its own where there are several. Raises `no-such-point`."""
    links = await point_links.points_of_complaint(transaction, complaint.strip())
    seen = [link for link in links if may_see(identity, link.service_area)]
    if not seen:
        errors = (FieldError("/complaint", "there is no complaint with this reference"),)
        raise DomainError("no-such-point", "The other complaint is not recorded.", Kind.MALFORMED, errors)
    found = seen if len(seen) == 1 and not point.strip() else [link for link in seen if link.point == point.strip()]
    if not found:
        references = ", ".join(link.point for link in seen)
        errors = (FieldError("/other", f"enter one of its points: {references}"),)
        raise DomainError("no-such-point", "The other complaint has no such point.", Kind.MALFORMED, errors)
    return found[0].same_as


def changes_to_take_back(case: Case) -> Iterable[PointChange]:
    """The changes of points that can be taken back as far as this complaint knows, the latest first."""
    return (each for each in reversed(case.changes) if point_changes.can_be_taken_back(case, each))
