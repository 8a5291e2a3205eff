"""Data keys change while people write and read: nothing fails to open, and a killed rotation goes on."""

import asyncio
import base64
import hashlib
import io
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.attachments.kinds import KINDS
from chassis.attachments.recognise import Recognised
from chassis.attachments.store import FileStore, Incoming
from chassis.key_encryption import LocalKey
from chassis.key_ring import KeyRing, RingFile, new_kek
from chassis.mail.message import Message
from chassis.mail_queue import enqueue, unseal
from chassis.resealing import Resealing
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Keys
from chassis.unit_of_work import UnitOfWork
from chassis.uploads import UploadStore
from complaints.sealed import SEALED

ORG = "worcestershire"
CONTENT = b"a letter " * 60_000  # three pieces


class Installation:
    """Two processes of a service on one database and one ring, and the operator's command."""

    def __init__(self, database: Database, keys: Keys, folder: Path) -> None:
        self.database = database
        (folder / "kek").write_text(new_kek())
        self.keks = [LocalKey(base64.b64decode((folder / "kek").read_text()), "kek")]
        self.ring = RingFile(folder / "ring.json", self.keks)
        self.ring.make_if_missing()
        self._master = keys.folder / "master.key"
        self.environment = os.environ | {
            "LOOP_DATABASE_URL": database.url("owner"),
            "LOOP_SECRET_KEY_FILE": str(self._master),
            "LOOP_KEY_RING_FILE": str(self.ring.path),
            "LOOP_KEY_ENCRYPTION": json.dumps([f"file:{folder / 'kek'}"]),
        }
        engine = create_async_engine(database.url().replace("postgresql:", "postgresql+asyncpg:"))
        self.uow = UnitOfWork(engine)

    def process(self) -> Secrets:
        return Secrets.from_file(self._master, KeyRing(self.ring.path, self.keks))

    async def write(self, secrets: Secrets, number: int) -> tuple[UUID, UUID]:
        """A mail, an upload and a file, sealed by one process."""
        store = FileStore(secrets, scanner=False)
        kind = Recognised(KINDS["text"], locked=False)
        async with self.uow.begin(ORG) as transaction:
            await enqueue(transaction, secrets, f"k{number}", Message(to="sam@example.org", subject="s", body=f"b{number}"))
            upload = await UploadStore(secrets, "things").keep(transaction, "sam", {"number": number})
            incoming = Incoming(io.BytesIO(CONTENT), "letter.txt", kind, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
            return upload, await store.put(transaction, incoming)

    async def read(self, secrets: Secrets, number: int, upload: UUID, file: UUID) -> None:
        """All of it opens in another process."""
        store = FileStore(secrets, scanner=False)
        async with self.uow.begin(ORG) as transaction:
            found = await UploadStore(secrets, "things").find(transaction, upload, "sam")
            assert found.content == {"number": number}
            stored = (await store.find(transaction, [file]))[file]
        assert b"".join([piece async for piece in store.content(self.uow, ORG, stored)]) == CONTENT

    async def reseal(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "complaints.sealed", "reseal", ORG, env=self.environment, stdout=asyncio.subprocess.PIPE
        )

    async def counts(self) -> dict[str, dict[str, int]]:
        connection = await asyncpg.connect(self.database.url("owner"))
        try:
            found = await Resealing(connection, self.process(), SEALED, ORG).count()
        finally:
            await connection.close()
        return {place: dict(count) for place, count in found.items()}


@pytest.fixture
async def installation(database: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[Installation]:
    made = Installation(database, keys, tmp_path)
    yield made
    await made.uow.engine.dispose()


async def test_writers_and_readers_go_on_and_a_killed_rotation_is_taken_up_again(installation: Installation) -> None:
    before = [await installation.write(installation.process(), number) for number in range(3)]  # derived keys
    writer, reader = installation.process(), installation.process()
    key = installation.ring.add(ORG)
    written = list(before)
    stop = asyncio.Event()

    async def traffic() -> None:
        while not stop.is_set():
            written.append(await installation.write(writer, len(written)))
            number = len(written) % len(before)  # old ones, which are being sealed anew just now
            await installation.read(reader, number, *written[number])
            await installation.read(reader, len(written) - 1, *written[-1])

    going = asyncio.create_task(traffic())
    holder = await asyncpg.connect(installation.database.url("owner"))
    try:
        # A row that somebody holds stops it in the middle, and there it is killed.
        held = holder.transaction()
        await held.start()
        await holder.execute("select set_config('app.areas', '*', true), set_config('app.org', $1, true)", ORG)
        await holder.execute("select from complaints.upload where id = $1 for update", before[1][0])
        job = await installation.reseal()
        while "derived" in (await installation.counts())["mail.content"]:  # noqa: ASYNC110 - another process' work
            await asyncio.sleep(0)  # its own queries take their time
        job.kill()
        await job.wait()
        assert (await installation.counts())["upload.content"]["derived"] >= 1
        await held.rollback()
    finally:
        await holder.close()
    again = await installation.reseal()
    out, _ = await again.communicate()
    stop.set()
    await going
    assert again.returncode == 0
    report = json.loads(out)
    assert all(each["unreadable"] == 0 for each in report["resealed"].values())
    counts = await installation.counts()
    assert {found for place in counts.values() for found in place} == {key.id}
    assert set(counts) == {"mail.recipient", "mail.content", "upload.content", "stored_file.details", "stored_piece.content"}
    fresh = installation.process()
    for number, (upload, file) in enumerate(written):
        await installation.read(fresh, number, upload, file)
    async with create_async_engine(
        installation.database.url("worker").replace("postgresql:", "postgresql+asyncpg:")
    ).connect() as connection:
        await connection.execute(
            text("select set_config('app.areas', '*', true), set_config('app.org', :org, true)"), {"org": ORG}
        )
        for row in await connection.execute(text("select recipient, content from mail")):
            assert unseal(fresh, ORG, row.recipient, row.content).to == "sam@example.org"


async def test_what_does_not_open_is_counted_and_left(installation: Installation) -> None:
    installation.ring.add(ORG)
    lost = Secrets(b"?" * 32)
    async with installation.uow.begin(ORG) as transaction:
        await UploadStore(lost, "things").keep(transaction, "sam", {})
    job = await installation.reseal()
    out, _ = await job.communicate()
    report = json.loads(out)
    assert report["resealed"]["upload.content"] == {"resealed": 0, "unreadable": 1}
    assert report["counts"]["upload.content"] == {"derived": 1}


async def test_another_organisation_is_not_touched(installation: Installation) -> None:
    await installation.write(installation.process(), 1)
    installation.ring.add("telford-wrekin")
    connection = await asyncpg.connect(installation.database.url("owner"))
    done = await Resealing(connection, installation.process(), SEALED, "telford-wrekin").run()
    await connection.close()
    assert not any(each.resealed for each in done.values())
    assert {found for place in (await installation.counts()).values() for found in place} == {"derived"}
