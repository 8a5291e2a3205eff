"""What holds at the level of the database's roles."""

import asyncpg
import pytest
from services.audit.tests.conftest import Call, posted

from audit.bootstrap import build_app
from audit.settings import AuditSettings
from chassis.database import UnsafeRoleError
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller

TABLES = ("outcome", "outcome_version")


async def visible(database: Database, org: str | None, role: str = "app") -> list[int]:
    """How many rows of each table a role sees for an organisation."""
    connection = await asyncpg.connect(database.url(role))
    try:
        async with connection.transaction():
            if org is not None:
                await connection.execute("select set_config('app.areas', '*', true), set_config('app.org', $1, true)", org)
            return [await connection.fetchval(f"select count(*) from {table}") for table in TABLES]
    finally:
        await connection.close()


@pytest.fixture
async def recorded(client: ServiceClient) -> str:
    answer = await client.post("/audit/v1/outcomes", json=posted(), headers={"Idempotency-Key": "k"})
    return str(answer.json()["outcome_id"])


class TestTenancy:
    async def test_only_its_own_organisation_sees_an_outcome(self, recorded: str, database: Database) -> None:
        assert await visible(database, "worcestershire") == [1, 1]
        assert await visible(database, "telford-wrekin") == [0, 0]
        assert await visible(database, "") == [0, 0]
        assert await visible(database, None) == [0, 0]

    async def test_the_owner_sees_nothing_without_an_organisation_either(self, recorded: str, database: Database) -> None:
        assert await visible(database, None, "owner") == [0, 0]

    async def test_the_worker_has_no_business_with_outcomes(self, recorded: str, database: Database) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await visible(database, "worcestershire", "worker")

    async def test_another_organisation_reads_nothing_over_http(self, recorded: str, call_as: Call) -> None:
        other = call_as(caller("audit:outcomes:read", org="telford-wrekin"))
        assert (await other.get("/audit/v1/outcomes")).json()["items"] == []
        assert (await other.get(f"/audit/v1/outcomes/{recorded}")).status_code == 404

    async def test_a_row_cannot_be_written_for_another_organisation(self, recorded: str, database: Database) -> None:
        connection = await asyncpg.connect(database.url())
        try:
            async with connection.transaction():
                await connection.execute(
                    "select set_config('app.areas', '*', true), set_config('app.org', 'telford-wrekin', true)"
                )
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                    await connection.execute(
                        "insert into outcome "
                        "(org, id, source, reference, version, digest, kind, tool, service_area, completed_on) values "
                        "('worcestershire', gen_random_uuid(), 'x', 'x', 1, sha256(''), 'single', 'x', 'x', '2022-01-01')"
                    )
        finally:
            await connection.close()


class TestHistory:
    @pytest.mark.parametrize(
        "statement",
        [
            "update outcome_version set content = '{}'",
            "delete from outcome_version",
            "truncate outcome_version",
            "delete from outcome",
            "update outcome set reference = 'x'",
            "update outcome set org = 'telford-wrekin'",
        ],
    )
    async def test_nobody_who_serves_requests_can_change_what_was_posted(
        self, recorded: str, database: Database, statement: str
    ) -> None:
        connection = await asyncpg.connect(database.url())
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        finally:
            await connection.close()

    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            ("update outcome set version = 7", "outcome_current_is_in_history"),
            ("delete from outcome_version", "outcome_current_is_in_history"),
            ("""update outcome_version set content = '{"case_reference": 1}'""", "outcome_version_without_case_reference"),
        ],
    )
    async def test_what_counts_is_always_in_the_history(
        self, recorded: str, database: Database, statement: str, constraint: str
    ) -> None:
        connection = await asyncpg.connect(database.url("admin"))
        try:
            await connection.execute("set search_path = audit")
            with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=constraint):
                await connection.execute(statement)
        finally:
            await connection.close()


class TestStart:
    @pytest.mark.parametrize("role", ["owner", "admin"])
    async def test_the_process_refuses_a_role_that_sees_past_row_level_security(
        self, database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch, role: str
    ) -> None:
        for name, value in keys.environment(database.url(role)).items():
            monkeypatch.setenv(name, value)
        app = build_app(AuditSettings.load())
        with pytest.raises(UnsafeRoleError):
            async with app.router.lifespan_context(app):
                pytest.fail("it started")
