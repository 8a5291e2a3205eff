"""Readings of outcome stars in the database, what became of them, and links that are tied to a person and a point."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import SealError, Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing
from feedback.domain.stars import Point, Reading

_COLUMNS = """r.id, r.star_id, r.point, r.taken_on, r.scores::text as scores, r.answered_by, r.channel, r.questionnaire,
              r.version, r.service_area, r.team, r.state, r.aside_for, r.response_id, r.revision, r.recorded_at"""
_OF = text(
    f"select {_COLUMNS} from star_reading r where r.org = :org and r.star_id = any(cast(:stars as uuid[])) "  # noqa: S608
    "order by r.taken_on, r.id"
)
_ONE = text(f"select {_COLUMNS} from star_reading r where r.org = :org and r.id = :id")  # noqa: S608 - a constant
_COUNTED = text(
    """
    select r.star_id, r.id, r.point, r.taken_on, r.scores::text as scores, r.team
      from star_reading r join star s on s.org = r.org and s.id = r.star_id
     where r.org = :org and r.state = 'counted' and s.kind = :kind
       and (cardinality(cast(:areas as text[])) = 0 or s.service_area = any(cast(:areas as text[])))
     order by r.star_id, r.taken_on
    """
)
_INSERT = text(
    """
    insert into star_reading (org, id, star_id, point, taken_on, scores, answered_by, channel, questionnaire, version,
                              service_area, team, state, aside_for, response_id, recorded_at)
    values (:org, :id, :star_id, :point, :taken_on, cast(:scores as jsonb), :answered_by, :channel, :questionnaire, :version,
            :service_area, :team, :state, :aside_for, :response_id, :recorded_at)
    """
)
_SAVE = text(
    """
    update star_reading set point = :point, taken_on = :taken_on, scores = cast(:scores as jsonb),
           answered_by = :answered_by, version = :version, state = :state, aside_for = :aside_for, revision = revision + 1
     where org = :org and id = :id
    """
)
_ADD = text(
    """
    insert into star_history (org, id, star_id, reading_id, at, what, by_subject, by_name, before, after)
    values (:org, :id, :star_id, :reading_id, :at, :what, :by_subject, :by_name, cast(:before as jsonb), cast(:after as jsonb))
    """
)
_HISTORY = text(
    """
    select at, what, reading_id, by_name, before::text as before, after::text as after from star_history
     where org = :org and star_id = :star_id order by at, id
    """
)
_TIE = text(
    """
    insert into star_link (org, invitation_id, star_id, point, answered_by, issued_on)
    values (:org, :invitation_id, :star_id, :point, :answered_by, :today)
    """
)
# A link that was issued again stands for the same point of the same star: the tie is that of the first.
_CHAIN = """
    with recursive chain (id) as (
        select cast(:invitation_id as uuid)
         union all
        select i.replaces from invitation i join chain c on c.id = i.id where i.org = :org and i.replaces is not null)
