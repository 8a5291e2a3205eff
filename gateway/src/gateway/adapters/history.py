"""What was done with a client or a subscription: entries of the chained trail, and what was noted before it was kept there."""

from types import SimpleNamespace
from typing import Any, Literal
from uuid import uuid4

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.identity import Identity
from chassis.trail.acting import Acting
from chassis.trail.joining import join
from chassis.unit_of_work import Transaction
from gateway.domain.history import SERVICE, Done

Kind = Literal["client", "subscription"]

# Each by an index of its own (migration 0016), whose condition stands here word by word.
_OF = {
    kind: text(
        f"""
        select at, subject, kind, parameters ->> 'act' as act, parameters ->> 'detail' as detail
          from trail where org = :org and parameters ->> 'of' = '{kind}' and parameters ->> '{kind}_id' = :ident
         order by number desc limit :limit
        """  # noqa: S608 - two constants
    )
    for kind in ("client", "subscription")
}
# Written until migration 0016, beside the trail; nobody adds to these tables any more.
_BEFORE = {
    kind: text(
        f"""
        select at, by, by_label, act, detail from {table}
         where org = :org and {kind}_id = :ident order by position desc limit :limit
        """  # noqa: S608 - constants
    )
    for kind, table in (("client", "client_history"), ("subscription", "webhook_history"))
}
_WORKER = "gateway-worker"
_BY_ITSELF = "/gateway/worker"
"""Stands where an entry names a route: nobody asked for what the worker does."""
_WHO = {"staff": "Administrator ", "client": "System "}


def note(transaction: Transaction, of: Kind, ident: str, act: str, detail: dict[str, Any]) -> None:
    """Write what was done into the trail, as an entry of its own; who did it is who the request is handled for.

    `detail` are codes, numbers, and what systems and credentials are called; never an address or a secret.
    """
    transaction.did(codes_of(of, ident, act), as_kept(detail))


async def chain(
    connection: AsyncConnection, of: Kind, org: str, ident: str, act: str, detail: dict[str, Any] | None = None
) -> None:
    """Write down what the worker did by itself, at the end of its transaction."""
    scope = {"method": "POST", "route": SimpleNamespace(path=_BY_ITSELF)}
    said = codes_of(of, ident, act)
    acting = Acting(Identity(org, _WORKER, "service"), uuid4().hex, scope, said=said, detail=as_kept(detail or {}))
    await join(connection, SERVICE, org, acting)


def codes_of(of: Kind, ident: str, act: str) -> dict[str, str]:
    """The codes by which a history finds its entries."""
    return {f"{of}_id": ident, "of": of, "act": act}


def as_kept(detail: dict[str, Any]) -> str:
    """What was changed, as an entry keeps it."""
    return orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode() if detail else ""


async def done_with(connection: AsyncConnection, of: Kind, org: str, ident: str, limit: int) -> list[Done]:
    """What was done with one, the newest first."""
    names = {"org": org, "ident": ident, "limit": limit}
    found = [
        Done(row.at, row.subject, _label(row.kind, row.subject), row.act, orjson.loads(row.detail or "{}"))
        for row in await connection.execute(_OF[of], names)
    ]
    if len(found) == limit:
        return found
    before = await connection.execute(_BEFORE[of], {**names, "limit": limit - len(found)})
    return found + [Done(*row) for row in before]


def _label(kind: str, subject: str) -> str:
    """How a history names somebody: by their code, since no person's name belongs into the trail."""
    if kind == "service":
        return "Learning Loop"
    return subject.replace("operator:", "operator ").capitalize() if kind == "operator" else f"{_WHO.get(kind, '')}{subject}"
