"""A service cannot read another's schema; an organisation cannot read another's rows, whatever it sends."""

import itertools
import subprocess
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from joserfc.jwk import OKPKey

from chassis.identity import HEADER, Identity, TokenSigner, new_key
from loop_cli.stack.embedded import EmbeddedStack
from loop_cli.stack.services import WEBS, WORKERS, environment
from tests.chaos.load import first_record
from tests.conftest import ORGS, Outside, key

SCHEMAS = ("audit", "feedback", "complaints", "reporting", "gateway")
pytestmark = pytest.mark.stack


async def connected(stack: EmbeddedStack, role: str) -> asyncpg.Connection:
    """One connection a role: a psql for each of a thousand statements takes a minute."""
    return await asyncpg.connect(stack.postgres.url("loop", role, stack.keys.passwords[role]))


class TestSchemas:
    @pytest.mark.parametrize(
        ("own", "other"), [pair for pair in itertools.permutations(SCHEMAS, 2) if "gateway" not in pair[:1]]
    )
    async def test_no_role_of_a_service_reads_another_schema(self, stack: EmbeddedStack, own: str, other: str) -> None:
        tables = stack.postgres.run_sql(
            f"select relname from pg_class where relnamespace = '{other}'::regnamespace and relkind in ('r', 'p', 'v')",
            database="loop",
        ).split()
        assert tables
        for role in (f"{own}_app", f"{own}_worker", f"{own}_owner"):
            connection = await connected(stack, role)
            try:
                for table in tables:
                    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                        await connection.fetch(f"select 1 from {other}.{table} limit 1")
            finally:
                await connection.close()

    @pytest.mark.parametrize("schema", SCHEMAS)
    def test_every_table_carries_org_and_forces_row_security(self, stack: EmbeddedStack, schema: str) -> None:
        wrong = stack.postgres.run_sql(
            f"""
            select c.relname from pg_class c
             where c.relnamespace = '{schema}'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'alembic_version'
               and (not c.relrowsecurity or not c.relforcerowsecurity
                    or not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org' and a.attnotnull))
            """,
            database="loop",
        )
        assert wrong == ""

    @pytest.mark.parametrize("schema", SCHEMAS)
    def test_every_view_looks_with_the_callers_rights(self, stack: EmbeddedStack, schema: str) -> None:
        wrong = stack.postgres.run_sql(
            f"""
            select relname from pg_class where relnamespace = '{schema}'::regnamespace and relkind in ('v', 'm')
               and not coalesce(reloptions::text like '%security_invoker=true%', false)
            """,
            database="loop",
        )
        assert wrong == ""

    @pytest.mark.parametrize("schema", SCHEMAS)
    async def test_without_a_tenant_the_application_sees_nothing(self, stack: EmbeddedStack, schema: str) -> None:
        tables = stack.postgres.run_sql(
            f"select relname from pg_class where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'p', 'v') "
            f"and has_table_privilege('{schema}_app', oid, 'select') and relname <> 'alembic_version'",
            database="loop",
        ).split()
        assert tables
        connection = await connected(stack, f"{schema}_app")
        try:
            for table in tables:
                assert await connection.fetchval(f"select count(*) from {schema}.{table}") == 0, table
        finally:
            await connection.close()


class TestSafeStart:
    @pytest.mark.parametrize("program", [*WEBS[:1], *WORKERS[:1]], ids=lambda each: each.name)
    @pytest.mark.parametrize("who", ["owner", "superuser"])
    def test_a_process_refuses_to_start_with_too_many_rights(self, stack: EmbeddedStack, program: Any, who: str) -> None:
        env = environment(program, stack.addresses, stack.keys, demo_sign_in=False)
        owner = f"{program.service}_owner"
        env["LOOP_DATABASE_URL"] = (
            stack.postgres.url("loop", owner, stack.keys.passwords[owner]) if who == "owner" else stack.postgres.url("loop")
        )
        env |= {"LOOP_PORT": "0", "LOOP_WORKER_PORT": "0"}
        done = subprocess.run(program.command, env=env, capture_output=True, text=True, timeout=180, check=False)
        assert done.returncode != 0
        assert "not safe to run with" in done.stdout + done.stderr


class TestOrganisations:
    @pytest.fixture
    def theirs(self, outside: Outside) -> dict[str, str]:
        """The address of a record of the other organisation, by kind."""
        with outside.client("audit:outcomes:write", "audit:outcomes:read", org=ORGS[1]) as client:
            pattern = first_record("audit-outcomes", ORGS[1])
            answer = client.post("/audit/v1/outcomes", json={**pattern, "reference": uuid4().hex[:12]}, headers=key())
            assert answer.status_code == 201, answer.text
            path = f"/audit/v1/outcomes/{answer.json()['outcome_id']}"
            assert client.get(path).status_code == 200
        return {"audit": path}

    def test_another_organisations_record_is_not_there(self, outside: Outside, theirs: dict[str, str]) -> None:
        with outside.client("audit:outcomes:read", "audit:outcomes:write", "complaints:read") as client:
            for path in theirs.values():
                for headers in ({}, {"X-Org": ORGS[1], "X-Forwarded-User": "operator"}):
                    assert client.get(path, headers=headers).status_code == 404
                # An API client acts for its own organisation, whatever it says.
                assert client.get(path, headers={"Loop-Org": ORGS[1]}).status_code == 403
            listed = client.get("/audit/v1/outcomes", params={"limit": 100}).json()["items"]
            assert all(each["outcome_id"] not in str(theirs) for each in listed)

    def test_a_forged_identity_is_dropped_at_the_gateway(
        self, stack: EmbeddedStack, outside: Outside, theirs: dict[str, str]
    ) -> None:
        private, _ = new_key()
        boss = Identity(ORGS[1], "operator", "operator", frozenset({"operator", "audit:outcomes:read"}))
        forged = TokenSigner("gateway", OKPKey.import_key(private)).sign(boss, "audit")
        with outside.anybody() as nobody, outside.client("audit:outcomes:read") as client:
            for path in theirs.values():
                assert nobody.get(path, headers={HEADER: forged}).status_code == 401
                assert client.get(path, headers={HEADER: forged}).status_code == 404
                # And straight at the service, past the gateway.
                direct = f"{stack.addresses.base('audit')}{path}"
                assert httpx.get(direct, headers={HEADER: forged}).status_code == 401

    def test_a_credential_without_the_scope_is_refused(self, outside: Outside) -> None:
        with outside.client("complaints:read") as client:
            answer = client.post("/audit/v1/outcomes", json=first_record("audit-outcomes"), headers=key())
            assert answer.status_code == 403
            assert answer.headers["content-type"] == "application/problem+json"
