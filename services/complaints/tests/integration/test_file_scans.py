"""Where there is a virus scanner, an officer saves only what it found clean, and sees what became of the rest."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from services.complaints.tests.conftest import application_on
from services.complaints.tests.support import AsPerson, Desk, person
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.attachments.scanning import FileScanning
from chassis.attachments.store import FileStore
from chassis.secrets import Secrets
from chassis.testing import files
from chassis.testing.clamd import ClamdServer
from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient
from complaints.settings import ComplaintsWorkerSettings

SAVE = re.compile(r'href="([^"]+/files/[0-9a-f-]{36})"')


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
async def scanner(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ClamdServer]:
    made = ClamdServer()
    await made.start()
    monkeypatch.setenv("LOOP_SCAN_URL", made.url)
    yield made
    await made.stop()


async def test_it_waits_is_scanned_and_is_saved_or_destroyed(
    scanner: ClamdServer, desk: Desk, database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = f"/complaints/{(await desk.receive())['complaint_id']}/files"
    app = application_on(database, keys, monkeypatch)
    async with app.router.lifespan_context(app), PageClient(AsPerson(app, keys, person("complaints-officer"))) as officer:
        token = re.search(r'name="csrf" value="([^"]+)"', (await officer.get(at)).text)
        assert token is not None
        sent = [("files", ("good.txt", files.TEXT)), ("files", ("bad.txt", b"Look: " + files.EICAR))]
        assert (await officer.post(at, data={"csrf": token[1]}, files=sent)).status_code == 303
        page = await officer.get(at)
        assert words(page.text).count("Waits for the virus scanner") == 2
        assert "not scanned for viruses here" not in page.text
        assert SAVE.findall(page.text) == []
        action = re.search(r'action="([^"]+)/remove"', page.text)
        assert action is not None
        early = await officer.get(action[1])
        assert (early.status_code, "has not looked at this file yet" in words(early.text)) == (409, True)
        await scanned(database, keys)
        page = await officer.get(at)
        assert "Scanned, nothing found" in words(page.text)
        assert "Virus found, destroyed: Eicar-Signature" in words(page.text)
        (save,) = SAVE.findall(page.text)
        assert (await officer.get(save)).content == files.TEXT


async def scanned(database: Database, keys: Keys) -> None:
    """What the worker does, with its settings and its role."""
    settings = await asyncio.to_thread(ComplaintsWorkerSettings.load)
    store = FileStore(Secrets.from_file(keys.folder / "master.key"), scanner=True)
    engine = create_async_engine(database.url("worker").replace("postgresql://", "postgresql+asyncpg://"))
    try:
        assert await FileScanning("complaints", engine, store, settings.scanner).step() == 2
    finally:
        await engine.dispose()
