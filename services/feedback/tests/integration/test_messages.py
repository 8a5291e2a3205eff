"""Links are sent and reminded of by text message and e-mail: once, at the right time, to nobody who has answered."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine

import feedback
from chassis.mail import Message
from chassis.mail.notify import NotifyMailer
from chassis.mail.smtp import Sender, SmtpMailer, SmtpServer
from chassis.notify import ApiKey, NotifyService
from chassis.pages.strings import Strings
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.mail import HOST, MailServer, NotifyServer, mail_server, notify_server
from chassis.testing.page_client import check_pages
from chassis.unit_of_work import UnitOfWork
from feedback.adapters.carriers import Carrier, MailCarrier, NoTexts, NotifyTexts
from feedback.adapters.profiles import Profiles
from feedback.context import Context
from feedback.use_cases import send_messages
from feedback.use_cases.send_messages import Sending

ORG = "worcestershire"
NEW = "/feedback/links/new"
MOBILE, MAIL = "07700 900123", "jo.bloggs@example.org"
LETTER = {"questionnaire": "new-ehcp", "service_area": "send", "team": "send-north", "language": "en", "reference": "EHCP-1"}
MONDAY = datetime(2026, 11, 30, 10, tzinfo=UTC)
_FIELD = 'name="{}" value="([^"]+)"'


class Clock:
    """What the worker takes for now."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def notify() -> AsyncIterator[NotifyServer]:
    async with notify_server() as running:
        yield running


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


Work = Callable[..., Sending]


@pytest.fixture
async def work(
    app: FastAPI, database: Database, clock: Clock, secrets_of_service: Any, notify: NotifyServer, smtp: MailServer
) -> AsyncIterator[Work]:
    """Make a worker, as the role that it has: e-mails by a mail server (`by="notify"`: by Notify), text messages by Notify."""
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    strings = Strings(Path(feedback.__file__).parent / "pages" / "words")

    def make(by: str = "smtp", **carriers: Any) -> Sending:
        key = ApiKey.parse(notify.api_key)
        server = SmtpServer(HOST, smtp.port, "none")
        mailer = NotifyMailer(key, notify.template, address=notify.url) if by == "notify" else None
        known: dict[Any, Carrier] = {
            "email": MailCarrier(mailer or SmtpMailer(server, Sender("no-reply@loop.example", "Learning Loop"))),
            "text": NotifyTexts(NotifyService(key, address=notify.url), notify.text_template),
        }
        context = Context(secrets_of_service, Profiles(), "http://loop.test")
        known.update(carriers)
        return Sending(UnitOfWork(engine), context, known, strings, clock)

    yield make
    await engine.dispose()


class Officer:
    """A QA officer's browser without script."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http
        http.headers["accept"] = "text/html"
        check_pages(http)

    async def issue(self, **changes: str) -> Any:
        """Issue one link by the page."""
        page = (await self.http.get(NEW)).text
        fields = {name: re.findall(_FIELD.format(name), page)[-1] for name in ("csrf", "key")}
        return await self.http.post(NEW, data={**LETTER, **fields, **changes})

    async def page(self, sql: Any) -> str:
        """The page of the newest link, in words."""
        ident = await sql.value("select id from feedback.invitation order by id desc limit 1")
        text = (await self.http.get(f"/feedback/links/{ident}")).text
        return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[Officer]:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:o")) as http:
        yield Officer(http)


@pytest.fixture
async def colleague(app: FastAPI, keys: Keys) -> AsyncIterator[Officer]:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:c")) as http:
        yield Officer(http)


Issued = Callable[..., Awaitable[None]]


@pytest.fixture
async def issued(officer: Officer, sql: Any, clock: Clock) -> Issued:
    """Issue a link to be sent on the worker's Monday."""

    async def make(channel: str = "text", address: str = "", **more: str) -> None:
        address = address or (MOBILE if channel == "text" else MAIL)
        sent = await officer.issue(channel=channel, address=address, **more)
        assert sent.status_code == 303, sent.text
        await sql.execute("update feedback.message set next_try_at = $1, created_at = $1 where state = 'waiting'", clock.now)
        await sql.execute("update feedback.invitation set issued_on = $1, expires_on = $2", MONDAY.date(), LAST)

    return make


