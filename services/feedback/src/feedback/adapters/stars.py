"""Outcome stars in the database: courses of people, whose references are sealed, and found by a keyed hash."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.ids import new_id
from chassis.secrets import SealError, Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing
from feedback.domain.stars import Closure

LOST = "cannot be read: the key that sealed it is not here"
MOST_OPEN = 20_000
"""Open stars that the list of those that are due looks at: more than any council has."""

_COLUMNS = (
    "s.id, s.kind, s.person_key, s.reference, s.service_area, s.team, s.worker, s.opened_on, s.closed_on, s.closed_for, "
    "s.revision"
)
_AREAS = "(cardinality(cast(:areas as text[])) = 0 or s.service_area = any(cast(:areas as text[])))"
_NARROWED = f"""
       and (cast(:kind as text) is null or s.kind = cast(:kind as text))
       and (cast(:team as text) is null or s.team = cast(:team as text))
       and (cast(:worker as text) is null or s.worker_key = cast(:worker as text))
       and {_AREAS}
"""
# Everything that is done with a person's star of a kind waits in line: two who save at once see one another's work.
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:org || chr(31) || :kind || chr(31) || :person, 7209))")
_ONE = text(f"select {_COLUMNS} from star s where s.org = :org and s.id = :id and {_AREAS}")  # noqa: S608 - constants
_OF_PERSON = text(
    f"select {_COLUMNS} from star s where s.org = :org and s.kind = :kind and s.person_key = :person order by s.id"  # noqa: S608
)
_ALL_OF_PERSON = text(
    f"select {_COLUMNS} from star s where s.org = :org and s.person_key = :person order by s.id"  # noqa: S608 - constants
)
_LIST = text(
    f"""
    select {_COLUMNS} from star s
     where s.org = :org {_NARROWED}
       and (cast(:person as text) is null or s.person_key = cast(:person as text))
       and (cast(:closed as boolean) is null or (s.closed_on is not null) = cast(:closed as boolean))
       and (cast(:before as uuid) is null or s.id < cast(:before as uuid))
     order by s.id desc limit :limit
    """  # noqa: S608 - constants
)
_OPEN = text(
    f"select {_COLUMNS} from star s where s.org = :org and s.closed_on is null {_NARROWED} order by s.id limit :limit"  # noqa: S608
)
_WORKERS = text(
    f"""
    select distinct on (s.worker_key) s.worker_key, s.worker from star s
     where s.org = :org and s.worker_key is not null and {_AREAS} order by s.worker_key, s.id desc limit 500
    """  # noqa: S608 - constants
)
_INSERT = text(
    """
    insert into star (org, id, kind, person_key, reference, service_area, team, worker, worker_key, opened_on)
    values (:org, :id, :kind, :person_key, :reference, :service_area, :team, :worker, :worker_key, :opened_on)
    """
)
_SAVE = text(
    """
    update star set service_area = :service_area, team = :team, worker = :worker, worker_key = :worker_key,
           closed_on = :closed_on, closed_for = :closed_for, revision = revision + 1
     where org = :org and id = :id
    """
)


@dataclass(frozen=True, slots=True)
class Star:
    """A person's course. `person` is the keyed pseudonym, `reference` and `worker` are opened."""

    id: UUID
    kind: str
    person: str
    reference: str = field(repr=False)
    service_area: str
    team: str | None
    worker: str | None = field(repr=False)
    opened_on: date
    closed: Closure | None
    revision: int = 0


def _opened(secrets: Secrets, org: str, purpose: str, sealed: Any) -> str:
    try:
        return secrets.open(org, purpose, bytes(sealed))
    except SealError:
        return LOST


def _star(secrets: Secrets, org: str, row: Any) -> Star:
    worker = _opened(secrets, org, sealing.STAR_WORKER, row.worker) if row.worker is not None else None
    closed = Closure(row.closed_on, row.closed_for) if row.closed_on else None
    return Star(
        row.id,
        row.kind,
        row.person_key,
        _opened(secrets, org, sealing.STAR_PERSON, row.reference),
        row.service_area,
        row.team,
        worker,
        row.opened_on,
        closed,
        row.revision,
    )


async def lock(transaction: Transaction, kind: str, person: str) -> None:
    """Wait until nobody else changes anything of a person's star of a kind, until the transaction ends."""
    await transaction.connection.execute(_LOCK, {"org": transaction.org, "kind": kind, "person": person})


