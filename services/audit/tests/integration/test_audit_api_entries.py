"""Saving over the API: under the ETag that was read, once for a key, and two at the same moment one after the other."""

import asyncio
from uuid import UUID

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, rows
from services.audit.tests.front_end import FrontEnd
from services.audit.tests.judging import Clock, set_clock, submitted
from services.audit.tests.support import Office

from chassis.testing.fixtures import Database, ServiceClient

PROBLEM = "urn:learning-loop:problem:"
SECTION = "quality-of-the-plan"
FIRST = {"grade": "good", "words": {"evidence": "First window.", "areas": "Dates."}}
SECOND = {"grade": "inadequate", "words": {"evidence": "Second window.", "areas": "Dates."}}


@pytest.fixture
async def office(client: ServiceClient, app: FastAPI, call_as: Call) -> Office:
    office = Office(app, call_as)
    await office.add_people()
    return office


@pytest.fixture
def clock(office: Office) -> Clock:
    return set_clock(office)


@pytest.fixture
async def audit_id(office: Office, clock: Clock) -> UUID:
    return await office.add_audit()


@pytest.fixture
def lead(office: Office) -> FrontEnd:
    return FrontEnd.of(office, "sam-okafor")


async def moderating(office: Office, audit_id: UUID) -> FrontEnd:
    """The moderator of an audit whose auditors have both submitted."""
    for part, person in (("lead", "sam-okafor"), ("peer", "priya-shah")):
        await submitted(office, audit_id, part, person)
    return FrontEnd.of(office, "jo-bennett")


class TestEntry:
    async def test_it_is_saved_whole_under_the_etag_that_was_read(self, lead: FrontEnd, audit_id: UUID) -> None:
        path = f"/audits/{audit_id}/parts/lead/entries/{SECTION}"
        read = await lead.client.get(f"/audit/v1{path}")
        assert (read.headers["etag"], read.headers["cache-control"]) == ('"0"', "no-store")
        form = read.json()
        assert [each["code"] for each in form["grades"]][:2] == ["outstanding", "good"]
        assert [each["name"] for each in form["words"]] == ["evidence", "strengths", "areas"]
        saved = await lead.client.put(f"/audit/v1{path}", json=FIRST, headers={"If-Match": '"0"'})
        assert (saved.status_code, saved.headers["etag"]) == (200, '"1"')
        assert saved.json() == {"audit_id": str(audit_id), "part": "lead", "entry": SECTION, "revision": 1}
        # What an entry leaves out it no longer has.
        await lead.put(path, {"words": {"evidence": "Only this."}}, '"1"')
        again = (await lead.get(path))["saved"]
        assert (again["grade"], again["words"], again["revision"]) == (None, {"evidence": "Only this."}, 2)

    @pytest.mark.parametrize("tag", [None, "", "*"])
    async def test_without_an_etag_nothing_is_saved(self, lead: FrontEnd, audit_id: UUID, tag: str | None) -> None:
        path = f"/audits/{audit_id}/parts/lead/entries/{SECTION}"
        refused = await lead.put(path, FIRST, tag, 428)
        assert refused["type"] == PROBLEM + "if-match-missing"
        assert (await lead.get(path))["saved"]["revision"] == 0

    @pytest.mark.parametrize("tag", ['W/"1"', "1", '"one"', '"9999999999"', '"1", "2"'])
    async def test_what_is_no_etag_of_ours_is_stale(self, lead: FrontEnd, audit_id: UUID, tag: str) -> None:
        refused = await lead.put(f"/audits/{audit_id}/parts/lead/entries/{SECTION}", FIRST, tag, 412)
        assert refused["type"] == PROBLEM + "stale"

    async def test_a_stale_save_is_refused_with_what_stands_there_and_where_it_differs(
        self, lead: FrontEnd, audit_id: UUID
    ) -> None:
        path = f"/audits/{audit_id}/parts/lead/entries/{SECTION}"
        await lead.put(path, FIRST, '"0"')
        refused = await lead.put(path, SECOND, '"0"', 412)
        assert refused["type"] == PROBLEM + "stale-entry"
        assert (refused["revision"], refused["differs"]) == (1, ["/grade", "/words/evidence"])
        assert refused["current"]["words"] == FIRST["words"]
        await lead.put(path, SECOND, '"5"', 412)
        await lead.put(path, SECOND, '"1"')
        assert (await lead.get(path))["saved"]["words"] == SECOND["words"]

    async def test_the_same_save_twice_counts_once(self, lead: FrontEnd, audit_id: UUID) -> None:
        path = f"/audits/{audit_id}/parts/lead/entries/{SECTION}"
        assert [(await lead.put(path, FIRST, '"0"'))["revision"] for _ in range(2)] == [1, 1]

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({"grade": "splendid"}, ["/grade"]),
            ({"grade": "good", "not_applicable": True}, ["/grade"]),
            ({"answer": "given"}, ["/answer"]),
            ({"ticked": ["a-finding"]}, ["/ticked"]),
            ({"words": {"reason": "A moderator's."}}, ["/words/reason"]),
            ({"words": {"evidence": "x" * 10_001}}, ["/words/evidence"]),
            ({"words": {"evidence": "a\0b"}}, ["/words/evidence"]),
            ({"grade": 1}, ["/grade"]),
            ({"grades": "good"}, ["/grades"]),
        ],
    )
    async def test_what_does_not_fit_the_form_is_refused_field_by_field(
        self, lead: FrontEnd, audit_id: UUID, body: dict[str, object], pointers: list[str]
    ) -> None:
        refused = await lead.put(f"/audits/{audit_id}/parts/lead/entries/{SECTION}", body, '"0"', 422)
        assert [each["pointer"] for each in refused["errors"]] == pointers

    async def test_what_is_submitted_can_no_longer_be_changed(self, lead: FrontEnd, audit_id: UUID) -> None:
        await lead.audit(audit_id, "lead")
        path = f"/audits/{audit_id}/parts/lead"
        refused = await lead.put(f"{path}/entries/{SECTION}", SECOND, '"1"', 409)
        assert refused["type"] == PROBLEM + "already-submitted"
        assert not (await lead.get(path))["may_write"]

    async def test_two_windows_at_the_same_moment_do_not_overwrite_one_another(self, lead: FrontEnd, audit_id: UUID) -> None:
        address = f"/audit/v1/audits/{audit_id}/parts/lead/entries/{SECTION}"
        tag = {"If-Match": '"0"'}
        saves = [lead.client.put(address, json=body, headers=tag) for body in (FIRST, SECOND)]
        answers = sorted(await asyncio.gather(*saves), key=lambda answer: answer.status_code)
        assert [answer.status_code for answer in answers] == [200, 412]
        kept = (await lead.get(f"/audits/{audit_id}/parts/lead/entries/{SECTION}"))["saved"]
        assert answers[1].json()["current"] == kept


