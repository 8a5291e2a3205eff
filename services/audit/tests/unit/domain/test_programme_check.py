"""Programmes of a profile: what they need of tools and areas, and what they say when nothing is said."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError
from services.audit.tests.conftest import profile_document, profile_of

from audit.domain.profile import AuditProfile
from audit.domain.profile_check import check_profile

DOCUMENT = {name: part for name, part in profile_document("worcestershire").items() if name != "version"}
PROGRAMME = {
    "code": "social-care",
    "prefix": "SC",
    "name": "Social care",
    "tool": "social-care-case-file",
    "service_areas": ["safeguarding"],
    "rhythm": "monthly",
    "sample": {"size": 12},
}
SINGLE = {"tool": "residential"}


def errors(*programmes: dict[str, Any]) -> list[tuple[str, str]]:
    document: Any = deepcopy(DOCUMENT)
    document["audit"]["programmes"] = [PROGRAMME | each for each in programmes]
    return [(error.pointer, error.detail) for error in check_profile(AuditProfile.model_validate(document))]


class TestCheckProgrammes:
    def test_a_good_one_is_good(self) -> None:
        assert errors({}) == []

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"tool": "crystal-ball"}, "/audit/programmes/0/tool"),
            ({"service_areas": ["safeguarding", "moon"]}, "/audit/programmes/0/service_areas/1"),
            ({"service_areas": ["send", "send"]}, "/audit/programmes/0/service_areas/1"),
            ({"allocation": {"auditors_from": ["moon"]}}, "/audit/programmes/0/allocation/auditors_from/0"),
            ({"timetable": {"submit_by": "last-working-day-of-period"}}, "/audit/programmes/0/timetable/submit_by"),
            (SINGLE | {"timetable": {"reviewed_by": "peer"}}, "/audit/programmes/0/timetable/reviewed_by"),
            (
                {"timetable": {"review_after_weeks": None, "review_counts_from": "completion"}},
                "/audit/programmes/0/timetable/review_counts_from",
            ),
        ],
    )
    def test_what_is_wrong_is_said_at_its_place(self, change: dict[str, Any], pointer: str) -> None:
        assert [place for place, _ in errors(change)] == [pointer]

    def test_an_unknown_tool_is_answered_with_the_known_ones(self) -> None:
        ((_, detail),) = errors({"tool": "crystal-ball"})
        assert "send-new-ehcp" in detail

    def test_neither_code_nor_prefix_stands_twice(self) -> None:
        found = errors({}, {"code": "other"}, {"prefix": "XX"})
        assert [place for place, _ in found] == ["/audit/programmes/2/code", "/audit/programmes/1/prefix"]

    @pytest.mark.parametrize(
        "change",
        [
            {"prefix": "sc"},
            {"prefix": "S-C"},
            {"rhythm": "weekly"},
            {"service_areas": []},
            {"sample": {}},
            {"sample": {"size": 0}},
            {"sample": {"size": 5, "colour": "blue"}},
            {"timetable": {"circulate_on_day": 31}},
            {"sampel": {"size": 5}},
        ],
    )
    def test_what_has_not_the_form_is_refused(self, change: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            errors(change)


class TestShippedProgrammes:
    def test_worcestershire_audits_what_its_frameworks_say(self) -> None:
        programmes = profile_of("worcestershire").programmes
        rhythms = {code: programme.rhythm for code, programme in programmes.items()}
        assert rhythms == {
            "social-care": "monthly",
            "fostering": "quarterly",
            "residential": "quarterly",
            "adoption": "quarterly",
            "send-new-ehcp": "monthly",
            "send-annual-review": "monthly",
            "mid-way": "monthly",
        }
        reviews = {
            code: (each.timetable.reviewed_by, each.timetable.review_counts_from, each.timetable.review_after_weeks)
            for code, each in programmes.items()
        }
        assert reviews["social-care"] == ("reviewer", "moderation", 8)
        assert reviews["send-new-ehcp"] == reviews["send-annual-review"] == ("peer", "completion", 8)

    def test_telford_and_wrekin_evaluates_practice_every_month_with_each_tool(self) -> None:
        profile = profile_of("telford-wrekin")
        evaluations = {tool.code for tool in profile.audit.tools if tool.kind == "practice-evaluation"}
        assert {each.tool for each in profile.audit.programmes} == evaluations
        assert {each.rhythm for each in profile.audit.programmes} == {"monthly"}
