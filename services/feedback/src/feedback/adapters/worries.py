"""Worries in the database: opened with the answers that show them, and changed by people's steps only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from feedback.domain.worry import Finding, State, Step, Worry
from feedback.domain.worry_clock import Clock
from feedback.domain.worry_signs import Signs

# Numbers without a gap: whoever reads W-0041 and W-0043 asks where the one between is. Two that come in at once wait in line.
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('worry ' || :org, 0))")
_OPEN = text(
    """
    insert into concern (org, id, response_id, number, questions, in_words, opened_at, read_from, due_at,
                         asked, questionnaire, service_area, team, language)
    select :org, :id, :response_id, coalesce(max(number), 0) + 1, :questions, :in_words, :opened_at, :read_from, :due_at,
           :asked, :questionnaire, :service_area, :team, :language
      from concern where org = :org
    returning number
    """
)
_SINCE = text("select count(*) from concern where org = :org and opened_at > :moment")
_COLUMNS = """c.id, c.number, c.response_id, c.questions, c.in_words, c.opened_at, c.read_from, c.due_at, c.state, c.revision,
              c.looked_at_by, c.finding, c.handed_to, c.acknowledged_at, c.triaged_at, c.closed_at,
              coalesce(r.questionnaire, c.questionnaire) as questionnaire, coalesce(r.version, 0) as version,
              coalesce(r.channel, 'asked') as channel, coalesce(r.service_area, c.service_area) as service_area,
              coalesce(r.team, c.team) as team, coalesce(r.language, c.language) as language,
              coalesce(r.answers, '{}') as answers, r.invitation_id, r.reference as entered_as, c.asked"""
# A worry in a request to be contacted has no answers: it stands by itself.
_FROM = "from concern c left join response r on r.org = c.org and r.id = c.response_id"
_AREAS = "(cardinality(cast(:areas as text[])) = 0 or coalesce(r.service_area, c.service_area) = any(cast(:areas as text[])))"
_TO_DO = text(
    f"select {_COLUMNS} {_FROM} where c.org = :org and c.state <> 'closed' and {_AREAS} order by c.due_at, c.number limit 500"
)
_CLOSED = text(
    f"select {_COLUMNS} {_FROM} where c.org = :org and c.state = 'closed' and {_AREAS} order by c.closed_at desc limit :most"
)
_ONE = text(f"select {_COLUMNS} {_FROM} where c.org = :org and c.id = :id and {_AREAS}")
_LOCK_ONE = text("select 1 from concern where org = :org and id = :id for no key update")
_NEWEST = text(
    "select what, by_subject, code from concern_history where org = :org and concern_id = :id and revision = :revision"
)
_SAVE = text(
    """
    update concern
       set state = :state, revision = :revision, looked_at_by = :looked_at_by, finding = :finding, handed_to = :handed_to,
           acknowledged_at = :acknowledged_at, triaged_at = :triaged_at, closed_at = :closed_at
     where org = :org and id = :id
    """
)
_TEXTS = text("select question, sealed from response_text where org = :org and response_id = :response_id")
_REFERENCE = text("select reference, reusable from invitation where org = :org and id = :id")


@dataclass(frozen=True, slots=True)
class Record:
    """A worry with where it comes from; no word of it."""

    id: UUID
    number: int
    response_id: UUID | None
    signs: Signs
    clock: Clock
    worry: Worry
    questionnaire: str
    version: int
    channel: str
    service_area: str
    team: str | None
    language: str
    answers: Mapping[str, Any]
    invitation_id: UUID | None
    entered_as: str | None
    asked: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a worry keeps of a request to be contacted that opened it; the request itself is deleted after some weeks."""

    details: bytes = field(repr=False)
    questionnaire: str
    service_area: str
    team: str | None
    language: str


async def open_one(transaction: Transaction, origin: UUID | Asked, found: Signs, clock: Clock) -> tuple[UUID, int]:
    """Open a worry about a response, or about a request to be contacted; its id and its number in the organisation."""
    asked = origin if isinstance(origin, Asked) else None
    ident = new_id()
    await transaction.connection.execute(_LOCK, {"org": transaction.org})
    values = {
        "org": transaction.org,
        "id": ident,
        "response_id": None if isinstance(origin, Asked) else origin,
        "asked": asked and asked.details,
        "questionnaire": asked and asked.questionnaire,
        "service_area": asked and asked.service_area,
        "team": asked and asked.team,
        "language": asked and asked.language,
        "questions": list(found.questions),
        "in_words": list(found.in_words),
        "opened_at": clock.opened_at,
        "read_from": clock.read_from,
        "due_at": clock.due_at,
    }
    number: int = (await transaction.connection.execute(_OPEN, values)).scalar_one()
    return ident, number


