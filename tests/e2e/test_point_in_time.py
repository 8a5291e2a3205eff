"""Back to the moment between two writes, on the whole stack: the first is in every service, the second in none."""

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from chassis.testing.fixtures import scratch_folder
from loop_cli.backup import app as backups
from loop_cli.doctor import app as doctor
from loop_cli.servers import PostgresServer, ServerError
from loop_cli.stack.embedded import EmbeddedStack
from loop_cli.stack.layout import read_json
from tests.chaos.load import first_record
from tests.chaos.standing import wait
from tests.conftest import WHO_RESTORES, Outside, key
from tests.e2e.test_keys_and_backups import call
from tests.projected import positions, wait_until_projected

pytestmark = pytest.mark.stack

FOUND = """
    select 'complaints ' || reference from complaints.compliment where reference like 'moment-%'
    union all select 'audit ' || reference from audit.outcome where reference like 'moment-%'
    union all select 'feedback ' || reference from feedback.invitation where reference like 'moment-%'
    union all select 'gateway ' || name from gateway.client where name like 'moment-%'
    union all select 'reporting ' || source || ' ' || sequence from reporting.consumer_position
     order by 1
"""


def write(stack: EmbeddedStack, outside: Outside, name: str) -> str:
    """Something in each service, read by reporting; gives a moment after it, by the database's clock."""
    body = {"name": name, "scopes": ["complaints:write"], "areas": []}
    outside.operator.call("POST", "/gateway/v1/clients", org="worcestershire", json=body)
    with outside.client("complaints:write", "audit:outcomes:write", "feedback:invitations:write") as system:
        for path, sent in (
            ("/complaints/v1/compliments", {**first_record("compliments"), "reference": name}),
            ("/audit/v1/outcomes/batch", {"outcomes": [{**first_record("audit-outcomes"), "reference": name, "version": 1}]}),
            ("/feedback/v1/invitations", {**first_record("families")["invitation"], "reference": name}),
        ):
            answer = system.post(path, json=sent, headers=key())
            assert answer.is_success, answer.text
    wait_until_projected(stack)
    return stack.postgres.run_sql("select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")


def test_the_first_of_two_writes_is_in_every_service_and_the_second_in_none(stack: EmbeddedStack, outside: Outside) -> None:
    keeper = stack.keeper
    assert keeper is not None
    wait(keeper.series.copies, "the first base copy is made when it starts")
    wait(lambda: datetime.now(UTC) >= keeper.series.copies()[0].ended_at, "its moment is over")
    moment = write(stack, outside, "moment-1")
    first, told = stack.postgres.run_sql(FOUND, database="loop").split("\n"), positions(stack)
    write(stack, outside, "moment-2")
    assert len(stack.postgres.run_sql(FOUND, database="loop").split("\n")) == len(first) + 4
    segment = stack.postgres.run_sql("select pg_walfile_name(pg_current_wal_insert_lsn())")
    stack.postgres.run_sql("select pg_switch_wal()")
    wait(lambda: segment in keeper.series.stored(), "the log comes into the archive")
    with scratch_folder("moment") as folder:
        identity, data = folder / "identity", folder / "data"
        identity.write_text(str(WHO_RESTORES))
        back = (
            "restore",
            keeper.series.folder.parent,
            "--secrets",
            stack.layout.secrets,
            "--identity",
            identity,
            "--data",
            data,
        )
        with pytest.raises(ServerError, match=r"in which zone.*Nothing was restored\.$"):
            call(backups, *back, "--to", moment.removesuffix("Z"))
        with pytest.raises(ServerError, match="The archive goes up to"):
            call(backups, *back, "--to", "2999-01-01T00:00:00Z")
        assert not data.exists()
        assert "Restored and whole" in call(backups, *back, "--to", moment)
        counts = [f"select count(*) from {source}.outbox" for source in told]
        epoch = "select number from reporting.feed_epoch"
        found, *numbers, later = restored(data, FOUND, *counts, epoch)
        assert found.split("\n") == first
        assert numbers == [str(written) for _, written in told.values()]
        assert int(later) > int(stack.postgres.run_sql(epoch, database="loop"))
        with pytest.raises(ServerError, match="There are data"):
            call(backups, *back, "--to", moment)


def test_doctor_and_metrics_know_how_old_the_copy_is(stack: EmbeddedStack) -> None:
    keeper = stack.keeper
    assert keeper is not None
    wait(keeper.series.copies, "the first base copy is made when it starts")

    def known() -> dict[str, str]:
        said = json.loads(CliRunner().invoke(doctor, ["--json", "--data", str(stack.layout.root)]).output)
        return {each["what"]: each["state"] for each in said}

    wait(lambda: known().get("base copy") == "well", "the copy is noted")
    assert known()["archive"] == "well"
    address = f"http://127.0.0.1:{stack.addresses.ports['gateway-worker']}/metrics"
    wait(lambda: 'loop_backup_timestamp_seconds{kind="base"} 1.' in httpx.get(address).text, "the worker has looked")


def restored(data: Path, *sql: str) -> list[str]:
    """Ask what was restored."""
    password = read_json(data / "secrets" / "passwords.json")["postgres"]
    server = PostgresServer(data / "postgres", password=password)
    server.start()
    try:
        return [server.run_sql(each, database="loop") for each in sql]
    finally:
        server.stop()
