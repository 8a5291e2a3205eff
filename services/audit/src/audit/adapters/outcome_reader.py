"""Reading outcomes: one with its history, a page of them, and how many there are of each tool."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

_COLUMNS = """
       o.position, o.id as outcome_id, o.source, o.reference, v.version, o.version = v.version as is_current, v.posted_by,
       v.tool_version, v.scale, v.suggested, v.recorded_at, v.content::text as content
"""
_FILTERS = {
    "areas": "o.service_area = any(cast(:areas as text[]))",
    "tool": "o.tool = :tool",
    "service_area": "o.service_area = :service_area",
    "team": "o.team = :team",
    "completed_from": "o.completed_on >= :completed_from",
    "completed_to": "o.completed_on <= :completed_to",
}
_HISTORY = text(
    f"""
    select {_COLUMNS}
      from outcome o join outcome_version v on v.org = o.org and v.outcome_id = o.id
     where o.id = :id
     order by v.version desc
    """  # noqa: S608 - constants
)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of an outcome as it was recorded; `content` is what `audit.domain.outcome.content_of` made."""

    position: int
    outcome_id: UUID
    source: str
    reference: str
    version: int
    is_current: bool
    posted_by: str
    tool_version: int
    scale: str | None
    suggested: str | None
    recorded_at: datetime
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None lets everything through. `areas` is the caller's limit, empty for all."""

    areas: frozenset[str] = frozenset()
    tool: str | None = None
    service_area: str | None = None
    team: str | None = None
    completed_from: date | None = None
    completed_to: date | None = None

    def where(self) -> tuple[str, dict[str, Any]]:
        """The condition and its parameters."""
        given: dict[str, Any] = {name: value for name in _FILTERS if (value := getattr(self, name))}
        if "areas" in given:
            given["areas"] = sorted(given["areas"])
        return " and ".join(("true", *(_FILTERS[name] for name in given))), given


class OutcomeReader:
    """Reads within the transaction that was given, and so within its organisation."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def history(self, outcome_id: UUID) -> list[VersionRow]:
        """All versions of an outcome, the newest first; empty where there is none."""
        rows = await self._connection.execute(_HISTORY, {"id": outcome_id})
        return [_version(row) for row in rows]

    async def recorded(self, filters: Filters, after: int, limit: int) -> list[VersionRow]:
        """Current versions in the order of their first recording, from after a position."""
        return await self._current(filters, "o.position > :after", "o.position", {"after": after, "limit": limit})

    async def latest(self, filters: Filters, before: tuple[date, int] | None, limit: int) -> list[VersionRow]:
        """Current versions, the last completed first, from before a (completed_on, position)."""
        names: dict[str, Any] = {"limit": limit}
        condition = "true"
        if before is not None:
            condition = "(o.completed_on, o.position) < (:day, :position)"
            names |= {"day": before[0], "position": before[1]}
        return await self._current(filters, condition, "o.completed_on desc, o.position desc", names)

    async def count_by_tool(self, filters: Filters) -> dict[str, int]:
        """How many outcomes there are of each tool."""
        where, names = filters.where()
        statement = f"select o.tool, count(*) as number from outcome o where {where} group by o.tool"  # noqa: S608 - constants
        rows = await self._connection.execute(text(statement), names)
        return {row.tool: row.number for row in rows}

    async def _current(self, filters: Filters, condition: str, order: str, names: dict[str, Any]) -> list[VersionRow]:
        where, given = filters.where()
        statement = text(
            f"""
            select {_COLUMNS}
              from outcome o
              join outcome_version v on v.org = o.org and v.outcome_id = o.id and v.version = o.version
             where {where} and {condition}
             order by {order}
             limit :limit
            """  # noqa: S608 - constants
        )
        rows = await self._connection.execute(statement, given | names)
        return [_version(row) for row in rows]


def _version(row: Row[Any]) -> VersionRow:
    return VersionRow(**row._asdict() | {"content": orjson.loads(row.content)})
