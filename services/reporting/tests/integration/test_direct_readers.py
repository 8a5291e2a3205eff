"""A role that reads the database directly, and all that it could try to see more."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import asyncpg
import pytest
from reporting_everything import everything
from reporting_own import of_our_own
from reporting_records import Sources, complaint

from chassis import direct
from chassis.testing.databases import PASSWORD
from chassis.testing.fixtures import Database, ServiceClient
from reporting.adapters.direct_views import name_of
from reporting.domain.odata.entity_sets import ENTITY_SETS

DAY = date(2022, 4, 4)


class Readers:
    """Makes roles as the operator's command does, and connects as them."""

    def __init__(self, admin: asyncpg.Connection, database: Database) -> None:
        self.admin = admin
        self._database = database
        self._open: list[asyncpg.Connection] = []
        self._roles: list[str] = []

    async def make(self, org: str, areas: list[str] | None = None, *, registered: bool = True) -> asyncpg.Connection:
        role = direct.new_role()
        for statement in direct.login_statements("reporting", role, direct.verifier(PASSWORD)):
            await self.admin.execute(statement)
        self._roles.append(role)
        if registered:
            register = direct.REGISTER.format(schema="reporting")
            await self.admin.execute(register, org, role, "Metabase", areas or [], "operator")
        connection = await asyncpg.connect(self._database.address.url(self._database.name, role, PASSWORD))
        self._open.append(connection)
        return connection

    async def close(self) -> None:
        for each in self._open:
            await each.close()
        for role in self._roles:
            await self.admin.execute(f"drop role {role}")


@pytest.fixture
async def readers(
    database: Database, sources: Sources, profile: dict[str, Any], telford: ServiceClient, client: ServiceClient
) -> AsyncIterator[Readers]:
    """Everything of two organisations, in a database that is closed as deploy/roles.sql closes it."""
    for org in ("worcestershire", "telford-wrekin"):
        await sources.record(*everything(f"{org}-a"), org=org)
    await sources.record(complaint("s", DAY, procedure="corporate", area="safeguarding", categories=["communication"]))
    await of_our_own(client)
    admin = await asyncpg.connect(database.url("admin"))
    await admin.execute(f"revoke all on database {database.name} from public")
    await admin.execute(f"grant connect on database {database.name} to reporting_reader, reporting_app, reporting_worker")
    await admin.execute("create schema audit; create table audit.outbox (id int)")
    made = Readers(admin, database)
    yield made
    await made.close()
    await admin.close()


async def orgs_of(readers: Readers, view: str, rows: list[asyncpg.Record]) -> set[str]:
    """The organisations of the rows of a set, found by their keys."""
    entities = next(each for each in ENTITY_SETS.values() if name_of(each) == view)
    found = set()
    for row in rows:
        keys = " and ".join(f"{name} is not distinct from ${n}" for n, name in enumerate(entities.key, 1))
        found |= {
            r["org"]
            for r in await readers.admin.fetch(
                f"select org from reporting.{entities.view} where {keys}", *[row[k] for k in entities.key]
            )
        }
    return found


