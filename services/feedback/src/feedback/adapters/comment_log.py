"""Who read which comments on which page, and who put which themes: added to, never changed. Names are sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing
from feedback.domain.comments import Themed

LookPage = Literal["list", "search", "comment", "quote", "consent-ended"]

_LOOK = text(
    """
    insert into comment_look (org, id, comment_id, at, page, by_subject, by_name)
    select :org, :id, shown.id, :at, :page, :by_subject, :by_name from unnest(cast(:comments as uuid[])) as shown (id)
    """
)
_LOOKS = text("select at, page, by_name from comment_look where org = :org and comment_id = :id order by at desc, id limit 20")
_ADD = text(
    """
    insert into comment_history (org, id, comment_id, at, by_subject, by_name, revision, added, removed)
    values (:org, :id, :comment_id, :at, :by_subject, :by_name, :revision, :added, :removed)
    """
)
_ALL = text(
    "select at, by_name, added, removed from comment_history where org = :org and comment_id = :id order by revision desc"
)


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody saw a comment on a page."""

    at: datetime
    page: str
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody changed the themes of a comment."""

    at: datetime
    by: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


def _person(transaction: Transaction, secrets: Secrets, identity: Identity) -> dict[str, object]:
    name = secrets.seal(transaction.org, sealing.STAFF, identity.label or identity.subject)
    return {"org": transaction.org, "id": new_id(), "by_subject": identity.subject, "by_name": name}


async def add_look(
    transaction: Transaction, secrets: Secrets, page: LookPage, comments: Sequence[UUID], identity: Identity, now: datetime
) -> None:
    """Add that somebody is shown the words of these comments on one page."""
    if comments:
        values = {**_person(transaction, secrets, identity), "at": now, "page": page, "comments": list(comments)}
        await transaction.connection.execute(_LOOK, values)


async def looks(transaction: Transaction, secrets: Secrets, comment: UUID) -> list[Look]:
    """The last who saw a comment, newest first."""
    org = transaction.org
    rows = await transaction.connection.execute(_LOOKS, {"org": org, "id": comment})
    return [Look(row.at, row.page, secrets.open(org, sealing.STAFF, bytes(row.by_name))) for row in rows]


async def add_themes(
    transaction: Transaction,
    secrets: Secrets,
    comment: UUID,
    themed: Themed,
    revision: int,
    identity: Identity,
    now: datetime,
) -> None:
    """Add that somebody changed the themes of a comment."""
    values = {
        **_person(transaction, secrets, identity),
        "comment_id": comment, "at": now, "revision": revision, "added": list(themed.added), "removed": list(themed.removed),
    }  # fmt: skip
    await transaction.connection.execute(_ADD, values)


async def changes(transaction: Transaction, secrets: Secrets, comment: UUID) -> list[Change]:
    """What was done with the themes of a comment, newest first."""
    org = transaction.org
    rows = await transaction.connection.execute(_ALL, {"org": org, "id": comment})
    return [
        Change(row.at, secrets.open(org, sealing.STAFF, bytes(row.by_name)), tuple(row.added), tuple(row.removed))
        for row in rows
    ]
