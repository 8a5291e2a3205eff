"""New passwords of PostgreSQL and NATS: killed anywhere, begun again, and given to an installation that runs."""

import asyncio
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import psutil
import pytest

from chassis import jetstream
from chassis.testing.fixtures import scratch_folder
from loop_cli.servers import NatsServer, PostgresServer, ServerError, free_port
from loop_cli.stack import EmbeddedStack, Layout, StackError, database, passwords, rotation
from loop_cli.stack.broker import password_name, users
from loop_cli.stack.keys import load_or_make
from loop_cli.stack.layout import read_json
from loop_cli.stack.services import CONNECTED, SERVICES, roles

LOOP = Path(sys.executable).with_name("loop")
USERS = {"loop": "nats"} | {service: password_name(service) for service in CONNECTED}
ROLES = [role for service in SERVICES for role in roles(service)]


def loop(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LOOP, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)


def lets_in(server: PostgresServer, role: str, password: str) -> bool:
    try:
        return server.run_sql("select 1", user=role, password=password) == "1"
    except ServerError as error:
        if "password authentication failed" in str(error):
            return False
        raise


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """PostgreSQL alone, with the roles of an installation; each test brings its passwords in."""
    with scratch_folder("passwords") as folder:
        running = PostgresServer(folder / "postgres")
        running.start()
        database.provision(running, dict.fromkeys(ROLES, "first"))
        yield running
        running.kill()


@pytest.fixture
def layout(server: PostgresServer, tmp_path: Path) -> Layout:
    """A data folder whose passwords count at the server."""
    made = Layout.at(tmp_path / "data")
    made.open()
    kept = load_or_make(made, has_data=False).passwords
    server.run_sql(passwords.alter_sql(kept, [*ROLES, "postgres"]))
    server.password = kept["postgres"]
    return made


def kept_in(layout: Layout) -> dict[str, str]:
    found: dict[str, str] = read_json(layout.secrets / passwords.KEPT)
    return found


class TestBegun:
    def test_new_passwords_lie_beside_the_old_for_the_owner_only(self, layout: Layout) -> None:
        old = kept_in(layout)
        assert passwords.begin(layout)
        wanted = passwords.coming(layout, old)
        assert kept_in(layout) == old
        assert wanted
        assert wanted.keys() == old.keys()
        assert not set(wanted.values()) & set(old.values())
        assert len(set(wanted.values())) == len(wanted)
        assert (layout.secrets / passwords.NEXT).stat().st_mode & 0o077 == 0

    def test_begun_twice_it_is_the_same_change(self, layout: Layout) -> None:
        passwords.begin(layout)
        first = passwords.coming(layout, kept_in(layout))
        assert not passwords.begin(layout)
        assert passwords.coming(layout, kept_in(layout)) == first

    def test_what_the_change_does_not_know_keeps_its_password(self, layout: Layout) -> None:
        passwords.begin(layout)
        wanted = passwords.coming(layout, kept_in(layout) | {"later_app": "made by an update"})
        assert wanted
        assert wanted["later_app"] == "made by an update"

    def test_without_an_installation_it_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(StackError, match="There are no passwords"):
            passwords.begin(Layout.at(tmp_path / "none"))


class TestKilled:
    @pytest.mark.parametrize("altered", [[], ["audit_app", "audit_owner"], [*ROLES], [*ROLES, "postgres"]], ids=len)
    def test_wherever_it_was_killed_the_next_start_ends_the_change(
        self, server: PostgresServer, layout: Layout, altered: list[str]
    ) -> None:
        old = kept_in(layout)
        passwords.begin(layout)
        wanted = passwords.coming(layout, old)
        assert wanted
        server.run_sql(passwords.alter_sql(wanted, altered))
        # What a start does (`EmbeddedStack._start_servers`).
        passwords.enter(server, old["postgres"], wanted["postgres"])
        database.provision(server, wanted)
        passwords.give_out(layout, server, wanted, ())
        assert kept_in(layout) == wanted
        assert not passwords.is_begun(layout)
        assert all(lets_in(server, role, wanted[role]) for role in [*ROLES, "postgres"])
        assert not any(lets_in(server, role, old[role]) for role in [*ROLES, "postgres"])

    def test_passwords_of_other_data_are_refused_with_what_to_do(self, server: PostgresServer, layout: Layout) -> None:
        right = kept_in(layout)["postgres"]
        with pytest.raises(StackError, match="Put back the secrets that belong"):
            passwords.enter(server, "wrong", "wrong too")
        passwords.enter(server, "wrong", right)
        assert server.password == right


class TestAge:
    def test_it_is_known_of_each_and_a_change_begins_it_anew(self, layout: Layout) -> None:
        layout.note(passwords_changed={"audit_app": "2026-01-02T03:04:05+00:00"}, made_at="2025-01-01T00:00:00+00:00")
        found = passwords.changed_at(layout)
        assert found["audit_app"] == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert found["nats"] == datetime(2025, 1, 1, tzinfo=UTC), "of before this was noted: as old as the installation"
        said = loop("passwords", "status", "--data", layout.root)
        assert said.returncode == 1
        assert "older than 365 days" in said.stdout
        assert not [password for password in kept_in(layout).values() if password in said.stdout]
        passwords.commit(layout, kept_in(layout))
        assert min(passwords.changed_at(layout).values()).date() == datetime.now(UTC).date()
        assert loop("passwords", "status", "--data", layout.root).returncode == 0
        passwords.begin(layout)
        assert "not finished" in loop("passwords", "status", "--data", layout.root).stdout

    def test_an_installation_that_does_not_run_changes_them_at_its_next_start(self, layout: Layout) -> None:
        old = kept_in(layout)
        said = loop("passwords", "rotate", "--data", layout.root)
        assert (said.returncode, kept_in(layout)) == (0, old)
        assert "The next `loop up` changes all passwords" in said.stdout
        assert passwords.is_begun(layout)