class TestWhatAReaderSees:
    async def test_is_what_the_feed_shows_of_its_organisation(self, readers: Readers, client: ServiceClient) -> None:
        reader = await readers.make("worcestershire")
        for name, entities in ENTITY_SETS.items():
            rows = await reader.fetch(f"select * from {name_of(entities)}")
            answer = await client.get(f"/reporting/odata/v4/{name}", headers={"Prefer": "odata.maxpagesize=5000"})
            assert len(rows) == len(answer.json()["value"]) > 0, name
            assert list(rows[0].keys()) == [each.name for each in entities.properties]

    async def test_is_of_its_service_areas_if_it_is_limited(self, readers: Readers) -> None:
        reader = await readers.make("worcestershire", ["safeguarding"])
        assert [row["service_area"] for row in await reader.fetch("select * from complaint_points")] == ["safeguarding"]
        for entities in ENTITY_SETS.values():
            if entities.limited_by:
                rows = await reader.fetch(f"select distinct service_area from {name_of(entities)}")
                assert {row[0] for row in rows} <= {"safeguarding"}, entities.name

    async def test_says_what_every_table_and_column_means(self, readers: Readers) -> None:
        reader = await readers.make("worcestershire")
        said = {
            (row["relname"], row["attname"]): row["words"]
            for row in await reader.fetch(
                "select c.relname, a.attname, col_description(c.oid, a.attnum) as words from pg_class c "
                "join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 where c.relnamespace = 'reporting_bi'::regnamespace"
            )
        }
        for entities in ENTITY_SETS.values():
            for each in entities.properties:
                assert said[name_of(entities), each.name] == each.description

    async def test_is_nothing_without_an_organisation_and_after_it_was_revoked(self, readers: Readers) -> None:
        stranger = await readers.make("worcestershire", registered=False)
        assert await stranger.fetch("select * from complaint_points") == []
        reader = await readers.make("worcestershire")
        assert len(await reader.fetch("select * from complaint_points")) > 1
        role = await reader.fetchval("select session_user::text")
        await readers.admin.execute(direct.REVOKE.format(schema="reporting"), "worcestershire", role)
        assert await reader.fetch("select * from complaint_points") == []

    async def test_is_an_error_in_words_while_the_figures_are_rebuilt(self, readers: Readers) -> None:
        reader = await readers.make("worcestershire")
        await readers.admin.execute("insert into reporting.rebuild_target (source, sequence) values ('audit', 1000000)")
        for view in ("complaint_points", "service_areas"):
            with pytest.raises(asyncpg.DataError, match=r"The figures are being rebuilt.* try again in a minute"):
                await reader.fetch(f"select count(*) from {view}")

    async def test_counts_in_no_session_of_the_services_own_roles(self, readers: Readers, database: Database) -> None:
        for suffix in ("app", "worker"):
            connection = await asyncpg.connect(database.url(suffix))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch("select * from reporting_bi.complaint_points")
            await connection.close()


REFUSED = {"42501", "0A000", "3D000", "42704", "55000", "22023"}
DENIED = [
    "select * from reporting.fact_point",
    "select * from reporting.fact_call",
    "select * from reporting.feed_complaint_point",
    "select * from reporting.direct_reader",
    "select * from reporting_bi.feed_complaint_point",
    "select * from reporting_bi.point_now",
    "select table_to_xml('reporting_bi.point_now', true, true, '')",
    "select query_to_xml('select * from reporting.fact_point', true, true, '')",
    "select * from audit.outbox",
    "select rolpassword from pg_authid",
    "select * from pg_statistic",
    "select pg_read_file('/etc/hostname')",
    "copy reporting_bi.complaint_points to program 'id'",
    "set role reporting_owner",
    "set role reporting_views",
    "set role reporting_app",
    "set session authorization reporting_views",
    "grant reporting_views to current_user",
    "alter role current_user connection limit 100",
    "alter role current_user bypassrls",
    "create schema mine",
    "create table reporting_bi.mine (a int)",
    "create temp table mine (a int)",
    "create function reporting_bi.mine() returns int language sql as 'select 1'",
    "create function pg_temp.mine(text) returns bool language plpgsql as 'begin raise notice ''%'', $1; end'",
    "delete from complaint_points",
    "update complaint_points set team = 'x'",
    "insert into complaint_points select * from complaint_points",
    "lock table reporting.fact_point in access exclusive mode",
    "lock table complaint_points in row exclusive mode",
    "alter view complaint_points set (security_barrier = false)",
    "drop view complaint_points",
    "create policy mine on reporting.fact_point using (true)",
    "select lo_create(0)",
    "select lo_from_bytea(0, 'x')",
    "select pg_logical_emit_message(false, 'a', 'b', false)",
    "select pg_advisory_lock(1)",
    "select pg_try_advisory_xact_lock_shared(1, 2)",
    "select setval('reporting.outbox_position_seq', 1)",
    "set row_security = off; select * from complaint_points",
]


