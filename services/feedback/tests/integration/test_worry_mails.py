"""A worry opens with the answers that show it, tells people at once, and calls them again while it waits."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import database as chassis_database
from chassis.mail_queue import unseal
from chassis.mail_sender import MailSender
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Keys
from chassis.testing.mail import HOST, mail_server
from chassis.testing.sample import eventually
from chassis.unit_of_work import UnitOfWork
from feedback.adapters.profiles import Profiles
from feedback.context import Context
from feedback.settings import FeedbackWorkerSettings
from feedback.use_cases import open_worry
from feedback.use_cases.watch_worries import Watch

ORG = "worcestershire"
DUTY, ABOVE = "duty@worcestershire.example", "safeguarding-manager@worcestershire.example"
SECRET = "He comes at night"


async def say(family: Any, issue: Any, words: str) -> None:
    """Write something on a poster's survey and send it."""
    issued = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
    await family.open(issued["url"])
    await family.answer(3, answer=words)
    assert await family.send() == "/s/done"


async def choose(family: Any, issue: Any) -> None:
    """Say that something feels unsafe, and what."""
    issued = await issue(questionnaire="living-where-i-live", service_area="through-care")
    await family.open(issued["url"])
    await family.answer(4, answer="yes")
    await family.answer(5, answer=SECRET)
    assert await family.send() == "/s/done"


async def mails(sql: Any, secrets: Any) -> list[tuple[str, str, str]]:
    """Recipient, subject and body of what was asked for, oldest first."""
    rows = await sql.rows("select recipient, content from feedback.mail order by created_at, key")
    opened = [unseal(secrets, ORG, bytes(row["recipient"]), bytes(row["content"])) for row in rows]
    return [(each.to, each.subject, each.body) for each in opened]


class Clock:
    """What the worker takes for now."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def watch(app: FastAPI, database: Database, clock: Clock, secrets_of_service: Any) -> AsyncIterator[Watch]:
    """The worker's task, as the role that the worker has."""
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    yield Watch(UnitOfWork(engine), Context(secrets_of_service, Profiles(), "https://loop.example"), clock)
    await engine.dispose()


