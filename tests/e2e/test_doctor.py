"""`loop doctor` of a running installation: all is well, and what is broken on purpose is found and mended again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from loop_cli.doctor import app
from loop_cli.stack.embedded import EmbeddedStack

pytestmark = pytest.mark.stack


def doctor(stack: EmbeddedStack, *arguments: str) -> tuple[int, dict[str, tuple[str, str, str]]]:
    """Exit code, and by what was looked at: state, words, what to do; several of one name are joined."""
    result = CliRunner().invoke(app, ["--json", "--data", str(stack.layout.root), *arguments])
    found: dict[str, tuple[str, str, str]] = {}
    for each in json.loads(result.output):
        assert each["do"] or each["state"] == "well", each
        found[each["what"]] = (each["state"], each["words"], each["do"])
    return result.exit_code, found


@contextmanager
def broken(stack: EmbeddedStack, how: str, mend: str) -> Iterator[None]:
    """Break something in the database for a while."""
    stack.postgres.run_sql(how, database="loop")
    try:
        yield
    finally:
        stack.postgres.run_sql(mend, database="loop")


def test_nothing_is_wrong_with_an_installation_that_has_just_been_started(stack: EmbeddedStack) -> None:
    code, found = doctor(stack)
    assert [(what, *rest) for what, rest in found.items() if rest[0] == "wrong"] == []
    assert code == 0
    looked_at = {"processes", "disk", "files of secrets", "key rings", "passwords", "clocks", "roles", "row-level security"}
    assert looked_at | {"migrations of gateway", "outbox of audit", "reporting reading audit", "connections"} <= set(found)
    assert {"stream loop-audit", "reporting at stream loop-audit", "gateway at stream loop-audit"} <= set(found)


@pytest.mark.parametrize(
    ("how", "mend", "what", "words"),
    [
        ("alter role audit_worker bypassrls", "alter role audit_worker nobypassrls", "roles",
         "stands above row-level security: audit_worker"),
        ("grant feedback_owner to feedback_app", "revoke feedback_owner from feedback_app", "roles",
         "may act as an owner of tables: feedback_app"),
        ("create table audit.left_open (org text)", "drop table audit.left_open", "row-level security",
         "not forced, or without a policy: audit.left_open"),
        ("update complaints.alembic_version set version_num = '0001'", "", "migrations of complaints",
         "0001, and this program"),
        ("insert into audit.trail_check (org, checked_at, up_to, broken_at, reason) values ('broken', now(), 1, 1, 'x')",
         "delete from audit.trail_check where org = 'broken'", "trail of audit", "the chain of 1 organisations does not hold"),
    ],
)  # fmt: skip
def test_what_does_not_protect_is_wrong(stack: EmbeddedStack, how: str, mend: str, what: str, words: str) -> None:
    if "alembic_version" in how:
        newest = stack.postgres.run_sql("select version_num from complaints.alembic_version", database="loop")
        mend = f"update complaints.alembic_version set version_num = '{newest}'"
    with broken(stack, how, mend):
        code, found = doctor(stack)
    assert code == 1
    assert found[what][0] == "wrong"
    assert words in found[what][1]
    assert doctor(stack)[1][what][0] == "well"


def test_what_waits_is_to_be_looked_at(stack: EmbeddedStack) -> None:
    letter = (
        "insert into reporting.dead_letter (id, org, consumer, source, sequence, event_id, envelope, reason) "
        "values (gen_random_uuid(), 'worcestershire', 'reporting', 'audit', 1, gen_random_uuid(), '{}', 'put aside by hand')"
    )
    with broken(stack, letter, "delete from reporting.dead_letter where reason = 'put aside by hand'"):
        code, found = doctor(stack)
    assert (code, found["dead letters of reporting"][0]) == (0, "look")


def test_a_file_of_secrets_that_others_may_read_is_wrong(stack: EmbeddedStack) -> None:
    file = stack.layout.secrets / "key-ring-audit.json"
    file.chmod(0o644)
    try:
        code, found = doctor(stack)
    finally:
        file.chmod(0o600)
    assert (code, found["files of secrets"][0]) == (1, "wrong")
    assert "key-ring-audit.json" in found["files of secrets"][1]
