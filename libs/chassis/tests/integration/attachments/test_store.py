"""Files in sealed pieces: whatever comes in comes out again, and nothing else does."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.attachments.download import download
from chassis.attachments.kinds import KINDS
from chassis.attachments.limits import CHUNK_BYTES
from chassis.attachments.recognise import Recognised
from chassis.attachments.store import UNREADABLE, FileDamagedError, FileStore, measure
from chassis.errors import DomainError
from chassis.secrets import Secrets
from chassis.testing.files import as_file
from chassis.testing.fixtures import Database
from chassis.unit_of_work import UnitOfWork

SECRETS = Secrets(b"k" * 32)
STORE = FileStore(SECRETS, scanner=False)
TEXT = Recognised(KINDS["text"])


async def put(uow: UnitOfWork, content: bytes, name: str = "Jo Hill's letter.txt", org: str = "north") -> UUID:
    async with uow.begin(org) as transaction:
        return await STORE.put(transaction, measure(as_file(content), name, TEXT))


async def read(uow: UnitOfWork, ident: UUID, org: str = "north", store: FileStore = STORE) -> bytes:
    async with uow.begin(org) as transaction:
        found = (await store.find(transaction, [ident]))[ident]
    return b"".join([piece async for piece in store.content(uow, org, found)])


async def as_admin(database: Database, sql: str) -> Any:
    connection = await asyncpg.connect(database.url("admin"))
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


contents = st.one_of(
    st.binary(min_size=1, max_size=500),
    st.builds(lambda size, byte: bytes([byte]) * size, st.integers(1, 3 * CHUNK_BYTES + 2), st.integers(0, 255)),
    st.sampled_from([bytes(CHUNK_BYTES * number + more) for number in (1, 2) for more in (-1, 0, 1)]),
)
ONCE = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class TestContent:
    @ONCE
    @given(content=contents, name=st.text(max_size=100))
    async def test_any_bytes_and_any_name_come_back_equal(self, uow: UnitOfWork, content: bytes, name: str) -> None:
        ident = await put(uow, content, name)
        assert await read(uow, ident) == content
        async with uow.begin("north") as transaction:
            found = (await STORE.find(transaction, [ident]))[ident]
        assert (found.name, found.size, found.scan, found.scan_reason) == (name, len(content), "not-scanned", "no-scanner")

    @ONCE
    @given(data=st.data())
    async def test_a_changed_byte_anywhere_is_refused(self, uow: UnitOfWork, database: Database, data: st.DataObject) -> None:
        ident = await put(uow, b"abc" * CHUNK_BYTES)
        number = data.draw(st.integers(0, 2))
        place = data.draw(st.one_of(st.integers(0, 40), st.integers(0, CHUNK_BYTES)))
        await as_admin(
            database,
            f"update sample.stored_piece set content = set_byte(content, {place}, get_byte(content, {place}) # 1) "
            f"where file_id = '{ident}' and number = {number}",
        )
        with pytest.raises(FileDamagedError):
            await read(uow, ident)

    @pytest.mark.parametrize(
        "change",
        [
            "delete from sample.stored_piece where file_id = '{a}' and number = 2",
            "update sample.stored_piece set number = 3 - number where file_id = '{a}' and number in (1, 2)",
            """update sample.stored_piece p set content = o.content from sample.stored_piece o
                where p.file_id = '{a}' and o.file_id = '{b}' and o.number = p.number and p.number = 1""",
            "update sample.stored_file set pieces = 2, size = 400000 where id = '{a}'",
            "update sample.stored_piece set content = ''::bytea where file_id = '{a}' and number = 0",
            "update sample.stored_file f set details = o.details from sample.stored_file o where f.id = '{a}' and o.id = '{b}'",
        ],
    )
    async def test_pieces_that_are_missing_swapped_another_files_or_cut_off_are_refused(
        self, uow: UnitOfWork, database: Database, change: str
    ) -> None:
        content = b"abc" * CHUNK_BYTES
        a, b = await put(uow, content), await put(uow, content)
        await as_admin(database, "alter table sample.stored_piece drop constraint stored_piece_key")
        await as_admin(database, change.format(a=a, b=b))
        if "details" in change:
            async with uow.begin("north") as transaction:
                assert (await STORE.find(transaction, [a]))[a].name == UNREADABLE
        with pytest.raises(FileDamagedError):
            await read(uow, a)
        assert await read(uow, b) == content

    async def test_nothing_of_it_can_be_read_in_the_tables_or_by_another_organisation_or_key(
        self, uow: UnitOfWork, database: Database
    ) -> None:
        ident = await put(uow, b"Nobody came to see Sam Reed. " * 20)
        for table in ("stored_file", "stored_piece"):
            rows = await as_admin(database, f"select row_to_json(t)::text as row from sample.{table} t")
            plain = bytes.fromhex("".join(each for each in rows[0]["row"].partition("\\\\x")[2].partition('"')[0]))
            assert b"Sam" not in plain
            assert "Hill" not in rows[0]["row"]
            assert b"Hill" not in plain
        async with uow.begin("south") as transaction:
            assert await STORE.find(transaction, [ident]) == {}
        with pytest.raises(FileDamagedError):
            await read(uow, ident, store=FileStore(Secrets(b"x" * 32), scanner=False))

    async def test_an_upload_that_breaks_off_leaves_nothing(self, uow: UnitOfWork, database: Database) -> None:
        class BreakingError(Exception):
            pass

        async def upload() -> None:
            async with uow.begin("north") as transaction:
                await STORE.put(transaction, measure(as_file(b"x" * CHUNK_BYTES * 2), "a", TEXT))
                raise BreakingError

        with pytest.raises(BreakingError):
            await upload()
        assert await as_admin(database, "select 1 from sample.stored_file union all select 1 from sample.stored_piece") == []

    async def test_what_is_destroyed_leaves_its_row_and_what_is_deleted_leaves_nothing(
        self, uow: UnitOfWork, database: Database
    ) -> None:
        first, second = await put(uow, b"one"), await put(uow, b"two")
        async with uow.begin("north") as transaction:
            await STORE.destroy(transaction, first)
            await STORE.delete(transaction, second)
            found = await STORE.find(transaction, [first, second])
        assert list(found) == [first]
        assert found[first].destroyed_at is not None
        assert await as_admin(database, "select 1 from sample.stored_piece") == []
        with pytest.raises(DomainError, match="file-removed"):
            await download(uow, "north", STORE, found[first])

    async def test_the_same_content_is_known_again_in_one_organisation_only(self, uow: UnitOfWork) -> None:
        async with uow.begin("north") as transaction:
            ids = [await STORE.put(transaction, measure(as_file(b"same"), name, TEXT)) for name in ("a", "b")]
            found = await STORE.find(transaction, ids)
        assert len({each.content_key for each in found.values()}) == 1
        assert STORE.content_key("south", found[ids[0]].sha256) != found[ids[0]].content_key

    async def test_the_worker_may_not_store_and_the_web_may_not_call_anything_clean(
        self, uow: UnitOfWork, worker_engine: AsyncEngine
    ) -> None:
        await put(uow, b"x")
        async with uow.begin("north") as transaction:
            with pytest.raises(Exception, match="permission denied"):
                await transaction.connection.execute(text("update stored_file set scan = 'clean', scan_reason = null"))
        with pytest.raises(Exception, match="permission denied"):
            await put(UnitOfWork(worker_engine), b"x")


class TestDownload:
    async def test_it_is_saved_and_never_shown(self, uow: UnitOfWork) -> None:
        content = b"line\r\n" * CHUNK_BYTES
        ident = await put(uow, content, "Füchse\u202e.html")
        async with uow.begin("north") as transaction:
            found = (await STORE.find(transaction, [ident]))[ident]
        answer: Any = await download(uow, "north", STORE, found)
        assert b"".join([piece async for piece in answer.body_iterator]) == content
        assert answer.headers["content-disposition"] == (
            "attachment; filename=\"Fuchse .html.txt\"; filename*=UTF-8''F%C3%BCchse%20.html.txt"
        )
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        expected = {"x-content-type-options": "nosniff", "cache-control": "no-store", "content-length": str(len(content))}
        assert expected.items() <= dict(answer.headers).items()

    async def test_where_there_is_a_scanner_only_what_is_clean_is_handed_out(self, uow: UnitOfWork) -> None:
        scanned = FileStore(SECRETS, scanner=True)
        async with uow.begin("north") as transaction:
            ident = await scanned.put(transaction, measure(as_file(b"x"), "a", TEXT))
            found = (await scanned.find(transaction, [ident]))[ident]
        assert found.scan == "waiting"
        with pytest.raises(DomainError, match="file-not-scanned-yet"):
            await download(uow, "north", scanned, found)
        async with uow.begin("north") as transaction:
            old = (await STORE.find(transaction, [await STORE.put(transaction, measure(as_file(b"x"), "a", TEXT))])).popitem()[
                1
            ]
        with pytest.raises(DomainError, match="file-not-scannable"):
            await download(uow, "north", scanned, old)