async def one(transaction: Transaction, secrets: Secrets, ident: UUID, areas: Collection[str] = ()) -> Star | None:
    """A course, of those in the service areas (empty: all)."""
    values = {"org": transaction.org, "id": ident, "areas": sorted(areas)}
    row = (await transaction.connection.execute(_ONE, values)).one_or_none()
    return _star(secrets, transaction.org, row) if row else None


async def of_person(transaction: Transaction, secrets: Secrets, kind: str, person: str) -> list[Star]:
    """All courses of a person of one kind, in whatever service area, the first first: a person has one that goes on."""
    values = {"org": transaction.org, "kind": kind, "person": person}
    async with transaction.whole_organisation():
        rows = await transaction.connection.execute(_OF_PERSON, values)
    return [_star(secrets, transaction.org, row) for row in rows]


async def all_of_person(transaction: Transaction, secrets: Secrets, person: str) -> list[Star]:
    """All courses of a person, of every kind and in whatever service area, the first first."""
    async with transaction.whole_organisation():
        rows = await transaction.connection.execute(_ALL_OF_PERSON, {"org": transaction.org, "person": person})
    return [_star(secrets, transaction.org, row) for row in rows]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list is narrowed by; None for all. `worker` and `person` are keyed hashes."""

    kind: str | None = None
    team: str | None = None
    worker: str | None = None
    person: str | None = None
    closed: bool | None = None


async def page(
    transaction: Transaction,
    secrets: Secrets,
    narrowed: Narrowed,
    areas: Collection[str],
    before: UUID | None,
    limit: int,
) -> list[Star]:
    """Courses, the last begun first."""
    values = {
        "org": transaction.org, "kind": narrowed.kind, "team": narrowed.team, "worker": narrowed.worker,
        "person": narrowed.person, "closed": narrowed.closed, "areas": sorted(areas), "before": before, "limit": limit,
    }  # fmt: skip
    return [_star(secrets, transaction.org, row) for row in await transaction.connection.execute(_LIST, values)]


async def still_open(transaction: Transaction, secrets: Secrets, narrowed: Narrowed, areas: Collection[str]) -> list[Star]:
    """Courses that go on."""
    values = {
        "org": transaction.org, "kind": narrowed.kind, "team": narrowed.team, "worker": narrowed.worker,
        "areas": sorted(areas), "limit": MOST_OPEN,
    }  # fmt: skip
    return [_star(secrets, transaction.org, row) for row in await transaction.connection.execute(_OPEN, values)]


async def workers(transaction: Transaction, secrets: Secrets, areas: Collection[str]) -> list[tuple[str, str]]:
    """Who works with people that have a star: keyed hash and name, by name."""
    rows = await transaction.connection.execute(_WORKERS, {"org": transaction.org, "areas": sorted(areas)})
    found = [(row.worker_key, _opened(secrets, transaction.org, sealing.STAR_WORKER, row.worker)) for row in rows]
    return sorted(found, key=lambda each: each[1].casefold())


def _values(transaction: Transaction, secrets: Secrets, star: Star) -> dict[str, Any]:
    org = transaction.org
    return {
        "org": org,
        "id": star.id,
        "service_area": star.service_area,
        "team": star.team,
        "worker": secrets.seal(org, sealing.STAR_WORKER, star.worker) if star.worker else None,
        "worker_key": sealing.worker_key(secrets, org, star.worker) if star.worker else None,
    }


async def begin(
    transaction: Transaction,
    secrets: Secrets,
    kind: str,
    reference: str,
    *,
    service_area: str,
    team: str | None,
    worker: str | None,
    today: date,
) -> Star:
    """Begin a course; the person is locked and has none of this kind that goes on."""
    person = sealing.person_key(secrets, transaction.org, reference)
    star = Star(new_id(), kind, person, reference, service_area, team, worker, today, None)
    values = {
        **_values(transaction, secrets, star),
        "kind": kind,
        "person_key": person,
        "reference": secrets.seal(transaction.org, sealing.STAR_PERSON, reference),
        "opened_on": today,
    }
    await transaction.connection.execute(_INSERT, values)
    return star


async def save(transaction: Transaction, secrets: Secrets, star: Star) -> None:
    """Write where a course stands: whose it is and whether it is over."""
    closed = star.closed
    values = {
        **_values(transaction, secrets, star),
        "closed_on": closed.on if closed else None,
        "closed_for": closed.reason if closed else None,
    }
    await transaction.connection.execute(_SAVE, values)
