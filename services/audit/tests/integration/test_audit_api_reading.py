"""Reading audits over the API: work, lists, one audit; to a system codes, states, days and grades, and nothing else."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call
from services.audit.tests.front_end import FrontEnd
from services.audit.tests.judging import Clock, set_clock
from services.audit.tests.support import CASE, PEOPLE, Office

from chassis.testing.fixtures import ServiceClient, caller

MACHINE = caller("audit:audits:read", subject="client:front-end")
WORDS = ("Seen in the file", "Because of the plan", "Rewrite section F", "Which version", "No visit for nine weeks")


@pytest.fixture
async def office(client: ServiceClient, app: FastAPI, call_as: Call) -> Office:
    office = Office(app, call_as)
    await office.add_people()
    return office


@pytest.fixture
def clock(office: Office) -> Clock:
    return set_clock(office)


async def moderated(office: Office) -> UUID:
    """An audit in which there is something of everything."""
    audit_id = await office.add_audit()
    here = f"/audits/{audit_id}"
    lead, peer, moderator = (FrontEnd.of(office, name) for name in ("sam-okafor", "priya-shah", "jo-bennett"))
    await peer.post(f"{here}/concerns", {"words": "No visit for nine weeks."}, 201)
    await lead.audit(audit_id, "lead", "good")
    await peer.audit(audit_id, "peer", "requires-improvement")
    await moderator.post(f"{here}/moderation/returns", {"part": "lead", "question": "Which version?"})
    await lead.post(f"{here}/parts/lead/submission")
    await moderator.decide(audit_id, "requires-improvement")
    new = {"what": "Rewrite section F", "owner": "lee-walsh", "due_on": "2027-01-15"}
    await moderator.post(f"{here}/actions", new, 201)
    await moderator.post(f"{here}/moderation/completion")
    return audit_id


class TestList:
    async def test_everybody_lists_what_their_page_lists(self, office: Office, clock: Clock) -> None:
        running = await office.add_audit("EHCP-2026-11-002", submit_by=date(2026, 11, 18))
        planned = await office.add_audit("EHCP-2026-11-003", state="planned")
        finished = await moderated(office)
        seen = {
            ("alex-morgan", "role:qa-officer"): {running, planned, finished},
            ("dana-price", "role:senior-reader"): {running, planned, finished},
            ("sam-okafor", "role:manager"): {running, finished},
            ("lee-walsh", "role:manager"): {finished},
            ("nobody-listed", "role:manager"): set(),
        }
        for (person, role), expected in seen.items():
            listed = await FrontEnd.of(office, person, role).get("/audits")
            assert {UUID(each["audit_id"]) for each in listed["items"]} == expected, person
        officer = FrontEnd.of(office, "alex-morgan", "role:qa-officer")
        (late,) = (await officer.get("/audits", state="auditing"))["items"]
        assert (late["late_since"], late["submitted"], late["parts"], late["overall"]) == ("2026-11-18", 0, 2, None)
        (done,) = (await officer.get("/audits", state="moderated", tool="send-new-ehcp"))["items"]
        assert (done["overall"], done["review_due_on"]) == ("requires-improvement", "2027-01-15")

    async def test_a_list_is_read_page_by_page(self, office: Office) -> None:
        for number in range(5):
            await office.add_audit(f"EHCP-2026-11-{number:03}")
        officer = FrontEnd.of(office, "alex-morgan", "role:qa-officer")
        found, following = [], None
        while True:
            page = await officer.get("/audits", limit=2, **({"after": following} if following else {}))
            found += [each["reference"] for each in page["items"]]
            following = page["next"]
            if following is None:
                break
        assert found == [f"EHCP-2026-11-{number:03}" for number in reversed(range(5))]
        for wrong in ({"after": "?"}, {"limit": 0}, {"state": "late"}, {"colour": "red"}, {"reference": "a\0b"}):
            assert (await officer.get("/audits", 422, **wrong))["status"] == 422

    async def test_actions_are_listed_to_their_owners_and_their_teams_managers(self, office: Office, clock: Clock) -> None:
        audit_id = await moderated(office)
        for person in ("lee-walsh", "sam-okafor"):
            (item,) = (await FrontEnd.of(office, person).get("/actions"))["items"]
            assert (item["audit_id"], item["what"], item["standing"]) == (str(audit_id), "Rewrite section F", "on-track")
        assert (await FrontEnd.of(office, "chris-doyle").get("/actions"))["items"] == []
        officer = FrontEnd.of(office, "alex-morgan", "role:qa-officer")
        assert (await officer.get("/actions", status="done"))["items"] == []
        assert (await officer.get("/actions", service_area="fostering-and-kinship"))["items"] == []


class TestWork:
    async def test_each_finds_what_waits_for_them_with_its_day(self, office: Office, clock: Clock) -> None:
        await office.add_audit("EHCP-2026-11-002", submit_by=date(2026, 11, 18))
        (own,) = (await FrontEnd.of(office, "priya-shah").get("/work"))["own"]
        assert (own["kind"], own["about"], own["due_on"], own["days_late"]) == ("audit", "peer", "2026-11-18", 2)
        officer = await FrontEnd.of(office, "alex-morgan", "role:qa-officer").get("/work")
        assert (officer["person"], officer["today"]) == ("alex-morgan", "2026-11-20")
        assert {(each["about"], each["name"]) for each in officer["late"]} == {("lead", "Sam Okafor"), ("peer", "Priya Shah")}
        unlisted = await FrontEnd.of(office, "nobody-listed").get("/work")
        assert (unlisted["person"], unlisted["own"], unlisted["late"]) == (None, [], [])

    async def test_after_moderation_it_is_to_be_read_discussed_done_and_reviewed(self, office: Office, clock: Clock) -> None:
        await moderated(office)
        expected = {
            "sam-okafor": {"acknowledge", "discuss", "concern"},
            "lee-walsh": {"acknowledge", "action"},
            "chris-doyle": {"review", "acknowledge"},
        }
        for person, kinds in expected.items():
            work = await FrontEnd.of(office, person).get("/work")
            assert {each["kind"] for each in work["own"]} == kinds, person


class TestSystem:
    async def test_it_reads_codes_states_days_and_grades_and_nothing_else(self, office: Office, clock: Clock) -> None:
        audit_id = await moderated(office)
        async with office.call(MACHINE) as machine:
            listed = await machine.get("/audit/v1/audits")
            read = await machine.get(f"/audit/v1/audits/{audit_id}")
        body = read.json()
        assert (body["state"], body["overall"], body["moderated_on"]) == ("moderated", "requires-improvement", "2026-11-20")
        grades = {part["part"]: {each["entry"]: each["grade"] for each in part["entries"]} for part in body["parts"]}
        assert {part: given["overall"] for part, given in grades.items()} == {
            "lead": "good",
            "peer": "requires-improvement",
            "moderation": "requires-improvement",
        }
        (action,) = body["actions"]
        assert (action["code"], action["owner"], action["what"]) == ("a1", "lee-walsh", None)
        names = [code.replace("-", " ").title() for code in PEOPLE]
        for hidden in (*WORDS, *names, CASE, "demo-"):
            assert hidden not in listed.text + read.text, hidden
        empty = ("case_number", "worker", "discussion", "questions", "concerns", "recipients", "history")
        assert not any(body[name] for name in empty)
        assert all(each["words"] is None and each["answer"] is None for part in body["parts"] for each in part["entries"])

    async def test_it_reads_no_grade_before_the_parts_are_shown(self, office: Office, clock: Clock) -> None:
        audit_id = await office.add_audit(grace_hours=24)
        await FrontEnd.of(office, "sam-okafor").audit(audit_id, "lead", "inadequate")
        await FrontEnd.of(office, "priya-shah").audit(audit_id, "peer", "inadequate")
        async with office.call(MACHINE) as machine:
            for hours, shown in ((0, False), (23, False), (24, True)):
                clock.now += timedelta(hours=hours) if hours < 24 else timedelta(hours=1)
                body = (await machine.get(f"/audit/v1/audits/{audit_id}")).json()
                assert body["state"] == "submitted"
                assert ["inadequate" in str(part["entries"]) for part in body["parts"]] == [shown, shown, False]

    async def test_it_is_kept_to_its_service_areas(self, office: Office) -> None:
        audit_id = await office.add_audit()
        async with office.call(replace(MACHINE, areas=frozenset({"fostering-and-kinship"}))) as machine:
            assert (await machine.get("/audit/v1/audits")).json()["items"] == []
            assert (await machine.get(f"/audit/v1/audits/{audit_id}")).status_code == 404

    async def test_it_reads_nothing_but_audits(self, office: Office, clock: Clock) -> None:
        audit_id = await moderated(office)
        async with office.call(MACHINE) as machine:
            for path in ("work", "actions", f"audits/{audit_id}/concerns", f"audits/{audit_id}/moderation"):
                assert (await machine.get(f"/audit/v1/{path}")).status_code == 403
