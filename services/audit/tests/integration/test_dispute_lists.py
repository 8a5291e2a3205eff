"""Disputes in lists and in counts, and who sees which."""

import json
from typing import Any

from services.audit.tests.conftest import Call, rows
from services.audit.tests.disputes import READER, Caller, manager, raising, staffed, system

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


class TestList:
    async def test_overdue_ones_come_first_then_those_to_be_decided_then_the_last_ended(self, system: Caller) -> None:
        fresh = await system.raised(raised_on="2026-11-24")
        overdue = await system.raised()
        answered = await system.raised(raised_on="2026-11-17")
        await system.made(f"disputes/{answered}/answer", ANSWER)
        ended = []
        for day in ("2026-11-18", "2026-11-23"):
            ended.append(await system.raised())
            await system.made(f"disputes/{ended[-1]}/withdrawal", {"withdrawn_on": day, "reason": "x"})
        found = await system.read("disputes")
        assert [each["dispute_id"] for each in found["items"]] == [overdue, fresh, answered, ended[1], ended[0]]
        assert [each["clock"] and each["clock"]["state"] for each in found["items"]] == ["overdue", "running", None, None, None]

    async def test_it_is_narrowed(self, system: Caller) -> None:
        ids = {
            "a": await system.raised(),
            "b": await system.raised(service_area="safeguarding", team=None, role="x", category="visits"),
            "c": await system.raised(raised_on="2026-11-19"),
            "d": await system.raised(),
        }
        await system.made(f"disputes/{ids['c']}/escalation", ESCALATION)
        await system.made(f"disputes/{ids['d']}/withdrawal", {"withdrawn_on": "2026-11-18", "reason": "x"})
        for query, expected in (
            ("service_area=safeguarding", {"b"}),
            ("category=visits", {"b"}),
            ("stage=group-manager", {"c"}),
            ("phase=waiting", {"a", "b", "c"}),
            ("state=open&overdue=true", {"a", "b"}),
            ("state=closed", {"d"}),
            ("phase=withdrawn", {"d"}),
        ):
            found = await system.read(f"disputes?{query}")
            assert {each["dispute_id"] for each in found["items"]} == {ids[name] for name in expected}, query

    async def test_pages_hold_every_dispute_once(self, system: Caller) -> None:
        made = [await system.raised(raised_on=f"2026-11-{9 + number % 5:02}") for number in range(13)]
        for ident in made[:5]:
            await system.made(f"disputes/{ident}/withdrawal", {"withdrawn_on": "2026-11-18", "reason": "x"})
        seen, following = [], "disputes?limit=4"
        while following:
            found = await system.read(following)
            seen += [each["dispute_id"] for each in found["items"]]
            following = f"disputes?limit=4&after={found['next']}" if found["next"] else ""
        assert sorted(seen) == sorted(made)

    async def test_no_query_breaks_it(self, system: Caller) -> None:
        for query in ("after=x", "after=WzEsMl0", "after=WyIxIiwiMiJd", "limit=0", "phase=lost", "x=1"):
            assert (await system.client.get(f"/audit/v1/disputes?{query}")).status_code == 422


class TestCounts:
    async def test_a_quarter_is_counted_by_what_is_reported(self, system: Caller) -> None:
        one = await system.raised()
        await system.made(f"disputes/{one}/answer", ANSWER)
        two = await system.raised(raised_by="cp-chair", category="visits")
        await system.made(f"disputes/{two}/escalation", ESCALATION)
        answer = {"answered_on": "2026-11-25", "answer": "x", "answered_by": "director"}
        await system.made(f"disputes/{two}/answer", answer)
        late = await system.raised(raised_on="2026-11-09")
        await system.made(f"disputes/{late}/answer", ANSWER)
        await system.raised(raised_on="2026-09-30")
        counts = await system.read("dispute-counts?quarter=2026-27-q3")
        assert counts["total"] == {"code": "total", "raised": 3, "open": 3, "resolved": 0, "withdrawn": 0}
        assert [(each["code"], each["raised"]) for each in counts["by_raised_by"]] == [("cp-chair", 1), ("iro", 2)]
        assert [(each["code"], each["raised"]) for each in counts["by_category"]] == [("drift-and-delay", 2), ("visits", 1)]
        group, team = counts["by_stage"]
        assert (group["code"], group["in_time"], group["median_days"]) == ("group-manager", 1, 3.0)
        assert (team["in_time"], team["late"], team["left"], team["median_days"], team["longest_days"]) == (1, 1, 1, 5.5, 8)
        assert [each["code"] for each in counts["by_answered_by"]] == ["director", "team-manager"]

    async def test_what_is_no_quarter_is_refused(self, system: Caller) -> None:
        for quarter in ("2026-q3", "2026-28-q3", "2026-27-q5", "", "x"):
            assert (await system.client.get(f"/audit/v1/dispute-counts?quarter={quarter}")).status_code == 422


class TestWho:
    async def test_a_reading_system_gets_records_without_words(self, system: Caller, call_as: Call) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/answer", ANSWER)
        async with call_as(READER) as reader:
            answer = await reader.get(f"/audit/v1/disputes/{ident}")
        assert answer.headers["Cache-Control"] == "no-store"
        read = answer.json()
        assert (read["concern"], read["case_number"], read["stages"][0]["answer"]) == (None, None, None)
        assert read["stages"][0]["answered_on"] == "2026-11-19"
        assert "placement" not in answer.text

    async def test_a_system_of_another_area_sees_and_records_nothing_here(self, system: Caller, call_as: Call) -> None:
        ident = await system.raised()
        other = caller("audit:disputes:write")
        limited = type(other)(other.org, other.subject, other.kind, other.grants, frozenset({"safeguarding"}))
        async with call_as(limited) as client:
            desk = Caller(client)
            assert (await client.get(f"/audit/v1/disputes/{ident}")).status_code == 404
            assert (await client.get("/audit/v1/disputes")).json()["items"] == []
            assert (await desk.post("disputes", raising())).status_code == 403
            assert (await desk.post(f"disputes/{ident}/answer", ANSWER)).status_code == 404
            assert (await desk.read("dispute-counts?quarter=2026-27-q3"))["total"]["raised"] == 0

    async def test_a_manager_sees_what_they_have_to_do_with(self, system: Caller, call_as: Call) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/escalation", ESCALATION)
        for who, sees in (
            ("lee-walsh", True),  # raised it
            ("dana-price", True),  # manages the team
            ("robin-hughes", True),  # was addressed
            ("chris-doyle", False),
            ("jo-bennett", False),
            ("stranger", False),
            ("pat-gone", False),  # managed the team, and has left
        ):
            async with call_as(manager(who)) as client:
                assert (await client.get(f"/audit/v1/disputes/{ident}")).status_code == (200 if sees else 404), who
                found = (await client.get("/audit/v1/disputes")).json()["items"]
                assert [each["dispute_id"] for each in found] == ([ident] if sees else []), who
