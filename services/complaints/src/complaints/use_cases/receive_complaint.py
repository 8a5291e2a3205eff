"""A complaint, or an informal complaint or enquiry, comes in: stage 1 begins at once."""

from dataclasses import asdict, dataclass, replace
from datetime import date

from chassis.errors import DomainError, FieldError, Kind, unknown_code
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.retention import known
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_record import Record
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.adapters.point_rows import Point, PointHistory
from complaints.domain import stages
from complaints.domain.case import Case
from complaints.domain.codes import CodeCheck, within_areas
from complaints.domain.profile import Procedure, Profile
from complaints.use_cases.content import content_hash, is_same
from complaints.use_cases.point_events import points_changed
from complaints.use_cases.points import NewPoint, check_point, facts_of, sealed_of
from complaints.use_cases.setup import Setup, rules_of, within_calendar
from complaints.use_cases.stage_events import received, stage_started
from complaints.use_cases.take_step import Taken


@dataclass(frozen=True)
class ReceiveComplaint:
    """A complaint as it came in. `reference` is the organisation's own and unique in it."""

    reference: str
    procedure: str
    received_on: date
    service_area: str
    team: str | None
    need: str | None
    route: str | None
    raised_by: str | None
    points: tuple[NewPoint, ...]


async def receive_complaint(transaction: Transaction, setup: Setup, identity: Identity, command: ReceiveComplaint) -> Taken:
    """Store a complaint; the same one again is not stored twice.

    Raises `service-area-not-allowed`, `unknown-codes`, `points-not-distinct`, `date-in-the-future`, `outside-calendar`, and
    `reference-taken` when the reference is that of another complaint.
    """
    areas = [command.service_area, *(point.service_area for point in command.points if point.service_area)]
    within_areas(identity.areas, areas)
    repository = ComplaintRepository(transaction)
    applied = await setup.profiles.current(transaction)
    await known.assert_not_reduced(transaction, setup.secrets, "complaint", known.posted_as("complaint", command.reference))
    there = await _of_this_reference(transaction, command.reference)
    if there is not None:
        return _again(transaction.org, there, command, setup, applied.profile)
    procedure = _checked(command, applied.profile)
    calendar = setup.calendar()
    points = tuple(point.reference for point in command.points)
    with within_calendar():
        case = stages.receive(procedure.rules(), command.received_on, points, today=setup.today())
        record = _new(setup, transaction.org, command, procedure)
        case = replace(case, first=record.history.first)
        named = setup.seal_name(transaction.org, identity)
        created = await repository.create(record, case, calendar, applied.number, identity.subject, named)
    if not created:  # somebody was faster by a moment
        there = await _of_this_reference(transaction, command.reference)
        if there is None:  # pragma: no cover - the conflict was with a committed row, and rows are never deleted
            raise _taken()
        return _again(transaction.org, there, command, setup, applied.profile)
    transaction.record(received(record))
    transaction.record(stage_started(record.id, case.current, calendar))
    if any(point.team or point.need or point.desired for point in record.points):
        transaction.record(points_changed(record, case, {}, 1, "receive"))
    return Taken(record, case, case, calendar, 1, changed=True)


async def _of_this_reference(transaction: Transaction, reference: str) -> Record | None:
    """Whichever complaint has it: a reference is used once in an organisation, in whatever service area."""
    async with transaction.whole_organisation():
        return await ComplaintRepository(transaction).by_reference(reference)


def _checked(command: ReceiveComplaint, profile: Profile) -> Procedure:
    check = CodeCheck(profile, command.received_on)
    procedure = profile.procedure(command.procedure)
    if procedure is None:
        codes = [known.code for known in profile.complaints.procedures]
        check.errors.append(unknown_code("/procedure", command.procedure, codes))
    check.area("/service_area", command.service_area, "complaints")
    check.team("/team", command.team, command.service_area)
    check.one_of("/need", command.need, profile.complaints.needs)
    check.one_of("/route", command.route, profile.complaints.routes)
    check.one_of("/raised_by", command.raised_by, profile.complaints.raised_by)
    for index, point in enumerate(command.points):
        check_point(check, f"/points/{index}", point, procedure, point.service_area or command.service_area)
    if procedure is None or check.errors:
        raise check.refusal()
    _check_distinct(command)
    return procedure


def _check_distinct(command: ReceiveComplaint) -> None:
    seen: set[str] = set()
    errors = []
    for index, point in enumerate(command.points):
        if point.reference in seen:
            errors.append(FieldError(f"/points/{index}/reference", f"'{point.reference}' stands twice"))
        seen.add(point.reference)
    if errors:
        detail = "Each point has a reference of its own within the complaint. Nothing was stored."
        raise DomainError("points-not-distinct", detail, Kind.MALFORMED, tuple(errors))


def _again(org: str, known: Record, command: ReceiveComplaint, setup: Setup, profile: Profile) -> Taken:
    if not is_same(setup.secrets, org, known.content_hash, _content(setup, org, command)):
        raise _taken()
    case: Case = known.case(rules_of(profile, known))
    return Taken(known, case, case, setup.calendar(), known.version, changed=False)


def _taken() -> DomainError:
    return DomainError(
        "reference-taken",
        "There is a complaint with this reference and other content. Nothing was stored. A reference is used once; what "
        "happens to a complaint later is recorded by its steps.",
    )


def _content(setup: Setup, org: str, command: ReceiveComplaint) -> bytes:
    """What stands for what was posted. What a point does not say is left out, as it was before points could say it."""
    told = asdict(command)
    always = {"reference", "category", "service_area"}
    told["points"] = [{name: value for name, value in each.items() if value or name in always} for each in told["points"]]
    return content_hash(setup.secrets, org, told)


def _new(setup: Setup, org: str, command: ReceiveComplaint, procedure: Procedure) -> Record:
    first = {each.reference: facts_of(setup, org, each, command.service_area) for each in command.points}
    points = tuple(Point(new_id(), reference, **asdict(facts)) for reference, facts in first.items())
    return Record(
        id=new_id(),
        reference=command.reference,
        procedure=command.procedure,
        formality=procedure.formality,
        received_on=command.received_on,
        service_area=command.service_area,
        team=command.team,
        need=command.need,
        route=command.route,
        raised_by=command.raised_by,
        version=1,
        content_hash=_content(setup, org, command),
        points=points,
        stages=(),
        requests=(),
        calendars={},
        recounted=frozenset(),
        ombudsman=(),
        told={},
        history=PointHistory(first, (), sealed_of(setup, org, command.points)),
    )
