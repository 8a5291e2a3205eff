"""“You said, we did”: figures that the measures give, the public version, and the words' page."""

from dataclasses import replace
from typing import Any

import pytest
from reporting_records import Sources, complaint
from reporting_said import published, themed
from reporting_tracked import later, of_complaints

from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.page_client import check_pages
from chassis.testing.pdf import Printed

PAGE = "/reporting/said-and-done"
Q1 = f"{PAGE}?period=2022-23-q1"


@pytest.fixture
async def records(sources: Sources, profile: dict[str, Any]) -> None:
    """Comments, complaints, changes and actions of a quarter."""
    await sources.record(
        *(themed(f"c{n}", "communication") for n in range(7)), themed("d", "timeliness", "communication"),
        published("p", 2, "communication", on=later(20)),
        *(complaint(f"k{n}", later(3), categories=["send-communication"]) for n in range(6)),
    )  # fmt: skip
    for on, events in of_complaints():
        await sources.record(*events, on=on)


@pytest.fixture
def reader(client: ServiceClient) -> ServiceClient:
    """A senior reader's browser; every page is checked."""
    staff = client.acting_as(caller("role:senior-reader"))
    staff.headers["accept"] = "text/html"
    check_pages(staff)
    return staff


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.usefixtures("records")
class TestSaidAndDone:
    async def test_what_was_said_stands_beside_what_was_done(self, reader: ServiceClient) -> None:
        text = words((await reader.get(Q1)).text)
        for said in ("By theme", "By service area", "What complaints were about", "Found to have made a difference"):
            assert said in text
        assert "/s/you-said/worcestershire" in text
        assert "1 of its changes was published" in text
        assert "/feedback/changes/" not in text
        officer = reader.acting_as(caller("role:qa-officer"))
        assert "/feedback/changes/" in (await officer.get(Q1)).text

    async def test_the_public_version_withholds_small_counts(self, reader: ServiceClient) -> None:
        assert "[c]" not in (await reader.get(Q1)).text
        public = (await reader.get(f"{Q1}&audience=public")).text
        assert "[c]" in public
        # Every change is a text on the public page: everybody can count them.
        assert "Changes published, by theme" in public

    async def test_files_say_the_same(self, reader: ServiceClient) -> None:
        answer = await reader.get(f"{PAGE}/pdf?period=2022-23-q1&area=send&audience=public")
        assert 'filename="you-said-we-did-send-public-2022-23-q1.pdf"' in answer.headers["content-disposition"]
        assert "pdfua-1" in Printed(answer.content).standards
        assert (await reader.get(f"{PAGE}/workbook?period=2022-23-q1")).status_code == 200

    async def test_a_limited_reader_sees_their_areas_and_cannot_ask_for_others(self, client: ServiceClient) -> None:
        limited = client.acting_as(replace(caller("role:senior-reader"), areas=frozenset({"safeguarding"})))
        assert "Only what concerns" in (await limited.get(Q1)).text
        assert "0 of its changes" in (await limited.get(Q1)).text
        assert (await limited.get(f"{Q1}&area=send")).status_code == 422

    async def test_what_is_no_period_or_area_is_said(self, reader: ServiceClient) -> None:
        for query in ("period=2022-23-q9", "period=2022-23-q1&area=nowhere"):
            assert (await reader.get(f"{PAGE}?{query}")).status_code == 422
        assert (await reader.get(PAGE)).status_code == 200
