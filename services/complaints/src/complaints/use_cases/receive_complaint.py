"""A complaint, or an informal complaint or enquiry, comes in: stage 1 begins at once."""

from dataclasses import asdict, dataclass
from datetime import date

from chassis.errors import DomainError, FieldError, Kind, unknown_code
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_record import Point, Record
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.domain import stages
from complaints.domain.case import Case
from complaints.domain.codes import CodeCheck, within_areas
from complaints.domain.profile import Procedure, Profile
from complaints.use_cases.content import content_hash
from complaints.use_cases.setup import Setup, rules_of, within_calendar
from complaints.use_cases.stage_events import received, stage_started
from complaints.use_cases.take_step import Taken


@dataclass(frozen=True)
class NewPoint:
    """A point as it came in; without a service area it is of the complaint's own."""

    reference: str
    category: str
    service_area: str | None = None


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
    known = await repository.by_reference(command.reference)
    if known is not None:
        return _again(known, command, setup, applied.profile)
    procedure = _checked(command, applied.profile)
    calendar = setup.calendar()
    points = tuple(point.reference for point in command.points)
    with within_calendar():
        case = stages.receive(procedure.rules(), command.received_on, points, today=setup.today())
        record = _new(command, procedure)
        named = setup.seal_name(transaction.org, identity)
        created = await repository.create(record, case, calendar, applied.number, identity.subject, named)
    if not created:  # somebody was faster by a moment
        known = await repository.by_reference(command.reference)
        if known is None:  # pragma: no cover - the conflict was with a committed row, and rows are never deleted
            raise _taken()
        return _again(known, command, setup, applied.profile)
    transaction.record(received(record))
    transaction.record(stage_started(record.id, case.current, calendar))
    return Taken(record, case, case, calendar, 1, changed=True)


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
        check.area(f"/points/{index}/service_area", point.service_area, "complaints")
        if procedure is not None:
            check.category(f"/points/{index}/category", point.category, procedure.code)
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


def _again(known: Record, command: ReceiveComplaint, setup: Setup, profile: Profile) -> Taken:
    if known.content_hash != content_hash(asdict(command)):
        raise _taken()
    case: Case = known.case(rules_of(profile, known))
    return Taken(known, case, case, setup.calendar(), known.version, changed=False)


def _taken() -> DomainError:
    return DomainError(
        "reference-taken",
        "There is a complaint with this reference and other content. Nothing was stored. A reference is used once; what "
        "happens to a complaint later is recorded by its steps.",
    )


def _new(command: ReceiveComplaint, procedure: Procedure) -> Record:
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
        content_hash=content_hash(asdict(command)),
        points=tuple(
            Point(new_id(), point.reference, point.category, point.service_area or command.service_area)
            for point in command.points
        ),
        stages=(),
        requests=(),
        calendars={},
        recounted=frozenset(),
        ombudsman=(),
        told={},
    )
