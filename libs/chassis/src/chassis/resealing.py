"""Bringing sealed values under the key that seals now, while everything goes on; and counting which key seals what.

Runs as the owner of the schema, under forced row-level security, one organisation at a time: `python -m <service>.sealed`.
A batch is read, its wrapped keys are wrapped anew, and each row is written only if its value is still the one that was read: a
writer in between wins, and what it wrote is met again if it needs to be. Broken off anywhere, it goes on with what is left.
"""

import argparse
import asyncio
import base64
import binascii
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.keyed_hash import PLAIN_BYTES, of_plain
from chassis.sealed import Column, KeyedHash, Sealed
from chassis.secrets import DERIVED, ENVELOPE, HEAD, SealError, Secrets
from chassis.settings import database_url

PASSES = 5
"""How often all is gone through: who wrote with the old key meanwhile (a second at most after a rotation) is met again."""

TRIES = 10
_PAUSE_SECONDS = 0.2
_SHORTEST = 29  # an empty text of a derived key
_FRONT = 9  # the first byte, and the id of the data key

_KEY = """
    select a.attname
      from pg_index i
      cross join lateral unnest(i.indkey) with ordinality as k (number, place)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
     where i.indrelid = $1::regclass and i.indisprimary
     order by k.place
"""


class KeySettings(BaseSettings):
    """The keys, as the processes of the service have them."""

    model_config = SettingsConfigDict(env_prefix="LOOP_", extra="ignore", frozen=True)

    secret_key_file: Path | None = None
    key_ring_file: Path | None = None
    key_encryption: tuple[str, ...] = Field(default=())


@dataclass
class Progress:
    """What was done in one column."""

    resealed: int = 0
    unreadable: int = 0


