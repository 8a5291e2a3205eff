"""Reads the learning tracker as it stood on a day: constant SQL over `learning_on`, whatever is asked bound."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text

from chassis import keyset
from chassis.unit_of_work import Transaction
from reporting.domain.tracker import TrackedAction
from reporting.domain.tracker_filters import Sort, TrackerCounts, TrackerFilters

_COLUMNS = """
    key, source, record_id, code, reference, at_work, service_area, team, theme_codes, set_on, first_due_on, due_on, status,
    standing, done_on, evidence, reviewed_on, review_result, difference
"""
_NEVER = date.max  # what has no day to be done by comes last
_DUE = "coalesce(f.due_on, date '9999-12-31')"
_ORDER: dict[Sort, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "due": ((_DUE, "f.key"), ("date", "text"), "asc"),
    "set": (("f.set_on", "f.key"), ("date", "text"), "desc"),
    "area": (("f.service_area", _DUE, "f.key"), ("text", "date", "text"), "asc"),
}
_COUNTED = {
    **{name: f"f.standing = '{name.replace('_', '-')}'" for name in ("on_track", "may_miss", "missed", "completed", "dropped")},
    "evidenced": "f.standing = 'completed' and f.evidence",
    "to_review": "f.standing = 'completed' and f.source <> 'feedback'",
    "reviewed": "f.standing = 'completed' and f.source <> 'feedback' and f.reviewed_on >= f.done_on",
    "asked": "f.standing = 'completed' and f.difference in ('yes', 'partly', 'no')",
    "difference": "f.standing = 'completed' and f.difference in ('yes', 'partly')",
}
_COUNTS = ", ".join(f"count(*) filter (where {test}) as {name}" for name, test in _COUNTED.items())


class TrackerRepository:
    """The actions of the transaction's organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    async def page(self, filters: TrackerFilters, limit: int, after: str | None = None) -> Sequence[TrackedAction]:
        """At most `limit` actions in order, after a cursor (see `cursor`). Raises `malformed-cursor` (422)."""
        where, values = _where(filters)
        names, kinds, direction = _ORDER[filters.sort]
        if after is not None:
            values |= _after(after, kinds)
            bound = ", ".join(f"cast(:after{place} as {kind})" for place, kind in enumerate(kinds))
            where += f" and ({', '.join(names)}) {'>' if direction == 'asc' else '<'} ({bound})"
        order = ", ".join(f"{name} {direction}" for name in names)
        sql = f"select {_COLUMNS} from learning_on(:day) f where {where} order by {order} limit :limit"  # noqa: S608 - constants
        return [_action(row) for row in await self._connection.execute(text(sql), {**values, "limit": limit})]

    async def counts(self, filters: TrackerFilters) -> TrackerCounts:
        """How many there are of each standing, whichever is shown."""
        where, values = _where(filters, by_standing=False)
        sql = f"select {_COUNTS} from learning_on(:day) f where {where}"  # noqa: S608 - constants
        return TrackerCounts(*(await self._connection.execute(text(sql), values)).one())


def cursor(action: TrackedAction, sort: Sort) -> str:
    """The cursor of the action that was shown last."""
    due = action.due_on or _NEVER
    match sort:
        case "due":
            return keyset.encode(due, action.key)
        case "set":
            return keyset.encode(action.set_on, action.key)
        case "area":
            return keyset.encode(action.service_area, due, action.key)


def _after(cursor: str, kinds: tuple[str, ...]) -> dict[str, Any]:
    key = keyset.decode(cursor, len(kinds))
    read: dict[str, Any] = {}
    for place, (part, kind) in enumerate(zip(key, kinds, strict=True)):
        if not isinstance(part, str) or "\0" in part:
            raise keyset.malformed()
        try:
            read[f"after{place}"] = date.fromisoformat(part) if kind == "date" else part
        except ValueError:
            raise keyset.malformed() from None
    return read


def _where(filters: TrackerFilters, *, by_standing: bool = True) -> tuple[str, dict[str, Any]]:
    standings = filters.standings if by_standing else None
    wanted: list[tuple[str, Any, str]] = [
        ("areas", sorted(filters.areas) or None, "f.service_area = any(:areas)"),
        ("source", filters.source, "f.source = :source"),
        ("service_area", filters.service_area, "f.service_area = :service_area"),
        ("team", filters.team, "f.team = :team"),
        ("theme", filters.theme, "cast(:theme as text) = any(f.theme_codes)"),
        ("first", filters.first, "f.set_on >= :first"),
        ("last", filters.last, "f.set_on <= :last"),
        ("standings", list(standings) if standings is not None else None, "f.standing = any(:standings)"),
        ("keys", list(filters.keys) or None, "f.key = any(:keys)"),
    ]
    given = [(name, value, sql) for name, value, sql in wanted if value is not None]
    where = " and ".join(["true", *(sql for _, _, sql in given)])
    return where, {"day": filters.day, **{name: value for name, value, _ in given}}


def _action(row: Row[Any]) -> TrackedAction:
    held = row._asdict()
    return TrackedAction(themes=tuple(held.pop("theme_codes")), **held)
