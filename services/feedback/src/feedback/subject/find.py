"""How somebody is found in this service: by the references of letters, calls and stars; names stand in sealed words only."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import text

from chassis.secrets import Secrets
from chassis.subject.declaring import Match, Role
from chassis.subject.matching import Asked, uuids
from chassis.unit_of_work import Transaction
from feedback.adapters.sealing import person_key

_READING = text("select set_config('app.reading', 'subject', true)")
_BY_REFERENCE = text(
    """
    select 'letter' as kind, id from invitation where org = :org and (reference_key = any(:references) or id = any(:ids))
    union all
    select 'answers', id from response where org = :org and (lower(reference) = any(:references) or id = any(:ids))
    union all
    select 'answers', r.id from response r join invitation i on i.org = r.org and i.id = r.invitation_id
     where r.org = :org and i.reference_key = any(:references) and not i.reusable
    union all
    select 'call', id from call where org = :org and (lower(reference) = any(:references) or id = any(:ids))
    union all
    select 'contact', id from contact_request where org = :org and (lower(reference) = any(:references) or id = any(:ids))
    union all
    select 'star', id from star where org = :org and (person_key = any(:people) or id = any(:ids))
    union all
    select 'worry', id from concern where org = :org and id = any(:ids)
    """
)
_WORRIES = text("select id from concern where org = :org and response_id = any(:answers)")
_LINKED = text(
    """
    select 'letter' as kind, l.invitation_id as id from star_link l where l.org = :org and l.star_id = any(:stars)
    union all
    select 'answers', r.id from response r join star_link l on l.org = r.org and l.invitation_id = r.invitation_id
     where r.org = :org and l.star_id = any(:stars)
    union all
    select 'answers', c.response_id from call c where c.org = :org and c.id = any(:calls) and c.response_id is not null
    """
)


async def reading(transaction: Transaction) -> None:
    """Say to the database why words are read: migration 0016 shows all of them to a transaction that answers a person."""
    await transaction.connection.execute(_READING)


async def find(transaction: Transaction, secrets: Secrets, asked: Asked) -> AsyncIterator[Match]:
    """By references, and what belongs to what was found so."""
    names: dict[str, Any] = {
        "org": transaction.org,
        "references": [each.strip().lower() for each in asked.references],
        "people": [person_key(secrets, transaction.org, each) for each in asked.references],
        "ids": uuids(asked.ids),
    }
    found: dict[str, list[Any]] = {"answers": [], "star": [], "call": []}
    for row in await transaction.connection.execute(_BY_REFERENCE, names):
        found.setdefault(row.kind, []).append(row.id)
        role = Role.CHILD if row.kind == "star" else Role.OTHER
        yield Match(row.kind, row.id, "has the reference", role)
    linked = {"org": transaction.org, "stars": found["star"], "calls": found["call"]}
    for row in await transaction.connection.execute(_LINKED, linked):
        found.setdefault(row.kind, []).append(row.id)
        yield Match(row.kind, row.id, "belongs to a star or call with the reference")
    for row in await transaction.connection.execute(_WORRIES, {"org": transaction.org, "answers": found["answers"]}):
        yield Match("worry", row.id, "was opened because of these answers")
