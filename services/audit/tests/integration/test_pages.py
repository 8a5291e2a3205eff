"""The staff pages, every answer read as a strict browser would."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from services.audit.tests.conftest import Call, posted

from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.page_client import check_pages

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
async def officer(client: ServiceClient, call_as: Call) -> AsyncIterator[ServiceClient]:
    """A quality-assurance officer's browser."""
    async with call_as(caller("role:qa-officer", subject="staff:alex")) as browser:
        browser.headers.update(BROWSER)
        check_pages(browser)
        yield browser


async def record(client: ServiceClient, *bodies: dict[str, Any], key: str = "k") -> list[str]:
    answer = await client.post("/audit/v1/outcomes/batch", json={"outcomes": bodies}, headers={"Idempotency-Key": key})
    assert answer.json()["counts"]["refused"] == 0, answer.text
    return [result["outcome_id"] for result in answer.json()["results"]]


class TestListPage:
    async def test_nothing_posted_says_so(self, officer: ServiceClient) -> None:
        assert "No outcome has been posted yet" in (await officer.get("/audit/outcomes")).text

    async def test_it_shows_outcomes_in_the_words_of_the_profile_and_counts_them_by_tool(
        self, client: ServiceClient, officer: ServiceClient
    ) -> None:
        await record(
            client,
            posted(),
            posted(version=2),
            posted(reference="T-1", kind="targeted", tool="targeted", overall=None, sections=[], activity={"single": 1}),
        )
        page = (await officer.get("/audit/outcomes")).text
        for words in (
            "AUD-22-001",
            "6 July 2022",
            "Social care case file audit",
            "Safeguarding",
            "Requires Improvement",
            "T-1",
        ):
            assert words in page
        assert "corrected, version 2" in page
        assert "Worcestershire Children First" in page
        assert "LCS-204418" not in page

    async def test_it_is_narrowed_by_a_form_that_keeps_what_was_chosen(
        self, client: ServiceClient, officer: ServiceClient
    ) -> None:
        await record(client, posted(), posted(reference="OTHER", service_area="send", completed_on="2022-08-01"))
        page = (await officer.get("/audit/outcomes?service_area=send&completed_from=2022-07-31&completed_to=&tool=")).text
        assert "OTHER" in page
        assert "AUD-22-001" not in page
        assert '<option value="send" selected>' in page
        assert 'value="2022-07-31"' in page

    async def test_a_filter_that_cannot_be_read_is_said_beside_its_field(self, officer: ServiceClient) -> None:
        answer = await officer.get("/audit/outcomes?completed_from=1.7.2022&tool=A%20B")
        assert answer.status_code == 422
        assert "Completed from must be a day, like 2022-07-06" in answer.text
        assert "Audit tool must be one of the list" in answer.text
        assert "<title>Error:" in answer.text

    @pytest.mark.parametrize("query", ["before=x", "before=" + "a" * 300, "before=WzEsMl0", "completed_from=%00", "tool=%F0"])
    async def test_no_address_breaks_it(self, officer: ServiceClient, query: str) -> None:
        assert (await officer.get(f"/audit/outcomes?{query}")).status_code == 422

    async def test_pages_hold_every_outcome_once(self, client: ServiceClient, officer: ServiceClient) -> None:
        days = ("2022-07-06", "2022-07-07", "2022-08-01")
        await record(client, *(posted(reference=f"N-{number:03}", completed_on=days[number % 3]) for number in range(120)))
        address, seen = "/audit/outcomes?tool=social-care-case-file", []
        while address:
            page = (await officer.get(address)).text
            seen += [part[:5] for part in page.split('">')[1:] if part.startswith("N-")]
            link = page.partition('">Earlier outcomes')[0].rpartition('href="')[2].replace("&amp;", "&")
            address = f"/audit/outcomes{link}" if "Earlier outcomes" in page else ""
        expected = sorted(range(120), key=lambda number: (days[number % 3], number), reverse=True)
        assert seen == [f"N-{number:03}" for number in expected]

    async def test_it_is_limited_to_the_readers_service_areas(
        self, client: ServiceClient, officer: ServiceClient, call_as: Call
    ) -> None:
        await record(client, posted(), posted(reference="OTHER", service_area="send"))
        identity = caller("role:senior-reader")
        limited = call_as(type(identity)(identity.org, "s", "staff", identity.grants, frozenset({"send"})))
        page = (await limited.get("/audit/outcomes", headers=BROWSER)).text
        assert "OTHER" in page
        assert "AUD-22-001" not in page
        assert "Safeguarding" not in page


class TestOutcomePage:
    async def test_it_shows_sections_actions_and_what_each_version_changed(
        self, client: ServiceClient, officer: ServiceClient
    ) -> None:
        sections = posted()["sections"]
        sections[0] = sections[0] | {"grade": "inadequate"}
        (outcome_id, _) = await record(client, posted(), posted(version=3, overall="good", cases=2, sections=sections))
        page = (await officer.get(f"/audit/outcomes/{outcome_id}")).text
        assert "The sections suggest Inadequate" in page
        assert "Overall grade: Requires Improvement became Good" in page
        assert "Children: 1 became 2" in page
        assert "Voice of the Child: Good became Inadequate" in page
        assert "Not applicable" in page
        assert "Not graded" in page
        assert "31 August 2022" in page
        assert "LCS-204418" not in page

    async def test_an_audit_with_a_rating_shows_it(self, client: ServiceClient, call_as: Call) -> None:
        plan = posted(
            kind="dip-sample",
            tool="cared-for-plans",
            service_area="children-in-care",
            overall=None,
            rag="amber",
            sections=[],
            findings=["in-draft"],
            activity={"single": 1},
            actions=[],
        )
        async with call_as(caller("audit:outcomes:write", org="telford-wrekin")) as system:
            (outcome_id,) = await record(system, plan)
        async with call_as(caller("role:qa-officer", org="telford-wrekin")) as officer:
            officer.headers.update(BROWSER)
            check_pages(officer)
            page = (await officer.get(f"/audit/outcomes/{outcome_id}")).text
            assert "Amber" in page
            assert "In draft" in page
            assert "Amber" in (await officer.get("/audit/outcomes")).text

    @pytest.mark.parametrize(("path", "status"), [(str(UUID(int=7)), 404), ("one", 422)])
    async def test_what_is_not_there_is_a_kind_page(self, officer: ServiceClient, path: str, status: int) -> None:
        answer = await officer.get(f"/audit/outcomes/{path}")
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