class TestOpening:
    async def test_the_duty_address_is_told_at_once_of_a_reference_a_clock_and_nothing_else(
        self, family: Any, issue: Any, sql: Any, secrets_of_service: Any
    ) -> None:
        await choose(family, issue)
        [concern] = await sql.rows("select * from feedback.concern")
        [(to, subject, body)] = await mails(sql, secrets_of_service)
        assert (to, subject) == (DUTY, "A worry came in: W-0001")
        assert f"http://loop.test/feedback/worries/{concern['id']}" in body
        assert "To be acknowledged and triaged by: the end of" in body
        for hidden in ("night", "living", "through-care", "Living", "feel-unsafe", "child"):
            assert hidden not in body.replace(str(concern["id"]), "")
        [opened] = await sql.rows("select what, by_subject, words from feedback.concern_history")
        assert tuple(opened.values()) == ("opened", None, None)

    async def test_words_of_the_list_open_one_and_others_do_not(self, family: Any, issue: Any, sql: Any) -> None:
        await say(family, issue, "The bus was late and nobody rang back.")
        assert await sql.value("select count(*) from feedback.concern") == 0
        await say(family, issue, "my step dad HITS me and i cant tell anyone")
        [concern] = await sql.rows("select * from feedback.concern")
        assert (concern["questions"], concern["in_words"]) == (["in-your-words"], ["in-your-words"])
        assert await sql.value("select count(*) from feedback.response where worry") == 1

    async def test_answers_that_staff_enter_open_one_too(self, client: Any, sql: Any) -> None:
        body = {
            "reference": "CALL-1", "questionnaire": "have-your-say", "channel": "call", "language": "en",
            "service_area": "send", "about_on": "2022-05-12", "answered_on": "2022-05-30",
            "answers": {"in-your-words": {"text": "I dont feel safe"}},
        }  # fmt: skip
        for key in ("a", "a", "b"):
            answer = await client.post("/feedback/v1/responses", json=body, headers={"Idempotency-Key": key})
            assert answer.status_code in {200, 201}
        assert await sql.value("select count(*) from feedback.concern") == 1
        assert await sql.value("select count(*) from feedback.mail") == 1

    async def test_sending_twice_opens_one_and_tells_once(self, family: Any, issue: Any, sql: Any) -> None:
        await choose(family, issue)
        assert (await family.get("/s/check")).headers["location"] == "/s/done"
        assert await sql.value("select count(*) from feedback.mail") == 1

    async def test_two_that_come_in_at_once_have_numbers_of_their_own(
        self, family: Any, other_phone: Any, issue: Any, sql: Any
    ) -> None:
        await asyncio.gather(choose(family, issue), choose(other_phone, issue))
        assert [row["number"] for row in await sql.rows("select number from feedback.concern order by 1")] == [1, 2]

    async def test_what_breaks_off_in_the_middle_leaves_the_answers_to_be_sent_again(
        self, family: Any, issue: Any, sql: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(*_: Any) -> bool:
            raise RuntimeError("the process died")

        issued = await issue(questionnaire="living-where-i-live", service_area="through-care")
        await family.open(issued["url"])
        await family.answer(4, answer="yes")
        with monkeypatch.context() as patch:
            patch.setattr(open_worry, "enqueue", broken)
            assert (await family.post("/s/check")).status_code == 500
        for table in ("concern", "concern_history", "mail", "response", "response_text"):
            assert await sql.value(f"select count(*) from feedback.{table}") == 0
        assert await family.send() == "/s/done"
        assert await sql.value("select count(*) from feedback.mail") == 1

    async def test_an_address_that_is_none_stops_no_worry(
        self, app: FastAPI, family: Any, issue: Any, sql: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = "'{organisation,contacts,duty_email}', 'null'"
        await sql.execute(f"update feedback.profile set document = jsonb_set(document, {path}::jsonb)")
        app.state.feedback.profiles._cache.clear()
        await choose(family, issue)
        assert await sql.value("select count(*) from feedback.concern") == 1
        assert await sql.value("select count(*) from feedback.mail") == 0
        assert "told=False" in capsys.readouterr().out.replace("\x1b[35m", "")

    async def test_of_thousands_one_mail_an_hour_tells_and_every_one_is_in_the_queue(
        self, client: Any, sql: Any, secrets_of_service: Any, watch: Watch, clock: Clock
    ) -> None:
        for number in range(25):
            body = {
                "reference": f"CALL-{number}", "questionnaire": "have-your-say", "channel": "call", "language": "en",
                "service_area": "send", "about_on": "2022-05-12", "answered_on": "2022-05-30",
                "answers": {"in-your-words": {"text": "unsafe"}},
            }  # fmt: skip
            answer = await client.post("/feedback/v1/responses", json=body, headers={"Idempotency-Key": f"k{number}"})
            assert answer.status_code == 201
        subjects = [subject for _, subject, _ in await mails(sql, secrets_of_service)]
        assert len([each for each in subjects if "W-00" in each]) == 20
        assert set(subjects[20:]) == {"Many worries came in"}
        assert len(subjects) <= 22  # one more where the hour changed meanwhile
        assert await sql.value("select count(*) from feedback.concern") == 25
        clock.now += timedelta(hours=1, minutes=1)
        # As on a working day, whatever day and hour it is.
        await sql.execute("update feedback.concern set read_from = opened_at, due_at = $1", clock.now + timedelta(hours=10))
        assert await watch.once() == 1
        assert await watch.once() == 0
        # When few are left, each is called about again.
        done = "state = 'triaged', finding = 'no-concern', acknowledged_at = now(), triaged_at = now(), revision = 1"
        await sql.execute(f"update feedback.concern set {done}, looked_at_by = 'dee' where number > 3")
        assert await watch.once() == 3


class TestSending:
    async def test_the_worker_sends_it_through_a_mail_server(
        self, database: Database, keys: Keys, family: Any, issue: Any, sql: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await choose(family, issue)
        async with mail_server() as server:
            mail = {
                "LOOP_MAIL_TRANSPORT": "smtp", "LOOP_MAIL_SMTP_HOST": HOST, "LOOP_MAIL_SMTP_PORT": str(server.port),
                "LOOP_MAIL_SMTP_SECURITY": "none", "LOOP_MAIL_FROM": "loop@council.example",
            }  # fmt: skip
            for name, value in {**keys.environment(database.url("worker")), **mail}.items():
                monkeypatch.setenv(name, value)
            settings = FeedbackWorkerSettings.load()
            engine = chassis_database.create_engine(settings, "feedback-worker")
            await chassis_database.assert_safe_role(engine, "feedback")
            stopping = asyncio.Event()
            sender = MailSender.of("feedback", engine, Secrets.of(settings), settings)
            running = asyncio.create_task(sender.run(stopping))

            async def is_sent() -> bool:
                return bool(await sql.value("select state from feedback.mail") == "sent")

            await eventually(is_sent)
            stopping.set()
            await asyncio.wait_for(running, 60)
            await engine.dispose()
        [arrived] = server.arrived
        assert (arrived.recipients, arrived.mail["subject"]) == ((DUTY,), "A worry came in: W-0001")


class TestWatching:
    @pytest.fixture
    async def opened(self, family: Any, issue: Any, sql: Any) -> datetime:
        """A worry that came in on a Friday at ten."""
        await choose(family, issue)
        at = datetime(2026, 12, 4, 10, tzinfo=UTC)
        due = datetime(2026, 12, 5, tzinfo=UTC)
        await sql.execute("update feedback.concern set opened_at = $1, read_from = $1, due_at = $2", at, due)
        return at

    async def test_each_call_is_made_once(
        self, watch: Watch, clock: Clock, opened: datetime, sql: Any, secrets_of_service: Any
    ) -> None:
        for hours, asked in ((0.9, 0), (1.1, 1), (3.9, 0), (4.1, 1), (13.9, 0), (14.1, 2), (40, 0)):
            clock.now = opened + timedelta(hours=hours)
            assert await watch.once() == asked, hours
            assert await watch.once() == 0, hours
        found = await mails(sql, secrets_of_service)
        assert [(to, subject) for to, subject, _ in found[1:]] == [
            (DUTY, "Nobody looks at worry W-0001 yet"), (ABOVE, "Worry W-0001 has waited more than 4 hours"),
            (DUTY, "Worry W-0001 is late"), (ABOVE, "Worry W-0001 is late"),
        ]  # fmt: skip
        assert not any(SECRET in body or "living" in body for _, _, body in found)

    async def test_nobody_is_called_about_what_is_triaged(self, watch: Watch, clock: Clock, opened: datetime, sql: Any) -> None:
        done = """state = 'triaged', finding = 'follow-up-today', acknowledged_at = $1, triaged_at = $1, revision = 2,
                  looked_at_by = 'dee'"""
        await sql.execute(f"update feedback.concern set {done}", opened)
        clock.now = opened + timedelta(days=3)
        assert await watch.once() == 0

    async def test_several_workers_call_once(self, watch: Watch, clock: Clock, opened: datetime, sql: Any) -> None:
        clock.now = opened + timedelta(hours=2)
        assert sum(await asyncio.gather(*(watch.once() for _ in range(5)))) == 1
        assert await sql.value("select count(*) from feedback.mail") == 2

    async def test_where_nobody_is_named_above_the_duty_address_is_called_again(
        self, watch: Watch, clock: Clock, opened: datetime, sql: Any, secrets_of_service: Any, operator: Any, documents: Any
    ) -> None:
        document = documents(ORG)
        document["worries"]["escalation_email"] = None
        document["version"] = uuid4().hex
        assert (await operator.put("/feedback/v1/profile", json=document)).status_code == 200
        clock.now = opened + timedelta(hours=5)
        assert await watch.once() == 2
        assert {to for to, _, _ in await mails(sql, secrets_of_service)} == {DUTY}

    async def test_another_organisation_is_not_told(self, watch: Watch, clock: Clock, opened: datetime, sql: Any) -> None:
        clock.now = opened + timedelta(hours=5)
        await watch.once()
        assert await sql.value("select count(*) from feedback.mail where org <> 'worcestershire'") == 0
