"""A sender that dies, is stopped or is overtaken: at most the mail in its hands is repeated, and nothing is lost."""

import asyncio
import subprocess
import sys
from collections import Counter

from libs.chassis.tests.integration.mail_support import (
    QUICK,
    SECRETS,
    ask,
    everything_is,
    expected,
    fetch,
    mailer_to,
    sending,
    settled,
    states,
    subjects,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.mail import MailPutOff, Message, NoMailer
from chassis.mail.notify import ApiKey, NotifyMailer
from chassis.mail_sender import MailSender
from chassis.testing.fixtures import Database
from chassis.testing.mail import Arrived, mail_server, notify_server
from chassis.testing.sample import SCHEMA, eventually
from chassis.unit_of_work import UnitOfWork

# A worker process that does nothing but send.
PROCESS = """
import asyncio, sys
from sqlalchemy.ext.asyncio import create_async_engine
from chassis.mail.smtp import Sender, SmtpMailer, SmtpServer
from chassis.mail_sender import MailSender, Pace
from chassis.secrets import Secrets

async def main(url, port):
    mailer = SmtpMailer(SmtpServer("127.0.0.1", port, "none"), Sender("no-reply@loop.council.example", "Learning Loop"))
    sender = MailSender("sample", create_async_engine(url), Secrets(b"k" * 32), mailer, Pace(idle_seconds=0.02))
    await sender.run(asyncio.Event())

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


class TestDying:
    async def test_a_process_killed_with_a_mail_in_its_hands_repeats_that_one_under_its_number_and_no_other(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, *range(6))
        third = asyncio.Event()
        async with mail_server() as server:

            async def hold_the_third(_: Arrived) -> None:
                if len(server.arrived) == 3:
                    third.set()
                    await asyncio.sleep(300)

            server.before_answer = hold_the_third
            url = database.url("worker").replace("postgresql://", "postgresql+asyncpg://")
            process = await asyncio.to_thread(subprocess.Popen, [sys.executable, "-c", PROCESS, url, str(server.port)])
            try:
                await asyncio.wait_for(third.wait(), 120)
            finally:
                process.kill()
                await asyncio.to_thread(process.wait)
            assert await states(database) == Counter({"sent": 2, "sending": 1, "waiting": 3})
            held = server.arrived[-1]
            async with sending(worker_engine, mailer_to(server)):
                await eventually(lambda: settled(database, {"sent": 5, "sending": 1}))
                assert subjects(server).most_common(1)[0][1] == 1, "it may be under way somewhere: it is left alone"
                await fetch(database, "update mail set next_try_at = now() where state = 'sending'")
                await eventually(everything_is("sent", database))
        counts = subjects(server)
        assert counts == expected(*range(6)) + Counter([str(held.mail["subject"])])
        assert server.arrived[-1].mail["message-id"] == held.mail["message-id"]
        (row,) = await fetch(database, "select * from mail where attempts > 1")
        assert row["doubtful"]

    async def test_through_notify_not_even_that_one_is_repeated(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, 1)
        async with notify_server() as notify:
            mailer = NotifyMailer(ApiKey.parse(notify.api_key), notify.template, address=notify.url)
            await mailer.send(Message("p1@council.example", "Mail 1", "Text 1"), await _id(database))
            # As if the process had died before it could write that down.
            await fetch(database, "update mail set state = 'sending', attempts = 1")
            async with sending(worker_engine, mailer):
                await eventually(everything_is("sent", database))
            assert len(notify.arrived) == 1

    async def test_who_was_too_slow_and_has_been_replaced_changes_nothing_any_more(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        class Slow(NoMailer):
            """Somebody else takes the mail over while it is in our hands, and sends it."""

            @property
            def closed_because(self) -> None:
                return None

            async def send(self, message: Message, reference: str, *, doubtful: bool = False) -> None:
                await fetch(database, "update mail set attempts = 2, state = 'sent', sent_at = '2026-01-01'")
                raise MailPutOff("too slow")

        await ask(uow, 1)
        async with worker_engine.connect() as connection:
            await MailSender(SCHEMA, worker_engine, SECRETS, Slow(), QUICK).step(connection)
        (row,) = await fetch(database, "select * from mail")
        assert (row["state"], row["sent_at"].year, row["last_error"]) == ("sent", 2026, None)

    async def test_a_stop_finishes_the_mail_under_way_and_begins_no_other(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, 1, 2, 3)
        stopping = asyncio.Event()

        async def stop(_: Arrived) -> None:
            stopping.set()

        async with mail_server(before_answer=stop) as server:
            await MailSender(SCHEMA, worker_engine, SECRETS, mailer_to(server), QUICK).run(stopping)
            assert len(server.arrived) == 1
        assert await states(database) == Counter({"sent": 1, "waiting": 2})


async def _id(database: Database) -> str:
    return str((await fetch(database, "select id from mail"))[0]["id"])
