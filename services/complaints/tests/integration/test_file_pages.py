"""Files of complaints and of what came in, as officers and other systems handle them."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.support import AsPerson, Desk, fetch, person

from chassis.attachments.limits import FileLimits
from chassis.testing import files
from chassis.testing.fixtures import Database, Keys, ServiceClient
from chassis.testing.page_client import PageClient
from complaints.use_cases.files import FileDesk

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
SAVE = re.compile(r'href="([^"]+/files/[0-9a-f-]{36})"')
REMOVE = re.compile(r'action="([^"]+/remove)"')
Sent = tuple[str, bytes]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Officer:
    """An officer at the files of a record."""

    def __init__(self, client: PageClient, at: str) -> None:
        self.client = client
        self.at = at

    async def page(self) -> str:
        answer = await self.client.get(self.at)
        assert answer.status_code == 200, words(answer.text)
        return answer.text

    async def token(self) -> dict[str, str]:
        found = CSRF.search(await self.page())
        assert found is not None
        return {"csrf": found[1]}

    async def adds(self, *sent: Sent) -> httpx.Response:
        """Send the form with files."""
        return await self.client.post(self.at, data=await self.token(), files=[("files", each) for each in sent])

    async def removes(self, reason: str) -> httpx.Response:
        """Remove the first file that can be."""
        action = REMOVE.search(await self.page())
        assert action is not None
        return await self.client.post(action[1], data={**await self.token(), "reason": reason})


@pytest.fixture
async def officer(app: FastAPI, keys: Keys, desk: Desk) -> AsyncIterator[Officer]:
    ident = (await desk.receive())["complaint_id"]
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield Officer(client, f"/complaints/{ident}/files")


class TestPages:
    async def test_several_are_added_saved_exactly_and_who_did_is_shown(self, officer: Officer, database: Database) -> None:
        picture = files.png(200)
        assert (await officer.adds(("Sam's letter.pdf", files.PDF), ("photo.exe", picture))).status_code == 303
        page = await officer.page()
        said = words(page)
        assert "Sam&#39;s letter.pdf PDF, 1 KB. Added by Alex Morgan on" in said
        assert "Files are not scanned for viruses here." in said
        assert "Not scanned: there is no virus scanner here" in said
        first, second = SAVE.findall(page)
        saved = await officer.client.get(second)
        assert (saved.content, saved.headers["content-type"]) == (picture, "image/png")
        assert saved.headers["content-disposition"].startswith('attachment; filename="photo.exe.png"')
        assert "sandbox" in saved.headers["content-security-policy"]
        assert (saved.headers["x-content-type-options"], saved.headers["cache-control"]) == ("nosniff", "no-store")
        assert (await officer.client.get(first)).content == files.PDF
        assert "Alex Morgan Saved photo.exe" in words(await officer.page())
        rows = fetch(
            database.url("admin"), "select row_to_json(f)::text || encode(details, 'escape') from complaints.stored_file f"
        )
        assert "letter" not in str(rows)

    async def test_what_is_refused_is_said_by_name_and_the_others_are_stored(self, officer: Officer) -> None:
        macros = files.open_xml("word/document.xml", word__vbaProject_dot_bin=b"x")
        answer = await officer.adds(("virus.exe", b"MZ\0"), ("a.txt", files.TEXT), ("m.docx", macros), ("empty.pdf", b""))
        said = words(answer.text)
        assert answer.status_code == 422
        assert "1 file was stored." in said
        for name, why in (("virus.exe", "no kind that is taken"), ("m.docx", "holds macros"), ("empty.pdf", "is empty")):
            assert re.search(rf"{name}: [^.]*{why}", said), name
        assert len(SAVE.findall(await officer.page())) == 1

    async def test_the_same_file_again_is_told_and_not_stored_twice(self, officer: Officer, database: Database) -> None:
        await officer.adds(("a.pdf", files.PDF))
        answer = await officer.adds(("b.pdf", files.PDF))
        assert "b.pdf: the record has this file already, as a.pdf." in words(answer.text)
        assert fetch(database.url("admin"), "select count(*) from complaints.stored_file") == [(1,)]

    async def test_of_two_who_add_the_same_at_once_one_does(self, officer: Officer, database: Database) -> None:
        token = await officer.token()
        sent = [("files", ("a.pdf", files.PDF))]
        answers = await asyncio.gather(*(officer.client.post(officer.at, data=token, files=sent) for _ in range(3)))
        assert sorted(each.status_code for each in answers) == [303, 422, 422]
        assert fetch(database.url("admin"), "select count(*) from complaints.stored_file") == [(1,)]

    async def test_nothing_chosen_and_a_form_that_is_not_ours_are_refused(self, officer: Officer) -> None:
        none = await officer.client.post(officer.at, data=await officer.token(), files=[("other", ("", b""))])
        assert (none.status_code, "Choose a file, or several" in words(none.text)) == (422, True)
        forged = await officer.client.post(officer.at, data={"csrf": "x"}, files=[("files", ("a.pdf", files.PDF))])
        assert forged.status_code == 403

    async def test_limits_are_said_with_what_to_do(self, officer: Officer, app: FastAPI) -> None:
        given: FileDesk = app.state.files
        app.state.files = FileDesk(given.store, FileLimits(file=2000, record=3000, form=10_000, files=2), 0)
        large = await officer.adds(("a.txt", b"x" * 2001))
        assert "a.txt: The file is larger than" in words(large.text)
        full = await officer.adds(("a.txt", b"x" * 1900), ("b.txt", b"y" * 1900))
        assert "b.txt: A record holds at most 2 files" in words(full.text)
        more = await officer.adds(("c.txt", b"z"), ("d.txt", b"u"))
        assert "d.txt: A record holds at most 2 files" in words(more.text)
        together = await officer.adds(*((f"{number}.txt", b"x" * 200_000) for number in range(3)))
        assert (together.status_code, "Send them in several goes" in words(together.text)) == (422, True)
        assert len(SAVE.findall(await officer.page())) == 2

    async def test_one_is_removed_with_a_reason_and_its_row_stays(self, officer: Officer, database: Database) -> None:
        await officer.adds(("wrong.pdf", files.PDF))
        save = SAVE.findall(await officer.page())[0]
        assert "Say why" in words((await officer.removes("")).text)
        action = REMOVE.search(await officer.page())
        assert action is not None
        for _ in range(2):
            removed = {**await officer.token(), "reason": "About another child"}
            assert (await officer.client.post(action[1], data=removed)).status_code == 303
        said = words(await officer.page())
        assert "wrong.pdf" in said
        assert "Removed by Alex Morgan on" in said
        assert "Why: About another child" in said
        assert fetch(database.url("admin"), "select count(*) from complaints.stored_piece") == [(0,)]
        gone = await officer.client.get(save)
        assert (gone.status_code, "was removed" in words(gone.text)) == (409, True)
        assert (await officer.adds(("wrong.pdf", files.PDF))).status_code == 303

    async def test_other_areas_other_records_and_readers_find_nothing(
        self, officer: Officer, app: FastAPI, keys: Keys, desk: Desk
    ) -> None:
        await officer.adds(("a.pdf", files.PDF))
        save = SAVE.findall(await officer.page())[0]
        other = (await desk.receive(reference="SEND-22-002"))["complaint_id"]
        assert (await officer.client.get(f"/complaints/{other}/files/{save.rpartition('/')[2]}")).status_code == 404
        for who, status in ((person("complaints-officer", "fostering"), 404), (person("senior-reader"), 403)):
            async with PageClient(AsPerson(app, keys, who)) as client:
                assert (await client.get(officer.at)).status_code == status
                assert (await client.get(save)).status_code == status

    async def test_files_of_what_came_in_come_along_and_are_not_copied(
        self, officer: Officer, desk: Desk, database: Database
    ) -> None:
        came = {"reference": "CRM-1", "received_on": "2022-07-18", "said": "complaint", "narrative": "Nobody came."}
        ident = (await desk.post("representations", came)).json()["representation_id"]
        queue = Officer(officer.client, f"/complaints/intake/{ident}/files")
        assert (await queue.adds(("a.pdf", files.PDF))).status_code == 303
        assert "Files: 1" in words((await officer.client.get(f"/complaints/intake/{ident}")).text)
        decision = {
            **await queue.token(), "revision": "0", "outcome": "complaint", "procedure": "childrens-statutory",
            "standing": "own", "timing": "in-time", "category-0": "communication", "service_area": "safeguarding",
        }  # fmt: skip
        decided = await officer.client.post(f"/complaints/intake/{ident}/decide", data=decision)
        assert decided.status_code == 303, words(decided.text)
        record = Officer(officer.client, f"{decided.headers['location']}/files")
        assert "to what came in" in words(await record.page())
        assert (await officer.client.get(SAVE.findall(await record.page())[0])).content == files.PDF
        assert "already" in words((await record.adds(("a.pdf", files.PDF))).text)
        assert "already" in words((await queue.adds(("a.pdf", files.PDF))).text)
        assert fetch(database.url("admin"), "select count(*) from complaints.stored_file") == [(1,)]


class TestInterface:
    async def test_a_system_adds_lists_and_fetches(
        self, client: ServiceClient, desk: Desk, database: Database, events: Callable[[], list[tuple[str, dict[str, Any]]]]
    ) -> None:
        at = f"/complaints/v1/complaints/{(await desk.receive())['complaint_id']}/files"
        before = events()
        headers = {"Idempotency-Key": "f1", "Content-Disposition": "attachment; filename*=UTF-8''F%C3%BCchse.pdf"}
        first = await client.post(at, content=files.PDF, headers=headers)
        assert first.status_code == 201, first.text
        assert first.json() | {"file_id": "", "sha256": ""} == {
            "file_id": "", "kind": "pdf", "media_type": "application/pdf", "size": len(files.PDF), "sha256": "",
            "scan": "not-scanned",
        }  # fmt: skip
        again = await client.post(at, content=files.PDF, headers=headers)
        assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (201, first.json(), "true")
        reused = await client.post(at, content=files.TEXT, headers=headers)
        assert (reused.status_code, reused.json()["type"].rpartition(":")[2]) == (422, "idempotency-key-reused")
        same = await client.post(at, files={"file": ("b.pdf", files.PDF)}, headers={"Idempotency-Key": "f2"})
        assert (same.status_code, same.json()["file_id"]) == (200, first.json()["file_id"])
        (listed,) = (await client.get(at)).json()["items"]
        assert (listed["name"], listed["added_by"], listed["removed_at"]) == ("Füchse.pdf", "client:test", None)
        fetched = await client.get(f"{at}/{listed['file_id']}")
        assert fetched.content == files.PDF
        assert "filename*=UTF-8''F%C3%BCchse.pdf" in fetched.headers["content-disposition"]
        assert events() == before
        assert fetch(database.url("admin"), "select count(*) from complaints.opened where file_id is not null") == [(1,)]
        assert "chse" not in str(fetch(database.url("admin"), "select body::text from complaints.idempotency"))

    async def test_what_a_system_handed_in_can_have_files(self, client: ServiceClient, desk: Desk) -> None:
        came = {"reference": "CRM-1", "received_on": "2022-07-18", "said": "complaint", "narrative": "Nobody came."}
        ident = (await desk.post("representations", came)).json()["representation_id"]
        at = f"/complaints/v1/representations/{ident}/files"
        added = await client.post(at, files={"file": ("mail.eml", files.MAIL)}, headers={"Idempotency-Key": "r1"})
        assert (added.status_code, added.json()["kind"]) == (201, "eml")
        none = await client.post(at, files={"other": ("mail.eml", files.MAIL)}, headers={"Idempotency-Key": "r2"})
        assert (none.status_code, none.json()["type"].rpartition(":")[2]) == (422, "malformed-form")

    @pytest.mark.parametrize(
        ("content", "status", "slug"),
        [(b"", 422, "file-empty"), (b"MZ\0", 422, "file-not-taken"), (b"x" * (21 << 20), 413, "form-too-large")],
    )
    async def test_what_cannot_be_taken_is_a_problem(
        self, client: ServiceClient, desk: Desk, content: bytes, status: int, slug: str
    ) -> None:
        at = f"/complaints/v1/complaints/{(await desk.receive())['complaint_id']}/files"
        answer = await client.post(at, content=content, headers={"Idempotency-Key": str(uuid4())})
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, slug)

    async def test_only_this_route_takes_so_much(self, client: ServiceClient, desk: Desk) -> None:
        await desk.receive()
        answer = await client.post("/complaints/v1/complaints", content=b"x" * (2 << 20), headers={"Idempotency-Key": "x"})
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (413, "body-too-large")
