"""The end of a trail: what is over goes up to a sealed checkpoint, and what keeps it, whoever asks."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from libs.chassis.tests.integration.trail.aged import ORG, PERIODS, Write, beginnings, numbers, running, writer
from libs.chassis.tests.integration.trail.conftest import as_owner, entries
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.ids import new_id
from chassis.retention import holding, of_trail
from chassis.retention.holding import Wanted
from chassis.retention.periods import Period
from chassis.retention.running import Running
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.sample import SCHEMA, engine_of
from chassis.trail.begun import begun_of
from chassis.trail.chaining import Chainer
from chassis.trail.checking import Checker, Found
from chassis.trail.links import Begun
from chassis.unit_of_work import UnitOfWork

LET_GO = {"of": "trail", "act": "let-go"}


@pytest.fixture
async def admin(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = engine_of(database, "admin")
    yield engine
    await engine.dispose()


@pytest.fixture
def write(client: ServiceClient, chainer: Chainer, admin: AsyncEngine) -> Write:
    return writer(client, chainer, admin)


@pytest.fixture
def task(worker_engine: AsyncEngine, secrets: Secrets) -> Running:
    return running(worker_engine, secrets)


class TestEnd:
    async def test_what_is_over_goes_up_to_the_checkpoint_and_the_rest_is_checked_from_there(
        self, write: Write, task: Running, chainer: Chainer, checker: Checker, worker_engine: AsyncEngine
    ) -> None:
        await write(3, "30 months")
        await write(2, "25 months")
        await write(2, "23 months")
        before = await entries(worker_engine)
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"trail": 5}, 0)
        left = await entries(worker_engine)
        assert left[:2] == before[5:]
        # That they went is an entry itself, which the worker joins as any other.
        assert [(row.subject, row.kind, row.number) for row in left[2:]] == [("sample-worker", "service", None)]
        said = left[2].parameters
        assert {name: said[name] for name in LET_GO} == LET_GO
        assert orjson.loads(said["detail"]) == {"up_to": 5, "entries": 5, "months": 24}
        await chainer.join_all()
        assert await numbers(worker_engine) == [6, 7, 8]
        assert await checker.check_all() == {ORG: Found(8)}
        [begun] = await beginnings(worker_engine)
        assert (begun.number, bytes(begun.hash)) == (5, bytes(before[4].hash))
        # And nothing more, however often it is asked.
        assert not (await task.serve(ORG)).reduced

    async def test_entries_after_the_last_checkpoint_wait_for_one(
        self, write: Write, task: Running, worker_engine: AsyncEngine, checker: Checker
    ) -> None:
        await write(2, "30 months")
        await write(3, "30 months", checkpoint=False)
        assert dict((await task.serve(ORG)).reduced) == {"trail": 2}
        assert (await numbers(worker_engine))[:3] == [3, 4, 5]
        await write(1, "1 month")
        assert not (await task.serve(ORG)).reduced
        assert (await checker.check_all())[ORG].broken_at is None

    async def test_a_younger_entry_among_older_ones_keeps_all_after_it(
        self, write: Write, task: Running, worker_engine: AsyncEngine
    ) -> None:
        await write(2, "30 months")
        await write(1, "3 months")
        await write(2, "30 months")
        assert dict((await task.serve(ORG)).reduced) == {"trail": 2}
        assert (await numbers(worker_engine))[:3] == [3, 4, 5]

    async def test_without_a_period_everything_is_kept(
        self, write: Write, worker_engine: AsyncEngine, secrets: Secrets
    ) -> None:
        await write(2, "900 months")
        assert not (await running(worker_engine, secrets, {}).serve(ORG)).reduced
        assert await numbers(worker_engine) == [1, 2]
        assert await beginnings(worker_engine) == []

    async def test_a_period_below_a_year_is_taken_as_a_year(
        self, write: Write, worker_engine: AsyncEngine, secrets: Secrets
    ) -> None:
        await write(1, "13 months")
        await write(1, "11 months")
        short = running(worker_engine, secrets, {"trail": Period(months=1)})
        assert dict((await short.serve(ORG)).reduced) == {"trail": 1}

    async def test_where_all_went_the_chain_goes_on(
        self, write: Write, task: Running, chainer: Chainer, checker: Checker, worker_engine: AsyncEngine
    ) -> None:
        await write(2, "30 months")
        await task.serve(ORG)
        assert await numbers(worker_engine) == [None]
        await chainer.join_all()
        assert await numbers(worker_engine) == [3]
        assert (await checker.check_all())[ORG] == Found(3)

    async def test_another_organisations_entries_stay(
        self, write: Write, task: Running, client: ServiceClient, checker: Checker, worker_engine: AsyncEngine
    ) -> None:
        await client.acting_as(caller("role:officer", org="south")).get("/sample/v1/things/1")
        await write(2, "30 months")
        await task.serve(ORG)
        assert [(row.org, row.number) for row in await entries(worker_engine)] == [(ORG, None), ("south", 1)]
        assert (await checker.check_all())["south"] == Found(1)

    async def test_more_than_one_batch_goes_batch_after_batch(
        self, write: Write, task: Running, checker: Checker, monkeypatch: pytest.MonkeyPatch, worker_engine: AsyncEngine
    ) -> None:
        monkeypatch.setattr("chassis.trail.ending.MOST", 3)
        monkeypatch.setattr("chassis.trail.ending.PAGE", 2)
        for _ in range(5):
            await write(2, "30 months")
        assert dict((await task.serve(ORG)).reduced) == {"trail": 10}
        # One entry for each transaction: 2 and 2 and 2 … since two times two is more than three.
        assert len(await entries(worker_engine)) == 5
        assert (await checker.check_all())[ORG].broken_at is None


class TestWhatKeepsIt:
    async def hold(self, uow: UnitOfWork, secrets: Secrets, wanted: Wanted) -> None:
        async with uow.begin(ORG) as transaction:
            await holding.place(transaction, secrets, "staff:dp", wanted, date(2026, 1, 1))

    @pytest.mark.parametrize(
        "wanted",
        [
            Wanted("record", "A claim", date(2090, 1, 1), "thing", new_id()),
            Wanted("reference", "A claim", date(2090, 1, 1), reference="C-1"),
            Wanted("kind", "An inquiry", date(2090, 1, 1), "trail"),
        ],
    )
    async def test_any_hold_keeps_the_whole_of_it(
        self, write: Write, task: Running, uow: UnitOfWork, secrets: Secrets, worker_engine: AsyncEngine, wanted: Wanted
    ) -> None:
        await write(2, "30 months")
        await self.hold(uow, secrets, wanted)
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), dict(tally.held)) == ({}, {"trail": 1})
        assert await numbers(worker_engine) == [1, 2]

    async def test_a_hold_that_is_placed_between_looking_and_deleting_wins(
        self, write: Write, uow: UnitOfWork, secrets: Secrets, worker_engine: AsyncEngine
    ) -> None:
        await write(2, "30 months")
        working, now, role = UnitOfWork(worker_engine), datetime.now(UTC), text("set local role sample_retention")
        async with working.begin(ORG) as transaction:
            await transaction.connection.execute(role)
            what, due = await of_trail.look(transaction, secrets, SCHEMA, 24, now)
        assert what == "due"
        assert due is not None
        await self.hold(uow, secrets, Wanted("reference", "A claim", date(2090, 1, 1), reference="C-1"))
        async with working.begin(ORG) as transaction:
            await transaction.connection.execute(role)
            assert await of_trail.let_go(transaction, secrets, SCHEMA, 24, due, now) == 0
        # The database itself says no, whoever asks.
        with pytest.raises(DBAPIError, match="a hold stands"):
            await self.call(worker_engine, due.number, due.hash)
        assert await numbers(worker_engine) == [1, 2]

    async def call(self, engine: AsyncEngine, number: int, hash_: bytes, role: str = "sample_retention") -> None:
        async with UnitOfWork(engine).begin(ORG) as transaction:
            await transaction.connection.execute(text(f"set local role {role}"))
            names = {"number": number, "hash": hash_, "at": datetime.now(UTC)}
            await transaction.connection.execute(text("select trail_let_go(:number, :hash, :at, 'x', 24)"), names)

    async def test_a_restriction_keeps_it_and_an_open_request_what_was_in_time_when_it_came(
        self, write: Write, task: Running, admin: AsyncEngine, worker_engine: AsyncEngine
    ) -> None:
        await write(1, "30 months")
        await write(1, "25 months")
        request, late = new_id(), date.today() - timedelta(days=92)  # noqa: DTZ011 - days of a test
        async with admin.begin() as connection:
            await connection.execute(
                text(
                    "insert into sample.subject_request (org, id, reference, entitlement, received_on, starts_on, due_on, "
                    "asked, made_by) values ('north', :id, 'SAR-1', 'access', :on, :on, :due, '', 'staff:dp')"
                ),
                {"id": request, "on": late, "due": late + timedelta(days=30)},
            )
            await connection.execute(
                text(
                    "insert into sample.subject_restriction (org, id, kind, record_id, request_id, ground, reason, from_on, "
                    "by_subject, by_name) values ('north', :id, 'thing', :id, :id, 'claim', '', :on, 'staff:dp', '')"
                ),
                {"id": request, "on": late},
            )
        assert not (await task.serve(ORG)).reduced
        ended = "ended_on = current_date, ended_by = 'staff:dp', ending = '', told_on = current_date"
        async with admin.begin() as connection:
            await connection.execute(text(f"update sample.subject_restriction set {ended}"))
        # The request is of 92 days ago: 25 months were in time then, 30 were not.
        assert dict((await task.serve(ORG)).reduced) == {"trail": 1}
        async with admin.begin() as connection:
            await connection.execute(text("update sample.subject_request set closed_on = current_date, outcome = 'answered'"))
        assert dict((await task.serve(ORG)).reduced) == {"trail": 1}
        assert (await numbers(worker_engine)) == [None, None]

    async def test_a_chain_that_does_not_hold_stays_whole(
        self, write: Write, task: Running, checker: Checker, database: Database, worker_engine: AsyncEngine
    ) -> None:
        await write(2, "30 months")
        await write(2, "29 months")
        await as_owner(database, "update trail set subject = 'staff:eve' where number = 3")
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({}, 1)
        assert await numbers(worker_engine) == [1, 2, 3, 4]
        assert (await checker.check_all())[ORG].broken_at == 3


class TestWhoMayDelete:
    async def tried(self, engine: AsyncEngine, *statements: str) -> None:
        async with UnitOfWork(engine).begin(ORG) as transaction:
            for each in statements:
                await transaction.connection.execute(text(each))

    @pytest.mark.parametrize("suffix", ["app", "worker"])
    async def test_nobody_but_by_the_function(self, write: Write, database: Database, suffix: str) -> None:
        await write(2, "30 months")
        engine = engine_of(database, suffix)
        head = "(select hash from trail where number = 2)"
        tries = [
            "delete from trail",
            "delete from trail_beginning",
            "insert into trail_beginning (org, number, hash, at, seal) select org, number, hash, now(), 'x' from trail",
            f"select trail_let_go(2, {head}, now(), 'x', 24)",
        ]
        if suffix == "worker":
            tries += [f"set local role sample_retention; {each}" for each in tries[:3]]
        for statement in tries:
            with pytest.raises(DBAPIError, match="permission denied"):
                await self.tried(engine, *statement.split("; "))
        await engine.dispose()

    async def test_the_function_takes_no_young_entry_and_no_other_hash(self, write: Write, worker_engine: AsyncEngine) -> None:
        await write(1, "30 months")
        await write(1, "3 months")
        hashes = [bytes(row.hash) for row in await entries(worker_engine)]
        call = TestWhatKeepsIt().call
        with pytest.raises(DBAPIError, match="kept for a year at least"):
            await call(worker_engine, 2, hashes[1])
        with pytest.raises(DBAPIError, match="no such entry"):
            await call(worker_engine, 1, hashes[1])
        assert await numbers(worker_engine) == [1, 2]


class TestAtOnceAndKilled:
    async def test_two_workers_at_once_let_go_once(
        self, write: Write, task: Running, worker_engine: AsyncEngine, secrets: Secrets, checker: Checker, chainer: Chainer
    ) -> None:
        for _ in range(4):
            await write(3, "30 months")
        other = running(worker_engine, secrets, PERIODS)
        tallies = await asyncio.gather(task.serve(ORG), other.serve(ORG))
        assert sum(each.reduced["trail"] for each in tallies) == 12
        assert [each.failed for each in tallies] == [0, 0]
        assert await numbers(worker_engine) == [None]
        await chainer.join_all()
        assert (await checker.check_all())[ORG] == Found(13)

    async def test_killed_in_the_middle_nothing_is_done(
        self, write: Write, task: Running, worker_engine: AsyncEngine, admin: AsyncEngine, secrets: Secrets, checker: Checker
    ) -> None:
        await write(3, "30 months")
        working, now, role = UnitOfWork(worker_engine), datetime.now(UTC), text("set local role sample_retention")

        async def until_killed() -> None:
            async with working.begin(ORG) as transaction:
                await transaction.connection.execute(role)
                _, due = await of_trail.look(transaction, secrets, SCHEMA, 24, now)
                assert due is not None
                assert await of_trail.let_go(transaction, secrets, SCHEMA, 24, due, now) == 3
                pid = (await transaction.connection.execute(text("select pg_backend_pid()"))).scalar_one()
                async with admin.connect() as other:
                    await other.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})
                await transaction.connection.execute(text("select 1"))

        with pytest.raises(DBAPIError):
            await until_killed()
        assert await numbers(worker_engine) == [1, 2, 3]
        assert await beginnings(worker_engine) == []
        assert (await checker.check_all())[ORG] == Found(3)
        assert dict((await task.serve(ORG)).reduced) == {"trail": 3}

    async def test_who_walks_along_it_meanwhile_sees_no_gap(
        self, write: Write, task: Running, checker: Checker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await write(3, "30 months")
        await write(3, "1 month")
        once = asyncio.Event()

        async def between(*names: Any) -> Begun:
            found = await begun_of(*names)
            if not once.is_set():
                once.set()
                await task.serve(ORG)
            return found

        monkeypatch.setattr("chassis.trail.checking.begun_of", between)
        assert (await checker.check_all())[ORG] == Found(6)
        assert once.is_set()
