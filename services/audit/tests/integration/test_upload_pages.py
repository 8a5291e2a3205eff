"""Uploading a sheet on the staff pages: choose, check, confirm."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from services.audit.tests.conftest import Call, posted, rows
from services.audit.tests.sheets import csv_of, numbered, row, workbook_of

from audit.bootstrap import build_app
from audit.settings import AuditSettings
from chassis.housekeeping import Housekeeping
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
PATH = "/audit/outcomes/upload"
OFFICER = caller("role:qa-officer", subject="staff:alex")


@pytest.fixture
async def officer(client: ServiceClient, call_as: Call) -> AsyncIterator[ServiceClient]:
    """A quality-assurance officer's browser."""
    async with browser_of(call_as(OFFICER)) as browser:
        yield browser


def browser_of(client: ServiceClient) -> ServiceClient:
    client.headers.update(BROWSER)
    check_pages(client)
    return client


def token_in(page: str) -> str:
    match = re.search(r'name="csrf" value="([^"]+)"', page)
    assert match is not None
    return match[1]


async def send(
    browser: ServiceClient, content: bytes, name: str = "outcomes.csv", tool: str = "social-care-case-file"
) -> httpx.Response:
    token = token_in((await browser.get(PATH)).text)
    return await browser.post(PATH, data={"csrf": token, "tool": tool}, files={"file": (name, content)})


async def checked(browser: ServiceClient, content: bytes) -> tuple[str, str]:
    """Upload, and give the address and the text of the page that says what would become of it."""
    answer = await send(browser, content)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"], (await browser.get(answer.headers["location"])).text


async def confirm(browser: ServiceClient, address: str, page: str, do: str = "record") -> httpx.Response:
    return await browser.post(address, data={"csrf": token_in(page), "do": do})


def figures(page: str) -> dict[str, int]:
    found = re.findall(r'summary-list__key">([^<]+)</dt>\s*<dd[^>]*>([\d,]+)</dd>', page)
    return {words: int(number.replace(",", "")) for words, number in found}


class TestCheck:
    async def test_a_page_offers_every_tool_and_its_templates(self, officer: ServiceClient) -> None:
        page = (await officer.get(PATH)).text
        assert page.count("/audit/outcomes/template.xlsx?tool=") == page.count("/audit/outcomes/template.csv?tool=") > 5
        assert "Fostering audit" in page

    @pytest.mark.parametrize("make", [csv_of, workbook_of])
    async def test_it_says_what_would_become_of_each_row_and_records_nothing(
        self, officer: ServiceClient, database: Database, make: object
    ) -> None:
        content = (
            csv_of(row(), row(reference="B", overall="god"))
            if make is csv_of
            else workbook_of(row(), row(reference="B", overall="god"))
        )
        _, page = await checked(officer, content)
        assert figures(page) == {"To be recorded": 1, "To be corrected": 0, "There already": 0, "Refused": 1}
        assert "Record this outcome" in page
        assert re.search(r'<th scope="row"[^>]*>3, overall \([A-Z]\)</th>\s*<td[^>]*>&#39;god&#39; is not known', page)
        assert "204418" not in page
        assert await rows(database, "select 1 from outcome union all select 1 from outbox") == []

    async def test_nothing_of_the_sheet_can_be_read_in_the_table(self, officer: ServiceClient, database: Database) -> None:
        await checked(officer, csv_of(row(case_reference="LCS-1")))
        ((content,),) = await rows(database, "select content from upload")
        assert b"LCS-1" not in content
        assert b"AUD-22" not in content

    async def test_a_file_that_is_wrong_as_a_whole_is_said_beside_its_field(self, officer: ServiceClient) -> None:
        for content, words in (
            (b"%PDF", "It is a PDF"),
            (b"reference\nA\n", "Column &#39;overall&#39; is missing."),
            (csv_of(*numbered(1001)), "more than 1,000 rows"),
            (b"", "There are no rows in it"),
        ):
            answer = await send(officer, content)
            assert answer.status_code == 422, words
            assert words in answer.text
            assert "<title>Error:" in answer.text
            assert '<option value="social-care-case-file" selected>' in answer.text
            assert ("reference (required)" in answer.text) is ("Column" in words)

    async def test_a_file_that_is_too_large_is_too(self, officer: ServiceClient) -> None:
        answer = await send(officer, b"x" * (4 * 1024 * 1024 + 1))
        assert answer.status_code == 422
        assert "The file is larger than 4,096 KB" in answer.text
        assert (await send(officer, b"x" * (9 * 1024 * 1024))).status_code == 413

    async def test_without_tool_or_file_it_asks_for_them(self, officer: ServiceClient) -> None:
        assert "Choose the audit tool" in (await send(officer, csv_of(row()), tool="")).text
        token = token_in((await officer.get(PATH)).text)
        files = {"nothing": ("", b"")}
        answer = await officer.post(PATH, data={"csrf": token, "tool": "fostering"}, files=files)
        assert answer.status_code == 422
        assert "Choose a file" in answer.text

    async def test_a_form_that_is_not_ours_is_refused_before_its_file_is_read(self, officer: ServiceClient) -> None:
        answer = await officer.post(PATH, data={"csrf": "x", "tool": "fostering"}, files={"file": ("a", b"%PDF")})
        assert answer.status_code == 403
        assert "Please open the page again" in answer.text

    async def test_a_file_name_does_no_harm(self, officer: ServiceClient) -> None:
        answer = await send(officer, csv_of(row()), name="<script>alert(1)</script>.csv")
        assert "<script>" not in (await officer.get(answer.headers["location"])).text


