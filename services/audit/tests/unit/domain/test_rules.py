"""What an outcome must hold to."""

from datetime import date
from typing import Any

import pytest
from services.audit.tests.conftest import posted, profile_of

from audit.domain.outcome import Outcome
from audit.domain.profile import AuditProfile
from audit.domain.rules import suggested, violations

TODAY = date(2023, 4, 1)
WORCESTERSHIRE = profile_of("worcestershire")
TELFORD = profile_of("telford-wrekin")
SECTION: dict[str, Any] = {"section": "plans", "grade": "good", "lead": None, "peer": None, "not_applicable": False}
PLAN: dict[str, Any] = {
    "kind": "dip-sample",
    "tool": "cared-for-plans",
    "service_area": "children-in-care",
    "overall": None,
    "rag": "amber",
    "sections": [],
    "findings": ["in-draft"],
    "activity": {"single": 1},
}
EVALUATION: dict[str, Any] = {
    "kind": "practice-evaluation",
    "tool": "care-leavers",
    "service_area": "children-in-care",
    "overall": "exceeds-good",
    "sections": [{"section": "management-oversight", "grade": "exceeds-good"}],
    "activity": {"single": 1, "moderation": 0},
}


def found(profile: AuditProfile = WORCESTERSHIRE, today: date = TODAY, **changes: Any) -> dict[str, str]:
    outcome = Outcome.model_validate(posted(**changes))
    return {error.pointer: error.detail for error in violations(outcome, profile, today)}


class TestViolations:
    @pytest.mark.parametrize(
        ("profile", "changes"),
        [(WORCESTERSHIRE, {}), (TELFORD, PLAN), (TELFORD, EVALUATION)],
        ids=["looped", "plan", "evaluation"],
    )
    def test_a_good_outcome_has_none(self, profile: AuditProfile, changes: dict[str, Any]) -> None:
        assert found(profile, **changes) == {}

    def test_all_are_found_at_once_each_with_its_place(self) -> None:
        sections = [SECTION | {"section": "nowhere"}, SECTION | {"grade": "god", "lead": "bad"}]
        wrong = found(kind="single", service_area="moon", team="sun", themes=["x"], overall="y", sections=sections, rag="red")
        assert [*wrong] == [
            "/service_area",
            "/team",
            "/themes/0",
            "/kind",
            "/overall",
            "/rag",
            "/sections/0/section",
            "/sections/1/grade",
            "/sections/1/lead",
        ]

    def test_an_unknown_code_is_refused_with_the_known_ones(self) -> None:
        assert "voice-of-the-child" in found(sections=[SECTION | {"section": "nowhere"}])["/sections/0/section"]
        assert "Known codes: good, inadequate, outstanding, requires-improvement" in found(overall="god")["/overall"]

    def test_an_unknown_tool_is_said_beside_what_can_be_said_without_it(self) -> None:
        assert [*found(tool="hammer", service_area="moon")] == ["/tool", "/service_area"]


class TestGrades:
    def test_a_graded_tool_needs_an_overall_grade(self) -> None:
        assert [*found(overall=None)] == ["/overall"]

    def test_the_overall_grade_may_differ_from_the_suggestion(self) -> None:
        assert found(overall="outstanding") == {}

    def test_a_section_is_graded_or_not_applicable(self) -> None:
        assert [*found(sections=[SECTION | {"not_applicable": True}])] == ["/sections/0/grade"]
        assert found(sections=[SECTION | {"grade": None}]) == {}

    def test_a_tool_without_grades_takes_none(self) -> None:
        assert [*found(TELFORD, **PLAN | {"overall": "good"})] == ["/overall"]

    def test_a_graded_tool_takes_no_rating(self) -> None:
        assert [*found(rag="green")] == ["/rag"]

    def test_a_grade_of_another_scale_is_refused(self) -> None:
        assert [*found(overall="exceeds-good")] == ["/overall"]

    def test_a_tool_without_lead_and_peer_takes_no_grades_of_theirs(self) -> None:
        section = {"section": "management-oversight", "grade": "good", "lead": "good", "peer": "good"}
        assert [*found(TELFORD, **EVALUATION | {"sections": [section]})] == ["/sections/0/lead", "/sections/0/peer"]

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"sections": [SECTION, SECTION]}, "/sections/1/section"),
            ({"themes": ["assessments", "assessments"]}, "/themes/1"),
            ({"actions": [{"reference": "a", "due_on": "2022-09-01"}] * 2}, "/actions/1/reference"),
        ],
    )
    def test_nothing_stands_twice(self, changes: dict[str, Any], pointer: str) -> None:
        assert [*found(**changes)] == [pointer]

    def test_findings_are_those_of_the_tool(self) -> None:
        assert [*found(findings=["good-practice"])] == ["/findings/0"]
        assert [*found(TELFORD, **PLAN | {"findings": ["in-draft", "in-draft"]})] == ["/findings/1"]


