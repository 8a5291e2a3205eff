"""Audits, families and complaints on one theme, side by side: counted from events, judged, and shown to whom it concerns."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from reporting_learning import learned
from reporting_records import Sources, complaint, document, ident, outcome, responded, response

from chassis.days import british_today
from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.page_client import check_pages
from contracts.audit import SectionGrade

NOW, BEFORE = date(2023, 2, 1), date(2022, 2, 1)
QUARTER = "2022-23-q4"
SEND_ONLY = replace(caller("role:senior-reader", subject="staff:sam"), areas=frozenset({"send"}))


def sections(grade: str) -> dict[str, Any]:
    """An audit of SEND whose sections on communication's neighbours have one grade."""
    codes = ("voice-of-the-child", "management-oversight")
    return {
        "service_area": "send",
        "sections": tuple(SectionGrade(section=code, state="graded", grade=grade, lead=grade, peer=grade) for code in codes),
    }


@pytest.fixture
async def evidence(sources: Sources, profile: dict[str, Any]) -> None:
    """A year in which audits of SEND found the voice of the child good, families did not, and complaints grew."""
    assert profile
    await sources.record(
        *(outcome(f"now-{n}", NOW + timedelta(days=n % 28), **sections("good" if n else "inadequate")) for n in range(32)),
        *(outcome(f"before-{n}", BEFORE, **sections("requires-improvement")) for n in range(32)),
        outcome("elsewhere", NOW, **{**sections("inadequate"), "service_area": "safeguarding"}),
        *(
            response(f"r-{n}", NOW, {"child-shared-views": "no", "aspirations-in-plan": "no", "easy-to-contact": "yes"})
            for n in range(35)
        ),
        complaint("first", date(2021, 3, 31), categories=["send-communication"]),  # so that both years were recorded
        *(complaint(f"c-{n}", NOW, categories=["send-communication", "send-transport"]) for n in range(14)),
        *(responded(f"c-{n}", NOW, 5, ["upheld", "not-upheld"]) for n in range(12)),
        complaint("other-area", NOW, area="safeguarding", procedure="corporate", categories=["communication"]),
    )


async def themes(client: ServiceClient, **asked: str) -> dict[str, dict[str, Any]]:
    """Themes by code, each with its findings by kind."""
    answer = await client.get("/reporting/v1/themes", params={"period": QUARTER, **asked})
    assert answer.status_code == 200, answer.text
    found = answer.json()["themes"]
    return {each["theme"]: {**each, **{finding["kind"]: finding for finding in each["findings"]}} for each in found}


