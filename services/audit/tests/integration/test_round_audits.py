"""The audits of rounds: allocated under the conflict rules, circulated, given to others, withdrawn; and who sees what."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, rows, stop_clock
from services.audit.tests.rounds import OFFICER, TEAMS, Officer, cases, staff

from chassis.testing.fixtures import Database, ServiceClient


@pytest.fixture
async def officer(client: ServiceClient, call_as: Call) -> AsyncIterator[Officer]:
    async with call_as(OFFICER) as browser:
        yield Officer(browser)


def slug(answer: Any) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


async def events(database: Database, name: str) -> list[dict[str, Any]]:
    found = await rows(database, f"select data::text from outbox where subject = 'loop.audit.v1.{name}' order by id")
    return [json.loads(row["data"]) for row in found]


def targeted(**changes: Any) -> dict[str, Any]:
    return {
        "code": "neglect-2026",
        "title": "Neglect",
        "tool": "targeted",
        "service_areas": ["send"],
        "size": 3,
        "period_from": "2026-04-01",
        "period_to": "2026-09-30",
        "circulate_on": "2026-11-02",
        "submit_by": "2026-11-27",
        **changes,
    }


class TestAllocate:
    async def test_every_picked_case_becomes_an_audit_under_the_conflict_rules(self, officer: Officer) -> None:
        await officer.staff()
        round_id = await officer.drawn()
        await officer.done(f"/rounds/{round_id}/allocation")
        found = await officer.round(round_id)
        manages = dict(zip(TEAMS, ("sam-okafor", "priya-shah", "jo-bennett"), strict=True))
        assert [each["reference"] for each in found["audits"]] == [f"SN-2026-11-{number:03}" for number in range(1, 4)]
        for audit in found["audits"]:
            parts = {part: each["person"] for part, each in audit["parts"].items()}
            assert parts["lead"] == manages[audit["team"]]
            assert parts["peer"] in set(manages.values()) - {parts["lead"]}
            assert parts["moderation"] in {"dana-price", "lee-walsh"}
            assert audit["reviewer"] is None  # in SEND the peer reviews
            assert audit["state"] == "planned"
            due = {part: each["due_on"] for part, each in audit["parts"].items()}
            assert due == {"lead": "2026-11-30", "peer": "2026-11-30", "moderation": "2026-12-07"}
        auditors = [audit["parts"][part]["person"] for audit in found["audits"] for part in ("lead", "peer")]
        assert set(Counter(auditors).values()) == {2}

    async def test_what_cannot_be_allocated_says_which_rule_and_for_which_case_and_nothing_is(self, officer: Officer) -> None:
        await officer.staff(*(person for person in staff() if person["code"] not in {"jo-bennett", "dana-price", "lee-walsh"}))
        round_id = await officer.drawn(size=3)
        answer = await officer.post(f"/rounds/{round_id}/allocation")
        assert (answer.status_code, slug(answer)) == (409, "allocation-impossible")
        place = next(
            each["place"] for each in await officer.listed(round_id, standing="picked") if each["team"] == "send-post-16"
        )
        assert f"/{place}/lead/responsible" in pointers(answer)
        assert [each for each in pointers(answer) if each.endswith("duty-moderator")] == [
            f"/{each}/moderation/duty-moderator" for each in (1, 2, 3)
        ]
        assert "EHC" not in answer.text
        assert (await officer.round(round_id))["audits"] == []

    async def test_twice_or_by_two_at_once_it_is_done_once(self, officer: Officer, database: Database) -> None:
        await officer.staff()
        round_id = await officer.drawn()
        answers = await asyncio.gather(*(officer.post(f"/rounds/{round_id}/allocation") for _ in range(4)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(await rows(database, "select from audit")) == 3

    async def test_nobody_is_given_more_in_a_month_than_the_programme_allows(self, officer: Officer) -> None:
        await officer.staff()
        # Two audits a person a month, three people: three looped audits, over both programmes together.
        await officer.done(f"/rounds/{await officer.drawn(size=2)}/allocation")
        other = await officer.drawn(*cases(30)[20:], size=2, programme="send-annual-review")
        answer = await officer.post(f"/rounds/{other}/allocation")
        assert {pointer.rpartition("/")[2] for pointer in pointers(answer)} == {"most-audits-a-month"}
        december = [each | {"practice_on": "2026-10-05"} for each in cases(30)[20:]]
        later = await officer.drawn(*december, size=2, programme="send-annual-review", period="2026-12")
        await officer.done(f"/rounds/{later}/allocation")

    async def test_a_round_that_is_not_drawn_cannot_be_allocated(self, officer: Officer) -> None:
        answer = await officer.post(f"/rounds/{await officer.begin()}/allocation")
        assert slug(answer) == "wrong-state"


class TestReplaceCase:
    async def test_the_next_of_the_same_team_moves_up(self, officer: Officer) -> None:
        round_id = await officer.drawn(size=3)
        before = {each["place"]: each for each in await officer.listed(round_id)}
        out = before[2]
        await officer.done(f"/rounds/{round_id}/cases/2/replacement", {"reason": "not-eligible"})
        again = await officer.post(f"/rounds/{round_id}/cases/2/replacement", {"reason": "not-eligible"})
        assert again.status_code == 200
        after = {each["case_reference"]: each for each in await officer.listed(round_id)}
        assert after[out["case_reference"]]["standing"] == "excluded"
        assert after[out["case_reference"]]["reason"] == {"code": "taken-out", "figures": {"reason": "not-eligible"}}
        spares = [each for each in before.values() if each["standing"] == "spare" and each["team"] == out["team"]]
        up = after[min(spares, key=lambda each: each["place"])["case_reference"]]
        assert up["standing"] == "picked"
        assert up["reason"] == {"code": "replaced", "figures": {"stratum": out["team"], "place": "2"}}
        assert (await officer.round(round_id))["cases"]["picked"] == 3

    async def test_without_a_spare_it_is_said_and_may_be_done_without(self, officer: Officer) -> None:
        round_id = await officer.drawn(*cases(3), size=3)
        path = f"/rounds/{round_id}/cases/1/replacement"
        assert slug(await officer.post(path, {"reason": "case-moved"})) == "no-spare"
        await officer.done(path, {"reason": "case-moved", "without_spare": True})
        assert (await officer.round(round_id))["cases"]["picked"] == 2

    @pytest.mark.parametrize(
        ("place", "reason", "status"), [(99, "case-moved", 404), (12, "case-moved", 409), (1, "boredom", 422)]
    )
    async def test_only_a_picked_case_is_replaced_for_a_known_reason(
        self, officer: Officer, place: int, reason: str, status: int
    ) -> None:
        round_id = await officer.drawn()
        answer = await officer.post(f"/rounds/{round_id}/cases/{place}/replacement", {"reason": reason})
        assert answer.status_code == status


class TestCirculate:
    async def test_the_auditors_have_their_audits_and_others_are_told(self, officer: Officer, database: Database) -> None:
        round_id = await officer.circulated()
        found = await officer.round(round_id)
        assert found["state"] == "circulated"
        assert {each["state"] for each in found["audits"]} == {"auditing"}
        told = await events(database, "audit_allocated")
        assert {each["audit_id"] for each in told} == {each["audit_id"] for each in found["audits"]}
        assert {(each["programme"], each["round"], each["submit_by"]) for each in told} == {
            ("send-new-ehcp", "2026-11", "2026-11-30")
        }
        held = {each["audit_id"]: each["parts"] for each in found["audits"]}
        for each in told:
            due = {code: part["due_on"] for code, part in held[each["audit_id"]].items()}
            assert {part["part"]: part["due_on"] for part in each["parts"]} == due
            assert all({*part} == {"part", "due_on"} for part in each["parts"])  # who does it is not told
        steps = await rows(database, "select step, by, count(*) from step group by 1, 2 order by 1")
        assert [tuple(row) for row in steps] == [("allocated", "demo-alex-morgan", 3), ("circulated", "demo-alex-morgan", 3)]

    async def test_twice_or_by_two_at_once_everybody_is_told_once(self, officer: Officer, database: Database) -> None:
        await officer.staff()
        round_id = await officer.drawn()
        await officer.done(f"/rounds/{round_id}/allocation")
        answers = await asyncio.gather(*(officer.post(f"/rounds/{round_id}/circulation") for _ in range(4)))
        assert {answer.status_code for answer in answers} == {200}
        assert len(await events(database, "audit_allocated")) == 3

    async def test_all_or_none(self, officer: Officer) -> None:
        round_id = await officer.drawn()
        assert slug(await officer.post(f"/rounds/{round_id}/circulation")) == "not-allocated"
        await officer.staff()
        await officer.done(f"/rounds/{round_id}/allocation")
        # Somebody left after they were given their part.
        audit = (await officer.round(round_id))["audits"][0]
        gone = audit["parts"]["lead"]["person"]
        await officer.staff(*({**person, "active": False} for person in staff() if person["code"] == gone))
        answer = await officer.post(f"/rounds/{round_id}/circulation")
        assert slug(answer) == "no-longer-fits"
        assert f"/{audit['reference']}/lead/active" in pointers(answer)
        assert {each["state"] for each in (await officer.round(round_id))["audits"]} == {"planned"}

    async def test_what_was_read_before_somebody_else_changed_it_does_nothing(self, officer: Officer) -> None:
        await officer.staff()
        round_id = await officer.drawn()
        answer = await officer.client.get(f"/audit/v1/rounds/{round_id}")
        await officer.done(f"/rounds/{round_id}/allocation")
        stale = await officer.post(f"/rounds/{round_id}/circulation", headers={"If-Match": answer.headers["etag"]})
        assert (stale.status_code, slug(stale)) == (412, "stale")
        fresh = (await officer.client.get(f"/audit/v1/rounds/{round_id}")).headers["etag"]
        done = await officer.post(f"/rounds/{round_id}/circulation", headers={"If-Match": fresh})
        assert done.status_code == 200
        assert done.headers["etag"] != fresh
        assert (await officer.post(f"/rounds/{round_id}/closure", headers={"If-Match": '"x"'})).status_code == 412


class TestReallocate:
    async def test_a_part_goes_to_somebody_else_under_the_same_rules(self, officer: Officer, database: Database) -> None:
        round_id = await officer.circulated(size=1)
        (audit,) = (await officer.round(round_id))["audits"]
        lead, peer = audit["parts"]["lead"]["person"], audit["parts"]["peer"]["person"]
        (other,) = {"sam-okafor", "priya-shah", "jo-bennett"} - {lead, peer}
        path = f"/audits/{audit['audit_id']}/reallocation"
        for _ in range(2):  # the second time it is theirs already
            answer = await officer.post(path, {"part": "peer", "person": other, "reason": "absent"})
            assert answer.status_code == 204
        (after,) = (await officer.round(round_id))["audits"]
        assert after["parts"]["peer"]["person"] == other
        ((detail,),) = await rows(database, "select detail::text from step where step = 'reallocated'")
        assert json.loads(detail) == {"from": peer, "to": other, "reason": "absent"}

    @pytest.mark.parametrize(
        ("part", "person", "rule"),
        [
            ("peer", "LEAD", "management-line"),
            ("peer", "kim-left", "active"),
            ("peer", "robin-hughes", "service-area"),
            ("lead", "robin-hughes", "responsible"),
            ("moderation", "sam-okafor", "duty-moderator"),
            ("lead", "nobody", "active"),
        ],
    )
    async def test_a_rule_that_is_against_it_is_named(self, officer: Officer, part: str, person: str, rule: str) -> None:
        round_id = await officer.circulated(size=1)
        (audit,) = (await officer.round(round_id))["audits"]
        person = audit["parts"]["lead"]["person"] if person == "LEAD" else person
        path = f"/audits/{audit['audit_id']}/reallocation"
        answer = await officer.post(path, {"part": part, "person": person, "reason": "absent"})
        assert slug(answer) == "conflict-rule"
        assert f"/{part}/{rule}" in pointers(answer)

    async def test_it_needs_a_part_a_reason_and_an_audit(self, officer: Officer) -> None:
        round_id = await officer.circulated(size=1)
        (audit,) = (await officer.round(round_id))["audits"]
        body = {"part": "peer", "person": "sam-okafor", "reason": "absent"}
        path = f"/audits/{audit['audit_id']}/reallocation"
        assert (await officer.post(path, body | {"part": "single"})).status_code == 404
        assert (await officer.post(path, body | {"reason": "boredom"})).status_code == 422
        assert (await officer.post(f"/audits/{uuid4()}/reallocation", body)).status_code == 404

    async def test_a_submitted_part_stays_whose_it_is(self, officer: Officer, database: Database) -> None:
        round_id = await officer.circulated(size=1)
        (audit,) = (await officer.round(round_id))["audits"]
        await rows(database, "update part set state = 'submitted', submitted_at = now() where part = 'peer'")
        lead, peer = audit["parts"]["lead"]["person"], audit["parts"]["peer"]["person"]
        (other,) = {"sam-okafor", "priya-shah", "jo-bennett"} - {lead, peer}
        path = f"/audits/{audit['audit_id']}/reallocation"
        answer = await officer.post(path, {"part": "peer", "person": other, "reason": "absent"})
        assert slug(answer) == "already-submitted"

    async def test_the_reviewer_is_changed_where_there_is_one(self, officer: Officer) -> None:
        await officer.staff()
        body = targeted(review_after_weeks=8, size=1)
        round_id = (await officer.done("/rounds", body))["round_id"]
        await officer.done(f"/rounds/{round_id}/cases", {"cases": cases(6)})
        await officer.done(f"/rounds/{round_id}/draw", {})
        await officer.done(f"/rounds/{round_id}/allocation")
        (audit,) = (await officer.round(round_id))["audits"]
        may = {"sam-okafor", "priya-shah", "jo-bennett", "lee-walsh"}
        manager = dict(zip(TEAMS, ("sam-okafor", "priya-shah", "jo-bennett"), strict=True))[audit["team"]]
        assert audit["reviewer"] in may - {manager}
        path = f"/audits/{audit['audit_id']}/reallocation"
        refused = await officer.post(path, {"part": "review", "person": manager, "reason": "workload"})
        assert pointers(refused) == ["/review/not-responsible"]
        other = min(may - {manager, audit["reviewer"]})
        assert (await officer.post(path, {"part": "review", "person": other, "reason": "workload"})).status_code == 204
        assert (await officer.round(round_id))["audits"][0]["reviewer"] == other


class TestWithdraw:
    async def test_an_audit_is_withdrawn_and_the_next_of_its_team_moves_up(self, officer: Officer, database: Database) -> None:
        round_id = await officer.circulated(size=3)
        audit = (await officer.round(round_id))["audits"][0]
        body = {"reason": "family-circumstances", "words": "The child's grandfather died.", "replace": True}
        done = await officer.done(f"/audits/{audit['audit_id']}/withdrawal", body)
        assert done == {"reference": "SN-2026-11-001", "replacement": "SN-2026-11-004"}
        again = await officer.done(f"/audits/{audit['audit_id']}/withdrawal", body)
        assert again == {"reference": "SN-2026-11-001", "replacement": None}
        audits = (await officer.round(round_id))["audits"]
        assert [each["state"] for each in audits] == ["withdrawn", "auditing", "auditing", "auditing"]
        assert audits[0]["withdrawal_reason"] == "family-circumstances"
        assert audits[3]["team"] == audit["team"]
        (told,) = await events(database, "audit_withdrawn")
        assert told["ground"] == "family-circumstances"
        assert len(await events(database, "audit_allocated")) == 4
        (row,) = await rows(database, "select audit::text as all from audit where state = 'withdrawn'")
        assert "grandfather" not in row["all"]

    async def test_a_replacement_late_in_the_month_has_ten_working_days(self, officer: Officer, database: Database) -> None:
        round_id = await officer.circulated(size=3)
        await rows(database, "update round set submit_by = circulate_on")
        audit = (await officer.round(round_id))["audits"][0]
        await officer.done(f"/audits/{audit['audit_id']}/withdrawal", {"reason": "case-moved", "replace": True})
        new = (await officer.round(round_id))["audits"][3]
        assert new["submit_by"] > date.today().isoformat()  # noqa: DTZ011
        assert new["parts"]["lead"]["due_on"] == new["submit_by"] < new["moderate_by"] == new["parts"]["moderation"]["due_on"]

    async def test_nothing_is_withdrawn_where_nobody_can_take_the_replacement(self, officer: Officer) -> None:
        round_id = await officer.circulated(size=3)
        await officer.staff(*({**person, "duties": []} for person in staff()))
        audit = (await officer.round(round_id))["audits"][0]
        answer = await officer.post(f"/audits/{audit['audit_id']}/withdrawal", {"reason": "case-moved", "replace": True})
        assert slug(answer) == "allocation-impossible"
        found = await officer.round(round_id)
        assert {each["state"] for each in found["audits"]} == {"auditing"}
        assert found["cases"]["picked"] == 3

    async def test_of_an_audit_that_was_never_sent_out_nobody_is_told(self, officer: Officer, database: Database) -> None:
        await officer.staff()
        round_id = await officer.drawn(size=3)
        await officer.done(f"/rounds/{round_id}/allocation")
        audit = (await officer.round(round_id))["audits"][0]
        await officer.done(f"/audits/{audit['audit_id']}/withdrawal", {"reason": "case-moved", "replace": True})
        await officer.done(f"/rounds/{round_id}/circulation")
        assert await events(database, "audit_withdrawn") == []
        assert len(await events(database, "audit_allocated")) == 3

    async def test_what_is_moderated_counts_and_stays(self, officer: Officer, database: Database) -> None:
        round_id = await officer.circulated(size=1)
        (audit,) = (await officer.round(round_id))["audits"]
        await rows(database, "update audit set state = 'moderated', submitted_at = now(), moderated_on = current_date")
        answer = await officer.post(f"/audits/{audit['audit_id']}/withdrawal", {"reason": "case-moved"})
        assert slug(answer) == "not-withdrawable"
        assert (await officer.post(f"/audits/{audit['audit_id']}/withdrawal", {"reason": "boredom"})).status_code == 422
        assert (await officer.post(f"/audits/{uuid4()}/withdrawal", {"reason": "case-moved"})).status_code == 404


class TestProgressAndClose:
    async def test_it_is_counted_by_team_and_what_is_late_is_seen(
        self, app: FastAPI, officer: Officer, database: Database
    ) -> None:
        stop_clock(app, date(2026, 11, 10))
        round_id = await officer.circulated(size=3)
        await rows(
            database,
            """
            with moderated as (select id from audit where reference = 'SN-2026-11-001')
            update audit set state = 'moderated', submitted_at = now(), moderated_on = '2026-11-10'
             where id in (select id from moderated)
            """,
        )
        await rows(database, "update audit set submit_by = '2026-11-09' where reference = 'SN-2026-11-002'")
        progress = (await officer.round(round_id))["progress"]
        assert len(progress) == 3
        total = {
            name: sum(each[name] for each in progress) for name in ("allocated", "submitted", "moderated", "reviewed", "late")
        }
        assert total == {"allocated": 3, "submitted": 1, "moderated": 1, "reviewed": 0, "late": 1}

    async def test_it_is_closed_when_nobody_is_at_work_any_more(self, officer: Officer, database: Database) -> None:
        round_id = await officer.circulated(size=2)
        answer = await officer.post(f"/rounds/{round_id}/closure")
        assert (slug(answer), answer.json()["running"]) == ("still-at-work", 2)
        await rows(database, "update audit set state = 'moderated', submitted_at = now(), moderated_on = current_date")
        for _ in range(2):
            assert (await officer.done(f"/rounds/{round_id}/closure"))["state"] == "closed"
        assert slug(await officer.post(f"/rounds/{round_id}/allocation")) == "wrong-state"


class TestAreasAndOrganisations:
    async def test_a_round_of_other_areas_or_organisations_is_not_found(self, officer: Officer, call_as: Call) -> None:
        round_id = await officer.circulated(size=1)
        (audit,) = (await officer.round(round_id))["audits"]
        for identity in (replace(OFFICER, areas=frozenset({"safeguarding"})), replace(OFFICER, org="telford-wrekin")):
            async with call_as(identity) as browser:
                other = Officer(browser)
                assert (await browser.get("/audit/v1/rounds")).json()["items"] == []
                assert (await browser.get(f"/audit/v1/rounds/{round_id}")).status_code == 404
                assert (await browser.get(f"/audit/v1/rounds/{round_id}/cases")).status_code == 404
                assert (await other.post(f"/rounds/{round_id}/closure")).status_code == 404
                body = {"part": "peer", "person": "sam-okafor", "reason": "absent"}
                assert (await other.post(f"/audits/{audit['audit_id']}/reallocation", body)).status_code == 404
                withdrawal = {"reason": "case-moved"}
                assert (await other.post(f"/audits/{audit['audit_id']}/withdrawal", withdrawal)).status_code == 404

    async def test_rounds_are_listed_newest_first_a_page_at_a_time(self, officer: Officer) -> None:
        for period in ("2026-09", "2026-11", "2026-10"):
            await officer.begin(period)
        codes, after = [], None
        while True:
            query = {"limit": 2} | ({"after": after} if after else {})
            body = (await officer.client.get("/audit/v1/rounds", params=query)).json()
            codes += [each["code"] for each in body["items"]]
            if (after := body["next"]) is None:
                break
        assert codes == ["2026-11", "2026-10", "2026-09"]

    @pytest.mark.parametrize("after", ["x", "WzFd", "WyJhIiwgImIiXQ"])
    async def test_a_cursor_of_somebody_elses_is_malformed(self, officer: Officer, after: str) -> None:
        round_id = await officer.begin()
        assert (await officer.client.get("/audit/v1/rounds", params={"after": after})).status_code == 422
        assert (await officer.client.get(f"/audit/v1/rounds/{round_id}/cases", params={"after": after})).status_code == 422
