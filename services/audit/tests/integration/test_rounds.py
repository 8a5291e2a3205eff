"""Programmes and rounds over the API: begun, loaded, drawn, allocated, circulated, corrected, closed."""

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
from services.audit.tests.conftest import Call, posted, rows, stop_clock
from services.audit.tests.rounds import OFFICER, Officer, cases

from chassis.testing.fixtures import Database, ServiceClient, caller


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


class TestProgrammes:
    async def test_they_are_those_of_the_profile_with_the_next_period(self, officer: Officer) -> None:
        found = (await officer.client.get("/audit/v1/programmes")).json()["items"]
        assert [each["code"] for each in found][:2] == ["social-care", "fostering"]
        send = next(each for each in found if each["code"] == "send-new-ehcp")
        assert send["timetable"]["reviewed_by"] == "peer"
        assert len(send["next_period"]) == len("2026-11")

    async def test_somebody_limited_to_areas_sees_the_programmes_within_them(
        self, client: ServiceClient, call_as: Call
    ) -> None:
        async with call_as(replace(OFFICER, areas=frozenset({"send"}))) as limited:
            found = (await limited.get("/audit/v1/programmes")).json()["items"]
            assert [each["code"] for each in found] == ["send-new-ehcp", "send-annual-review"]
            answer = await Officer(limited).post("/programmes/social-care/rounds", {"period": "2026-11"})
            assert answer.status_code == 404


