"""Entries of audits in PostgreSQL: each saved by itself, its words sealed, a stale save refused."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from audit.domain.judgement import Entry
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

WORDS = "audit/words"
"""Purpose of the key that seals what auditors write."""

_COLUMNS = "part, entry, grade, not_applicable, answer, ticked, words_sealed, revision, first_grade"
_OF_PARTS = text(f"select {_COLUMNS} from entry where audit_id = :id and part = any(cast(:parts as text[]))")  # noqa: S608 - constants
_GRADES_OF_PARTS = text(
    """
    select part, entry, grade, not_applicable from entry
     where audit_id = :id and part = any(cast(:parts as text[])) and (grade is not null or not_applicable)
    """
)
# What was read as a revision must be there still: only what was read as none yet (0) is made.
_SAVE = text(
    """
    insert into entry (org, audit_id, part, entry, grade, not_applicable, answer, ticked, words_sealed, saved_by)
    select :org, cast(:id as uuid), cast(:part as text), cast(:entry as text), :grade, cast(:not_applicable as boolean),
           :answer, cast(:ticked as text[]), cast(:words as bytea), :by
     where :revision = 0
        or exists (select from entry where org = :org and audit_id = :id and part = :part and entry.entry = :entry)
    on conflict (org, audit_id, part, entry) do update
       set grade = excluded.grade, not_applicable = excluded.not_applicable, answer = excluded.answer, ticked = excluded.ticked,
           words_sealed = excluded.words_sealed, saved_by = excluded.saved_by, saved_at = now(), revision = entry.revision + 1
     where entry.revision = :revision
    returning revision
    """
)
_KEEP_FIRST = text(
    """
    update entry set first_grade = grade
     where org = :org and audit_id = :id and part = :part and first_grade is distinct from grade
    """
)


class EntryRepository:
    """Reads and writes entries within the transaction that was given."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._connection = transaction.connection
        self._org = transaction.org
        self._secrets = secrets

    async def of(self, audit_id: UUID, parts: Collection[str]) -> dict[str, dict[str, Entry]]:
        """The entries of some parts, by part and entry; every part that was asked for is there."""
        rows = await self._connection.execute(_OF_PARTS, {"id": audit_id, "parts": list(parts)})
        found: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
        for row in rows:
            found[row.part][row.entry] = self._entry(row)
        return {part: found[part] for part in parts}

    async def grades(self, audit_id: UUID, parts: Collection[str]) -> dict[str, dict[str, Entry]]:
        """The grades of some parts and nothing else of them: no words are opened."""
        rows = await self._connection.execute(_GRADES_OF_PARTS, {"id": audit_id, "parts": list(parts)})
        found: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
        for row in rows:
            found[row.part][row.entry] = Entry(row.entry, row.grade, row.not_applicable)
        return {part: found[part] for part in parts}

    async def save(self, audit_id: UUID, part: str, entry: Entry, by: str) -> int | None:
        """Save an entry over the revision that it was read as (0: none yet); gives the new one, None where it is stale."""
        names = {"org": self._org, "id": audit_id, "part": part, "entry": entry.code, "by": by, "revision": entry.revision}
        values = {
            "grade": entry.grade,
            "not_applicable": entry.not_applicable,
            "answer": entry.answer,
            "ticked": sorted(entry.ticked),
        }
        row = (await self._connection.execute(_SAVE, {**names, **values, "words": self._seal(entry.words)})).one_or_none()
        return row.revision if row else None

    async def keep_first_grades(self, audit_id: UUID, part: str) -> None:
        """Keep the grades as they stand as the independent ones, by which agreement between auditors is measured.

        To be called when a part is submitted that nobody else has been shown: a slip that was taken back is no judgement.
        """
        await self._connection.execute(_KEEP_FIRST, {"org": self._org, "id": audit_id, "part": part})

    def _seal(self, words: Mapping[str, str]) -> bytes | None:
        said = {name: text_ for name, text_ in words.items() if text_}
        return self._secrets.seal(self._org, WORDS, orjson.dumps(said).decode()) if said else None

    def _entry(self, row: Row[Any]) -> Entry:
        words = orjson.loads(self._secrets.open(self._org, WORDS, row.words_sealed)) if row.words_sealed else {}
        return Entry(
            row.entry,
            row.grade,
            row.not_applicable,
            row.answer,
            frozenset(row.ticked),
            words,
            row.revision,
            row.first_grade,
        )
