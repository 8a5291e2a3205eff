"""Whose a request is is told, late ones are reminded of, and when their time is over nothing is left of them."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest
import structlog
from services.feedback.tests.contacting import ORG, SEND_TEAM, WRITTEN, Sit, mails
from services.feedback.tests.sending import Clock

from feedback.use_cases.watch_contacts import Contacts


@pytest.fixture
def clock() -> Clock:
    """Now, as the pages have it."""
    found = Clock()
    found.now = datetime.now(UTC)
    return found


class TestTelling:
    async def test_whose_it_is_is_told_in_a_batch_and_once(
        self, family: Any, other_phone: Any, issue: Any, watch: Contacts, sql: Any, secrets_of_service: Any
    ) -> None:
        for phone in (family, other_phone):
            await phone.open((await issue())["url"])
            await phone.answer_all()
            await phone.send()
            await phone.post("/s/contact", **WRITTEN)
        assert await sql.value("select count(*) from feedback.mail") == 0, "not at the moment of asking"
        assert await watch.once() == 1
        assert await watch.once() == 0
        [(to, subject, body)] = await mails(sql, secrets_of_service)
        assert (to, subject) == (SEND_TEAM, "2 families ask to be contacted")
        assert "https://loop.example/feedback/contacts" in body
        for hidden in (*WRITTEN.values(), "EHCP", "send"):
            assert hidden not in body

    async def test_those_that_wait_too_long_are_reminded_of_each_working_day_until_they_are_reached(
        self, request_: str, watch: Contacts, clock: Clock, sql: Any, secrets_of_service: Any, sit: Sit
    ) -> None:
        await sql.execute("update feedback.contact_request set asked_on = '2026-12-01', due_on = '2026-12-03'")
        clock.now = datetime(2026, 12, 3, 12, tzinfo=UTC)
        assert await watch.once() == 1  # that it came in
        for day, hour, asked in ((4, 8, 0), (4, 9, 1), (4, 15, 0), (5, 12, 0), (6, 12, 0), (7, 12, 1)):
            clock.now = datetime(2026, 12, day, hour, tzinfo=UTC)
            assert await watch.once() == asked, (day, hour)
        mo = sit()
        await mo.take(request_, "take")
        clock.now = datetime(2026, 12, 8, 12, tzinfo=UTC)
        assert await watch.once() == 1, "taking it is not reaching them"
        await mo.take(request_, "reached")
        clock.now = datetime(2026, 12, 9, 12, tzinfo=UTC)
        assert await watch.once() == 0
        assert {subject for _, subject, _ in (await mails(sql, secrets_of_service))[1:]} == {"A family waits to be contacted"}

    async def test_several_workers_tell_once(self, request_: str, watch: Contacts) -> None:
        assert sum(await asyncio.gather(*(watch.once() for _ in range(4)))) == 1


class TestDeleting:
    @pytest.mark.parametrize(("closed_days", "asked_days", "left"), [(29, 31, 1), (30, 31, 0), (None, 89, 1), (None, 90, 0)])
    async def test_nothing_is_left_in_any_table_when_its_time_is_over(
        self,
        request_: str,
        watch: Contacts,
        clock: Clock,
        sql: Any,
        sit: Sit,
        closed_days: int | None,
        asked_days: int,
        left: int,
    ) -> None:
        mo = sit()
        for step in ("take", "tried", "reached", *(["close"] if closed_days is not None else [])):
            await mo.take(request_, step, words="Spoke with Jo Bloggs")
        ident = request_.rpartition("/")[2]
        reference = await sql.value("select reference from feedback.contact_request")
        today = clock.now.date()
        closed_on: date | None = today - timedelta(days=closed_days) if closed_days is not None else None
        await sql.execute(
            "update feedback.contact_request set asked_on = $1, due_on = $1, closed_on = $2",
            today - timedelta(days=asked_days), closed_on,
        )  # fmt: skip
        await sql.execute("update feedback.contact_once set day = $1", today - timedelta(days=asked_days))
        await watch.once()
        assert await sql.value("select count(*) from feedback.contact_request") == left
        assert bool(await sql.value("select count(*) from feedback.contact_history")) == bool(left)
        assert await sql.value("select count(*) from feedback.contact_once") == 0
        if left:
            return
        # Neither the request nor its reference nor a sealed word of it: not in one table of the service.
        tables = await sql.rows("select table_name from information_schema.tables where table_schema = 'feedback'")
        for each in tables:
            rows = str(await sql.rows(f"select t::text as row from feedback.{each['table_name']} t"))
            # That somebody read it stays true; the number in the trail leads to nothing any more.
            kept = {ident} if each["table_name"] == "trail" else set()
            for trace in {ident, reference, "Bloggs", "960 777"} - kept:
                assert trace not in rows, each["table_name"]

    async def test_the_day_of_the_last_mail_holds_no_trace_either(
        self, request_: str, watch: Contacts, clock: Clock, sql: Any
    ) -> None:
        await watch.once()
        ident = request_.rpartition("/")[2]
        [mail] = await sql.rows("select key from feedback.mail")
        assert ident not in mail["key"]


class TestPrivacy:
    async def test_nothing_of_it_stands_in_logs_events_or_tables_in_the_clear(
        self, request_: str, watch: Contacts, sit: Sit, sql: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        structlog.reset_defaults()
        mo = sit()
        await mo.take(request_, "take")
        await mo.take(request_, "close", words="Spoke with Jo Bloggs")
        await watch.once()
        tables = await sql.rows("select table_name from information_schema.tables where table_schema = 'feedback'")
        stored = [str(await sql.rows(f"select t::text as row from feedback.{each['table_name']} t")) for each in tables]
        logged = capsys.readouterr()
        for text in (*stored, logged.out, logged.err):
            for part in ("Bloggs", "960 777", "son Sam", "after four"):
                assert part not in text
        assert await sql.value("select count(*) from feedback.outbox where subject not like '%.invitation_issued' "
                               "and subject not like '%.response_submitted'") == 0  # fmt: skip

    async def test_the_worker_cannot_read_what_was_written_and_others_see_nothing(self, request_: str, sql: Any) -> None:
        for statement in ("select details from feedback.contact_request", "select words from feedback.contact_history"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await sql.rows(statement, role="worker", org=ORG)
        for table in ("contact_request", "contact_history", "contact_once"):
            query = f"select count(*) as seen from feedback.{table}"
            for org in (None, "telford-wrekin"):
                assert (await sql.rows(query, role="app", org=org))[0]["seen"] == 0
        for statement in ("delete from feedback.contact_request", "update feedback.contact_history set at = now()",
                          "update feedback.contact_request set details = ''", "delete from feedback.contact_once"):  # fmt: skip
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await sql.rows(statement, role="app", org=ORG)
