"""Which services are closed for planned work, as every gateway of the installation knows it within a second."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.unit_of_work import UnitOfWork
from gateway.access.each_second import EachSecond
from gateway.adapters import maintenance
from gateway.proxy.answers import Refusal

ALL = "all"
"""In place of a service: the whole installation."""

_COME_BACK = 300
"""Seconds in Retry-After where nobody has said when the work ends."""
_BRITAIN = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Closed:
    """A service that is closed, or all; `ends_at` is when it opens by itself."""

    service: str
    begun_at: datetime
    ends_at: datetime | None


def _now() -> datetime:
    return datetime.now(UTC)


class Maintenance(EachSecond):
    """Remembers what is closed and reads it again every second. While the database is away the last word holds."""

    unread = "maintenance.unread"

    def __init__(self, uow: UnitOfWork, clock: Callable[[], datetime] = _now) -> None:
        super().__init__(uow)
        self._clock = clock
        self.closed: dict[str, Closed] = {}

    async def look(self, connection: AsyncConnection) -> None:
        """Read what is closed."""
        rows = await maintenance.listed(connection)
        self.closed = {service: Closed(service, begun_at, ends_at) for service, begun_at, ends_at in rows}

    def of(self, service: str) -> Closed | None:
        """The work for which a service is closed now: its own, or that on everything."""
        now = self._clock()
        for name in (service, ALL):
            found = self.closed.get(name)
            if found is not None and (found.ends_at is None or found.ends_at > now):
                return found
        return None

    def check(self, service: str) -> None:
        """Raises `Refusal` while a service is closed, with when to come back as far as it is known."""
        closed = self.of(service)
        if closed is None:
            return
        part = "Learning Loop" if closed.service == ALL else "This part of Learning Loop"
        until, wait = "", _COME_BACK
        if closed.ends_at is not None:
            until = f" until {words_of(closed.ends_at)}"
            wait = max(1, ceil((closed.ends_at - self._clock()).total_seconds()))
        detail = f"{part} is closed for planned work{until}. The request was not carried out; send it again afterwards."
        raise Refusal(503, "maintenance", detail, {"Retry-After": str(wait)})


def words_of(moment: datetime) -> str:
    """A moment as people here say it: `14:30 on 3 December`."""
    local = moment.astimezone(_BRITAIN)
    return f"{local:%H:%M} on {local.day} {local:%B}"