LAST = (MONDAY + timedelta(days=90)).date()


def survey(words: str) -> str:
    return str(re.findall(r"http://loop\.test/s/[a-z2-7]+", words)[0])


def no(words: str) -> str:
    return str(re.findall(r"http://loop\.test(/s/no/[a-z2-7]+)", words)[0])


async def subjects(sql: Any) -> list[str]:
    rows = await sql.rows("select subject from feedback.outbox order by position")
    return [row["subject"].rpartition(".")[2] for row in rows]


class TestIssuing:
    async def test_a_text_message_goes_out_with_a_link_that_opens_the_survey(
        self, issued: Issued, work: Work, notify: NotifyServer, family: Any, sql: Any
    ) -> None:
        await issued("text")
        assert await work().once() == 1
        [sent] = notify.arrived
        assert sent["phone_number"] == "+447700900123"
        await family.open(survey(sent["personalisation"]["body"]))
        [row] = await sql.rows("select state, delivery, carrier_id from feedback.message")
        assert (row["state"], row["delivery"]) == ("sent", "pending")
        assert row["carrier_id"] in notify.ids
        assert await subjects(sql) == ["invitation_issued", "invitation_sent"]

    async def test_an_e_mail_goes_out_through_a_real_mail_server_and_can_be_ended_with_one_click(
        self, issued: Issued, work: Work, smtp: MailServer, family: Any, sql: Any
    ) -> None:
        await issued("email", language="cy")
        assert await work().once() == 1
        [arrived] = smtp.arrived
        assert arrived.recipients == (MAIL,)
        assert "dywedwch wrthym" in arrived.mail["subject"]
        assert arrived.mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        assert arrived.mail["list-unsubscribe"] == f"<http://loop.test{no(arrived.text)}>"
        await family.open(survey(arrived.text))
        assert 'lang="cy"' in (await family.get("/s/start")).text
        assert await sql.value("select delivery from feedback.message") == "unknown"

    async def test_an_e_mail_goes_out_through_notify(self, issued: Issued, work: Work, notify: NotifyServer) -> None:
        await issued("email")
        await work("notify").once()
        [sent] = notify.arrived
        assert sent["email_address"] == MAIL
        assert sent["one_click_unsubscribe_url"].startswith("http://loop.test/s/no/")

    @pytest.mark.parametrize(
        ("channel", "address", "words"),
        [
            ("text", "01905 763763", "This is not a mobile number of the United Kingdom"),
            ("email", "jo@", "This is not a mail address"),
            ("letter", MOBILE, "Only a text message or an e-mail has an address"),
        ],
    )
    async def test_a_wrong_address_is_said_beside_its_field_and_issues_nothing(
        self, officer: Officer, sql: Any, channel: str, address: str, words: str
    ) -> None:
        answer = await officer.issue(channel=channel, address=address)
        assert answer.status_code == 422
        assert words in answer.text
        assert await sql.value("select count(*) from feedback.invitation") == 0

    async def test_without_an_address_the_officer_sends_it(self, officer: Officer, work: Work, sql: Any) -> None:
        assert (await officer.issue(channel="text", address="")).status_code == 303
        assert await sql.value("select count(*) from feedback.sending") == 0

    async def test_only_whoever_issued_it_sees_a_hint_of_the_address(
        self, issued: Issued, officer: Officer, colleague: Officer, sql: Any
    ) -> None:
        await issued("text")
        assert "•••123" in await officer.page(sql)
        other = await colleague.page(sql)
        assert "•••123" not in other
        assert "Shown to whoever issued it" in other

    async def test_two_clicks_send_one(self, officer: Officer, sql: Any) -> None:
        page = (await officer.http.get(NEW)).text
        fields = {name: re.findall(_FIELD.format(name), page)[-1] for name in ("csrf", "key")}
        data = {**LETTER, **fields, "channel": "text", "address": MOBILE}
        answers = await asyncio.gather(*(officer.http.post(NEW, data=data) for _ in range(3)))
        assert {each.status_code for each in answers} == {303}
        assert await sql.value("select count(*) from feedback.message") == 1
        # Somebody went back and wrote another number: it is another thing that they ask for.
        assert (await officer.http.post(NEW, data={**data, "address": "07700 900124"})).status_code == 422


