"""The sender on real PostgreSQL and a real SMTP server: once each, whatever goes wrong around it."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from libs.chassis.tests.integration.mail_support import (
    QUICK,
    SECRETS,
    ask,
    everything_is,
    expected,
    fetch,
    mailer_to,
    metric,
    sending,
    settled,
    states,
    subjects,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from chassis.mail import Message, NoMailer
from chassis.mail_queue import enqueue
from chassis.mail_sender import MailSender, Pace
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database
from chassis.testing.mail import mail_server
from chassis.testing.sample import SCHEMA, eventually
from chassis.unit_of_work import UnitOfWork


class TestSending:
    async def test_every_mail_of_every_organisation_goes_out_once_and_says_when(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        sent = metric("loop_mail_sent_total")
        await ask(uow, 1, 2, 3)
        await ask(uow, 4, org="south")
        async with mail_server() as server:
            async with sending(worker_engine, mailer_to(server)):
                await eventually(everything_is("sent", database))
                await ask(uow, 5)
                await eventually(everything_is("sent", database))
            assert subjects(server) == expected(1, 2, 3, 4, 5)
        found = await fetch(database, "select * from mail order by id")
        assert {(row["attempts"], row["last_error"], row["doubtful"]) for row in found} == {(1, None, False)}
        assert all(row["sent_at"] >= row["created_at"] for row in found)
        assert [str(row["id"]) for row in found] == sorted(
            each.mail["message-id"].strip("<>").split("@")[0] for each in server.arrived
        )
        assert metric("loop_mail_sent_total") == sent + 5
        assert metric("loop_mail_waiting") == 0

    async def test_no_line_of_the_log_names_a_person_or_a_content(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, 1, 2)
        with capture_logs() as lines:
            refuse = {"p2@council.example": "550 5.1.1 <p2@council.example>?"}
            async with mail_server(refuse=refuse) as server, sending(worker_engine, mailer_to(server)):
                await eventually(lambda: settled(database, {"sent": 1, "failed": 1}))
        assert {line["event"] for line in lines} == {"mail.leading", "mail.sent", "mail.failed"}
        assert not [line for line in lines if "p2@" in str(line) or "council" in str(line) or "Text" in str(line)]

    async def test_two_senders_at_once_send_each_mail_once_and_the_second_takes_over(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, *range(30))
        async with mail_server() as server, sending(worker_engine, mailer_to(server)) as second:
            async with sending(worker_engine, mailer_to(server)) as first:
                await eventually(everything_is("sent", database))
                assert first.leading != second.leading
            await ask(uow, *range(30, 40))
            await eventually(everything_is("sent", database))
            assert subjects(server) == expected(*range(40))

    async def test_even_without_the_lock_two_never_hand_over_the_same_mail(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, *range(20))
        async with mail_server() as server:

            async def go() -> int:
                mailer = mailer_to(server)
                async with worker_engine.connect() as connection:
                    done = await MailSender(SCHEMA, worker_engine, SECRETS, mailer, QUICK).step(connection)
                await mailer.close()
                return done

            assert sum(await asyncio.gather(go(), go(), go())) == 20
            assert subjects(server) == expected(*range(20))


class TestTrouble:
    async def test_a_refused_recipient_fails_alone_with_the_reason(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        failed = metric("loop_mail_failed_total")
        await ask(uow, 1, 2, 3)
        async with mail_server(refuse={"p2@council.example": "550 5.1.1 <p2@council.example> unknown"}) as server:
            async with sending(worker_engine, mailer_to(server)):
                await eventually(lambda: settled(database, {"sent": 2, "failed": 1}))
            assert subjects(server) == expected(1, 3)
        (row,) = await fetch(database, "select * from mail where state = 'failed'")
        assert (row["last_error"], row["attempts"]) == ("the mail server refused the recipient (550 5.1.1)", 1)
        assert metric("loop_mail_failed_total") == failed + 1

    async def test_a_recipient_who_is_put_off_does_not_hold_up_the_others(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, 1, 2, 3)
        async with mail_server(refuse={"p1@council.example": "450 4.2.1 later"}) as server:
            async with sending(worker_engine, mailer_to(server)):
                await eventually(lambda: settled(database, {"sent": 2, "waiting": 1}))
                server.refuse.clear()
                await eventually(everything_is("sent", database))
            assert subjects(server) == expected(1, 2, 3)

    async def test_a_server_that_was_away_gets_everything_when_it_is_back(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, *range(10))
        async with mail_server() as server:
            await server.stop()
            with capture_logs() as lines:
                async with sending(worker_engine, mailer_to(server)):
                    await eventually(lambda: _held_up(lines, 3))
                    # One is in its hands now and then, and given back each time.
                    await eventually(everything_is("waiting", database))
                    await server.start()
                    await eventually(everything_is("sent", database))
            assert subjects(server) == expected(*range(10))
        held = [line for line in lines if line["event"] == "mail.held_up"]
        assert held[2]["retry_in"] > held[0]["retry_in"], "it asks less and less often"

    async def test_the_database_may_be_cut_off_and_nothing_is_lost_or_repeated(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        async with mail_server() as server, sending(worker_engine, mailer_to(server)) as sender:
            await ask(uow, 1)
            await eventually(everything_is("sent", database))
            cut = f"select pg_terminate_backend(pid, 60000) from pg_stat_activity where usename = '{SCHEMA}_worker'"
            await fetch(database, cut)
            await ask(uow, 2)
            await eventually(everything_is("sent", database))
            assert sender.leading
            assert subjects(server) == expected(1, 2)

    async def test_a_carrier_that_goes_wrong_in_an_unknown_way_puts_off_and_does_not_end_the_sender(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        class Odd(NoMailer):
            """Fails twice with words that hold an address, then takes everything."""

            taken = 0

            @property
            def closed_because(self) -> None:
                return None

            async def send(self, message: Message, reference: str, *, doubtful: bool = False) -> None:
                self.taken += 1
                if self.taken <= 2:
                    raise LookupError(message.to)

        await ask(uow, 1)
        with capture_logs() as lines:
            async with sending(worker_engine, Odd()):
                await eventually(everything_is("sent", database))
        assert [line["reason"] for line in lines if line["event"] == "mail.unexpected"] == ["LookupError"] * 2
        assert "p1@" not in str(lines)

    async def test_what_was_sealed_with_another_key_fails_with_the_reason(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, 1)
        async with mail_server() as server, worker_engine.connect() as connection:
            sender = MailSender(SCHEMA, worker_engine, Secrets(b"x" * 32), mailer_to(server), QUICK)
            assert await sender.step(connection) == 1
            assert server.arrived == []
        (row,) = await fetch(database, "select * from mail")
        assert (row["state"], row["last_error"]) == ("failed", "its content does not open with this installation's key")


async def _waiting(number: int) -> bool:
    return metric("loop_mail_waiting") == number


async def _held_up(lines: list[Any], times: int) -> bool:
    return len([line for line in lines if line["event"] == "mail.held_up"]) >= times


class TestGivingUp:
    async def test_a_mail_waits_longer_after_each_failed_attempt(self) -> None:
        waits = [Pace().wait(attempts).total_seconds() / 60 for attempts in range(1, 9)]
        assert waits == [1, 2, 4, 8, 16, 30, 30, 30]
        assert Pace().wait(100_000) == timedelta(minutes=30)

    async def test_it_is_given_up_after_some_days_with_its_last_reason_and_never_sent_afterwards(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, 1, 2)
        async with mail_server(refuse={"p1@council.example": "450 4.2.1 later"}) as server:
            async with worker_engine.connect() as connection:
                sender = MailSender(SCHEMA, worker_engine, SECRETS, mailer_to(server))
                await sender.step(connection)
                await fetch(database, "update mail set created_at = created_at - interval '3 days', next_try_at = now()")
                server.refuse.clear()
                assert await sender.step(connection) == 0
            assert subjects(server) == expected(2)
        found = await fetch(database, "select key, state, last_error from mail order by key")
        assert [tuple(row) for row in found] == [
            ("key-1", "failed", "given up: the mail server does not take it for this recipient now (450 4.2.1)"),
            ("key-2", "sent", None),
        ]

    async def test_where_no_mail_is_configured_all_wait_and_say_so_and_go_out_once_it_is(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, 1, 2)
        async with sending(worker_engine, NoMailer()):
            await eventually(lambda: _says(database, "not sent: no mail is configured"))
            assert await states(database) == Counter({"waiting": 2})
            await eventually(lambda: _waiting(2))
        async with mail_server() as server:
            async with sending(worker_engine, mailer_to(server), Pace(idle_seconds=0.02)):
                await eventually(everything_is("sent", database))
            assert subjects(server) == expected(1, 2)


async def _says(database: Database, words: str) -> bool:
    return {row["last_error"] for row in await fetch(database, "select last_error from mail")} == {words}


class TestClearing:
    async def test_a_mail_that_is_done_loses_address_and_content_and_is_still_not_sent_again(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, 1, 2, 3)
        async with mail_server(refuse={"p2@council.example": "550 no"}) as server, worker_engine.connect() as connection:
            server.refuse["p3@council.example"] = "450 later"
            sender = MailSender(SCHEMA, worker_engine, SECRETS, mailer_to(server))
            await sender.step(connection)
            assert await sender.clear(connection) == 0
            await fetch(database, "update mail set created_at = created_at - interval '15 days'")
            assert await sender.clear(connection) == 2, "the one that waits still needs it"
            assert await sender.clear(connection) == 0
        found = await fetch(database, "select state, recipient is null and content is null as gone from mail order by key")
        assert [tuple(row) for row in found] == [("sent", True), ("failed", True), ("waiting", False)]
        async with uow.begin("north") as transaction:
            assert not await enqueue(transaction, SECRETS, "key-1", Message("p1@council.example", "a", "b"))

    async def test_a_running_sender_clears_by_itself(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, database: Database
    ) -> None:
        await ask(uow, 1)
        pace = Pace(idle_seconds=0.02, kept=timedelta(0), clear_seconds=0.05)
        async with mail_server() as server, sending(worker_engine, mailer_to(server), pace):

            async def gone() -> bool:
                return not await fetch(database, "select from mail where content is not null or state <> 'sent'")

            await eventually(gone)
            assert subjects(server) == expected(1)


class TestPlans:
    async def test_what_is_due_and_what_is_to_clear_is_found_by_an_index_among_very_many(self, database: Database) -> None:
        await fetch(
            database,
            "insert into mail (org, id, key, state, sent_at, created_at) select 'north', gen_random_uuid(), n::text, 'sent', "
            "now(), now() from generate_series(1, 20000) n",
        )
        await fetch(database, "analyze mail")
        due = await fetch(
            database,
            "explain select org, id from mail where state in ('waiting', 'sending') and next_try_at <= now() "
            "order by next_try_at, id limit 100",
        )
        clear = await fetch(
            database,
            "explain select org, id from mail where state in ('sent', 'failed') and (recipient is not null or "
            "content is not null) and created_at < now() - interval '14 days' limit 100",
        )
        assert "mail_due" in str(due)
        assert "mail_to_clear" in str(clear)
