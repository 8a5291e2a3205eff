"""Uploads wait for the person who sent them, once, and not for ever."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.errors import DomainError
from chassis.housekeeping import Housekeeping
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database
from chassis.unit_of_work import UnitOfWork
from chassis.uploads import UploadStore

SECRETS = Secrets(b"k" * 32)
CONTENT = {"rows": [{"case": "LCS-204418", "name": "naïve"}] * 3}


@pytest.fixture
def store() -> UploadStore:
    return UploadStore(SECRETS, "things")


async def keep(uow: UnitOfWork, store: UploadStore, org: str = "north") -> UUID:
    async with uow.begin(org) as transaction:
        return await store.keep(transaction, "staff:alex", CONTENT)


async def find(uow: UnitOfWork, store: UploadStore, upload_id: UUID, org: str = "north", who: str = "staff:alex") -> Any:
    async with uow.begin(org) as transaction:
        return await store.find(transaction, upload_id, who)


class TestUploads:
    async def test_its_sender_finds_what_was_read(self, uow: UnitOfWork, store: UploadStore) -> None:
        found = await find(uow, store, await keep(uow, store))
        assert (found.content, found.done_at, found.result) == (CONTENT, None, None)

    async def test_another_process_with_the_same_key_finds_it_too(self, uow: UnitOfWork, store: UploadStore) -> None:
        other = UploadStore(Secrets(b"k" * 32), "things")
        assert (await find(uow, other, await keep(uow, store))).content == CONTENT

    async def test_nothing_of_it_can_be_read_in_the_table(
        self, uow: UnitOfWork, store: UploadStore, database: Database
    ) -> None:
        await keep(uow, store)
        connection = await asyncpg.connect(database.url("admin"))
        content = await connection.fetchval("select content from sample.upload")
        await connection.close()
        assert b"LCS" not in content

    async def test_a_colleague_another_organisation_another_kind_and_a_guess_find_nothing(
        self, uow: UnitOfWork, store: UploadStore
    ) -> None:
        upload_id = await keep(uow, store)
        for other, org, who, which in (
            (store, "north", "staff:jo", upload_id),
            (store, "south", "staff:alex", upload_id),
            (UploadStore(SECRETS, "people"), "north", "staff:alex", upload_id),
            (store, "north", "staff:alex", uuid4()),
        ):
            with pytest.raises(DomainError, match="upload-gone: This upload is not kept any more: after 24 hours"):
                await find(uow, other, which, org, who)

    async def test_one_that_is_too_old_is_gone_before_and_after_it_is_cleared_away(
        self, uow: UnitOfWork, worker_engine: AsyncEngine
    ) -> None:
        short, long = UploadStore(SECRETS, "things", timedelta(milliseconds=1)), UploadStore(SECRETS, "things")
        old, young = await keep(uow, short), await keep(uow, long, "south")
        await asyncio.sleep(0.01)
        with pytest.raises(DomainError, match="upload-gone"):
            await find(uow, short, old)
        assert await Housekeeping(worker_engine).clear() == 0
        assert await Housekeeping(worker_engine, uploads=True).clear() == 1
        assert (await find(uow, long, young, "south")).content == CONTENT

    async def test_of_two_clicks_the_second_waits_and_sees_that_it_is_done(self, uow: UnitOfWork, store: UploadStore) -> None:
        upload_id, done = await keep(uow, store), []

        async def click(number: int) -> None:
            async with uow.begin("north") as transaction:
                upload = await store.find(transaction, upload_id, "staff:alex", claim=True)
                if upload.done_at is None:
                    await asyncio.sleep(0.05)
                    done.append(number)
                    await store.finish(transaction, upload_id, {"recorded": number})

        await asyncio.gather(*(click(number) for number in range(5)))
        assert len(done) == 1
        assert (await find(uow, store, upload_id)).result == {"recorded": done[0]}

    async def test_it_can_be_changed_and_thrown_away_until_it_is_done(self, uow: UnitOfWork, store: UploadStore) -> None:
        upload_id = await keep(uow, store)
        async with uow.begin("north") as transaction:
            await store.change(transaction, upload_id, {"other": 1})
            await store.discard(transaction, upload_id, "staff:jo")
        assert (await find(uow, store, upload_id)).content == {"other": 1}
        async with uow.begin("north") as transaction:
            await store.discard(transaction, upload_id, "staff:alex")
        with pytest.raises(DomainError, match="upload-gone"):
            await find(uow, store, upload_id)

    @pytest.mark.parametrize("column", ["made_by = 'x'", "expires_at = now()", "kind = 'x'", "org = 'south'"])
    async def test_whose_it_is_and_when_it_ends_cannot_be_changed(
        self, uow: UnitOfWork, store: UploadStore, app_engine: AsyncEngine, column: str
    ) -> None:
        await keep(uow, store)
        async with app_engine.connect() as connection:
            with pytest.raises(Exception, match="permission denied"):
                await connection.execute(text(f"update upload set {column}"))
