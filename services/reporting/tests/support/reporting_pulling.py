"""Somebody who pulls tables and then only what changed, as docs/guides/bi.md says; and writers whose transactions stay open."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from reporting_records import START, ident
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncTransaction

from chassis.consumer import Received
from chassis.testing.fixtures import ServiceClient
from contracts.base import Event
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.events.projection import ReportingProjection

FEED = "/reporting/odata/v4"
OUTSIDE = "http://127.0.0.1:8400"


class Puller:
    """A copy of a table, brought up to date by delta links, a page at a time."""

    def __init__(self, client: ServiceClient, name: str, page: int = 2, filter_: str = "") -> None:
        self._client = client
        self._key = ENTITY_SETS[name].key
        self._page = page
        self._first = f"{FEED}/{name}" + (f"?$filter={filter_}" if filter_ else "")
        self._link = self._first
        self._seen: set[tuple[Any, ...]] = set()
        self.copy: dict[tuple[Any, ...], dict[str, Any]] = {}
        self.told_removed: set[tuple[Any, ...]] = set()
        self.whole = True  # until the first delta link
        self.pages = 0

    async def one_page(self) -> bool:
        """Pull a page; whether the pull has ended with it."""
        prefer = f"odata.maxpagesize={self._page}" + (", odata.track-changes" if self._link == self._first else "")
        answer = await self._client.get(self._link, headers={"Prefer": prefer})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert len(body["value"]) <= self._page
        for item in body["value"]:
            key = tuple(item[name] for name in self._key)
            assert key not in self._seen, "twice in one pull"
            self._seen.add(key)
            if "@removed" in item:
                self.told_removed.add(key)
                self.copy.pop(key, None)
            else:
                self.copy[key] = item
        self.pages += 1
        more = body.get("@odata.nextLink")
        self._link = (more or body["@odata.deltaLink"]).removeprefix(OUTSIDE)
        if more is None:
            self._seen.clear()
            self.whole = False
        return more is None

    async def to_the_end(self) -> None:
        """Pull until there is a delta link."""
        while not await self.one_page():
            pass

    async def table(self) -> dict[tuple[Any, ...], dict[str, Any]]:
        """The table as it stands, read whole by other means."""
        answer = await self._client.get(self._first, headers={"Prefer": "odata.maxpagesize=5000"})
        body = answer.json()
        assert "@odata.nextLink" not in body
        return {tuple(row[name] for name in self._key): row for row in body["value"]}


class Numbers:
    """Gives events the numbers of their sources' logs."""

    def __init__(self, org: str) -> None:
        self._org = org
        self._next: dict[str, int] = {}

    def record(self, events: Sequence[Event]) -> Iterator[Received]:
        """Events as a consumer receives them."""
        for event in events:
            source = event.subject.split(".")[1]
            number = self._next[source] = self._next.get(source, 0) + 1
            at = START + timedelta(minutes=number)
            yield Received(ident(self._org, source, number), self._org, source, number, at, event, {})


class Writer:
    """A transaction of a consumer that has applied something and is not over yet."""

    def __init__(self, connection: AsyncConnection, transaction: AsyncTransaction, org: str) -> None:
        self._connection = connection
        self._transaction = transaction
        self._org = org
        self.received: list[Received] = []

    @classmethod
    async def begin(cls, engine: AsyncEngine, org: str) -> "Writer":
        """Begin as a batch begins: with a number of its own from the first moment on."""
        connection = await engine.connect()
        transaction = await connection.begin()
        await connection.execute(
            text("select pg_current_xact_id(), set_config('app.areas', '*', true), set_config('app.org', :org, true)"),
            {"org": org},
        )
        return cls(connection, transaction, org)

    async def apply(self, received: Sequence[Received]) -> None:
        """Apply events."""
        self.received += received
        await ReportingProjection().apply(self._connection, self._org, list(received))

    async def commit(self) -> None:
        """Let everybody see it."""
        await self._transaction.commit()
        await self._connection.close()

    async def rollback(self) -> None:
        """Nothing of it was."""
        await self._transaction.rollback()
        await self._connection.close()
