"""Compliments for those who celebrate them: the list, what one says, and to whom it was passed on. Words are sealed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from complaints.domain.heard import Heard

_AREAS = "(cardinality(cast(:areas as text[])) = 0 or c.service_area = any(cast(:areas as text[])))"
_READ = """
    select c.id, c.reference, c.received_on, c.service_area, c.team, c.source, c.external,
           (select count(*) from compliment_passed_on p where p.org = c.org and p.compliment_id = c.id) as passed_on
      from compliment c
"""
_TOLD = "exists (select from compliment_passed_on p where p.org = c.org and p.compliment_id = c.id)"
_ONE = text(f"{_READ} where c.org = :org and c.id = :id and {_AREAS}")
_TAKEN = text("select 1 from compliment where org = :org and reference = :reference")
_ADD_WORDS = text("insert into compliment_words (org, compliment_id, words) values (:org, :id, :words)")
_WORDS = text(
    """
    select (select words from compliment_words where org = :org and compliment_id = :id) as own,
           (select details from representation where org = :org and compliment_id = :id limit 1) as came,
           (select id from representation where org = :org and compliment_id = :id limit 1) as representation_id
    """
)
_LAST = (date.max, UUID(int=2**128 - 1))


@dataclass(frozen=True, slots=True)
class Compliment:
    """A compliment in codes, and how many people it was passed on to."""

    id: UUID
    reference: str
    received_on: date
    service_area: str
    team: str | None
    source: str
    external: bool
    passed_on: int


@dataclass(frozen=True, slots=True)
class Words:
    """What a compliment says: sealed, here or in the representation of which it was made."""

    own: bytes | None = field(repr=False)
    came: bytes | None = field(repr=False)
    representation_id: UUID | None


class Compliments:
    """Compliments of the transaction's organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._org = transaction.org
        self._transaction = transaction
        self._connection = transaction.connection

    async def page(self, heard: Heard, most: int, before: tuple[date, UUID] | None) -> list[Compliment]:
        """Compliments, newest first."""
        where, values = heard.where("c", _TOLD)
        day, ident = before or _LAST
        keyset = "(c.received_on, c.id) < (:before, :before_id) order by c.received_on desc, c.id desc limit :most"
        more = {"before": day, "before_id": ident, "most": most}
        sql = f"{_READ} where c.org = :org{where} and {keyset}"
        return [Compliment(*row) for row in await self._connection.execute(text(sql), {"org": self._org, **values, **more})]

    async def one(self, ident: UUID, areas: Collection[str]) -> Compliment | None:
        """A compliment."""
        values = {"org": self._org, "id": ident, "areas": sorted(areas)}
        row = (await self._connection.execute(_ONE, values)).one_or_none()
        return None if row is None else Compliment(*row)

    async def counts(self, heard: Heard) -> tuple[int, int, int]:
        """How many came from outside, how many from inside, and how many of them were passed on."""
        where, values = heard.where("c", _TOLD)
        sql = (
            "select count(*) filter (where c.external), count(*) filter (where not c.external), "  # noqa: S608 - constants
            f"count(*) filter (where {_TOLD}) from compliment c where c.org = :org{where}"
        )
        external, internal, told = (await self._connection.execute(text(sql), {"org": self._org, **values})).one()
        return external, internal, told

    async def is_taken(self, reference: str) -> bool:
        """Whether a compliment has this reference, in whatever service area."""
        async with self._transaction.whole_organisation():
            found = await self._connection.execute(_TAKEN, {"org": self._org, "reference": reference})
        return found.one_or_none() is not None

    async def add_words(self, ident: UUID, words: bytes) -> None:
        """Store what a compliment says."""
        await self._connection.execute(_ADD_WORDS, {"org": self._org, "id": ident, "words": words})

    async def words(self, ident: UUID) -> Words:
        """What a compliment says."""
        row = (await self._connection.execute(_WORDS, {"org": self._org, "id": ident})).one()
        own, came = (None if each is None else bytes(each) for each in (row.own, row.came))
        return Words(own, came, row.representation_id)
