"""Mails through a Notify that checks every request as the real one is documented to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from chassis.mail import Attachment, MailPutOff, MailRefused, Message
from chassis.mail.notify import ApiKey, NotifyMailer
from chassis.notify import FATES, NotifyService
from chassis.testing.mail import NotifyServer, notify_server

MESSAGE = Message("sam@council.example", "Audit SC-2026-11-004 is due", "It is due on Monday.\nZoë")


@asynccontextmanager
async def mailer_to(notify: NotifyServer, **options: Any) -> AsyncIterator[NotifyMailer]:
    key = ApiKey.parse(options.pop("api_key", notify.api_key))
    mailer = NotifyMailer(key, options.pop("template", notify.template), address=notify.url, **options)
    try:
        yield mailer
    finally:
        await mailer.close()


def errors(kind: str, words: str) -> dict[str, Any]:
    return {"errors": [{"error": kind, "message": words}]}


class TestSending:
    async def test_a_mail_is_taken_with_its_reference_and_fills_the_template(self) -> None:
        async with notify_server() as notify, mailer_to(notify) as mailer:
            await mailer.send(MESSAGE, "ref-1")
        assert notify.arrived == [
            {
                "email_address": MESSAGE.to,
                "template_id": str(notify.template),
                "personalisation": {"subject": MESSAGE.subject, "body": MESSAGE.body},
                "reference": "ref-1",
            }
        ]
        assert notify.asked == [], "nobody asks where there is no doubt"

    async def test_a_file_goes_as_a_link_by_a_template_of_its_own(self) -> None:
        message = replace(MESSAGE, attachment=Attachment("letter.pdf", b"%PDF-1.7"))
        async with notify_server() as notify, mailer_to(notify, file_template=notify.file_template) as mailer:
            await mailer.send(message, "1")
        (arrived,) = notify.arrived
        assert arrived["template_id"] == str(notify.file_template)
        link = arrived["personalisation"]["link_to_file"]
        assert (link["file"], link["filename"], link["confirm_email_before_download"]) == ("JVBERi0xLjc=", "letter.pdf", True)

    async def test_a_file_without_that_template_is_refused_for_good(self) -> None:
        message = replace(MESSAGE, attachment=Attachment("letter.pdf", b"%PDF-1.7"))
        async with notify_server() as notify, mailer_to(notify) as mailer:
            with pytest.raises(MailRefused, match="LOOP_MAIL_NOTIFY_FILE_TEMPLATE"):
                await mailer.send(message, "1")
        assert notify.arrived == []

    async def test_replies_go_where_the_service_says(self) -> None:
        reply_to = uuid4()
        async with notify_server() as notify, mailer_to(notify, reply_to=reply_to) as mailer:
            await mailer.send(MESSAGE, "1")
        assert notify.arrived[0]["email_reply_to_id"] == str(reply_to)

    async def test_it_can_go_on_after_it_was_closed(self) -> None:
        async with notify_server() as notify, mailer_to(notify) as mailer:
            await mailer.send(MESSAGE, "1")
            await mailer.close()
            await mailer.send(MESSAGE, "2")
        assert len(notify.arrived) == 2


class TestOnceEach:
    async def test_a_mail_whose_answer_was_lost_is_not_sent_again(self) -> None:
        async with notify_server() as notify, mailer_to(notify) as mailer:
            notify.lose_answers = 1
            with pytest.raises(MailPutOff) as caught:
                await mailer.send(MESSAGE, "ref-1")
            assert caught.value.doubtful
            await mailer.send(MESSAGE, "ref-1", doubtful=True)
        assert [each["reference"] for each in notify.arrived] == ["ref-1"]
        assert notify.asked == ["ref-1"]

    async def test_a_mail_in_doubt_that_did_not_arrive_is_sent(self) -> None:
        async with notify_server() as notify, mailer_to(notify) as mailer:
            await mailer.send(MESSAGE, "ref-1", doubtful=True)
        assert len(notify.arrived) == 1


class TestRefusals:
    async def test_a_malformed_request_is_final_with_the_reason(self) -> None:
        async with notify_server() as notify, mailer_to(notify, template=uuid4()) as mailer:
            with pytest.raises(MailRefused, match="400 ValidationError: Template not found"):
                await mailer.send(MESSAGE, "1")

    async def test_the_reason_does_not_repeat_the_mail(self) -> None:
        async with notify_server() as notify, mailer_to(notify) as mailer:
            for words, expected in (
                (f"{MESSAGE.to} is not on the list", "400 BadRequestError: … is not on the list"),
                (f"cannot send {MESSAGE.subject!r}", "400 BadRequestError"),
                ("saw: It is due on Monday.", "400 BadRequestError"),
            ):
                notify.answers.append((400, errors("BadRequestError", words)))
                with pytest.raises(MailRefused) as caught:
                    await mailer.send(MESSAGE, "1")
                assert caught.value.reason == f"GOV.UK Notify: {expected}"

    async def test_a_key_that_is_not_known_holds_everything_up_until_it_is_mended(self) -> None:
        async with notify_server() as notify:
            async with mailer_to(notify, api_key=f"x-{notify.service}-{uuid4()}") as mailer:
                with pytest.raises(MailPutOff, match="403 AuthError: Invalid token: API key not found") as caught:
                    await mailer.send(MESSAGE, "1")
            assert caught.value.for_all
            async with mailer_to(notify, api_key=f"x-{uuid4()}-{notify.secret}") as mailer:
                with pytest.raises(MailPutOff, match="service not found"):
                    await mailer.send(MESSAGE, "1")
        assert notify.arrived == []

    @pytest.mark.parametrize(
        ("status", "doubtful"), [(429, False), (500, False), (502, True), (503, True), (504, True), (404, False), (302, False)]
    )
    async def test_what_may_pass_is_tried_again_and_only_a_lost_answer_is_in_doubt(self, status: int, doubtful: bool) -> None:
        async with notify_server() as notify, mailer_to(notify) as mailer:
            notify.answers.append((status, errors("RateLimitError", "Exceeded rate limit")))
            with pytest.raises(MailPutOff, match=str(status)) as caught:
                await mailer.send(MESSAGE, "1")
            assert (caught.value.for_all, caught.value.doubtful) == (True, doubtful)
            await mailer.send(MESSAGE, "1")
        assert len(notify.arrived) == 1

    @pytest.mark.parametrize("body", ["nothing", {"errors": "none"}, {"errors": [{}]}, [], None])
    async def test_an_answer_of_another_kind_is_no_end(self, body: Any) -> None:
        async with notify_server() as notify, mailer_to(notify) as mailer:
            notify.answers.append((400, body))
            with pytest.raises(MailRefused, match=r"GOV\.UK Notify: 400$"):
                await mailer.send(MESSAGE, "1")

    async def test_nobody_there_holds_everything_up(self) -> None:
        async with notify_server() as notify:
            gone = notify
        async with mailer_to(gone) as mailer:
            with pytest.raises(MailPutOff, match="cannot be reached") as caught:
                await mailer.send(MESSAGE, "1")
        assert (caught.value.for_all, caught.value.doubtful) == (True, False)


class TestApiKey:
    def test_it_is_taken_apart_whatever_its_name_looks_like(self) -> None:
        service, secret = str(uuid4()), str(uuid4())
        for name in ("", "live-", f"{uuid4()}-", "my key - 2-"):
            assert ApiKey.parse(f"{name}{service}-{secret}\n") == ApiKey(service, secret)

    @pytest.mark.parametrize("key", ["", "hunter2", "0197a3c2-0000-7000-8000-000000000001", f"{'a' * 36}-{'b' * 36}"])
    def test_what_is_none_is_refused_and_not_repeated(self, key: str) -> None:
        with pytest.raises(ValueError, match=r"expected a key of GOV\.UK Notify") as caught:
            ApiKey.parse(key)
        assert not key or key not in str(caught.value)


class TestTexts:
    async def test_a_text_message_is_taken_and_its_fate_is_told(self) -> None:
        async with notify_server() as notify:
            service = NotifyService(ApiKey.parse(notify.api_key), address=notify.url)
            text = {"phone_number": "+447700900123", "template_id": str(notify.text_template), "reference": "t-1"}
            ident = await service.send("sms", {**text, "personalisation": {"body": "How did we do?"}}, ("How did we do?",))
            assert ident is not None
            for status, fate in FATES.items():
                notify.fates["+447700900123"] = status
                assert await service.fate(ident) == fate
            notify.fates["+447700900123"] = "a word that is new"
            assert await service.fate(ident) == "pending"
            assert await service.fate("00000000-0000-0000-0000-000000000000") is None
            assert await service.find("t-1") == ident
            await service.close()

    async def test_no_reason_repeats_a_telephone_number(self) -> None:
        async with notify_server() as notify:
            service = NotifyService(ApiKey.parse(notify.api_key), address=notify.url)
            notify.answers.append((400, errors("BadRequestError", "Can't send to +44 7700 900 123 or 07700900123")))
            with pytest.raises(MailRefused) as caught:
                await service.send("sms", {"reference": "t"}, ())
            assert "900" not in caught.value.reason
            await service.close()


class TestUnsubscribing:
    async def test_the_address_for_one_click_goes_along(self) -> None:
        message = replace(MESSAGE, unsubscribe="https://loop.example/s/no/abc")
        async with notify_server() as notify, mailer_to(notify) as mailer:
            await mailer.send(message, "1")
        assert notify.arrived[0]["one_click_unsubscribe_url"] == "https://loop.example/s/no/abc"
