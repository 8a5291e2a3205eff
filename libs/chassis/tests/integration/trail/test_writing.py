"""What is written down of a request, and that nobody who may write can change it."""

import pytest
from libs.chassis.tests.integration.trail.conftest import entries
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.identity import Identity
from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.sample import Happened
from chassis.trail.chaining import Chainer
from chassis.unit_of_work import UnitOfWork


class TestWriting:
    async def test_reading_and_changing_are_written_down_once_each(
        self, client: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        read = await client.get("/sample/v1/things/a1")
        await client.post("/sample/v1/things/b2")
        first, second = await entries(worker_engine)
        assert (first.org, first.subject, first.kind, first.method) == ("north", "staff:ada", "staff", "GET")
        assert (first.route, first.parameters) == ("/sample/v1/things/{thing_id}", {"thing_id": "a1"})
        assert first.request_id == read.headers["x-request-id"]
        assert first.events == []
        assert (second.method, len(second.events)) == ("POST", 1)

    async def test_the_entry_names_the_event_that_the_change_recorded(
        self, client: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        await client.post("/sample/v1/things/b2")
        async with worker_engine.connect() as connection:
            event = (await connection.execute(text("select id from outbox"))).scalar_one()
        assert [list(row.events) for row in await entries(worker_engine)] == [[event]]

    async def test_what_was_refused_or_taken_back_is_not_written_down_as_done(
        self, client: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        assert (await client.post("/sample/v1/things/wrong")).status_code == 409
        stranger = client.acting_as(caller("role:other", org="north"))
        assert (await stranger.get("/sample/v1/things/a1")).status_code == 403
        assert await entries(worker_engine) == []

    async def test_an_answer_that_streams_past_the_unit_of_work_is_written_down(
        self, client: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        assert (await client.get("/sample/v1/stream")).text == "one"
        assert [row.route for row in await entries(worker_engine)] == ["/sample/v1/stream"]

    async def test_nothing_is_kept_of_anonymous_visits(self, client: ServiceClient, worker_engine: AsyncEngine) -> None:
        anonymous = Identity(org=None, subject="anonymous", kind="anonymous")
        for somebody in (None, anonymous):
            assert (await client.acting_as(somebody).get("/sample/v1/open/s3cret")).status_code == 200
        assert await entries(worker_engine) == []

    async def test_neither_query_nor_body_is_kept(self, client: ServiceClient, worker_engine: AsyncEngine) -> None:
        await client.post("/sample/v1/things/b2?name=Mary", json={"name": "Mary"})
        assert "Mary" not in str(await entries(worker_engine))

    async def test_a_worker_writes_none(self, app_engine: AsyncEngine, worker_engine: AsyncEngine) -> None:
        async with UnitOfWork(app_engine, trail=True).begin("north") as transaction:
            transaction.record(Happened(thing="a", number=1))
        assert await entries(worker_engine) == []


class TestStaying:
    @pytest.mark.parametrize(
        "statement",
        [
            "update trail set subject = 'staff:eve'",
            "delete from trail",
            "truncate trail",
            "update trail set number = 9, hash = sha256('x')",
        ],
    )
    async def test_who_serves_requests_can_only_add(
        self, client: ServiceClient, chainer: Chainer, app_engine: AsyncEngine, statement: str
    ) -> None:
        await client.get("/sample/v1/things/a1")
        await chainer.join_all()
        with pytest.raises(DBAPIError, match="permission denied"):
            async with UnitOfWork(app_engine).begin("north") as transaction:
                await transaction.connection.execute(text(statement))

    @pytest.mark.parametrize(
        ("statement", "why"),
        [
            ("update trail set number = 2, hash = sha256('x')", "stays as it was written"),
            ("update trail set subject = 'staff:eve'", "permission denied"),
            ("delete from trail", "permission denied"),
            ("delete from trail_checkpoint", "permission denied"),
        ],
    )
    async def test_the_worker_can_only_join_what_is_not_joined(
        self, client: ServiceClient, chainer: Chainer, worker_engine: AsyncEngine, statement: str, why: str
    ) -> None:
        await client.get("/sample/v1/things/a1")
        await chainer.join_all()
        with pytest.raises(DBAPIError, match=why):
            async with worker_engine.begin() as connection:
                await connection.execute(text(statement))

    async def test_another_organisation_sees_nothing_of_it(
        self, client: ServiceClient, chainer: Chainer, app_engine: AsyncEngine
    ) -> None:
        await client.get("/sample/v1/things/a1")
        await chainer.join_all()
        async with UnitOfWork(app_engine).begin("south") as transaction:
            for table in ("trail", "trail_checkpoint", "trail_check"):
                assert (await transaction.connection.execute(text(f"select count(*) from {table}"))).scalar_one() == 0