class TestWhatAReaderCannotDo:
    async def test_is_to_name_another_organisation(self, readers: Readers) -> None:
        reader = await readers.make("worcestershire")
        before = {name: await reader.fetch(f"select * from {name_of(each)}") for name, each in ENTITY_SETS.items()}
        for setting in ("set app.org = 'telford-wrekin'", "set app.capability = 'x'", "set role reporting_reader"):
            await reader.execute(setting)
        for name, entities in ENTITY_SETS.items():
            view = name_of(entities)
            rows = await reader.fetch(f"select * from {view}")
            assert sorted(map(repr, rows)) == sorted(map(repr, before[name])), name
        points = await reader.fetch("select * from complaint_points")
        assert await orgs_of(readers, "complaint_points", points) == {"worcestershire"}

    async def test_is_anything_but_reading(self, readers: Readers) -> None:
        reader = await readers.make("worcestershire")
        # What it is given are defaults, which it can set anew: the rights have to hold by themselves.
        await reader.execute("set default_transaction_read_only = off")
        went, refusals = [], {}
        for statement in DENIED:
            try:
                await reader.execute("begin")
                await reader.execute(statement)
                went.append(statement)
            except asyncpg.PostgresError as error:
                refusals[statement] = error.sqlstate
            finally:
                await reader.execute("rollback")
        assert went == []
        # By a right that is missing, or because a view is no table; never for a mistake in what was tried.
        assert {statement: state for statement, state in refusals.items() if state not in REFUSED} == {}

    async def test_is_to_learn_of_a_row_by_an_error(self, readers: Readers) -> None:
        reader = await readers.make("worcestershire", ["safeguarding"])
        # Cast before the conditions were looked at, it would name the code of a row that is not the reader's.
        rows = await reader.fetch(
            "select * from complaint_points where case when service_area = 'send' then service_area::int > 0 else true end"
        )
        assert len(rows) == 1

    async def test_is_more_than_its_rights_say(self, readers: Readers) -> None:
        reader = await readers.make("worcestershire")
        role = await reader.fetchval("select session_user::text")
        found = await readers.admin.fetch(direct.WHAT_IS_OPEN, *direct.open_parameters("reporting", role))
        assert [row["what"] for row in found] == []

    async def test_is_to_see_who_else_reads(self, readers: Readers) -> None:
        await readers.make("telford-wrekin")
        reader = await readers.make("worcestershire")
        everything: list[Any] = await reader.fetch("select rolname, shobj_description(oid, 'pg_authid') from pg_roles")
        assert not [row for row in everything if "telford" in str(row)]

    async def test_is_to_connect_without_end(self, readers: Readers) -> None:
        reader = await readers.make("worcestershire")
        assert await reader.fetchval("select rolconnlimit from pg_roles where rolname = session_user") == 5
        shown = {each: await reader.fetchval(f"show {each}") for each in ("default_transaction_read_only", "statement_timeout")}
        assert shown == {"default_transaction_read_only": "on", "statement_timeout": "5min"}


class TestPolicies:
    async def test_stand_on_every_table_that_the_views_are_made_of(self, readers: Readers) -> None:
        granted = await readers.admin.fetch(
            "select c.relname, array(select p.polname::text from pg_policy p "
            "where p.polrelid = c.oid and not p.polpermissive) as only from pg_class c "
            "where c.relnamespace = 'reporting'::regnamespace and c.relkind in ('r', 'p') "
            "and has_table_privilege('reporting_views', c.oid, 'SELECT')"
        )
        assert {row["relname"] for row in granted if "direct_only" not in row["only"]} == {
            "consumer_position",
            "rebuild_target",
        }
        assert "fact_point" in {row["relname"] for row in granted}