@dataclass
class Resealing:
    """The sealed values of one organisation in one service."""

    connection: asyncpg.Connection
    secrets: Secrets
    sealed: Sealed
    org: str
    progress: dict[str, Progress] = field(default_factory=dict)

    async def run(self) -> dict[str, Progress]:
        """Bring all under the key that seals now; answers what was done, by `table.column`.

        Raises `SealError` where the organisation has no data key. What does not open is counted, and left as it is.
        """
        if self.secrets.active(self.org) is None:
            msg = f"{self.org} has no data key that seals yet"
            raise SealError(msg)
        for _ in range(PASSES):
            done = 0
            for column in self.sealed.columns:
                before = self._of(column).resealed
                await self._column(column)
                done += self._of(column).resealed - before
            if not done:
                break
        for each in self.sealed.hashes:
            await self._key_hashes(each)
        return self.progress

    async def _key_hashes(self, column: KeyedHash) -> None:
        """Put keyed hashes in the place of plain ones of before, in one transaction a batch."""
        place = f"{self.sealed.schema}.{column.table}"
        key, progress = self.secrets.key(self.org, column.purpose), Progress()
        while True:
            async with self.connection.transaction():
                await self._see()
                rows = await self.connection.fetch(
                    f'select distinct "{column.name}" as plain from {place} '  # noqa: S608 - names of the declaration
                    f'where org = $1 and length("{column.name}") = {PLAIN_BYTES} limit 100',
                    self.org,
                )
                for row in rows:
                    done = await self.connection.execute(
                        f'update {place} set "{column.name}" = $1 where org = $2 and "{column.name}" = $3',  # noqa: S608 - as above
                        of_plain(key, bytes(row["plain"])),
                        self.org,
                        row["plain"],
                    )
                    progress.resealed += int(done.rsplit(" ", 1)[-1])
            if not rows:
                break
        if progress.resealed:
            self.progress[f"{column.table}.{column.name}"] = progress

    def _of(self, column: Column) -> Progress:
        return self.progress.setdefault(f"{column.table}.{column.name}", Progress())

    async def _column(self, column: Column) -> None:
        key = [row["attname"] for row in await self.connection.fetch(_KEY, f"{self.sealed.schema}.{column.table}")]
        progress, after = self._of(column), None
        progress.unreadable = 0
        while True:
            rows = await self._batch(column, key, after)
            if not rows:
                return
            after = [rows[-1][name] for name in key]

    async def _batch(self, column: Column, key: list[str], after: list[Any] | None) -> Sequence[Any]:
        """One batch in one transaction; tried again where a writer was in the way."""
        for number in range(TRIES):
            try:
                async with self.connection.transaction():
                    await self._see()
                    rows: Sequence[Any] = await self.connection.fetch(
                        self._select(column, key, after), *self._values(column, after)
                    )
                    resealed, unreadable = await self._write(column, key, rows)
            except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                if number == TRIES - 1:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                self._of(column).resealed += resealed
                self._of(column).unreadable += unreadable
                return rows
        raise AssertionError  # pragma: no cover

    async def _see(self) -> None:
        await self.connection.execute("select set_config('app.org', $1, true), set_config('app.areas', '*', true)", self.org)

    def _select(self, column: Column, key: list[str], after: list[Any] | None) -> str:
        names = ", ".join(f't."{name}"' for name in key)
        shown = f't."{column.name}"' + ("::text" if column.kind == "json" else "")
        old, first = "true", 2
        if column.kind == "bytes":
            old, first = f't."{column.name}" is not null and substring(t."{column.name}" from 1 for {_FRONT}) <> $2', 3
        else:
            old = f't."{column.name}" is not null'
        places = ", ".join(f"${first + number}" for number in range(len(key)))
        later = f"and ({names}) > ({places})" if after else ""
        return (  # every name comes from the declaration or the catalogue
            f"select {names}, {shown} as sealed_value, {column.bound} as sealed_bound "  # noqa: S608
            f"from {self.sealed.schema}.{column.table} t where t.org = $1 and {old} {later} "
            f"order by {names} limit {column.batch}"
        )

    def _values(self, column: Column, after: list[Any] | None) -> list[Any]:
        front = [ENVELOPE + (self.secrets.active(self.org) or b"")] if column.kind == "bytes" else []
        return [self.org, *front, *(after or [])]

    async def _write(self, column: Column, key: list[str], rows: Sequence[Any]) -> tuple[int, int]:
        resealed = unreadable = 0
        cast = "::text" if column.kind == "json" else ""
        places = " and ".join(f'"{name}" = ${number}' for number, name in enumerate(key, 3))
        kind = "::text::jsonb" if column.kind == "json" else "::bytea"
        update = (
            f'update {self.sealed.schema}.{column.table} set "{column.name}" = $1{kind} '  # noqa: S608 - as above
            f'where {places} and "{column.name}"{cast} = $2'
        )
        for row in rows:
            try:
                anew = self._anew(column, row["sealed_value"], row["sealed_bound"] or "")
            except SealError:
                unreadable += 1
                continue
            if anew is not None:
                done = await self.connection.execute(update, anew, row["sealed_value"], *(row[name] for name in key))
                resealed += done == "UPDATE 1"
        return resealed, unreadable

    def _anew(self, column: Column, value: Any, bound: str) -> bytes | str | None:
        """A value under the key that seals now; None where it is already."""
        if column.kind == "bytes":
            return self.reseal(bytes(value), bound)
        document, changed = self._walk(json.loads(value))
        return json.dumps(document) if changed else None

    def reseal(self, value: bytes, bound: str = "") -> bytes:
        """One sealed value, anew. Raises `SealError` where it does not open."""
        if value[:1] == ENVELOPE:
            return self.secrets.rewrap(self.org, value)
        for purpose in self.sealed.purposes:
            try:
                content = self.secrets.open_bytes(self.org, purpose, value, bound)
            except SealError:
                continue
            return self.secrets.seal_bytes(self.org, purpose, content, bound)
        msg = "it opens under none of the declared purposes"
        raise SealError(msg)

    def _walk(self, document: Any) -> tuple[Any, bool]:
        if isinstance(document, dict):
            parts = {name: self._walk(value) for name, value in document.items()}
            return {name: part for name, (part, _) in parts.items()}, any(changed for _, changed in parts.values())
        if isinstance(document, list):
            items = [self._walk(value) for value in document]
            return [part for part, _ in items], any(changed for _, changed in items)
        value = _sealed_text(document)
        if value is None or value[:_FRONT] == ENVELOPE + (self.secrets.active(self.org) or b""):
            return document, False
        try:
            return base64.b64encode(self.reseal(value)).decode(), True
        except SealError:
            # It only looked like a sealed text; or its key is gone, and then it is counted as of that key.
            return document, False

    async def count(self) -> dict[str, Counter[str]]:
        """How many values of each column are sealed with which key: its id, or `derived`."""
        found: dict[str, Counter[str]] = {}
        for column in self.sealed.columns:
            async with self.connection.transaction():
                await self._see()
                counts = await (self._count_json(column) if column.kind == "json" else self._count_bytes(column))
            if counts:
                found[f"{column.table}.{column.name}"] = counts
        for each in self.sealed.hashes:
            async with self.connection.transaction():
                await self._see()
                plain = await self.connection.fetchval(
                    f"select count(*) from {self.sealed.schema}.{each.table} "  # noqa: S608 - as above
                    f'where org = $1 and length("{each.name}") = {PLAIN_BYTES}',
                    self.org,
                )
            if plain:
                found[f"{each.table}.{each.name}"] = Counter(plain=plain)
        return found

    async def _count_bytes(self, column: Column) -> Counter[str]:
        front = f'substring("{column.name}" from 1 for {_FRONT})'
        rows = await self.connection.fetch(
            f"select {front} as front, count(*) as number from {self.sealed.schema}.{column.table} "  # noqa: S608 - as above
            f'where org = $1 and "{column.name}" is not null group by 1',
            self.org,
        )
        counts: Counter[str] = Counter()
        for row in rows:
            counts[_key_of(bytes(row["front"]))] += row["number"]
        return counts

    async def _count_json(self, column: Column) -> Counter[str]:
        counts: Counter[str] = Counter()
        select = f'select "{column.name}"::text as value from {self.sealed.schema}.{column.table} where org = $1'  # noqa: S608
        async for row in self.connection.cursor(select, self.org, prefetch=column.batch):
            for value in _sealed_texts(json.loads(row["value"] or "null")):
                counts[_key_of(value)] += 1
        return counts


