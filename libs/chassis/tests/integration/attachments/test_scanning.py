"""Files wait for a scanner: what it says is written down, and what holds a virus is destroyed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.attachments.clamd import Clamd, ScannerAwayError
from chassis.attachments.kinds import KINDS
from chassis.attachments.limits import CHUNK_BYTES
from chassis.attachments.recognise import Recognised
from chassis.attachments.scanning import FileScanning, ScanPace
from chassis.attachments.settings import FileSettings
from chassis.attachments.store import FileStore, StoredFile, measure
from chassis.secrets import Secrets
from chassis.settings import SettingsError
from chassis.testing.clamd import ClamdServer
from chassis.testing.files import EICAR, as_file
from chassis.testing.sample import eventually
from chassis.unit_of_work import UnitOfWork

STORE = FileStore(Secrets(b"k" * 32), scanner=True)
TEXT = Recognised(KINDS["text"])
NOW = ScanPace(idle_seconds=0.01, first_wait=timedelta(0), longest_wait=timedelta(0))


@pytest.fixture
async def server() -> AsyncIterator[ClamdServer]:
    made = ClamdServer()
    await made.start()
    yield made
    await made.stop()


async def put(uow: UnitOfWork, content: bytes, org: str = "north", store: FileStore = STORE) -> UUID:
    async with uow.begin(org) as transaction:
        return await store.put(transaction, measure(as_file(content), "a.txt", TEXT))


async def state(uow: UnitOfWork, ident: UUID, org: str = "north") -> StoredFile:
    async with uow.begin(org) as transaction:
        return (await STORE.find(transaction, [ident]))[ident]


def scanning(engine: AsyncEngine, server: ClamdServer | None, pace: ScanPace = NOW) -> FileScanning:
    scanner = Clamd(server.url, 5) if server else None
    return FileScanning("sample", engine, FileStore(Secrets(b"k" * 32), scanner=scanner is not None), scanner, pace)


class TestScanning:
    async def test_of_all_organisations_clean_ones_are_said_so_and_a_virus_is_destroyed(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, server: ClamdServer
    ) -> None:
        clean = await put(uow, b"clean " * CHUNK_BYTES)
        bad = await put(uow, b"x" * CHUNK_BYTES + EICAR, "south")
        assert await scanning(worker_engine, server).step() == 2
        found, infected = await state(uow, clean), await state(uow, bad, "south")
        assert (found.scan, found.scan_reason, found.may_be_opened(scanner=True)) == ("clean", None, True)
        assert (infected.scan, infected.scan_reason) == ("infected", "Eicar-Signature")
        assert infected.destroyed_at is not None
        assert sorted(len(each) for each in server.scanned) == [CHUNK_BYTES + len(EICAR), 6 * CHUNK_BYTES]
        async with uow.begin("south") as transaction:
            assert (await transaction.connection.execute(text("select count(*) from stored_piece"))).scalar_one() == 0

    async def test_a_scanner_that_is_away_is_asked_again_until_it_answers(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, server: ClamdServer
    ) -> None:
        await server.stop()
        ident = await put(uow, b"x")
        task, stopping = scanning(worker_engine, server), asyncio.Event()
        running = asyncio.create_task(task.run(stopping))

        async def is_(scan: str, reason: str | None) -> bool:
            found = await state(uow, ident)
            return (found.scan, found.scan_reason) == (scan, reason)

        await eventually(lambda: is_("waiting", "scanner-away"))
        await server.start()
        await eventually(lambda: is_("clean", None))
        stopping.set()
        await running

    async def test_one_that_fails_waits_for_its_turn_and_holds_up_no_other(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, server: ClamdServer
    ) -> None:
        first = await put(uow, b"x")
        task = scanning(worker_engine, server, ScanPace(0.01, timedelta(hours=1), timedelta(hours=1)))
        server.answer = b"INSTREAM: Can't allocate memory ERROR"
        assert await task.step() == 1
        assert (await state(uow, first)).scan_reason == "scanner-error"
        server.answer = None
        second = await put(uow, b"y")
        assert await task.step() == 1
        assert ((await state(uow, first)).scan, (await state(uow, second)).scan) == ("waiting", "clean")

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (b"stream: Heuristics.Encrypted.PDF FOUND", "encrypted"),
            (b"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND", "too-much-for-the-scanner"),
        ],
    )
    async def test_what_it_cannot_look_into_is_not_called_clean_or_infected(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, server: ClamdServer, answer: bytes, reason: str
    ) -> None:
        server.answer = answer
        ident = await put(uow, b"x")
        await scanning(worker_engine, server).step()
        found = await state(uow, ident)
        assert (found.scan, found.scan_reason, found.destroyed_at) == ("not-scanned", reason, None)
        assert not found.may_be_opened(scanner=True)

    async def test_one_beyond_the_scanners_limit_is_not_scanned(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, server: ClamdServer
    ) -> None:
        server.most = CHUNK_BYTES
        ident = await put(uow, b"x" * 3 * CHUNK_BYTES)
        await scanning(worker_engine, server).step()
        assert (await state(uow, ident)).scan_reason == "too-large-for-the-scanner"

    async def test_without_a_scanner_nothing_waits_and_with_a_new_one_it_does(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, server: ClamdServer
    ) -> None:
        waited = await put(uow, b"x")
        never = await put(uow, b"y", store=FileStore(Secrets(b"k" * 32), scanner=False))
        await scanning(worker_engine, None).step()
        for ident in (waited, never):
            found = await state(uow, ident)
            assert (found.scan, found.scan_reason, found.may_be_opened(scanner=False)) == ("not-scanned", "no-scanner", True)
        await scanning(worker_engine, server).step()
        assert [(await state(uow, ident)).scan for ident in (waited, never)] == ["clean", "clean"]

    async def test_one_that_was_removed_while_it_was_scanned_stays_removed(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, server: ClamdServer
    ) -> None:
        server.hold = asyncio.Event()
        ident = await put(uow, EICAR)
        running = asyncio.create_task(scanning(worker_engine, server).step())

        async def came() -> bool:
            return bool(server.scanned)

        await eventually(came)
        async with uow.begin("north") as transaction:
            await STORE.destroy(transaction, ident)
        server.hold.set()
        await running
        assert (await state(uow, ident)).scan == "waiting"


class TestClamd:
    async def test_one_that_is_too_slow_or_hangs_up_is_away(self, server: ClamdServer) -> None:
        async def content() -> Any:
            yield b"x"

        server.hold = asyncio.Event()
        with pytest.raises(ScannerAwayError, match="scanner-too-slow"):
            await Clamd(server.url, 0.2).scan(content())
        server.hold.set()
        server.answer = b"x" * 10_000
        with pytest.raises(ScannerAwayError, match="scanner-hung-up"):
            await Clamd(server.url, 5).scan(content())


class TestSettings:
    @pytest.mark.parametrize("url", ["clamd://scanner:3310", "clamd://scanner", "clamd:///run/clamav/clamd.ctl", "", None])
    def test_a_port_or_a_socket_is_an_address(self, url: str | None) -> None:
        assert FileSettings(identity_keys="x", scan_url=url).scan_url == (url or None)  # type: ignore[arg-type]

    def test_somebody_must_have_decided_whether_files_are_scanned(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOOP_IDENTITY_KEYS", "/x")
        monkeypatch.delenv("LOOP_SCAN_URL", raising=False)
        with pytest.raises(SettingsError, match="LOOP_SCAN_URL is missing"):
            FileSettings.load()
        monkeypatch.setenv("LOOP_SCAN_URL", "none")
        assert FileSettings.load().scanner is None
        monkeypatch.setenv("LOOP_SCAN_URL", "clamd://127.0.0.1:3310")
        assert FileSettings.load().scanner is not None

    @pytest.mark.parametrize("url", ["http://x", "clamd://", "clamd:///", "clamd://x:99999", "clamd://x/path", "scanner:3310"])
    def test_anything_else_is_refused(self, url: str) -> None:
        with pytest.raises(ValueError, match="expected clamd"):
            FileSettings(identity_keys="x", scan_url=url)  # type: ignore[arg-type]
