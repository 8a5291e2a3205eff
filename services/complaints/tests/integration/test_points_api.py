"""Points added, corrected, split, merged, marked as duplicates, and taken back, as another system does it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
from services.complaints.tests.support import Desk, fetch, statutory

from chassis.testing.fixtures import Database, ServiceClient, caller

Events = Callable[[], list[tuple[str, dict[str, Any]]]]
PART = {"category": "send-communication", "desired": "apology"}


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"].rpartition(":")[2])


class Points:
    """Somebody who changes the points of a complaint."""

    def __init__(self, desk: Desk, ident: str) -> None:
        self.desk, self.ident = desk, ident

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.desk.post(
            f"complaints/{self.ident}/points{path}", {"reason": "On reading it again.", **body}, **headers
        )

    async def ids(self) -> dict[str, str]:
        found = await self.desk.read(self.ident)
        return {each["reference"]: each["point_id"] for each in (*found["points"], *found["superseded_points"])}

    async def split(self, reference: str, *parts: str, **headers: str) -> httpx.Response:
        into = [{"reference": part, **PART} for part in parts]
        return await self.post(f"/{(await self.ids())[reference]}/split", {"into": into}, **headers)

    async def same(self, reference: str, as_: str, **headers: str) -> httpx.Response:
        return await self.post(f"/{(await self.ids())[reference]}/duplicate", {"same_as": as_}, **headers)

    async def read(self, reference: str) -> dict[str, Any]:
        points = (await self.desk.read(self.ident))["points"]
        found: dict[str, Any] = next(each for each in points if each["reference"] == reference)
        return found

    async def taken_back(self, change: int) -> httpx.Response:
        return await self.post(f"/changes/{change}/taking-back", {})

    async def live(self) -> list[str]:
        return [each["reference"] for each in (await self.desk.read(self.ident))["points"]]


@pytest.fixture
async def points(desk: Desk) -> Points:
    return Points(desk, (await desk.receive())["complaint_id"])


async def to_stage_2(desk: Desk, ident: str) -> None:
    await desk.answered(ident)
    await desk.step(ident, 2, "request", requested_on="2022-05-20")
    await desk.step(ident, 2, "decision", decided_on="2022-05-26", decision="accepted")


class TestSplit:
    async def test_stage_2_finds_on_the_parts_beside_what_stage_1_found(self, points: Points, events: Events) -> None:
        await to_stage_2(points.desk, points.ident)
        answer = await points.split("2", "2a", "2b")
        assert answer.status_code == 201, answer.text
        assert [each["reference"] for each in answer.json()["points"]] == ["1", "2a", "2b"]
        given = {"1": "upheld", "2a": "not-upheld", "2b": "upheld"}
        body = {"responded_on": "2022-06-20", "findings": [{"point": point, "finding": given[point]} for point in given]}
        answer = await points.desk.step(points.ident, 2, "response", **body)
        assert answer.status_code == 201, answer.text
        found = await points.desk.read(points.ident)
        part = next(each for each in found["points"] if each["reference"] == "2a")
        assert [(each["finding"], each["made_on"]) for each in part["findings"]] == [("upheld", ["2"]), ("not-upheld", [])]
        (old,) = found["superseded_points"]
        assert (old["became"], old["into"], old["findings"][0]["finding"]) == ("split", ["2a", "2b"], "upheld")
        told = dict(events())["points_changed"]
        assert [each["became"] for each in told["points"]] == [None, "split", None, None]
        assert told["points"][2]["ancestors"] == [old["point_id"]]
        assert "reading" not in str(events())

    async def test_the_same_again_changes_nothing(self, points: Points, events: Events) -> None:
        first, second = await points.split("2", "2a", "2b"), await points.split("2", "2a", "2b")
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json()["version"] == second.json()["version"] == 2
        assert [name for name, _ in events()].count("points_changed") == 1

    async def test_a_correction_of_a_date_keeps_all_of_it(self, points: Points) -> None:
        await to_stage_2(points.desk, points.ident)
        await points.split("2", "2a", "2b")
        body = {"date_of": "responded_on", "day": "2022-05-11", "reason": "It was sent the day before."}
        answer = await points.desk.step(points.ident, 1, "correction", **body)
        assert answer.status_code == 201, answer.text
        assert await points.live() == ["1", "2a", "2b"]


class TestDuplicate:
    async def test_of_another_complaint_is_shown_in_both(self, points: Points) -> None:
        other = await points.desk.receive(reference="SEND-22-002")
        kept = other["points"][0]["point_id"]
        assert (await points.same("2", kept)).status_code == 201
        found = await points.desk.read(points.ident)
        assert found["superseded_points"][0]["same_as"]["complaint"] == "SEND-22-002"
        there = (await points.desk.read(other["complaint_id"]))["points"][0]
        assert [(each["complaint"], each["point"]) for each in there["duplicates"]] == [("SEND-22-001", "2")]
        (listed,) = (each for each in (await self.listed(points)) if each["reference"] == "SEND-22-001")
        assert listed["points"] == 1

    async def test_what_others_are_the_same_as_is_not_taken_back(self, points: Points) -> None:
        there = Points(points.desk, (await points.desk.receive(reference="SEND-22-002"))["complaint_id"])
        await there.split("2", "2a", "2b")
        await points.same("2", (await there.ids())["2a"])
        refused = await there.taken_back(2)
        assert (refused.status_code, slug(refused)) == (409, "has-duplicates")
        assert (await points.taken_back(2)).status_code == 201
        assert (await there.taken_back(2)).status_code == 201

    async def test_a_complaint_that_is_not_for_ones_eyes_is_none(self, points: Points, client: ServiceClient) -> None:
        other = await points.desk.receive(**statutory(reference="CSC-1"))
        limited = replace(caller("complaints:write"), areas=frozenset({"send"}))
        async with client.acting_as(limited) as somebody:
            answer = await Points(Desk(somebody), points.ident).same("2", other["points"][0]["point_id"])
        assert (answer.status_code, slug(answer)) == (422, "no-such-point")

    @staticmethod
    async def listed(points: Points) -> list[dict[str, Any]]:
        return list((await points.desk.client.get("/complaints/v1/complaints")).json()["items"])


class TestWords:
    async def test_are_sealed_corrected_and_come_back(self, points: Points, database: Database, events: Events) -> None:
        said = {"words": "Nobody rang Sam back.", "wanted": "To be rung."}
        added = await points.post("", {"reference": "3", **PART, **said, "need": "autism", "team": "send-north"})
        assert added.status_code == 201, added.text
        ident = (await points.ids())["3"]
        again = await points.post(f"/{ident}/correction", {**PART, **said, "desired": "other", "words": "Nobody rang back."})
        assert again.status_code == 201, again.text
        found = await points.read("3")
        assert (found["words"], found["wanted"], found["desired"], found["need"]) == (
            "Nobody rang back.",
            "To be rung.",
            "other",
            None,
        )
        assert (await points.taken_back(3)).status_code == 201
        found = await points.read("3")
        assert (found["words"], found["need"]) == ("Nobody rang Sam back.", "autism")
        assert "rang" not in str(events())
        for table in ("point_version", "complaint_point", "complaint_change"):
            assert "rang" not in str(fetch(database.url("admin"), f"select t::text from complaints.{table} t"))

    async def test_a_need_only_where_the_procedure_has_them(self, points: Points) -> None:
        ident = (await points.desk.receive(**statutory(reference="CSC-1")))["complaint_id"]
        body = {"reference": "3", "category": "communication", "need": "autism"}
        answer = await Points(points.desk, ident).post("", body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/point/need")
        answer = await points.post("", {"reference": "3", **PART, "desired": "the-moon"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/point/desired")


class TestTwoAtOnce:
    async def test_the_second_is_told_what_the_first_did(self, points: Points) -> None:
        await points.split("2", "2a", "2b", if_match='"1"')
        ids = await points.ids()
        answer = await points.same("1", ids["2a"], if_match='"1"')
        assert (answer.status_code, slug(answer)) == (412, "stale")
        assert answer.json()["changes"][0]["step"] == "point-split"
        assert await points.live() == ["1", "2a", "2b"]


class TestAsKnown:
    async def test_a_past_day_shows_the_points_of_then(self, points: Points, record_changes_on: Callable[..., None]) -> None:
        await points.split("2", "2a", "2b")
        record_changes_on(points.ident, 1, date(2022, 4, 28))
        known = await points.desk.read(points.ident, on="2022-05-10", known="true")
        assert [each["reference"] for each in known["points"]] == ["1", "2"]
        assert known["superseded_points"] == []


class TestLearning:
    async def test_follows_the_points(self, points: Points) -> None:
        await to_stage_2(points.desk, points.ident)
        assert await self.asking(points) == ["1", "2"]
        await points.split("2", "2a", "2b")
        assert await self.asking(points) == ["1", "2a", "2b"]
        ids = await points.ids()
        action = {"what": "Ring back.", "owner": {"name": "Alex Lee"}, "service_area": "send", "due_on": "2022-09-01"}
        refused = await points.desk.post(f"complaints/{points.ident}/points/{ids['2']}/learning-actions", action)
        assert (refused.status_code, slug(refused)) == (409, "superseded")
        await points.desk.post(f"complaints/{points.ident}/points/{ids['2a']}/learning-actions", action)
        assert await self.asking(points) == ["1", "2b"]
        await points.same("1", ids["2b"])
        assert await self.asking(points) == ["2b"]
        await points.taken_back(6)
        assert await self.asking(points) == ["1", "2b"]

    async def test_what_was_recorded_before_stands_for_the_parts(self, points: Points) -> None:
        await to_stage_2(points.desk, points.ident)
        ids = await points.ids()
        none = {"reason": "It was done already."}
        await points.desk.post(f"complaints/{points.ident}/points/{ids['2']}/no-learning-action", none)
        await points.split("2", "2a", "2b")
        assert await self.asking(points) == ["1"]

    @staticmethod
    async def asking(points: Points) -> list[str]:
        answer = await points.desk.client.get("/complaints/v1/points-that-ask-for-learning")
        return sorted(each["point"] for each in answer.json()["items"])
