"""Complaints received, read and listed over the API."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from services.complaints.tests.support import TODAY, WRITER, Desk, complaint, profile_document, statutory

from chassis.identity import Identity
from chassis.testing.fixtures import Keys, ServiceClient, caller

Events = Callable[[], list[tuple[str, dict[str, Any]]]]


class TestReceiveComplaint:
    async def test_stage_1_runs_at_once_with_its_clock(self, desk: Desk) -> None:
        answer = await desk.post("complaints", complaint())
        assert answer.status_code == 201
        body = answer.json()
        assert answer.headers["etag"] == '"1"'
        assert (body["reference"], body["version"], body["phase"], body["state"]) == ("SEND-22-001", 1, "running", "open")
        assert [point["reference"] for point in body["points"]] == ["1", "2"]
        clock = body["stage"]["clock"]
        assert (body["stage"]["number"], body["stage"]["name"]) == (1, "Local resolution")
        assert (clock["due_on"], clock["limit"], clock["state"]) == ("2022-05-13", 10, "overdue")
        # From 13 May to 29 July, without the two days of the Jubilee.
        assert clock["words"] == "day 63 of 10, 53 working days over"

    async def test_tells_the_world_codes_dates_and_ids_and_nothing_else(self, desk: Desk, events: Events) -> None:
        body = await desk.receive()
        (first, received), (second, started) = events()
        assert (first, second) == ("complaint_received", "stage_started")
        assert received == {
            "complaint_id": body["complaint_id"],
            "procedure": "send",
            "formality": "formal",
            "received_on": "2022-04-28",
            "service_area": "send",
            "team": "send-north",
            "need": "autism",
            "route": "direct",
            "raised_by": "parent",
            "points": [
                {"point_id": body["points"][0]["point_id"], "category": "send-communication", "service_area": "send"},
                {"point_id": body["points"][1]["point_id"], "category": "send-ehcp-not-implemented", "service_area": "send"},
            ],
            "came_by": None,
        }
        assert started["calendar"]
        del started["calendar"]
        assert started == {
            "complaint_id": body["complaint_id"],
            "stage": 1,
            "started_on": "2022-04-28",
            "due_on": "2022-05-13",
            "limit": 10,
            "panel_due_on": None,
            "acknowledge_by": None,
        }

    async def test_the_same_again_is_the_same_complaint(self, desk: Desk, events: Events) -> None:
        first = await desk.receive()
        again = await desk.post("complaints", complaint())
        assert again.status_code == 200
        assert again.json()["complaint_id"] == first["complaint_id"]
        assert len(events()) == 2

    async def test_other_content_under_a_reference_is_refused(self, desk: Desk) -> None:
        await desk.receive()
        answer = await desk.post("complaints", complaint(received_on="2022-04-29"))
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:learning-loop:problem:reference-taken"

    async def test_sent_twice_at_once_it_is_stored_once(self, desk: Desk, events: Events) -> None:
        answers = await asyncio.gather(*(desk.post("complaints", complaint()) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
        assert len({answer.json()["complaint_id"] for answer in answers}) == 1
        assert len(events()) == 2

    async def test_a_repeated_request_gets_the_first_answer(self, client: ServiceClient, events: Events) -> None:
        path, headers = "/complaints/v1/complaints", {"Idempotency-Key": "one"}
        first = await client.post(path, json=complaint(), headers=headers)
        again = await client.post(path, json=complaint(), headers=headers)
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["idempotency-replayed"] == "true"
        reused = await client.post(path, json=complaint(reference="SEND-22-002"), headers=headers)
        assert reused.status_code == 422
        assert reused.json()["type"].endswith(":idempotency-key-reused")
        assert len(events()) == 2

    async def test_an_informal_complaint_may_stay_open(self, desk: Desk, events: Events) -> None:
        points = [{"reference": "1", "category": "send-no-reason"}]
        body = await desk.receive(procedure="send-informal", route="mp-or-councillor", points=points)
        assert body["state"] == "open"
        assert events()[0][1]["formality"] == "informal"
        answer = await desk.step(body["complaint_id"], 1, "response", responded_on="2022-05-03", findings=[])
        assert answer.status_code == 201
        assert (answer.json()["state"], answer.json()["stage"]["clock"]["day"]) == ("closed", 2)

    async def test_without_a_profile_it_says_what_to_do(self, app: FastAPI, keys: Keys) -> None:
        async with ServiceClient(app, keys, "complaints", WRITER) as client:
            answer = await Desk(client).post("complaints", complaint())
        assert answer.status_code == 409
        assert "loop profile apply" in answer.json()["detail"]


class TestCodes:
    @pytest.mark.parametrize(
        ("changes", "pointer", "words"),
        [
            ({"procedure": "nothing"}, "/procedure", "Known codes: childrens-statutory, corporate, fostering, send"),
            ({"service_area": "moon", "team": None}, "/service_area", "Known codes: children-with-disabilities"),
            ({"team": "send-moon"}, "/team", "Known codes: send-assessment, send-north"),
            ({"need": "moon"}, "/need", "Known codes: autism"),
            ({"route": "moon"}, "/route", "Known codes: direct, director, mp-or-councillor"),
            ({"raised_by": "moon"}, "/raised_by", "Known codes: adopter"),
            ({"points": [{"reference": "1", "category": "moon"}]}, "/points/0/category", "Known codes: send-communication"),
            (
                {"points": [{"reference": "1", "category": "communication"}]},
                "/points/0/category",
                "'communication' is not a known code",
            ),
            (
                {"points": [{"reference": "1", "category": "send-other", "service_area": "moon"}]},
                "/points/0/service_area",
                "'moon' is not a known code",
            ),
        ],
    )
    async def test_unknown_ones_are_refused_with_the_known(
        self, desk: Desk, changes: dict[str, Any], pointer: str, words: str
    ) -> None:
        answer = await desk.post("complaints", complaint(**changes))
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["pointer"] == pointer
        assert words in error["detail"]

    async def test_an_area_takes_complaints_from_its_first_day_on(self, desk: Desk) -> None:
        area = statutory(service_area="qa-and-independent-review")
        too_early = await desk.post("complaints", complaint(**area, received_on="2022-03-31"))
        assert too_early.status_code == 422
        assert too_early.json()["errors"] == [
            {
                "pointer": "/service_area",
                "detail": "'qa-and-independent-review' is not in use for complaints on 2022-03-31: "
                "it is in use from 2022-04-01",
            }
        ]
        assert (await desk.post("complaints", complaint(**area, received_on="2022-04-01"))).status_code == 201

    async def test_a_team_is_of_the_complaints_area(self, desk: Desk) -> None:
        answer = await desk.post("complaints", complaint(**statutory(team="send-north")))
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/team"]

    async def test_all_that_is_wrong_is_said_at_once(self, desk: Desk) -> None:
        answer = await desk.post("complaints", complaint(need="moon", route="moon", raised_by="moon"))
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/need", "/route", "/raised_by"]

    async def test_two_points_of_one_reference_are_refused(self, desk: Desk) -> None:
        points = [{"reference": "1", "category": "send-other"}, {"reference": "1", "category": "send-transport"}]
        answer = await desk.post("complaints", complaint(points=points))
        assert answer.status_code == 422
        assert answer.json()["type"].endswith(":points-not-distinct")

    async def test_a_day_before_the_calendar_or_after_today_is_refused(self, desk: Desk) -> None:
        for day, slug in (("2018-12-31", "outside-calendar"), ("2022-07-30", "date-in-the-future")):
            answer = await desk.post("complaints", complaint(received_on=day))
            assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (422, slug)


class TestReadComplaint:
    async def test_with_findings_of_stage_2_beside_stage_1(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.answered(ident)
        await desk.step(ident, 2, "request", requested_on="2022-05-20")
        await desk.step(ident, 2, "decision", decided_on="2022-05-26", decision="accepted")
        await desk.answered(ident, 2, "2022-06-20", "not-upheld")
        body = await desk.read(ident)
        assert body["points"][0]["findings"] == [
            {"stage": 1, "finding": "upheld", "reason": None, "remedies": [], "made_on": []},
            {"stage": 2, "finding": "not-upheld", "reason": None, "remedies": [], "made_on": []},
        ]
        assert [stage["clock"]["words"] for stage in body["stages"]] == ["answered on day 9 of 10", "answered on day 19 of 25"]
        assert [change["step"] for change in body["changes"]] == ["receive", "respond", "request", "accept", "respond"]
        assert body["version"] == 5
        assert body["state"] == "closed"

    async def test_as_it_stood_on_any_past_day(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "extension", extended_on="2022-05-11", reason="Two agencies answer")
        await desk.answered(ident, on="2022-05-25")
        before = await desk.read(ident, on="2022-05-10")
        assert before["stages"][0]["clock"]["words"] == "day 7 of 10"
        assert before["points"][0]["findings"] == []
        assert [change["step"] for change in before["changes"]] == ["receive"]
        extended = await desk.read(ident, on="2022-05-24")
        assert extended["stages"][0]["clock"]["words"] == "day 17 of 20"
        assert extended["state"] == "open"
        assert (await desk.read(ident))["stages"][0]["clock"]["words"] == "answered on day 18 of 20"

    async def test_before_it_was_received_there_is_nothing_to_read(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        answer = await desk.client.get(f"/complaints/v1/complaints/{ident}", params={"on": "2022-04-27"})
        assert answer.status_code == 422
        assert answer.json()["type"].endswith(":before-received")

    async def test_reasons_are_shown_to_those_who_write_them_only(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "extension", extended_on="2022-05-11", reason="Two agencies answer")
        assert (await desk.read(ident))["changes"][1]["reason"] == "Two agencies answer"
        async with desk.client.acting_as(caller("complaints:read")) as reader:
            body = (await reader.get(f"/complaints/v1/complaints/{ident}")).json()
        assert body["changes"][1]["reason"] is None

    async def test_of_another_organisation_it_does_not_exist(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        async with desk.client.acting_as(caller("operator", org="telford-wrekin")) as operator:
            applied = await operator.put("/complaints/v1/profile", json=profile_document("telford-wrekin"))
            assert applied.status_code == 200, applied.text
        async with desk.client.acting_as(caller("complaints:write", org="telford-wrekin")) as other:
            assert (await other.get(f"/complaints/v1/complaints/{ident}")).status_code == 404
            assert await Desk(other).references() == []
            theirs = Desk(other)
            answer = await theirs.step(ident, 1, "response", responded_on="2022-05-12", findings=[])
            assert answer.status_code == 404


def of_areas(*areas: str) -> Identity:
    grants = frozenset({"complaints:write", "complaints:read"})
    return Identity("worcestershire", "client:limited", "client", grants, frozenset(areas))


class TestServiceAreas:
    async def test_limit_what_is_read_and_written(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.receive(reference="CSC-1", **statutory())
        async with desk.client.acting_as(of_areas("safeguarding")) as client:
            limited = Desk(client)
            assert await limited.references() == ["CSC-1"]
            assert await limited.references(service_area="send") == []
            assert (await client.get(f"/complaints/v1/complaints/{ident}")).status_code == 404
            step = await limited.step(ident, 1, "response", responded_on="2022-05-12", findings=[])
            assert step.status_code == 404
            assert (await limited.post("complaints", complaint(reference="SEND-2"))).status_code == 403
            assert (await limited.post("complaints", complaint(reference="CSC-2", **statutory()))).status_code == 201

    async def test_limit_the_points_too(self, desk: Desk) -> None:
        points = [{"reference": "1", "category": "communication", "service_area": "family-front-door"}]
        async with desk.client.acting_as(of_areas("safeguarding")) as client:
            answer = await Desk(client).post("complaints", complaint(**statutory(points=points)))
        assert answer.status_code == 403
        assert answer.json()["type"].endswith(":service-area-not-allowed")


class TestListComplaints:
    @pytest.fixture
    async def listed(self, desk: Desk) -> Desk:
        """A: answered in time; B: overdue since 14 May, answered on 20 May; C: overdue; D: another area; E: running."""
        for reference, day in (("A", "2022-04-26"), ("B", "2022-04-27"), ("C", "2022-04-28"), ("E", str(TODAY))):
            body = await desk.receive(reference=reference, received_on=day)
            if reference in "AB":
                await desk.answered(body["complaint_id"], on="2022-05-09" if reference == "A" else "2022-05-20")
        await desk.receive(reference="D", **statutory(received_on="2022-07-25"))
        return desk

    async def test_newest_first(self, listed: Desk) -> None:
        assert await listed.references() == ["E", "D", "C", "B", "A"]

    @pytest.mark.parametrize(
        ("parameters", "expected"),
        [
            ({"state": "open"}, "EDC"),
            ({"state": "closed"}, "BA"),
            ({"procedure": "childrens-statutory"}, "D"),
            ({"service_area": "send"}, "ECBA"),
            ({"overdue": "true"}, "C"),
            ({"overdue": "true", "on": "2022-05-14"}, "CB"),  # C was due on Friday 13 May, B the day before
            ({"overdue": "true", "on": "2022-05-13"}, "B"),
            ({"overdue": "true", "on": "2022-05-12"}, ""),
            ({"overdue": "true", "on": "2022-05-20"}, "C"),
            ({"on": "2022-04-27"}, "BA"),
            ({"on": "2022-05-10", "state": "open"}, "CB"),  # as it was then: B was answered later
            ({"on": "2022-05-10", "state": "closed"}, "A"),
            ({"on": "2022-05-20", "state": "open", "overdue": "true"}, "C"),
            ({"state": "open", "service_area": "safeguarding", "procedure": "childrens-statutory"}, "D"),
        ],
    )
    async def test_filters(self, listed: Desk, parameters: dict[str, str], expected: str) -> None:
        assert await listed.references(**parameters) == list(expected)

    async def test_clocks_are_of_the_day_of_the_list(self, listed: Desk) -> None:
        answer = await listed.client.get("/complaints/v1/complaints", params={"on": "2022-05-10"})
        words = {item["reference"]: item["clock"]["words"] for item in answer.json()["items"]}
        assert words == {"A": "answered on day 8 of 10", "B": "day 8 of 10", "C": "day 7 of 10"}

    async def test_where_a_complaint_stood_is_of_the_day_of_the_list(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.answered(ident)
        await desk.step(ident, 2, "request", requested_on="2022-05-20")
        await desk.step(ident, 2, "decision", decided_on="2022-05-26", decision="accepted")
        await desk.answered(ident, 2, "2022-06-20")
        for day, phase, stage, state in (
            ("2022-05-11", "running", 1, "open"),
            ("2022-05-12", "answered", 1, "closed"),
            ("2022-05-25", "requested", 1, "open"),
            ("2022-05-26", "running", 2, "open"),
            ("2022-06-20", "answered", 2, "closed"),
        ):
            answer = await desk.client.get("/complaints/v1/complaints", params={"on": day})
            (item,) = answer.json()["items"]
            assert (item["phase"], item["stage"], item["state"]) == (phase, stage, state), day
            read = await desk.read(ident, on=day)
            assert (read["phase"], read["state"]) == (phase, state)
            assert await desk.references(on=day, state=state) == ["SEND-22-001"]
            assert await desk.references(on=day, state="open" if state == "closed" else "closed") == []

    async def test_pages_follow_one_another_without_gap_or_repetition(self, listed: Desk) -> None:
        seen: list[str] = []
        after: dict[str, str] = {}
        while True:
            answer = (await listed.client.get("/complaints/v1/complaints", params={"limit": 2, **after})).json()
            seen += [item["reference"] for item in answer["items"]]
            if answer["next"] is None:
                break
            after = {"after": answer["next"]}
        assert seen == ["E", "D", "C", "B", "A"]

    async def test_an_acknowledgement_that_came_late_was_overdue_until_then(self, desk: Desk) -> None:
        # Corporate: received 1 April, 15 working days without acknowledgement end on 26 April.
        body = await desk.receive(**statutory(procedure="corporate", received_on="2022-04-01"))
        late = await desk.step(body["complaint_id"], 1, "acknowledgement", acknowledged_on="2022-05-03")
        assert late.json()["stage"]["clock"]["due_on"] == "2022-05-17"
        assert await desk.references(overdue="true", on="2022-04-26") == []
        assert await desk.references(overdue="true", on="2022-04-27") == ["SEND-22-001"]
        assert await desk.references(overdue="true", on="2022-05-03") == []
        assert await desk.references(overdue="true", on="2022-05-18") == ["SEND-22-001"]
