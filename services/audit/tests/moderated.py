"""Moderated audits and staff, written straight into the tables as the application's role: no use case stands between."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from audit.adapters.directory import PURPOSE
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Keys

PEOPLE = {
    "alex-morgan": "Alex Morgan",
    "sam-okafor": "Sam Okafor",
    "priya-shah": "Priya Shah",
    "lee-walsh": "Lee Walsh",
    "dana-price": "Dana Price",
}
Grades = Mapping[str, str | None]
"""Grades by section; `n/a` is not applicable, None an entry without a grade."""

_AUDIT = """
    insert into audit (org, id, reference, kind, tool, tool_version, scale, programme, service_area, team, state, rules,
                       allocated_on, submit_by, submitted_at, moderated_on, calendar, withdrawn_on, withdrawal_reason)
    values ($1, $2, $3, 'looped', $4, 1, $5, $6, $7, null, $8, '{}', $9, $9, now(), $10, 'test', $11, $12)
"""
_PART = """
    insert into part (org, audit_id, part, person, state, due_on, submitted_at) values ($1, $2, $3, $4, $5, '2026-11-30', now())
"""
_ENTRY = """
    insert into entry (org, audit_id, part, entry, grade, not_applicable, first_grade, words_sealed, saved_by)
    values ($1, $2, $3, $4, $5, $6, $7, '\\x00', 'staff:x')
"""


@dataclass
class Moderated:
    """Writes for one organisation, in a transaction that is open."""

    connection: asyncpg.Connection
    secrets: Secrets
    org: str
    number: int = 0

    async def people(self) -> None:
        """Staff who sign in as `demo-<code>`."""
        for code, name in PEOPLE.items():
            await self.connection.execute(
                "insert into person (org, code, subject, name_sealed) values ($1, $2, $3, $4)",
                *(self.org, code, f"demo-{code}", self.secrets.seal(self.org, PURPOSE, name)),
            )

    async def audit(
        self,
        parts: Mapping[str, tuple[str, Grades]],
        *,
        first: Mapping[tuple[str, str], str] | None = None,
        states: Mapping[str, str] | None = None,
        **columns: Any,
    ) -> UUID:
        """An audit with its parts: by part who had it and their grades.

        `first` are grades as first submitted, by part and section, where they differ; `states` states of parts other than
        submitted. Columns: reference, tool, scale, programme, service_area, state, moderated_on.
        """
        self.number += 1
        ident = uuid4()
        day = columns.get("moderated_on", date(2026, 11, 10))
        withdrawn = (day, "moved") if columns.get("state") == "withdrawn" else (None, None)
        await self.connection.execute(
            _AUDIT,
            self.org,
            ident,
            columns.get("reference", f"SC-2026-11-{self.number:03}"),
            columns.get("tool", "social-care-case-file"),
            columns.get("scale", "ofsted"),
            columns.get("programme"),
            columns.get("service_area", "safeguarding"),
            columns.get("state", "moderated"),
            day - timedelta(days=10),
            day,
            *withdrawn,
        )
        for part, (person, grades) in parts.items():
            await self.connection.execute(_PART, self.org, ident, part, person, (states or {}).get(part, "submitted"))
            for section, grade in grades.items():
                kept = (first or {}).get((part, section), grade if grade != "n/a" else None)
                given = (None, True) if grade == "n/a" else (grade, False)
                await self.connection.execute(_ENTRY, self.org, ident, part, section, *given, kept)
        return ident

    async def looped(self, lead: Grades, peer: Grades, final: Grades, **columns: Any) -> UUID:
        """A looped audit by Sam Okafor and Priya Shah, moderated by Dana Price; `people` names others."""
        by = ("sam-okafor", "priya-shah", "dana-price")
        people = columns.pop("people", by)
        parts = dict(zip(("lead", "peer", "moderation"), zip(people, (lead, peer, final), strict=True), strict=True))
        return await self.audit(parts, **columns)


@asynccontextmanager
async def moderated(database: Database, keys: Keys, org: str = "worcestershire") -> AsyncIterator[Moderated]:
    """A transaction of the application's role in which audits are written; committed in the end."""
    connection = await asyncpg.connect(database.url())
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.areas', '*', true), set_config('app.org', $1, true)", org)
            yield Moderated(connection, Secrets.from_file(keys.folder / "master.key"), org)
    finally:
        await connection.close()
