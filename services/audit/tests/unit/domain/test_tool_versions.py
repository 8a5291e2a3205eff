"""A version of a tool keeps its shape; its wording may change."""

from typing import Any

import pytest
from services.audit.tests.conftest import profile_of

from audit.domain.profile import AuditProfile, Scale, Tool
from audit.domain.tool_versions import Definition, changed_shape


def definition(profile: AuditProfile, code: str, **changes: Any) -> Definition:
    tool = profile.tools[code]
    scale = profile.scale_of(tool)
    return Tool.model_validate(tool.model_dump() | changes), scale


def changed(code: str, **changes: Any) -> list[str]:
    profile = profile_of("worcestershire")
    return [error.pointer for error in changed_shape(definition(profile, code), definition(profile, code, **changes), "/t")]


def parts(code: str, name: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = [each.model_dump() for each in getattr(profile_of("worcestershire").tools[code], name)]
    return listed


class TestChangedShape:
    @pytest.mark.parametrize(
        ("code", "changes", "pointer"),
        [
            ("fostering", {"kind": "single"}, "/t/kind"),
            ("fostering", {"suggest_overall": "none"}, "/t/suggest_overall"),
            ("fostering", {"sections": parts("fostering", "sections")[1:]}, "/t/sections"),
            ("fostering", {"activity": {"lead": 1, "peer": 2, "moderation": 1, "single": 0}}, "/t/activity"),
            ("residential", {"visit": False}, "/t/visit"),
            ("mid-way", {"acknowledge": False}, "/t/acknowledge"),
            ("targeted", {"rag": True}, "/t/rag"),
            ("targeted", {"findings": []}, "/t/findings"),
            ("targeted", {"questions": parts("targeted", "questions")[:-1]}, "/t/questions"),
            ("multi-agency", {"agencies": parts("multi-agency", "agencies")[:-1]}, "/t/agencies"),
        ],
    )
    def test_more_than_words_is_named_where_it_stands(self, code: str, changes: dict[str, Any], pointer: str) -> None:
        assert changed(code, **changes) == [pointer]

    def test_words_and_order_may_change(self) -> None:
        sections = [
            each | {"name": "Other words", "guidance": "Others", "look_for": ("A",), "grade_guidance": {}, "themes": ()}
            for each in reversed(parts("fostering", "sections"))
        ]
        words = {"name": "New name", "purpose": "New", "before_you_begin": "New", "feedback_from": []}
        assert changed("fostering", sections=sections, **words) == []

    def test_a_question_may_be_reworded_and_not_become_another(self) -> None:
        questions = parts("targeted", "questions")
        assert changed("targeted", questions=[each | {"text": "?", "hint": "!"} for each in questions]) == []
        optional = [each | {"required": not each["required"]} for each in questions]
        assert changed("targeted", questions=optional) == ["/t/questions"]
        fewer = [questions[0] | {"options": questions[0]["options"][:2]}, *questions[1:]]
        assert changed("targeted", questions=fewer) == ["/t/questions"]

    def test_the_grades_of_a_scale_belong_to_it_in_their_order(self) -> None:
        profile = profile_of("worcestershire")
        before = definition(profile, "fostering")
        assert before[1] is not None
        grades = before[1].model_dump()["grades"]
        for others in (grades[::-1], grades[:-1]):
            scale = Scale.model_validate(before[1].model_dump() | {"grades": others})
            assert [error.pointer for error in changed_shape(before, (before[0], scale), "/t")] == ["/t/scale"]
        reworded = [grade | {"label": "x", "definition": "y"} for grade in grades]
        scale = Scale.model_validate(before[1].model_dump() | {"grades": reworded})
        assert list(changed_shape(before, (before[0], scale), "/t")) == []
