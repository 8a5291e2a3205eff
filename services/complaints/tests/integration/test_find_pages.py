"""Finding a complaint while somebody is on the telephone."""

import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from services.complaints.tests.integration.test_intake_pages import CSRF, Officer, officer, words
from services.complaints.tests.support import AsPerson, Desk, fetch, person, statutory
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient
from chassis.unit_of_work import UnitOfWork
from complaints.use_cases.find_complaints import key_earlier_people

__all__ = ["officer"]
FIND = "/complaints/find"


@pytest.fixture
async def worker_uow(database: Database) -> AsyncIterator[UnitOfWork]:
    """Units of work as the role that the worker has."""
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    yield UnitOfWork(engine)
    await engine.dispose()


class TestFinding:
    async def test_a_whole_reference_leads_to_the_record_from_every_page(self, officer: Officer, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        at = await officer.takes_down()
        for page in ("/complaints/", f"/complaints/{ident}", at, f"{at}/decide", f"/complaints/{ident}/stages/1/extend"):
            answer = await officer.post(FIND, page, asked=" send-22-001")
            assert answer.headers["location"] == f"/complaints/{ident}", page
        assert (await officer.post(FIND, "/complaints/", asked="r-2022-0001")).headers["location"] == at
        record = (await officer.decides(at)).headers["location"]
        assert (await officer.post(FIND, "/complaints/", asked="r-2022-0001")).headers["location"] == record

    async def test_part_of_a_reference_a_name_and_a_day_list_what_can_be_meant_and_where_it_stands(
        self, officer: Officer, desk: Desk
    ) -> None:
        await desk.receive(**statutory(reference="CSC-0148", received_on="2022-07-18"))
        decided = await officer.decides(await officer.takes_down())
        waits = await officer.takes_down(name="Ann Reed", phone="", children="")
        by_end = words((await officer.post(FIND, "/complaints/", asked="0148")).text)
        assert "procedure, Safeguarding 18 July 2022 Stage 1: Running day 9 of 10" in by_end
        assert "Answer by 1 August 2022" in by_end
        for asked in ("Hill", "jo hill", "SAM", "01632 960001"):
            page = words((await officer.post(FIND, "/complaints/", asked=asked)).text)
            assert "1 found" in page, asked
            assert "C-2022-0001" in page
        by_name = words((await officer.post(FIND, "/complaints/", asked="reed")).text)
        assert "R-2022-0002 18 July 2022 Waits to be decided" in by_name
        by_day = words((await officer.post(FIND, "/complaints/", asked="18 July 2022")).text)
        assert "3 found" in by_day
        assert words((await officer.post(FIND, "/complaints/", asked="Hill Reed")).text).count("Nothing was found") == 1
        assert (await officer.post(FIND, "/complaints/", asked="  ")).status_code == 422
        assert decided.status_code == 303
        assert waits

    async def test_nobody_is_found_by_those_who_may_not_see_them(
        self, officer: Officer, app: FastAPI, keys: Keys, database: Database
    ) -> None:
        await officer.decides(await officer.takes_down())
        for who, asked, found in (
            (person("senior-reader"), "Hill", "Nothing was found"),
            (person("senior-reader"), "0001", "C-2022-0001"),
            (person("complaints-officer", "send"), "Hill", "Nothing was found"),
            (person("complaints-officer", "safeguarding"), "Hill", "C-2022-0001"),
        ):
            async with PageClient(AsPerson(app, keys, who)) as client:
                token = CSRF.search((await client.get(FIND)).text)
                assert token is not None
                page = words((await client.post(FIND, data={"csrf": token[1], "asked": asked})).text)
            assert found in page, (who, asked)
        stored = fetch(database.url("admin"), "select string_agg(key, ' ') from complaints.person_found_by")[0][0]
        assert re.fullmatch(r"[0-9a-f ]+", stored)

    async def test_who_was_stored_before_is_found_once_the_worker_has_been_there(
        self, officer: Officer, app: FastAPI, database: Database, worker_uow: UnitOfWork
    ) -> None:
        await officer.decides(await officer.takes_down())
        await officer.takes_down()
        for table in ("person_found_by", "sender_found_by"):
            fetch(database.url("admin"), f"with gone as (delete from complaints.{table} returning 1) select count(*) from gone")
        for table in ("complaint_person", "representation_person"):
            fetch(database.url("admin"), f"update complaints.{table} set keyed = false returning 1")
        assert "Nothing was found" in words((await officer.post(FIND, "/complaints/", asked="Hill")).text)
        async with worker_uow.begin("worcestershire") as transaction:
            assert await key_earlier_people(transaction, app.state.setup) == 9
        async with worker_uow.begin("worcestershire") as transaction:
            assert await key_earlier_people(transaction, app.state.setup) == 0
        assert "2 found" in words((await officer.post(FIND, "/complaints/", asked="Hill")).text)

    async def test_what_is_looked_for_is_found_by_an_index_under_row_level_security(
        self, officer: Officer, database: Database
    ) -> None:
        await officer.decides(await officer.takes_down())
        settings = (
            "set app.org = 'worcestershire'",
            "set app.areas = '*'",
            "set enable_seqscan = off",
            "set enable_bitmapscan = off",
        )
        for index, condition, sql in (
            ("complaint_asked_for", "asked_for >=", "complaint where asked_for >= '1000' and asked_for < '1001'"),
            ("representation_asked_for", "asked_for >=", "representation where asked_for >= '1' and asked_for < '2'"),
            ("person_found_by_once", "key =", "person_found_by where key = 'x'"),
            ("sender_found_by_once", "key =", "sender_found_by where key = 'x'"),
        ):
            own = f"explain select 1 from complaints.{sql} and org = 'worcestershire'"
            plan = "\n".join(row[0] for row in fetch(database.url(), own, *settings))
            assert re.search(rf"{index}.*\n +Index Cond:.*{condition}", plan), plan
