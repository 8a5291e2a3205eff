"""Rounds and their lists of cases in PostgreSQL. A round is held while it is changed, so that two officers take turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from audit.domain.round import Round, RoundRules, RoundState
from audit.domain.sampling import Standing
from chassis.ids import new_id
from chassis.unit_of_work import Transaction, whole_organisation

_COLUMNS = """
    r.id, r.programme, r.code, r.title, r.kind, r.tool, r.tool_version, r.rules::text as rules, r.repeats, r.period_from,
    r.period_to, r.size, r.seed, r.circulate_on, r.submit_by, r.moderate_by, r.calendar, r.state, r.drawn_at, r.circulated_at,
    r.created_by, r.created_at, r.revision
"""
_ADD = text(
    """
    insert into round (org, id, programme, code, title, kind, tool, tool_version, rules, repeats, period_from, period_to, size,
                       circulate_on, submit_by, moderate_by, calendar, created_by)
    values (:org, :id, :programme, :code, :title, :kind, :tool, :tool_version, cast(:rules as jsonb), :repeats, :period_from,
            :period_to, :size, :circulate_on, :submit_by, :moderate_by, :calendar, :created_by)
    on conflict on constraint round_once do nothing
    returning id
    """
)
_BY_CODE = text(
    f"select {_COLUMNS} from round r where r.programme is not distinct from :programme and r.code = :code"  # noqa: S608 - constants
)
_LOCK = text("select id from round where id = :id for no key update")
_ONE = text(f"select {_COLUMNS} from round r where r.id = :id")  # noqa: S608 - constants
_PAGE = text(
    f"""
    select {_COLUMNS} from round r
     where (cast(:programme as text) is null or r.programme = :programme)
       and (cast(:areas as jsonb) is null or r.rules -> 'service_areas' <@ cast(:areas as jsonb))
       and (cast(:key as date) is null or (r.period_from, r.id) < (:key, :id))
     order by r.period_from desc, r.id desc limit :limit
    """  # noqa: S608 - constants
)
_BETWEEN = text(
    f"select {_COLUMNS} from round r where r.circulate_on between :first and :last order by r.circulate_on, r.id"  # noqa: S608 - constants
)
# Drawn on its very day or later, a round waits for the officer who is still at it.
_DUE = text(
    """
    select id from round
     where state = 'drawn' and circulate_on <= :today and (drawn_at at time zone 'Europe/London')::date < circulate_on
       and (rules -> 'timetable' ->> 'circulates_itself')::boolean
     order by circulate_on, id
    """
)
_CHANGE = text(
    """
    update round set state = :state, seed = :seed, drawn_at = :drawn_at, circulated_at = :circulated_at, revision = revision + 1
     where org = :org and id = :id
    """
)
_TOUCH = text("update round set revision = revision + 1 where org = :org and id = :id")
_STEP = text(
    "insert into round_step (org, id, round_id, by, step, detail) "
    "values (:org, :id, :round_id, :by, :step, cast(:detail as jsonb))"
)
_STEPS = text("select at, by, step, detail::text as detail from round_step where round_id = :id order by at, id")
_PUT_CASES = text(
    """
    insert into round_case (org, round_id, case_key, case_sealed, service_area, team, worker, practice_on)
    select :org, :round_id, n.*
      from unnest(cast(:case_key as text[]), cast(:case_sealed as bytea[]), cast(:service_area as text[]),
                  cast(:team as text[]), cast(:worker as text[]), cast(:practice_on as date[]))
        as n (case_key, case_sealed, service_area, team, worker, practice_on)
    on conflict (org, round_id, case_key) do update
       set service_area = excluded.service_area, team = excluded.team, worker = excluded.worker,
           practice_on = excluded.practice_on
     where (round_case.service_area, round_case.team, round_case.worker, round_case.practice_on)
           is distinct from (excluded.service_area, excluded.team, excluded.worker, excluded.practice_on)
    returning (xmax = 0) as is_new
    """
)
_DROP_OTHERS = text(
    "delete from round_case where org = :org and round_id = :round_id and not case_key = any(cast(:keys as text[]))"
)
_LAST_PLACE = 2**31 - 1
_CASES = f"""
    select case_key, case_sealed, service_area, team, worker, practice_on, standing, reason, place
      from round_case
     where round_id = :id {{condition}}
     order by coalesce(place, {_LAST_PLACE}), case_key
