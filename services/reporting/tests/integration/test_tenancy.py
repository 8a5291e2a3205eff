"""An organisation sees its own rows and no other's: in SQL, through views, over HTTP; and unsafe roles do not start."""

from datetime import date
from typing import Any

import pytest
from reporting_everything import everything
from reporting_records import (
    Sources,
    outcome,
)
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.database import UnsafeRoleError
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from reporting.adapters.facts import TABLES, VIEWS
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

DAY = date(2022, 4, 4)
COLUMNS = "occurred_at, changed_at, changed_sequence, compliment_id, received_on, service_area, source, external"
FOREIGN = f"insert into fact_compliment (org, {COLUMNS}) select 'telford-wrekin', {COLUMNS} from fact_compliment"
EVERYWHERE = (*TABLES, *VIEWS, "dead_letter", "inbox")


@pytest.fixture
async def both(sources: Sources) -> None:
    """A row in every table for each of two organisations, and an event that nothing can be made of."""
    for org in ("worcestershire", "telford-wrekin"):
        await sources.record(*everything(org), outcome(f"{org}-b", DAY, cases=-1), org=org)


async def orgs(engine: AsyncEngine, table: str, tenant: str | None) -> list[str]:
    async with engine.connect() as connection:
        if tenant is not None:
            await connection.execute(
                text("select set_config('app.areas', '*', true), set_config('app.org', :org, true)"), {"org": tenant}
            )
        return [row.org for row in await connection.execute(text(f"select distinct org from {table} order by org"))]


@pytest.fixture
async def app_engine(database: Database) -> Any:
    engine = create_async_engine(database.url("app").replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)
    yield engine
    await engine.dispose()


@pytest.mark.usefixtures("both")
class TestRows:
    async def test_of_another_organisation_are_invisible_in_every_table_and_view(self, app_engine: AsyncEngine) -> None:
        for table in EVERYWHERE:
            assert await orgs(app_engine, table, "worcestershire") == ["worcestershire"], table
            assert await orgs(app_engine, table, "telford-wrekin") == ["telford-wrekin"], table

    async def test_without_a_tenant_nothing_is_visible(self, app_engine: AsyncEngine, worker_engine: AsyncEngine) -> None:
        for table in EVERYWHERE:
            assert await orgs(app_engine, table, None) == []
            assert await orgs(app_engine, table, "") == []
        for table in TABLES:
            assert await orgs(worker_engine, table, None) == []

    async def test_cannot_be_written_by_the_web_process(self, app_engine: AsyncEngine) -> None:
        for table in TABLES:
            for statement in (f"delete from {table}", f"truncate {table}", f"update {table} set changed_at = now()"):
                async with app_engine.connect() as connection:
                    await connection.execute(
                        text("select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)")
                    )
                    with pytest.raises(DBAPIError, match="permission denied"):
                        await connection.execute(text(statement))

    async def test_cannot_be_written_for_another_organisation(self, worker_engine: AsyncEngine) -> None:
        async with worker_engine.connect() as connection:
            await connection.execute(
                text("select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)")
            )
            with pytest.raises(DBAPIError, match="row-level security"):
                await connection.execute(text(FOREIGN))

    async def test_reach_no_other_organisations_report(self, client: ServiceClient, profile: dict[str, Any]) -> None:
        path = "/reporting/v1/reports/send-complaints?period=2022-23-q1"
        table = (await client.get(path)).json()["tables"][0]
        assert sum(row["cells"][0]["value"] for row in table["rows"]) == 1
        other = client.acting_as(caller("reporting:read", org="elsewhere"))
        assert (await other.get(path)).status_code == 409  # it has no profile, and learns nothing else

    async def test_dead_letters_are_shown_to_their_organisation_only(self, operator: ServiceClient) -> None:
        own = (await operator.get("/reporting/v1/dead-letters")).json()["items"]
        assert [each["source"] for each in own] == ["audit"]
        assert "envelope" not in own[0]


class TestUnsafeRoles:
    @pytest.mark.parametrize("suffix", ["owner", "admin"])
    async def test_do_not_start(self, suffix: str, database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in keys.environment(database.url(suffix)).items():
            monkeypatch.setenv(name, value)
        application = build_app(ReportingSettings.load())
        with pytest.raises(UnsafeRoleError):
            async with application.router.lifespan_context(application):
                pass
