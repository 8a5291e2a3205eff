"""What is wrong with a profile beyond its form."""

from copy import deepcopy
from typing import Any

import pytest
from services.audit.tests.conftest import profile_document

from audit.domain.profile import AuditProfile
from audit.domain.profile_check import check_profile

DOCUMENT = {name: part for name, part in profile_document("worcestershire").items() if name != "version"}


QUESTION = {"code": "why", "text": "Why?", "required": True}


def place_of(tool: str) -> int:
    """Where a tool stands in the list."""
    return [each["code"] for each in DOCUMENT["audit"]["tools"]].index(tool)


def pointers(*path: Any, value: Any) -> list[str]:
    document: Any = deepcopy(DOCUMENT)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return [error.pointer for error in check_profile(AuditProfile.model_validate(document))]


class TestCheckProfile:
    @pytest.mark.parametrize("organisation", ["worcestershire", "telford-wrekin"])
    def test_the_shipped_profiles_are_right(self, organisation: str) -> None:
        document = profile_document(organisation)
        del document["version"]
        assert check_profile(AuditProfile.model_validate(document)) == []

    @pytest.mark.parametrize(
        ("path", "value", "pointer"),
        [
            (("audit", "tools", 0, "scale"), "school", "/audit/tools/0/scale"),
            (("audit", "tools", 0, "findings"), ["dust"], "/audit/tools/0/findings/0"),
            (("audit", "tools", 0, "sections", 1, "themes"), ["moon"], "/audit/tools/0/sections/1/themes/0"),
            (("audit", "tools", 0, "sections", 1, "code"), "voice-of-the-child", "/audit/tools/0/sections/1/code"),
            (("audit", "tools", 1, "code"), "social-care-case-file", "/audit/tools/1/code"),
            (("audit", "scales", 0, "grades", 3, "code"), "good", "/audit/scales/0/grades/3/code"),
            (("organisation", "teams", 0, "service_area"), "moon", "/organisation/teams/0/service_area"),
            (("organisation", "themes", 1, "code"), "voice-of-the-child", None),
        ],
    )
    def test_a_code_exists_and_stands_once(self, path: tuple[Any, ...], value: Any, pointer: str | None) -> None:
        assert (pointer or "/organisation/themes/1/code") in pointers(*path, value=value)

    @pytest.mark.parametrize(
        ("path", "value", "pointer"),
        [
            (("grade_guidance", "brilliant"), "Very good", "sections/0/grade_guidance/brilliant"),
            (("code",), "overall", "sections/0/code"),
            (("code",), "feedback-child", "sections/0/code"),
        ],
    )
    def test_a_section_knows_its_grades_and_takes_no_name_of_another_entry(
        self, path: tuple[str, ...], value: str, pointer: str
    ) -> None:
        assert pointers("audit", "tools", 0, "sections", 0, *path, value=value) == [f"/audit/tools/0/{pointer}"]

    @pytest.mark.parametrize(("name", "value"), [("rag", True), ("discussion", True), ("questions", [QUESTION])])
    def test_what_is_for_tools_without_grades_is_refused_beside_grades(self, name: str, value: Any) -> None:
        found = pointers("audit", "tools", 0, name, value=value)
        assert found
        assert set(found) == {f"/audit/tools/0/{name}"}

    def test_questions_and_options_stand_once_and_there_is_a_choice(self) -> None:
        number = place_of("targeted")
        one, other = {"code": "a", "label": "A"}, {"code": "b", "label": "B"}
        questions = [QUESTION | {"options": [one]}, QUESTION, QUESTION | {"code": "other", "options": [one, other, one]}]
        assert pointers("audit", "tools", number, "questions", value=questions) == [
            f"/audit/tools/{number}/questions/1/code",
            f"/audit/tools/{number}/questions/0/options",
            f"/audit/tools/{number}/questions/2/options/2/code",
        ]

    def test_a_question_is_no_section(self) -> None:
        number = place_of("targeted")
        section = {"code": "evidence", "name": "Evidence", "guidance": "?"}
        assert pointers("audit", "tools", number, "sections", value=[section]) == [f"/audit/tools/{number}/questions/2/code"]

    def test_a_multi_agency_audit_has_agencies_and_no_other_has(self) -> None:
        number, agencies = place_of("multi-agency"), [{"code": "police", "name": "Police"}]
        assert pointers("audit", "tools", number, "agencies", value=[]) == [f"/audit/tools/{number}/agencies"]
        assert pointers("audit", "tools", 0, "agencies", value=agencies) == ["/audit/tools/0/agencies"]
        twice = pointers("audit", "tools", number, "agencies", value=agencies * 2)
        assert twice == [f"/audit/tools/{number}/agencies/1/code"]

    def test_the_same_persons_views_are_asked_for_once(self) -> None:
        views = [{"who": "child"}, {"who": "parent"}, {"who": "child", "questionnaire": "have-your-say"}]
        assert pointers("audit", "tools", 0, "feedback_from", value=views) == ["/audit/tools/0/feedback_from/2/who"]

    def test_a_discussion_is_single_and_rates_nothing(self) -> None:
        number = place_of("targeted")
        assert pointers("audit", "tools", number, "discussion", value=True) == [f"/audit/tools/{number}/discussion"]

    @pytest.mark.parametrize("activity", [(1, 0, 1, 0), (1, 1, 0, 0), (0, 0, 0, 1)])
    def test_a_looped_tool_has_lead_peer_and_moderation(self, activity: tuple[int, ...]) -> None:
        value = dict(zip(("lead", "peer", "moderation", "single"), activity, strict=True))
        assert pointers("audit", "tools", 0, "activity", value=value) == ["/audit/tools/0/activity"]

    def test_an_audit_is_at_least_one_piece_of_activity(self) -> None:
        number = next(place for place, tool in enumerate(DOCUMENT["audit"]["tools"]) if tool["kind"] == "single")
        value = {"lead": 0, "peer": 0, "moderation": 1, "single": 0}
        assert pointers("audit", "tools", number, "activity", value=value) == [f"/audit/tools/{number}/activity"]

    def test_a_tool_without_scale_suggests_nothing(self) -> None:
        assert pointers("audit", "tools", 0, "scale", value=None)[0] == "/audit/tools/0/suggest_overall"
