"""Suspensions, panels, endings and corrections over the API: what is stored, answered and told to reporting."""

from collections.abc import Callable
from datetime import date
from typing import Any

import httpx
from services.complaints.tests.support import Desk, statutory

from chassis.testing.fixtures import ServiceClient, caller

Events = Callable[[], list[tuple[str, dict[str, Any]]]]


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"].rpartition(":")[2])


def last(events: Events) -> tuple[str, dict[str, Any]]:
    return events()[-1]


class TestSuspension:
    async def test_moves_the_day_to_answer_by_and_nothing_else(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        answer = await desk.step(ident, 1, "suspension", suspended_on="2022-05-05", code="court", reason="A hearing.")
        assert answer.status_code == 201, answer.text
        clock = answer.json()["stage"]["clock"]
        assert (clock["state"], clock["answer_by"], clock["due_on"]) == ("suspended", None, "2022-05-13")
        answer = await desk.step(ident, 1, "resumption", resumed_on="2022-05-17")
        clock = answer.json()["stage"]["clock"]
        assert (clock["due_on"], clock["answer_by"], clock["suspended_days"]) == ("2022-05-13", "2022-05-25", 8)
        name, told = last(events)
        assert name == "stage_recounted"
        assert (told["step"], told["due_on"], told["answer_by"]) == ("resume", "2022-05-13", "2022-05-25")
        assert "hearing" not in str(events())

    async def test_from_then_on_every_step_tells_of_the_stage_as_a_whole(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "suspension", suspended_on="2022-05-05", code="court")
        await desk.step(ident, 1, "resumption", resumed_on="2022-05-17")
        await desk.answered(ident, on="2022-05-20")
        names = [name for name, _ in events()]
        assert names[-2:] == ["stage_recounted", "stage_responded"]
        told = dict(events()[-2:])["stage_recounted"]
        assert (told["ending"], told["working_days"], told["suspended_days"]) == ("answered", 15, 8)
        assert len(told["findings"]) == 2

    async def test_takes_a_reason_of_the_profile(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        answer = await desk.step(ident, 1, "suspension", suspended_on="2022-05-05", code="holiday")
        assert (answer.status_code, slug(answer)) == (422, "unknown-codes")

    async def test_the_list_knows_on_which_days_it_was_overdue(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "suspension", suspended_on="2022-05-05", code="court")
        await desk.step(ident, 1, "resumption", resumed_on="2022-05-17")
        await desk.answered(ident, on="2022-06-01")
        overdue = [await desk.references(on=f"2022-05-{day}", overdue="true") for day in ("16", "25", "26", "31")]
        assert overdue == [[], [], ["SEND-22-001"], ["SEND-22-001"]]
        assert await desk.references(on="2022-06-01", overdue="true") == []


class TestPanel:
    async def test_three_limits_one_after_the_other(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive(**statutory()))["complaint_id"]
        await desk.answered(ident, on="2022-05-12")
        await desk.step(ident, 2, "request", requested_on="2022-05-16")
        await desk.step(ident, 2, "decision", decided_on="2022-05-17", decision="accepted")
        await desk.step(ident, 2, "agreement", agreed_on="2022-05-20")
        await desk.answered(ident, 2, "2022-06-10", "not-upheld")
        await desk.step(ident, 3, "request", requested_on="2022-06-13")
        await desk.step(ident, 3, "decision", decided_on="2022-06-14", decision="accepted")
        due = []
        for step, body in (("panel", {"panel_on": "2022-07-04"}), ("report", {"reported_on": "2022-07-08"})):
            answer = await desk.step(ident, 3, step, **body)
            assert answer.status_code == 201, answer.text
            due.append((answer.json()["stage"]["clock"]["leg"], answer.json()["stage"]["clock"]["due_on"]))
        assert due == [("report", "2022-07-11"), ("answer", "2022-07-29")]
        await desk.answered(ident, 3, "2022-07-22")
        told = dict(events())["stage_responded"]
        assert (told["started_on"], told["due_on"], told["working_days"]) == ("2022-06-13", "2022-07-29", 29)
        began = [each["panel_due_on"] for name, each in events() if name == "stage_started"]
        assert began == [None, None, "2022-07-25"]
        told = dict(events())["stage_recounted"]
        assert (told["panel_due_on"], told["report_due_on"], told["due_on"]) == ("2022-07-25", "2022-07-11", "2022-07-29")
        found = await desk.read(ident)
        assert [point["findings"][-1]["finding"] for point in found["points"]] == ["upheld", "upheld"]

    async def test_is_refused_where_none_hears(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.answered(ident)
        await desk.step(ident, 2, "request", requested_on="2022-05-16")
        await desk.step(ident, 2, "decision", decided_on="2022-05-17", decision="accepted")
        answer = await desk.step(ident, 2, "panel", panel_on="2022-05-20")
        assert (answer.status_code, slug(answer)) == (409, "no-panel")


class TestEnding:
    async def test_a_withdrawal_stops_the_clock_and_is_confirmed_later(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        body = {"ended_on": "2022-05-06", "ending": "withdrawn", "reason": "Told by telephone."}
        answer = await desk.step(ident, 1, "ending", **body)
        assert (answer.json()["phase"], answer.json()["state"]) == ("ended", "closed")
        assert last(events)[1]["ending"] == "withdrawn"
        answer = await desk.step(ident, 1, "ending", **body, confirmed_on="2022-05-10")
        assert (answer.status_code, answer.json()["stage"]["confirmed_on"]) == (201, "2022-05-10")
        answer = await desk.step(ident, 2, "request", requested_on="2022-05-16")
        assert slug(answer) == "complaint-ended"


class TestCorrection:
    async def test_recounts_every_clock_and_tells_what_changed(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        answer = await desk.step(
            ident, 1, "correction", date_of="received_on", day="2022-04-25", reason="The letter was stamped on the 25th."
        )
        assert answer.status_code == 201, answer.text
        clocks = answer.json()["clocks"]
        assert [(each["due_before"], each["due_after"]) for each in clocks] == [("2022-05-13", "2022-05-10")]
        assert [name for name, _ in events()][-2:] == ["complaint_received", "stage_recounted"]
        assert dict(events())["complaint_received"]["received_on"] == "2022-04-25"
        found = await desk.read(ident)
        assert (found["received_on"], found["stages"][0]["clock"]["due_on"]) == ("2022-04-25", "2022-05-10")
        assert found["changes"][-1]["code"] == "received_on"

    async def test_takes_an_extension_back(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "extension", extended_on="2022-05-11", reason="Two agencies.", code="complex", to=15)
        found = await desk.read(ident)
        assert found["stages"][0]["clock"]["limit"] == 15
        answer = await desk.step(ident, 1, "correction", date_of="extended_on", day=None, reason="The wrong complaint.")
        assert answer.json()["stage"]["clock"]["due_on"] == "2022-05-13"

    async def test_an_answer_that_was_not_sent_opens_the_complaint_again(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.answered(ident)
        asking = await desk.client.get("/complaints/v1/points-that-ask-for-learning")
        assert len(asking.json()["items"]) == 2
        answer = await desk.step(ident, 1, "correction", date_of="responded_on", day=None, reason="It was a draft.")
        assert (answer.json()["phase"], answer.json()["state"]) == ("running", "open")
        found = await desk.read(ident)
        assert [point["findings"] for point in found["points"]] == [[], []]
        asking = await desk.client.get("/complaints/v1/points-that-ask-for-learning")
        assert asking.json()["items"] == []
        await desk.answered(ident, on="2022-05-20", finding="not-upheld")
        found = await desk.read(ident)
        findings = [[(each["stage"], each["finding"]) for each in point["findings"]] for point in found["points"]]
        assert findings == [[(1, "not-upheld")]] * 2

    async def test_what_a_step_would_refuse_is_refused_and_nothing_is_stored(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.answered(ident)
        before = len(events())
        for day, refusal in (("2022-04-01", "dates-out-of-order"), ("2022-08-01", "date-in-the-future")):
            answer = await desk.step(ident, 1, "correction", date_of="responded_on", day=day, reason="Misread.")
            assert slug(answer) == refusal
        answer = await desk.step(ident, 1, "correction", date_of="panel_on", day="2022-05-05", reason="Misread.")
        assert slug(answer) == "nothing-to-correct"
        assert len(events()) == before


class TestAsKnown:
    async def test_before_a_correction_it_said_something_else(
        self, desk: Desk, record_changes_on: Callable[[str, int, date], None]
    ) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "correction", date_of="received_on", day="2022-04-25", reason="Stamped on the 25th.")
        record_changes_on(ident, 1, date(2022, 4, 29))
        record_changes_on(ident, 2, date(2022, 5, 6))
        said = [
            (await desk.read(ident, on=day, known="true"))["stages"][0]["clock"]["due_on"]
            for day in ("2022-05-05", "2022-05-06")
        ]
        assert said == ["2022-05-13", "2022-05-10"]
        assert (await desk.read(ident, on="2022-05-05"))["stages"][0]["clock"]["due_on"] == "2022-05-10"

    async def test_before_it_was_recorded_nothing_was_known(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        answer = await desk.client.get(f"/complaints/v1/complaints/{ident}", params={"on": "2022-05-05", "known": "true"})
        assert (answer.status_code, slug(answer)) == (422, "before-recorded")


class TestReasonsAndRemedies:
    FINDINGS = (
        {"point": "1", "finding": "upheld", "reason": "We did not write.", "remedies": ["apology", "service"]},
        {"point": "2", "finding": "not-upheld", "reason": "The plan was carried out."},
    )

    async def test_stand_with_the_finding_and_only_codes_leave_the_service(self, desk: Desk, events: Events) -> None:
        ident = (await desk.receive())["complaint_id"]
        body = {"responded_on": "2022-05-12", "findings": list(self.FINDINGS)}
        answer = await desk.step(ident, 1, "response", **body)
        assert answer.status_code == 201, answer.text
        assert (await desk.step(ident, 1, "response", **body)).status_code == 200
        found = await desk.read(ident)
        assert found["points"][0]["findings"] == [
            {"stage": 1, "finding": "upheld", "reason": "We did not write.", "remedies": ["apology", "service"]}
        ]
        told = dict(events())["stage_responded"]["findings"]
        assert [each["remedies"] for each in told] == [["apology", "service"], []]
        assert "write" not in str(events())

    async def test_other_reasons_for_the_same_findings_are_not_lost_in_silence(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "response", responded_on="2022-05-12", findings=list(self.FINDINGS))
        other = [{**self.FINDINGS[0], "reason": "Another."}, self.FINDINGS[1]]
        answer = await desk.step(ident, 1, "response", responded_on="2022-05-12", findings=other)
        assert (answer.status_code, slug(answer)) == (409, "already-answered")

    async def test_a_remedy_is_one_of_the_profile(self, desk: Desk) -> None:
        ident = (await desk.receive())["complaint_id"]
        findings = [{**self.FINDINGS[0], "remedies": ["flowers"]}, self.FINDINGS[1]]
        answer = await desk.step(ident, 1, "response", responded_on="2022-05-12", findings=findings)
        assert (answer.status_code, slug(answer)) == (422, "unknown-codes")

    async def test_a_client_that_only_reads_sees_no_reason(self, desk: Desk, client: ServiceClient) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "response", responded_on="2022-05-12", findings=list(self.FINDINGS))
        async with client.acting_as(caller("complaints:read")) as reader:
            found = (await reader.get(f"/complaints/v1/complaints/{ident}")).json()
        assert found["points"][0]["findings"][0]["reason"] is None