"""  # noqa: S608 - constants
_ALL_CASES = text(_CASES.format(condition=""))
_SOME_CASES = text(
    _CASES.format(
        condition=f"""
       and (cast(:standing as text) is null or standing = :standing)
       and (coalesce(place, {_LAST_PLACE}), case_key) > (:place, :key)"""
    )
    + " limit :limit"
)
_STANDINGS = text("select standing, count(*) as number from round_case where round_id = :id group by standing")
_DRAW = text(
    """
    update round_case c set standing = n.standing, reason = n.reason, place = nullif(n.place, 0)
      from unnest(cast(:case_key as text[]), cast(:standing as text[]), cast(:reason as text[]), cast(:place as integer[]))
        as n (case_key, standing, reason, place)
     where c.org = :org and c.round_id = :round_id and c.case_key = n.case_key
    """
)
_UNDRAW = text("update round_case set standing = 'listed', reason = '', place = null where org = :org and round_id = :round_id")
# What is known to have been audited, or to be about to be: here, elsewhere, and in rounds that are drawn but not yet allocated.
_AUDITED = text(
    """
    select case_key, max(day) as day
      from (select a.case_key, a.allocated_on as day from audit a
             where a.case_key = any(cast(:keys as text[])) and a.allocated_on >= :since and a.state <> 'withdrawn'
               and a.round_id is distinct from :round_id
             union all
            select c.case_key, r.circulate_on
              from round_case c join round r on r.org = c.org and r.id = c.round_id
             where c.case_key = any(cast(:keys as text[])) and c.standing = 'picked' and r.state = 'drawn'
               and r.circulate_on >= :since and r.id <> :round_id
               and not exists (select from audit a where a.org = c.org and a.round_id = c.round_id and a.case_key = c.case_key)
             union all
            select v.content ->> 'case_key', o.completed_on
              from outcome o join outcome_version v on v.org = o.org and v.outcome_id = o.id and v.version = o.version
             where o.completed_on >= :since and v.content ->> 'case_key' = any(cast(:keys as text[])))
        as known (case_key, day)
     group by case_key
    """
)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case of a round's list. `case_sealed` is its own number, encrypted; `reason` as `sampling.Reason` wrote it."""

    case_key: str
    case_sealed: bytes
    service_area: str
    team: str | None
    worker: str | None
    practice_on: date | None
    standing: str = "listed"
    reason: str = ""
    place: int | None = None


@dataclass(frozen=True, slots=True)
class RoundStep:
    """One line of a round's history; `detail` holds codes and figures."""

    at: datetime
    by: str
    step: str
    detail: Mapping[str, Any]


