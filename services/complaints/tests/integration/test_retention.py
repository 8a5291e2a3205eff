"""Complaints are reduced when their time is over: what was personal goes, what is counted stays, and a hold always wins."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from services.complaints.tests.retaining import (
    ORG,
    REVIEW,
    STAYS,
    Clock,
    clock,
    contents,
    database,
    hold,
    keep,
    life,
    lived,
    sealed_values,
    worker,
)
from services.complaints.tests.support import AsPerson, Desk, fetch, person

from chassis.retention import holding, proofs
from chassis.retention.holding import Wanted
from chassis.same_time import TimeInDoubtError
from chassis.testing.fixtures import Database, Keys, ServiceClient
from chassis.testing.page_client import PageClient

__all__ = ["clock", "database", "life", "lived"]
Events = Callable[[], list[tuple[str, dict[str, Any]]]]


def figure(name: str, **labels: str) -> float:
    """What Prometheus is shown."""
    return REGISTRY.get_sample_value(name, {"service": "complaints", **labels}) or 0


def reduced(database: Database) -> int:
    return int(fetch(database.url("admin"), "select count(*) from complaints.retention_reduced")[0][0])


class TestReducing:
    async def test_nothing_personal_is_left_in_any_table_and_no_figure_changes(
        self, app: FastAPI, life: str, clock: Clock, database: Database, desk: Desk
    ) -> None:
        sealed = sealed_values(database)
        empty = [name for name, values in sealed.items() if not values]
        # Of what a complaint can have: everything was there, or the test would show nothing.
        had = ("letter.content", "letter.file", "stored_piece.content", "learning_action.evidence_sealed",
               "complaint_person.details", "representation.details", "ombudsman_deadline.what_sealed")  # fmt: skip
        assert not set(empty) & set(had)
        before = await desk.read(life)
        reference = before["reference"]
        running = worker(database, app, clock)
        already = figure("loop_retention_records_total", what="reduced")
        await running.look()
        assert figure("loop_retention_records_total", what="reduced") == already + 1
        assert figure("loop_retention_looked_timestamp_seconds") == clock.now.timestamp()
        left = contents(database, without=frozenset(STAYS))
        for name, values in sealed.items():
            for value in values:
                assert all(value not in rows for rows in left.values()), name
        for table, rows in left.items():
            for mark in (reference, "LGSCO-7", "staff:alex", "R-2022-0001", "Hill"):
                assert mark not in rows, table
        after = await desk.read(life)
        assert after["reference"].startswith("deleted-")
        # All that is counted stays as it was: points, findings, stages and their days.
        personal = {"reference", "changes", "ombudsman_cases"}
        assert {name: after[name] for name in after.keys() - personal} == {
            name: before[name] for name in before.keys() - personal
        }
        for was, now in zip(before["changes"], after["changes"], strict=True):
            assert {**was, "recorded_by": None, "reason": None} == {**now, "recorded_by": None, "reason": None}

    async def test_its_pages_still_open(self, app: FastAPI, keys: Keys, life: str, clock: Clock, database: Database) -> None:
        await worker(database, app, clock).serve(ORG)
        representation = fetch(database.url("admin"), "select id::text from complaints.representation")[0][0]
        action = fetch(database.url("admin"), "select id::text from complaints.learning_action")[0][0]
        case = fetch(database.url("admin"), "select id::text from complaints.ombudsman_case")[0][0]
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
            for path in ("", f"{life}", f"{life}/people", f"{life}/files", f"intake/{representation}", f"learning/{action}",
                         f"ombudsman/{case}", "register", "learning", f"{life}/case-file"):  # fmt: skip
                answer = await client.get(f"/complaints/{path}")
                assert answer.status_code == 200, path
                assert "Hill" not in answer.text

    async def test_nothing_goes_while_database_and_worker_have_another_time(
        self, app: FastAPI, life: str, clock: Clock, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        running, now = worker(database, app, clock), time.time
        with monkeypatch.context() as here:
            here.setattr(time, "time", lambda: now() + 365 * 86_400)
            with pytest.raises(TimeInDoubtError, match="until they agree"):
                await running.look()
        assert reduced(database) == 0
        await running.look()
        assert reduced(database) == 1

    async def test_it_is_due_to_the_day(self, app: FastAPI, life: str, clock: Clock, database: Database) -> None:
        task = worker(database, app, clock)
        clock.now = datetime(2028, 7, 28, 12, tzinfo=UTC)
        assert not (await task.serve(ORG)).reduced
        clock.now += timedelta(days=1)
        assert (await task.serve(ORG)).reduced == {"complaint": 1}
        assert not (await task.serve(ORG)).reduced, "once"

    async def test_what_is_not_over_or_has_no_period_is_kept(
        self, app: FastAPI, life: str, clock: Clock, database: Database, desk: Desk, client: ServiceClient
    ) -> None:
        await desk.receive(reference="SEND-22-900")
        await keep(client)
        assert not (await worker(database, app, clock).serve(ORG)).reduced
        await keep(client, complaint={"years": 1})
        assert (await worker(database, app, clock).serve(ORG)).reduced == {"complaint": 1}
        assert (
            fetch(database.url("admin"), "select count(*) from complaints.complaint where reference = 'SEND-22-900'")[0][0] == 1
        )
        assert reduced(database) == 1

    async def test_its_events_lose_the_reference_and_nothing_else(
        self, app: FastAPI, life: str, clock: Clock, database: Database, events: Events
    ) -> None:
        before = events()
        await worker(database, app, clock).serve(ORG)
        after = events()
        name, data = after[-1]
        assert name == "record_reduced"
        assert data == {"kind": "complaint", "record_id": life, "reduced_on": "2028-08-02", "ground": "time-over"}
        assert after[:-1] == [(each, {**told, **({"reference": None} if "reference" in told else {})}) for each, told in before]
        assert any("reference" in told for _, told in before)

    async def test_what_comes_in_afterwards_begins_its_time_anew(
        self, app: FastAPI, life: str, clock: Clock, database: Database
    ) -> None:
        task = worker(database, app, clock)
        await task.serve(ORG)
        fetch(
            database.url("admin"),
            "insert into complaints.letter "
            "(org, id, complaint_id, stage, kind, language, way, sent_on, recorded_by, elsewhere) values "
            f"('{ORG}', gen_random_uuid(), '{life}', 1, 'other', 'en', 'post', '2028-09-01', 'staff:sam', true) returning 1",
        )
        clock.now = datetime(2034, 8, 31, 12, tzinfo=UTC)
        assert not (await task.serve(ORG)).reduced
        clock.now += timedelta(days=1)
        assert (await task.serve(ORG)).reduced == {"complaint": 1}
        assert "staff:sam" not in contents(database)["letter"]


class TestHolds:
    @pytest.mark.parametrize("scope", ["record", "reference", "kind", "part"])
    async def test_a_hold_wins_until_it_is_lifted(
        self, app: FastAPI, life: str, clock: Clock, database: Database, scope: str
    ) -> None:
        representation = fetch(database.url("admin"), "select id from complaints.representation")[0][0]
        wanted: dict[str, Any] = {
            "record": {"scope": "record", "kind": "complaint", "record_id": UUID(life)},
            "part": {"scope": "record", "kind": "representation", "record_id": representation},
            "reference": {"scope": "reference", "reference": " r-2022-0001"},
            "kind": {"scope": "kind", "kind": "complaint"},
        }[scope]
        ident = await hold(app, **wanted)
        task = worker(database, app, clock)
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), dict(tally.held)) == ({}, {"complaint": 1})
        async with app.state.uow.begin(ORG) as transaction:
            await holding.lift(transaction, app.state.setup.secrets, "staff:dp", ident, 1, "It was settled")
        assert (await task.serve(ORG)).reduced == {"complaint": 1}

    async def test_one_that_is_placed_while_a_run_goes_on_holds(
        self, app: FastAPI, life: str, clock: Clock, database: Database
    ) -> None:
        task = worker(database, app, clock)
        async with app.state.uow.begin(ORG) as transaction:
            # The officer's transaction is open, the run begins, finds the record due, and waits for it.
            asked = Wanted("kind", "A claim is in view", REVIEW, kind="complaint")
            await holding.place(transaction, app.state.setup.secrets, "staff:dp", asked, date(2028, 1, 1))
            running = asyncio.create_task(task.serve(ORG))
            waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'advisory'"
            while not (await asyncio.to_thread(fetch, database.url("admin"), waiting))[0][0]:
                assert not running.done(), "it has to wait"
        assert (await running).held == {"complaint": 1}
        assert reduced(database) == 0


class TestOneTransaction:
    async def test_two_workers_do_it_once(self, app: FastAPI, life: str, clock: Clock, database: Database) -> None:
        tallies = await asyncio.gather(*(worker(database, app, clock).serve(ORG) for _ in range(2)))
        assert sum(each.reduced["complaint"] for each in tallies) == 1
        assert fetch(database.url("admin"), "select count(*) from complaints.retention_proof")[0][0] == 1

    async def test_killed_in_the_middle_nothing_is_done(
        self, app: FastAPI, life: str, clock: Clock, database: Database, events: Events
    ) -> None:
        before = contents(database)
        # The last thing that it writes waits for us; then its connection is killed, as by a machine that loses power.
        blocker = await asyncpg.connect(database.url("admin"))
        begun = blocker.transaction()
        await begun.start()
        await blocker.execute("lock table complaints.retention_proof in exclusive mode")
        running = asyncio.create_task(worker(database, app, clock).serve(ORG))
        waiting = (
            "select pid from pg_stat_activity where datname = current_database() and wait_event = 'relation' "
            "and query like '%retention_proof%' and pid <> pg_backend_pid()"
        )
        while not (found := await asyncio.to_thread(fetch, database.url("admin"), waiting)):
            assert not running.done()
        fetch(database.url("admin"), f"select pg_terminate_backend({found[0][0]})")
        tally = await running
        await begun.rollback()
        await blocker.close()
        assert tally.failed == 1
        after = contents(database)
        # But that the run failed.
        assert {table for table in before if before[table] != after[table]} == {"retention_run"}
        assert (await worker(database, app, clock).serve(ORG)).reduced == {"complaint": 1}

    async def test_another_organisation_has_nothing_to_do_with_it(
        self, app: FastAPI, life: str, clock: Clock, database: Database
    ) -> None:
        assert not (await worker(database, app, clock).serve("telford-wrekin")).reduced
        assert reduced(database) == 0


class TestProof:
    async def test_it_can_be_found_by_who_knows_the_id_and_shows_a_change(
        self, app: FastAPI, life: str, clock: Clock, database: Database
    ) -> None:
        await worker(database, app, clock).serve(ORG)
        secrets = app.state.setup.secrets
        async with app.state.uow.begin(ORG) as transaction:
            [proof] = await proofs.of_record(transaction, secrets, ["complaint"], UUID(life))
            assert await proofs.check(transaction, secrets, "complaints") == (1, "")
        assert (proof.said["months"], proof.said["ground"]) == (72, "time-over")
        assert proof.said["rows"]["complaint_person"] >= 1
        assert proof.said["events"] >= 1
        assert life not in json.dumps(dict(proof.said))
        fetch(database.url("admin"), "update complaints.retention_proof set said = said || '{\"months\": 1}' returning 1")
        async with app.state.uow.begin(ORG) as transaction:
            number, wrong = await proofs.check(transaction, secrets, "complaints")
        assert (number, "does not fit" in wrong) == (0, True)


class TestRights:
    @pytest.mark.parametrize(
        "statement",
        [
            "delete from complaint",
            "delete from finding",
            "update complaint set phase = 'answered'",
            "update finding set finding = 'upheld'",
            "update stage set working_days = 1",
            "select details from representation",
            "select content from letter",
            "select words_sealed from point_version",
            "update outbox set sequence = 1",
            "delete from outbox",
            "delete from trail",
            "delete from retention_proof",
            "update retention_proof set seal = ''",
            "delete from retention_hold",
            "update retention_hold set lifted_by = 'x'",
            "insert into retention_order select * from retention_order",
        ],
    )
    async def test_the_role_that_reduces_can_do_no_more(self, database: Database, statement: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            fetch(
                database.url("worker"),
                statement,
                "set role complaints_retention",
                f"select set_config('app.org', '{ORG}', false)",
            )

    @pytest.mark.parametrize("role", ["worker", "app"])
    async def test_the_other_roles_have_none_of_its_rights(self, database: Database, role: str) -> None:
        for statement in (
            "delete from letter",
            "delete from complaint_person",
            "update outbox set data = '{}'",
            "update complaint set reference = 'x'",
            "insert into retention_proof select * from retention_proof",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                fetch(database.url(role), statement, f"select set_config('app.org', '{ORG}', false)")

    async def test_who_serves_requests_cannot_become_it(self, database: Database) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            fetch(database.url("app"), "select 1", "set role complaints_retention")


async def test_a_period_below_what_has_to_be_kept_is_refused(client: ServiceClient) -> None:
    with pytest.raises(AssertionError, match="expected at least 1 year"):
        await keep(client, complaint={"months": 11})
    with pytest.raises(AssertionError, match="no kind of record"):
        await keep(client, complain={"years": 6})
