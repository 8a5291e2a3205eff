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
            {"stage": 1, "finding": "upheld", "reason": "We did not write.", "remedies": ["apology", "service"], "made_on": []}
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


class TestDecisionTakenBack:
    @staticmethod
    async def asked(desk: Desk, decision: str) -> str:
        ident = str((await desk.receive())["complaint_id"])
        await desk.answered(ident)
        await desk.step(ident, 2, "request", requested_on="2022-05-20")
        await desk.step(ident, 2, "decision", decided_on="2022-05-26", decision=decision, reason="It was answered in full.")
        return ident

    @staticmethod
    async def taken_back(desk: Desk, ident: str) -> httpx.Response:
        reason = "It was recorded on the wrong complaint."
        return await desk.step(ident, 2, "correction", date_of="decided_on", day=None, reason=reason)

    async def test_a_declined_request_is_decided_anew(self, desk: Desk, events: Events) -> None:
        ident = await self.asked(desk, "declined")
        answer = await self.taken_back(desk, ident)
        assert (answer.status_code, answer.json()["phase"], answer.json()["state"]) == (201, "requested", "open")
        name, told = last(events)
        assert (name, told["stage"], told["requested_on"], told["decision"]) == ("stage_recounted", 2, "2022-05-20", None)
        await desk.step(ident, 2, "decision", decided_on="2022-05-30", decision="accepted")
        told = dict(events())["stage_recounted"]
        assert (told["decision"], told["decided_on"], told["started_on"]) == ("accepted", "2022-05-30", "2022-05-20")

    async def test_the_stage_that_it_began_has_not_begun(self, desk: Desk, events: Events) -> None:
        ident = await self.asked(desk, "accepted")
        answer = await self.taken_back(desk, ident)
        assert (answer.status_code, answer.json()["phase"]) == (201, "requested")
        assert [each["number"] for each in (await desk.read(ident))["stages"]] == [1]
        assert dict(events())["stage_recounted"]["started_on"] is None
        assert await desk.references(on="2022-07-29", overdue="true") == []
        declined = await desk.step(ident, 2, "decision", decided_on="2022-05-31", decision="declined", reason="Answered.")
        assert (declined.status_code, declined.json()["phase"]) == (201, "declined")

    async def test_accepted_again_it_begins_anew(self, desk: Desk) -> None:
        ident = await self.asked(desk, "accepted")
        await self.taken_back(desk, ident)
        answer = await desk.step(ident, 2, "decision", decided_on="2022-05-27", decision="accepted")
        assert answer.json()["stage"]["number"] == 2
        await desk.answered(ident, 2, "2022-06-10")
        assert (await desk.read(ident))["phase"] == "answered"

    async def test_is_refused_with_what_followed(self, desk: Desk) -> None:
        ident = await self.asked(desk, "accepted")
        await desk.step(ident, 2, "agreement", agreed_on="2022-05-30")
        answer = await self.taken_back(desk, ident)
        assert (answer.status_code, slug(answer)) == (409, "decision-followed")
        assert "agreed on 2022-05-30" in answer.json()["detail"]
        await desk.step(ident, 2, "correction", date_of="agreed_on", day=None, reason="It was not.")
        assert (await self.taken_back(desk, ident)).status_code == 201


PASSED = {"passed_over_on": "2022-05-03", "agreed": True, "reason": "The worker has left; nobody can resolve it here."}


