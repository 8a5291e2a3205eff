"""What recipes say in short: all members of an organisation, a table for each, audiences."""

from typing import Any

from reporting_records import document

from reporting.domain.expansion import expanded
from reporting.domain.profile import Profile
from reporting.domain.recipes import Report, Table

PROFILE = Profile.model_validate(document("worcestershire"))


def column(**more: Any) -> dict[str, Any]:
    return {"code": "n", "label": "n", "measure": "responses_received", "show": "count", "unit": "n", **more}


def table(**changes: Any) -> list[Table]:
    rows = {"by": "dimension", "label": "x", "dimension": "questionnaire", "members": "all"}
    plain = {"code": "t", "title": "T", "filter": {}, "rows": rows, "total": False, "chart": None, "notes": []}
    tables = [{**plain, "columns": [column()], **changes}]
    report = {"code": "r", "title": "r", "audience": "internal", "period": "quarter", "tables": tables}
    return list(expanded(Report.model_validate(report), PROFILE).tables)


def members(found: Table) -> tuple[str, ...]:
    assert found.rows.by == "dimension"
    return found.rows.listed


class TestAll:
    def test_is_what_the_profile_has_in_its_order(self) -> None:
        assert members(table()[0]) == tuple(each.code for each in PROFILE.questionnaires)

    def test_sections_and_grades_are_those_of_the_tools(self) -> None:
        rows = {"by": "dimension", "label": "x", "dimension": "section", "members": "all"}
        across = {"dimension": "grade", "members": "all", "measure": "sections_graded", "unit": "sections"}
        found = table(filter={"tool": ["adoption"]}, rows=rows, across=across)[0]
        assert members(found)[1] == "timeliness-in-permanency-planning"
        assert found.across is not None
        assert found.across.listed == ("outstanding", "good", "requires-improvement", "inadequate")

    def test_questions_are_those_with_a_favourable_answer(self) -> None:
        rows = {"by": "dimension", "label": "x", "dimension": "question", "members": "all"}
        found = members(table(filter={"questionnaire": ["new-ehcp"]}, rows=rows)[0])
        judged = {
            question.code
            for each in PROFILE.questionnaires
            if each.code == "new-ehcp"
            for version in each.versions
            for question in version.questions
            if question.positive or question.positive_from is not None
        }
        assert set(found) == judged
        assert len(found) == len(judged) < 20

    def test_teams_are_those_of_the_service_areas(self) -> None:
        rows = {"by": "dimension", "label": "x", "dimension": "team", "members": "all"}
        assert members(table(filter={"service_area": ["send"]}, rows=rows)[0])[0] == "send-assessment"


class TestEach:
    def test_a_table_stands_once_for_each_member_with_its_name(self) -> None:
        each = {"dimension": "questionnaire", "members": ["new-ehcp", "iro-survey"]}
        found = table(code="feedback", title="Answers: {member}", each=each)
        assert [(each.code, each.title) for each in found] == [
            ("feedback-new-ehcp", "Answers: New EHCP"),
            ("feedback-iro-survey", "Answers: Your review and your IRO"),
        ]
        assert [each.filter for each in found] == [{"questionnaire": ("new-ehcp",)}, {"questionnaire": ("iro-survey",)}]

    def test_a_member_without_rows_has_none(self) -> None:
        rows = {"by": "dimension", "label": "x", "dimension": "section", "members": "all"}
        found = table(each={"dimension": "tool", "members": ["targeted", "adoption"]}, rows=rows)
        assert [each.code for each in found] == ["t-adoption"]


class TestAudience:
    def test_is_the_questionnaires_for_it_together(self) -> None:
        found = table(rows={"by": "dimension", "label": "x", "dimension": "audience", "members": ["child", "care-leaver"]})[0]
        assert found.rows.by == "dimension"
        assert found.rows.dimension == "questionnaire"
        assert [each.label for each in found.rows.groups] == ["Children", "Care leavers"]
        assert found.rows.groups[1].members == ("care-leavers",)

    def test_a_filter_by_it_is_one_by_questionnaire(self) -> None:
        found = table(filter={"audience": ["partner"]})[0]
        assert found.filter == {"questionnaire": ("after-conference-partners",)}
        assert members(found) == ("after-conference-partners",)

    def test_both_filters_hold(self) -> None:
        both = {"audience": ["child", "partner"], "questionnaire": ["new-ehcp", "living-where-i-live"]}
        found = table(columns=[column(filter=both)])
        assert found[0].columns[0].filter == {"questionnaire": ("living-where-i-live",)}
