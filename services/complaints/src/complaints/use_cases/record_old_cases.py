"""Record complaints and compliments of past years: the steps of each, and the events that tell of it as a whole.

Of every stage its beginning is told, and how it stands in the end (`stage_recounted`), which says all that its single steps
would have said. Events are marked as brought in. Nothing is mailed about what is over; what still runs is reminded of from now.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from chassis.calendar import WorkingDays
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_record import Record
from complaints.adapters.old_cases import BROUGHT_IN, OldCasesRepository
from complaints.adapters.point_rows import Point, PointHistory
from complaints.domain.case import Case
from complaints.domain.old_cases import OldCase, OldCompliment, build
from complaints.domain.profile import Procedure, Profile
from complaints.use_cases.content import content_hash
from complaints.use_cases.setup import Setup
from complaints.use_cases.stage_events import received, stage_recounted, stage_started
from contracts.complaints import (
    ComplimentReceived,
    OmbudsmanCaseAccepted,
    OmbudsmanOutcomeReceived,
    StageDecided,
    StageRequested,
)


async def record_complaints(
    transaction: Transaction, setup: Setup, identity: Identity, cases: Sequence[OldCase], profile: Profile, number: int
) -> int:
    """Record complaints that were checked with this profile; answers how many were not there yet."""
    calendar = setup.calendar()
    made = [_made(transaction.org, old, profile, calendar, setup) for old in cases]
    repository = OldCasesRepository(transaction)
    new = await repository.create([(record, case) for _, record, case in made], calendar, number, identity.subject)
    for old, record, case in made:
        if old.reference in new:
            _tell(transaction, record, case, calendar)
    await _ombudsman(transaction, setup, identity, [(old, record) for old, record, _ in made if old.reference in new])
    return len(new)


async def record_compliments(
    transaction: Transaction, setup: Setup, identity: Identity, compliments: Sequence[OldCompliment]
) -> int:
    """Record compliments that were checked; answers how many were not there yet."""
    rows: list[dict[str, Any]] = []
    for old in compliments:
        content = {name: value for name, value in asdict(old).items() if name != "row"}
        rows.append(
            {
                "id": new_id(),
                **content,
                "content_hash": content_hash(setup.secrets, transaction.org, content),
                "created_by": identity.subject,
            }
        )
    new = await OldCasesRepository(transaction).create_compliments(rows)
    for row in rows:
        if row["reference"] in new:
            told = {name: row[name] for name in ("received_on", "service_area", "team", "source", "external")}
            transaction.record(
                ComplimentReceived.model_validate({"compliment_id": row["id"], **told, "came_by": BROUGHT_IN})
            )  # fmt: skip
    return len(new)


def _made(org: str, old: OldCase, profile: Profile, calendar: WorkingDays, setup: Setup) -> tuple[OldCase, Record, Case]:
    procedure = profile.procedure(old.procedure)
    built = None if procedure is None else build(old, procedure.rules(), calendar, setup.today())
    if procedure is None or built is None or built.case is None:  # pragma: no cover - it was checked with this profile
        msg = "what was checked can be recorded"
        raise ValueError(msg)
    record = replace(_record(setup, org, old, procedure), stages=built.case.stages, requests=built.case.requests)
    return old, record, replace(built.case, first=record.history.first)


def _record(setup: Setup, org: str, old: OldCase, procedure: Procedure) -> Record:
    content = {name: value for name, value in asdict(old).items() if name != "row"}
    points = tuple(
        Point(new_id(), str(number), point.category, point.service_area or old.service_area)
        for number, point in enumerate(old.points, 1)
    )
    return Record(
        id=new_id(),
        reference=old.reference,
        procedure=old.procedure,
        formality=procedure.formality,
        received_on=old.received_on,
        service_area=old.service_area,
        team=old.team,
        need=old.need,
        route=old.route,
        raised_by=old.raised_by,
        version=1,
        content_hash=content_hash(setup.secrets, org, content),
        points=points,
        stages=(),
        requests=(),
        calendars={},
        recounted=frozenset(),
        ombudsman=(),
        told={},
        history=PointHistory({point.reference: point.facts for point in points}),
    )


def _tell(transaction: Transaction, record: Record, case: Case, calendar: WorkingDays) -> None:
    transaction.record(received(record).model_copy(update={"came_by": BROUGHT_IN}))
    for request in case.requests:
        asked = {"complaint_id": record.id, "stage": request.stage}
        transaction.record(StageRequested.model_validate({**asked, "requested_on": request.requested_on}))
        if request.decision is not None:
            decided = {"decided_on": request.decided_on, "decision": request.decision}
            transaction.record(StageDecided.model_validate({**asked, **decided}))
    for stage in case.stages:
        transaction.record(stage_started(record.id, stage, calendar))
        transaction.record(stage_recounted(record, case, stage.number, 1, BROUGHT_IN, calendar))


async def _ombudsman(
    transaction: Transaction, setup: Setup, identity: Identity, made: Sequence[tuple[OldCase, Record]]
) -> None:
    told = [(old, record, old.ombudsman) for old, record in made if old.ombudsman is not None]
    rows = [
        {
            "id": new_id(),
            "complaint_id": record.id,
            "service_area": old.service_area,
            "content_hash": content_hash(setup.secrets, transaction.org, asdict(case)),
            "created_by": identity.subject,
            **asdict(case),
        }
        for old, record, case in told
    ]
    new = await OldCasesRepository(transaction).create_ombudsman_cases(rows)
    for row in rows:
        if row["reference"] in new:
            shared = {name: row[name] for name in ("complaint_id", "service_area", "accepted_on")}
            transaction.record(OmbudsmanCaseAccepted.model_validate({"case_id": row["id"], **shared}))
            if row["outcome"] is not None:
                outcome = {name: row[name] for name in ("outcome_on", "outcome", "actions")}
                transaction.record(OmbudsmanOutcomeReceived.model_validate({"case_id": row["id"], **outcome}))
