"""Finds records that may be about a person. What it finds is a proposal: somebody looks at it and ticks.

First by what can be looked up: references, keyed hashes of names and contact details, sign-ins of staff. Then, because free
text is sealed and nothing can be searched in it, by opening every sealed value of the organisation, batch by batch, and
looking. That takes as long as there is much (docs/guides/subject-access.md says what was measured). It goes in steps, each
with a place to go on from, so that a page can show how far it is.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.errors import DomainError, Kind
from chassis.secrets import SealError, Secrets
from chassis.storable import is_storable
from chassis.subject.declaring import Field, KindOf, Match, Part, Role, Subject, Whose
from chassis.subject.matching import Asked, Matcher
from chassis.subject.reading import Opener, row_id, statement
from chassis.unit_of_work import Transaction, UnitOfWork

BATCH = 500
MOST = 2_000
"""Proposals that are kept of one search; somebody of whom there are more is looked for by more than a first name."""
STEP_SECONDS = 5.0
_MOST_OPENED = 1 << 40

_DESCRIBE = """
    select {ident} as id, ({reference})::text as reference, ({area})::text as area, ({dated})::date as dated
      from {table} t where t.org = :org and {ident} = any(cast(:ids as uuid[]))
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that is proposed."""

    kind: str
    kind_name: str
    id: UUID
    reference: str
    area: str
    dated: date | None
    role: Role
    why: tuple[str, ...]
    rows: frozenset[str] = field(default=frozenset(), repr=False)
    page: str = ""
    warning: str = ""


def wrong_place() -> DomainError:
    """The refusal of a place that was not made here."""
    return DomainError("wrong-place", "Begin the search again: that is no place to go on from.", Kind.MALFORMED)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a search goes on: which table, after which row; `opened` values so far."""

    part: int
    after: tuple[str, ...] = ()
    opened: int = 0

    def __str__(self) -> str:
        """As it stands in a form: ids, and nothing of anybody."""
        return json.dumps([self.part, list(self.after), self.opened])

    @classmethod
    def of(cls, typed: str) -> "Place":
        """Read it. Raises `DomainError` wrong-place."""
        try:
            part, after, opened = json.loads(typed)
        except (ValueError, TypeError, RecursionError):
            raise wrong_place() from None
        ids: list[Any] = after if isinstance(after, list) else [None]
        if not all(type(each) is int and 0 <= each < _MOST_OPENED for each in (part, opened)):
            raise wrong_place()
        if not all(isinstance(each, str) and is_storable(each) for each in ids):
            raise wrong_place()
        return cls(part, tuple(ids), opened)


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of a search found, and where the next begins; None once everything was looked at."""

    matches: tuple[Match, ...]
    place: Place | None
    opened: int


def parts_of(subject: Subject) -> list[tuple[KindOf, Part]]:
    """Parts in which words are looked for, each with its kind, in a fixed order."""
    return [(kind, part) for kind in subject.kinds for part in kind.parts if any(each.searched for each in part.fields)]


async def look_up(uow: UnitOfWork, org: str, subject: Subject, secrets: Secrets, asked: Asked) -> list[Match]:
    """By what can be looked up at once."""
    found: list[Match] = []
    async with uow.begin(org) as transaction:
        if subject.before is not None:
            await subject.before(transaction)
        async for match in _found(transaction, subject, secrets, asked):
            found.append(match)
            if len(found) >= MOST:
                return found
        for kind in subject.kinds if asked.staff else ():
            for part in kind.parts:
                for column in part.subject:
                    found += await _signed_in(transaction, kind, part, column, asked.staff)
    return found


async def _found(transaction: Transaction, subject: Subject, secrets: Secrets, asked: Asked) -> AsyncIterator[Match]:
    if subject.find is not None:
        async for match in subject.find(transaction, secrets, asked):
            yield match


async def _signed_in(transaction: Transaction, kind: KindOf, part: Part, column: str, who: Sequence[str]) -> list[Match]:
    """Records in which a column names one of these sign-ins. Only a column about the row's person makes the row theirs."""
    where = f't."{column}"::text = any(cast(:who as text[]))' + (f" and ({part.only})" if part.only else "")
    query = text(statement(part, where=where, limit=f"limit {MOST}"))
    theirs = any(each.column == column and each.whose is Whose.ROW for each in part.fields)
    found = []
    for row in await transaction.connection.execute(query, {"org": transaction.org, "who": list(who)}):
        if row.record_of is not None:
            ident = row_id(part, row)
            rows = frozenset({f"{ident}/{column}", *([ident] if theirs else [])})
            found.append(Match(kind.code, row.record_of, f"stands in it as staff: {part.title.lower()}", Role.STAFF, rows))
    return found


