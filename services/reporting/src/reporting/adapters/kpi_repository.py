"""Observations of KPIs: reading those that stand, and every version; and adding versions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from reporting.adapters import feed_marks
from reporting.domain.kpi_figures import Observation, Place
from reporting.domain.kpi_posting import Key, Outcome, Status

# One at a time in an organisation: so numbers become visible in their order, and of two who correct a month one is told.
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:org || chr(31) || 'kpis', 7301))")
_LAST = text("select coalesce(max(sequence), 0) from kpi_observation")
_CURRENT = text(
    """
    select kpi, month, service_area, coalesce(team, '') as team, numerator, denominator, version
      from kpi_now where kpi = any(:kpis) order by kpi, month, service_area, team
    """
)
_ALL_MONTHS = text("select distinct kpi, month from kpi_observation")
_KNOWN = text(
    """
    select k.kpi, k.month, k.service_area, coalesce(k.team, '') as team, k.numerator, k.denominator, k.version,
           k.observation_id
      from kpi_now k
      join unnest(cast(:kpis as text[]), cast(:months as date[]), cast(:areas as text[])) as w (kpi, month, area)
        on k.kpi = w.kpi and k.month = w.month and k.service_area = w.area
    """
)
_ADD = text(
    """
    insert into kpi_observation (org, observation_id, version, kpi, month, service_area, team, numerator, denominator,
                                 reason, via, recorded_by, recorded_name, recorded_at, sequence)
    values (:org, :observation_id, :version, :kpi, :month, :service_area, :team, :numerator, :denominator, :reason, :via,
            :recorded_by, :recorded_name, now(), :sequence)
    """
)
_HISTORY = """
    select observation_id, version, kpi, month, service_area, team, numerator, denominator, reason, via, recorded_by,
           recorded_name, recorded_at, sequence
      from {table} where {where} order by {order} limit :limit
"""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an observation, with who recorded it: `reason` and `recorded_name` are sealed."""

    observation_id: UUID
    version: int
    kpi: str
    month: date
    service_area: str
    team: str | None
    numerator: int
    denominator: int | None
    reason: bytes | None
    via: str
    recorded_by: str
    recorded_name: bytes | None
    recorded_at: datetime
    sequence: int


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who records, and by which way; the name is sealed."""

    subject: str
    name: bytes | None
    via: str


class KpiRepository:
    """The observations of the organisation whose transaction it is."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._org = transaction.org

    async def current(self, kpis: Collection[str]) -> tuple[Observation, ...]:
        """Every observation of these KPIs as it stands, of all service areas: what is suppressed depends on the others."""
        async with self._transaction.whole_organisation():
            rows = await self._connection.execute(_CURRENT, {"kpis": sorted(set(kpis))})
        return tuple(_observation(row) for row in rows)

    async def months(self) -> dict[str, list[date]]:
        """The months of which each KPI has figures, in whatever service area."""
        found: dict[str, list[date]] = {}
        async with self._transaction.whole_organisation():
            rows = await self._connection.execute(_ALL_MONTHS)
        for row in rows:
            found.setdefault(row.kpi, []).append(row.month)
        return found

    async def lock(self) -> None:
        """Let nobody else record in this organisation until the transaction ends."""
        await self._connection.execute(_LOCK, {"org": self._org})

    async def known(self, keys: Iterable[Key]) -> dict[Key, tuple[Observation, UUID]]:
        """What stands under these keys, with its id."""
        wanted = set(keys)
        names: dict[str, list[Any]] = {
            "kpis": [kpi for kpi, _, _ in wanted],
            "months": [month for _, month, _ in wanted],
            "areas": [place.service_area for _, _, place in wanted],
        }
        found = {}
        for row in await self._connection.execute(_KNOWN, names):
            each = _observation(row)
            key = each.kpi, each.month, each.place
            if key in wanted:
                found[key] = (each, row.observation_id)
        return found

    async def add(
        self, outcomes: Sequence[Outcome], ids: Mapping[Key, UUID], reasons: Sequence[bytes | None], by: Recorder
    ) -> dict[Key, UUID]:
        """Add a version for each outcome that is not `unchanged`. Call `lock` before. Answers the id of each."""
        async with self._transaction.whole_organisation():
            sequence = int((await self._connection.execute(_LAST)).scalar_one())
        rows, named = [], dict(ids)
        for outcome, reason in zip(outcomes, reasons, strict=True):
            posted = outcome.posted
            named.setdefault(posted.key, new_id())
            if outcome.status is Status.UNCHANGED:
                continue
            sequence += 1
            rows.append(
                {
                    "org": self._org,
                    "observation_id": named[posted.key],
                    "version": outcome.version,
                    "kpi": posted.kpi,
                    "month": posted.month,
                    "service_area": posted.place.service_area,
                    "team": posted.place.team or None,
                    "numerator": posted.n,
                    "denominator": posted.of,
                    "reason": reason,
                    "via": by.via,
                    "recorded_by": by.subject,
                    "recorded_name": by.name,
                    "sequence": sequence,
                }
            )
        if rows:
            await self._connection.execute(_ADD, rows)
            # No row of the feed ever leaves it, or its service area.
            ids_ = [named[each.posted.key] for each in outcomes if each.status is not Status.UNCHANGED]
            await feed_marks.name(self._connection, self._org, {"observation": ids_})
        return named

    async def versions(self, kpi: str, areas: frozenset[str], limit: int = 5_000) -> list[Version]:
        """Every version of the observations of a KPI, newest month first, in each the newest version first."""
        where, names = _limited(areas, ["kpi = :kpi"], {"kpi": kpi, "limit": limit})
        return await self._read("kpi_observation", where, "month desc, service_area, team nulls first, version desc", names)

    async def page(
        self, filters: Mapping[str, Any], areas: frozenset[str], after: int, limit: int, *, every_version: bool
    ) -> list[Version]:
        """Versions whose number is above `after`, in their order: those that stand, or every one."""
        conditions = {"kpi": "kpi = :kpi", "first": "month >= :first", "last": "month <= :last", "area": "service_area = :area"}
        held = {name: value for name, value in filters.items() if value is not None}
        given = ["sequence > :after", *(conditions[name] for name in held)]
        where, names = _limited(areas, given, {**held, "after": after, "limit": limit})
        return await self._read("kpi_observation" if every_version else "kpi_now", where, "sequence", names)

    async def _read(self, table: str, where: str, order: str, names: Mapping[str, Any]) -> list[Version]:
        statement = _HISTORY.format(table=table, where=where, order=order)  # constants; every value is bound
        rows = await self._connection.execute(text(statement), dict(names))
        return [Version(*row[:8], *map(_bytes, row[8:9]), *row[9:11], *map(_bytes, row[11:12]), *row[12:]) for row in rows]


def _limited(areas: frozenset[str], conditions: list[str], names: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if areas:
        conditions = [*conditions, "service_area = any(:areas)"]
        names = {**names, "areas": sorted(areas)}
    return " and ".join(conditions), names


def _observation(row: Any) -> Observation:
    return Observation(row.kpi, row.month, Place(row.service_area, row.team), row.numerator, row.denominator, row.version)


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
