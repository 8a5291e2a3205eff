"""The fact tables of outcome stars (migration 0008). The pseudonym of the person stays out: no report needs it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from reporting.adapters.facts import Fact

_TEXT = "text"

READING = Fact(
    "fact_star_reading",
    ("reading_id",),
    {
        **dict.fromkeys(("reading_id", "star_id"), "uuid"),
        **dict.fromkeys(
            ("star", "questionnaire", "point", "channel", "answered_by", "service_area", "team"),
            _TEXT,
        ),
        "questionnaire_version": "integer",
        "taken_on": "date",
        "scores": "jsonb",
    },
)
WITHDRAWAL = Fact("fact_star_withdrawal", ("reading_id",), {"reading_id": "uuid", "star_id": "uuid", "withdrawn_on": "date"})
ERASURE = Fact("fact_star_erasure", ("star_id",), {"star_id": "uuid", "erased_on": "date", "ground": _TEXT})
CLOSURE = Fact(
    "fact_star_closure",
    ("star_id",),
    {"star_id": "uuid", "reason": _TEXT, **dict.fromkeys(("closed_on", "reopened_on"), "date")},
)

TABLES = frozenset({"fact_star_reading", "fact_star_withdrawal", "fact_star_closure"})
"""What is erased with a course."""

_GO = [
    text(f"delete from {table} f using fact_star_erasure e where e.org = f.org and e.star_id = f.star_id and f.org = :org")  # noqa: S608
    for table in sorted(TABLES)
]


async def go(connection: AsyncConnection, org: str) -> None:
    """Delete what was told of courses that are erased, however late it was told."""
    for statement in _GO:
        await connection.execute(statement, {"org": org})
