"""Links are sent by text message and e-mail: once, at the right time, and what became of each is seen."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from services.feedback.tests.sending import (
    FIELD,
    LETTER,
    MAIL,
    MOBILE,
    MONDAY,
    NEW,
    Clock,
    Issued,
    Officer,
    Work,
    no,
    subjects,
    survey,
)

from chassis.testing.mail import MailServer, NotifyServer
from feedback.adapters.carriers import NoTexts, NotifyTexts
from feedback.use_cases import send_messages
from feedback.use_cases.send_messages import Sending


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

    async def test_nothing_goes_out_for_a_letter_whose_use_is_restricted_until_that_ends(
        self, issued: Issued, work: Work, notify: NotifyServer, sql: Any
    ) -> None:
        await issued("text")
        asked = "'worcestershire', gen_random_uuid(), 'SAR-1', 'restriction', '2026-11-01', '2026-11-01', '2026-12-01', ''"
        await sql.execute(
            "with asked as (insert into feedback.subject_request (org, id, reference, entitlement, received_on, starts_on, "
            f"due_on, asked, made_by) values ({asked}, 'dpo') returning org, id) "
            "insert into feedback.subject_restriction (org, id, kind, record_id, request_id, ground, reason, from_on, "
            "by_subject, by_name) select i.org, i.id, 'letter', i.id, asked.id, 'claim', '', '2026-11-01', 'dpo', '' "
            "from feedback.invitation i, asked"
        )
        assert await work().once() == 0
        await sql.execute(
            "update feedback.subject_restriction "
            "set ended_on = '2026-11-30', told_on = '2026-11-30', ended_by = 'dpo', ending = ''"
        )
        assert await work().once() == 1
        assert len(notify.arrived) == 1

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
        fields = {name: re.findall(FIELD.format(name), page)[-1] for name in ("csrf", "key")}
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
        data = {**LETTER, "reference": "", "channel": "text", "csrf": re.findall(FIELD.format("csrf"), page)[-1]}
        sent = await officer.http.post("/feedback/links/batch", data=data, files={"file": ("sheet.csv", sheet.encode())})
        assert sent.status_code == 303, sent.text
        checked = await officer.http.get(sent.headers["location"])
        text = " ".join(re.sub(r"<[^>]+>", " ", checked.text).split())
        assert "Sent by us as text message 2" in text
        assert "Without an address: you send them 1" in text
        assert "4 address (B) This is not a mobile number" in text
        assert "900001" not in checked.text
        token = re.findall(FIELD.format("csrf"), checked.text)[-1]
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
