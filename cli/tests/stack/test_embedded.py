import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from loop_cli.servers import NatsServer, ServerError, free_port
from loop_cli.stack import EmbeddedStack, StackError
from loop_cli.stack.layout import read_json
from loop_cli.stack.services import PROGRAMS, SERVICES, roles

pytestmark = pytest.mark.stack


def until_back(stack: EmbeddedStack, name: str, pid: int | None) -> None:
    deadline = time.monotonic() + 120
    while stack.process(name).pid == pid:
        assert time.monotonic() < deadline, f"{name} was not started again"
        time.sleep(0.02)
    stack.wait_ready()


class TestRunning:
    def test_twelve_processes_are_ready_and_the_gateway_answers_at_its_address(self, stack: EmbeddedStack) -> None:
        stack.wait_ready()
        assert len({stack.process(name).pid for name in stack.names()}) == 12
        with urllib.request.urlopen(f"{stack.url}/livez", timeout=60) as answer:
            assert answer.status == 200

    def test_it_says_how_long_it_took_and_what_it_uses(self, stack: EmbeddedStack) -> None:
        assert stack.timings.keys() == {"databases", "migrations", "services", "total"}
        assert stack.timings["total"] >= stack.timings["databases"]
        assert 50 * 2**20 < stack.memory_bytes() < 1800 * 2**20

    def test_every_process_has_its_own_log_and_none_holds_a_password(self, stack: EmbeddedStack) -> None:
        texts = [(stack.layout.logs / f"{name}.log").read_text() for name in stack.names()]
        assert not [password for password in stack.keys.passwords.values() for text in texts if password in text]

    def test_secrets_are_for_the_owner_only(self, stack: EmbeddedStack) -> None:
        folder = stack.layout.secrets
        assert folder.stat().st_mode & 0o077 == 0
        assert [path.name for path in folder.iterdir() if path.stat().st_mode & 0o077] == []

    def test_state_names_every_process_while_it_runs(self, stack: EmbeddedStack) -> None:
        state = read_json(stack.layout.state)
        assert [entry["name"] for entry in state["processes"]] == stack.names()
        assert state["url"] == stack.url

    def test_a_second_start_on_the_same_data_says_where_the_first_runs(self, stack: EmbeddedStack) -> None:
        with pytest.raises(StackError, match=rf"Already running at {stack.url} \(process \d+\)"):
            EmbeddedStack(stack.layout.root, port=free_port()).start()
        stack.wait_ready()

    def test_a_port_in_use_is_named_with_the_option_that_changes_it(self, stack: EmbeddedStack, folder: Path) -> None:
        with pytest.raises(StackError, match=rf"Port {stack.port} is in use by another program\. .*--port {stack.port + 100}"):
            EmbeddedStack(folder / "data", port=stack.port).start()
        assert not (folder / "data" / "postgres").exists()

    def test_a_broker_without_room_for_the_streams_is_said_in_words_and_leaves_nothing_running(self, folder: Path) -> None:
        class Cramped(EmbeddedStack):
            def make_nats(self, wanted: Mapping[str, str]) -> NatsServer:
                made = super().make_nats(wanted)
                made.more = {"jetstream": {"store_dir": str(folder / "small"), "max_file_store": 2**20}}
                return made

        stack = Cramped(folder / "data", port=free_port())
        with pytest.raises(ServerError, match=r"does not keep the streams of the services: .* room on the disk"):
            stack.start()
        assert not stack.nats.process.alive
        assert not stack.postgres.process.alive


class TestRoles:
    def test_no_role_is_more_than_it_needs(self, stack: EmbeddedStack) -> None:
        names = ", ".join(f"'{role}'" for service in SERVICES for role in roles(service))
        rows = stack.postgres.run_sql(
            f"select rolname from pg_roles where rolname in ({names}) and not "
            "(rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication or rolinherit)"
        )
        assert sorted(rows.split()) == sorted(role for service in SERVICES for role in roles(service))

    @pytest.mark.parametrize(
        ("role", "schema"), [("audit_app", "feedback"), ("feedback_worker", "complaints"), ("gateway_app", "audit")]
    )
    def test_no_role_sees_the_schema_of_another_service(self, stack: EmbeddedStack, role: str, schema: str) -> None:
        with pytest.raises(ServerError, match=f"permission denied for schema {schema}"):
            stack.postgres.run_sql(
                f"select * from {schema}.alembic_version", database="loop", user=role, password=stack.keys.passwords[role]
            )

    def test_nobody_writes_into_the_public_schema(self, stack: EmbeddedStack) -> None:
        with pytest.raises(ServerError, match="permission denied for schema public"):
            stack.postgres.run_sql(
                "create table public.left_here (n int)", database="loop", user="audit_owner",
                password=stack.keys.passwords["audit_owner"],
            )  # fmt: skip