async def opened_since(transaction: Transaction, moment: datetime) -> int:
    """How many worries of the organisation came in since a moment."""
    values = {"org": transaction.org, "moment": moment}
    count: int = (await transaction.connection.execute(_SINCE, values)).scalar_one()
    return count


async def to_do(transaction: Transaction, areas: Collection[str]) -> list[Record]:
    """Worries that are not closed, of those service areas (all where empty), the first due first; 500 at most."""
    rows = await transaction.connection.execute(_TO_DO, {"org": transaction.org, "areas": sorted(areas)})
    return [_record(row) for row in rows]


async def closed(transaction: Transaction, areas: Collection[str], most: int) -> list[Record]:
    """Worries that were closed last, newest first."""
    values = {"org": transaction.org, "areas": sorted(areas), "most": most}
    return [_record(row) for row in await transaction.connection.execute(_CLOSED, values)]


async def one(transaction: Transaction, ident: UUID, areas: Collection[str], *, lock: bool = False) -> Record | None:
    """A worry of those service areas, with its newest step; None where there is none. `lock`: until the transaction ends."""
    values = {"org": transaction.org, "id": ident, "areas": sorted(areas)}
    if lock:
        await transaction.connection.execute(_LOCK_ONE, {"org": transaction.org, "id": ident})
    row = (await transaction.connection.execute(_ONE, values)).one_or_none()
    if row is None:
        return None
    newest = None
    if row.revision:
        asked = {"org": transaction.org, "id": ident, "revision": row.revision}
        newest = (await transaction.connection.execute(_NEWEST, asked)).one_or_none()
    return _record(row, newest)


async def save(transaction: Transaction, ident: UUID, worry: Worry) -> None:
    """Store what a step made of a worry."""
    values = {
        "org": transaction.org,
        "id": ident,
        "state": worry.state.value,
        "revision": worry.revision,
        "looked_at_by": worry.looked_at_by,
        "finding": worry.finding and worry.finding.value,
        "handed_to": worry.handed_to,
        "acknowledged_at": worry.acknowledged_at,
        "triaged_at": worry.triaged_at,
        "closed_at": worry.closed_at,
    }
    await transaction.connection.execute(_SAVE, values)


async def words(transaction: Transaction, response_id: UUID) -> dict[str, bytes]:
    """The free texts of the response of a worry, sealed, by question. Of other responses the database shows none."""
    values = {"org": transaction.org, "response_id": response_id}
    return {row.question: bytes(row.sealed) for row in await transaction.connection.execute(_TEXTS, values)}


async def origin(transaction: Transaction, invitation: UUID) -> tuple[str | None, bool]:
    """The issuer's own reference of the link by which a worry came, and whether many use that link."""
    row = (await transaction.connection.execute(_REFERENCE, {"org": transaction.org, "id": invitation})).one()
    return row.reference, row.reusable


def _record(row: Row[Any], newest: Row[Any] | None = None) -> Record:
    return Record(
        id=row.id,
        number=row.number,
        response_id=row.response_id,
        signs=Signs(tuple(row.questions), tuple(row.in_words)),
        clock=Clock(row.opened_at, row.read_from, row.due_at),
        worry=Worry(
            state=State(row.state),
            revision=row.revision,
            looked_at_by=row.looked_at_by,
            finding=Finding(row.finding) if row.finding else None,
            handed_to=row.handed_to,
            acknowledged_at=row.acknowledged_at,
            triaged_at=row.triaged_at,
            closed_at=row.closed_at,
            last_step=Step(newest.what) if newest else None,
            last_by=newest.by_subject if newest else None,
            last_code=newest.code if newest else None,
        ),
        questionnaire=row.questionnaire,
        version=row.version,
        channel=row.channel,
        service_area=row.service_area,
        team=row.team,
        language=row.language,
        answers=row.answers,
        invitation_id=row.invitation_id,
        entered_as=row.entered_as,
        asked=bytes(row.asked) if row.asked is not None else None,
    )
