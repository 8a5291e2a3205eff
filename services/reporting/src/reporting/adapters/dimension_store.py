"""Writes the dimension tables: whenever a profile is applied or a questionnaire published, in that transaction.

They are a function of the profile in force, of the questionnaires that were published, of the calendar and of this code, and
`dim_state` says of which. So bringing them up to date is asked for freely and costs one row where nothing has changed: an
installation that was upgraded has them when they are first read.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.calendar import WorkingDays
from reporting.adapters import feed_marks
from reporting.domain import dimension_rows
from reporting.domain import dimension_tables as tables
from reporting.domain.dimension_tables import DimensionTable
from reporting.domain.odata.tracking import DIMENSIONS, WHOLE
from reporting.domain.profile import Profile
from reporting.domain.published import Edition, with_published

SHAPE = 2  # raise it when rows are made in another way: what stands is made anew then

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('profile ' || :org, 0))")  # as `ProfileStore.lock`
_NUMBER = text("select number from profile order by number desc limit 1")
_DOCUMENT = text("select document::text from profile order by number desc limit 1")
_EDITIONS = text("select coalesce(string_agg(questionnaire || ' ' || edition, ',' order by questionnaire, edition), '') "
                 "from fact_questionnaire_edition")  # fmt: skip
HIGHEST = text(
    """
    select distinct on (questionnaire) questionnaire, edition, label, versions::text as versions
      from fact_questionnaire_edition order by questionnaire, edition desc
    """
)
_STATE = text("select profile_number, editions, calendar, shape from dim_state")
_REMEMBER = text(
    """
    insert into dim_state (org, profile_number, editions, calendar, shape)
    values (:org, :profile_number, :editions, :calendar, :shape)
    on conflict (org) do update set profile_number = excluded.profile_number, editions = excluded.editions,
           calendar = excluded.calendar, shape = excluded.shape
    """
)


async def editions(connection: AsyncConnection) -> list[Edition]:
    """The highest edition of each questionnaire that was published."""
    rows = await connection.execute(HIGHEST)
    return [Edition(row.questionnaire, row.edition, row.label, tuple(orjson.loads(row.versions))) for row in rows]


async def bring_up_to_date(connection: AsyncConnection, org: str) -> None:
    """Make the dimension tables what they have to be; nothing where they are, or where there is no profile yet."""
    if await _wanted(connection) is None:
        return
    await connection.execute(_LOCK, {"org": org})
    wanted = await _wanted(connection)  # somebody else may have done it while we waited
    if wanted is None:
        return
    touched = await feed_marks.touch(connection, org, {DIMENSIONS.kind: [WHOLE]})
    profile = Profile.model_validate(orjson.loads((await connection.execute(_DOCUMENT)).scalar_one()))
    in_force = with_published(profile, await editions(connection))
    for table, rows in dimension_rows.rows(profile, in_force).items():
        await _write(connection, org, table, _body(table, rows))
    if wanted.pop("new_calendar"):
        await _write(connection, org, tables.DATE, _days(wanted["calendar"]))
    await connection.execute(_REMEMBER, {"org": org, **wanted})
    await touched.settle(connection)


async def _wanted(connection: AsyncConnection) -> dict[str, Any] | None:
    """The state in which the tables have to be, where they are in another."""
    number = (await connection.execute(_NUMBER)).scalar_one_or_none()
    if number is None:
        return None
    published = (await connection.execute(_EDITIONS)).scalar_one()
    state = (await connection.execute(_STATE)).one_or_none()
    calendar = WorkingDays.load().version
    if state is not None and tuple(state) == (number, published, calendar, SHAPE):
        return None
    new_calendar = state is None or (state.calendar, state.shape) != (calendar, SHAPE)
    return {
        "profile_number": number,
        "editions": published,
        "calendar": calendar,
        "shape": SHAPE,
        "new_calendar": new_calendar,
    }


async def _write(connection: AsyncConnection, org: str, table: DimensionTable, body: str) -> None:
    for statement in _statements(table):
        await connection.execute(statement, {"org": org, "rows": body})


def _body(table: DimensionTable, rows: Iterable[dimension_rows.Row]) -> str:
    more = {"in_profile": True} if table.keeps else {}
    return orjson.dumps([{**row, **more} for row in rows]).decode()


@cache
def _days(_calendar: str) -> str:
    """The days of the calendar in force: thousands, and the same for everybody."""
    return _body(tables.DATE, dimension_rows.dates())


@cache
def _statements(table: DimensionTable) -> tuple[TextClause, TextClause]:
    """Rows that are told of, written where they differ; and what becomes of those that are not told of any more."""
    types = table.types
    names = ", ".join(types)
    told = f"jsonb_to_recordset(cast(:rows as jsonb)) as new ({', '.join(f'{name} {type_}' for name, type_ in types.items())})"
    changing = [name for name in types if name not in table.key]
    assignments = ", ".join(f"{name} = excluded.{name}" for name in changing)
    held, given = (", ".join(f"{prefix}.{name}" for name in changing) for prefix in ("held", "excluded"))
    same = " and ".join(f"new.{name} = held.{name}" for name in table.key)
    write = f"""
        insert into {table.table} as held (org, {names}) select :org, {names} from {told}
        on conflict (org, {", ".join(table.key)}) do update set {assignments}
         where ({held}) is distinct from ({given})
    """  # noqa: S608 - constants of `dimension_tables`
    untold = f"held.org = :org and not exists (select from {told} where {same})"
    leave = (
        f"update {table.table} as held set in_profile = false where held.in_profile and {untold}"  # noqa: S608 - as above
        if table.keeps
        else f"delete from {table.table} as held where {untold}"  # noqa: S608 - as above
    )
    return text(write), text(leave)
