"""How somebody is found in this service: a child by the case number's pseudonym, staff by their codes."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import text

from audit.adapters.disputes import CASE
from chassis.secrets import Secrets
from chassis.subject.declaring import Match, Role
from chassis.subject.matching import Asked, uuids
from chassis.unit_of_work import Transaction

_BY_CASE = text(
    """
    select 'audit' as kind, id from audit where org = :org and case_key = any(:cases)
    union all
    select 'round-case', md5(round_id || case_key)::uuid from round_case where org = :org and case_key = any(:cases)
    union all
    select 'dispute', id from dispute where org = :org and case_key = any(:cases)
    union all
    select distinct 'outcome', outcome_id from outcome_version
     where org = :org and (content ->> 'case' = any(:cases) or content ->> 'case_key' = any(:cases))
    """
)
_BY_REFERENCE = text(
    """
    select 'audit' as kind, id from audit where org = :org and (upper(reference) = any(:references) or id = any(:ids))
    union all
    select 'dispute', id from dispute where org = :org
       and (upper(reference) = any(:references) or upper(source_reference) = any(:references) or id = any(:ids))
    union all
    select 'acknowledgement', id from acknowledgement where org = :org
       and (upper(reference) = any(:references) or upper(source_reference) = any(:references) or id = any(:ids))
    union all
    select 'outcome', id from outcome where org = :org and (upper(reference) = any(:references) or id = any(:ids))
    """
)


async def find(transaction: Transaction, secrets: Secrets, asked: Asked) -> AsyncIterator[Match]:
    """By the pseudonym of a case number, and by references of records."""
    cases = [secrets.pseudonym(transaction.org, CASE, each) for each in asked.references]
    rows = await transaction.connection.execute(_BY_CASE, {"org": transaction.org, "cases": cases})
    for row in rows:
        yield Match(row.kind, row.id, "is about the case with this number", Role.CHILD)
    names: dict[str, Any] = {
        "org": transaction.org,
        "references": [each.strip().upper() for each in asked.references],
        "ids": uuids(asked.ids),
    }
    for row in await transaction.connection.execute(_BY_REFERENCE, names):
        yield Match(row.kind, row.id, "has the reference")