"""
_LINK = text(
    f"{_CHAIN} select l.star_id, l.point, l.answered_by from star_link l join chain c on c.id = l.invitation_id "  # noqa: S608
    "where l.org = :org limit 1"
)
_WAITING = text(
    """
    with recursive link (id, point) as (
        select invitation_id, point from star_link where org = :org and star_id = :star_id
         union all
        select i.id, l.point from invitation i join link l on l.id = i.replaces where i.org = :org)
    select i.id as invitation_id, l.point, i.issued_on, i.expires_on
      from link l join invitation i on i.org = :org and i.id = l.id
     where i.used_on is null and i.withdrawn_on is null and i.expires_on >= :today
     order by i.issued_on, i.id
    """
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A reading as it is kept; `counted` where it stands in its course."""

    id: UUID
    star_id: UUID
    point: Point
    taken_on: date
    scores: Mapping[str, int]
    answered_by: str
    channel: str
    questionnaire: str
    version: int
    service_area: str
    team: str | None
    state: str = "counted"
    aside_for: str | None = None
    response_id: UUID | None = None
    revision: int = 0
    recorded_at: datetime | None = None

    @property
    def counted(self) -> bool:
        """Whether it stands in its course."""
        return self.state == "counted"

    def reading(self) -> Reading:
        """As the rules see it."""
        return Reading(self.id, self.point, self.taken_on, self.scores, self.team)

    def told(self) -> dict[str, Any]:
        """What the history keeps of it."""
        return {
            "point": self.point.value, "taken_on": self.taken_on.isoformat(), "scores": dict(self.scores),
            "answered_by": self.answered_by, "state": self.state,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened to a star; `by` is empty for a family that answered by a link."""

    at: datetime
    what: str
    by: str = field(default="", repr=False)
    reading_id: UUID | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A link that was issued for a star and is not answered yet."""

    invitation_id: UUID
    point: Point
    issued_on: date
    expires_on: date


def _taken(row: Any) -> Taken:
    return Taken(
        row.id, row.star_id, Point(row.point), row.taken_on, orjson.loads(row.scores), row.answered_by, row.channel,
        row.questionnaire, row.version, row.service_area, row.team, row.state, row.aside_for, row.response_id, row.revision,
        row.recorded_at,
    )  # fmt: skip


async def of(transaction: Transaction, stars: Collection[UUID]) -> dict[UUID, list[Taken]]:
    """All readings of courses, by day, those that do not count among them."""
    found: dict[UUID, list[Taken]] = {star: [] for star in stars}
    for row in await transaction.connection.execute(_OF, {"org": transaction.org, "stars": list(stars)}):
        found[row.star_id].append(_taken(row))
    return found


async def one(transaction: Transaction, ident: UUID) -> Taken | None:
    """One reading."""
    row = (await transaction.connection.execute(_ONE, {"org": transaction.org, "id": ident})).one_or_none()
    return _taken(row) if row else None


async def courses(transaction: Transaction, kind: str, areas: Collection[str]) -> list[Sequence[Reading]]:
    """The readings that count of every course of a kind."""
    found: dict[UUID, list[Reading]] = {}
    values = {"org": transaction.org, "kind": kind, "areas": sorted(areas)}
    for row in await transaction.connection.execute(_COUNTED, values):
        reading = Reading(row.id, Point(row.point), row.taken_on, orjson.loads(row.scores), row.team)
        found.setdefault(row.star_id, []).append(reading)
    return list(found.values())


def _values(transaction: Transaction, taken: Taken) -> dict[str, Any]:
    return {
        "org": transaction.org,
        "id": taken.id,
        "point": taken.point.value,
        "taken_on": taken.taken_on,
        "scores": orjson.dumps(dict(taken.scores)).decode(),
        "answered_by": taken.answered_by,
        "version": taken.version,
        "state": taken.state,
        "aside_for": taken.aside_for,
    }


async def add(transaction: Transaction, taken: Taken, now: datetime) -> None:
    """Store a reading."""
    values = {
        **_values(transaction, taken), "star_id": taken.star_id, "channel": taken.channel,
        "questionnaire": taken.questionnaire, "service_area": taken.service_area, "team": taken.team,
        "response_id": taken.response_id, "recorded_at": now,
    }  # fmt: skip
    await transaction.connection.execute(_INSERT, values)


async def save(transaction: Transaction, taken: Taken) -> None:
    """Write a reading as it stands after a correction."""
    await transaction.connection.execute(_SAVE, _values(transaction, taken))


async def note(transaction: Transaction, secrets: Secrets, star: UUID, entry: Entry, who: Identity | None) -> None:
    """Write down what happened to a star; `who` is None for a family."""
    name = (who.label or who.subject) if who else None
    values = {
        "org": transaction.org,
        "id": new_id(),
        "star_id": star,
        "reading_id": entry.reading_id,
        "at": entry.at,
        "what": entry.what,
        "by_subject": who.subject if who else None,
        "by_name": secrets.seal(transaction.org, sealing.STAFF, name) if name else None,
        "before": orjson.dumps(entry.before).decode() if entry.before is not None else None,
        "after": orjson.dumps(entry.after).decode() if entry.after is not None else None,
    }
    await transaction.connection.execute(_ADD, values)


async def history(transaction: Transaction, secrets: Secrets, star: UUID) -> list[Entry]:
    """All that happened to a star, oldest first."""
    rows = await transaction.connection.execute(_HISTORY, {"org": transaction.org, "star_id": star})
    return [
        Entry(
            row.at, row.what, _name(secrets, transaction.org, row.by_name), row.reading_id,
            orjson.loads(row.before) if row.before else None, orjson.loads(row.after) if row.after else None,
        )
        for row in rows
    ]  # fmt: skip


def _name(secrets: Secrets, org: str, sealed: Any) -> str:
    if sealed is None:
        return ""
    try:
        return secrets.open(org, sealing.STAFF, bytes(sealed))
    except SealError:
        return "–"


async def tie(transaction: Transaction, invitation: UUID, star: UUID, point: Point, answered_by: str, today: date) -> None:
    """Tie an invitation to a person's star and a point."""
    values = {
        "org": transaction.org, "invitation_id": invitation, "star_id": star, "point": point.value,
        "answered_by": answered_by, "today": today,
    }  # fmt: skip
    await transaction.connection.execute(_TIE, values)


async def tied(transaction: Transaction, invitation: UUID) -> tuple[UUID, Point, str] | None:
    """The star and the point that an invitation is tied to, and who is to answer."""
    values = {"org": transaction.org, "invitation_id": invitation}
    row = (await transaction.connection.execute(_LINK, values)).one_or_none()
    return (row.star_id, Point(row.point), row.answered_by) if row else None


async def waiting(transaction: Transaction, star: UUID, today: date) -> list[Waiting]:
    """Links of a star that can still be answered."""
    async with transaction.whole_organisation():  # a link stays in the area in which it was issued, the star may have moved
        rows = await transaction.connection.execute(_WAITING, {"org": transaction.org, "star_id": star, "today": today})
    return [Waiting(row.invitation_id, Point(row.point), row.issued_on, row.expires_on) for row in rows]
