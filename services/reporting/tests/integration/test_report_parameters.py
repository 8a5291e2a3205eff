"""A report for a part of the organisation, and beside other periods: as data, page and files, for those who may see it."""

import csv
import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from reporting_records import Sources, complaint

from chassis.days import british_today
from chassis.testing.fixtures import ServiceClient, caller
from reporting.domain.periods import Kind, containing

REPORT = "/reporting/v1/reports/social-care-complaints"
PAGE = "/reporting/reports/social-care-complaints"
Q1 = "period=2022-23-q1"


@pytest.fixture
async def three(sources: Sources, profile: dict[str, Any]) -> None:
    """A complaint of safeguarding in two quarters, and one of through-care."""
    await sources.record(
        complaint("a", date(2022, 4, 4), procedure="childrens-statutory", area="safeguarding"),
        complaint("b", date(2021, 4, 6), procedure="childrens-statutory", area="safeguarding"),
        complaint("c", date(2022, 5, 4), procedure="childrens-statutory", area="through-care"),
    )


def values(table: dict[str, Any]) -> dict[str, list[int | None]]:
    return {row["code"]: [cell["value"] for cell in row["cells"]] for row in table["rows"]}


@pytest.mark.usefixtures("three")
class TestParameters:
    async def received(self, client: ServiceClient, query: str) -> dict[str, Any]:
        answer = await client.get(f"{REPORT}/tables/complaints-received?{Q1}&{query}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def test_an_area_is_cut_out_in_every_format(self, client: ServiceClient) -> None:
        table = await self.received(client, "area=safeguarding")
        assert values(table) == {"safeguarding": [1, None, None, None, 1], "total": [1, None, None, None, 1]} | values(table)
        assert set(values(table)) == {"safeguarding", "total"}
        whole = (await client.get(f"{REPORT}?{Q1}&area=safeguarding")).json()
        assert whole["only"] == "Only what concerns Safeguarding."
        assert whole["tables"][0] == table
        answer = await client.get(f"{REPORT}/tables/complaints-received.csv?{Q1}&area=safeguarding&compare=0")
        assert 'complaints-received-2022-23-q1-safeguarding.csv"' in answer.headers["content-disposition"]
        assert [line[0] for line in csv.reader(io.StringIO(answer.text))] == ["code", "safeguarding", "total"]

    async def test_several_areas_are_counted_together(self, client: ServiceClient) -> None:
        table = await self.received(client, "area=safeguarding&area=through-care&compare=0")
        assert values(table)["total"] == [2]

    async def test_a_comparison_replaces_the_recipes(self, client: ServiceClient) -> None:
        assert len((await self.received(client, ""))["columns"]) == 5
        table = await self.received(client, "compare=year-before")
        assert [column["label"] for column in table["columns"]] == ["Q1 22/23", "Q1 21/22"]
        assert values(table)["safeguarding"] == [1, 1]

    async def test_what_is_not_recorded_by_area_is_not_shown(self, client: ServiceClient) -> None:
        table = (await client.get(f"{REPORT}/tables/late?{Q1}&area=safeguarding")).json()
        assert {cell["state"] for row in table["rows"] for cell in row["cells"]} == {"not-collected"}
        assert "Not recorded by service area" in table["notes"][-1]

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("area=atlantis", "expected a service area that you may see"),
            ("team=atlantis", "expected a team that you may see"),
            ("compare=atlantis", "a number of earlier periods"),
            ("compare=2022-23-q1", "before"),
            ("area=x';--", ""),
        ],
    )
    async def test_what_there_is_not_is_refused_with_what_would_do(self, client: ServiceClient, query: str, words: str) -> None:
        answer = await client.get(f"{REPORT}?{Q1}&{query}")
        assert answer.status_code == 422
        assert words in answer.text

    async def test_a_limited_credential_is_cut_further_and_never_wider(self, client: ServiceClient) -> None:
        limited = client.acting_as(replace(caller("reporting:read"), areas=frozenset({"safeguarding"})))
        assert values(await self.received(limited, "compare=0"))["total"] == [1]
        assert values(await self.received(limited, "compare=0&area=safeguarding"))["total"] == [1]
        answer = await limited.get(f"{REPORT}?{Q1}&area=through-care")
        assert answer.status_code == 422
        assert "through-care" not in answer.text.split("(")[1].split(")")[0]  # what may be seen is named, and nothing else

    async def test_the_form_and_every_link_keep_what_was_chosen(self, client: ServiceClient) -> None:
        reader = client.acting_as(caller("role:senior-reader"))
        answer = await reader.get(f"{PAGE}?{Q1}&area=safeguarding&compare=year-before")
        assert answer.status_code == 200
        assert 'value="safeguarding" checked' in answer.text
        assert '<option value="year-before" selected>' in answer.text
        kept = "?period=2022-23-q1&amp;area=safeguarding&amp;compare=year-before"
        for place in ("/pdf", "/workbook"):
            assert f"{PAGE}{place}{kept}" in answer.text
        assert f"{REPORT}/tables/complaints-received.csv{kept}" in answer.text
        # An empty form is the same as no question.
        assert (await reader.get(f"{PAGE}?{Q1}&compare=")).status_code == 200

    async def test_files_say_what_they_are_of(self, client: ServiceClient) -> None:
        reader = client.acting_as(caller("role:senior-reader"))
        query = f"?{Q1}&area=safeguarding&compare=1"
        book = await reader.get(f"{PAGE}/workbook{query}")
        assert book.status_code == 200
        assert "social-care-complaints-2022-23-q1-safeguarding.xlsx" in book.headers["content-disposition"]
        printed = await reader.get(f"{PAGE}/pdf{query}")
        assert printed.status_code == 200, printed.text
        assert printed.content.startswith(b"%PDF")


class TestWithoutAPeriod:
    @pytest.mark.parametrize(("day", "opens"), [(date(2022, 4, 4), "2022-23-q1"), (None, "running")])
    async def test_the_last_that_is_over_is_shown_and_the_running_one_while_there_is_no_other(
        self, client: ServiceClient, sources: Sources, profile: dict[str, Any], day: date | None, opens: str
    ) -> None:
        now = containing(british_today(), Kind.QUARTER)
        await sources.record(
            *(complaint(f"c{n}", each, procedure="childrens-statutory", area="safeguarding")
              for n, each in enumerate((day or now.first, now.first)))
        )  # fmt: skip
        answer = (await client.get(REPORT)).json()
        assert answer["period"]["code"] == (now.code if opens == "running" else opens)
