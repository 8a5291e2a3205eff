"""A looped audit over the API, from its allocation to the closed review, by everybody who takes part."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, rows
from services.audit.tests.front_end import FrontEnd
from services.audit.tests.judging import NOW, Clock, set_clock
from services.audit.tests.rounds import OFFICER, Officer, staff
from services.audit.tests.support import Office

from chassis.testing.fixtures import Database, ServiceClient


@pytest.fixture
async def office(client: ServiceClient, app: FastAPI, call_as: Call) -> Office:
    return Office(app, call_as)


@pytest.fixture
def clock(office: Office) -> Clock:
    return set_clock(office)


async def circulated(office: Office) -> dict[str, Any]:
    """One audit of a round that the QA officer drew, allocated and circulated over the API."""
    async with office.call(OFFICER) as client:
        officer = Officer(client)
        await officer.staff(*({**each, "subject": f"demo-{each['code']}"} for each in staff()))
        round_id = await officer.drawn(size=1)
        await officer.done(f"/rounds/{round_id}/allocation")
        await officer.done(f"/rounds/{round_id}/circulation")
        (audit,) = (await officer.round(round_id))["audits"]
    return dict(audit)


MANAGERS = {"send-north": "sam-okafor", "send-south": "priya-shah", "send-post-16": "jo-bennett"}
LOOKED = {"result": "closed", "changed": "She goes to the school that she asked for."}


class Loop:
    """One audit and everybody who takes part in it, and what they do one after the other."""

    def __init__(self, office: Office, clock: Clock, audit: dict[str, Any]) -> None:
        self.clock, self.audit_id, self.here = clock, audit["audit_id"], f"/audits/{audit['audit_id']}"
        self.people = {part: each["person"] for part, each in audit["parts"].items()}
        self.lead, self.peer, self.moderator = (
            FrontEnd.of(office, self.people[part]) for part in ("lead", "peer", "moderation")
        )
        self.reviewer = self.peer  # as the programme has it
        self.manager = FrontEnd.of(office, MANAGERS[audit["team"]])
        self.officer = FrontEnd.of(office, "alex-morgan", "role:qa-officer")

    async def judged(self) -> None:
        """Both auditors judge; the lead takes a slip back."""
        lead = f"{self.here}/parts/lead"
        (work,) = (await self.lead.get("/work"))["own"]
        assert (work["kind"], work["href"], work["days_late"]) == ("audit", f"/audit/v1{lead}", 0)
        own = await self.lead.get(lead)
        assert own["may_write"]
        assert own["case_number"].startswith("EHC-")
        assert {each["pointer"] for each in own["lacking"]} >= {"/overall/grade", "/quality-of-the-plan/evidence"}
        refused = await self.lead.post(f"{lead}/submission", status=422)
        assert refused["type"] == "urn:learning-loop:problem:incomplete"
        assert {"pointer": "/overall/grade", "detail": "Overall: choose a grade"} in refused["errors"]
        submitted = await self.lead.audit(self.audit_id, "lead", "good")
        assert (submitted["state"], submitted["part_state"]) == ("auditing", "submitted")
        assert (await self.lead.delete(f"{lead}/submission"))["part_state"] == "open"
        await self.lead.post(f"{lead}/submission")
        assert (await self.peer.audit(self.audit_id, "peer", "requires-improvement"))["state"] == "submitted"
        assert not (await self.moderator.get(f"{self.here}/moderation"))["ready"]
        self.clock.now += timedelta(hours=25)

    async def returned(self) -> None:
        """The moderator compares, asks the lead something, and gets an answer."""
        lead, moderation = f"{self.here}/parts/lead", f"{self.here}/moderation"
        assert (await self.moderator.get("/work"))["own"][0]["href"] == f"/audit/v1{moderation}"
        both = await self.moderator.get(f"{moderation}/entries/quality-of-the-plan")
        assert both["differs"]
        assert [each["entry"]["grade"] for each in both["given"]] == ["good", "requires-improvement"]
        await self.moderator.post(f"{moderation}/returns", {"part": "lead", "question": "Which version of the plan?"})
        (asked,) = (await self.lead.get(lead))["questions"]
        assert asked["asked"] == "Which version of the plan?"
        await self.lead.post(f"{lead}/questions/{asked['question_id']}/answer", {"answer": "The final one."})
        await self.lead.post(f"{lead}/submission")
        (answered,) = (await self.moderator.get(self.here))["questions"]
        assert answered["answer"] == "The final one."

    async def moderated(self) -> dict[str, Any]:
        """The moderator decides, sets an action, and fixes the grades; gives the action."""
        moderation = f"{self.here}/moderation"
        await self.moderator.decide(self.audit_id, "requires-improvement")
        await self.moderator.post(f"{moderation}/learning", {"themes": ["plans-and-outcomes"]})
        new = {"what": "Rewrite section F of the plan", "owner": self.people["lead"], "due_on": "2027-01-15"}
        draft = await self.moderator.post(f"{self.here}/actions", {**new, "what": "Not this one"}, 201)
        action = await self.moderator.post(f"{self.here}/actions", new, 201)
        assert (await self.moderator.delete(f"/actions/{draft['action_id']}"))["status"] == "dropped"
        assert (await self.moderator.post(f"{moderation}/completion"))["state"] == "moderated"
        result = await self.officer.get(self.here)
        assert (result["overall"], result["themes"]) == ("requires-improvement", ["plans-and-outcomes"])
        assert [each["what"] for each in result["actions"] if each["status"] == "open"] == ["Rewrite section F of the plan"]
        assert all(part["entries"] for part in result["parts"])
        return action

    async def discussed(self) -> None:
        """The team's manager reads the result, and discusses it in supervision."""
        await self.manager.post(f"{self.here}/acknowledgement")
        await self.manager.post(f"{self.here}/discussion", {"on": self.clock.now.date().isoformat(), "note": "Agreed."})
        assert (await self.manager.get(self.here))["discussion"] == "Agreed."

    async def reviewed(self, action: dict[str, Any]) -> None:
        """Eight weeks later: opened again once, then closed."""
        refused = await self.reviewer.post(f"{self.here}/review", LOOKED, 409)
        assert refused["type"] == "urn:learning-loop:problem:actions-open"
        self.clock.now = NOW + timedelta(weeks=8)
        again = {**LOOKED, "result": "reopened", "next_due_on": "2027-02-12", "difference": "too-early"}
        await self.reviewer.post(f"{self.here}/review", {**again, "difference": "perhaps"}, 422)
        assert (await self.reviewer.post(f"{self.here}/review", again))["next_due_on"] == "2027-02-12"
        done, tag = {"step": "done", "note": "Section F was sent on 3 January."}, f'"{action["revision"]}"'
        stepped = await self.lead.post(f"/actions/{action['action_id']}/steps", done, etag=tag)
        assert (stepped["status"], stepped["revision"]) == ("done", action["revision"] + 1)
        assert (await self.reviewer.post(f"{self.here}/review", LOOKED))["state"] == "closed"
        closed = await self.reviewer.get(self.here)
        assert [each["changed"] for each in closed["reviews"]] == [LOOKED["changed"]] * 2
        assert [each["difference"] for each in closed["reviews"]] == ["too-early", None]


