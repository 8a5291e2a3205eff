"""Where a chain begins once entries were let go: a sealed number and hash, from which the walk starts.

Only what holds the key of the seals can make one. So entries that somebody deletes by hand are missing, as ever.
"""

import hmac
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.secrets import Secrets
from chassis.trail.chaining import PURPOSE
from chassis.trail.links import Begun, beginning, beginning_text

_BEGUN = text("select number, hash, at, seal from trail_beginning where org = :org")


async def begun_of(connection: AsyncConnection, service: str, org: str) -> Begun:
    """Where an organisation's chain begins; of whatever was let go, the seal is to be checked by the caller."""
    row = (await connection.execute(_BEGUN, {"org": org})).one_or_none()
    if row is None:
        return Begun(0, beginning(service, org))
    return Begun(row.number, bytes(row.hash), row.at, row.seal)


def is_genuine(secrets: Secrets, service: str, org: str, begun: Begun) -> bool:
    """Whether a beginning was made with our key; one of number 0 needs none."""
    if begun.at is None:
        return begun.number == 0
    return hmac.compare_digest(begun.seal, seal_of(secrets, service, org, begun.number, begun.hash, begun.at))


def seal_of(secrets: Secrets, service: str, org: str, number: int, hash_: bytes, at: datetime) -> str:
    """The keyed seal of a beginning (HMAC-SHA256, 32 hex digits)."""
    return secrets.pseudonym(org, PURPOSE, beginning_text(service, org, number, hash_, at))
