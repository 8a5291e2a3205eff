"""Records of which everything personal has gone (migration 0033): what a fact says of them beside codes, days and ids goes too.

What is counted stays as it was, so no figure changes. The row stays, so that a late account brings nothing back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from reporting.adapters.facts import Fact, Row

_TEXT = "text"
REDUCTION = Fact(
    "fact_reduction",
    ("kind", "record_id"),
    {"kind": _TEXT, "record_id": "uuid", "reduced_on": "date", "ground": _TEXT},
)


@dataclass(frozen=True)
class Cleared:
    """What goes of a fact `f` when a record of a kind is reduced: `instead` where `holds`. `root`: the record that changed."""

    kind: str
    table: str
    column: str
    instead: str
    holds: str
    root: str
    root_column: str


CLEARED = (
    Cleared(
        "complaint",
        "fact_learning_action",
        "complaint_id",
        "reference = null",
        "f.reference is not null",
        "action",
        "action_id",
    ),
    Cleared(
        "audit",
        "fact_audit",
        "outcome_id",
        "reference = null",
        "f.reference is not null",
        "audit",
        "outcome_id",
    ),
    # The moment of sending; the day of answering stays.
    Cleared(
        "response",
        "fact_response",
        "response_id",
        "submitted_at = cast(f.answered_on as timestamp) at time zone 'UTC'",
        "f.submitted_at <> cast(f.answered_on as timestamp) at time zone 'UTC'",
        "response",
        "response_id",
    ),
)
TABLES = frozenset(each.table for each in CLEARED)
"""Tables of which something goes."""

_GO = [
    text(
        f"update {each.table} f set {each.instead} from fact_reduction r where r.org = f.org and r.kind = '{each.kind}' "  # noqa: S608 - constants
        f"and r.record_id = f.{each.column} and f.org = :org and {each.holds}"
    )
    for each in CLEARED
]
_ROOTS = {
    each: text(f"select distinct {each.root_column} from {each.table} where org = :org and {each.column} = any(:ids)")  # noqa: S608 - constants
    for each in CLEARED
}


async def changed(connection: AsyncConnection, org: str, rows: Iterable[Row]) -> Mapping[str, set[UUID]]:
    """The records, by kind, of which rows change because others were reduced: whoever pulls what is new is told of them."""
    found: dict[str, set[UUID]] = {}
    reduced: dict[str, list[UUID]] = {}
    for row in rows:
        reduced.setdefault(row["kind"], []).append(row["record_id"])
    for each, statement in _ROOTS.items():
        if each.kind in reduced:
            ids = (await connection.execute(statement, {"org": org, "ids": reduced[each.kind]})).scalars()
            found.setdefault(each.root, set()).update(ids)
    return found


async def go(connection: AsyncConnection, org: str) -> None:
    """Let go what is personal of records that were reduced, however late it was told."""
    for statement in _GO:
        await connection.execute(statement, {"org": org})
