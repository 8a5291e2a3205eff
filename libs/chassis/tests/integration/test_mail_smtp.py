"""Mails through a real SMTP server on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.mail import MailPutOff, MailRefused, Message, MessageError
from chassis.mail.smtp import Sender, SmtpMailer, SmtpServer
from chassis.testing.mail import HOST, Arrived, Certificate, MailServer, mail_server

SENDER = Sender("no-reply@loop.council.example", "Learning Loop")
MESSAGE = Message("sam@council.example", "Audit SC-2026-11-004 is due", "It is due on Monday.\n.\n\nZoë")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate.make(tmp_path_factory.mktemp("certificate"))


@asynccontextmanager
async def mailer_to(server: MailServer, **options: Any) -> AsyncIterator[SmtpMailer]:
    mailer = SmtpMailer(SmtpServer(HOST, server.port, **{"security": "none", "seconds": 60.0, **options}), SENDER)
    try:
        yield mailer
    finally:
        await mailer.close()


class TestSending:
    async def test_a_mail_arrives_as_it_was_meant(self) -> None:
        async with mail_server() as server, mailer_to(server) as mailer:
            await mailer.send(MESSAGE, "ref-1")
        (arrived,) = server.arrived
        assert (arrived.sender, arrived.recipients) == (SENDER.address, (MESSAGE.to,))
        assert arrived.mail["subject"] == MESSAGE.subject
        assert arrived.mail["message-id"] == "<ref-1@loop.council.example>"
        assert arrived.text == MESSAGE.body

    async def test_one_connection_serves_many_and_a_later_one_is_made_anew(self) -> None:
        async with mail_server() as server, mailer_to(server) as mailer:
            for number in range(3):
                await mailer.send(MESSAGE, str(number))
            assert len(server._sessions) == 1
            await mailer.close()
            await mailer.send(MESSAGE, "3")
            assert len(server._sessions) == 2
        assert len(server.arrived) == 4

    async def test_a_server_that_takes_only_so_many_in_a_row_gets_the_rest_by_another_connection(self) -> None:
        async with mail_server(most_in_a_row=2) as server, mailer_to(server) as mailer:
            for number in range(5):
                await mailer.send(MESSAGE, str(number))
            assert len(server._sessions) == 3
            server.most_in_a_row = 0
            with pytest.raises(MailPutOff, match=r"does not serve us now \(421 4.7.0\)") as caught:
                await mailer.send(MESSAGE, "5")
        assert caught.value.for_all
        assert len(server.arrived) == 5

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        to=st.sampled_from(
            [MESSAGE.to, "a@b.uk>\r\nRCPT TO:<x@evil.example", "x@evil.example\r\nDATA", "a@b.uk x@evil.example"]
        ),
        subject=st.text(max_size=80),
        body=st.lists(st.sampled_from([".", "..", "\r\n", "\n", "\r", "QUIT", "MAIL FROM:<x@evil.example>", "a", " "])).map(
            "".join
        ),
    )
    async def test_no_content_gives_the_server_an_order(self, to: str, subject: str, body: str) -> None:
        async with mail_server() as server, mailer_to(server) as mailer:
            try:
                message = Message(to, subject, body)
            except MessageError:
                return
            await mailer.send(message, "1")
            await mailer.send(MESSAGE, "2")
        assert [each.recipients for each in server.arrived] == [(MESSAGE.to,), (MESSAGE.to,)]
        assert server.arrived[0].text.rstrip("\n") == message.body.rstrip("\n")
        assert server.arrived[1].text == MESSAGE.body


class TestTls:
    @pytest.mark.parametrize("security", ["starttls", "tls"])
    async def test_it_is_encrypted_and_signed_in(self, certificate: Certificate, security: str) -> None:
        options = {"security": security, "user": "loop", "password": "pa ss", "ca_file": certificate.certificate}
        async with (
            mail_server(security=security, certificate=certificate, account=("loop", "pa ss")) as server,
            mailer_to(server, **options) as mailer,
        ):
            await mailer.send(MESSAGE, "1")
        assert [(each.encrypted, each.user) for each in server.arrived] == [(True, "loop")]

    def test_it_works_on_the_loop_that_workers_run_on(self, certificate: Certificate) -> None:
        async def send() -> list[Arrived]:
            options = {"security": "starttls", "ca_file": certificate.certificate}
            async with (
                mail_server(security="starttls", certificate=certificate) as server,
                mailer_to(server, **options) as mailer,
            ):
                await mailer.send(MESSAGE, "1")
            return server.arrived

        assert [each.encrypted for each in uvloop.run(send())] == [True]

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    async def test_a_certificate_that_nobody_vouches_for_is_not_believed(self, certificate: Certificate, security: str) -> None:
        async with (
            mail_server(security=security, certificate=certificate) as server,
            mailer_to(server, security=security) as mailer,
        ):
            with pytest.raises(MailPutOff, match="certificate is not trusted: self-signed certificate") as caught:
                await mailer.send(MESSAGE, "1")
        assert caught.value.for_all
        assert server.arrived == []

    @pytest.mark.parametrize("account", [{}, {"user": "loop", "password": "secret"}])
    async def test_a_server_that_offers_no_tls_gets_neither_password_nor_mail(self, account: dict[str, str]) -> None:
        options = {"security": "starttls", **account}
        async with mail_server() as server, mailer_to(server, **options) as mailer:
            with pytest.raises(MailPutOff, match="does not offer what is set") as caught:
                await mailer.send(MESSAGE, "1")
        assert caught.value.for_all
        assert server.arrived == []

    async def test_a_wrong_password_holds_everything_up_and_is_not_repeated_in_the_reason(
        self, certificate: Certificate
    ) -> None:
        options = {"security": "starttls", "user": "loop", "password": "wrong", "ca_file": certificate.certificate}
        async with (
            mail_server(security="starttls", certificate=certificate, account=("loop", "right")) as server,
            mailer_to(server, **options) as mailer,
        ):
            with pytest.raises(MailPutOff, match=r"refused user or password \(535 5.7.8\)") as caught:
                await mailer.send(MESSAGE, "1")
        assert caught.value.for_all
        assert "wrong" not in caught.value.reason


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ("550 5.1.1 <sam@council.example> unknown", "refused the recipient (550 5.1.1)"),
            ("553 bad mailbox sam@council.example", "refused the recipient (553)"),
        ],
    )
    async def test_a_recipient_who_is_not_there_is_final_and_not_named(self, answer: str, reason: str) -> None:
        async with mail_server(refuse={MESSAGE.to: answer}) as server, mailer_to(server) as mailer:
            with pytest.raises(MailRefused) as caught:
                await mailer.send(MESSAGE, "1")
            await mailer.send(Message("jo@council.example", "s", "b"), "2")
        assert reason in caught.value.reason
        assert "sam" not in caught.value.reason
        assert [each.recipients for each in server.arrived] == [("jo@council.example",)]

    @pytest.mark.parametrize("answer", ["450 4.2.1 greylisted", "452 full", "550 5.7.1 relaying denied", "530 sign in first"])
    async def test_a_refusal_that_may_pass_is_tried_again(self, answer: str) -> None:
        async with mail_server(refuse={MESSAGE.to: answer}) as server, mailer_to(server) as mailer:
            with pytest.raises(MailPutOff) as caught:
                await mailer.send(MESSAGE, "1")
        assert not caught.value.for_all
        assert not caught.value.doubtful

    async def test_a_sender_that_is_not_allowed_holds_everything_up(self) -> None:
        async with mail_server(refuse_sender="550 5.7.60 not you") as server, mailer_to(server) as mailer:
            with pytest.raises(MailPutOff, match=r"LOOP_MAIL_FROM \(550 5.7.60\)") as caught:
                await mailer.send(MESSAGE, "1")
        assert caught.value.for_all

    async def test_a_content_that_is_not_wanted_is_final_and_a_full_disk_is_not(self) -> None:
        async with mail_server(refuse_content="554 5.6.0 spam") as server, mailer_to(server) as mailer:
            with pytest.raises(MailRefused, match=r"refused the message \(554 5.6.0\)"):
                await mailer.send(MESSAGE, "1")
            server.refuse_content = "452 4.3.1 disk full"
            with pytest.raises(MailPutOff, match=r"now \(452 4.3.1\)"):
                await mailer.send(MESSAGE, "1")
            server.refuse_content = None
            await mailer.send(MESSAGE, "1")
        assert len(server.arrived) == 1


class TestTrouble:
    async def test_a_server_that_is_away_holds_everything_up_and_is_used_again_when_it_is_back(self) -> None:
        async with mail_server() as server, mailer_to(server) as mailer:
            await mailer.send(MESSAGE, "1")
            await server.stop()
            for _ in range(2):
                with pytest.raises(MailPutOff) as caught:
                    await mailer.send(MESSAGE, "2")
                assert caught.value.for_all
                assert not caught.value.doubtful, "nothing had been handed over"
            await server.start()
            await mailer.send(MESSAGE, "2")
        assert [each.mail["message-id"][1] for each in server.arrived] == ["1", "2"]

    async def test_a_server_that_falls_silent_with_the_mail_in_its_hands_leaves_a_doubt(self) -> None:
        async def silence(_: Arrived) -> None:
            await asyncio.sleep(30)

        async with mail_server(before_answer=silence) as server, mailer_to(server, seconds=3.0) as mailer:
            with pytest.raises(MailPutOff, match="did not answer in time") as caught:
                await mailer.send(MESSAGE, "1")
        assert caught.value.doubtful
        assert caught.value.for_all

    async def test_a_server_that_dies_with_the_mail_in_its_hands_leaves_a_doubt(self) -> None:
        async with mail_server() as server, mailer_to(server) as mailer:

            async def die(_: Arrived) -> None:
                await server.stop()

            server.before_answer = die
            with pytest.raises(MailPutOff) as caught:
                await mailer.send(MESSAGE, "1")
        assert caught.value.doubtful

    async def test_what_listens_there_and_is_no_mail_server_is_no_end(self, tmp_path: Path) -> None:
        async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await writer.drain()
            writer.close()

        web = await asyncio.start_server(talk, HOST, 0)
        mailer = SmtpMailer(SmtpServer(HOST, web.sockets[0].getsockname()[1], "none", seconds=60.0), SENDER)
        with pytest.raises(MailPutOff) as caught:
            await mailer.send(MESSAGE, "1")
        assert caught.value.for_all
        web.close()
        await web.wait_closed()
