"""Representations in PostgreSQL. Plain SQL; what is sealed stays sealed here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import Row, text

from chassis.unit_of_work import Transaction
from complaints.domain.representation import Outcome, PersonRole, Representation, State

_READ = """
    select id, reference, came_by, received_on, said, language, answer_by, standing, raised_by, from_child, service_area,
              happened_on, urgent, details, state, revision, outcome, complaint_id, compliment_id, comment_id, duplicate_of,
              went_to, advocate_offered_on, advocate_offered_by, advocate, own_reference, content_hash, recorded_at,
           recorded_by
      from representation
"""
_AREAS = "(cardinality(cast(:areas as text[])) = 0 or service_area is null or service_area = any(cast(:areas as text[])))"
_CREATE = text(
    """
    insert into representation (org, id, reference, came_by, received_on, said, language, answer_by, standing, raised_by,
                                from_child, service_area, happened_on, urgent, details, own_reference, content_hash, profile,
                                advocate, advocate_offered_on, advocate_offered_by, recorded_by)
    values (:org, :id, :reference, :came_by, :received_on, :said, :language, :answer_by, :standing, :raised_by,
            :from_child, :service_area, :happened_on, :urgent, :details, :own_reference, :content_hash, :profile,
            :advocate, :advocate_offered_on, :advocate_offered_by, :by)
    """
)
_PERSON = text(
    """
    insert into representation_person (org, representation_id, position, role, details)
    values (:org, :id, :position, :role, :details)
    """
)
_PEOPLE = text("select role, details from representation_person where org = :org and representation_id = :id order by position")
_ONE = text(f"{_READ} where org = :org and id = :id and {_AREAS}")
_LOCK = text("select 1 from representation where org = :org and id = :id for no key update")
_LOCK_OWN = text("select pg_advisory_xact_lock(hashtextextended('representation ' || :org || chr(31) || :own, 0))")
_BY_OWN = text(f"{_READ} where org = :org and own_reference = :own")
_BY_REFERENCE = text(f"{_READ} where org = :org and reference = :reference and {_AREAS}")
_BY_COMPLAINT = text(f"{_READ} where org = :org and complaint_id = :id and outcome <> 'duplicate' limit 1")
_WAITING = text(
    f"""
    {_READ} where org = :org and state = 'received' and {_AREAS}
     order by urgent desc, received_on, id limit 500
    """
)
_DECIDED = text(
    f"""
    {_READ} where org = :org and state = 'decided' and {_AREAS} and (received_on, id) < (:before, :before_id)
       and (cast(:outcome as text) is null or outcome = :outcome)
     order by received_on desc, id desc limit :most
    """
)
_LAST = (date.max, UUID(int=2**128 - 1))
_SAVE = text(
    """
    update representation
       set state = :state, revision = :revision, outcome = :outcome, complaint_id = :complaint_id,
           compliment_id = :compliment_id, comment_id = :comment_id, duplicate_of = :duplicate_of, went_to = :went_to,
           advocate_offered_on = :advocate_offered_on, advocate_offered_by = :advocate_offered_by, advocate = :advocate,
           service_area = coalesce(:service_area, service_area)
     where org = :org and id = :id
    """
)
_CHANGE = text(
    """
    insert into representation_change (org, representation_id, revision, step, outcome, procedure, standing, timing,
                                       early_referral, words, by_subject, by_name)
    values (:org, :id, :revision, :step, :outcome, :procedure, :standing, :timing, :early_referral, :words, :by, :by_name)
    """
)
_CHANGES = text(
    """
    select revision, step, outcome, procedure, standing, timing, early_referral, words, at, by_subject, by_name
      from representation_change where org = :org and representation_id = :id order by revision
    """
)
_COMMENT = text(
    """
    insert into comment (org, id, representation_id, received_on, service_area, team, recorded_by)
    values (:org, :id, :representation_id, :received_on, :service_area, :team, :by)
    """
)
_WITHDRAW_COMMENT = text(
    "update comment set withdrawn_at = now() where org = :org and representation_id = :id and withdrawn_at is null"
)
_NEXT = text(
    """
    insert into reference_counter as c (org, kind, year, last) values (:org, :kind, :year, 1)
    on conflict on constraint counter_key do update set last = c.last + 1
    returning last
    """
)

ROLES: tuple[str, ...] = get_args(PersonRole)


@dataclass(frozen=True, slots=True)
class Became:
    """What a representation became, or of what it is a duplicate."""

    complaint_id: UUID | None = None
    compliment_id: UUID | None = None
    comment_id: UUID | None = None
    duplicate_of: UUID | None = None
    went_to: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A representation as it is stored; its words are sealed."""

    id: UUID
    reference: str
    came_by: str
    said: str
    language: str
    answer_by: str
    standing: str
    raised_by: str | None
    service_area: str | None
    urgent: bool
    details: bytes = field(repr=False)
    content_hash: bytes = field(repr=False)
    own_reference: str | None
    recorded_at: datetime
    recorded_by: str
    advocate_offered_by: str | None
    became: Became
    now: Representation


@dataclass(frozen=True, slots=True)
class Entry:
    """A step of a representation's history. Words and name are sealed."""

    revision: int
    step: str
    outcome: str | None = None
    procedure: str | None = None
    standing: str | None = None
    timing: str | None = None
    early_referral: str | None = None
    words: bytes | None = field(default=None, repr=False)
    at: datetime | None = None
    by_subject: str = ""
    by_name: bytes | None = field(default=None, repr=False)