def _key_of(value: bytes) -> str:
    if value[:1] == ENVELOPE:
        return value[1:_FRONT].hex()
    return "derived" if value[:1] == DERIVED else "unknown"


def _sealed_texts(document: Any) -> Iterator[bytes]:
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            yield from _sealed_texts(each)
    elif (value := _sealed_text(document)) is not None:
        yield value


def _sealed_text(value: Any) -> bytes | None:
    """The bytes of a text that is sealed and base64."""
    if not isinstance(value, str) or len(value) < _SHORTEST or not value.isascii():
        return None
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    long_enough = HEAD if raw[:1] == ENVELOPE else _SHORTEST
    return raw if raw[:1] in (DERIVED, ENVELOPE) and len(raw) >= long_enough else None


def main(sealed: Sealed, arguments: Sequence[str] | None = None) -> None:
    """`status` or `reseal`, of the organisations named; writes a line of JSON for each."""
    parser = argparse.ArgumentParser(prog=f"python -m {sealed.schema}.sealed")
    parser.add_argument("what", choices=("status", "reseal"))
    parser.add_argument("org", nargs="+")
    given = parser.parse_args(arguments)
    secrets = Secrets.of(KeySettings())
    asyncio.run(_main(sealed, secrets, given.what, given.org))


async def _main(sealed: Sealed, secrets: Secrets, what: str, orgs: Sequence[str]) -> None:
    limits = {"lock_timeout": "3s", "statement_timeout": "120s", "timezone": "UTC"}
    connection = await asyncpg.connect(database_url(), server_settings=limits)
    try:
        for org in orgs:
            work = Resealing(connection, secrets, sealed, org)
            line: dict[str, Any] = {"service": sealed.schema, "org": org}
            if what == "reseal":
                line["resealed"] = {name: vars(each) for name, each in (await work.run()).items()}
            line["counts"] = await work.count()
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
    finally:
        await connection.close()
