"""Let somebody in who typed a short code, and nobody who is guessing.

A code has 47 bits. With a million codes out, 60 wrong ones a minute in all find one in about six years. Links and QR codes
go on working while typing pauses. No address is looked at: behind one may be a whole council.
"""

import hmac
from datetime import datetime
from hashlib import sha256

from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import code_failures, sealing
from feedback.domain import links

OF_A_VISIT = 10
"""Wrong codes of one visit in a quarter of an hour."""
OF_EVERYBODY = 60
"""Wrong codes of the installation in a minute."""


def visitor_of(secrets: Secrets, visit: str) -> str:
    """The name under which a visit's wrong codes are counted."""
    return hmac.new(sealing.visitor_key(secrets), visit.encode(), sha256).hexdigest()[:32]


def capability_of(secrets: Secrets, typed: str) -> str | None:
    """The hash of a code that was typed, None where it cannot be one."""
    plain = links.read_code(typed)
    return links.code_hash(sealing.short_code_key(secrets), plain) if plain else None


async def may_try(transaction: Transaction, visitor: str, now: datetime) -> bool:
    """Whether another code may be tried; the transaction is the installation's."""
    own, everybodys = await code_failures.counts(transaction, visitor, now)
    return own < OF_A_VISIT and everybodys < OF_EVERYBODY


async def count_wrong(transaction: Transaction, visitor: str, now: datetime) -> None:
    """Remember a wrong code; the transaction is the installation's."""
    await code_failures.add(transaction, visitor, now)
