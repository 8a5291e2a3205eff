"""How somebody is found in this service: by keyed hashes of names and contact details, and by references."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import text

from chassis.secrets import Secrets
from chassis.subject.declaring import Match, Role
from chassis.subject.matching import Asked, uuids
from chassis.unit_of_work import Transaction
from complaints.adapters.found_by import hashes
from complaints.domain.finding import keys_in
from complaints.subject.parts import ROLES

_PEOPLE = text(
    """
    select p.id, p.complaint_id, p.role from complaint_person p
      join (select person_id from person_found_by where org = :org and key = any(:keys)
             group by person_id having count(*) = :number) k on k.person_id = p.id
     where p.org = :org order by p.added_at desc limit 2000
    """
)
_SENDERS = text(
    """
    select p.representation_id, p.position, p.role from representation_person p
      join (select representation_id, position from sender_found_by where org = :org and key = any(:keys)
             group by representation_id, position having count(*) = :number) k
        on k.representation_id = p.representation_id and k.position = p.position
     where p.org = :org limit 2000
    """
)
_BY_REFERENCE = text(
    """
    select 'complaint' as kind, id from complaint where org = :org and (upper(reference) = any(:references) or id = any(:ids))
    union all
    select 'complaint', complaint_id from ombudsman_case
     where org = :org and complaint_id is not null and upper(reference) = any(:references)
    union all
    select 'representation', id from representation
     where org = :org and (upper(reference) = any(:references) or upper(own_reference) = any(:references) or id = any(:ids))
    union all
    select 'compliment', id from compliment where org = :org and (upper(reference) = any(:references) or id = any(:ids))
    """
)
_BECAME = text(
    """
    select id, complaint_id, compliment_id from representation
     where org = :org and (complaint_id = any(:ids) or compliment_id = any(:ids) or id = any(:ids))
    """
)


async def find(transaction: Transaction, secrets: Secrets, asked: Asked) -> AsyncIterator[Match]:
    """By keyed hashes of names and contact details, by references, and what belongs to what was found so."""
    found: list[Match] = []
    for what, each in (*(("name", name) for name in asked.names), *(("contact", contact) for contact in asked.contacts)):
        async for match in _keyed(transaction, secrets, what, each):
            found.append(match)
            yield match
    references = [each.strip().upper() for each in asked.references]
    names = {"org": transaction.org, "references": references, "ids": uuids(asked.ids)}
    for row in await transaction.connection.execute(_BY_REFERENCE, names):
        match = Match(row.kind, row.id, "has the reference")
        found.append(match)
        yield match
    async for match in _belongs(transaction, found):
        yield match


async def _keyed(transaction: Transaction, secrets: Secrets, what: str, each: str) -> AsyncIterator[Match]:
    keys = hashes(secrets, transaction.org, keys_in(each))
    if not keys:
        return
    names: dict[str, Any] = {"org": transaction.org, "keys": keys, "number": len(keys)}
    why = "somebody of this name is in it" if what == "name" else "somebody who is reached so is in it"
    for row in await transaction.connection.execute(_PEOPLE, names):
        role = ROLES.get(row.role, Role.OTHER)
        yield Match("complaint", row.complaint_id, why, role, frozenset({f"complaint_person/{row.id}"}))
    for row in await transaction.connection.execute(_SENDERS, names):
        own = frozenset({f"representation_person/{row.representation_id}/{row.position}"})
        yield Match("representation", row.representation_id, why, ROLES.get(row.role, Role.OTHER), own)


async def _belongs(transaction: Transaction, found: list[Match]) -> AsyncIterator[Match]:
    """What came in of a complaint that was found, and the complaint of what came in; in the same part."""
    roles = {match.id: match.role for match in reversed(found)}
    rows = await transaction.connection.execute(_BECAME, {"org": transaction.org, "ids": list(roles)})
    for row in rows:
        became = row.complaint_id or row.compliment_id
        if row.id not in roles and became in roles:
            yield Match("representation", row.id, "what came in before it", roles[became])
        elif became is not None and became not in roles and row.id in roles:
            kind = "complaint" if row.complaint_id else "compliment"
            yield Match(kind, became, "what came in became this", roles[row.id])
