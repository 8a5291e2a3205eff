"""Agreement over the interface: what makes a pair, what narrows it, and who may see it."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from services.audit.tests.conftest import Call, posted
from services.audit.tests.moderated import moderated

from audit.adapters.agreement_reader import BY_SECTION_AND_AUDITOR, COUNTED, OWN_SOURCE, Filters, question
from audit.use_cases.finish_audit import SOURCE
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller

G, R, O, I = "good", "requires-improvement", "outstanding", "inadequate"  # noqa: E741 - short for grids of grades
JSON = "/audit/v1/agreement"


@pytest.fixture
async def officer(client: ServiceClient, call_as: Call) -> AsyncIterator[ServiceClient]:
    async with call_as(caller("role:qa-officer", subject="demo-alex-morgan")) as officer:
        yield officer


async def read(client: ServiceClient, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"{JSON}?{query}")
    assert answer.status_code == 200, answer.text
    tools: list[dict[str, Any]] = answer.json()["tools"]
    return tools


def compared(tool: dict[str, Any], comparison: str) -> dict[str, Any]:
    (found,) = [each for each in tool["comparisons"] if each["comparison"] == comparison]
    return dict(found)


def cells(figures: dict[str, Any]) -> dict[tuple[int, int], int]:
    rows = enumerate(figures["matrix"])
    return {(row, column): count for row, counts in rows for column, count in enumerate(counts) if count}


class TestPairs:
    async def test_lead_peer_and_moderator_are_compared_section_by_section(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            await write.looped({"plans": G, "assessments": O}, {"plans": R, "assessments": O}, {"plans": R, "assessments": G})
            await write.looped({"plans": G}, {"plans": G}, {"plans": I}, state="closed")
        (tool,) = await read(officer)
        assert (tool["tool"], tool["scale"], tool["grades"]) == ("social-care-case-file", "ofsted", [O, G, R, I])
        assert [each["comparison"] for each in tool["comparisons"]] == ["lead-peer", "lead-moderator", "peer-moderator"]
        assert cells(compared(tool, "lead-peer")["together"]) == {(1, 2): 1, (0, 0): 1, (1, 1): 1}
        assert cells(compared(tool, "lead-moderator")["together"]) == {(1, 2): 1, (0, 1): 1, (1, 3): 1}
        assert cells(compared(tool, "peer-moderator")["together"]) == {(2, 2): 1, (0, 1): 1, (1, 3): 1}
        sections = {each["section"]: each["figures"] for each in compared(tool, "lead-peer")["sections"]}
        assert list(sections) == ["assessments", "plans"]
        assert cells(sections["plans"]) == {(1, 2): 1, (1, 1): 1}
        assert sections["plans"]["exact"] == {
            "n": 1, "of": 2, "share": None, "low": None, "high": None, "reason": "too-few",
        }  # fmt: skip
        assert sections["plans"]["kappa"]["linear"]["reason"] == "too-few"

    async def test_from_thirty_pairs_on_there_are_coefficients(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            for number in range(30):
                lead, peer = (G, R) if number % 3 == 0 else ((R, R) if number % 3 == 1 else (G, G))
                await write.looped({"plans": lead}, {"plans": peer}, {"plans": peer})
        figures = compared((await read(officer))[0], "lead-peer")["together"]
        assert figures["pairs"] == 30
        assert figures["exact"]["share"] == pytest.approx(2 / 3)
        assert figures["exact"]["low"] < 2 / 3 < figures["exact"]["high"]
        assert figures["adjacent"]["share"] == 1
        assert figures["mean_difference"] == pytest.approx(1 / 3)
        assert set(figures["kappa"]) == {"linear", "quadratic"}
        assert set(figures["ac2"]) == {"linear", "quadratic", "ordinal"}
        for found in (*figures["kappa"].values(), *figures["ac2"].values()):
            assert found["low"] < found["value"] < found["high"]
            assert found["error"] > 0
        # Two of the four grades only, so the weights cancel out: (2/3 - 4/9) / (1 - 4/9).
        assert figures["kappa"]["linear"]["value"] == pytest.approx(0.4)

    async def test_an_auditor_counts_as_first_submitted_and_the_moderator_with_the_final_grade(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            changed = {("lead", "plans"): O, ("moderation", "plans"): I}
            await write.looped({"plans": G}, {"plans": G}, {"plans": G}, first=changed)
        (tool,) = await read(officer)
        assert cells(compared(tool, "lead-peer")["together"]) == {(0, 1): 1}
        assert cells(compared(tool, "lead-moderator")["together"]) == {(0, 1): 1}

    async def test_not_applicable_and_ungraded_make_no_pair_and_are_counted(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            await write.looped(
                {"plans": G, "assessments": "n/a", "voice-of-the-child": "n/a", "partnership-working": G},
                {"plans": G, "assessments": R, "voice-of-the-child": "n/a", "partnership-working": None},
                {"plans": G, "assessments": R, "voice-of-the-child": "n/a"},
            )
        (tool,) = await read(officer)
        found = compared(tool, "lead-peer")["together"]
        assert (found["pairs"], found["left_out"]) == (1, {"not-applicable": 2, "ungraded": 1})
        found = compared(tool, "peer-moderator")["together"]
        assert (found["pairs"], found["left_out"]) == (2, {"not-applicable": 1, "ungraded": 1})

    async def test_the_overall_grade_stands_by_itself(self, officer: ServiceClient, database: Database, keys: Keys) -> None:
        async with moderated(database, keys) as write:
            await write.looped({"plans": G, "overall": G}, {"plans": G, "overall": R}, {"plans": G, "overall": R})
        found = compared((await read(officer))[0], "lead-peer")
        assert cells(found["together"]) == {(1, 1): 1}
        assert [each["section"] for each in found["sections"]] == ["plans", "overall"]
        (tool,) = await read(officer, "section=overall")
        assert cells(compared(tool, "lead-peer")["together"]) == {(1, 2): 1}
        assert [cells(each["moderator"]) for each in tool["auditors"]] == [{(2, 2): 1}, {(1, 2): 1}]

    async def test_what_is_not_moderated_or_not_handed_in_does_not_count(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        grades = {"plans": G}
        async with moderated(database, keys) as write:
            for state in ("auditing", "submitted", "withdrawn"):
                await write.looped(grades, grades, grades, state=state)
            await write.looped(grades, grades, grades, states={"peer": "returned"})
        (tool,) = await read(officer)
        assert [each["comparison"] for each in tool["comparisons"]] == ["lead-moderator"]
        assert compared(tool, "lead-moderator")["together"]["pairs"] == 1

    async def test_an_audit_of_one_auditor_is_held_against_its_moderation(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            parts = {"single": ("lee-walsh", {"care-planning": G}), "moderation": ("dana-price", {"care-planning": R})}
            await write.audit(parts, tool="residential")
        (tool,) = await read(officer)
        assert cells(compared(tool, "single-moderator")["together"]) == {(1, 2): 1}
        assert tool["auditors"][0]["auditor"] == "lee-walsh"

    async def test_grades_of_another_scale_are_left_out(self, officer: ServiceClient, database: Database, keys: Keys) -> None:
        async with moderated(database, keys) as write:
            await write.looped({"plans": G}, {"plans": G}, {"plans": G})
            await write.looped({"plans": "green"}, {"plans": "red"}, {"plans": "red"}, scale="traffic-lights")
        found = compared((await read(officer))[0], "lead-peer")["together"]
        assert (found["pairs"], found["left_out"]) == (1, {"other-scale": 1})


class TestPostedOutcomes:
    async def test_lead_peer_and_final_grades_of_current_versions_count(
        self, client: ServiceClient, officer: ServiceClient
    ) -> None:
        sections = [{"section": "plans", "grade": R, "lead": G, "peer": R}, {"section": "assessments", "grade": G, "lead": G}]
        for body in (posted(), posted(version=2, sections=sections)):
            answer = await client.post("/audit/v1/outcomes", json=body, headers={"Idempotency-Key": str(body["version"])})
            assert answer.status_code == 201, answer.text
        (tool,) = await read(officer)
        assert cells(compared(tool, "lead-peer")["together"]) == {(1, 2): 1}
        assert compared(tool, "lead-peer")["together"]["left_out"] == {"ungraded": 1}
        assert cells(compared(tool, "lead-moderator")["together"]) == {(1, 2): 1, (1, 1): 1}
        assert cells(compared(tool, "peer-moderator")["together"]) == {(2, 2): 1}
        assert tool["auditors"] == []

    async def test_they_count_in_the_period_of_their_moderation(self, client: ServiceClient, officer: ServiceClient) -> None:
        late = posted(moderated_on="2022-07-05", completed_on="2022-07-06")
        await client.post("/audit/v1/outcomes", json=late, headers={"Idempotency-Key": "k"})
        assert await read(officer, "moderated_from=2022-07-05&moderated_to=2022-07-05")
        assert await read(officer, "moderated_from=2022-07-06") == []

    async def test_the_outcome_of_an_audit_that_was_done_here_is_not_counted_twice(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        assert OWN_SOURCE == SOURCE
        content = '{"sections": [{"section": "plans", "grade": "good", "lead": "good", "peer": "good"}], "activity": {}}'
        async with moderated(database, keys) as write:
            ident = await write.looped({"plans": G}, {"plans": R}, {"plans": R})
            await write.connection.execute(
                "insert into outcome (org, id, source, reference, version, digest, kind, tool, service_area, completed_on) "
                "values ($1, $2, $3, 'SC-1', 1, sha256(''), 'looped', 'social-care-case-file', 'safeguarding', '2026-11-10')",
                *("worcestershire", ident, SOURCE),
            )
            await write.connection.execute(
                "insert into outcome_version "
                "(org, outcome_id, version, digest, service_area, tool_version, scale, content, posted_by) "
                "values ('worcestershire', $1, 1, sha256(''), 'safeguarding', 1, 'ofsted', $2, 'x')",
                *(ident, content),
            )
        assert cells(compared((await read(officer))[0], "lead-peer")["together"]) == {(1, 2): 1}


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "pairs"),
        [
            ("", 4),
            ("tool=social-care-case-file", 3),
            ("service_area=send", 1),
            ("programme=monthly", 1),
            ("moderated_from=2026-11-11", 1),
            ("moderated_to=2026-11-10", 3),
            ("section=plans", 4),
            ("section=assessments", 0),
            ("tool=adoption", 0),
            ("tool=social-care-case-file&service_area=safeguarding&moderated_to=2026-11-10", 2),
        ],
    )
    async def test_each_narrows_and_all_together(
        self, officer: ServiceClient, database: Database, keys: Keys, query: str, pairs: int
    ) -> None:
        grades = {"plans": G}
        async with moderated(database, keys) as write:
            await write.looped(grades, grades, grades)
            await write.looped(grades, grades, grades, programme="monthly")
            await write.looped(grades, grades, grades, service_area="send", moderated_on=date(2026, 11, 11))
            await write.looped(grades, grades, grades, tool="fostering", service_area="fostering")
        tools = await read(officer, query)
        assert sum(compared(tool, "lead-peer")["together"]["pairs"] for tool in tools) == pairs

    @pytest.mark.parametrize("query", ["tool=A%20B", "moderated_from=1.7.2026", "team=x", "auditor=%00"])
    async def test_what_cannot_be_read_is_refused(self, officer: ServiceClient, query: str) -> None:
        assert (await officer.get(f"{JSON}?{query}")).status_code == 422

    async def test_a_reader_limited_to_service_areas_sees_only_those(
        self, client: ServiceClient, call_as: Call, database: Database, keys: Keys
    ) -> None:
        grades = {"plans": G}
        async with moderated(database, keys) as write:
            await write.looped(grades, grades, grades, service_area="send")
            await write.looped(grades, grades, grades)
        await client.post("/audit/v1/outcomes", json=posted(), headers={"Idempotency-Key": "k"})
        reader = replace(caller("role:senior-reader"), areas=frozenset({"send"}))
        (tool,) = await read(call_as(reader))
        assert compared(tool, "lead-peer")["together"]["pairs"] == 1

    async def test_another_organisation_sees_nothing(
        self, officer: ServiceClient, call_as: Call, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            await write.looped({"plans": G}, {"plans": G}, {"plans": G})
        assert await read(officer)
        assert await read(call_as(caller("audit:audits:read", org="telford-wrekin"))) == []


class TestAuditors:
    async def test_an_auditor_is_compared_whichever_part_they_had(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            await write.looped({"plans": O}, {"plans": G}, {"plans": G}, people=("sam-okafor", "priya-shah", "dana-price"))
            await write.looped({"plans": G}, {"plans": I}, {"plans": R}, people=("priya-shah", "sam-okafor", "dana-price"))
        (tool,) = await read(officer)
        assert [each["auditor"] for each in tool["auditors"]] == ["priya-shah", "sam-okafor"]
        sam = tool["auditors"][1]
        assert cells(sam["moderator"]) == {(0, 1): 1, (3, 2): 1}
        assert cells(sam["other"]) == {(0, 1): 1, (3, 1): 1}
        assert sam["moderator"]["mean_difference"] == 0
        assert sam["drift"] == []

    async def test_one_auditor_has_sections_and_drift_of_their_own(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            await write.looped({"plans": O, "assessments": G}, {"plans": G}, {"plans": G, "assessments": G})
            await write.looped({"plans": G}, {"plans": I}, {"plans": R}, people=("lee-walsh", "sam-okafor", "dana-price"))
            await write.looped({"plans": G}, {"plans": I}, {"plans": R}, moderated_on=date(2027, 1, 4))
            await write.looped({"plans": G}, {"plans": G}, {"plans": G}, people=("lee-walsh", "priya-shah", "dana-price"))
        (tool,) = await read(officer, "auditor=sam-okafor")
        assert [each["comparison"] for each in tool["comparisons"]] == ["auditor-moderator", "auditor-other"]
        beside = compared(tool, "auditor-moderator")
        assert cells(beside["together"]) == {(0, 1): 1, (1, 1): 1, (3, 2): 1, (1, 2): 1}
        assert {each["section"]: each["figures"]["pairs"] for each in beside["sections"]} == {"assessments": 1, "plans": 3}
        assert cells(compared(tool, "auditor-other")["together"]) == {(0, 1): 1, (3, 1): 1, (1, 3): 1}
        (sam,) = tool["auditors"]
        assert sam["drift"] == [
            {"quarter": "2026-27-q3", "mean_difference": 0, "pairs": 3},
            {"quarter": "2026-27-q4", "mean_difference": 1, "pairs": 1},
        ]

    async def test_a_moderator_is_no_auditor(self, officer: ServiceClient, database: Database, keys: Keys) -> None:
        async with moderated(database, keys) as write:
            await write.looped({"plans": G}, {"plans": G}, {"plans": G})
        assert await read(officer, "auditor=dana-price") == []


class TestPlan:
    @pytest.mark.parametrize(
        ("filters", "indexes"),
        [
            (Filters(moderated_from=date(2026, 4, 1)), ("Index Only Scan using entry_grades", "using audit_moderated")),
            (Filters(auditor="sam-okafor"), ("Index Only Scan using entry_grades", "using part_of_person")),
        ],
    )
    async def test_grades_are_read_from_an_index_and_the_words_beside_them_are_not(
        self, client: ServiceClient, database: Database, keys: Keys, filters: Filters, indexes: tuple[str, ...]
    ) -> None:
        statement, given = question(COUNTED + BY_SECTION_AND_AUDITOR, filters)
        async with moderated(database, keys) as write:
            await write.connection.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
            for place, name in enumerate(given, 1):
                statement = statement.replace(f":{name}", f"${place}")
            plan = await write.connection.fetch(f"explain {statement}", *given.values())
        shown = "\n".join(row[0] for row in plan)
        assert [index for index in indexes if index not in shown] == [], shown


class TestCsv:
    async def test_it_holds_the_same_figures_one_line_each(
        self, officer: ServiceClient, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            for number in range(32):
                lead = O if number % 4 else R
                await write.looped({"plans": lead, "overall": G}, {"plans": R}, {"plans": R, "overall": G})
        answer = await officer.get(f"{JSON}.csv?tool=social-care-case-file")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="agreement.csv"'
        lines = list(csv.DictReader(io.StringIO(answer.text)))
        assert [(line["comparison"], line["section"], line["auditor"]) for line in lines] == [
            ("lead-peer", "all-sections", ""),
            ("lead-peer", "plans", ""),
            ("lead-peer", "overall", ""),
            ("lead-moderator", "all-sections", ""),
            ("lead-moderator", "plans", ""),
            ("lead-moderator", "overall", ""),
            ("peer-moderator", "all-sections", ""),
            ("peer-moderator", "plans", ""),
            ("peer-moderator", "overall", ""),
            ("auditor-moderator", "all-sections", "priya-shah"),
            ("auditor-other", "all-sections", "priya-shah"),
            ("auditor-moderator", "all-sections", "sam-okafor"),
            ("auditor-other", "all-sections", "sam-okafor"),
        ]
        first = lines[0]
        figures = compared((await read(officer))[0], "lead-peer")["together"]
        assert (first["pairs"], first["exact_n"], first["exact_share"]) == ("32", "8", "0.2500")
        assert first["kappa_linear"] == f"{figures['kappa']['linear']['value']:.4f}"
        assert first["ac2_ordinal_high"] == f"{figures['ac2']['ordinal']['high']:.4f}"
        assert first["mean_difference"] == "1.5000"
        assert first["matrix"] == "0 0 24 0 / 0 0 0 0 / 0 0 8 0 / 0 0 0 0"
        assert first["grades"] == "outstanding good requires-improvement inadequate"
        overall = lines[2]
        assert (overall["pairs"], overall["ungraded"], overall["exact_share"]) == ("0", "32", "")
        assert overall["kappa_linear_reason"] == "no-pairs"
        # Nobody agreed with the peer on anything but one grade: kappa has no meaning, and its place is empty with the reason.
        assert (lines[6]["kappa_linear"], lines[6]["kappa_linear_reason"]) == ("", "one-grade")
