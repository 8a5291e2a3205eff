import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from loop_cli.servers import PostgresServer, ServerError
from loop_cli.servers.postgres import installation
from loop_cli.stack.services import SERVICES, roles

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def server(folder: Path) -> Iterator[PostgresServer]:
    running = PostgresServer(folder / "data")
    running.start()
    yield running
    running.stop()


def apply(server: PostgresServer, passwords: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run deploy/roles.sql as its head says."""
    env = os.environ | passwords | {
        "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PGPASSWORD": server.password,
    }  # fmt: skip
    command: list[str | Path] = [
        installation() / "bin" / "psql",
        "-X",
        "-v",
        "ON_ERROR_STOP=1",
        "-f",
        ROOT / "deploy" / "roles.sql",
    ]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


class TestRolesFile:
    def test_it_makes_roles_with_passwords_of_the_environment_and_can_be_run_again(self, server: PostgresServer) -> None:
        passwords = {f"{role.upper()}_PASSWORD": f"of {role}" for service in SERVICES for role in roles(service)}
        first = apply(server, passwords)
        assert first.returncode == 0, first.stderr
        assert apply(server, passwords | {"AUDIT_APP_PASSWORD": "it's new"}).returncode == 0
        who = server.run_sql("select current_user, current_schema", database="loop", user="audit_app", password="it's new")
        assert who == "audit_app|audit"
        with pytest.raises(ServerError, match="permission denied for schema feedback"):
            server.run_sql("create table feedback.t ()", database="loop", user="audit_owner", password="of audit_owner")

    def test_a_missing_password_stops_it(self, server: PostgresServer) -> None:
        assert apply(server, {}).returncode != 0