class TestSuggested:
    def test_it_is_the_worst_section(self) -> None:
        outcome = Outcome.model_validate(posted())
        tool = WORCESTERSHIRE.tools[outcome.tool]
        assert suggested(outcome, tool, WORCESTERSHIRE.scale_of(tool)) == "requires-improvement"

    def test_nothing_graded_suggests_nothing(self) -> None:
        outcome = Outcome.model_validate(posted(sections=[]))
        tool = WORCESTERSHIRE.tools[outcome.tool]
        assert suggested(outcome, tool, WORCESTERSHIRE.scale_of(tool)) is None

    def test_a_tool_without_the_rule_suggests_nothing(self) -> None:
        outcome = Outcome.model_validate(posted())
        tool = WORCESTERSHIRE.tools[outcome.tool].model_copy(update={"suggest_overall": "none"})
        assert suggested(outcome, tool, WORCESTERSHIRE.scale_of(tool)) is None


class TestActivity:
    @pytest.mark.parametrize(
        ("activity", "pointers"),
        [
            ({"lead": 1, "peer": 1, "moderation": 1}, []),
            ({"lead": 1, "peer": 2, "moderation": 1}, []),
            ({"lead": 1, "peer": 1}, ["/activity/moderation"]),
            ({"lead": 1, "moderation": 1}, ["/activity/peer"]),
            ({"single": 1}, ["/activity/lead", "/activity/peer", "/activity/single", "/activity/moderation"]),
        ],
    )
    def test_a_looped_audit_has_lead_peer_and_moderation(self, activity: dict[str, int], pointers: list[str]) -> None:
        assert [*found(activity=activity)] == pointers

    @pytest.mark.parametrize(
        ("activity", "pointers"),
        [
            ({"single": 1}, []),
            ({"single": 3, "moderation": 1}, []),
            ({}, ["/activity/single"]),
            ({"single": 1, "lead": 1}, ["/activity/lead"]),
        ],
    )
    def test_any_other_audit_is_a_single_one_moderated_or_not(self, activity: dict[str, int], pointers: list[str]) -> None:
        assert [*found(TELFORD, **EVALUATION | {"activity": activity})] == pointers


class TestDays:
    @pytest.mark.parametrize("name", ["submitted_on", "moderated_on", "completed_on"])
    def test_each_day_is_not_before_the_one_before_it(self, name: str) -> None:
        days: dict[str, Any] = dict.fromkeys(("allocated_on", "submitted_on", "moderated_on", "completed_on"), "2022-06-02")
        assert found(**days) == {}
        assert f"/{name}" in found(**days | {name: "2022-06-01"})

    def test_a_missing_day_does_not_hide_a_wrong_order(self) -> None:
        assert [*found(submitted_on=None, moderated_on="2022-05-31")] == ["/moderated_on"]

    def test_tomorrow_is_let_through_and_the_day_after_is_not(self) -> None:
        assert found(today=date(2022, 7, 5)) == {}
        assert [*found(today=date(2022, 7, 4))] == ["/moderated_on", "/completed_on"]

    def test_a_day_of_another_century_is_a_slip(self) -> None:
        assert [*found(allocated_on="1922-06-01")] == ["/allocated_on"]

    def test_an_action_is_due_near_its_audit_and_not_done_in_the_future(self) -> None:
        actions = [
            {"reference": "a", "due_on": "2222-01-01"},
            {"reference": "b", "due_on": "2022-09-01", "done_on": "2223-05-01"},
        ]
        assert [*found(actions=actions)] == ["/actions/0/due_on", "/actions/1/done_on"]


class TestPlace:
    def test_a_service_area_is_in_use_on_the_day_of_completion(self) -> None:
        assert found(service_area="supporting-families-first", completed_on="2022-07-06") == {}
        early: dict[str, Any] = {"allocated_on": None, "submitted_on": None, "moderated_on": None, "completed_on": "2022-06-30"}
        assert "from 2022-07-01" in found(service_area="supporting-families-first", **early)["/service_area"]

    def test_a_service_area_that_is_not_used_for_audits_is_not_a_known_one(self) -> None:
        areas = [
            area.model_copy(update={"used_for": area.used_for.model_copy(update={"audits": None})})
            if area.code == "safeguarding"
            else area
            for area in WORCESTERSHIRE.organisation.service_areas
        ]
        organisation = WORCESTERSHIRE.organisation.model_copy(update={"service_areas": tuple(areas)})
        profile = AuditProfile(organisation=organisation, audit=WORCESTERSHIRE.audit)
        wrong = found(profile)["/service_area"]
        assert "through-care" in wrong
        assert wrong.count("safeguarding") == 1

    def test_a_team_belongs_to_the_service_area(self) -> None:
        assert found(service_area="send", team="send-north") == {}
        assert "'send'" in found(team="send-north")["/team"]

    def test_an_unknown_team_is_refused_with_those_of_the_area(self) -> None:
        assert "send-post-16" in found(service_area="send", team="x")["/team"]

    def test_a_team_exists_on_the_day_of_completion(self) -> None:
        teams = tuple(team.model_copy(update={"until": date(2022, 7, 5)}) for team in WORCESTERSHIRE.organisation.teams)
        organisation = WORCESTERSHIRE.organisation.model_copy(update={"teams": teams})
        profile = AuditProfile(organisation=organisation, audit=WORCESTERSHIRE.audit)
        assert "until 2022-07-05" in found(profile, service_area="send", team="send-north")["/team"]
