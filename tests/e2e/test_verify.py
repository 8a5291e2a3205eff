"""`loop verify`: an installation is whole, and in a copy of it what was put wrong by hand is found."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loop_cli.consistency import check, secrets_of
from loop_cli.key_place import Place
from loop_cli.servers.postgres import installation
from loop_cli.stack.embedded import EmbeddedStack
from loop_cli.verify import app
from tests.chaos.load import first_record
from tests.conftest import ORGS, Outside, key
from tests.projected import wait_until_projected

pytestmark = pytest.mark.stack

COPY = "verified"
WORDS = "complaints.compliment_words"

FAULTS = {
    "update audit.outbox set sequence = sequence + 5 where sequence = (select max(sequence) from audit.outbox)": (
        "audit: events are numbered up to"
    ),
    "update reporting.consumer_position set sequence = sequence + 1000000 where source = 'complaints'": "and its log ends at",
    "delete from reporting.inbox where source = 'complaints' and sequence = 1": (
        "reporting: has passed over 1 events of complaints"
    ),
    "update reporting.inbox set event_id = gen_random_uuid() where source = 'audit' and sequence = 1": (
        "events of audit that its log does not hold"
    ),
    # The head of a value: at 30 what its key wraps, at 1 the id of the key. What was changed is no longer the first.
    f"update {WORDS} set words = set_byte(words, 30, 255 - get_byte(words, 30)) where ctid = (select min(ctid) from {WORDS})": (
        "in compliment_words.words whose key is here, 1 do not open with it"
    ),
    f"update {WORDS} set words = set_byte(words, 1, 255 - get_byte(words, 1)) where ctid = (select min(ctid) from {WORDS})": (
        "complaints: 1 values in compliment_words.words need the data key"
    ),
    "update audit.trail set subject = 'somebody else' where number = 1": f"audit: the trail of {ORGS[0]} does not hold",
}


@pytest.fixture
def copy(stack: EmbeddedStack, outside: Outside, tmp_path: Path) -> Iterator[str]:
    """A copy of the database in which something of everything was recorded and read, at the same server; gives its address."""
    with outside.client("complaints:write", "audit:outcomes:write") as system:
        for reference in ("verified-1", "verified-2"):
            thanks = {**first_record("compliments"), "reference": reference}
            assert system.post("/complaints/v1/compliments", json=thanks, headers=key()).is_success
        outcome = {**first_record("audit-outcomes"), "reference": "verified", "version": 1}
        assert system.post("/audit/v1/outcomes/batch", json={"outcomes": [outcome]}, headers=key()).is_success
    wait_until_projected(stack)
    deadline = time.monotonic() + 120
    while not int(stack.postgres.run_sql("select count(number) from audit.trail", database="loop")):
        assert time.monotonic() < deadline, "entries are joined to the chain by the worker"
        time.sleep(0.1)
    server, file = stack.postgres, tmp_path / "copy"
    address = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PGPASSWORD": server.password}
    environment = os.environ | address
    programs = installation() / "bin"
    subprocess.run([programs / "pg_dump", "-Fc", "-f", file, "loop"], env=environment, check=True)
    server.run_sql(f"create database {COPY}")
    try:
        subprocess.run([programs / "pg_restore", "--exit-on-error", "-d", COPY, file], env=environment, check=True)
        yield f"postgresql://postgres:{server.password}@127.0.0.1:{server.port}/{COPY}"
    finally:
        server.run_sql(f"drop database {COPY} with (force)")


def seal_something(stack: EmbeddedStack, place: Place) -> None:
    """Words of the two compliments, sealed as the service does; machines send none."""
    place.held_by("complaints").ring.ensure(ORGS[0])
    words = secrets_of(place, "complaints").seal_bytes(ORGS[0], "compliment", b"Thank you").hex()
    stack.postgres.run_sql(
        f"insert into {WORDS} (org, compliment_id, words) select org, id, '\\x{words}' from complaints.compliment "
        f"where org = '{ORGS[0]}' and reference like 'verified-%'",
        database=COPY,
    )


def test_an_installation_is_whole_and_what_was_put_wrong_is_found(stack: EmbeddedStack, copy: str) -> None:
    place = Place.of(stack.layout.root)
    seal_something(stack, place)
    whole = check(copy, place, every_value=True)
    assert whole.wrong == []
    counted = ["audit: events", "reporting: has read of complaints"]
    counted += ["complaints: keys of values tried", "audit: entries of the trail"]
    assert all(whole.figures[name] for name in counted), whole.figures
    # What a hand with all rights or a fault of a disk does, no trigger hinders.
    for how in FAULTS:
        stack.postgres.run_sql(f"set session_replication_role = replica; {how}", database=COPY)
    found = check(copy, place, every_value=True).wrong
    assert [words for words in FAULTS.values() if not any(words in each for each in found)] == [], found


def test_the_command_looks_at_what_runs(stack: EmbeddedStack) -> None:
    wait_until_projected(stack)
    said = CliRunner().invoke(app, ["--json", "--data", str(stack.layout.root)])
    assert said.exit_code == 0, said.output
    assert json.loads(said.output)["wrong"] == []
