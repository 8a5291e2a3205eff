"""The views that direct readers see, made of the feed's views anew after every migration (ADR 0016).

The feed's views run with the rights of whoever reads them, and a direct reader has none on tables. So each is made a second
time in schema `reporting_bi`, with all views below it, owned by a role that may read the facts and that nobody can log in as.
Two things keep a reader to its organisation, each by itself enough: a restrictive policy on every fact, and the condition of
every view; both ask `session_user`.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import EntitySet

SCHEMA = "reporting"
BI = f"{SCHEMA}_bi"
OWNER = f"{SCHEMA}_views"
READER = f"{SCHEMA}_reader"
_MINE = "d.role = session_user::text and d.revoked_at is null"
_OF_READER = f"(select d.{{column}} from {SCHEMA}.direct_reader d where {_MINE})"  # noqa: S608 - constants
_ORG = _OF_READER.format(column="org")
# An expression rather than a query, so that `any` takes it for an array.
_AREAS = f"coalesce({_OF_READER.format(column='areas')}, '{{}}')"

# Half a read model gives wrong figures, and nobody could tell by looking. A view has no other way to say so than to fail: with
# a text that is no truth value, whose words PostgreSQL repeats. It names the reader so that it is not worked out in advance.
_WORDS = "The figures are being rebuilt. Nothing is lost: try again in a minute, "
_COMPLETE = f"""(
    select case when exists (
        select from {SCHEMA}.rebuild_target t
          left join {SCHEMA}.consumer_position p on p.consumer = 'reporting' and p.source = t.source
         where coalesce(p.sequence, 0) < t.sequence
    ) then ('{_WORDS}' || session_user::text)::boolean else true end)"""  # noqa: S608 - constants
_PROGRESS = ("rebuild_target", "consumer_position")

_READY = text(
    "select to_regrole(:owner) is not null and to_regnamespace(:bi) is not null "
    "and to_regclass(:table) is not null and pg_has_role(current_user, to_regrole(:owner), 'MEMBER')"
)
_NEEDED = text(
    """
    with recursive needed (oid, depth) as (
        select oid, 0 from pg_class where relnamespace = to_regnamespace(:schema) and relname = any(:views)
        union
        select d.refobjid, n.depth + 1
          from needed n
          join pg_rewrite r on r.ev_class = n.oid
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
           and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
    )
    select c.relname as name, c.relkind = 'v' as is_view, case when c.relkind = 'v' then pg_get_viewdef(c.oid) end as query
      from needed n join pg_class c on c.oid = n.oid
     group by c.oid, c.relname, c.relkind order by max(n.depth) desc, c.relname
    """
)
_POLICIES = text("select tablename, policyname from pg_policies where schemaname = :schema and policyname like 'direct\\_%'")
_MADE_OF = text(
    "select obj_description(p.oid, 'pg_policy') from pg_policy p join pg_class c on c.oid = p.polrelid "
    "where c.relnamespace = to_regnamespace(:schema) and c.relname = 'direct_reader' and p.polname = 'direct_self'"
)
"""A digest of the statements by which all of it was made."""
_VIEWS = text("select relname from pg_class where relnamespace = to_regnamespace(:bi) and relkind = 'v'")


@dataclass(frozen=True)
class Needed:
    """A relation that the feed is made of; a view with its query."""

    name: str
    query: str | None


def name_of(entities: EntitySet) -> str:
    """The name of a set's view: `ComplaintPoints` is `complaint_points`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", entities.name).lower()


def remove(connection: Connection) -> None:
    """Take the views and policies away, so that a migration can change what they hang on."""
    if not _is_ready(connection):
        return
    views = [row.relname for row in connection.execute(_VIEWS, {"bi": BI})]
    if views:
        connection.execute(text(f"set local role {OWNER}"))
        connection.execute(text(f"drop view {', '.join(f'{BI}.{name}' for name in views)} cascade"))
        connection.execute(text("reset role"))
    for row in connection.execute(_POLICIES, {"schema": SCHEMA}).all():
        connection.execute(text(f"drop policy {row.policyname} on {SCHEMA}.{row.tablename}"))
        connection.execute(text(f"revoke all on {SCHEMA}.{row.tablename} from {OWNER}"))


