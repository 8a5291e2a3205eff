"""Which account at a provider a number in the directory of staff belongs to, so that one given again is not its former holder.

A number is what records name people by; an account's `sub` is what a provider never gives to anybody else (OpenID Connect Core,
5.7). The first account that comes with a number keeps it, until an administrator lets the number go.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.tables import account


@dataclass(frozen=True)
class Account:
    """Who comes with a number: `issued` and `account` are keyed hashes, of who says so and of the `sub` that they say."""

    org: str
    subject: str
    provider: str
    issued: str
    account: str


async def keep(connection: AsyncConnection, new: Account) -> bool:
    """Whether the number is this account's: it was, or it was nobody's and is now, or its provider is another one since."""
    statement = insert(account).values(
        org=new.org, subject=new.subject, provider=new.provider, issued=new.issued, account=new.account
    )
    known, given = account.c, statement.excluded
    # To write what stands there gives the row back, and holds it: of two first sign-ins at once, one is the first.
    statement = statement.on_conflict_do_update(
        constraint="account_of_number",
        set_={
            "issued": given.issued,
            "account": given.account,
            "since": case((known.issued == given.issued, known.since), else_=func.now()),
        },
        where=or_(known.account == given.account, known.issued != given.issued),
    )
    return (await connection.execute(statement.returning(known.subject))).first() is not None


async def since(connection: AsyncConnection, subject: str) -> datetime | None:
    """Since when a number belongs to an account; None where it belongs to none."""
    moment: datetime | None = await connection.scalar(select(func.min(account.c.since)).where(account.c.subject == subject))
    return moment


async def let_go(connection: AsyncConnection, subject: str) -> int:
    """Let a number go from every account that has it; gives how many had."""
    gone = await connection.execute(delete(account).where(account.c.subject == subject).returning(account.c.provider))
    return len(gone.all())
