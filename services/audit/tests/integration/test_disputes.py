"""Disputes over the API: raised, answered, escalated, resolved, corrected, by one and by two at once."""

import asyncio
import json
from typing import Any

from services.audit.tests.conftest import Call, profile_document, rows
from services.audit.tests.disputes import CASE, Caller, raising, staffed, system

from chassis.testing.fixtures import Database, caller

__all__ = ["staffed", "system"]

ANSWER = {"answered_on": "2026-11-19", "answer": "The application goes in this week."}
ESCALATION = {"escalated_on": "2026-11-20", "reason": "It was promised before.", "person": "robin-hughes"}
RESOLUTION = {"resolved_on": "2026-11-24", "outcome": "agreed-and-done", "changed": "The order was applied for."}


async def events(database: Database) -> list[tuple[str, dict[str, Any]]]:
    found = await rows(database, "select subject, data::text as data from outbox order by position")
    return [(row["subject"].removeprefix("loop.audit.v1."), json.loads(row["data"])) for row in found]


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


class TestRaise:
    async def test_it_gets_a_number_and_a_clock(self, system: Caller) -> None:
        made = await system.made("disputes", raising())
        assert made["reference"] == "DRP-2026-001"
        assert (made["phase"], made["stage"], made["revision"]) == ("waiting", "team-manager", 1)
        assert made["clock"]["words"] == "Today is day 7 of 5, 2 working days over"
        assert made["clock"]["due_on"] == "2026-11-23"

    async def test_numbers_follow_one_another_within_the_year_of_the_raising(self, system: Caller) -> None:
        bodies = [raising(), raising(raised_on="2025-03-03"), raising()]
        made = [(await system.made("disputes", body))["reference"] for body in bodies]
        assert made == ["DRP-2026-001", "DRP-2025-001", "DRP-2026-002"]

    async def test_ten_at_once_get_ten_numbers(self, system: Caller) -> None:
        made = await asyncio.gather(*(system.made("disputes", raising()) for _ in range(10)))
        assert sorted(each["reference"] for each in made) == [f"DRP-2026-{number:03}" for number in range(1, 11)]

    async def test_the_same_of_a_system_is_stored_once(self, system: Caller) -> None:
        body = raising(reference="ESC-4711")
        first, again = await system.post("disputes", body), await system.post("disputes", body)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        other = await system.post("disputes", raising(reference="ESC-4711", category="visits"))
        assert other.status_code == 409
        assert other.json()["type"].endswith("reference-taken")

    async def test_the_same_sent_twice_at_once_is_stored_once(self, system: Caller, database: Database) -> None:
        body = raising(reference="ESC-4711")
        answers = await asyncio.gather(*(system.post("disputes", body) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
        assert [row["number"] for row in await rows(database, "select count(*) as number from dispute")] == [1]

    async def test_a_key_sent_again_gets_the_first_answer(self, system: Caller) -> None:
        first = await system.post("disputes", raising(), Idempotency_Key="k")
        again = await system.post("disputes", raising(), Idempotency_Key="k")
        assert again.json() == first.json()
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.headers["ETag"] == '"1"'

    async def test_what_cannot_be_is_refused_with_its_place(self, system: Caller, database: Database) -> None:
        for changes, pointer in (
            ({"category": "weather"}, "/category"),
            ({"raised_by": "mayor"}, "/raised_by"),
            ({"service_area": "moon", "team": None, "role": "x"}, "/service_area"),
            ({"service_area": "safeguarding"}, "/team"),
            ({"raised_person": "nobody"}, "/raised_person"),
            ({"person": "pat-gone"}, "/person"),
            ({"person": "lee-walsh"}, "/person"),
            ({"team": None}, "/person"),
            ({"raised_on": "2026-11-26"}, "/raised_on"),
            ({"informal_on": "2026-11-17", "informal": "A talk."}, "/informal_on"),
            ({"informal": "A talk."}, "/informal_on"),
            ({"concern": " "}, "/concern"),
            ({"concern": "a\0b"}, "/concern"),
            ({"case_number": ""}, "/case_number"),
            ({"surname": "Smith"}, "/surname"),
        ):
            answer = await system.post("disputes", raising(**changes))
            assert pointers(answer) == [pointer]
            assert "Smith" not in answer.text
        assert await rows(database, "select 1 from dispute") == []
        assert await events(database) == []

    async def test_a_profile_without_the_process_says_so(self, system: Caller, call_as: Call) -> None:
        document = profile_document("worcestershire") | {"version": "without"}
        document["audit"] = {name: part for name, part in document["audit"].items() if name != "disputes"}
        async with call_as(caller("operator")) as operator:
            assert (await operator.put("/audit/v1/profile", json=document)).status_code == 200
        answer = await system.post("disputes", raising())
        assert answer.json()["type"].endswith("no-dispute-process")


class TestSteps:
    async def test_a_dispute_goes_up_and_ends(self, system: Caller) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/answer", ANSWER)
        escalated = await system.made(f"disputes/{ident}/escalation", ESCALATION)
        assert (escalated["stage"], escalated["number"], escalated["clock"]["due_on"]) == ("group-manager", 2, "2026-11-27")
        answer = {"answered_on": "2026-11-23", "answer": "Agreed.", "answered_by": "assistant-director"}
        await system.made(f"disputes/{ident}/answer", answer)
        await system.made(f"disputes/{ident}/resolution", RESOLUTION)
        read = await system.read(f"disputes/{ident}")
        assert (read["phase"], read["open"], read["revision"]) == ("resolved", False, 5)
        first, second = read["stages"]
        assert (first["answered_by"], first["clock"]["words"]) == ("team-manager", "Answered on day 3 of 5")
        assert (second["answered_by"], second["person"]) == ("assistant-director", "robin-hughes")
        assert (second["outcome"], second["changed"]) == ("agreed-and-done", "The order was applied for.")
        assert read["whole"]["words"] == "Ended on day 6 of 20"
        assert read["case_number"] == CASE

    async def test_what_ended_is_opened_again(self, system: Caller) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/withdrawal", {"withdrawn_on": "2026-11-18", "reason": "A mistake."})
        body = {"reopened_on": "2026-11-20", "reason": "It was none.", "stage": "director", "role": "The director"}
        again = await system.made(f"disputes/{ident}/reopening", body)
        assert (again["phase"], again["stage"], again["number"]) == ("waiting", "director", 2)

    async def test_what_is_not_legal_is_refused_and_changes_nothing(self, system: Caller) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/answer", ANSWER)
        for step, body, slug in (
            ("answer", ANSWER, "step-not-possible"),
            ("resolution", RESOLUTION | {"outcome": "peace"}, "unknown-codes"),
            ("resolution", RESOLUTION | {"informal": True}, "was-answered"),
            ("reopening", {"reopened_on": "2026-11-24", "reason": "x", "role": "x"}, "step-not-possible"),
            ("escalation", ESCALATION | {"escalated_on": "2026-11-18"}, "dates-out-of-order"),
            ("escalation", ESCALATION | {"person": "lee-walsh"}, "answers-own-concern"),
            ("escalation", ESCALATION | {"person": "ghost"}, "unknown-person"),
            ("escalation", ESCALATION | {"person": None}, "nobody-to-answer"),
            ("escalation", ESCALATION | {"stage": "team-manager"}, "unknown-codes"),
            ("withdrawal", {"withdrawn_on": "2026-11-26", "reason": "x"}, "date-in-the-future"),
        ):
            answer = await system.post(f"disputes/{ident}/{step}", body)
            assert answer.status_code in {409, 422}, answer.text
            assert answer.json()["type"].endswith(f":{slug}")
        assert (await system.read(f"disputes/{ident}"))["revision"] == 2


class TestCorrection:
    async def test_another_day_counts_the_clock_anew_and_keeps_what_it_was(self, system: Caller) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/answer", ANSWER)
        corrected = await system.made(f"disputes/{ident}/correction", {"raised_on": "2026-11-12"})
        assert corrected["clock"]["words"] == "Answered on day 5 of 5"
        read = await system.read(f"disputes/{ident}")
        assert read["stages"][0]["reached_on"] == "2026-11-12"
        changes = {each["fact"]: (each["was"], each["became"]) for each in read["changes"] if each["revision"] == 3}
        assert changes == {
            "raised_on": ("2026-11-16", "2026-11-12"),
            "reached_on": ("2026-11-16", "2026-11-12"),
            "due_on": ("2026-11-23", "2026-11-19"),
        }
        assert {each["changed_by"] for each in read["changes"]} == {"client:test"}

    async def test_what_is_the_same_changes_nothing(self, system: Caller) -> None:
        ident = await system.raised()
        answer = await system.post(f"disputes/{ident}/correction", {"category": "drift-and-delay"})
        assert answer.status_code == 200
        assert answer.headers["ETag"] == '"1"'

    async def test_words_are_kept_sealed_as_they_were(self, system: Caller, database: Database) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/correction", {"concern": "Other words."})
        kept = await rows(database, "select was, became, was_sealed from dispute_change where revision = 2")
        assert [(row["was"], row["became"], row["was_sealed"] is not None) for row in kept] == [(None, None, True)]
        assert "placement order" not in (await system.client.get(f"/audit/v1/disputes/{ident}")).text

    async def test_it_reaches_stages_and_the_ending(self, system: Caller) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/answer", ANSWER)
        await system.made(f"disputes/{ident}/resolution", RESOLUTION)
        body = {
            "stages": {"1": {"answered_on": "2026-11-18", "answered_by": "group-manager", "person": "robin-hughes"}},
            "ending": {"outcome": "explained", "words": "Nothing had to change."},
            "team": None,
        }
        await system.made(f"disputes/{ident}/correction", body)
        read = await system.read(f"disputes/{ident}")
        (stage,) = read["stages"]
        assert (stage["answered_on"], stage["answered_by"], stage["person"]) == ("2026-11-18", "group-manager", "robin-hughes")
        assert (stage["outcome"], stage["changed"], stage["to_team"]) == ("explained", "Nothing had to change.", False)
        assert read["team"] is None

    async def test_what_cannot_be_is_refused_with_its_place(self, system: Caller) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/answer", ANSWER)
        refused: list[tuple[Any, str]] = [
            ({"raised_on": "2026-11-20"}, "/stages/1/answered_on"),
            ({"stages": {"1": {"answered_on": "2026-11-10"}}}, "/stages/1/answered_on"),
            ({"stages": {"2": {"reason": "x"}}}, "/stages"),
            ({"stages": {"first": {"reason": "x"}}}, "/stages/first/[key]"),
            ({"category": "weather"}, "/category"),
            ({"service_area": "safeguarding"}, "/team"),
            ({"stages": {"1": {"answered_by": "mayor"}}}, "/stages/1/answered_by"),
            ({"stages": {"1": {"person": "lee-walsh"}}}, "/stages/1/person"),
        ]
        for body, pointer in refused:
            assert pointers(await system.post(f"disputes/{ident}/correction", body)) == [pointer]

    async def test_what_is_not_there_cannot_be_corrected(self, system: Caller) -> None:
        ident = await system.raised()
        for body in ({"ending": {"outcome": "explained"}}, {"stages": {"1": {"answer": "x"}}}):
            answer = await system.post(f"disputes/{ident}/correction", body)
            assert answer.status_code == 409
            assert answer.json()["type"].endswith("nothing-recorded")


class TestTwoAtOnce:
    async def test_who_read_an_older_revision_is_told_what_changed(self, system: Caller) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/answer", ANSWER, If_Match='"1"')
        late = await system.post(f"disputes/{ident}/withdrawal", {"withdrawn_on": "2026-11-20", "reason": "x"}, If_Match='"1"')
        assert late.status_code == 412
        problem = late.json()
        assert problem["etag"] == '"2"'
        changes = {each["fact"]: (each["was"], each["became"]) for each in problem["changes"]}
        assert changes["answered_on"] == (None, "2026-11-19")
        assert "this week" not in late.text
        assert (await system.read(f"disputes/{ident}"))["phase"] == "answered"

    async def test_only_the_tag_that_was_read_fits(self, system: Caller) -> None:
        for tag, status in (('"7"', 412), ("W/x", 412), ('"1" ', 201), ("*", 201)):
            ident = await system.raised()
            assert (await system.post(f"disputes/{ident}/answer", ANSWER, If_Match=tag)).status_code == status

    async def test_of_two_who_take_the_same_step_one_wins_and_nothing_happens_twice(
        self, system: Caller, database: Database
    ) -> None:
        ident = await system.raised()
        answers = await asyncio.gather(*(system.post(f"disputes/{ident}/answer", ANSWER) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
        told = [data for subject, data in await events(database) if subject == "dispute_stage_reached"]
        assert [each["answered_on"] for each in told] == [None, "2026-11-19"]

    async def test_of_two_who_go_different_ways_one_wins(self, system: Caller) -> None:
        for _ in range(4):
            ident = await system.raised()
            ways = await asyncio.gather(
                system.post(f"disputes/{ident}/escalation", ESCALATION, If_Match='"1"'),
                system.post(f"disputes/{ident}/withdrawal", {"withdrawn_on": "2026-11-20", "reason": "x"}, If_Match='"1"'),
            )
            assert sorted(answer.status_code for answer in ways) == [201, 412]
            assert (await system.read(f"disputes/{ident}"))["revision"] == 2


class TestEvents:
    async def test_they_tell_codes_days_and_the_case_as_a_pseudonym(self, system: Caller, database: Database) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/escalation", ESCALATION)
        await system.made(f"disputes/{ident}/resolution", RESOLUTION | {"informal": True})
        told = await events(database)
        assert [subject for subject, _ in told] == [
            "dispute_raised",
            "dispute_stage_reached",
            "dispute_stage_reached",
            "dispute_stage_reached",
            "dispute_stage_reached",
            "dispute_resolved",
        ]
        assert told[0][1]["answer_due_on"] == "2026-11-23"
        assert len(told[0][1]["case_key"]) == 32
        left = told[2][1]
        assert (left["number"], left["left_on"], left["working_days"]) == (1, "2026-11-20", 4)
        reached = told[3][1]
        assert (reached["number"], reached["stage"], reached["limit"]) == (2, "group-manager", 5)
        assert (told[5][1]["result"], told[5][1]["informal"]) == ("resolved", True)
        for secret in (CASE, "placement", "promised", "applied for", "Walsh", "lee-walsh", "robin-hughes"):
            assert secret not in str(told)

    async def test_the_same_case_is_known_again(self, system: Caller, database: Database) -> None:
        await system.raised()
        await system.raised(case_number=f" {CASE} ")
        keys = {data["case_key"] for subject, data in await events(database) if subject == "dispute_raised"}
        assert len(keys) == 1

    async def test_a_reopening_takes_the_ending_back(self, system: Caller, database: Database) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/withdrawal", {"withdrawn_on": "2026-11-18", "reason": "A mistake."})
        await system.made(f"disputes/{ident}/reopening", {"reopened_on": "2026-11-20", "reason": "x", "role": "x"})
        told = await events(database)
        assert [subject for subject, _ in told[-2:]] == ["dispute_reopened", "dispute_stage_reached"]
        assert told[-1][1]["number"] == 2

    async def test_a_correction_of_a_day_is_told_and_one_of_words_is_not(self, system: Caller, database: Database) -> None:
        ident = await system.raised()
        before = len(await events(database))
        await system.made(f"disputes/{ident}/correction", {"concern": "Other words."})
        assert len(await events(database)) == before
        await system.made(f"disputes/{ident}/correction", {"raised_on": "2026-11-13"})
        told = (await events(database))[before:]
        assert [(subject, data["answer_due_on"]) for subject, data in told] == [
            ("dispute_raised", "2026-11-20"),
            ("dispute_stage_reached", "2026-11-20"),
        ]
