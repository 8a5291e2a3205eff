"""Photos and files on the public form: kept sealed with what was typed, sent with it, gone with it."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.support import AsPerson, Desk, fetch, person, profile_document
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.attachments.limits import FileLimits
from chassis.testing import files
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.page_client import PageClient
from complaints.adapters.drafts import clear_drafts
from complaints.use_cases.files import FileDesk

HOME = "/c/worcestershire"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
AWAY = re.compile(r'action="([^"]+/away)"')
TYPED = (("kind", {"kind": "complaint"}), ("you", {"you": "parent"}), ("what", {"what": "Nobody came."}))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Phone:
    """Somebody's browser."""

    def __init__(self, client: PageClient) -> None:
        self.client = client

    async def token(self, page: str) -> dict[str, str]:
        found = CSRF.search((await self.client.get(f"{HOME}/{page}")).text)
        assert found is not None
        return {"csrf": found[1]}

    async def types(self) -> None:
        """Fill in what must be."""
        for step, fields in TYPED:
            answer = await self.client.post(f"{HOME}/{step}", data={**await self.token(step), **fields})
            assert answer.status_code == 303, words(answer.text)

    async def adds(self, *sent: tuple[str, bytes]) -> httpx.Response:
        """Send the form with files."""
        given = [("files", each) for each in sent]
        return await self.client.post(f"{HOME}/files", data=await self.token("files"), files=given)


@pytest.fixture
async def phone(app: FastAPI, desk: Desk) -> AsyncIterator[Phone]:
    async with PageClient(app) as client:
        made = Phone(client)
        await made.types()
        yield made


class TestFiles:
    async def test_they_are_kept_sealed_and_sent_along(
        self, phone: Phone, app: FastAPI, keys: Keys, database: Database
    ) -> None:
        assert (await phone.adds(("our kitchen.png", files.png()), ("letter.pdf", files.PDF))).headers[
            "location"
        ] == f"{HOME}/files"
        assert "our kitchen.png" in (await phone.client.get(f"{HOME}/files")).text
        assert "our kitchen.png letter.pdf" in words((await phone.client.get(f"{HOME}/check")).text)
        assert "kitchen" not in str(
            fetch(database.url("admin"), "select encode(details, 'escape') from complaints.stored_file")
        )
        assert (await phone.client.post(f"{HOME}/check", data=await phone.token("check"))).status_code == 303
        assert (await phone.client.get(f"{HOME}/files")).headers["location"] == f"{HOME}/done"
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as officer:
            href = re.search(r'href="(/complaints/intake/[0-9a-f-]{36})"', (await officer.get("/complaints/intake")).text)
            assert href is not None
            page = await officer.get(f"{href[1]}/files")
            assert "Added by the sender, on the public form, on" in words(page.text)
            saved = re.findall(r'href="([^"]+/files/[0-9a-f-]{36})"', page.text)
            assert (await officer.get(saved[1])).content == files.PDF

    async def test_what_cannot_be_taken_is_named_and_nothing_typed_is_lost(self, phone: Phone, app: FastAPI) -> None:
        many = [(f"{number}.txt", f"text {number}".encode()) for number in range(4)]
        answer = await phone.adds(("film.mp4", files.recording(b"vide")), ("empty.jpg", b""), *many, many[0])
        said = words(answer.text)
        assert answer.status_code == 422
        for each in (
            "\u2068film.mp4\u2069: we cannot take this kind of file",
            "\u2068empty.jpg\u2069: we cannot open it",
            "\u20683.txt\u2069: you can add 3 in all",
            "\u20680.txt\u2069: you have added this one already",
        ):
            assert each in said
        given: FileDesk = app.state.files
        app.state.files = FileDesk(given.store, FileLimits(file=1000, form=1000), 0)
        large = await phone.adds(("photo.jpg", files.jpeg() + bytes(400_000)))
        assert (large.status_code, "Together they are too large" in words(large.text)) == (422, True)
        assert "Nobody came." in (await phone.client.get(f"{HOME}/check")).text

    async def test_one_is_taken_away_and_a_full_disk_takes_none(self, phone: Phone, app: FastAPI, database: Database) -> None:
        await phone.adds(("a.pdf", files.PDF))
        action = AWAY.search((await phone.client.get(f"{HOME}/files")).text)
        assert action is not None
        for _ in range(2):
            away = await phone.client.post(action[1], data=await phone.token("files"))
            assert away.headers["location"] == f"{HOME}/files"
        assert fetch(database.url("admin"), "select 1 from complaints.stored_file") == []
        given: FileDesk = app.state.files
        app.state.files = FileDesk(given.store, given.limits, 10)
        assert "we cannot take files just now" in words((await phone.adds(("a.pdf", files.PDF))).text)

    async def test_nobody_without_the_code_takes_one_away_or_sees_it(
        self, phone: Phone, app: FastAPI, database: Database
    ) -> None:
        await phone.adds(("a.pdf", files.PDF))
        action = AWAY.search((await phone.client.get(f"{HOME}/files")).text)
        assert action is not None
        async with PageClient(app) as other:
            somebody = Phone(other)
            assert (await other.get(f"{HOME}/files")).headers["location"] == f"{HOME}/kind"
            await somebody.types()
            await other.post(action[1], data=await somebody.token("files"))
            await other.post(action[1], data=await phone.token("files"))
        assert fetch(database.url("admin"), "select count(*) from complaints.stored_file") == [(1,)]

    async def test_they_go_with_the_draft(self, phone: Phone, database: Database) -> None:
        await phone.adds(("a.pdf", files.PDF))
        engine = create_async_engine(database.url("worker").replace("postgresql://", "postgresql+asyncpg://"))
        try:
            assert await clear_drafts(engine) == 0
            fetch(database.url("admin"), "update complaints.intake_draft set expires_at = now() - interval '1 s' returning 1")
            assert await clear_drafts(engine) == 1
        finally:
            await engine.dispose()
        left = "select 1 from complaints.stored_file union all select 1 from complaints.stored_piece"
        assert fetch(database.url("admin"), f"{left} union all select 1 from complaints.attachment") == []

    async def test_a_council_that_wants_none_has_no_such_page(self, phone: Phone, client: ServiceClient) -> None:
        document = profile_document("worcestershire")
        document["complaints"]["intake"]["files"] = 0
        async with client.acting_as(caller("operator")) as operator:
            assert (await operator.put("/complaints/v1/profile", json=document)).status_code == 200
        assert (await phone.client.get(f"{HOME}/files")).status_code == 404
        assert "Photos or files" not in (await phone.client.get(f"{HOME}/check")).text