def install(connection: Connection, sets: Iterable[EntitySet] = tuple(ENTITY_SETS.values())) -> None:
    """Make views and policies for all entity sets. Does nothing where an administrator has not made the roles yet.

    Nor where they are as they would be made: a policy needs its table for itself, and people are reading.
    """
    if not _is_ready(connection):
        return
    statements = _statements(connection, sets)
    digest = hashlib.sha256("\n".join(statements).encode()).hexdigest()
    if connection.execute(_MADE_OF, {"schema": SCHEMA}).scalar() == digest:
        return
    remove(connection)
    _exec(connection, *statements, f"comment on policy direct_self on {SCHEMA}.direct_reader is '{digest}'")


def _statements(connection: Connection, sets: Iterable[EntitySet]) -> list[str]:
    sets = [each for each in sets if _exists(connection, each.view)]
    needed = _needed(connection, [each.view for each in sets])
    made = [statement for each in needed if each.query is None for statement in _open(each.name)]
    for name in _PROGRESS:
        made += [
            f"grant select on {SCHEMA}.{name} to {OWNER}",
            f"create policy direct_open on {SCHEMA}.{name} for select to {OWNER} using (true)",
        ]
    made += [
        f"grant select (org, role, areas, revoked_at) on {SCHEMA}.direct_reader to {OWNER}",
        f"create policy direct_self on {SCHEMA}.direct_reader for select to {OWNER} using (role = session_user::text)",
        f"set local role {OWNER}",
    ]
    twins = [each.name for each in needed if each.query is not None]
    made += [f"create view {BI}.{each.name} as {_twin(each.query, twins)}" for each in needed if each.query is not None]
    for entities in sets:
        made += _final(entities, BI if entities.view in twins else SCHEMA)
    return [*made, "reset role"]


def _is_ready(connection: Connection) -> bool:
    names = {"owner": OWNER, "bi": BI, "table": f"{SCHEMA}.direct_reader"}
    return bool(connection.execute(_READY, names).scalar_one())


def _exists(connection: Connection, view: str) -> bool:
    return bool(connection.execute(text("select to_regclass(:name) is not null"), {"name": f"{SCHEMA}.{view}"}).scalar_one())


def _needed(connection: Connection, views: Sequence[str]) -> list[Needed]:
    # So that every name in a query is written out with its schema.
    _exec(connection, "set local search_path = pg_catalog")
    rows = connection.execute(_NEEDED, {"schema": SCHEMA, "views": list(views)}).all()
    return [Needed(row.name, row.query) for row in rows]


def _open(table: str) -> list[str]:
    """Let the views read a table: rows of the reader's organisation, whatever `app.org` says.

    The policy of the tenant is for all roles and lets through what `app.org` names, so another that lets through more or less
    would be joined to it by "or". The restrictive one is joined by "and".
    """
    return [
        f"grant select on {SCHEMA}.{table} to {OWNER}",
        f"create policy direct_open on {SCHEMA}.{table} for select to {OWNER} using (true)",
        f"create policy direct_only on {SCHEMA}.{table} as restrictive for select to {OWNER} using (org = {_ORG})",
    ]


def _twin(query: str, twins: Sequence[str]) -> str:
    names = "|".join(re.escape(name) for name in twins)
    return re.sub(rf"\b{SCHEMA}\.({names})\b", rf"{BI}.\1", query)


def _final(entities: EntitySet, made_of: str) -> list[str]:
    name = f"{BI}.{name_of(entities)}"
    columns = ", ".join(f"f.{each.name}" for each in entities.properties)
    where = f"{_COMPLETE} and f.org = {_ORG}"
    if entities.limited_by is not None:
        where += f" and (cardinality({_AREAS}) = 0 or f.{entities.limited_by} = any({_AREAS}))"
    comments = [f"comment on column {name}.{each.name} is {_quoted(each.description)}" for each in entities.properties]
    return [
        # A barrier: no function of the reader's sees a row before these conditions have let it through.
        f"create view {name} with (security_barrier = true) as select {columns} from {made_of}.{entities.view} f where {where}",  # noqa: S608 - constants
        f"comment on view {name} is {_quoted(entities.description)}",
        *comments,
        f"grant select on {name} to {READER}",
    ]


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _exec(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)
