"""What somebody is found by, in PostgreSQL: keyed hashes beside people, references read from their end, days of receipt."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.adapters.intake_sealing import Contact, open_contact
from complaints.domain.finding import keys_of

MOST = 50
MOST_KEYED = 500
_KEYS = "complaints/found-by"
_AFTER = "\U0010ffff"
"""Sorts after everything that begins with what is looked for."""

_ADD_PERSON = text("insert into person_found_by (org, key, person_id) values (:org, :key, :person_id) on conflict do nothing")
_ADD_SENDER = text(
    """
    insert into sender_found_by (org, key, representation_id, position)
    values (:org, :key, :representation_id, :position) on conflict do nothing
    """
)
_NOT_KEYED_PEOPLE = text("select id, details from complaint_person where org = :org and not keyed order by id limit :most")
_NOT_KEYED_SENDERS = text(
    """
    select representation_id, position, details from representation_person
     where org = :org and not keyed order by representation_id, position limit :most
    """
)
_KEYED_PERSON = text("update complaint_person set keyed = true where org = :org and id = :person_id")
_KEYED_SENDER = text(
    """
    update representation_person set keyed = true
     where org = :org and representation_id = :representation_id and position = :position
    """
)
_PEOPLE = text(
    """
    select distinct p.complaint_id as id from complaint_person p
      join (select person_id from person_found_by where org = :org and key = any(:keys)
             group by person_id having count(*) = :number) k on k.person_id = p.id
     where p.org = :org limit :most
    """
)
_SENDERS = text(
    """
    select representation_id as id from sender_found_by where org = :org and key = any(:keys)
     group by representation_id, position having count(*) = :number limit :most
    """
)
_BY_END = {
    table: text(
        f"""
        select {column} as id from {table}
         where org = :org and asked_for >= :from and asked_for < :until and {column} is not null order by asked_for limit :most
        """  # noqa: S608 - constants of this module
    )
    for table, column in (("complaint", "id"), ("representation", "id"), ("ombudsman_case", "complaint_id"))
}
_BY_DAY = {
    table: text(f"select id from {table} where org = :org and received_on = :day order by id limit :most")  # noqa: S608
    for table in ("complaint", "representation")
}
_REPRESENTATIONS = text(
    """
    select id, reference, received_on, state, outcome, complaint_id, service_area from representation
     where org = :org and id = any(:ids)
       and (cardinality(cast(:areas as text[])) = 0 or service_area is null or service_area = any(cast(:areas as text[])))
     order by received_on desc, id desc
    """
)


@dataclass(frozen=True, slots=True)
class Came:
    """One that came in, as far as a list says it."""

    id: UUID
    reference: str
    received_on: date
    state: str
    outcome: str | None
    complaint_id: UUID | None
    service_area: str | None


def hashes(secrets: Secrets, org: str, keys: Iterable[str]) -> list[str]:
    """The keyed hashes of what somebody is found by."""
    return sorted(secrets.pseudonym(org, _KEYS, key) for key in keys)


def keys_of_contact(contact: Contact) -> frozenset[str]:
    """What a person is found by."""
    known = {name: value for name, value in asdict(contact).items() if name != "note"}
    return keys_of(**known)


class FoundBy:
    """What people of the transaction's organisation are found by."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._org = transaction.org
        self._connection = transaction.connection
        self._secrets = secrets

    async def key_person(self, person_id: UUID, contact: Contact) -> None:
        """Let somebody in a role of a complaint be found."""
        await self._add(_ADD_PERSON, _KEYED_PERSON, contact, {"person_id": person_id})

    async def key_sender(self, representation_id: UUID, position: int, contact: Contact) -> None:
        """Let somebody be found of whom what came in speaks."""
        place = {"representation_id": representation_id, "position": position}
        await self._add(_ADD_SENDER, _KEYED_SENDER, contact, place)

    async def key_earlier(self) -> int:
        """Let be found who was stored before anybody could be: some at a time; answers how many."""
        many = {"org": self._org, "most": MOST_KEYED}
        people = (await self._connection.execute(_NOT_KEYED_PEOPLE, many)).all()
        for row in people:
            await self.key_person(row.id, open_contact(self._secrets, self._org, bytes(row.details)))
        senders = (await self._connection.execute(_NOT_KEYED_SENDERS, many)).all()
        for row in senders:
            contact = open_contact(self._secrets, self._org, bytes(row.details))
            await self.key_sender(row.representation_id, row.position, contact)
        return len(people) + len(senders)

    async def complaints_of(self, keys: Collection[str]) -> set[UUID]:
        """Complaints in which one person is found by all of these."""
        return await self._ids(_PEOPLE, self._hashed(keys))

    async def representations_of(self, keys: Collection[str]) -> set[UUID]:
        """What came in and speaks of one person who is found by all of these."""
        return await self._ids(_SENDERS, self._hashed(keys))

    async def ending_in(self, table: str, end: str) -> set[UUID]:
        """Complaints, or what came in, whose reference ends in this; of an Ombudsman's case, its complaint."""
        start = end[::-1]
        return await self._ids(_BY_END[table], {"from": start, "until": start + _AFTER})

    async def received_on(self, table: str, day: date) -> set[UUID]:
        """What was received on a day."""
        return await self._ids(_BY_DAY[table], {"day": day})

    async def came(self, ids: Collection[UUID], areas: Collection[str]) -> list[Came]:
        """Those that came in, of the caller's service areas or of none, newest first."""
        rows = await self._connection.execute(_REPRESENTATIONS, {"org": self._org, "ids": list(ids), "areas": sorted(areas)})
        return [Came(*row) for row in rows]

    def _hashed(self, keys: Collection[str]) -> dict[str, Any]:
        found = hashes(self._secrets, self._org, keys)
        return {"keys": found, "number": len(found)}

    async def _ids(self, query: TextClause, values: Mapping[str, Any]) -> set[UUID]:
        return set((await self._connection.execute(query, {"org": self._org, "most": MOST, **values})).scalars())

    async def _add(self, add: TextClause, keyed: TextClause, contact: Contact, place: Mapping[str, Any]) -> None:
        rows = [{"org": self._org, "key": key, **place} for key in hashes(self._secrets, self._org, keys_of_contact(contact))]
        if rows:
            await self._connection.execute(add, rows)
        await self._connection.execute(keyed, {"org": self._org, **place})