async def test_nats_takes_new_passwords_and_keeps_who_has_a_valid_one(tmp_path: Path) -> None:
    old = {"nats": "admin", **{password_name(each): f"of-{each}" for each in CONNECTED}}
    server = NatsServer(tmp_path / "nats", password="admin", users=users(old))
    server.start()
    try:
        staying = await jetstream.connect_once(server.url_of("audit", "of-audit"), "test")
        new = {**old, "nats": "admin-2", password_name("feedback"): "of-feedback-2"}
        await asyncio.to_thread(server.reload, user="loop", users=users(new))
        assert not server.lets_in("feedback", "of-feedback")
        assert not server.lets_in("loop", "admin")
        assert server.lets_in("feedback", "of-feedback-2")
        await (await jetstream.connect_once(server.url, "test")).close()
        await staying.flush()
        assert staying.is_connected
        await staying.close()
    finally:
        server.kill()
    assert not server.lets_in("feedback", "of-feedback-2")


class Asking:
    """Somebody who asks the gateway again and again; `answers` are the statuses, without the moments in which it is away."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[int] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        while not self._end.wait(0.05):
            try:
                with urllib.request.urlopen(self.url, timeout=20) as answer:
                    self.answers.append(answer.status)
            except urllib.error.HTTPError as error:
                self.answers.append(error.code)
            except OSError:
                continue

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


@pytest.fixture
def fails_once(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """PostgreSQL refuses the first change for audit's web process, when it was stopped already; notes for whom it was asked."""
    asked: list[str] = []
    real = passwords.alter_sql

    def alter(wanted: dict[str, str], names: Iterable[str]) -> str:
        asked.append(" ".join(names))
        return (
            "select refused" if asked.count("audit_app") == 1 and asked[-1] == "audit_app" else real(wanted, asked[-1].split())
        )

    monkeypatch.setattr(passwords, "alter_sql", alter)
    monkeypatch.setattr(rotation, "AGAIN_AFTER", 0.1)
    return asked


@pytest.mark.stack
def test_an_installation_that_runs_gets_new_ones_process_after_process(fails_once: list[str]) -> None:
    told: list[str] = []
    with scratch_folder("passwords") as folder:
        layout = Layout.at(folder / "data")
        layout.open()
        first = dict(load_or_make(layout, has_data=False).passwords)
        passwords.begin(layout)
        with EmbeddedStack(layout.root, port=free_port(), strict=True, tell=told.append) as stack:
            old = dict(stack.keys.passwords)
            assert not set(old.values()) & set(first.values()), "a start ends a change that was begun"
            assert lets_in(stack.postgres, "audit_app", old["audit_app"])
            pids = {name: stack.process(name).pid for name in stack.names()}
            fails_once.clear()
            with Asking(f"{stack.url}/livez") as asking:
                said = loop("passwords", "rotate", "--data", layout.root)
            assert said.returncode == 0, said.stderr + "\n".join(told)
            assert f"{len(old)} passwords were changed" in said.stdout
            stack.wait_ready()
            new = kept_in(layout)
            assert new == stack.keys.passwords
            assert not set(new.values()) & set(old.values())
            assert all(lets_in(stack.postgres, role, new[role]) for role in [*ROLES, "postgres"])
            assert not any(lets_in(stack.postgres, role, old[role]) for role in [*ROLES, "postgres"])
            assert all(stack.nats.lets_in(user, new[name]) for user, name in USERS.items())
            assert not any(stack.nats.lets_in(user, old[name]) for user, name in USERS.items())
            same = {name for name in stack.names() if stack.process(name).pid == pids[name]}
            assert same == {"postgres", "nats"}, "servers go on, all others have new passwords"
            assert stack.failures == []
            assert set(asking.answers) == {200}
            # What failed was tried again, and what had been done was left alone.
            assert len([line for line in told if line.startswith("Not every password was changed")]) == 1
            assert [len(each.split()) for each in fails_once] == [5, 1, 1, 1, 1, 1, 1, 6]
            _is_in_no_sight(stack, {*old.values(), *new.values()}, said.stdout + said.stderr + "\n".join(told))


def _is_in_no_sight(stack: EmbeddedStack, secret: set[str], said: str) -> None:
    logs = {path.name: path.read_text(errors="replace") for path in stack.layout.logs.iterdir()}
    commands = {name: " ".join(stack.process(name).family()[0].cmdline()) for name in stack.names()}
    titles = {name: stack.process(name).family()[0].name() for name in stack.names()}
    us = {"supervisor": " ".join(psutil.Process().cmdline())}
    for where, text in {**logs, **commands, **titles, **us, "said": said}.items():
        assert not [password for password in secret if password in text], where
