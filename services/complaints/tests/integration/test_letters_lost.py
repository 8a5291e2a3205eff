"""Letters whose mail did not arrive: shown, told once, sent again, and what that does to the clock."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from fastapi import FastAPI
from services.complaints.tests.letters import FINDINGS, Writer, day, hidden, words
from services.complaints.tests.support import AsPerson, Desk, fetch, person, statutory
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.mail_queue import unseal
from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient
from chassis.unit_of_work import UnitOfWork
from complaints.use_cases.tell_of_letters import tell_of_letters

Lose = Callable[[str], None]


@pytest.fixture
async def writer(app: FastAPI, keys: Keys, desk: Desk) -> AsyncIterator[Writer]:
    """At a statutory complaint of 18 July 2022."""
    ident = (await desk.receive(**statutory(received_on="2022-07-18")))["complaint_id"]
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        found = Writer(client, ident)
        await found.adds(**day("from", "2022-07-18"))
        yield found


@pytest.fixture
async def lost(writer: Writer, database: Database) -> str:
    """A response that was sent by mail on 27 July and did not arrive."""
    letter = await writer.begins("response-stage-1-statutory")
    await writer.saves(letter, **FINDINGS)
    assert (await writer.sends(letter)).status_code == 303
    ident = letter.rpartition("/")[2]
    for statement in (
        "update complaints.mail set state = 'failed', last_error = 'refused' returning 1",
        f"update complaints.letter set sent_on = '2022-07-27' where id = '{ident}' returning 1",
        "update complaints.stage set responded_on = '2022-07-27', working_days = 7 returning 1",
    ):
        fetch(database.url("admin"), statement)
    return letter


@pytest.fixture
async def tell(database: Database, app: FastAPI) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    """The worker's round."""
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))

    async def run() -> int:
        async with UnitOfWork(engine).begin("worcestershire") as transaction:
            return await tell_of_letters(app.state.setup, "https://loop.example")(transaction)

    yield run
    await engine.dispose()


def notices(database: Database, app: FastAPI) -> list[Any]:
    rows = fetch(database.url("admin"), "select recipient, content from complaints.mail where key like 'letter-lost:%'")
    return [unseal(app.state.setup.secrets, "worcestershire", *row) for row in rows]


class TestLost:
    async def test_it_is_shown_counted_and_found_in_the_tracker(self, writer: Writer, lost: str) -> None:
        assert "1 letter did not arrive. Open it to send it again" in await writer.record()
        tracker = words((await writer.client.get("/complaints/")).text)
        assert "1 with a letter that did not arrive" in tracker
        assert "SEND-22-001" in words((await writer.client.get("/complaints/?due=letters")).text)
        page = words((await writer.client.get(lost)).text)
        assert "This letter did not arrive" in page
        assert "correct the day of the step" in page

    async def test_who_runs_the_case_is_told_once(
        self, writer: Writer, lost: str, tell: Callable[[], Awaitable[int]], database: Database, app: FastAPI
    ) -> None:
        await writer.adds("case-worker", name="Sam Okafor", email="sam@council.example", **day("from", "2022-07-18"))
        assert [await tell(), await tell()] == [1, 0]
        (mail,) = notices(database, app)
        assert mail.to == "sam@council.example"
        assert lost in mail.body
        assert not any(word in mail.subject + mail.body for word in ("Jo", "Hill", "weeks"))

    async def test_without_somebody_who_runs_it_the_unit_is_told(
        self, lost: str, tell: Callable[[], Awaitable[int]], database: Database, app: FastAPI
    ) -> None:
        assert await tell() == 1
        assert notices(database, app)[0].to == "complaints@worcestershire.example"

    async def test_sent_again_the_day_of_that_letter_counts(
        self, writer: Writer, lost: str, tell: Callable[[], Awaitable[int]]
    ) -> None:
        token = hidden((await writer.client.get(lost)).text)
        first, second = [await writer.client.post(f"{lost}/again", data=token) for _ in range(2)]
        assert first.headers["location"] == second.headers["location"], "two clicks begin one"
        again = first.headers["location"]
        assert "answered on 27 July 2022 by a letter that did not arrive" in words((await writer.client.get(again)).text)
        await writer.saves(again, way="post")
        assert (await writer.sends(again, **day("sent_on", "2022-07-28"))).status_code == 303
        record = await writer.record()
        assert "Response sent 28 July 2022" in record
        assert "moved the day of the step" in record
        assert "did not arrive; sent again" in record
        assert "letter did not arrive. Open" not in record
        assert await tell() == 0
        assert "none with a letter that did not arrive" in words((await writer.client.get("/complaints/")).text)
        assert (await writer.client.post(f"{lost}/again", data=token)).status_code == 409

    async def test_what_was_sent_again_in_vain_is_sent_a_third_time(
        self, writer: Writer, lost: str, database: Database
    ) -> None:
        seen = [lost]
        for _ in range(2):
            token = hidden((await writer.client.get(seen[-1])).text)
            seen.append((await writer.client.post(f"{seen[-1]}/again", data=token)).headers["location"])
            assert (await writer.sends(seen[-1])).status_code == 303
            fetch(database.url("admin"), "update complaints.mail set state = 'failed' returning 1")
        assert len(set(seen)) == 3
        assert "1 letter did not arrive" in await writer.record()

    async def test_the_first_day_can_stay_where_it_reached_them_all_the_same(self, writer: Writer, lost: str) -> None:
        token = hidden((await writer.client.get(lost)).text)
        again = (await writer.client.post(f"{lost}/again", data=token)).headers["location"]
        assert (await writer.sends(again, counts="first")).status_code == 303
        assert "Response sent 27 July 2022" in await writer.record()

    async def test_the_correction_that_it_was_not_sent_answers_it_too(self, writer: Writer, lost: str) -> None:
        address = f"/complaints/{writer.ident}/stages/1/correct"
        form = hidden((await writer.client.get(address)).text)
        sent = {**form, "date_of": "responded_on", "reason": "The mail came back."}
        assert (await writer.client.post(address, data=sent)).status_code == 303
        record = await writer.record()
        assert "letter did not arrive. Open" not in record
        assert "Stage 1: day 9 of 10" in record

    async def test_that_it_went_another_way_is_recorded(self, writer: Writer, lost: str) -> None:
        ident = lost.rpartition("/")[2]
        page = (await writer.client.get(f"{writer.at}/elsewhere?kind=response&stage=1&again_of={ident}")).text
        sent = {**hidden(page), "way": "handed-over", **day("sent_on", "2022-07-29")}
        answer = await writer.client.post(f"{writer.at}/elsewhere/upload", data=sent, files={"file": ("", b"")})
        assert answer.status_code == 303, words(answer.text)
        assert "Response sent 29 July 2022" in await writer.record()
