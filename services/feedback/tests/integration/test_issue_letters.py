"""Letters from a sheet: checked first, issued once, refused by row and column."""

import asyncio
import csv
import io
import re
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI

from chassis.identity import Identity
from chassis.testing.fixtures import Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages
from chassis.testing.pdf import Printed
from feedback.bootstrap import build_app
from feedback.settings import FeedbackSettings

BATCH = "/feedback/links/batch"
CHOICE = {"questionnaire": "new-ehcp", "service_area": "send", "team": "send-north", "channel": "letter", "language": "en"}
COUNT = "select count(*) from feedback.invitation"


class Uploader:
    """A QA officer who uploads sheets; every page checked."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http
        http.headers["accept"] = "text/html"
        check_pages(http)
        self.csrf = ""

    async def token(self) -> str:
        self.csrf = self.csrf or re.findall('name="csrf" value="([^"]+)"', (await self.http.get(BATCH)).text)[-1]
        return self.csrf

    async def upload(self, content: bytes | str | None, name: str = "letters.csv", **choice: str) -> httpx.Response:
        data = {**CHOICE, "csrf": await self.token(), **choice}
        raw = content.encode() if isinstance(content, str) else content
        return await self.http.post(BATCH, data=data, files={"file": (name, raw)} if raw is not None else {"file": ("", b"")})

    async def checked(self, content: bytes | str, **choice: str) -> str:
        sent = await self.upload(content, **choice)
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    async def confirm(self, page: str, do: str = "issue") -> httpx.Response:
        return await self.http.post(page, data={"csrf": await self.token(), "do": do})

    async def issue(self, content: bytes | str, **choice: str) -> str:
        done = await self.confirm(await self.checked(content, **choice))
        assert done.status_code == 303, done.text
        return str(done.headers["location"])

    async def links(self, told: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO((await self.http.get(f"{told}/links.csv")).text.lstrip("\ufeff"))))


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:o")) as http:
        yield Uploader(http)


@pytest.fixture
async def colleague(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:c")) as http:
        yield Uploader(http)


def sheet(*references: str) -> str:
    return "\n".join(["reference", *references])


def shown(page: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


class TestChecking:
    async def test_nothing_is_issued_before_somebody_says_so(self, officer: Any, sql: Any) -> None:
        page = await officer.checked(sheet("A-1", "A-2"))
        assert "Check 2 letters before you issue" in shown(await officer.http.get(page))
        assert await sql.value(COUNT) == 0
        assert (await officer.confirm(page, "discard")).status_code == 303
        assert (await officer.http.get(page)).status_code == 410

    async def test_each_wrong_cell_is_named_by_row_and_column(self, officer: Any, sql: Any) -> None:
        content = (
            "reference,language,team,about on,last day\n"
            "A-1,en,,,\nA-1,,,,\n,,,,\nA-3,so,,,\nA-4,,no-such,,\nA-5,,,yesterday,\nA-6,,,,2020-01-01\n"
            f"{'x' * 101},,,,\nA-8,,,,\n,en,,,\n"
        )
        page = await officer.checked(content)
        text = shown(await officer.http.get(page))
        for words in (
            "3 reference (A) This stands in row 2 already", "5 language (B)", "6 team (C)", "7 about on (D)", "8 last day (E)",
            "9 reference (A)", "11 reference (A) This must be filled in", "New links 2", "Refused 7",
        ):  # fmt: skip
            assert words in text, words
        refused = list(csv.reader(io.StringIO((await officer.http.get(f"{page}/refused.csv")).text.lstrip("\ufeff"))))
        assert (len(refused), refused[0][-1]) == (8, "why it was refused")
        told = (await officer.confirm(page)).headers["location"]
        assert [row["reference"] for row in await officer.links(told)] == ["A-1", "A-8"]
        # What was refused can still be fetched when the others are issued.
        assert len((await officer.http.get(f"{page}/refused.csv")).text.strip().splitlines()) == 8

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            ("name,language\nSam,en\n", "reference"), ("", "no rows"), (sheet(), "no rows"), (b"%PDF-1.7", "PDF"),
            (None, "Choose a file"), (sheet(*(f"A-{number}" for number in range(5001))), "5,000 rows"),
            (b"x" * (4 * 1024 * 1024 + 1), "larger than"),
        ],
    )  # fmt: skip
    async def test_what_is_wrong_with_the_file_is_said_beside_its_field(
        self, officer: Any, sql: Any, content: Any, words: str
    ) -> None:
        sent = await officer.upload(content)
        assert sent.status_code == 422
        assert 'href="#file"' in sent.text
        assert words in shown(sent)
        assert await sql.value("select count(*) from feedback.upload") == 0

    @pytest.mark.parametrize(
        ("choice", "field"),
        [
            ({"questionnaire": ""}, "questionnaire"), ({"service_area": "no-such"}, "service_area"),
            ({"language": "so"}, "language"),
            ({"team": "x"}, "team"), ({"channel": "poster"}, "channel"), ({"expires_on-day": "40"}, "expires_on"),
        ],
    )  # fmt: skip
    async def test_what_is_wrong_with_the_choice_is_said_beside_its_field(
        self, officer: Any, choice: dict[str, str], field: str
    ) -> None:
        sent = await officer.upload(sheet("A-1"), **choice)
        assert sent.status_code == 422
        assert f'href="#{field}"' in sent.text

    async def test_the_templates_can_be_filled_in_and_sent(self, officer: Any) -> None:
        book = openpyxl.load_workbook(io.BytesIO((await officer.http.get("/feedback/links/template.xlsx")).content))
        book.worksheets[0].append(["A-1", "cy"])
        target = io.BytesIO()
        book.save(target)
        [link] = await officer.links(await officer.issue(target.getvalue()))
        assert (link["reference"], link["language"]) == ("A-1", "cy")
        empty = await officer.http.get("/feedback/links/template.csv")
        filled = empty.content + b"A-2,en,send-north,2022-05-12,\r\n"
        assert [row["reference"] for row in await officer.links(await officer.issue(filled))] == ["A-2"]

    async def test_a_cell_that_is_a_formula_comes_back_as_text(self, officer: Any) -> None:
        told = await officer.issue(sheet("'=1+1"))
        assert "'=1+1" in (await officer.http.get(f"{told}/links.csv")).text


class TestIssuing:
    async def test_five_hundred_have_links_inserts_and_lists(self, officer: Any, family: Any, sql: Any) -> None:
        told = await officer.issue(sheet(*(f"A-{number:03}" for number in range(500))))
        links = await officer.links(told)
        assert [row["reference"] for row in links] == [f"A-{number:03}" for number in range(500)]
        assert len({row["link"] for row in links}) == len({row["short code"] for row in links}) == 500
        assert await sql.value("select count(*) from feedback.link") == 500
        pdf = Printed((await officer.http.get(f"{told}/inserts-1.pdf")).content)
        assert pdf.pages == 125
        assert pdf.tags["Figure"] == 500
        await family.open(links[321]["link"])

    async def test_more_than_fit_into_one_pdf_are_split(self, officer: Any) -> None:
        told = await officer.issue(sheet(*(f"A-{number:03}" for number in range(501))))
        page = shown(await officer.http.get(told))
        assert "Inserts for letters, four a page (PDF): 501 to 501" in page
        assert Printed((await officer.http.get(f"{told}/inserts-2.pdf")).content).pages == 1

    async def test_a_second_click_and_a_later_one_find_the_same_links(self, officer: Any, sql: Any) -> None:
        page = await officer.checked(sheet("A-1", "A-2", "A-3"))
        done = await asyncio.gather(*(officer.confirm(page) for _ in range(3)))
        done.append(await officer.confirm(page))
        assert len({answer.headers["location"] for answer in done}) == 1
        assert await sql.value(COUNT) == 3
        assert "3 letters issued" in shown(await officer.http.get(page))

    async def test_another_process_issues_what_this_one_has_checked(
        self, officer: Any, settings: FeedbackSettings, keys: Keys, sql: Any
    ) -> None:
        page = await officer.checked(sheet("A-1", "A-2"))
        restarted = build_app(settings)
        async with (
            restarted.router.lifespan_context(restarted),
            ServiceClient(restarted, keys, "feedback", officer.http.identity) as http,
        ):
            later = Uploader(http)
            told = (await later.confirm(page)).headers["location"]
            assert [row["reference"] for row in await later.links(told)] == ["A-1", "A-2"]
        assert (await officer.confirm(page)).headers["location"] == told
        assert await sql.value(COUNT) == 2

    async def test_two_uploads_at_once_issue_each_reference_once(self, officer: Any, colleague: Any, sql: Any) -> None:
        mine = await officer.checked(sheet(*(f"A-{number}" for number in range(60))))
        yours = await colleague.checked(sheet(*(f"A-{number}" for number in reversed(range(30, 90)))))
        done = await asyncio.gather(officer.confirm(mine), colleague.confirm(yours))
        # Whoever came second is shown what has become of it, and nothing of theirs is issued yet.
        assert sorted(answer.status_code for answer in done) == [303, 409]
        assert await sql.value(COUNT) == 60
        second, page = (colleague, yours) if done[1].status_code == 409 else (officer, mine)
        assert "There already: no new link 30" in shown(await second.http.get(page))
        assert (await second.confirm(page)).status_code == 303
        assert await sql.value(COUNT) == 90

    async def test_what_is_there_is_left_or_replaced_as_was_chosen(
        self, officer: Any, colleague: Any, family: Any, other_phone: Any, sql: Any
    ) -> None:
        first = await officer.links(await officer.issue(sheet("A-1", "A-2")))
        await family.open(first[0]["link"])
        await family.send()
        page = await colleague.checked(sheet("A-1", "A-2", "A-3"))
        assert "There already: no new link 2" in shown(await colleague.http.get(page))
        again = await colleague.links(await colleague.issue(sheet("A-1", "A-2", "A-3"), known="replace"))
        assert [row["reference"] for row in again] == ["A-2", "A-3"]
        assert (await other_phone.get(first[1]["link"])).status_code == 404
        await other_phone.open(again[0]["link"])
        assert await sql.value(COUNT) == 4

    async def test_a_letter_that_is_answered_before_the_yes_is_not_replaced(self, officer: Any, family: Any, sql: Any) -> None:
        [first] = await officer.links(await officer.issue(sheet("A-1")))
        page = await officer.checked(sheet("A-1"), known="replace")
        await family.open(first["link"])
        await family.send()
        assert (await officer.confirm(page)).status_code == 409
        assert await sql.value(COUNT) == 1

    async def test_the_same_case_is_asked_by_another_questionnaire(self, officer: Any, sql: Any) -> None:
        await officer.issue(sheet("A-1"))
        await officer.issue(sheet("A-1"), questionnaire="annual-review")
        assert await sql.value(COUNT) == 2

    async def test_an_upload_is_its_senders_alone(
        self, app: FastAPI, keys: Keys, officer: Any, colleague: Any, sql: Any
    ) -> None:
        page = await officer.checked(sheet("A-1"))
        assert (await colleague.confirm(page)).status_code == 410
        other = Identity("telford-wrekin", "staff:o", "staff", frozenset({"role:qa-officer"}))
        async with ServiceClient(app, keys, "feedback", other) as http:
            assert (await http.get(page, headers={"accept": "text/html"})).status_code == 410
        assert await sql.value(COUNT) == 0
        assert "A-1" not in str(await sql.rows("select u::text as row from feedback.upload u"))

    async def test_an_officer_of_another_area_issues_nothing_here(self, app: FastAPI, keys: Keys) -> None:
        narrow = Identity("worcestershire", "staff:n", "staff", frozenset({"role:qa-officer"}), frozenset({"safeguarding"}))
        async with ServiceClient(app, keys, "feedback", narrow) as http:
            sent = await Uploader(http).upload(sheet("A-1"))
        assert sent.status_code == 422
        assert 'href="#service_area"' in sent.text
