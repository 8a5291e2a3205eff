"""A trail of which entries were let go: whatever somebody removes or forges is found, and from outside it is checked."""

from collections.abc import AsyncIterator
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from libs.chassis.tests.integration.trail.aged import NOW, ORG, Write, beginnings, running, writer
from libs.chassis.tests.integration.trail.conftest import as_owner
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.retention.running import Running
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages
from chassis.testing.sample import SCHEMA, engine_of
from chassis.trail.chaining import Chainer
from chassis.trail.checking import Checker, Found, walked
from chassis.trail.links import Begun, link

AS_CHECKPOINT = (
    "update trail_beginning set (number, hash, seal) = (select number, hash, seal from trail_checkpoint where number = 4)"
)


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


class TestByHand:
    @pytest.fixture
    async def ended(self, write: Write, task: Running, chainer: Chainer) -> None:
        await write(2, "30 months")
        await write(2, "3 months")
        await write(2, "2 months")
        await task.serve(ORG)
        await chainer.join_all(NOW)

    @pytest.mark.usefixtures("ended")
    @pytest.mark.parametrize(
        ("statements", "reason"),
        [
            (["delete from trail_beginning"], "entry 1 is missing; the next one is 3"),
            (["delete from trail where number <= 4"], "entry 3 is missing; the next one is 5"),
            (["delete from trail where number = 3"], "entry 3 is missing; the next one is 4"),
            (["delete from trail"], "entries 3 to 4 were sealed and are missing from the end"),
            (
                [
                    "update trail_beginning set number = 4, hash = (select hash from trail where number = 4)",
                    "delete from trail where number <= 4",
                ],
                "the beginning after 4 was not made by this service",
            ),
            # A checkpoint's seal is genuine, and of something else.
            (
                [
                    AS_CHECKPOINT,
                    "delete from trail where number <= 4",
                ],
                "the beginning after 4 was not made by this service",
            ),
            (["update trail_beginning set at = at - interval '1 day'"], "the beginning after 2 was not made by this service"),
            (["update trail_checkpoint set number = 3 where number = 4"], "the checkpoint at 3 was not made by this service"),
        ],
    )
    async def test_what_somebody_removes_or_forges_is_found(
        self, checker: Checker, database: Database, statements: list[str], reason: str
    ) -> None:
        assert (await checker.check_all())[ORG] == Found(7)
        await as_owner(database, "alter table trail_beginning no force row level security", *statements)
        assert (await checker.check_all())[ORG].reason == reason

    async def test_without_a_beginning_the_first_rows_are_missed(
        self, write: Write, checker: Checker, database: Database
    ) -> None:
        await write(2, "30 months")
        await write(2, "3 months")
        await as_owner(database, "delete from trail where number <= 2", "delete from trail_checkpoint where number <= 2")
        assert (await checker.check_all())[ORG].reason == "entry 1 is missing; the next one is 3"

    async def test_an_earlier_beginning_that_is_put_back_is_found(
        self, write: Write, task: Running, checker: Checker, database: Database, worker_engine: AsyncEngine
    ) -> None:
        await write(2, "30 months")
        await task.serve(ORG)
        [old] = await beginnings(worker_engine)
        await write(2, "29 months")
        await task.serve(ORG)
        await as_owner(
            database,
            "alter table trail_beginning no force row level security",
            f"update trail_beginning set number = {old.number}, hash = '\\x{old.hash.hex()}', seal = '{old.seal}', "
            f"at = '{old.at.isoformat()}'",
        )
        assert (await checker.check_all())[ORG].broken_at == 3


class TestSeenFromOutside:
    async def test_who_holds_an_older_copy_goes_on_from_it(
        self, write: Write, task: Running, chainer: Chainer, client: ServiceClient
    ) -> None:
        machine = client.acting_as(caller("trail:read", org=ORG))
        await write(3, "30 months")
        await write(2, "3 months")
        first = (await machine.get("/sample/v1/trail")).json()
        assert first["beginning"] is None
        await task.serve(ORG)
        await chainer.join_all()
        now = (await machine.get("/sample/v1/trail")).json()
        sealed = (await machine.get("/sample/v1/trail/checkpoints")).json()["beginning"]
        assert now["beginning"] == sealed
        assert (sealed["number"], sealed["genuine"]) == (3, True)
        # The copy, walked along from the very first, arrives at the sealed hash, and what is there now goes on from it.
        previous, copy = sha256(b"learning-loop trail 1 sample north").digest(), {}
        for each in first["items"]:
            previous = link(previous, {name: value for name, value in each.items() if name != "hash"})
            copy[each["number"]] = previous.hex()
        assert copy[3] == sealed["hash"]
        assert [each["number"] for each in now["items"]] == [4, 5, 6, 7]
        assert [each["hash"] for each in now["items"][:2]] == [copy[4], copy[5]]
        assert all(after["number"] == before["number"] + 1 for before, after in pairwise(now["items"]))
        chain = [(dict(each), bytes.fromhex(each.pop("hash"))) for each in now["items"]]
        chain = [({name: value for name, value in said.items() if name != "hash"}, hash_) for said, hash_ in chain]
        begun = Begun(sealed["number"], bytes.fromhex(sealed["hash"]))
        assert walked(SCHEMA, ORG, {2: b"x" * 32}, chain, begun) == Found(7)
        assert walked(SCHEMA, ORG, {3: b"x" * 32}, chain, begun).broken_at == 3
        assert walked(SCHEMA, ORG, {5: b"x" * 32}, chain, begun).broken_at == 5

    async def test_the_page_says_where_it_begins(
        self, write: Write, task: Running, chainer: Chainer, app: Any, keys: Keys
    ) -> None:
        pages = ServiceClient(app, keys, SCHEMA, caller("role:data-protection", org=ORG, subject="staff:dpo"))
        check_pages(pages)
        await write(3, "30 months")
        assert "were let go" not in (await pages.get("/sample/trail")).text
        await task.serve(ORG)
        await chainer.join_all()
        shown = (await pages.get("/sample/trail?check=now")).text
        assert "It begins after number 3, sealed on" in shown
        assert "It holds from where it begins, after number 3, to number" in shown
        assert "let go" in shown
