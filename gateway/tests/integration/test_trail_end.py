"""The end of the gateway's trail: the gateway seals where it begins, the worker clears what is before, none can do both."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import orjson
import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.secrets import Secrets
from chassis.testing.fixtures import Database
from chassis.trail.chaining import seal_of
from chassis.trail.checking import Found
from chassis.trail.joining import JoinedTrail
from chassis.trail.links import Entry, beginning, link
from chassis.unit_of_work import UnitOfWork
from gateway.access.trail import SERVICE, Walks
from gateway.access.trail_over import TrailOver
from gateway.settings import GatewaySettings
from gateway.testing import OPERATOR_KEY, Gateway
from loop_cli.operator import Operator
from loop_cli.trail import _walk

Start = Callable[..., Awaitable[Gateway]]
ORG = "north"
SECRETS = Secrets(bytes(range(32)))
TRAIL = JoinedTrail(SERVICE, SECRETS)
NOW = timedelta()


def engine_of(database: Database, suffix: str) -> AsyncEngine:
    return create_async_engine(database.url(suffix).replace("postgresql:", "postgresql+asyncpg:"))


@pytest.fixture
async def app(database: Database) -> AsyncIterator[UnitOfWork]:
    engine = engine_of(database, "app")
    yield UnitOfWork(engine)
    await engine.dispose()


@pytest.fixture
async def worker(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = engine_of(database, "worker")
    yield engine
    await engine.dispose()


@pytest.fixture
async def admin(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.url("admin"))
    await connection.execute("insert into gateway.organisation (org, name) values ('north', 'North')")
    previous, now = beginning(SERVICE, ORG), datetime.now(UTC)
    # Three of thirty months ago, three of three months ago; the third and the sixth are sealed.
    for number in range(1, 7):
        at = now - timedelta(days=(900 if number < 4 else 90) - number)
        entry = Entry(number, ORG, at, "operator:ada", "operator", "PUT", "/x", {"org": ORG}, f"r{number}", ())
        previous = link(previous, entry.said())
        await connection.execute(
            "insert into gateway.trail (org, number, at, subject, kind, method, route, parameters, request_id, events, hash) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '{}', $10)",
            *(ORG, number, at, entry.subject, entry.kind, entry.method, entry.route),
            *(orjson.dumps(entry.parameters).decode(), entry.request_id, previous),
        )
        if number in {3, 6}:
            seal = seal_of(SECRETS, SERVICE, ORG, number, previous)
            values = "insert into gateway.trail_checkpoint (org, number, hash, seal) values ($1, $2, $3, $4)"
            await connection.execute(values, ORG, number, previous, seal)
    yield connection
    await connection.close()


async def numbers(admin: asyncpg.Connection) -> list[int]:
    return [row["number"] for row in await admin.fetch("select number from gateway.trail order by number")]


class TestEnd:
    async def test_gateway_seals_worker_clears_and_the_chain_holds_throughout(
        self, app: UnitOfWork, worker: AsyncEngine, admin: asyncpg.Connection
    ) -> None:
        # Nothing is before a beginning that is not there.
        assert await TrailOver(worker).once() == 0
        assert await TRAIL.end_all(app, [ORG], 24, datetime.now(UTC)) == {ORG: 3}
        assert await numbers(admin) == [1, 2, 3, 4, 5, 6, 7]
        assert await TRAIL.walk_all(app, [ORG], NOW) == {ORG: Found(7)}
        # In batches, each of which may be the last before it is killed.
        assert await TrailOver(worker).once(batch=2) == 3
        assert await numbers(admin) == [4, 5, 6, 7]
        assert await TRAIL.walk_all(app, [ORG], NOW) == {ORG: Found(7)}
        said = await admin.fetchrow("select subject, kind, parameters from gateway.trail where number = 7")
        assert said is not None
        assert (said["subject"], said["kind"]) == ("gateway", "service")
        assert orjson.loads(orjson.loads(said["parameters"])["detail"]) == {"up_to": 3, "entries": 3, "months": 24}
        assert await TRAIL.end_all(app, [ORG], 24, datetime.now(UTC)) == {}
        assert await TrailOver(worker).once() == 0

    async def test_where_all_went_the_chain_goes_on(
        self, app: UnitOfWork, worker: AsyncEngine, admin: asyncpg.Connection
    ) -> None:
        await admin.execute("delete from gateway.trail where number > 3")
        await admin.execute("delete from gateway.trail_checkpoint where number > 3")
        await TRAIL.end_all(app, [ORG], 24, datetime.now(UTC))
        await TrailOver(worker).once()
        assert await numbers(admin) == [4]
        assert await TRAIL.walk_all(app, [ORG], NOW) == {ORG: Found(4)}

    async def test_two_gateways_and_two_workers_at_once_do_it_once(
        self, app: UnitOfWork, worker: AsyncEngine, admin: asyncpg.Connection
    ) -> None:
        now = datetime.now(UTC)
        await asyncio.gather(*(TRAIL.end_all(app, [ORG], 24, now) for _ in range(2)))
        assert await numbers(admin) == [1, 2, 3, 4, 5, 6, 7]
        assert sum(await asyncio.gather(*(TrailOver(worker).once() for _ in range(2)))) == 3
        assert await TRAIL.walk_all(app, [ORG], NOW) == {ORG: Found(7)}

    async def test_the_daily_walk_does_it_by_the_setting_and_not_where_it_is_held(
        self, app: UnitOfWork, admin: asyncpg.Connection
    ) -> None:
        for months, held in ((None, frozenset[str]()), (24, frozenset({ORG}))):
            await Walks(app, TRAIL, months, held).walk()
            assert await numbers(admin) == [1, 2, 3, 4, 5, 6]
        await Walks(app, TRAIL, 24).walk()
        assert await numbers(admin) == [1, 2, 3, 4, 5, 6, 7]

    async def test_a_chain_that_does_not_hold_stays_whole(self, app: UnitOfWork, admin: asyncpg.Connection) -> None:
        await admin.execute("update gateway.trail set subject = 'operator:nobody' where number = 2")
        assert await TRAIL.end_all(app, [ORG], 24, datetime.now(UTC)) == {}

    def test_nobody_sets_less_than_a_year(self) -> None:
        for months, wrong in ((11, True), (12, False)):
            with pytest.raises(ValidationError) as error:
                GatewaySettings.model_validate({"trail_keep_months": months})
            assert (("trail_keep_months",) in {each["loc"] for each in error.value.errors()}) is wrong


class TestWhoMay:
    async def test_who_serves_requests_may_not_delete_and_the_worker_may_not_seal(
        self, database: Database, admin: asyncpg.Connection
    ) -> None:
        tries = {
            "app": ("delete from trail", "delete from trail_beginning", "select trail_clear(5)"),
            "worker": (
                "delete from trail",
                "select trail_clear(5)",
                "insert into trail_beginning (org, number, hash, at, seal) values ('north', 3, sha256('x'), now(), 'x')",
                "update trail_beginning set number = 5",
            ),
        }
        for suffix, statements in tries.items():
            engine = engine_of(database, suffix)
            for statement in statements:
                with pytest.raises(DBAPIError, match="permission denied"):
                    await self.tried(engine, statement)
            await engine.dispose()
        assert len(await numbers(admin)) == 6

    async def tried(self, engine: AsyncEngine, statement: str) -> None:
        async with UnitOfWork(engine).begin(ORG) as transaction:
            await transaction.connection.execute(text(statement))

    @pytest.mark.parametrize("number", [3, 6])
    async def test_a_beginning_that_was_not_sealed_is_found_and_no_young_entry_goes_by_it(
        self, app: UnitOfWork, worker: AsyncEngine, admin: asyncpg.Connection, number: int
    ) -> None:
        async with app.begin(ORG) as transaction:
            await transaction.connection.execute(
                text(
                    "insert into trail_beginning (org, number, hash, at, seal) "
                    "select org, number, hash, now(), 'x' from trail where number = :number"
                ),
                {"number": number},
            )
        await TrailOver(worker).once()
        assert await numbers(admin) == [4, 5, 6]
        assert (await TRAIL.walk_all(app, [ORG], NOW))[
            ORG
        ].reason == f"the beginning after {number} was not made by this service"

    async def test_rows_that_somebody_removes_are_missed(self, app: UnitOfWork, admin: asyncpg.Connection) -> None:
        await admin.execute("delete from gateway.trail where number <= 3")
        assert (await TRAIL.walk_all(app, [ORG], NOW))[ORG].reason == "entry 1 is missing; the next one is 4"


class TestCommand:
    async def test_the_command_says_where_it_begins_and_holds_kept_heads_against_it(
        self, start: Start, app: UnitOfWork, worker: AsyncEngine, admin: asyncpg.Connection, tmp_path: Path
    ) -> None:
        (tmp_path / "trail.key").write_text(base64.b64encode(bytes(range(32))).decode())
        gateway = await start(trail_key_file=tmp_path / "trail.key")
        hashes = {row["number"]: row["hash"] for row in await admin.fetch("select number, hash from gateway.trail")}

        async def walk(kept: dict[int, bytes]) -> tuple[Found, int, tuple[int, ...]]:
            with Operator(gateway.url, OPERATOR_KEY) as operator:
                done = await asyncio.to_thread(_walk, operator, "gateway", ORG, kept)
            return done.found, done.begun.number if done.begun else 0, done.not_compared

        assert await walk({2: hashes[2]}) == (Found(6), 0, ())
        await TRAIL.end_all(app, [ORG], 24, datetime.now(UTC))
        # Sealed, and not cleared away yet: it begins there all the same.
        # That the command looked, is an entry too.
        assert await walk({}) == (Found(8), 3, ())
        await TrailOver(worker).once()
        assert await walk({2: hashes[2], 3: hashes[3], 5: hashes[5]}) == (Found(9), 3, (2,))
        for number in (3, 5):
            found, *_ = await walk({number: bytes(32)})
            assert found.broken_at == number
        # A head that was kept at a checkpoint is compared with that, which stays.
        values = "insert into gateway.trail_checkpoint (org, number, hash, seal) values ($1, 1, $2, $3)"
        await admin.execute(values, ORG, hashes[1], seal_of(SECRETS, SERVICE, ORG, 1, hashes[1]))
        found, _, not_compared = await walk({1: hashes[1]})
        assert (found.broken_at, not_compared) == (None, ())
        assert (await walk({1: bytes(32)}))[0].reason == "the checkpoint at 1 is not the head that was kept"
        page = await (await gateway.operator(ORG)).get("/gateway/v1/trail")
        assert page.json()["beginning"]["number"] == 3
        assert page.json()["items"][0]["number"] == 4
        await admin.execute("update gateway.trail_beginning set at = at - interval '1 day'")
        assert (await walk({}))[0].reason == "the beginning after 3 was not made by this service"
