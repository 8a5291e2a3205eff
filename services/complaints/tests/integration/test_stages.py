"""Steps of stages over the API: what they answer, what they tell the world, and what happens when two come at once."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from services.complaints.tests.support import Desk, fetch, statutory

from chassis.testing.fixtures import Database

Events = Callable[[], list[tuple[str, dict[str, Any]]]]


def slug(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("type", "").rpartition(":")[2]


class TestResponse:
    async def test_stops_the_clock_and_tells_the_working_days(self, desk: Desk, events: Events) -> None:
        body = await desk.receive()
        ident, points = body["complaint_id"], [point["point_id"] for point in body["points"]]
        findings = [{"point": "1", "finding": "upheld"}, {"point": "2", "finding": "no-finding"}]
        answer = await desk.step(ident, 1, "response", responded_on="2022-05-17", findings=findings)
        assert answer.status_code == 201
        assert answer.headers["etag"] == '"2"'
        assert answer.json()["stage"]["clock"]["words"] == "answered on day 12 of 10, 2 working days over"
        name, data = events()[-1]
        assert name == "stage_responded"
        calendar = data.pop("calendar")
        assert data == {
            "complaint_id": ident,
            "stage": 1,
            "started_on": "2022-04-28",
            "due_on": "2022-05-13",
            "responded_on": "2022-05-17",
            "working_days": 12,
            "findings": [
                {"point_id": points[0], "finding": "upheld", "remedies": []},
                {"point_id": points[1], "finding": "no-finding", "remedies": []},
            ],
        }
        assert (await desk.read(ident))["stages"][0]["clock"]["calendar"] == calendar

    async def test_the_same_again_is_answered_and_changes_nothing(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.answered(ident)
        findings = [{"point": point, "finding": "upheld"} for point in ("1", "2")]
        again = await desk.step(ident, 1, "response", responded_on="2022-05-12", findings=findings)
        assert (again.status_code, again.json()["version"]) == (200, 2)
        assert len(events()) == 3
        other = await desk.step(ident, 1, "response", responded_on="2022-05-13", findings=findings)
        assert slug(other) == (409, "already-answered")
        assert [change["step"] for change in other.json()["changes"]] == ["receive", "respond"]

    async def test_a_point_has_one_finding(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        twice = [{"point": "1", "finding": "upheld"}, {"point": "1", "finding": "not-upheld"}]
        answer = await desk.step(ident, 1, "response", responded_on="2022-05-12", findings=twice)
        assert slug(answer) == (422, "findings-not-distinct")
        answer = await desk.step(ident, 1, "response", responded_on="2022-05-12", findings=twice[:1])
        assert slug(answer) == (422, "findings-incomplete")


class TestExtension:
    async def test_moves_the_due_date_once(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        answer = await desk.step(ident, 1, "extension", extended_on="2022-05-11", reason="Two agencies answer")
        assert answer.json()["stage"]["clock"]["due_on"] == "2022-05-27"
        assert events()[-1] == (
            "stage_extended",
            {"complaint_id": ident, "stage": 1, "extended_on": "2022-05-11", "due_on": "2022-05-27", "limit": 20},
        )
        second = await desk.step(ident, 1, "extension", extended_on="2022-05-12", reason="Still not there")
        assert slug(second) == (409, "already-extended")
        assert "20 working days in all, due on 2022-05-27" in second.json()["detail"]

    async def test_its_reason_is_stored_encrypted_and_nowhere_else(self, desk: Desk, database: Database) -> None:
        ident = (await desk.receive())["complaint_id"]
        reason = "Her brother Jamie is in hospital"
        await desk.step(ident, 1, "extension", extended_on="2022-05-11", reason=reason)
        tables = fetch(database.url("admin"), "select tablename from pg_tables where schemaname = 'complaints'")
        for (table,) in tables:
            rows = fetch(database.url("admin"), f"select row_to_json(t)::text from complaints.{table} t")
            assert "Jamie" not in str(rows)
            assert reason.encode().hex() not in str(rows)
        assert (await desk.read(ident))["changes"][1]["reason"] == reason


class TestStage2:
    async def test_accepted_counts_from_the_request(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.answered(ident)
        asked = await desk.step(ident, 2, "request", requested_on="2022-05-20")
        assert (asked.json()["phase"], asked.json()["state"]) == ("requested", "open")
        accepted = await desk.step(ident, 2, "decision", decided_on="2022-05-26", decision="accepted")
        assert accepted.json()["stage"]["started_on"] == "2022-05-20"
        # 25 working days from 20 May, with the two of the Jubilee.
        assert accepted.json()["stage"]["clock"]["due_on"] == "2022-06-28"
        (name, data), (decided, _), (started, stage) = events()[-3:]
        assert (name, decided, started) == ("stage_requested", "stage_decided", "stage_started")
        assert data == {"complaint_id": ident, "stage": 2, "requested_on": "2022-05-20"}
        assert (stage["started_on"], stage["limit"]) == ("2022-05-20", 25)

    async def test_declined_with_a_reason_where_the_procedure_allows_it(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.answered(ident)
        await desk.step(ident, 2, "request", requested_on="2022-05-20")
        without = await desk.step(ident, 2, "decision", decided_on="2022-05-26", decision="declined")
        assert slug(without) == (422, "reason-required")
        declined = {"decided_on": "2022-05-26", "decision": "declined", "reason": "Every point was answered."}
        answer = await desk.step(ident, 2, "decision", **declined)
        assert (answer.status_code, answer.json()["phase"], answer.json()["state"]) == (201, "declined", "closed")
        assert events()[-1] == (
            "stage_decided",
            {"complaint_id": ident, "stage": 2, "decided_on": "2022-05-26", "decision": "declined"},
        )

    async def test_the_statutory_procedure_cannot_decline(self, desk: Desk) -> None:
        ident = (await desk.receive(**statutory()))["complaint_id"]
        await desk.answered(ident)
        await desk.step(ident, 2, "request", requested_on="2022-05-20")
        declined = {"decided_on": "2022-05-26", "decision": "declined", "reason": "No."}
        assert slug(await desk.step(ident, 2, "decision", **declined)) == (409, "cannot-be-declined")

    async def test_a_late_request_takes_discretion(self, desk: Desk) -> None:
        ident = (await desk.receive(**statutory()))["complaint_id"]
        await desk.answered(ident)
        late = await desk.step(ident, 2, "request", requested_on="2022-06-14")
        assert slug(late) == (409, "request-too-late")
        taken = await desk.step(ident, 2, "request", requested_on="2022-06-14", discretion_reason="She was ill.")
        assert taken.status_code == 201
        assert (await desk.read(ident))["requests"][0]["late"] is True

    @pytest.mark.parametrize("path", ["3/response", "0/response", "1/request", "3/request", "2/nothing"])
    async def test_other_stages_and_steps_do_not_exist(self, desk: Desk, path: str) -> None:
        ident = (await desk.receive())["complaint_id"]
        answer = await desk.post(f"complaints/{ident}/stages/{path}", {})
        assert answer.status_code in {404, 422}


class TestAcknowledgement:
    async def test_becomes_day_0_of_the_corporate_procedure(self, desk: Desk) -> None:
        body = await desk.receive(**statutory(procedure="corporate"))
        clock = body["stage"]["clock"]
        assert (clock["limit"], clock["acknowledge_by"]) == (15, "2022-05-06")
        answer = await desk.step(body["complaint_id"], 1, "acknowledgement", acknowledged_on="2022-05-03")
        clock = answer.json()["stage"]["clock"]
        assert (clock["day_zero"], clock["limit"], clock["due_on"]) == ("2022-05-03", 10, "2022-05-17")

    async def test_is_told_at_once_with_the_days_that_it_moves(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive(**statutory(procedure="corporate")))["complaint_id"]
        name, began = events()[-1]
        assert (name, began["due_on"], began["acknowledge_by"]) == ("stage_started", "2022-05-20", "2022-05-06")
        await desk.step(ident, 1, "acknowledgement", acknowledged_on="2022-05-03")
        name, told = events()[-1]
        assert (name, told["step"], told["stage"], told["version"]) == ("stage_recounted", "acknowledge", 1, 2)
        assert (told["started_on"], told["due_on"], told["answer_by"]) == ("2022-05-03", "2022-05-17", "2022-05-17")
        assert (told["acknowledge_by"], told["acknowledged_on"]) == ("2022-05-06", "2022-05-03")
        again = await desk.step(ident, 1, "acknowledgement", acknowledged_on="2022-05-03")
        assert (again.status_code, len(events())) == (200, 3)
        await desk.step(ident, 1, "extension", extended_on="2022-05-11", reason="Two agencies answer")
        extended = {name: data["due_on"] for name, data in events()[-2:]}
        assert extended == {"stage_recounted": "2022-05-31", "stage_extended": "2022-05-31"}
        body = {"date_of": "acknowledged_on", "day": "2022-05-04", "reason": "The envelope says the 4th."}
        await desk.step(ident, 1, "correction", **body)
        name, told = events()[-1]
        assert (told["acknowledged_on"], told["due_on"]) == ("2022-05-04", "2022-06-01")


class TestTwoOfficers:
    async def test_who_saw_an_older_version_is_told_what_changed(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "extension", extended_on="2022-05-11", reason="Two agencies answer")
        findings = [{"point": point, "finding": "upheld"} for point in ("1", "2")]
        response = {"responded_on": "2022-05-12", "findings": findings}
        path = f"complaints/{ident}/stages/1/response"
        stale = await desk.post(path, response, If_Match='"1"')
        assert slug(stale) == (412, "stale")
        assert stale.json()["etag"] == '"2"'
        assert [(change["version"], change["step"]) for change in stale.json()["changes"]] == [(2, "extend")]
        assert (await desk.post(path, response, If_Match='"2"')).status_code == 201

    @pytest.mark.parametrize("tag", ["nonsense", 'W/"1"', '"999999999999999999999"', '""'])
    async def test_a_tag_that_was_never_given_out_is_stale(self, desk: Desk, tag: str) -> None:
        ident = (await desk.receive())["complaint_id"]
        body = {"extended_on": "2022-05-11", "reason": "Two agencies answer"}
        answer = await desk.post(f"complaints/{ident}/stages/1/extension", body, If_Match=tag)
        assert slug(answer) == (412, "stale")

    async def test_at_once_one_is_recorded_and_the_others_are_told(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]

        async def respond(day: int) -> Any:
            findings = [{"point": point, "finding": "upheld"} for point in ("1", "2")]
            return await desk.step(ident, 1, "response", responded_on=f"2022-05-{day}", findings=findings)

        answers = await asyncio.gather(*(respond(day) for day in range(10, 16)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
        losers = [answer.json() for answer in answers if answer.status_code == 409]
        assert all(loser["changes"][-1]["step"] == "respond" for loser in losers)
        assert [name for name, _ in events()] == ["complaint_received", "stage_started", "stage_responded"]

    async def test_at_once_with_the_version_they_saw_one_wins(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]

        async def extend(day: int) -> Any:
            body = {"extended_on": f"2022-05-0{day}", "reason": "Two agencies answer"}
            return await desk.post(f"complaints/{ident}/stages/1/extension", body, If_Match='"1"')

        answers = await asyncio.gather(*(extend(day) for day in range(3, 7)))
        assert sorted(answer.status_code for answer in answers) == [201, 412, 412, 412]
        assert (await desk.read(ident))["version"] == 2
