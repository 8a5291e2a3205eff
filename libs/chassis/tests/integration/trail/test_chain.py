"""The chain: gapless, computed alike by anybody, and whatever was changed shows."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest
from libs.chassis.tests.integration.trail.conftest import as_owner, entries
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.sample import SCHEMA
from chassis.trail.chaining import Chainer
from chassis.trail.checking import Checker, Found, walked

NOW = timedelta()


class TestChain:
    async def test_entries_are_numbered_without_gaps_for_each_organisation(
        self, client: ServiceClient, chainer: Chainer, worker_engine: AsyncEngine
    ) -> None:
        south = client.acting_as(caller("role:officer", org="south"))
        for somebody in (client, south, client):
            await somebody.get("/sample/v1/things/a1")
        assert await chainer.join_all() == 3
        await client.get("/sample/v1/things/a2")
        assert await chainer.join_all() == 1
        assert await chainer.join_all() == 0
        assert [(row.org, row.number) for row in await entries(worker_engine)] == [
            ("north", 1),
            ("north", 2),
            ("north", 3),
            ("south", 1),
        ]

    async def test_two_workers_at_once_join_each_entry_once(
        self, client: ServiceClient, chainer: Chainer, worker_engine: AsyncEngine, secrets: Secrets
    ) -> None:
        for number in range(5):
            await client.get(f"/sample/v1/things/{number}")
        other = Chainer(SCHEMA, worker_engine, secrets)
        joined = await asyncio.gather(chainer.join_all(), other.join_all())
        assert sum(joined) == 5
        assert [row.number for row in await entries(worker_engine)] == [1, 2, 3, 4, 5]

    async def test_whoever_has_the_entries_computes_the_same_hashes_with_any_tool(
        self, client: ServiceClient, chainer: Chainer
    ) -> None:
        await client.get("/sample/v1/things/ä1")
        await client.post("/sample/v1/things/b2")
        await chainer.join_all()
        operator = client.acting_as(caller("operator", org="north"))
        items = (await operator.get("/sample/v1/trail", params={"limit": 2})).json()["items"]
        guide = (Path(__file__).resolve().parents[5] / "docs" / "guides" / "trail.md").read_text()
        (code,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
        assert "audit worcestershire" in code
        code = code.replace("audit worcestershire", "sample north")
        exec(compile(code, "trail.md", "exec"), {"items": items})
        with pytest.raises(AssertionError):
            exec(compile(code, "trail.md", "exec"), {"items": [items[0], items[1] | {"method": "PATCH"}]})

    async def test_a_chain_that_nobody_touched_holds(self, client: ServiceClient, chainer: Chainer, checker: Checker) -> None:
        for number in range(3):
            await client.get(f"/sample/v1/things/{number}")
            await chainer.join_all(NOW)
        assert await checker.check_all() == {"north": Found(3)}

    @pytest.mark.parametrize(
        ("statement", "at"),
        [
            ("update trail set subject = 'staff:eve' where number = 2", 2),
            ('update trail set parameters = \'{"thing_id": "other"}\' where number = 3', 3),
            ("update trail set at = at - interval '1 day' where number = 1", 1),
            ("update trail set events = '{}' where number = 2", 2),
            ("delete from trail where number = 2", 2),
            ("delete from trail where number = 3", 3),
            ("delete from trail", 1),
            ("update trail set org = 'south' where number = 3", 3),
        ],
    )
    async def test_whatever_the_owner_of_the_database_changes_shows(
        self, client: ServiceClient, chainer: Chainer, checker: Checker, database: Database, statement: str, at: int
    ) -> None:
        for number in range(3):
            await client.post(f"/sample/v1/things/{number}")
            await chainer.join_all(NOW)
        await as_owner(database, statement)
        found = (await checker.check_all())["north"]
        assert found.broken_at == at
        assert found.reason

    async def test_a_chain_that_was_made_anew_does_not_fit_its_checkpoints(
        self, client: ServiceClient, chainer: Chainer, checker: Checker, database: Database
    ) -> None:
        for number in range(3):
            await client.get(f"/sample/v1/things/{number}")
            await chainer.join_all(NOW)
        # Everything after the first is written anew by the same rules, as if by somebody who knows them.
        await as_owner(
            database,
            "update trail set number = null, hash = null where number > 1",
            "update trail set subject = 'staff:eve' where number is null",
        )
        await chainer.join_all()
        assert (await checker.check_all())["north"].broken_at == 2

    async def test_a_checkpoint_cannot_be_made_without_the_key(
        self, client: ServiceClient, chainer: Chainer, checker: Checker, database: Database
    ) -> None:
        for number in range(2):
            await client.get(f"/sample/v1/things/{number}")
            await chainer.join_all(NOW)
        await as_owner(database, "update trail_checkpoint set hash = sha256('x') where number = 2")
        found = (await checker.check_all())["north"]
        assert found.reason == "the checkpoint at 2 was not made by this service"

    async def test_a_head_that_an_operator_kept_shows_what_was_cut_off(self) -> None:
        found = walked("sample", "north", {3: b"x" * 32}, [])
        assert found == Found(0, 1, "entries 1 to 3 were sealed and are missing from the end")