@pytest.mark.usefixtures("evidence")
class TestThemes:
    async def test_each_kind_is_counted_and_judged_by_itself(self, client: ServiceClient) -> None:
        found = (await themes(client))["voice-of-the-child"]
        assert found["audits"]["figure"] == "94%"
        assert found["audits"]["note"].startswith("31 of 33 sections, from 33 audits")
        assert (found["audits"]["standing"], found["audits"]["movement"]) == ("met", "better")
        assert found["audits"]["since"].startswith("A year before: 0 of 32 sections. This went up by")
        # Two answers of each of 35 families, none favourable.
        assert found["feedback"]["note"].startswith("0 of 70 answers, from 35 surveys")
        assert (found["feedback"]["standing"], found["feedback"]["movement"]) == ("missed", "nothing")
        assert (found["together"], found["firm"]) == ("disagree", True)

    async def test_points_belong_to_the_themes_of_their_nature(self, client: ServiceClient) -> None:
        found = (await themes(client))["communication"]["complaints"]
        assert found["figure"] == "15 points"
        assert found["note"] == (
            "From 15 complaints. Upheld, wholly or in part: 12 of 12 decided (likely between 76% and 100%)."
        )
        assert (found["standing"], found["movement"]) == ("missed", "worse")
        assert "There are more now than chance would make." in found["since"]

    async def test_an_area_has_what_is_its_own(self, client: ServiceClient) -> None:
        found = await themes(client, area="send")
        assert found["voice-of-the-child"]["audits"]["note"].startswith("31 of 32 sections, from 32 audits")
        assert found["communication"]["complaints"]["figure"] == "14 points"
        assert (await themes(client, area="through-care"))["communication"]["together"] == "untold"
        assert (await client.get("/reporting/v1/themes", params={"area": "nowhere"})).status_code == 404

    async def test_the_areas_add_up_to_the_whole(self, client: ServiceClient) -> None:
        """But for complaints, which may have points in several areas."""
        areas = [each["code"] for each in document("worcestershire")["organisation"]["service_areas"]]
        whole = (await themes(client))["voice-of-the-child"]["audits"]["note"]
        parts = [(await themes(client, area=area))["voice-of-the-child"]["audits"]["note"] for area in areas]
        assert whole.startswith("31 of 33 ")
        assert sorted(part for part in parts if part != "No sections") == [
            "31 of 32 sections, from 32 audits (likely between 84% and 99%)",
            "Sections from 1 audit: too few to give a percentage",
        ]

    async def test_disagreements_are_listed_by_area(self, client: ServiceClient) -> None:
        asked = {"period": QUARTER, "show": "disagreements"}
        found = (await client.get("/reporting/v1/themes", params=asked)).json()["themes"]
        listed = {(each["theme"], each["service_area"]): each["together"] for each in found}
        assert listed["voice-of-the-child", None] == listed["voice-of-the-child", "send"] == "disagree"
        assert ("voice-of-the-child", "safeguarding") not in listed
        assert all(each["together"] == "disagree" or each["opposed"] for each in found)

    async def test_a_standard_of_the_profile_counts(
        self, client: ServiceClient, operator: ServiceClient, profile: dict[str, Any]
    ) -> None:
        held = document("worcestershire")
        for theme in held["organisation"]["themes"]:
            theme["standard"] = 90
        await operator.put("/reporting/v1/profile", json={**held, "version": "strict"})
        assert (await themes(client))["voice-of-the-child"]["audits"]["standing"] == "open"

    async def test_a_reader_of_some_areas_sees_those(self, client: ServiceClient) -> None:
        limited = client.acting_as(SEND_ONLY)
        found = await themes(limited)
        assert found["voice-of-the-child"]["audits"]["note"].startswith("31 of 32 ")
        assert found["communication"]["complaints"]["figure"] == "14 points"
        assert (await limited.get("/reporting/v1/themes", params={"area": "safeguarding"})).status_code == 404

    async def test_pages_say_it_in_words(self, client: ServiceClient) -> None:
        staff = client.acting_as(caller("role:senior-reader", subject="staff:alex"))
        staff.headers["accept"] = "text/html"
        check_pages(staff)
        page = (await staff.get(f"/reporting/themes/voice-of-the-child?period={QUARTER}")).text
        assert "They disagree" in page
        assert "31 of 33 sections, from 33 audits" in page
        assert "Q4 21/22" in page  # quarter by quarter
        page = (await staff.get(f"/reporting/themes/timeliness?period={QUARTER}&area=send")).text
        assert "Education, health and care plans within 20 weeks" in page  # a KPI of the theme
        assert "KPIs are no part of what is said above" in page
        assert "Annual reviews of foster carers" not in page  # of another area
        page = (await staff.get(f"/reporting/themes/disagreements?period={QUARTER}")).text
        assert "Voice of the child and family: All service areas" in page
        for path in ("/reporting/themes/nothing", "/reporting/themes?area=nowhere"):
            assert (await staff.get(path)).status_code == 404
        assert (await staff.get("/reporting/themes?period=2022-23")).status_code == 422


@pytest.mark.usefixtures("evidence")
class TestAction:
    async def test_the_evidence_stands_before_and_after_it(self, client: ServiceClient, sources: Sources) -> None:
        done, young = date(2022, 12, 15), british_today() - timedelta(days=20)
        for name, day in (("old", done), ("young", young)):
            await sources.record(
                learned(name, 1, day, themes=("communication",)),
                learned(name, 2, day, "done", done_on=day, themes=("communication",)),
            )
        staff = client.acting_as(caller("role:senior-reader", subject="staff:alex"))
        staff.headers["accept"] = "text/html"
        check_pages(staff)
        theme = (await staff.get(f"/reporting/themes/communication?period={QUARTER}")).text
        old, recent = (f"complaints:{ident('learning', name)}" for name in ("old", "young"))
        at = "/reporting/themes/communication/action"
        links = {html.unescape(each) for each in re.findall(r'href="(/reporting/themes/communication/action[^"]*)"', theme)}
        assert links == {f"{at}?key={quote(old)}", f"{at}?key={quote(recent)}"}
        page = (await staff.get(at, params={"key": old})).text
        assert "14 points from 14 complaints" in page  # of SEND, the action's area
        assert "There were more complaints after it than chance would make." in page
        assert "not why" in page
        assert "Too little time has passed" in (await staff.get(at, params={"key": recent})).text
        for path in (f"/reporting/themes/timeliness/action?key={old}", f"{at}?key=complaints:none"):
            assert (await staff.get(path)).status_code == 404
        elsewhere = replace(caller("role:senior-reader", subject="staff:sam"), areas=frozenset({"safeguarding"}))
        assert (await client.acting_as(elsewhere).get(at, params={"key": old})).status_code == 404


class TestNothing:
    async def test_an_organisation_without_records_is_told_so(self, client: ServiceClient, profile: dict[str, Any]) -> None:
        assert profile
        found = await themes(client)
        assert {each["together"] for each in found.values()} == {"untold"}
