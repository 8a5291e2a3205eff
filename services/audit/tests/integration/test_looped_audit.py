"""A looped audit from both auditors to the closed review, through the pages, by the people who do it."""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import orjson
import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, rows
from services.audit.tests.support import CASE, Browser, Office

from chassis.testing.fixtures import Database, ServiceClient
from chassis.testing.pdf import Printed

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SECTIONS = (
    "childs-needs-and-voice", "parental-consultation", "quality-of-the-plan", "quality-of-the-outcomes", "partnership-working",
    "management-oversight",
)  # fmt: skip

VIEWS = ("child", "parent", "worker")


class Clock:
    """What the service takes for now."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def office(client: ServiceClient, app: FastAPI, call_as: Call) -> Office:
    office = Office(app, call_as)
    await office.add_people()
    return office


@pytest.fixture
def clock(office: Office) -> Clock:
    clock = Clock()
    object.__setattr__(office.context, "now", clock)
    return clock


async def judge(browser: Browser, base: str, grades: Mapping[str, str], **words: str) -> None:
    """Fill in entries as their pages ask for it."""
    for code, grade in grades.items():
        fields = {f"words-{name}": said for name, said in words.items()}
        if code == "overall":
            fields = {"words-rationale": words.get("rationale", "Because of the plan.")}
        page = f"{base}/entries/{code}"
        await browser.send(page, {"grade": grade, "revision": "0", "then": "list", **fields})


async def audited(browser: Browser, audit_id: UUID, part: str, grade: str = "good", **changed: str) -> None:
    base = f"/audit/audits/{audit_id}/parts/{part}"
    grades = {**dict.fromkeys(SECTIONS, grade), "overall": grade, **changed}
    await judge(browser, base, grades, evidence=f"Seen by the {part}.", strengths="Kind.", areas="Dates.")
    for who in VIEWS if part == "peer" else ():
        asked = {"answer": "given", "words-how": "By telephone.", "words-words": f"Said by the {who}.", "revision": "0"}
        await browser.send(f"{base}/entries/feedback-{who}", asked)
    await browser.send(f"{base}/submit", page=base)


async def events(database: Database) -> list[tuple[str, dict[str, Any]]]:
    found = await rows(database, "select subject, data::text as data from outbox order by position")
    return [(row["subject"].rpartition(".")[2], orjson.loads(row["data"])) for row in found]


@pytest.fixture
async def browsers(office: Office, clock: Clock) -> AsyncIterator[dict[str, Browser]]:
    found = {name: office.browser(name) for name in ("sam-okafor", "priya-shah", "jo-bennett", "chris-doyle", "lee-walsh")}
    found["alex-morgan"] = office.browser("alex-morgan", "role:qa-officer")
    yield found
    for browser in found.values():
        await browser.client.aclose()


async def moderated(office: Office, browsers: dict[str, Browser]) -> str:
    """A looped audit in which peer and moderator disagree with the lead, with one action; gives its address."""
    audit_id = await office.add_audit()
    audit, moderator = f"/audit/audits/{audit_id}", browsers["jo-bennett"]
    await audited(browsers["sam-okafor"], audit_id, "lead")
    await audited(browsers["priya-shah"], audit_id, "peer", grade="requires-improvement")
    final = {**dict.fromkeys(SECTIONS, "good"), "quality-of-the-plan": "inadequate"}
    await judge(moderator, f"{audit}/moderation", final, reason="The plan is unlawful.")
    fields = {"grade": "requires-improvement", "revision": "0", "words-rationale": "Much is good.", "words-learning": "Plans."}
    await moderator.send(f"{audit}/moderation/entries/overall", fields)
    await moderator.send(f"{audit}/moderation/learning", {"themes": ["plans-and-outcomes"]}, page=f"{audit}/moderation")
    due = {"due-day": "15", "due-month": "1", "due-year": "2027"}
    new = {"what": "Rewrite section F of the plan", "owner": "lee-walsh", **due}
    assert await moderator.send(f"{audit}/actions/new", new) == f"{audit}/moderation"
    await moderator.send(f"{audit}/moderation/finish", page=f"{audit}/moderation")
    return audit


class TestLoopedAudit:
    async def test_the_moderator_sees_both_sides_and_says_why_where_the_decision_is_another(
        self, office: Office, browsers: dict[str, Browser]
    ) -> None:
        moderator, audit_id = browsers["jo-bennett"], await office.add_audit()
        audit = f"/audit/audits/{audit_id}"
        assert "Audit the case" in await browsers["sam-okafor"].open("/audit/")
        await audited(browsers["sam-okafor"], audit_id, "lead")
        assert "There is nothing for you to do now" in await moderator.open("/audit/")
        await audited(browsers["priya-shah"], audit_id, "peer", grade="requires-improvement")
        assert "Moderate" in await moderator.open("/audit/")
        assert (await moderator.open(f"{audit}/moderation")).count("They differ") == 7
        both = await moderator.open(f"{audit}/moderation/entries/quality-of-the-plan")
        assert "Seen by the lead." in both
        assert "Seen by the peer." in both
        await judge(moderator, f"{audit}/moderation", {**dict.fromkeys(SECTIONS, "good"), "quality-of-the-plan": "inadequate"})
        page = await moderator.send(f"{audit}/moderation/finish", status=422, page=f"{audit}/moderation")
        assert "Quality of the Plan: say why the grade is neither auditor&#39;s" in page
        assert "Overall: give the final grade" in page

    async def test_the_result_goes_round_and_is_counted_as_an_outcome(
        self, office: Office, clock: Clock, browsers: dict[str, Browser], database: Database
    ) -> None:
        audit = await moderated(office, browsers)
        result = await browsers["lee-walsh"].open(audit)
        for words in (
            "Requires Improvement", "Rewrite section F of the plan", "The plan is unlawful.", "Group manager", "Dana Price",
        ):  # fmt: skip
            assert words in result
        assert CASE not in result
        told = await events(database)
        assert [name for name, _ in told] == ["audit_submitted", "audit_submitted", "outcome_recorded", "audit_moderated"]
        outcome, decided = told[2][1], told[3][1]
        assert outcome["overall"] == "requires-improvement"
        plan = next(each for each in outcome["sections"] if each["section"] == "quality-of-the-plan")
        assert (plan["grade"], plan["lead"], plan["peer"]) == ("inadequate", "good", "requires-improvement")
        assert outcome["activity"] == {"lead": 1, "peer": 1, "moderation": 1, "single": 0}
        assert outcome["actions"] == [{"action": "a1", "due_on": "2027-01-15", "done_on": None}]
        assert (decided["departs"], decided["revised"], decided["review_due_on"]) == (True, False, "2027-01-15")
        everything = orjson.dumps([data for _, data in told]).decode()
        assert CASE not in everything
        assert "unlawful" not in everything
        assert "EHCP-2026-11-001" in await browsers["alex-morgan"].open("/audit/outcomes")

    async def test_the_result_is_printed_for_the_childs_file(self, office: Office, browsers: dict[str, Browser]) -> None:
        audit = await moderated(office, browsers)
        answer = await browsers["sam-okafor"].client.get(f"{audit}/audit.pdf")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"] == 'attachment; filename="audit-EHCP-2026-11-001.pdf"'
        said = Printed(answer.content).text
        for words in (
            CASE, "The plan is unlawful.", "Seen by the lead.", "Seen by the peer.", "Said by the parent.", "Rewrite section F",
        ):  # fmt: skip
            assert words in said
        open_one = await office.add_audit("EHCP-2026-11-002")
        assert (await browsers["sam-okafor"].client.get(f"/audit/audits/{open_one}/audit.pdf")).status_code == 409

    async def test_it_is_read_discussed_followed_up_and_the_loop_is_closed(
        self, office: Office, clock: Clock, browsers: dict[str, Browser], database: Database
    ) -> None:
        audit = await moderated(office, browsers)
        manager, worker, reviewer = (browsers[name] for name in ("sam-okafor", "lee-walsh", "chris-doyle"))
        await manager.send(f"{audit}/acknowledge", page=audit)
        early = {"on-day": "19", "on-month": "11", "on-year": "2026", "note": "Agreed."}
        assert "from the moderation until today" in await manager.send(f"{audit}/discussion", early, status=422, page=audit)
        await manager.send(f"{audit}/discussion", {**early, "on-day": "20"}, page=audit)
        clock.now = NOW + timedelta(weeks=8)
        looked = {"changed": "She has a school.", "result": "closed"}
        assert "still open" in await reviewer.send(f"{audit}/review", looked, status=422)
        again = {"next-day": "12", "next-month": "2", "next-year": "2027"}
        assert await reviewer.send(f"{audit}/review", {**looked, "result": "reopened", **again}) == audit
        (action,) = await rows(database, "select id from action")
        address = f"/audit/actions/{action['id']}"
        assert "Due within a week" in await worker.open("/audit/actions")
        for looks_on in (browsers["priya-shah"], office.browser("dana-price", "role:senior-reader")):
            page = await looks_on.open(address)
            assert "Rewrite section F of the plan" in page
            assert "What happened?" not in page
        assert "Say what shows that it was done" in await worker.send(address, {"step": "done", "revision": "1"}, status=422)
        await worker.send(address, {"step": "done", "note": "Sent on 3 January.", "revision": "1"})
        await reviewer.send(f"{audit}/review", {**looked, "difference": "partly"})
        page = await reviewer.open(audit)
        assert "Closed" in page
        assert "She has a school." in page
        assert "loop closed. In part" in page
        told = await events(database)
        assert [name for name, _ in told][4:] == ["audit_reviewed", "action_changed", "audit_reviewed"]
        assert told[5][1]["evidence"] is True
        assert [told[number][1]["difference"] for number in (4, 6)] == [None, "partly"]
        assert next(data["reference"] for name, data in told if name == "outcome_recorded") in page

    async def test_neither_auditor_sees_the_other_before_both_have_submitted_and_grace_is_over(
        self, office: Office, clock: Clock, browsers: dict[str, Browser]
    ) -> None:
        audit_id = await office.add_audit(grace_hours=24)
        audit = f"/audit/audits/{audit_id}"
        await audited(browsers["sam-okafor"], audit_id, "lead")
        await audited(browsers["priya-shah"], audit_id, "peer")
        for who in ("priya-shah", "jo-bennett", "alex-morgan"):
            assert "Seen by the lead." not in await browsers[who].open(audit)
        for address in (f"{audit}/parts/lead", f"{audit}/parts/lead/entries/overall", f"{audit}/moderation/entries/overall"):
            await browsers["priya-shah"].open(address, 404)
        assert "It is not your turn yet" in await browsers["jo-bennett"].open(f"{audit}/moderation")
        clock.now += timedelta(hours=24)
        for who in ("priya-shah", "jo-bennett", "alex-morgan"):
            assert "Seen by the lead." in await browsers[who].open(audit)
        await browsers["lee-walsh"].open(audit, 404)
        await browsers["chris-doyle"].open(audit, 404)

    async def test_the_views_that_a_questionnaire_asks_for_lead_to_the_page_that_reads_it_aloud(
        self, office: Office, browsers: dict[str, Browser]
    ) -> None:
        audit_id = await office.add_audit()
        here = f"/audit/audits/{audit_id}/parts/peer/entries/feedback-parent"
        page = await browsers["priya-shah"].open(here)
        [link] = re.findall(r'href="(/feedback/entry[^"]+)"', page)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(unescape(link)).query).items()}
        assert (asked["channel"], asked["return_to"]) == ("audit", here)
        assert asked["reference"].endswith("-parent")
        assert {"questionnaire", "service_area"} <= set(asked)

    async def test_a_slip_is_taken_back_within_the_grace_period_and_not_after(
        self, office: Office, clock: Clock, browsers: dict[str, Browser], database: Database
    ) -> None:
        audit_id = await office.add_audit(grace_hours=24)
        lead = f"/audit/audits/{audit_id}/parts/lead"
        await audited(browsers["sam-okafor"], audit_id, "lead")
        await audited(browsers["priya-shah"], audit_id, "peer")
        await browsers["sam-okafor"].send(f"{lead}/take-back", page=lead)
        overall = {"grade": "inadequate", "words-rationale": "I misread.", "revision": "1"}
        await browsers["sam-okafor"].send(f"{lead}/entries/overall", overall)
        await browsers["sam-okafor"].send(f"{lead}/submit", page=lead)
        # Nobody was shown the slip, so agreement is measured by what it was corrected to.
        kept = await rows(database, "select first_grade from entry where part = 'lead' and entry = 'overall'")
        assert [row["first_grade"] for row in kept] == ["inadequate"]
        clock.now += timedelta(hours=25)
        page = await browsers["sam-okafor"].open(lead)
        assert "Take it back" not in page
        kept = await rows(database, "select first_grade from entry where part = 'lead' and entry = 'overall'")
        assert [row["first_grade"] for row in kept] == ["inadequate"]

    async def test_a_stale_save_is_refused_with_both_versions_and_loses_neither(
        self, office: Office, browsers: dict[str, Browser]
    ) -> None:
        audit_id = await office.add_audit()
        entry = f"/audit/audits/{audit_id}/parts/lead/entries/overall"
        lead = browsers["sam-okafor"]
        await lead.send(entry, {"grade": "good", "words-rationale": "First window.", "revision": "0"})
        second = {"grade": "inadequate", "words-rationale": "Second window.", "revision": "0"}
        page = await lead.send(entry, second, status=409)
        assert "First window." in page
        assert "Second window." in page
        assert 'name="revision" value="1"' in page
        # The same again is the second click, not another window.
        await lead.send(entry, {"grade": "good", "words-rationale": "First window.", "revision": "0"})
        await lead.send(entry, {**second, "revision": "1"})
        assert "Second window." in await lead.open(entry)

    async def test_two_tabs_on_two_sections_do_not_disturb_one_another(
        self, office: Office, browsers: dict[str, Browser]
    ) -> None:
        audit_id = await office.add_audit()
        entries = f"/audit/audits/{audit_id}/parts/lead/entries"
        for code in SECTIONS[:2]:
            fields = {"grade": "good", "words-evidence": f"About {code}.", "revision": "0"}
            await browsers["sam-okafor"].send(f"{entries}/{code}", fields)
        for code in SECTIONS[:2]:
            assert f"About {code}." in await browsers["sam-okafor"].open(f"{entries}/{code}")

    async def test_what_is_missing_is_said_before_it_is_submitted_and_nothing_is_lost(
        self, office: Office, browsers: dict[str, Browser]
    ) -> None:
        audit_id = await office.add_audit()
        base = f"/audit/audits/{audit_id}/parts/lead"
        lead = browsers["sam-okafor"]
        await lead.send(f"{base}/entries/{SECTIONS[0]}", {"grade": "not-applicable", "revision": "0"})
        page = await lead.send(f"{base}/submit", status=422, page=base)
        assert "Child&#39;s Needs &amp; Voice: say why it is not applicable" in page
        assert "Management Oversight: choose a grade, or say that it is not applicable" in page
        assert "Overall: say why" in page

    async def test_the_moderator_returns_a_part_and_the_first_grades_stay_those_of_agreement(
        self, office: Office, browsers: dict[str, Browser], database: Database
    ) -> None:
        audit_id = await office.add_audit()
        audit = f"/audit/audits/{audit_id}"
        lead, moderator = browsers["sam-okafor"], browsers["jo-bennett"]
        await audited(lead, audit_id, "lead")
        await audited(browsers["priya-shah"], audit_id, "peer")
        assert "Write the question" in await moderator.send(f"{audit}/moderation/return/lead", {"question": " "}, status=422)
        await moderator.send(f"{audit}/moderation/return/lead", {"question": "Which version of the plan?"})
        assert "Which version of the plan?" in await lead.open(f"{audit}/parts/lead")
        assert "Answer the moderator" in await lead.open("/audit/")
        (question,) = await rows(database, "select id from question")
        base = f"{audit}/parts/lead"
        await lead.send(f"{base}/questions/{question['id']}", {"answer": "The final one."}, page=base)
        overall = {"grade": "outstanding", "words-rationale": "On reflection.", "revision": "1"}
        await lead.send(f"{base}/entries/overall", overall)
        await lead.send(f"{base}/submit", page=base)
        assert "The final one." in await moderator.open(audit)
        kept = await rows(database, "select grade, first_grade from entry where part = 'lead' and entry = 'overall'")
        assert [tuple(row) for row in kept] == [("outstanding", "good")]

    async def test_a_second_click_on_submit_and_on_finish_counts_once(
        self, office: Office, browsers: dict[str, Browser], database: Database
    ) -> None:
        audit_id = await office.add_audit()
        audit = f"/audit/audits/{audit_id}"
        for who, part in (("sam-okafor", "lead"), ("priya-shah", "peer")):
            await audited(browsers[who], audit_id, part)
        await judge(browsers["jo-bennett"], f"{audit}/moderation", {**dict.fromkeys(SECTIONS, "good"), "overall": "good"})
        page = await browsers["jo-bennett"].open(f"{audit}/moderation")
        token = page.split('name="csrf" value="')[1].split('"')[0]
        for _ in range(2):
            answer = await browsers["jo-bennett"].client.post(f"{audit}/moderation/finish", data={"csrf": token})
            assert answer.status_code == 303
        assert [name for name, _ in await events(database)].count("outcome_recorded") == 1


class TestConcern:
    async def test_it_alerts_the_manager_the_same_day_and_is_taken_over(
        self, office: Office, browsers: dict[str, Browser], database: Database
    ) -> None:
        audit_id = await office.add_audit()
        audit = f"/audit/audits/{audit_id}"
        peer, manager = browsers["priya-shah"], browsers["sam-okafor"]
        assert "Say what cannot wait" in await peer.send(f"{audit}/concern", {"words": ""}, status=422)
        address = await peer.send(f"{audit}/concern", {"words": "No visit for nine weeks."})
        assert "Concern that cannot wait" in await manager.open("/audit/")
        assert "Concern that cannot wait" in await browsers["alex-morgan"].open("/audit/")
        assert CASE in await manager.open(address)
        await browsers["chris-doyle"].open(address, 404)
        await manager.send(address, {"answer": "Visit today at 4."})
        assert "Visit today at 4." in await peer.open(address)
        assert [data["acknowledged_on"] for name, data in await events(database) if name == "audit_escalated"] == [
            None, "2026-11-20",
        ]  # fmt: skip


class TestLate:
    async def test_what_is_late_is_seen_by_the_officer_and_by_whose_turn_it_is(
        self, office: Office, clock: Clock, browsers: dict[str, Browser]
    ) -> None:
        await office.add_audit(submit_by=date(2026, 11, 18))
        assert "2 days late" in await browsers["sam-okafor"].open("/audit/")
        page = await browsers["alex-morgan"].open("/audit/")
        assert page.count("2 days late") == 2
        assert "Priya Shah" in page
        assert "Late since 18 November 2026" in await browsers["alex-morgan"].open("/audit/audits")
