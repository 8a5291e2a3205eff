"""What was reduced is known again: a system that sends it once more is told so, and makes no new record of it.

A kind says under which keys its record was posted (`Kind.posted`). When it is reduced, a keyed hash of each stays with the day:
nobody can read a reference from it, and whoever sends the same reference again is refused (409). Posting and reducing wait for
one another, so that none slips between.
"""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import text

from chassis.days import day_words
from chassis.errors import DomainError
from chassis.retention.kinds import Kind
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

PURPOSE = "retention/known"
"""Of the key with which references are hashed."""

_SHARED = text("select pg_advisory_xact_lock_shared(hashtextextended('retention ' || :org, 0))")
_FIND = text("select key, reduced_on from retention_key where org = :org and key = any(cast(:keys as text[]))")
_KEEP = text(
    "insert into retention_key (org, key, kind, reduced_on) select :org, unnest(cast(:keys as text[])), :kind, :on "
    "on conflict on constraint retention_key_once do update set reduced_on = excluded.reduced_on, kind = excluded.kind"
)


def posted_as(*parts: str) -> str:
    """One key of several parts, as the `posted` of a kind puts them together in SQL."""
    return "\x1f".join(parts)


def sql_key(what: str, *columns: str) -> str:
    """The same in SQL, of columns; null where one is empty."""
    return f"'{what}' || chr(31) || {' || chr(31) || '.join(columns)}"


def sql_of(what: str, *columns: str) -> str:
    """An array of that key, or of none where a column is empty."""
    return f"array_remove(array[{sql_key(what, *columns)}], null)"


def key_of(secrets: Secrets, org: str, posted: str) -> str:
    """The keyed hash that stays."""
    return secrets.pseudonym(org, PURPOSE, posted)


async def reduced_on(transaction: Transaction, secrets: Secrets, posted: Collection[str]) -> Mapping[str, date]:
    """The days on which records that were posted under some of these keys were reduced, by key.

    Ask before anything of them is looked up or locked: until the transaction ends nothing of the organisation is reduced.
    """
    org = transaction.org
    await transaction.connection.execute(_SHARED, {"org": org})
    # A statement of its own, whose snapshot is younger than the lock.
    hashed = {key_of(secrets, org, each): each for each in posted}
    if not hashed:
        return {}
    rows = await transaction.connection.execute(_FIND, {"org": org, "keys": sorted(hashed)})
    return {hashed[row.key]: row.reduced_on for row in rows}


async def assert_not_reduced(transaction: Transaction, secrets: Secrets, what: str, *posted: str) -> None:
    """Raise `record-reduced` where a record was posted under one of these keys, and reduced since. As `reduced_on`."""
    for day in (await reduced_on(transaction, secrets, posted)).values():
        raise was_reduced(what, day)


def was_reduced(what: str, day: date) -> DomainError:
    """The refusal of a record that is sent again after its time."""
    detail = (
        f"The {what} that you sent under this reference was reduced on {day_words(day)}: its time was over, or its erasure was "
        "decided. Nothing was stored. Stop sending it, and delete what you keep for sending it again. If this is another "
        f"{what}, send it under a reference of its own."
    )
    return DomainError("record-reduced", detail, extra={"reduced_on": day.isoformat()})


async def keep(transaction: Transaction, secrets: Secrets, kind: Kind, ident: UUID, on: date) -> None:
    """Keep under what a record was posted, hashed; before it goes, and under the lock of `holding`."""
    asked = text(f"select {kind.posted} from {kind.table} r where r.id = :id")  # noqa: S608 - constants that services declare
    posted = (await transaction.connection.execute(asked, {"id": ident})).scalar_one_or_none() or []
    keys = sorted({key_of(secrets, transaction.org, each) for each in posted if each})
    if keys:
        await transaction.connection.execute(_KEEP, {"org": transaction.org, "keys": keys, "kind": kind.code, "on": on})
