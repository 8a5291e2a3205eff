"""The page and the API of the trail."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from libs.chassis.tests.integration.trail.conftest import as_owner, entries
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages
from chassis.testing.sample import SCHEMA
from chassis.trail.chaining import Chainer
from chassis.trail.checking import Checker

NOW = timedelta()


class TestPage:
    @pytest.fixture
    def pages(self, app: FastAPI, keys: Keys) -> ServiceClient:
        officer = caller("role:data-protection", org="north", subject="staff:dpo")
        made = ServiceClient(app, keys, SCHEMA, officer)
        check_pages(made)
        return made

    async def test_it_shows_who_read_and_who_changed_which_record(
        self, client: ServiceClient, chainer: Chainer, pages: ServiceClient
    ) -> None:
        await client.get("/sample/v1/things/a1")
        await client.post("/sample/v1/things/b2")
        await chainer.join_all()
        shown = (await pages.get("/sample/trail")).text
        assert "staff:ada" in shown
        assert "One thing" in shown
        assert "Change a thing" in shown
        assert shown.index("b2") < shown.index("a1")

    async def test_it_finds_by_person_record_day_and_kind(
        self, client: ServiceClient, chainer: Chainer, pages: ServiceClient
    ) -> None:
        await client.get("/sample/v1/things/a1")
        await client.acting_as(caller("role:officer", org="north", subject="staff:bob")).post("/sample/v1/things/b2")
        await chainer.join_all()
        for query, there, not_there in (
            ("who=staff:bob", "b2", "a1"),
            ("record=a1", "a1", "b2"),
            ("changes=yes", "b2", "a1"),
        ):
            shown = (await pages.get(f"/sample/trail?{query}")).text
            table = shown[shown.index("<tbody") : shown.index("</tbody")]
            assert there in table
            assert not_there not in table
        for query in ("to=2020-01-01", "from=2999-01-01", "to=0001-01-01"):
            assert "Nothing fits" in (await pages.get(f"/sample/trail?{query}")).text
        assert "a1" in (await pages.get("/sample/trail?to=9999-12-31&before=x&before=99999999999999999999")).text

    async def test_a_day_that_is_none_is_said(self, pages: ServiceClient) -> None:
        answer = await pages.get("/sample/trail?from=yesterday")
        assert answer.status_code == 422
        assert "From: choose a day" in answer.text

    async def test_looking_at_the_trail_is_itself_written_down(
        self, chainer: Chainer, pages: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        await pages.get("/sample/trail")
        assert [(row.subject, row.route) for row in await entries(worker_engine)] == [("staff:dpo", "/sample/trail")]

    async def test_it_walks_along_the_chain_on_request_and_says_when_it_is_broken(
        self, client: ServiceClient, chainer: Chainer, checker: Checker, pages: ServiceClient, database: Database
    ) -> None:
        await client.get("/sample/v1/things/a1")
        await client.get("/sample/v1/things/a2")
        await chainer.join_all(NOW)
        assert "It holds from the first entry to number 2" in (await pages.get("/sample/trail?check=now")).text
        await as_owner(database, "update trail set subject = 'staff:eve' where number = 1")
        assert "It does not hold: entry 1 does not fit its hash" in (await pages.get("/sample/trail?check=now")).text
        await checker.check_all()
        assert "Broken" in (await pages.get("/sample/trail")).text

    async def test_machines_page_through_it_and_see_whether_checkpoints_are_genuine(
        self, client: ServiceClient, chainer: Chainer
    ) -> None:
        for number in range(3):
            await client.get(f"/sample/v1/things/{number}")
        await chainer.join_all(NOW)
        machine = client.acting_as(caller("trail:read", org="north"))
        first = (await machine.get("/sample/v1/trail", params={"limit": 2})).json()
        assert [each["number"] for each in first["items"]] == [1, 2]
        rest = (await machine.get("/sample/v1/trail", params={"limit": 2, "after": first["next"]})).json()
        assert [each["number"] for each in rest["items"]] == [3]
        assert rest["next"] is None
        sealed = (await machine.get("/sample/v1/trail/checkpoints")).json()["items"]
        assert [(each["number"], each["genuine"]) for each in sealed] == [(3, True)]