class TestPassingOver:
    async def passed(self, desk: Desk, **changes: Any) -> tuple[str, httpx.Response]:
        ident = str((await desk.receive(**statutory()))["complaint_id"])
        return ident, await desk.step(ident, 1, "passing-over", **{**PASSED, **changes})

    async def test_stage_2_begins_with_its_own_clock(self, desk: Desk, events: Events) -> None:
        ident, answer = await self.passed(desk)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["phase"], answer.json()["stage"]["number"]) == ("running", 2)
        assert answer.json()["stage"]["clock"]["due_on"] == "2022-06-09"
        first, second = (told for name, told in events() if name == "stage_recounted")
        assert (first["ending"], first["findings"], second["started_on"]) == ("passed-over", [], "2022-05-03")
        assert [name for name, _ in events()][-3:] == ["stage_requested", "stage_decided", "stage_started"]
        again = await desk.step(ident, 1, "passing-over", **PASSED)
        assert again.status_code == 200
        await desk.answered(ident, 2, "2022-06-01")
        found = await desk.read(ident)
        assert [each["stage"] for each in found["points"][0]["findings"]] == [2]
        assert found["stages"][0]["clock"]["words"] == "passed over on day 2 of 10"

    async def test_takes_the_agreement_of_both_and_a_procedure_that_allows_it(self, desk: Desk) -> None:
        _, answer = await self.passed(desk, agreed=False)
        assert (answer.status_code, slug(answer)) == (422, "agreement-required")
        ident = (await desk.receive(reference="SEND-22-009"))["complaint_id"]
        answer = await desk.step(ident, 1, "passing-over", **PASSED)
        assert (answer.status_code, slug(answer)) == (409, "cannot-pass-over")

    async def test_its_day_is_corrected_or_taken_back(self, desk: Desk) -> None:
        ident, _ = await self.passed(desk)
        body = {"date_of": "responded_on", "reason": "It was agreed later."}
        answer = await desk.step(ident, 1, "correction", **body, day="2022-05-04")
        assert answer.status_code == 201, answer.text
        assert (await desk.read(ident))["stages"][1]["clock"]["due_on"] == "2022-06-10"
        await desk.step(ident, 2, "agreement", agreed_on="2022-05-10")
        refused = await desk.step(ident, 1, "correction", **body, day=None)
        assert (refused.status_code, slug(refused)) == (409, "decision-followed")
        await desk.step(ident, 2, "correction", date_of="agreed_on", day=None, reason="It was not.")
        answer = await desk.step(ident, 1, "correction", **body, day=None)
        assert answer.status_code == 201, answer.text
        found = await desk.read(ident)
        assert ([each["number"] for each in found["stages"]], found["requests"]) == ([1], [])
        assert (await desk.step(ident, 1, "passing-over", **PASSED)).status_code == 201


REFERRED = {
    "referred_on": "2022-06-20",
    "agreed": True,
    "reason": "Most of it is upheld, and an action plan is agreed.",
    "reference": "LGSCO-22-07",
    "accepted_on": "2022-06-27",
}


class TestEarlyReferral:
    async def to_stage_2(self, desk: Desk, finding: str) -> str:
        ident = str((await desk.receive(**statutory()))["complaint_id"])
        await desk.step(ident, 1, "passing-over", **PASSED)
        await desk.answered(ident, 2, "2022-06-10", finding)
        return ident

    async def test_opens_the_ombudsmans_case_and_closes_the_complaint(self, desk: Desk, events: Events) -> None:
        ident = await self.to_stage_2(desk, "partially-upheld")
        answer = await desk.step(ident, 2, "early-referral", **REFERRED)
        assert (answer.status_code, answer.json()["phase"], answer.json()["state"]) == (201, "referred", "closed")
        name, told = last(events)
        assert (name, told["complaint_id"], told["accepted_on"]) == ("ombudsman_case_accepted", ident, "2022-06-27")
        assert (await desk.step(ident, 2, "early-referral", **REFERRED)).status_code == 200
        found = await desk.read(ident)
        assert found["ombudsman_cases"][0]["reference"] == "LGSCO-22-07"
        refused = await desk.step(ident, 3, "request", requested_on="2022-06-21")
        assert (refused.status_code, slug(refused)) == (409, "complaint-referred")
        listed = (await desk.client.get("/complaints/v1/complaints")).json()["items"]
        assert [each["phase"] for each in listed] == ["referred"]

    async def test_takes_most_points_upheld_and_the_agreement_of_both(self, desk: Desk) -> None:
        ident = await self.to_stage_2(desk, "not-upheld")
        refused = await desk.step(ident, 2, "early-referral", **REFERRED)
        assert (refused.status_code, slug(refused)) == (409, "mostly-not-upheld")
        await desk.step(ident, 2, "correction", date_of="responded_on", day=None, reason="It was not sent.")
        refused = await desk.step(ident, 2, "early-referral", **REFERRED)
        assert (refused.status_code, slug(refused)) == (409, "cannot-refer-early")
        await desk.answered(ident, 2, "2022-06-14", "upheld")
        refused = await desk.step(ident, 2, "early-referral", **{**REFERRED, "agreed": False})
        assert (refused.status_code, slug(refused)) == (422, "agreement-required")

    async def test_is_taken_back_with_its_day(self, desk: Desk) -> None:
        ident = await self.to_stage_2(desk, "upheld")
        await desk.step(ident, 2, "early-referral", **REFERRED)
        body = {"date_of": "referred_on", "day": None, "reason": "The Ombudsman sent it back."}
        answer = await desk.step(ident, 2, "correction", **body)
        assert (answer.status_code, answer.json()["phase"]) == (201, "answered")
        assert (await desk.step(ident, 3, "request", requested_on="2022-06-21")).status_code == 201
