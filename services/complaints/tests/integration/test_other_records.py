"""Compliments and Ombudsman cases over the API."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from services.complaints.tests.support import Desk

from chassis.identity import Identity

Events = Callable[[], list[tuple[str, dict[str, Any]]]]

COMPLIMENT = {
    "reference": "COMP-1",
    "received_on": "2022-03-31",
    "service_area": "qa-and-independent-review",
    "team": None,
    "source": "parent-or-carer",
    "external": True,
}
CASE = {"reference": "LGSCO-1", "complaint_reference": None, "service_area": "send", "accepted_on": "2022-06-22"}
OUTCOME = {"outcome_on": "2022-07-20", "outcome": "upheld", "actions": 4}
LIMITED = Identity("worcestershire", "client:x", "client", frozenset({"complaints:write"}), frozenset({"safeguarding"}))


class TestCompliments:
    async def test_are_recorded_once(self, desk: Desk, events: Events) -> None:
        first = await desk.post("compliments", COMPLIMENT)
        again = await desk.post("compliments", COMPLIMENT)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        ((name, data),) = events()
        assert name == "compliment_received"
        expected = {**COMPLIMENT, "compliment_id": first.json()["compliment_id"], "came_by": None}
        del expected["reference"]
        assert data == expected
        assert (await desk.post("compliments", {**COMPLIMENT, "external": False})).status_code == 409

    async def test_are_counted_under_an_area_before_it_takes_complaints(self, desk: Desk) -> None:
        assert (await desk.post("compliments", COMPLIMENT)).status_code == 201

    async def test_unknown_sources_and_the_future_are_refused(self, desk: Desk) -> None:
        answer = await desk.post("compliments", {**COMPLIMENT, "source": "moon"})
        assert answer.json()["errors"][0]["pointer"] == "/source"
        answer = await desk.post("compliments", {**COMPLIMENT, "received_on": "2022-07-30"})
        assert answer.json()["errors"][0]["pointer"] == "/received_on"

    async def test_of_another_area_are_refused(self, desk: Desk) -> None:
        async with desk.client.acting_as(LIMITED) as client:
            assert (await Desk(client).post("compliments", COMPLIMENT)).status_code == 403


class TestOmbudsman:
    async def test_a_case_is_tied_to_its_complaint(self, desk: Desk, events: Events) -> None:
        complaint = await desk.receive()
        case = await desk.post("ombudsman-cases", {**CASE, "complaint_reference": "SEND-22-001"})
        assert case.status_code == 201
        ident = case.json()["case_id"]
        assert events()[-1] == (
            "ombudsman_case_accepted",
            {
                "case_id": ident,
                "complaint_id": complaint["complaint_id"],
                "service_area": "send",
                "accepted_on": "2022-06-22",
            },
        )
        assert (await desk.post(f"ombudsman-cases/{ident}/outcome", OUTCOME)).status_code == 201
        assert events()[-2] == ("ombudsman_outcome_received", {"case_id": ident, **OUTCOME})
        read = await desk.read(complaint["complaint_id"])
        assert read["ombudsman_cases"] == [{"case_id": ident, "reference": "LGSCO-1", "accepted_on": "2022-06-22", **OUTCOME}]
        earlier = await desk.read(complaint["complaint_id"], on="2022-07-19")
        assert earlier["ombudsman_cases"][0]["outcome"] is None

    async def test_cases_and_outcomes_are_recorded_once(self, desk: Desk, events: Events) -> None:
        first = await desk.post("ombudsman-cases", CASE)
        assert (await desk.post("ombudsman-cases", CASE)).status_code == 200
        assert (await desk.post("ombudsman-cases", {**CASE, "accepted_on": "2022-06-23"})).status_code == 409
        path = f"ombudsman-cases/{first.json()['case_id']}/outcome"
        assert (await desk.post(path, OUTCOME)).status_code == 201
        assert (await desk.post(path, OUTCOME)).status_code == 200
        other = await desk.post(path, {**OUTCOME, "actions": 5})
        assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (409, "outcome-already-received")
        assert len(events()) == 3

    async def test_what_does_not_fit_is_refused(self, desk: Desk) -> None:
        unknown = await desk.post("ombudsman-cases", {**CASE, "complaint_reference": "NOBODY-1"})
        assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/complaint_reference")
        path = f"ombudsman-cases/{(await desk.post('ombudsman-cases', CASE)).json()['case_id']}/outcome"
        for changes, pointer in (({"outcome": "moon"}, "/outcome"), ({"outcome_on": "2022-06-21"}, "/outcome_on")):
            answer = await desk.post(path, {**OUTCOME, **changes})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
        assert (await desk.post(f"ombudsman-cases/{uuid4()}/outcome", OUTCOME)).status_code == 404

    async def test_of_another_area_does_not_exist(self, desk: Desk) -> None:
        ident = (await desk.post("ombudsman-cases", CASE)).json()["case_id"]
        async with desk.client.acting_as(LIMITED) as client:
            limited = Desk(client)
            assert (await limited.post(f"ombudsman-cases/{ident}/outcome", OUTCOME)).status_code == 404
            assert (await limited.post("ombudsman-cases", CASE)).status_code == 403