class TestConfirm:
    async def test_what_was_checked_is_recorded_under_the_organisations_upload(
        self, officer: ServiceClient, database: Database
    ) -> None:
        address, page = await checked(officer, csv_of(*numbered(3), row(reference="bad one")))
        answer = await confirm(officer, address, page)
        assert (answer.status_code, answer.headers["location"]) == (303, address)
        done = (await officer.get(address)).text
        assert "3 outcomes recorded" in done
        assert figures(done) == {"Recorded": 3, "Corrected": 0, "There already": 0, "Refused": 1}
        stored = await rows(
            database, "select distinct o.source, v.posted_by from outcome o join outcome_version v on v.outcome_id = o.id"
        )
        assert [tuple(each) for each in stored] == [("upload", "staff:alex")]
        assert len(await rows(database, "select 1 from outbox")) == 3

    async def test_a_double_click_counts_once(self, officer: ServiceClient, database: Database) -> None:
        address, page = await checked(officer, csv_of(*numbered(20)))
        answers = await asyncio.gather(*(confirm(officer, address, page) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {303}
        assert len(await rows(database, "select 1 from outcome_version")) == 20
        assert "20 outcomes recorded" in (await officer.get(address)).text

    async def test_another_process_can_take_the_confirmation(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        address, page = await checked(officer, csv_of(row()))
        other: FastAPI = build_app(AuditSettings.load())
        async with other.router.lifespan_context(other), browser_of(ServiceClient(other, keys, "audit", OFFICER)) as browser:
            assert (await confirm(browser, address, page)).status_code == 303
        assert len(await rows(database, "select 1 from outcome")) == 1

    async def test_a_colleagues_second_upload_corrects_and_leaves_what_is_the_same(
        self, officer: ServiceClient, call_as: Call, database: Database
    ) -> None:
        address, page = await checked(officer, csv_of(*numbered(3)))
        await confirm(officer, address, page)
        second = numbered(4)
        second[1]["overall"] = "inadequate"
        colleague = browser_of(call_as(caller("role:qa-officer", subject="staff:jo")))
        address, page = await checked(colleague, csv_of(*second))
        assert figures(page) == {"To be recorded": 1, "To be corrected": 1, "There already": 2, "Refused": 0}
        assert "Record these 2 outcomes" in page
        assert "AUD-0001 becomes version 2" in page
        await confirm(colleague, address, page)
        assert [each[0] for each in await rows(database, "select version from outcome order by reference")] == [1, 2, 1, 1]

    async def test_where_something_was_recorded_meanwhile_the_person_looks_again_first(
        self, officer: ServiceClient, database: Database
    ) -> None:
        first, first_page = await checked(officer, csv_of(row()))
        second, second_page = await checked(officer, csv_of(row(overall="inadequate")))
        await confirm(officer, first, first_page)
        answer = await confirm(officer, second, second_page)
        assert answer.status_code == 409
        assert "Something was recorded since this page was opened" in answer.text
        assert figures(answer.text)["To be corrected"] == 1
        assert len(await rows(database, "select 1 from outcome_version")) == 1
        assert (await confirm(officer, second, answer.text)).status_code == 303
        assert len(await rows(database, "select 1 from outcome_version")) == 2

    async def test_a_profile_that_changed_meanwhile_is_looked_at_again(
        self, officer: ServiceClient, call_as: Call, database: Database
    ) -> None:
        from services.audit.tests.conftest import profile_document  # noqa: PLC0415 - for this test alone

        address, page = await checked(officer, csv_of(row()))
        document = profile_document("worcestershire")
        document["organisation"]["themes"] = [
            each for each in document["organisation"]["themes"] if each["code"] != "plans-and-outcomes"
        ]
        for tool in document["audit"]["tools"]:
            for section in tool["sections"]:
                section["themes"] = []
        operator = call_as(caller("operator"))
        assert (await operator.put("/audit/v1/profile", json={**document, "version": "other"})).status_code == 200
        answer = await confirm(officer, address, page)
        assert (answer.status_code, figures(answer.text)["Refused"]) == (409, 1)
        assert await rows(database, "select 1 from outcome") == []

    async def test_it_can_be_thrown_away(self, officer: ServiceClient, database: Database) -> None:
        address, page = await checked(officer, csv_of(row()))
        assert (await confirm(officer, address, page, "discard")).headers["location"] == PATH
        assert await rows(database, "select 1 from upload union all select 1 from outcome") == []
        gone = await confirm(officer, address, page)
        assert gone.status_code == 410
        assert "send the file again" in gone.text

    async def test_one_that_is_too_old_is_gone_and_says_what_to_do(self, officer: ServiceClient, database: Database) -> None:
        address, page = await checked(officer, csv_of(row()))
        connection = await asyncpg.connect(database.url("admin"))
        await connection.execute(
            "update audit.upload set made_at = now() - interval '2 days', expires_at = now() - interval '1 second'"
        )
        await connection.close()
        for answer in (await officer.get(address), await confirm(officer, address, page)):
            assert answer.status_code == 410
            assert "This upload is not kept any more: after 24 hours it is deleted." in answer.text
        assert (await officer.get(f"{address}/refused.csv")).status_code == 404
        assert await rows(database, "select 1 from outcome") == []

    async def test_nothing_to_record_says_so(self, officer: ServiceClient) -> None:
        address, page = await checked(officer, csv_of(row()))
        await confirm(officer, address, page)
        _, page = await checked(officer, csv_of(row()))
        assert "every row is there already, with the same content" in page
        assert 'value="record"' not in page
        assert 'value="discard"' in page

    async def test_a_confirmation_that_is_not_ours_is_refused(self, officer: ServiceClient, database: Database) -> None:
        address, _ = await checked(officer, csv_of(row()))
        assert (await officer.post(address, data={"csrf": "x", "do": "record"})).status_code == 403
        assert await rows(database, "select 1 from outcome") == []


class TestWhoMay:
    async def test_only_who_sent_it_can_open_it(self, officer: ServiceClient, call_as: Call, database: Database) -> None:
        address, _ = await checked(officer, csv_of(row(reference="bad one")))
        colleague = browser_of(call_as(caller("role:qa-officer", subject="staff:jo")))
        neighbour = browser_of(call_as(caller("role:qa-officer", subject="staff:alex", org="telford-wrekin")))
        for other in (colleague, neighbour):
            own = token_in((await other.get(PATH)).text)
            assert (await other.get(address)).status_code == 410
            assert (await other.get(f"{address}/refused.csv")).status_code == 404
            for do in ("record", "discard"):
                await other.post(address, data={"csrf": own, "do": do})
        assert len(await rows(database, "select 1 from upload where done_at is null")) == 1
        assert "bad one" in (await officer.get(f"{address}/refused.csv")).text

    async def test_an_officer_of_one_area_uploads_for_that_area_only(self, officer: ServiceClient, call_as: Call) -> None:
        limited = browser_of(call_as(replace(OFFICER, areas=frozenset({"send"}))))
        _, page = await checked(limited, csv_of(row(), row(reference="B", service_area="send")))
        assert figures(page)["Refused"] == 1
        assert "You may post outcomes of these service areas only: send." in page

    async def test_another_councils_area_and_tool_are_unknown(self, officer: ServiceClient, call_as: Call) -> None:
        neighbour = browser_of(call_as(caller("role:qa-officer", subject="staff:alex", org="telford-wrekin")))
        assert (await send(neighbour, csv_of(row()))).status_code == 422
        filled = {"reference": "P", "service area": "send", "completed on": "2022-07-06", "rag": "red"}
        answer = await send(neighbour, csv_of(filled), tool="cared-for-plans")
        page = (await neighbour.get(answer.headers["location"])).text
        assert "&#39;send&#39; is not known" in page

    async def test_the_list_links_to_it_for_the_officer_only(self, officer: ServiceClient, call_as: Call) -> None:
        reader = browser_of(call_as(caller("role:senior-reader")))
        assert f'href="{PATH}"' in (await officer.get("/audit/outcomes")).text
        assert f'href="{PATH}"' not in (await reader.get("/audit/outcomes")).text
        assert (await reader.get(PATH)).status_code == 403


class TestFiles:
    async def test_templates_are_downloaded_filled_in_and_read(self, officer: ServiceClient) -> None:
        plain = await officer.get("/audit/outcomes/template.csv?tool=fostering")
        assert plain.headers["content-disposition"] == 'attachment; filename="outcomes-fostering.csv"'
        assert "safer-caring-and-risk" in plain.text
        workbook = await officer.get("/audit/outcomes/template.xlsx?tool=fostering")
        assert load_workbook(io.BytesIO(workbook.content)).sheetnames == ["Outcomes", "How to fill this in", "Known codes"]
        answer = await send(officer, plain.content + b"F-1,,fostering-and-kinship,,2022-07-06,,,,good\r\n", tool="fostering")
        page = (await officer.get(answer.headers["location"])).text
        assert figures(page)["To be recorded"] == 1
        assert "The example row of the template was passed over." in page

    @pytest.mark.parametrize("query", ["", "?tool=none", "?tool=%F0", "?tool=" + "a" * 100])
    async def test_of_a_tool_that_is_not_there_there_is_none(self, officer: ServiceClient, query: str) -> None:
        assert (await officer.get(f"/audit/outcomes/template.csv{query}")).status_code in {404, 422}

    async def test_refused_rows_come_back_with_reasons_and_are_put_right_in_place(
        self, officer: ServiceClient, database: Database
    ) -> None:
        address, page = await checked(officer, csv_of(row(), row(reference="B", overall="god", case_reference="=cmd")))
        await confirm(officer, address, page)
        content = (await officer.get(f"{address}/refused.csv")).content
        headings, refused = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        assert headings[-1] == "why it was refused"
        assert (refused[0], refused[1]) == ("B", "'=cmd")
        assert refused[-1].startswith("overall: 'god' is not known.")
        address, page = await checked(officer, content.replace(b",god,", b",good,"))
        assert figures(page)["To be recorded"] == 1

    async def test_what_was_recorded_is_not_kept_in_the_upload(self, officer: ServiceClient, database: Database) -> None:
        address, page = await checked(officer, csv_of(*numbered(50), row(reference="bad one")))
        ((before,),) = await rows(database, "select length(content) from upload")
        await confirm(officer, address, page)
        ((after, result),) = await rows(database, "select length(content), result::text from upload")
        assert after < before / 2
        assert result == '{"refused": 1, "recorded": 50, "corrected": 0, "unchanged": 0}'


class TestHousekeeping:
    async def test_the_worker_clears_away_what_has_expired_and_nothing_else(
        self, officer: ServiceClient, database: Database
    ) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - for this test alone

        await checked(officer, csv_of(row()))
        await checked(officer, csv_of(row(reference="B")))
        connection = await asyncpg.connect(database.url("admin"))
        await connection.execute(
            "update audit.upload set made_at = now() - interval '2 days', expires_at = now() - interval '1 second' "
            "where id = (select id from audit.upload limit 1)"
        )
        await connection.close()
        engine = create_async_engine(database.url("worker").replace("postgresql://", "postgresql+asyncpg://"))
        assert await Housekeeping(engine, uploads=True).clear() == 1
        await engine.dispose()
        assert len(await rows(database, "select 1 from upload")) == 1


class TestTogether:
    async def test_what_a_system_posted_and_what_was_uploaded_are_two_sources(
        self, client: ServiceClient, officer: ServiceClient, database: Database
    ) -> None:
        await client.post("/audit/v1/outcomes", json=posted(), headers={"Idempotency-Key": "k"})
        address, page = await checked(officer, csv_of(row()))
        assert figures(page)["To be recorded"] == 1
        await confirm(officer, address, page)
        assert [each[0] for each in await rows(database, "select source from outcome order by 1")] == ["client:test", "upload"]
