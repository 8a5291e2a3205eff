"""Whose batch is next: one client that sends many at once must not take every database connection from the others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.errors import DomainError, Kind


class Turns:
    """Lets one batch a client through at a time, and `most` of a client's be in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here: Counter[tuple[str, str]] = Counter()
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    @asynccontextmanager
    async def take(self, org: str, client: str) -> AsyncIterator[None]:
        """Wait for the client's turn. Raises `DomainError` too-many-batches where too many of its batches wait already."""
        key = (org, client)
        if self._here[key] >= self._most:
            detail = f"{self._most} of your batches are waiting already. Nothing was stored. Send them one after the other."
            raise DomainError("too-many-batches", detail, Kind.TOO_MANY)
        self._here[key] += 1
        try:
            async with self._locks.setdefault(key, asyncio.Lock()):
                yield
        finally:
            self._here[key] -= 1
            if not self._here[key]:
                del self._here[key], self._locks[key]
