"""The page of what is due, and the mail that says the same each morning."""

from dataclasses import replace
from datetime import date

from fastapi import FastAPI
from services.complaints.tests.integration.test_find_pages import worker_uow
from services.complaints.tests.integration.test_intake_pages import Officer, officer, words
from services.complaints.tests.support import AsPerson, Desk, fetch, person, statutory

from chassis.mail_queue import unseal
from chassis.profile_store import ProfileStore
from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient
from chassis.unit_of_work import UnitOfWork
from complaints.domain.profile import Profile, check
from complaints.use_cases.say_what_is_due import mail_what_is_due

__all__ = ["officer", "worker_uow"]


async def a_full_desk(officer: Officer, desk: Desk) -> str:
    """What is overdue, due today, later, waits for an acknowledgement, for a decision, and for somebody to look at it."""
    await desk.receive(**statutory(reference="CSC-1", received_on="2022-07-01"))
    await desk.receive(**statutory(reference="CSC-2", received_on="2022-07-15"))
    await desk.receive(**statutory(reference="COR-3", procedure="corporate", received_on="2022-07-21"))
    await desk.receive(reference="SEND-4", received_on="2022-07-22")
    asked = await desk.receive(reference="SEND-5", received_on="2022-07-01")
    await desk.answered(asked["complaint_id"], on="2022-07-11")
    await desk.step(asked["complaint_id"], 2, "request", requested_on="2022-07-22")
    await officer.takes_down()
    return str(asked["complaint_id"])


class TestWhatIsDue:
    async def test_every_limit_stands_there_by_its_day(self, officer: Officer, desk: Desk, app: FastAPI, keys: Keys) -> None:
        await a_full_desk(officer, desk)
        page = words((await officer.client.get("/complaints/due")).text)
        for said in (
            "29 July 2022: 2 overdue , 1 today , none later this week, 1 next week",
            "1 came in and waits to be decided , the oldest for 9 working days.",
            "15 July 2022 Stage 1: the answer is to be sent CSC-1",
            "28 July 2022 Stage 1: the acknowledgement is to be sent COR-3",
            "29 July 2022 Stage 1: the answer is to be sent CSC-2",
            "22 July 2022 Stage 2 SEND-5",
        ):
            assert said in page
        async with PageClient(AsPerson(app, keys, person("senior-reader", "send"))) as client:
            theirs = words((await client.get("/complaints/due")).text)
        assert "CSC-1" not in theirs
        assert "SEND-5" in theirs
        assert "came in" not in theirs.split("What is due", 2)[2]

    async def test_the_unit_is_told_each_morning_by_the_worker_as_the_role_that_it_has(
        self, officer: Officer, desk: Desk, app: FastAPI, database: Database, worker_uow: UnitOfWork
    ) -> None:
        await a_full_desk(officer, desk)
        setup = replace(app.state.setup, profiles=ProfileStore(Profile, check))
        for today, mails in ((date(2022, 7, 29), 1), (date(2022, 7, 29), 0), (date(2022, 7, 30), 0), (date(2022, 8, 1), 1)):
            morning = mail_what_is_due(replace(setup, today=lambda today=today: today), "https://loop.example/")
            async with worker_uow.begin("worcestershire") as transaction:
                assert await morning(transaction) == mails, today
        [row, _] = fetch(database.url("admin"), "select recipient, content from complaints.mail order by key")
        mail = unseal(app.state.setup.secrets, "worcestershire", *(bytes(each) for each in row))
        assert mail.to == "complaints@worcestershire.example"
        assert mail.subject == "Complaints on 29 July: 2 overdue, 1 today, 0 later this week"
        assert "SEND-5: stage 2 was asked for on Friday 22 July 2022." in mail.body
        assert "1 came in and nobody has decided what it is; the oldest for 9 working days." in mail.body