async def scan(
    uow: UnitOfWork, org: str, subject: Subject, secrets: Secrets, asked: Asked, place: Place, seconds: float | None = None
) -> Step:
    """One step of the search in sealed values: as far as `seconds` reach, each batch in a transaction of its own."""
    matcher = Matcher(asked)
    parts = parts_of(subject)
    found: list[Match] = []
    ends = time.monotonic() + (STEP_SECONDS if seconds is None else seconds)
    while matcher and place.part < len(parts):
        kind, part = parts[place.part]
        rows = await _batch(uow, org, subject, part, place.after)
        if rows:
            matches, opened = await asyncio.to_thread(_look, kind, part, rows, Opener(secrets, org), matcher)
            found += matches
            after = tuple(_text(rows[-1]._mapping[f"k_{name}"]) for name in part.key)  # noqa: SLF001 - SQLAlchemy's public name
            place = Place(place.part, after, place.opened + opened)
        if len(rows) < BATCH:
            place = Place(place.part + 1, (), place.opened)
        if time.monotonic() >= ends:
            break
    done = not matcher or place.part >= len(parts)
    return Step(tuple(found), None if done else place, place.opened)


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


async def _batch(uow: UnitOfWork, org: str, subject: Subject, part: Part, after: tuple[str, ...]) -> Sequence[Row[Any]]:
    key = ", ".join(f't."{name}"' for name in part.key)
    where = f"({part.only})" if part.only else "true"
    names: dict[str, Any] = {"org": org}
    if after:
        if len(after) != len(part.key):
            raise wrong_place()
        # Compared as rows by the keys' own types, whatever they are: the text is cast to the type of its column.
        given = ", ".join(
            f'(select x."{name}" from jsonb_populate_record(null::{part.table}, cast(:after as jsonb)) x)'  # noqa: S608 - declared
            for name in part.key
        )
        where += f" and ({key}) > ({given})"
        names["after"] = json.dumps(dict(zip(part.key, after, strict=True)))
    async with uow.begin(org) as transaction:
        if subject.before is not None:
            await subject.before(transaction)
        query = text(statement(part, where=where, order=f"order by {key}", limit=f"limit {BATCH}"))
        return (await transaction.connection.execute(query, names)).all()


def _look(kind: KindOf, part: Part, rows: Sequence[Row[Any]], opener: Opener, matcher: Matcher) -> tuple[list[Match], int]:
    found, opened = [], 0
    for row in rows:
        mapping = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
        for at, each in enumerate(part.fields):
            if not each.searched or mapping[f"v_{at}"] is None:
                continue
            opened += 1
            try:
                hit = matcher.in_value(opener.opened(mapping[f"v_{at}"], each, mapping.get(f"b_{at}") or ""))
            except (SealError, ValueError):
                continue
            if hit and row.record_of is not None:
                found.append(_match(kind, part, row, each, hit))
    return found, opened


def _match(kind: KindOf, part: Part, row: Row[Any], each: Field, hit: str) -> Match:
    """A hit in a value. It makes a row theirs only where the value is about the row's person."""
    why = f"{hit} stands in: {part.title.lower()}, {each.label.lower()}"
    ident = row_id(part, row)
    if each.whose is Whose.STAFF:
        return Match(kind.code, row.record_of, why, Role.STAFF, frozenset({f"{ident}/{each.of or each.column}"}))
    if not part.person or each.whose is not Whose.ROW:
        return Match(kind.code, row.record_of, why, Role.MENTIONED)
    role = part.roles.get(row.role_of, Role.OTHER) if part.role else next(iter(part.roles.values()), Role.OTHER)
    return Match(kind.code, row.record_of, why, role, frozenset({ident}))


_RANK = {
    role: at for at, role in enumerate((Role.CHILD, Role.SENDER, Role.REPRESENTATIVE, Role.CALLER, Role.STAFF, Role.OTHER))
}


def joined(matches: Sequence[Match]) -> dict[tuple[str, UUID], Match]:
    """One proposal a record: all reasons, all rows, and the closest part that the person has in it."""
    found: dict[tuple[str, UUID], Match] = {}
    for match in matches:
        key = (match.kind, match.id)
        before = found.get(key)
        if before is None:
            found[key] = match
            continue
        reasons = before.why.split("; ")
        why = before.why if match.why in reasons else f"{before.why}; {match.why}"
        role = min((before.role, match.role), key=lambda each: _RANK.get(each, len(_RANK)))
        found[key] = replace(before, why=why, role=role, rows=before.rows | match.rows)
    return found


async def described(uow: UnitOfWork, org: str, subject: Subject, matches: Mapping[tuple[str, UUID], Match]) -> list[Found]:
    """Proposals with what a list says of them, newest first; records that are gone meanwhile are left out."""
    found: list[Found] = []
    async with uow.begin(org) as transaction:
        for kind in subject.kinds:
            ids = [ident for code, ident in matches if code == kind.code][:MOST]
            if not ids:
                continue
            names = {"reference": kind.reference, "area": kind.area, "dated": kind.dated}
            query = _DESCRIBE.format(ident=kind.ident, table=kind.table, **names)
            for row in await transaction.connection.execute(text(query), {"org": org, "ids": ids}):
                match = matches[kind.code, row.id]
                page = kind.page.format(id=row.id) if kind.page else ""
                why = tuple(match.why.split("; "))
                found.append(
                    Found(kind.code, kind.name, row.id, row.reference or "", row.area or "", row.dated, match.role, why,
                          match.rows, page, kind.warning)
                )  # fmt: skip
    return sorted(found, key=lambda each: (each.kind, -(each.dated or date.min).toordinal(), str(each.id)))