class TestKilled:
    @pytest.mark.parametrize("name", ["audit-worker", "gateway", "nats", "postgres"])
    def test_a_killed_process_is_started_again_and_its_end_is_told(
        self, stack: EmbeddedStack, told: list[str], name: str
    ) -> None:
        pid = stack.process(name).pid
        stack.process(name).kill()
        until_back(stack, name, pid)
        assert any(line.startswith(f"{name} was ended by signal 9 (SIGKILL)") for line in told)
        assert any(name in failure for failure in stack.failures)

    def test_the_killed_nursery_takes_its_programs_along_and_all_come_back(self, stack: EmbeddedStack) -> None:
        pids = {program.name: stack.process(program.name).pid for program in PROGRAMS}
        psutil.Process(pids["audit"]).parent().kill()  # type: ignore[union-attr]  # it has one, or the test fails
        for name, pid in pids.items():
            until_back(stack, name, pid)

    def test_a_restart_waits_until_it_is_ready_and_is_no_failure(self, stack: EmbeddedStack) -> None:
        pid, failures = stack.process("feedback").pid, len(stack.failures)
        stack.restart("feedback")
        assert stack.process("feedback").pid != pid
        assert len(stack.failures) == failures

    def test_a_broker_that_found_no_room_is_started_anew_when_there_is_some(
        self, stack: EmbeddedStack, told: list[str]
    ) -> None:
        before, failures = stack.process("nats").pid, len(stack.failures)
        with stack.process("nats").log.open("ab") as log:
            log.write(
                b"[7] 2026/12/01 04:00:59.5 [ERR] JetStream failed to store a msg on stream '$G > loop-audit': "
                b"write 1.blk: no space left on device\n"
            )
        deadline = time.monotonic() + 120
        while not (stack.process("nats").alive and stack.process("nats").pid != before):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        stack.wait_ready()
        assert any("found no room" in line for line in told)
        assert len(stack.failures) == failures
        assert not stack.nats.ran_out_of_room(), "once is enough"

    def test_what_is_held_stays_down_until_it_is_let_go(self, stack: EmbeddedStack) -> None:
        with stack.held("nats"):
            stack.nats.wipe()
            time.sleep(0.5)
            assert not stack.process("nats").alive
        stack.wait_ready("nats")


class TestStopping:
    def test_nothing_is_left_and_the_next_start_finds_its_data(self, folder: Path) -> None:
        stack = EmbeddedStack(folder / "data", port=free_port()).start()
        assert stack.is_new
        stack.postgres.run_sql("create table kept as select 7 as n", database="loop")
        everything = [member for name in stack.names() for member in stack.process(name).family()]
        assert len(everything) > 11
        stack.stop()
        assert [process for process in everything if process.is_running()] == []
        assert not stack.layout.state.exists()
        assert not stack.layout.is_locked()

        again = EmbeddedStack(folder / "data", port=stack.port)
        with again:
            assert not again.is_new
            assert again.postgres.run_sql("select n from kept", database="loop") == "7"

    def test_strict_stops_everything_when_one_process_dies(self, folder: Path) -> None:
        stack = EmbeddedStack(folder / "data", port=free_port(), strict=True).start()
        pids = [stack.process(name).pid for name in stack.names()]
        stack.process("reporting-worker").kill()
        with pytest.raises(StackError, match="reporting-worker was ended by signal 9"):
            stack.wait()
        assert not [pid for pid in pids if pid and psutil.pid_exists(pid)]

    def test_a_service_that_cannot_start_ends_the_start_with_its_last_words(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LOOP_LOG_LEVEL", "shouting")
        stack = EmbeddedStack(folder / "data", port=free_port())
        with pytest.raises(StackError, match=r"(?s)stopped with exit code 1 while it was starting.*LOOP_LOG_LEVEL"):
            stack.start()
        assert not stack.is_running
        assert not stack.layout.is_locked()
