"""Posting a sheet of outcomes by a machine."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from services.audit.tests.conftest import Call, limited_to, posted, rows
from services.audit.tests.sheets import csv_of, numbered, row, workbook_of

from chassis.spreadsheet import CSV_TYPE, XLSX_TYPE, write_csv
from chassis.testing.fixtures import Database, ServiceClient, caller

PATH = "/audit/v1/outcomes/spreadsheet"


async def post(
    client: ServiceClient, content: bytes, key: str = "k", *, tool: str = "social-care-case-file", as_: str = CSV_TYPE
) -> httpx.Response:
    headers = {"Idempotency-Key": key, "Content-Type": as_}
    return await client.post(PATH, params={"tool": tool}, content=content, headers=headers)


def statuses(answer: httpx.Response) -> list[tuple[int, str]]:
    assert answer.status_code == 200, answer.text
    return [(result["row"], result["status"]) for result in answer.json()["results"]]


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


class TestPostSpreadsheet:
    @pytest.mark.parametrize(("make", "as_"), [(csv_of, CSV_TYPE), (csv_of, "text/csv"), (workbook_of, XLSX_TYPE)])
    async def test_each_row_is_recorded_with_its_own_result(
        self, client: ServiceClient, database: Database, make: Any, as_: str
    ) -> None:
        answer = await post(client, make(row(), row(reference="B", overall="god"), row(reference="C")), as_=as_)
        assert statuses(answer) == [(2, "recorded"), (3, "refused"), (4, "recorded")]
        assert answer.json()["counts"] == {"recorded": 2, "corrected": 0, "unchanged": 0, "refused": 1}
        first, second, _ = answer.json()["results"]
        assert (first["version"], first["suggested"], first["errors"], first["reason"]) == (1, "good", [], None)
        assert (second["outcome_id"], second["reference"], second["reason"]) == (None, "B", "invalid-row")
        assert [(error["column"], "not known" in error["detail"]) for error in second["errors"]] == [("overall", True)]
        stored = await rows(database, "select source, reference, id::text from outcome order by reference")
        assert [tuple(each) for each in stored] == [
            ("client:test", "AUD-22-001", first["outcome_id"]),
            ("client:test", "C", answer.json()["results"][2]["outcome_id"]),
        ]
        assert len(await rows(database, "select 1 from outbox")) == 2

    async def test_a_form_with_a_file_does_as_well_whatever_the_file_is_called(self, client: ServiceClient) -> None:
        files = {"file": ("outcomes.pdf", workbook_of(row()), "application/pdf")}
        headers = {"Idempotency-Key": "k"}
        answer = await client.post(PATH, params={"tool": "social-care-case-file"}, files=files, headers=headers)
        assert statuses(answer) == [(2, "recorded")]

    async def test_it_is_the_same_outcome_as_one_that_was_posted_by_itself(self, client: ServiceClient) -> None:
        alone = await client.post("/audit/v1/outcomes", json=posted(), headers={"Idempotency-Key": "alone"})
        answer = await post(client, csv_of(row()))
        assert statuses(answer) == [(2, "corrected")]
        assert answer.json()["results"][0]["outcome_id"] == alone.json()["outcome_id"]
        assert answer.json()["results"][0]["version"] == 2

    async def test_rows_without_version_correct_what_differs_and_leave_what_is_the_same(
        self, client: ServiceClient, database: Database
    ) -> None:
        await post(client, csv_of(*numbered(3)), "1")
        second = numbered(3)
        second[1]["overall"] = "inadequate"
        assert statuses(await post(client, csv_of(*second), "2")) == [(2, "unchanged"), (3, "corrected"), (4, "unchanged")]
        assert [each[0] for each in await rows(database, "select version from outcome order by reference")] == [1, 2, 1]
        assert len(await rows(database, "select 1 from outbox")) == 4

    async def test_rows_with_versions_are_held_to_them(self, client: ServiceClient) -> None:
        await post(client, csv_of(row(version="3")), "1")
        answer = await post(client, csv_of(row(version="3", overall="inadequate")), "2")
        result = answer.json()["results"][0]
        assert (result["status"], result["reason"], result["errors"][0]["column"]) == ("refused", "version-conflict", "version")
        older = await post(client, csv_of(row(version="2")), "3")
        assert older.json()["results"][0]["reason"] == "version-superseded"

    async def test_the_rules_of_posted_outcomes_are_said_by_row_and_column(self, client: ServiceClient) -> None:
        answer = await post(client, csv_of(row(allocated_on="2022-07-07", moderations="0")))
        (result,) = answer.json()["results"]
        assert result["reason"] == "invalid-outcome"
        assert [(error["column"], error["letter"]) for error in result["errors"]] == [
            ("completed on", "D"),
            ("moderations", "M"),
        ]

    async def test_a_client_is_limited_to_its_service_areas(self, client: ServiceClient, call_as: Call) -> None:
        limited = call_as(limited_to("send"))
        answer = await post(limited, csv_of(row(), row(reference="B", service_area="send")))
        assert statuses(answer) == [(2, "refused"), (3, "recorded")]
        result = answer.json()["results"][0]
        assert (result["reason"], result["errors"][0]["column"]) == ("service-area-not-allowed", "service area")

    async def test_another_council_records_under_its_own_profile(
        self, client: ServiceClient, call_as: Call, database: Database
    ) -> None:
        other = call_as(caller("audit:outcomes:write", org="telford-wrekin"))
        assert slug(await post(other, csv_of(row()))) == "not-found"
        filled = {"reference": "P", "service area": "children-in-care", "completed on": "2022-07-06", "rag": "red"}
        assert statuses(await post(other, csv_of(filled), tool="cared-for-plans")) == [(2, "recorded")]
        assert [each[0] for each in await rows(database, "select org from outcome")] == ["telford-wrekin"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            (b"", "empty-spreadsheet"),
            (b"%PDF-1.7", "not-a-spreadsheet"),
            (b"PK\x03\x04nonsense", "unreadable-spreadsheet"),
            (b"reference\nA\n", "wrong-columns"),
            (csv_of(row(nonsense="x")), "wrong-columns"),
            (csv_of(*numbered(1001)), "too-many-rows"),
        ],
    )
    async def test_what_is_wrong_as_a_whole_is_refused_as_a_whole(
        self, client: ServiceClient, database: Database, content: bytes, expected: str
    ) -> None:
        answer = await post(client, content)
        assert (answer.status_code, slug(answer)) == (422, expected)
        assert await rows(database, "select 1 from outcome") == []

    async def test_a_tool_that_is_not_there_and_a_body_of_another_sort_are_refused(self, client: ServiceClient) -> None:
        assert (await post(client, csv_of(row()), tool="none")).status_code == 404
        assert (await post(client, b"{}", as_="application/json")).status_code == 415
        answer = await client.post(PATH, content=csv_of(row()), headers={"Idempotency-Key": "k", "Content-Type": CSV_TYPE})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/tool")
        form = await client.post(PATH, params={"tool": "fostering"}, files={"other": b""}, headers={"Idempotency-Key": "k"})
        assert slug(form) == "malformed-form"

    @pytest.mark.parametrize("size", [4 * 1024 * 1024 + 1, 9 * 1024 * 1024])
    async def test_a_larger_file_is_refused(self, client: ServiceClient, size: int) -> None:
        assert (await post(client, b"x" * size)).status_code == 413


class TestIdempotency:
    async def test_the_same_key_and_file_get_the_first_answer_again(self, client: ServiceClient, database: Database) -> None:
        first, again = await post(client, csv_of(row())), await post(client, csv_of(row()))
        assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
        assert len(await rows(database, "select 1 from outcome_version")) == 1

    async def test_the_same_key_for_another_file_or_tool_is_refused(self, client: ServiceClient) -> None:
        plain = write_csv(
            ["reference", "service area", "completed on", "overall"], [["A", "safeguarding", "2022-07-06", "good"]]
        )
        await post(client, plain)
        assert slug(await post(client, csv_of(row()))) == "idempotency-key-reused"
        assert slug(await post(client, plain, tool="adoption")) == "idempotency-key-reused"

    async def test_sheets_and_batches_of_one_client_about_the_same_outcomes_wait_for_one_another(
        self, client: ServiceClient, database: Database
    ) -> None:
        sheets = [
            post(client, csv_of(*numbered(40, overall=grade)), f"s{grade}{number}")
            for number in range(2)
            for grade in ("good", "inadequate")
        ]
        batch = [posted(reference=f"AUD-{number:04}") for number in range(40)]
        batches = client.post("/audit/v1/outcomes/batch", json={"outcomes": batch}, headers={"Idempotency-Key": "b"})
        answers = await asyncio.gather(*sheets, batches)
        assert Counter(answer.status_code for answer in answers) == {200: 5}
        gaps = await rows(
            database,
            "select 1 from outcome o where version <> (select count(*) from outcome_version v where v.outcome_id = o.id)",
        )
        assert gaps == []
        ((versions, events),) = await rows(
            database, "select (select count(*) from outcome_version), (select count(*) from outbox)"
        )
        assert versions == events