class TestSheet:
    async def test_rows_are_checked_and_sent_as_they_were_checked(
        self, officer: Officer, work: Work, notify: NotifyServer, sql: Any, clock: Clock
    ) -> None:
        sheet = "reference,mobile\nA-1,07700 900001\nA-2,7700900002\nA-3,12345\nA-4,\n"
        page = (await officer.http.get("/feedback/links/batch")).text
        data = {**LETTER, "reference": "", "channel": "text", "csrf": re.findall(_FIELD.format("csrf"), page)[-1]}
        sent = await officer.http.post("/feedback/links/batch", data=data, files={"file": ("sheet.csv", sheet.encode())})
        assert sent.status_code == 303, sent.text
        checked = await officer.http.get(sent.headers["location"])
        text = " ".join(re.sub(r"<[^>]+>", " ", checked.text).split())
        assert "Sent by us as text message 2" in text
        assert "Without an address: you send them 1" in text
        assert "4 address (B) This is not a mobile number" in text
        assert "900001" not in checked.text
        token = re.findall(_FIELD.format("csrf"), checked.text)[-1]
        done = await officer.http.post(sent.headers["location"], data={"csrf": token, "do": "issue"})
        assert "We send 2 of them" in (await officer.http.get(done.headers["location"])).text
        await sql.execute("update feedback.message set next_try_at = $1", clock.now)
        assert await work().once() == 2
        assert {each["phone_number"] for each in notify.arrived} == {"+447700900001", "+447700900002"}
        refused = await officer.http.get(f"{sent.headers['location']}/refused.csv")
        assert "A-3,12345" in refused.text


