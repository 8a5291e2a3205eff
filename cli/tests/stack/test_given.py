"""`loop deploy secrets`: what containers are given, and what stays as it was."""

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from loop_cli.deploy import app
from loop_cli.servers import PostgresServer, ServerError
from loop_cli.servers.postgres import installation
from loop_cli.stack.services import PROGRAMS, SERVICES


def deploy(folder: Path, *words: str) -> None:
    done = CliRunner().invoke(app, ["secrets", str(folder), *words])
    if done.exception is not None:
        raise done.exception


FIRST = ("--for", "compose", "--public-url", "https://loop.council.example", "--scan", "none")


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


class TestSecrets:
    def test_said_again_nobody_gets_another_password_or_key(self, tmp_path: Path) -> None:
        deploy(tmp_path / "a", *FIRST)
        before = contents(tmp_path / "a/files")
        deploy(tmp_path / "a")
        after = contents(tmp_path / "a/files")
        # Verifiers have a salt, and are other ones of the same passwords.
        assert {name: text for name, text in after.items() if name != "roles/roles.sql"} == {
            name: text for name, text in before.items() if name != "roles/roles.sql"
        }

    def test_each_process_gets_its_own_and_nothing_of_others(self, tmp_path: Path) -> None:
        deploy(tmp_path / "a", *FIRST)
        files = tmp_path / "a/files"
        for program in PROGRAMS:
            given = files / program.name
            url = urlsplit((given / "database_url").read_text())
            assert (url.username, url.hostname) == (program.role, "postgres")
            assert (given / "nats_url").exists() is (program.part == "worker")
            assert (given / "signing_key").exists() is (program.service in {"gateway", "reporting"})
            others = [files / each.name / "kek" for each in PROGRAMS if each.service != program.service]
            assert (given / "kek").read_text() not in [path.read_text() for path in others]
        for service in SERVICES:
            assert [path.name for path in (files / f"{service}-migrations").iterdir()] == ["database_url"]

    def test_containers_may_read_the_files_and_nobody_else_comes_to_them(self, tmp_path: Path) -> None:
        before = os.umask(0o077)
        try:
            deploy(tmp_path / "a", *FIRST)
        finally:
            os.umask(before)
        for folder in (path for path in (tmp_path / "a/files").rglob("*") if path.is_dir()):
            assert stat.S_IMODE(folder.stat().st_mode) & 0o005 == 0o005, folder
        modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a/files").rglob("*") if path.is_file()}
        assert modes == {0o444}
        assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700

    def test_settings_of_the_operator_stay(self, tmp_path: Path) -> None:
        deploy(tmp_path / "a", *FIRST)
        (tmp_path / "a/settings/workers.env").write_text("LOOP_MAIL_TRANSPORT=none\n")
        deploy(tmp_path / "a", "--scan", "clamd://scanner:3310")
        assert (tmp_path / "a/settings/workers.env").read_text() == "LOOP_MAIL_TRANSPORT=none\n"
        env = (tmp_path / "a/compose.env").read_text()
        assert "LOOP_SCAN_URL='clamd://scanner:3310'" in env
        assert "LOOP_PUBLIC_URL='https://loop.council.example'" in env

    def test_a_lost_key_is_said_and_not_replaced(self, tmp_path: Path) -> None:
        deploy(tmp_path / "a", *FIRST)
        (tmp_path / "a/secrets/key-ring-audit.json").unlink()
        with pytest.raises(ServerError, match=r"key-ring-audit.json is missing"):
            deploy(tmp_path / "a")
        assert not (tmp_path / "a/secrets/key-ring-audit.json").exists()

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (FIRST[:4], "--scan"),
            ((*FIRST[:3], "http://loop.council.example", *FIRST[4:]), "https"),
        ],
    )
    def test_what_is_missing_or_unsafe_is_refused(self, words: tuple[str, ...], reason: str, tmp_path: Path) -> None:
        with pytest.raises(ServerError, match=reason):
            deploy(tmp_path / "a", *words)
        assert not list((tmp_path / "a/secrets").iterdir())

    def test_one_folder_is_one_installation(self, tmp_path: Path) -> None:
        deploy(tmp_path / "a", *FIRST)
        with pytest.raises(ServerError, match="an installation for compose"):
            deploy(tmp_path / "a", "--for", "kubernetes")


class TestRoles:
    @pytest.fixture
    def server(self, folder: Path) -> Iterator[PostgresServer]:
        running = PostgresServer(folder / "data")
        running.start()
        yield running
        running.stop()

    def test_an_administrator_runs_them_twice_and_each_comes_in_by_its_password(
        self, server: PostgresServer, folder: Path
    ) -> None:
        deploy(folder / "a", *FIRST)
        connection = {
            "PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PGDATABASE": "postgres",
            "PGPASSWORD": server.password,
        }  # fmt: skip
        command = [str(installation() / "bin/psql"), "-X", "-q", "-f", str(folder / "a/files/roles/roles.sql")]
        for _ in range(2):
            done = subprocess.run(command, env=os.environ | connection, capture_output=True, text=True, check=False)
            assert (done.returncode, "ERROR" in done.stderr) == (0, False), done.stderr
        for name, role in (("audit", "audit_app"), ("gateway-worker", "gateway_worker"), ("audit-migrations", "audit_owner")):
            password = urlsplit((folder / f"a/files/{name}/database_url").read_text()).password
            assert server.run_sql("select current_user", database="loop", user=role, password=password) == role
        passwords = json.loads((folder / "a/secrets/passwords.json").read_text())
        text = (folder / "a/files/roles/roles.sql").read_text()
        assert [name for name, password in passwords.items() if password in text] == []
