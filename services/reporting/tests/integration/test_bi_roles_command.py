"""`loop bi-role` against a database as deploy/roles.sql leaves it."""

import re
from datetime import date
from typing import Any

import asyncpg
import pytest
from reporting_records import Sources, complaint
from typer.testing import CliRunner

from chassis.testing.fixtures import Database, ServiceClient
from loop_cli.bi_roles import app
from loop_cli.servers import ServerError

DAY = date(2022, 4, 4)
ORG = ["--org", "worcestershire"]


def loop(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    if result.exception:
        raise result.exception
    return result.output


@pytest.fixture
async def closed(database: Database, profile: dict[str, Any], sources: Sources, monkeypatch: pytest.MonkeyPatch) -> Any:
    await sources.record(complaint("a", DAY, categories=["send-other"]))
    admin = await asyncpg.connect(database.url("admin"))
    await admin.execute(f"revoke all on database {database.name} from public")
    await admin.execute(f"grant connect on database {database.name} to reporting_reader, reporting_app")
    monkeypatch.setenv("LOOP_ADMIN_DATABASE_URL", database.url("admin"))
    yield admin
    await admin.close()


async def said(*arguments: str) -> str:
    """Off the loop, as the command has its own."""
    import asyncio  # noqa: PLC0415 - only here

    return await asyncio.to_thread(loop, "bi-role", *arguments)


class TestRoles:
    async def test_are_made_shown_once_and_revoked_at_once(self, closed: asyncpg.Connection, database: Database) -> None:
        shown = await said("create", *ORG, "--name", "Metabase", "--area", "send")
        made = dict(re.findall(r"^(\w+) +(\S+)$", shown, re.MULTILINE))
        url = f"postgresql://{made['user']}:{made['password']}@{made['host']}:{made['port']}/{made['database']}"
        reader = await asyncpg.connect(url)
        assert len(await reader.fetch("select * from complaint_points")) == 1
        listed = await said("list", *ORG)
        assert made["user"] in listed
        assert "active" in listed
        assert made["password"] not in listed
        await said("revoke", made["user"], *ORG)
        # The last: the driver noticed the end of the connection while it was about to send.
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError, asyncpg.InternalClientError)):
            await reader.fetch("select * from complaint_points")
        with pytest.raises(asyncpg.PostgresError):
            await asyncpg.connect(url)
        assert "revoked" in await said("list", *ORG)

    async def test_are_refused_with_what_is_wrong(self, closed: asyncpg.Connection, database: Database) -> None:
        with pytest.raises(ServerError, match=r"has no service area nowhere\. It has: .*send"):
            await said("create", *ORG, "--name", "x", "--area", "nowhere")
        with pytest.raises(ServerError, match="has no profile here"):
            await said("create", "--org", "telford-wrekin", "--name", "x")
        with pytest.raises(ServerError, match="cannot be the code"):
            await said("create", "--org", "x'; --", "--name", "x")
        with pytest.raises(ServerError, match="has no role 'reporting_owner'"):
            await said("revoke", "reporting_owner", *ORG)
        await closed.execute(f"grant temporary on database {database.name} to public")
        with pytest.raises(ServerError, match="it may make temporary tables"):
            await said("create", *ORG, "--name", "x")
        assert await closed.fetchval("select count(*) from pg_roles where rolname like 'bi\\_%'") == 0

    async def test_leave_no_password_in_what_the_database_is_told(
        self, closed: asyncpg.Connection, client: ServiceClient
    ) -> None:
        shown = await said("create", *ORG, "--name", "Superset")
        role = re.search(r"^user +(\S+)$", shown, re.MULTILINE)
        assert role
        kept = await closed.fetchval("select rolpassword from pg_authid where rolname = $1", role[1])
        assert kept.startswith("SCRAM-SHA-256$4096:")
        await said("revoke", role[1], *ORG)
