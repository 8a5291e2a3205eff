"""Whoever has not answered is reminded, twice at most; whoever says no is not; and no address is left lying about."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import structlog
from services.feedback.tests.sending import (
    FIELD,
    MAIL,
    MOBILE,
    MONDAY,
    ORG,
    Clock,
    Issued,
    Officer,
    Work,
    no,
    subjects,
    survey,
)

from chassis.mail import Message
from chassis.testing.mail import MailServer, NotifyServer


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
            f"/feedback/links/{ident}/issue-again", data={"csrf": re.findall(FIELD.format("csrf"), page)[-1]}
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