class Representations:
    """Representations of the transaction's organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._org = transaction.org
        self._connection = transaction.connection

    async def next_reference(self, kind: str, prefix: str, year: int) -> str:
        """The next reference of a kind and year: `R-2026-0001`. Two at once wait in line, so that there is no gap."""
        values = {"org": self._org, "kind": kind, "year": year}
        number = (await self._connection.execute(_NEXT, values)).scalar_one()
        return f"{prefix}-{year}-{number:04d}"

    async def create(self, values: Mapping[str, Any], people: Sequence[tuple[str, bytes]]) -> None:
        """Store a representation with its people."""
        await self._connection.execute(_CREATE, {"org": self._org, **values})
        rows = [
            {"org": self._org, "id": values["id"], "position": position, "role": role, "details": details}
            for position, (role, details) in enumerate(people, 1)
        ]
        if rows:
            await self._connection.execute(_PERSON, rows)

    async def by_own_reference(self, own: str) -> Stored | None:
        """The representation that a system posted under its reference; two of one reference wait for one another."""
        await self._connection.execute(_LOCK_OWN, {"org": self._org, "own": own})
        return _one(await self._connection.execute(_BY_OWN, {"org": self._org, "own": own}))

    async def by_reference(self, reference: str, areas: Collection[str]) -> Stored | None:
        """A representation by our reference."""
        values = {"org": self._org, "reference": reference, "areas": sorted(areas)}
        return _one(await self._connection.execute(_BY_REFERENCE, values))

    async def of_complaint(self, complaint_id: UUID) -> Stored | None:
        """The representation of which a complaint was made."""
        return _one(await self._connection.execute(_BY_COMPLAINT, {"org": self._org, "id": complaint_id}))

    async def one(self, ident: UUID, areas: Collection[str], *, lock: bool = False) -> Stored | None:
        """A representation; `lock` holds it until the transaction ends."""
        if lock:
            await self._connection.execute(_LOCK, {"org": self._org, "id": ident})
        values = {"org": self._org, "id": ident, "areas": sorted(areas)}
        return _one(await self._connection.execute(_ONE, values))

    async def people(self, ident: UUID) -> list[tuple[str, bytes]]:
        """The people of a representation: role and sealed details."""
        rows = await self._connection.execute(_PEOPLE, {"org": self._org, "id": ident})
        return [(row.role, bytes(row.details)) for row in rows]

    async def waiting(self, areas: Collection[str]) -> list[Stored]:
        """What nobody has decided yet: what may be urgent first, then the oldest; 500 at most."""
        rows = await self._connection.execute(_WAITING, {"org": self._org, "areas": sorted(areas)})
        return [_stored(row) for row in rows]

    async def decided(
        self, areas: Collection[str], most: int, outcome: Outcome | None = None, before: tuple[date, UUID] | None = None
    ) -> list[Stored]:
        """What was decided (as one outcome, where it is asked for), the last received first."""
        day, ident = before or _LAST
        values = {"org": self._org, "areas": sorted(areas), "most": most, "before": day, "before_id": ident}
        rows = await self._connection.execute(_DECIDED, {**values, "outcome": outcome and outcome.value})
        return [_stored(row) for row in rows]

    async def save(self, stored: Stored, now: Representation, became: Became, offered_by: str | None, area: str | None) -> None:
        """Store what a step made of a representation."""
        values = {
            "org": self._org,
            "id": stored.id,
            "state": now.state.value,
            "revision": now.revision,
            "outcome": now.outcome and now.outcome.value,
            "advocate_offered_on": now.advocate_offered_on,
            "advocate_offered_by": offered_by,
            "advocate": now.advocate,
            "service_area": area,
            **{name: getattr(became, name) for name in Became.__slots__},
        }
        await self._connection.execute(_SAVE, values)

    async def add_change(self, ident: UUID, entry: Entry) -> None:
        """Write a step into the history."""
        values = {name: getattr(entry, name) for name in Entry.__slots__ if name not in {"at", "by_subject"}}
        await self._connection.execute(_CHANGE, {"org": self._org, "id": ident, "by": entry.by_subject, **values})

    async def changes(self, ident: UUID) -> list[Entry]:
        """The history of a representation, in order."""
        rows = await self._connection.execute(_CHANGES, {"org": self._org, "id": ident})
        return [Entry(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it

    async def add_comment(self, values: Mapping[str, Any]) -> None:
        """Store that a representation is a comment."""
        await self._connection.execute(_COMMENT, {"org": self._org, **values})

    async def withdraw_comment(self, ident: UUID) -> None:
        """The comment of a representation whose decision was taken back counts no more."""
        await self._connection.execute(_WITHDRAW_COMMENT, {"org": self._org, "id": ident})


def _one(result: Any) -> Stored | None:
    row = result.one_or_none()
    return None if row is None else _stored(row)


def _stored(row: Row[Any]) -> Stored:
    now = Representation(
        received_on=row.received_on,
        from_child=row.from_child,
        happened_on=row.happened_on,
        state=State(row.state),
        revision=row.revision,
        outcome=Outcome(row.outcome) if row.outcome else None,
        advocate_offered_on=row.advocate_offered_on,
        advocate=row.advocate,
    )
    became = Became(row.complaint_id, row.compliment_id, row.comment_id, row.duplicate_of, row.went_to)
    return Stored(
        id=row.id,
        reference=row.reference,
        came_by=row.came_by,
        said=row.said,
        language=row.language,
        answer_by=row.answer_by,
        standing=row.standing,
        raised_by=row.raised_by,
        service_area=row.service_area,
        urgent=row.urgent,
        details=bytes(row.details),
        content_hash=bytes(row.content_hash),
        own_reference=row.own_reference,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        advocate_offered_by=row.advocate_offered_by,
        became=became,
        now=now,
    )
