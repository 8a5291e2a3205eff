"""Copies of tables of the feed, as a BI tool keeps them: pulled once, then by delta links while everything goes wrong."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from loop_cli.operator import Operator
from tests.chaos.mixed import ORGS, new_client

KEPT = {"AuditOutcomes": ("outcome_id",), "ComplaintStages": ("complaint_id", "stage"), "SurveyResponses": ("response_id",)}
"""Tables that are copied, by what tells a row."""
EVERY = 1.0
PREFER = {"Prefer": "odata.track-changes, odata.maxpagesize=500"}
TOO_OLD = 410

Rows = dict[tuple[str, ...], dict[str, Any]]


@dataclass
class Copy:
    """A table of an organisation, and where its next changes are told."""

    org: str
    name: str
    key: tuple[str, ...]
    headers: dict[str, str]
    link: str = ""
    rows: Rows = field(default_factory=dict)
    pulls: int = 0
    begun_anew: int = 0

    async def pull(self, http: aiohttp.ClientSession, url: str) -> None:
        """Bring it up to date; raises what the network does, and goes on next time where it stopped."""
        first = f"{url}/reporting/odata/v4/{self.name}"
        self.link = self.link or first
        while True:
            async with http.get(self.link, headers={**PREFER, **self.headers}) as answer:
                if answer.status == TOO_OLD:
                    self.rows.clear()
                    self.link = first
                    self.begun_anew += 1
                    continue
                answer.raise_for_status()
                body = await answer.json()
            for row in body["value"]:
                key = tuple(str(row[name]) for name in self.key)
                if "@removed" in row:
                    self.rows.pop(key, None)
                else:
                    self.rows[key] = row
            if "@odata.deltaLink" in body:
                self.link = body["@odata.deltaLink"]
                self.pulls += 1
                return
            self.link = body["@odata.nextLink"]


class Copies:
    """The copies of both organisations."""

    def __init__(self, url: str, operator: Operator) -> None:
        self._url = url
        self.all = [
            Copy(org, name, key, headers)
            for org in ORGS
            for headers in (new_client(operator, org, "reporting:read"),)
            for name, key in KEPT.items()
        ]

    async def run(self, stopping: asyncio.Event) -> None:
        """Pull again and again until `stopping`; what fails is asked for again."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
            while not stopping.is_set():
                for each in self.all:
                    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                        await each.pull(http, self._url)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), EVERY)

    async def differences(self) -> list[dict[str, Any]]:
        """Pull a last time, and say where a copy is not what somebody gets who pulls the whole table now."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
            found = []
            for each in self.all:
                await each.pull(http, self._url)
                whole = Copy(each.org, each.name, each.key, each.headers)
                await whole.pull(http, self._url)
                found += [{"org": each.org, "feed": each.name, "row": key} for key in _different(each.rows, whole.rows)]
        return found


def _different(copy: Rows, whole: Rows) -> Iterator[tuple[str, ...]]:
    yield from (key for key in copy.keys() | whole.keys() if copy.get(key) != whole.get(key))