class TestBegin:
    async def test_a_round_has_the_days_of_its_period_and_keeps_the_rules(self, officer: Officer) -> None:
        begun = await officer.done("/programmes/send-new-ehcp/rounds", {"period": "2026-11"})
        assert begun["circulate_on"] == "2026-11-01"
        assert begun["submit_by"] == "2026-11-30"
        assert begun["moderate_by"] == "2026-12-07"
        assert begun["size"] == begun["sample"]["size"] == 5
        assert begun["timetable"]["review_counts_from"] == "completion"
        assert begun["state"] == "preparing"

    async def test_begun_twice_or_by_two_at_once_it_is_one(self, officer: Officer, database: Database) -> None:
        body = {"period": "2026-11", "size": 4}
        answers = await asyncio.gather(*(officer.post("/programmes/send-new-ehcp/rounds", body) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
        assert len({answer.json()["round_id"] for answer in answers}) == 1
        again = await officer.post("/programmes/send-new-ehcp/rounds", {"period": "2026-11", "size": 5})
        assert (again.status_code, slug(again)) == (409, "round-exists")
        assert len(await rows(database, "select from round")) == 1

    @pytest.mark.parametrize(
        ("programme", "period", "status"),
        [
            ("send-new-ehcp", "2026-13", 422),
            ("send-new-ehcp", "2026-27-q1", 422),
            ("fostering", "2026-11", 422),
            ("send-new-ehcp", "2031-01", 422),
            ("nothing", "2026-11", 404),
        ],
    )
    async def test_a_period_must_be_one_of_the_programme(
        self, officer: Officer, programme: str, period: str, status: int
    ) -> None:
        assert (await officer.post(f"/programmes/{programme}/rounds", {"period": period})).status_code == status

    async def test_a_key_sent_again_is_answered_with_what_was_begun(self, officer: Officer) -> None:
        first = await officer.post("/programmes/fostering/rounds", {"period": "2026-27-q3"}, headers={"Idempotency-Key": "k"})
        again = await officer.post("/programmes/fostering/rounds", {"period": "2026-27-q3"}, headers={"Idempotency-Key": "k"})
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()


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


class TestOwnRound:
    async def test_a_targeted_audit_is_begun_and_repeated_without_a_programme(self, officer: Officer) -> None:
        first = await officer.done("/rounds", targeted())
        assert (first["programme"], first["kind"], first["moderate_by"]) == (None, "targeted", "2026-12-04")
        assert (await officer.done("/rounds", targeted()))["round_id"] == first["round_id"]
        second = await officer.done("/rounds", targeted(code="neglect-2027", repeats=first["round_id"]))
        assert second["repeats"] == first["round_id"]
        other = await officer.post("/rounds", targeted(title="Something else"))
        assert slug(other) == "round-exists"

    async def test_what_is_wrong_is_said_at_its_place(self, officer: Officer) -> None:
        wrong = targeted(
            code="sc-2026-11", tool="moon", service_areas=["send", "moon"], auditors_from=["moon"], period_to="2026-03-31",
            submit_by="2026-11-01",
        )  # fmt: skip
        answer = await officer.post("/rounds", wrong)
        assert pointers(answer) == [
            "/tool",
            "/service_areas/1",
            "/auditors_from/0",
            "/code",
            "/period_to",
            "/submit_by",
        ]
        assert (await officer.post("/rounds", targeted(repeats=str(uuid4())))).status_code == 404

    async def test_its_audits_are_of_its_own_code_and_are_not_reviewed(self, officer: Officer) -> None:
        await officer.staff()
        round_id = (await officer.done("/rounds", targeted()))["round_id"]
        await officer.done(f"/rounds/{round_id}/cases", {"cases": cases(6)})
        await officer.done(f"/rounds/{round_id}/draw", {})
        await officer.done(f"/rounds/{round_id}/allocation")
        audits = (await officer.round(round_id))["audits"]
        assert [each["reference"] for each in audits] == ["NEGLECT-2026-001", "NEGLECT-2026-002", "NEGLECT-2026-003"]
        assert all(set(each["parts"]) == {"single"} and each["reviewer"] is None for each in audits)
        assert all(each["moderate_by"] is None for each in audits)


class TestLoadCases:
    async def test_a_list_is_put_together_and_the_same_again_changes_nothing(self, officer: Officer) -> None:
        path = f"/rounds/{await officer.begin()}/cases"
        first = await officer.done(path, {"cases": cases(6)})
        assert first == {"added": 6, "changed": 0, "unchanged": 0, "removed": 0, "listed": 6}
        again = await officer.done(path, {"cases": [*cases(5), cases(7)[6], cases(6)[5] | {"worker": "somebody"}]})
        assert again == {"added": 1, "changed": 1, "unchanged": 5, "removed": 0, "listed": 7}
        fewer = await officer.done(path, {"cases": cases(3), "replace": True})
        assert fewer == {"added": 0, "changed": 0, "unchanged": 3, "removed": 4, "listed": 3}

    async def test_a_case_management_system_may_load_but_not_draw(self, officer: Officer, call_as: Call) -> None:
        round_id = await officer.begin()
        async with call_as(caller("audit:cases:write")) as machine:
            system = Officer(machine)
            await system.done(f"/rounds/{round_id}/cases", {"cases": cases()})
            assert (await system.post(f"/rounds/{round_id}/draw", {})).status_code == 403
            assert (await machine.get("/audit/v1/rounds")).json()["items"][0]["round_id"] == round_id

    async def test_all_of_a_list_is_taken_or_none(self, officer: Officer) -> None:
        round_id = await officer.begin()
        wrong = [
            *cases(2),
            cases(1)[0],
            {"case_reference": "X", "service_area": "fostering-and-kinship"},
            {"case_reference": "a\0b"},
        ]
        answer = await officer.post(f"/rounds/{round_id}/cases", {"cases": wrong})
        assert pointers(answer) == ["/cases/2/case_reference", "/cases/3/service_area", "/cases/4/case_reference"]
        assert "EHC" not in answer.text
        assert (await officer.round(round_id))["cases"] == {}

    @pytest.mark.parametrize("case", [{}, {"case_reference": " "}, {"case_reference": "x", "practice_on": "14/6/2026"}, "x"])
    async def test_what_has_not_the_form_is_malformed(self, officer: Officer, case: Any) -> None:
        answer = await officer.post(f"/rounds/{await officer.begin()}/cases", {"cases": [case]})
        assert answer.status_code == 422

    async def test_where_there_are_several_areas_each_case_names_its_own(self, officer: Officer) -> None:
        path = f"/rounds/{await officer.begin(programme='social-care')}/cases"
        answer = await officer.post(path, {"cases": [{"case_reference": "X"}]})
        assert pointers(answer) == ["/cases/0/service_area"]
        assert (await officer.done(path, {"cases": [{"case_reference": "X", "service_area": "safeguarding"}]}))["added"] == 1

    async def test_a_number_is_sealed_and_known_again_by_its_pseudonym(self, officer: Officer, database: Database) -> None:
        await officer.done(f"/rounds/{await officer.begin()}/cases", {"cases": cases(1)})
        (row,) = await rows(database, "select case_key, case_sealed, round_case::text as all from round_case")
        assert "EHC" not in row["all"]
        assert b"EHC" not in bytes(row["case_sealed"])
        assert len(row["case_key"]) == 32

    async def test_five_thousand_are_taken_and_no_more(self, officer: Officer) -> None:
        path = f"/rounds/{await officer.begin()}/cases"
        assert (await officer.post(path, {"cases": cases(5001)})).status_code == 422
        assert (await officer.done(path, {"cases": cases(5000)}))["listed"] == 5000
        more = await officer.post(path, {"cases": cases(5001)[5000:]})
        assert slug(more) == "too-many-cases"

    async def test_once_drawn_the_list_is_fixed(self, officer: Officer) -> None:
        round_id = await officer.drawn()
        answer = await officer.post(f"/rounds/{round_id}/cases", {"cases": cases(1)})
        assert (answer.status_code, slug(answer)) == (409, "wrong-state")


class TestDraw:
    async def test_every_case_has_its_standing_and_its_reason(self, officer: Officer) -> None:
        odd = [
            {"case_reference": "old", "team": "send-north", "practice_on": "2026-04-30"},
            {"case_reference": "no-day", "team": "send-north"},
            {"case_reference": "elsewhere", "team": "social-work-7", "practice_on": "2026-09-01"},
            {"case_reference": "no-team", "practice_on": "2026-09-01"},
        ]
        round_id = await officer.drawn(*cases(9), *odd, size=4)
        listed = await officer.listed(round_id)
        assert Counter(each["standing"] for each in listed) == {"picked": 4, "spare": 5, "excluded": 4}
        reasons = {each["case_reference"]: each["reason"] for each in listed}
        assert reasons["old"] == {
            "code": "outside-practice",
            "figures": {"on": "2026-04-30", "first": "2026-05-01", "last": "2026-10-31"},
        }
        assert reasons["no-day"]["code"] == "no-practice-day"
        assert reasons["elsewhere"] == {"code": "unknown-team", "figures": {"team": "social-work-7"}}
        assert reasons["no-team"]["code"] == "no-team"
        picked = Counter(each["team"] for each in listed if each["standing"] == "picked")
        assert sorted(picked.values()) == [1, 1, 2]

    async def test_the_same_seed_draws_the_same_and_the_seed_is_kept(self, officer: Officer) -> None:
        drawn = []
        for _ in range(2):
            round_id = await officer.drawn(seed=42)
            drawn.append([each["case_reference"] for each in await officer.listed(round_id, standing="picked")])
            assert (await officer.round(round_id))["seed"] == 42
            answer = await officer.client.delete(f"/audit/v1/rounds/{round_id}/draw", headers={"Idempotency-Key": str(uuid4())})
            assert answer.json()["state"] == "preparing"
        assert drawn[0] == drawn[1]

    async def test_without_a_seed_one_is_made_up(self, officer: Officer) -> None:
        round_id = await officer.begin()
        await officer.done(f"/rounds/{round_id}/cases", {"cases": cases()})
        assert (await officer.done(f"/rounds/{round_id}/draw", {}))["seed"] > 0

    async def test_two_officers_at_once_draw_it_once(self, officer: Officer, database: Database) -> None:
        round_id = await officer.begin()
        await officer.done(f"/rounds/{round_id}/cases", {"cases": cases()})
        answers = await asyncio.gather(*(officer.post(f"/rounds/{round_id}/draw", {"seed": seed}) for seed in range(5)))
        assert len({(answer.status_code, answer.json()["seed"]) for answer in answers}) == 1
        assert len(await rows(database, "select from round_step where step = 'drawn'")) == 1

    async def test_nothing_to_draw_says_so(self, officer: Officer) -> None:
        round_id = await officer.begin()
        assert slug(await officer.post(f"/rounds/{round_id}/draw", {})) == "empty-list"
        await officer.done(f"/rounds/{round_id}/cases", {"cases": cases(3, practice_on="2020-01-01")})
        answer = await officer.post(f"/rounds/{round_id}/draw", {})
        assert slug(answer) == "nothing-eligible"
        assert answer.json()["excluded"] == {"outside-practice": 3}

    async def test_a_case_audited_lately_is_left_out_wherever_that_was(
        self, app: FastAPI, officer: Officer, client: ServiceClient
    ) -> None:
        stop_clock(app, date(2026, 11, 10))
        # Elsewhere: posted by another system, by the case's own number.
        outcome = posted(service_area="send", tool="send-new-ehcp", case_reference="EHC-00000", sections=[])
        outcome |= dict.fromkeys(("allocated_on", "submitted_on", "moderated_on", "completed_on"), "2026-03-02")
        answer = await client.post("/audit/v1/outcomes", json=outcome, headers={"Idempotency-Key": "o"})
        assert answer.status_code == 201, answer.text
        # In a round that is drawn; in one that is circulated.
        await officer.staff()
        await officer.drawn(cases()[3], size=1, programme="send-annual-review", period="2026-10")
        await officer.circulated(size=2, programme="send-annual-review", period="2026-11")
        taken = {each["case_reference"] for each in await officer.listed(await self.last(officer), standing="picked")}
        listed = await officer.listed(await officer.drawn())
        lately = {each["case_reference"]: each["reason"]["figures"]["on"] for each in listed if each["standing"] == "excluded"}
        assert lately == {"EHC-00000": "2026-03-02", "EHC-00003": "2026-10-01"} | dict.fromkeys(taken, "2026-11-10")

    async def last(self, officer: Officer) -> str:
        return str((await officer.client.get("/audit/v1/rounds?programme=send-annual-review")).json()["items"][0]["round_id"])

    async def test_who_only_reads_sees_no_case_number(self, officer: Officer, call_as: Call) -> None:
        round_id = await officer.drawn()
        async with call_as(caller("role:senior-reader")) as reader:
            answer = await reader.get(f"/audit/v1/rounds/{round_id}/cases")
            assert {each["case_reference"] for each in answer.json()["items"]} == {None}
            assert "EHC" not in answer.text

    async def test_a_list_is_paged_in_the_order_of_the_draw(self, officer: Officer) -> None:
        round_id = await officer.drawn(*cases(9), *cases(12, practice_on=None)[9:])
        whole, after = [], None
        while True:
            query = {"limit": 5} | ({"after": after} if after else {})
            body = (await officer.client.get(f"/audit/v1/rounds/{round_id}/cases", params=query)).json()
            whole += body["items"]
            if (after := body["next"]) is None:
                break
        assert [each["place"] for each in whole] == [*range(1, 10), None, None, None]
        assert whole == await officer.listed(round_id)
