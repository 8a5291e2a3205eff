"""The queue on real PostgreSQL: in the transaction of what a mail tells of, once a key, sealed, and nobody else's."""

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from chassis.mail import Attachment, Message
from chassis.mail_queue import MOST_KEY, enqueue, unseal
from chassis.secrets import SealError, Secrets
from chassis.testing.fixtures import Database
from chassis.unit_of_work import UnitOfWork

MESSAGE = Message("sam@council.example", "Audit 4 is due", "It is due on Monday.", "qa@council.example")
SECRETS = Secrets(b"k" * 32)


async def ask(uow: UnitOfWork, key: str, message: Message = MESSAGE, org: str = "north") -> bool:
    async with uow.begin(org) as transaction:
        return await enqueue(transaction, SECRETS, key, message)


async def rows(database: Database) -> list[Any]:
    connection = await asyncpg.connect(database.url("admin"))
    try:
        return list(await connection.fetch("select * from sample.mail order by org, key"))
    finally:
        await connection.close()


class TestEnqueue:
    async def test_a_mail_waits_sealed_until_it_is_sent(self, uow: UnitOfWork, database: Database) -> None:
        assert await ask(uow, "k")
        (row,) = await rows(database)
        assert (row["org"], row["key"], row["state"], row["attempts"], row["sent_at"]) == ("north", "k", "waiting", 0, None)
        for part in (row["recipient"], row["content"]):
            assert b"sam" not in part
            assert b"Monday" not in part
        assert unseal(SECRETS, "north", row["recipient"], row["content"]) == MESSAGE
        with pytest.raises(SealError):
            unseal(SECRETS, "south", row["recipient"], row["content"])

    async def test_a_file_is_sealed_with_it(self, uow: UnitOfWork, database: Database) -> None:
        message = replace(MESSAGE, attachment=Attachment("letter.pdf", b"%PDF-1.7 secret"))
        assert await ask(uow, "k", message)
        (row,) = await rows(database)
        assert b"secret" not in row["content"]
        assert unseal(SECRETS, "north", row["recipient"], row["content"]) == message

    async def test_a_key_makes_one_mail_and_the_first_one_counts(self, uow: UnitOfWork, database: Database) -> None:
        assert await ask(uow, "k")
        assert not await ask(uow, "k", Message("jo@council.example", "Other", "Other"))
        (row,) = await rows(database)
        assert unseal(SECRETS, "north", row["recipient"], row["content"]) == MESSAGE

    async def test_two_at_once_make_one_mail(self, uow: UnitOfWork, database: Database) -> None:
        assert sorted(await asyncio.gather(*(ask(uow, "k") for _ in range(4)))) == [False, False, False, True]
        assert len(await rows(database)) == 1

    async def test_another_organisation_has_its_own_keys(self, uow: UnitOfWork, database: Database) -> None:
        assert await ask(uow, "k", org="north")
        assert await ask(uow, "k", org="south")
        assert [row["org"] for row in await rows(database)] == ["north", "south"]

    async def test_what_did_not_happen_is_not_told(self, uow: UnitOfWork, database: Database) -> None:
        async def fail() -> None:
            async with uow.begin("north") as transaction:
                await enqueue(transaction, SECRETS, "k", MESSAGE)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        assert await rows(database) == []
        assert await ask(uow, "k"), "and its key is free"

    @pytest.mark.parametrize("key", ["", "a" * (MOST_KEY + 1), "a\nb", "zoë", "\x00"])
    async def test_a_key_that_is_none_is_refused_before_the_database_sees_it(self, uow: UnitOfWork, key: str) -> None:
        with pytest.raises(ValueError, match="key of a mail"):
            await ask(uow, key)

    async def test_the_longest_key_fits(self, uow: UnitOfWork) -> None:
        assert await ask(uow, "a" * MOST_KEY)


class TestRights:
    async def test_who_serves_requests_sees_what_became_of_it_for_its_own_organisation_only(self, uow: UnitOfWork) -> None:
        await ask(uow, "k")
        for org, expected in (("north", [("k", "waiting")]), ("south", [])):
            async with uow.begin(org) as transaction:
                found = await transaction.connection.execute(text("select key, state from mail"))
                assert [tuple(row) for row in found] == expected

    @pytest.mark.parametrize(
        "statement",
        [
            "select recipient from mail",
            "select content from mail",
            "update mail set state = 'sent'",
            "delete from mail",
            "truncate mail",
        ],
    )
    async def test_who_serves_requests_can_neither_read_nor_change_a_mail(
        self, uow: UnitOfWork, database: Database, statement: str
    ) -> None:
        await ask(uow, "k")
        connection = await asyncpg.connect(database.url("app"))
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        finally:
            await connection.close()

    @pytest.mark.parametrize("statement", ["update mail set key = 'x'", "update mail set org = 'south'", "delete from mail"])
    async def test_not_even_the_worker_can_make_a_mail_go_out_twice(
        self, uow: UnitOfWork, database: Database, statement: str
    ) -> None:
        await ask(uow, "k")
        connection = await asyncpg.connect(database.url("worker"))
        try:
            assert await connection.fetchval("select count(*) from mail") == 1
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        finally:
            await connection.close()

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ("state = 'lost'", "mail_state_is_known"),
            ("state = 'sent'", "mail_sent_says_when"),
            ("sent_at = now()", "mail_sent_says_when"),
            ("content = null", "mail_open_has_content"),
        ],
    )
    async def test_the_table_holds_what_a_mail_must_be(
        self, uow: UnitOfWork, database: Database, change: str, constraint: str
    ) -> None:
        await ask(uow, "k")
        connection = await asyncpg.connect(database.url("worker"))
        try:
            with pytest.raises(asyncpg.CheckViolationError, match=constraint):
                await connection.execute(f"update mail set {change}")
        finally:
            await connection.close()