class TestFinalEntry:
    async def test_it_needs_its_etag_too_and_a_stale_one_is_refused(self, office: Office, audit_id: UUID) -> None:
        moderator = await moderating(office, audit_id)
        path = f"/audits/{audit_id}/moderation/entries/{SECTION}"
        final = {"grade": "inadequate", "words": {"reason": "The plan is unlawful."}}
        assert (await moderator.put(path, final, None, 428))["type"] == PROBLEM + "if-match-missing"
        await moderator.put(path, final, '"0"')
        assert (await moderator.put(path, {"grade": "good"}, '"0"', 412))["differs"] == ["/grade", "/words/reason"]
        read = await moderator.get(path)
        assert read["final"]["words"] == final["words"]
        assert [each["entry"]["grade"] for each in read["given"]] == ["good", "good"]

    async def test_the_end_says_everything_that_is_missing(self, office: Office, audit_id: UUID) -> None:
        moderator = await moderating(office, audit_id)
        here = f"/audits/{audit_id}/moderation"
        await moderator.put(f"{here}/entries/{SECTION}", {"grade": "inadequate"}, '"0"')
        refused = await moderator.post(f"{here}/completion", status=422)
        reason = {"pointer": f"/{SECTION}/reason", "detail": "Quality of the Plan: say why the grade is neither auditor's"}
        assert reason in refused["errors"]
        assert (await moderator.get(here))["lacking"] == refused["errors"]


class TestOnce:
    async def test_a_step_repeated_under_its_key_is_answered_again_and_done_once(
        self, office: Office, audit_id: UUID, database: Database
    ) -> None:
        moderator = await moderating(office, audit_id)
        new = {"what": "Rewrite section F", "owner": "lee-walsh", "due_on": "2027-01-15"}
        path = f"/audits/{audit_id}/actions"
        answers = [await moderator.send("POST", path, new, key="set-1") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()
        assert answers[1].headers["idempotency-replayed"] == "true"
        assert answers[0].headers["etag"] == answers[1].headers["etag"] == '"1"'
        assert len(await rows(database, "select from action")) == 1
        other = await moderator.send("POST", path, {**new, "owner": "sam-okafor"}, key="set-1")
        assert (other.status_code, other.json()["type"]) == (422, PROBLEM + "idempotency-key-reused")

    async def test_a_step_without_a_key_is_refused(self, lead: FrontEnd, audit_id: UUID) -> None:
        answer = await lead.client.post(f"/audit/v1/audits/{audit_id}/parts/lead/submission")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/header/Idempotency-Key")

    async def test_two_who_take_a_step_with_an_action_at_the_same_moment_are_told_apart(
        self, office: Office, audit_id: UUID, database: Database
    ) -> None:
        moderator = await moderating(office, audit_id)
        new = {"what": "Rewrite section F", "owner": "lee-walsh", "due_on": "2027-01-15"}
        action = await moderator.post(f"/audits/{audit_id}/actions", new, 201)
        await moderator.decide(audit_id)
        await moderator.post(f"/audits/{audit_id}/moderation/completion")
        path, done = f"/actions/{action['action_id']}/steps", {"step": "done", "note": "Sent on 3 January."}
        owner, manager = FrontEnd.of(office, "lee-walsh"), FrontEnd.of(office, "sam-okafor")
        assert (await owner.send("POST", path, done)).status_code == 428
        moved = {"step": "move", "note": "School holidays.", "due_on": "2027-02-01"}
        both = await asyncio.gather(owner.send("POST", path, done, etag='"1"'), manager.send("POST", path, moved, etag='"1"'))
        assert sorted(answer.status_code for answer in both) == [200, 412]
        assert (await owner.get(f"/actions/{action['action_id']}"))["revision"] == 2
        assert len(await rows(database, "select from action_step where step <> 'set'")) == 1

    async def test_two_clicks_on_submit_at_the_same_moment_submit_once(
        self, lead: FrontEnd, audit_id: UUID, database: Database
    ) -> None:
        await lead.fill(audit_id, "lead", "good")
        path = f"/audits/{audit_id}/parts/lead/submission"
        both = await asyncio.gather(*(lead.send("POST", path) for _ in range(2)))
        assert [answer.status_code for answer in both] == [200, 200]
        assert len(await rows(database, "select from outbox")) == 1
