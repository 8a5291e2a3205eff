"""An entry goes into the transaction of the work that it tells of: there is no work without it, and none without work."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.tenancy import is_organisation
from chassis.trail.acting import Acting

_ENTRY = """
    insert into trail (org, subject, kind, method, route, parameters, request_id, events)
    values (:org, :subject, :kind, :method, :route, cast(:parameters as jsonb), :request_id, cast(:events as uuid[]))
"""
_CHANGE = text(_ENTRY)
# To have looked at something is written down without waiting for the disk: it would cost every page as much as a change. If the
# machine loses power, what was read in the last half second may be missing; what was changed never is.
_READ = text(f"with entry as ({_ENTRY} returning 1) select set_config('synchronous_commit', 'off', true) from entry")  # noqa: S608 - a constant


async def write(connection: AsyncConnection, org: str, acting: Acting, events: Sequence[UUID]) -> bool:
    """Write down that a request did this, at the end of one of its transactions.

    One entry a request is enough, and one more for each further transaction that recorded events. Answers whether one was
    written.
    """
    if (acting.written and not events) or acting.route is None or not is_organisation(org):
        return False
    names = {
        "org": org,
        "subject": acting.identity.subject,
        "kind": acting.identity.kind,
        "method": acting.method,
        "route": acting.route,
        "parameters": orjson.dumps(acting.parameters).decode(),
        "request_id": acting.request_id,
        "events": list(events),
    }
    await connection.execute(_READ if acting.reads and not events else _CHANGE, names)
    return True


async def write_record(connection: AsyncConnection, org: str, acting: Acting, parameters: Mapping[str, str]) -> None:
    """Write down that a request read one more record than its path names: an entry of its own, found by the record's id."""
    if acting.route is None or not is_organisation(org):
        return
    names = {
        "org": org,
        "subject": acting.identity.subject,
        "kind": acting.identity.kind,
        "method": acting.method,
        "route": acting.route,
        "parameters": orjson.dumps({**acting.parameters, **parameters}).decode(),
        "request_id": acting.request_id,
        "events": [],
    }
    await connection.execute(_CHANGE, names)