class RoundRepository:
    """Reads and writes rounds within the transaction that was given, and so within its organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection
        self._org = transaction.org

    async def due(self, today: date) -> Sequence[UUID]:
        """Rounds that were drawn before their day and go out by themselves, as far as they have not."""
        return (await self._connection.execute(_DUE, {"today": today})).scalars().all()

    async def add(self, new: Round) -> bool:
        """Begin a round; False where the programme's period (or the code of a round of its own) has one already."""
        names = {name: getattr(new, name) for name in Round.__dataclass_fields__}
        names |= {"org": self._org, "rules": new.rules.model_dump_json()}
        return (await self._connection.execute(_ADD, names)).one_or_none() is not None

    async def by_code(self, programme: str | None, code: str) -> Round | None:
        """The round of a programme's period, or the one of its own with a code."""
        async with whole_organisation(self._connection):
            row = (await self._connection.execute(_BY_CODE, {"programme": programme, "code": code})).one_or_none()
        return _round(row) if row else None

    async def read(self, round_id: UUID) -> Round | None:
        """A round as it stands."""
        row = (await self._connection.execute(_ONE, {"id": round_id})).one_or_none()
        return _round(row) if row else None

    async def hold(self, round_id: UUID) -> Round | None:
        """A round that nobody else changes until this transaction ends.

        Locked first and read by a second statement, whose snapshot is younger: it sees what the last holder committed.
        """
        if (await self._connection.execute(_LOCK, {"id": round_id})).one_or_none() is None:
            return None
        return await self.read(round_id)

    async def page(
        self, programme: str | None, before: tuple[date, UUID] | None, limit: int, *, areas: frozenset[str] = frozenset()
    ) -> list[Round]:
        """Rounds, the newest period first, from before a (first day, id); `areas` are those that all of theirs must be in."""
        key, ident = before or (None, None)
        within = orjson.dumps(sorted(areas)).decode() if areas else None
        names = {"programme": programme, "key": key, "id": ident, "limit": limit, "areas": within}
        return [_round(row) for row in await self._connection.execute(_PAGE, names)]

    async def between(self, first: date, last: date) -> list[Round]:
        """Rounds that are circulated within some days, in that order."""
        return [_round(row) for row in await self._connection.execute(_BETWEEN, {"first": first, "last": last})]

    async def change(self, changed: Round) -> None:
        """Write state, seed and moments of a round that is held."""
        names = ("id", "seed", "drawn_at", "circulated_at")
        values = {name: getattr(changed, name) for name in names} | {"state": changed.state.value}
        await self._connection.execute(_CHANGE, {"org": self._org, **values})

    async def touch(self, round_id: UUID) -> None:
        """Say that something of a round was changed: whoever read it before looks again."""
        await self._connection.execute(_TOUCH, {"org": self._org, "id": round_id})

    async def add_step(self, round_id: UUID, by: str, step: str, **detail: Any) -> None:
        """Add a line to the history; `detail` holds codes and figures, never words."""
        names = {"org": self._org, "id": new_id(), "round_id": round_id, "by": by, "step": step}
        await self._connection.execute(_STEP, {**names, "detail": orjson.dumps(detail).decode()})

    async def steps(self, round_id: UUID) -> list[RoundStep]:
        """The history, the oldest first."""
        rows = await self._connection.execute(_STEPS, {"id": round_id})
        return [RoundStep(row.at, row.by, row.step, orjson.loads(row.detail)) for row in rows]

    async def put_cases(self, round_id: UUID, cases: Sequence[CaseRow], *, replace: bool) -> tuple[int, int, int]:
        """Put cases on the list: how many are new, how many changed, and how many others were taken off it (`replace`)."""
        names = {"org": self._org, "round_id": round_id}
        columns = ("case_key", "case_sealed", "service_area", "team", "worker", "practice_on")
        values = {name: [getattr(case, name) for case in cases] for name in columns}
        written = (await self._connection.execute(_PUT_CASES, {**names, **values})).all()
        added = sum(row.is_new for row in written)
        removed = 0
        if replace:
            result = await self._connection.execute(_DROP_OTHERS, {**names, "keys": values["case_key"]})
            removed = result.rowcount
        return added, len(written) - added, removed

    async def cases(self, round_id: UUID) -> list[CaseRow]:
        """The list: the picked ones and the spares in the order of the draw, then the others."""
        async with whole_organisation(self._connection):  # a round is drawn as one, by who has all of its areas
            rows = await self._connection.execute(_ALL_CASES, {"id": round_id})
        return [_case(row) for row in rows]

    async def some_cases(
        self, round_id: UUID, standing: str | None, after: tuple[int | None, str], limit: int
    ) -> list[CaseRow]:
        """A part of the list, of one standing or of all, from after a (place, key)."""
        place = _LAST_PLACE if after[0] is None else after[0]
        names = {"id": round_id, "standing": standing, "place": place, "key": after[1], "limit": limit}
        return [_case(row) for row in await self._connection.execute(_SOME_CASES, names)]

    async def standings(self, round_id: UUID) -> dict[str, int]:
        """How many cases there are of each standing."""
        rows = await self._connection.execute(_STANDINGS, {"id": round_id})
        return {row.standing: row.number for row in rows}

    async def stand(self, round_id: UUID, standings: Sequence[Standing]) -> None:
        """Write what the draw made of cases."""
        names = {"org": self._org, "round_id": round_id}
        values = {
            "case_key": [each.key for each in standings],
            "standing": [each.standing for each in standings],
            "reason": [str(each.reason) for each in standings],
            "place": [each.place for each in standings],
        }
        await self._connection.execute(_DRAW, {**names, **values})

    async def undraw(self, round_id: UUID) -> None:
        """Make all cases listed again."""
        await self._connection.execute(_UNDRAW, {"org": self._org, "round_id": round_id})

    async def audited(self, round_id: UUID, keys: Sequence[str], since: date) -> dict[str, date]:
        """The last day since then on which each case was audited, other than in this round; who was not is missing."""
        names = {"round_id": round_id, "keys": list(keys), "since": since}
        async with whole_organisation(self._connection):  # a child is left in peace wherever the last audit was
            rows = await self._connection.execute(_AUDITED, names)
        return {row.case_key: row.day for row in rows}


def _round(row: Row[Any]) -> Round:
    fields = row._asdict()
    return Round(**fields | {"rules": RoundRules.model_validate_json(row.rules), "state": RoundState(row.state)})


def _case(row: Row[Any]) -> CaseRow:
    return CaseRow(**row._asdict() | {"case_sealed": bytes(row.case_sealed)})