class TestOnce:
    async def test_nothing_goes_out_at_night(self, issued: Issued, work: Work, notify: NotifyServer, clock: Clock) -> None:
        await issued("text")
        clock.now = MONDAY.replace(hour=20)
        assert await work().once() == 0
        clock.now = MONDAY + timedelta(days=1)
        assert await work().once() == 1

    async def test_a_list_that_was_begun_before_the_evening_goes_on_in_the_morning(
        self, issued: Issued, work: Work, notify: NotifyServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(3):
            await issued("text", reference=f"T-{number}")
        send = NotifyTexts.send

        async def slowly(*given: Any, **more: Any) -> str | None:
            clock.now = MONDAY.replace(hour=18)
            return await send(*given, **more)

        with monkeypatch.context() as patch:
            patch.setattr(NotifyTexts, "send", slowly)
            assert await work().once() == 1
        clock.now = MONDAY + timedelta(days=1)
        assert await work().once() == 2

    async def test_several_workers_send_one(self, issued: Issued, work: Work, notify: NotifyServer) -> None:
        await issued("text")
        await asyncio.gather(*(work().once() for _ in range(4)))
        assert len(notify.arrived) == 1

    async def test_a_crash_after_notify_has_it_sends_it_once(
        self, issued: Issued, work: Work, notify: NotifyServer, clock: Clock, sql: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await issued("text")

        async def dies(*_: Any) -> None:
            raise asyncio.CancelledError

        with monkeypatch.context() as patch:
            patch.setattr(Sending, "_sent", dies)
            with pytest.raises(asyncio.CancelledError):
                await work().once()
        assert await sql.value("select state from feedback.message") == "sending"
        assert await work().once() == 0, "it is still claimed"
        clock.now += send_messages.LEASE + timedelta(seconds=1)
        assert await work().once() == 1
        assert len(notify.arrived) == 1
        assert notify.asked == [str(await sql.value("select id from feedback.message"))]
        assert await subjects(sql) == ["invitation_issued", "invitation_sent"]

    async def test_through_a_mail_server_a_crash_repeats_it_under_the_same_message_id(
        self, issued: Issued, work: Work, smtp: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await issued("email")

        async def dies(*_: Any) -> None:
            raise asyncio.CancelledError

        with monkeypatch.context() as patch:
            patch.setattr(Sending, "_sent", dies)
            with pytest.raises(asyncio.CancelledError):
                await work().once()
        clock.now += send_messages.LEASE + timedelta(seconds=1)
        await work().once()
        assert len({each.mail["message-id"] for each in smtp.arrived}) == 1
        assert len(smtp.arrived) == 2

    async def test_a_lost_answer_is_asked_for_and_not_sent_again(
        self, issued: Issued, work: Work, notify: NotifyServer, clock: Clock, sql: Any
    ) -> None:
        await issued("text")
        notify.lose_answers = 1
        sender = work()
        await sender.once()
        clock.now += timedelta(minutes=2)
        await sender.once()
        assert len(notify.arrived) == 1
        assert await sql.value("select carrier_id from feedback.message") in notify.ids

    async def test_too_many_at_once_wait_longer_each_time_and_the_other_channel_goes_on(
        self, issued: Issued, work: Work, notify: NotifyServer, smtp: MailServer, clock: Clock, sql: Any
    ) -> None:
        for number in range(3):
            await issued("text", reference=f"T-{number}")
        await issued("email", reference="E-1")
        limit = {"errors": [{"error": "RateLimitError", "message": "Exceeded rate limit for key type LIVE"}]}
        notify.answers += [(429, limit), (429, limit)]
        sender = work()
        await sender.once()
        assert (len(notify.arrived), len(smtp.arrived)) == (0, 1)
        assert len(notify.answers) == 1, "one was tried, the others were not"
        for minutes, left, arrived in ((0.5, 1, 0), (1, 0, 0), (1, 0, 0), (2, 0, 3)):
            clock.now += timedelta(minutes=minutes)
            await sender.once()
            assert (len(notify.answers), len(notify.arrived)) == (left, arrived), minutes

    async def test_what_is_not_configured_waits_says_why_and_is_given_up(
        self, issued: Issued, work: Work, officer: Officer, clock: Clock, sql: Any
    ) -> None:
        await issued("text")
        sender = work(text=NoTexts())
        assert await sender.once() == 0
        assert "Waits to be sent: not sent: no text message is configured" in await officer.page(sql)
        clock.now += timedelta(days=8)
        await sender.once()
        assert "Could not be sent: given up" in await officer.page(sql)
        assert await sql.value("select count(*) from feedback.send_address") == 0
        assert await subjects(sql) == ["invitation_issued", "invitation_undelivered"]


class TestDelivery:
    async def test_a_dead_number_is_seen_and_becomes_a_letter(
        self, issued: Issued, work: Work, notify: NotifyServer, officer: Officer, clock: Clock, sql: Any
    ) -> None:
        await issued("text")
        notify.fates["+447700900123"] = "permanent-failure"
        sender = work()
        await sender.once()
        clock.now += timedelta(minutes=2)
        await sender.once()
        text = await officer.page(sql)
        assert "could not be delivered: there is no such address" in text
        assert "Issue a letter instead" in text
        assert "The address is deleted" in text
        assert (await subjects(sql))[-1] == "invitation_undelivered"
        listed = (await officer.http.get("/feedback/links", params={"sent": "undelivered"})).text
        assert "EHCP-1" in listed
        assert "EHCP-1" not in (await officer.http.get("/feedback/links", params={"sent": "delivered"})).text
        ident = await sql.value("select id from feedback.invitation")
        page = (await officer.http.get(f"/feedback/links/{ident}")).text
        again = await officer.http.post(
            f"/feedback/links/{ident}/issue-again", data={"csrf": re.findall(_FIELD.format("csrf"), page)[-1]}
        )
        assert again.status_code == 303
        rows = await sql.rows("select channel, withdrawn_on is null as open from feedback.invitation order by id")
        assert [tuple(row.values()) for row in rows] == [("text", False), ("letter", True)]
        clock.now += timedelta(days=30)
        await sender.once()
        assert len(notify.arrived) == 1

    async def test_what_is_on_its_way_is_asked_for_again_until_it_arrives(
        self, issued: Issued, work: Work, notify: NotifyServer, officer: Officer, clock: Clock, sql: Any
    ) -> None:
        await issued("text")
        notify.fates["+447700900123"] = "sending"
        sender = work()
        await sender.once()
        for _ in range(3):
            clock.now += timedelta(minutes=30)
            await sender.once()
        assert "not known yet whether it arrived" in await officer.page(sql)
        notify.fates["+447700900123"] = "delivered"
        clock.now += timedelta(hours=7)
        await sender.once()
        assert "delivered" in await officer.page(sql)
        assert await sql.value("select delivery from feedback.message") == "delivered"

    async def test_a_mailbox_that_the_server_refuses_is_not_tried_again(
        self, issued: Issued, work: Work, smtp: MailServer, officer: Officer, clock: Clock, sql: Any
    ) -> None:
        await issued("email")
        smtp.refuse[MAIL] = f"550 5.1.1 <{MAIL}> unknown"
        sender = work()
        await sender.once()
        clock.now += timedelta(hours=1)
        await sender.once()
        text = await officer.page(sql)
        assert "Could not be sent: the mail server refused the recipient (550 5.1.1)" in text
        assert MAIL not in text
        assert await sql.value("select attempts from feedback.message") == 1


class TestReminders:
    async def test_two_go_out_with_the_same_link_and_no_third(
        self, issued: Issued, work: Work, notify: NotifyServer, clock: Clock, sql: Any, officer: Officer, family: Any
    ) -> None:
        await issued("text")
        sender = work()
        sent = []
        for day in range(45):
            clock.now = MONDAY + timedelta(days=day)
            await sender.once()
            sent.append(len(notify.arrived))
        # 10 and 20 days later, on working days: 10 December is a Thursday, 20 December a Sunday.
        assert [day for day in range(1, 45) if sent[day] != sent[day - 1]] == [10, 21]
        assert sent[-1] == 3
        assert len({survey(each["personalisation"]["body"]) for each in notify.arrived}) == 1
        await family.open(survey(notify.arrived[-1]["personalisation"]["body"]))
        assert await subjects(sql) == ["invitation_issued", "invitation_sent", "invitation_reminded", "invitation_reminded"]
        assert await sql.value("select count(*) from feedback.send_address") == 0, "nothing is left to be sent"
        text = await officer.page(sql)
        assert "Second reminder" in text
        assert "The address is deleted" in text
        assert "Reminded twice" in (await officer.http.get("/feedback/links?sent=reminded")).text

    async def test_whoever_has_answered_is_not_reminded_and_the_address_goes_at_once(
        self, issued: Issued, work: Work, notify: NotifyServer, clock: Clock, sql: Any, family: Any
    ) -> None:
        await issued("text")
        sender = work()
        await sender.once()
        await family.open(survey(notify.arrived[0]["personalisation"]["body"]))
        await family.answer_all()
        await family.send()
        assert await sql.value("select count(*) from feedback.send_address") == 0
        clock.now += timedelta(days=15)
        assert await sender.once() == 0

    async def test_a_reminder_that_waits_is_stopped_by_the_answer(
        self, issued: Issued, work: Work, notify: NotifyServer, clock: Clock, sql: Any, family: Any
    ) -> None:
        await issued("text")
        sender = work()
        await sender.once()
        clock.now += timedelta(days=10)
        notify.answers.append((503, {}))
        await sender.once()
        assert await sql.value("select state from feedback.message where number = 1") == "waiting"
        await family.open(survey(notify.arrived[0]["personalisation"]["body"]))
        await family.answer_all()
        await family.send()
        assert await sql.value("select state from feedback.message where number = 1") == "stopped"
        clock.now += timedelta(days=1)
        assert await sender.once() == 0

    @pytest.mark.parametrize("change", ["withdrawn_on = current_date", "expires_on = issued_on"])
    async def test_what_is_withdrawn_or_has_ended_is_not_reminded_of(
        self, issued: Issued, work: Work, notify: NotifyServer, clock: Clock, sql: Any, change: str
    ) -> None:
        await issued("text")
        sender = work()
        await sender.once()
        await sql.execute(f"update feedback.invitation set {change}")
        clock.now += timedelta(days=11)
        assert await sender.once() == 0
        assert await sql.value("select count(*) from feedback.send_address") == 0

    async def test_the_database_itself_refuses_a_third_reminder(self, issued: Issued, work: Work, sql: Any) -> None:
        await issued("text")
        statement = "insert into feedback.message (org, id, invitation_id, number) select org, $1, invitation_id, 3 from {}"
        with pytest.raises(asyncpg.CheckViolationError, match="message_reminders_at_most_two"):
            await sql.execute(statement.format("feedback.sending"), uuid4())


class TestSayingNo:
    async def test_one_press_stops_reminders_and_the_link_still_works(
        self, issued: Issued, work: Work, smtp: MailServer, clock: Clock, sql: Any, family: Any, officer: Officer
    ) -> None:
        await issued("email")
        sender = work()
        await sender.once()
        page = no(smtp.arrived[0].text)
        asked = await family.get(page)
        assert asked.status_code == 200
        assert "No more reminders" in asked.text
        assert await sql.value("select said_no_on from feedback.sending") is None, "opening it ends nothing"
        for _ in range(2):
            done = await family.http.post(page)
            assert done.status_code == 200
            assert "You will get no more reminders" in done.text
        assert await sql.value("select count(*) from feedback.send_address") == 0
        assert (await subjects(sql)).count("reminders_declined") == 1
        clock.now += timedelta(days=30)
        assert await sender.once() == 0
        assert "Wants none" in await officer.page(sql)
        await family.open(survey(smtp.arrived[0].text))
        await family.answer_all()
        assert await family.send() == "/s/done"

    async def test_a_mail_program_ends_them_with_one_click_and_no_cookie(
        self, issued: Issued, work: Work, smtp: MailServer, family: Any, sql: Any
    ) -> None:
        await issued("email")
        await work().once()
        address = smtp.arrived[0].mail["list-unsubscribe"].strip("<>").removeprefix("http://loop.test")
        done = await family.http.post(address, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert await sql.value("select said_no_on is not null from feedback.sending")

    @pytest.mark.parametrize("token", ["a" * 13, "a" * 12, "A" * 13, "1" * 13, "%00" * 13])
    async def test_an_address_that_is_none_is_the_kind_page(self, family: Any, token: str) -> None:
        for answer in (await family.get(f"/s/no/{token}"), await family.http.post(f"/s/no/{token}")):
            assert answer.status_code == 404
            assert "We cannot open this survey" in answer.text

    async def test_who_wants_none_is_counted(self, issued: Issued, officer: Officer, sql: Any) -> None:
        for number in range(6):
            await issued("text", reference=f"T-{number}")
        await sql.execute("update feedback.sending set said_no_on = current_date")
        text = (await officer.http.get("/feedback/rates.csv?by=channel")).text
        assert "Wants no reminders" in text
        assert "Text message,6,6,0,0,0,6," in text


class TestPrivacy:
    async def test_no_address_stands_anywhere_but_sealed(
        self, issued: Issued, work: Work, notify: NotifyServer, smtp: MailServer, officer: Officer, clock: Clock, sql: Any,
        capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        structlog.reset_defaults()
        await issued("text")
        await issued("email", reference="EHCP-2")
        notify.answers.append((400, {"errors": [{"error": "BadRequestError", "message": f"{MOBILE} +447700900123 is wrong"}]}))
        smtp.refuse[MAIL] = f"450 4.2.1 <{MAIL}> is full"
        sender = work()
        await sender.once()
        pages = [await officer.page(sql), (await officer.http.get("/feedback/links")).text]
        tables = await sql.rows("select table_name from information_schema.tables where table_schema = 'feedback'")
        stored = [str(await sql.rows(f"select t::text as row from feedback.{each['table_name']} t")) for each in tables]
        logged = capsys.readouterr()
        for text in (*pages, *stored, logged.out, logged.err):
            for part in ("900123", "900 123", "jo.bloggs", "example.org"):
                assert part not in text
        assert "message.failed" in logged.out
        assert "message.put_off" in logged.out

    async def test_whoever_serves_pages_cannot_read_an_address_and_others_see_nothing(self, issued: Issued, sql: Any) -> None:
        await issued("text")
        for column in ("address", "token"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await sql.rows(f"select {column} from feedback.send_address", role="app", org=ORG)
        for table in ("sending", "send_address", "message"):
            query = f"select count(invitation_id) as seen from feedback.{table}"
            assert (await sql.rows(query, role="app", org=ORG))[0]["seen"] == 1
            for org in (None, "telford-wrekin"):
                assert (await sql.rows(query, role="app", org=org))[0]["seen"] == 0
                assert (await sql.rows(query, role="worker", org=org))[0]["seen"] == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await sql.rows("select reference from feedback.invitation", role="worker", org=ORG)

    def test_a_message_shows_nothing_of_itself(self) -> None:
        assert "example" not in repr(Message(MAIL, "S", "B", unsubscribe="https://example.org/s/no/x"))