class TestLoop:
    async def test_it_goes_from_allocation_to_the_closed_review(self, office: Office, clock: Clock, database: Database) -> None:
        loop = Loop(office, clock, await circulated(office))
        await loop.judged()
        await loop.returned()
        action = await loop.moderated()
        await loop.discussed()
        await loop.reviewed(action)
        told = await rows(database, "select subject from outbox order by position")
        names = [row["subject"].rpartition(".")[2] for row in told]
        assert names[-3:] == ["audit_reviewed", "action_changed", "audit_reviewed"]
        assert names.count("outcome_recorded") == 1
        # What is kept for repetitions is not sealed, so no answer may hold words.
        kept = await rows(database, "select body::text as body from idempotency")
        everything = "".join(row["body"] for row in kept)
        assert "moderated" in everything
        for words in ("section F", "Which version", "The final one", "Agreed", "school", "Seen in the file", "EHC-0"):
            assert words not in everything


class TestConcern:
    async def test_it_is_raised_listed_and_taken_over(self, office: Office, clock: Clock) -> None:
        await office.add_people()
        audit_id = await office.add_audit()
        peer, manager = FrontEnd.of(office, "priya-shah"), FrontEnd.of(office, "sam-okafor")
        officer = FrontEnd.of(office, "alex-morgan", "role:qa-officer")
        moderator = FrontEnd.of(office, "jo-bennett")
        concerns = f"/audits/{audit_id}/concerns"
        empty = await peer.post(concerns, {"words": " "}, 422)
        assert empty["errors"] == [{"pointer": "/words", "detail": "Say what cannot wait"}]
        raised = await peer.post(concerns, {"words": "No visit for nine weeks."}, 201)
        address = f"/concerns/{raised['escalation_id']}"
        assert (await manager.get("/work"))["own"][0]["href"] == f"/audit/v1{address}"
        assert [each["kind"] for each in (await officer.get("/work"))["late"]] == ["concern"]
        for who in (peer, manager, officer):
            (listed,) = (await who.get(concerns))["items"]
            assert listed["words"] == "No visit for nine weeks."
        # The moderator knows from the audit's page that there is one, and no more.
        (listed,) = (await moderator.get(concerns))["items"]
        assert (listed["words"], listed["case_number"], listed["may_act"]) == (None, None, False)
        assert (await peer.post(f"{address}/acknowledgement", {"answer": "Me."}, 403))["status"] == 403
        await manager.post(f"{address}/acknowledgement", {"answer": "Visit today at 4."})
        assert (await peer.get(address))["answer"] == "Visit today at 4."
        assert (await manager.post(f"{address}/acknowledgement", {"answer": "Again."}, 409))["status"] == 409


class TestOnlyAuditor:
    async def test_whoever_audits_alone_chooses_the_learning_and_fixes_the_grades(self, office: Office, clock: Clock) -> None:
        await office.add_people()
        audit_id = await office.add_audit(parts={"single": "priya-shah"}, tool="residential", kind="single", moderate_by=None)
        auditor, here = FrontEnd.of(office, "priya-shah"), f"/audits/{audit_id}"
        await auditor.fill(audit_id, "single", "good")
        new = {"what": "Repaint the hall", "owner": "lee-walsh", "due_on": "2027-01-15"}
        await auditor.post(f"{here}/actions", new, 201)
        await auditor.post(f"{here}/moderation/learning", {"themes": ["voice-of-the-child"]})
        own = await auditor.get(f"{here}/parts/single")
        assert (own["decides"], own["lacking"], own["themes"]) == (True, [], ["voice-of-the-child"])
        assert [each["what"] for each in own["actions"]] == ["Repaint the hall"]
        assert (await auditor.post(f"{here}/parts/single/submission"))["state"] == "moderated"
        assert (await FrontEnd.of(office, "lee-walsh").get("/actions"))["items"][0]["what"] == "Repaint the hall"
