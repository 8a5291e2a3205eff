"""What auditors and moderators say: what is missing, what the sections suggest, where a decision departs, what may be saved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.domain.audit import MODERATION
from audit.domain.judgement import (
    MOST_LETTERS,
    OVERALL,
    Entry,
    Form,
    check_entry,
    departs_from_all,
    differ,
    forms_of,
    missing,
    missing_in_moderation,
    suggested_overall,
)
from audit.domain.profile import Grade, Scale, Section, Tool, UsualActivity
from chassis.errors import FieldError

GRADES = ("outstanding", "good", "requires-improvement", "inadequate")
SECTIONS = ("voice", "plans", "oversight")


def scale_of(*codes: str) -> Scale:
    grades = [Grade(code=code, label=code.title(), short=code[0], definition="", comparable="good") for code in codes]
    return Scale(code="scale", name="Scale", grades=tuple(grades))


SCALE = scale_of(*GRADES)


def tool_of(*sections: str, suggest: Any = "worst-section", scale: str | None = "scale") -> Tool:
    return Tool(
        code="tool",
        version=1,
        name="Tool",
        kind="looped",
        scale=scale,
        suggest_overall=suggest,
        activity=UsualActivity(lead=1, peer=1, moderation=1, single=0),
        findings=(),
        sections=tuple(Section(code=code, name=code.title(), guidance="") for code in sections or SECTIONS),
    )


TOOL = tool_of()
UNGRADED = tool_of(scale=None, suggest="none")


def judged(*entries: Entry) -> dict[str, Entry]:
    return {entry.code: entry for entry in entries}


def whole(grade: str = "good", overall: str = "good") -> dict[str, Entry]:
    sections = [Entry(code, grade, words={"evidence": "Seen."}) for code in SECTIONS]
    return judged(*sections, Entry(OVERALL, overall, words={"rationale": "Because."}))


def said(errors: list[FieldError]) -> dict[str, str]:
    return {error.pointer: error.detail for error in errors}


entries = st.lists(
    st.builds(Entry, st.sampled_from([*SECTIONS, OVERALL, "strange"]), st.sampled_from([*GRADES, None, "unknown"])), max_size=6
)


class TestForms:
    def test_an_auditor_is_asked_for_each_section_in_its_order_then_for_the_overall_grade(self) -> None:
        assert [(form.code, form.kind) for form in forms_of("lead", TOOL)] == [
            ("voice", "section"), ("plans", "section"), ("oversight", "section"), (OVERALL, "overall"),
        ]  # fmt: skip
        assert [words.name for words in forms_of("peer", TOOL)[0].words] == ["evidence", "strengths", "areas"]

    def test_the_moderator_gives_reasons_and_learning_in_place_of_evidence(self) -> None:
        assert [words.name for words in forms_of(MODERATION, TOOL)[0].words] == ["reason"]
        assert [words.name for words in forms_of(MODERATION, TOOL)[-1].words] == ["rationale", "learning"]

    def test_a_tool_without_grades_has_no_overall_grade(self) -> None:
        conclusion = forms_of("single", UNGRADED)[-1]
        assert [form.code for form in forms_of("single", UNGRADED)] == [*SECTIONS, OVERALL]
        assert [words.name for words in conclusion.words] == ["good", "areas"]


class TestSuggestedOverall:
    def test_it_is_the_worst_section(self) -> None:
        grades = [Entry("voice", "good"), Entry("plans", "inadequate"), Entry("oversight", "outstanding")]
        assert suggested_overall(grades, TOOL, SCALE) == "inadequate"

    def test_not_applicable_and_ungraded_sections_say_nothing_and_without_any_grade_nor_does_it(self) -> None:
        entries = [Entry("voice", "good"), Entry("plans", not_applicable=True), Entry("oversight")]
        assert suggested_overall(entries, TOOL, SCALE) == "good"
        assert suggested_overall(entries[1:], TOOL, SCALE) is None

    def test_the_overall_grade_does_not_suggest_itself(self) -> None:
        assert suggested_overall([Entry("voice", "good"), Entry(OVERALL, "inadequate")], TOOL, SCALE) == "good"

    def test_a_tool_without_the_rule_or_without_grades_suggests_nothing(self) -> None:
        assert suggested_overall([Entry("voice", "good")], tool_of(suggest="none"), SCALE) is None
        assert suggested_overall([Entry("voice", "good")], UNGRADED, None) is None

    @given(entries)
    def test_no_section_is_worse_and_one_is_as_bad(self, given_: list[Entry]) -> None:
        suggestion = suggested_overall(given_, TOOL, SCALE)
        ranks = [SCALE.rank[each.grade] for each in given_ if each.code in SECTIONS and each.grade in SCALE.rank]
        assert (suggestion is None) is (not ranks)
        if suggestion is not None:
            assert SCALE.rank[suggestion] in ranks
            assert all(rank <= SCALE.rank[suggestion] for rank in ranks)

    @given(entries, st.permutations(range(6)))
    def test_the_order_of_the_sections_does_not_matter(self, given_: list[Entry], order: list[int]) -> None:
        shuffled = [given_[place] for place in order if place < len(given_)]
        assert suggested_overall(shuffled, TOOL, SCALE) == suggested_overall(given_, TOOL, SCALE)


class TestMissing:
    def test_a_whole_part_lacks_nothing(self) -> None:
        assert missing("lead", TOOL, SCALE, whole()) == []

    def test_of_an_empty_one_everything_that_it_needs_is_named_at_its_place(self) -> None:
        assert said(missing("lead", TOOL, SCALE, {})) == {
            "/voice/grade": "Voice: choose a grade, or say that it is not applicable",
            "/voice/evidence": "Voice: write down the evidence",
            "/plans/grade": "Plans: choose a grade, or say that it is not applicable",
            "/plans/evidence": "Plans: write down the evidence",
            "/oversight/grade": "Oversight: choose a grade, or say that it is not applicable",
            "/oversight/evidence": "Oversight: write down the evidence",
            "/overall/grade": "Overall: choose a grade",
            "/overall/rationale": "Overall: say why",
        }

    def test_not_applicable_needs_its_reason_and_no_grade(self) -> None:
        part = whole() | judged(Entry("plans", not_applicable=True))
        assert said(missing("lead", TOOL, SCALE, part)) == {"/plans/evidence": "Plans: say why it is not applicable"}
        part["plans"] = Entry("plans", not_applicable=True, words={"evidence": "The child has no plan yet."})
        assert missing("lead", TOOL, SCALE, part) == []

    @pytest.mark.parametrize("blank", ["", "  ", "\n\t\u00a0"])
    def test_blanks_are_no_words(self, blank: str) -> None:
        part = whole() | judged(Entry("plans", "good", words={"evidence": blank}))
        assert "/plans/evidence" in said(missing("lead", TOOL, SCALE, part))

    def test_a_tool_without_grades_asks_for_words_only(self) -> None:
        conclusion = Entry(OVERALL, words={"good": "Seen early."})
        part = judged(*(Entry(code, words={"evidence": "Seen."}) for code in SECTIONS), conclusion)
        assert missing("single", UNGRADED, None, part) == []
        lacking = {f"/{code}/evidence" for code in SECTIONS} | {f"/{OVERALL}/good"}
        assert set(said(missing("single", UNGRADED, None, {}))) == lacking


class TestMissingInModeration:
    LEAD = whole("good", "good")
    PEER = whole("requires-improvement", "requires-improvement")

    def final(self, grade: str = "good", overall: str = "good", **changed: Entry) -> dict[str, Entry]:
        sections = [Entry(code, grade) for code in SECTIONS]
        return {**judged(*sections, Entry(OVERALL, overall)), **changed}

    def lacking(self, final: dict[str, Entry], tool: Tool = TOOL) -> dict[str, str]:
        return said(missing_in_moderation(tool, SCALE, final, [self.LEAD, self.PEER]))

    def test_one_auditors_grades_need_no_reason(self) -> None:
        assert self.lacking(self.final("good", "good")) == {}
        assert self.lacking(self.final("requires-improvement", "requires-improvement")) == {}

    def test_every_section_needs_its_final_grade_and_so_does_the_whole(self) -> None:
        assert set(self.lacking({})) == {"/voice/grade", "/plans/grade", "/oversight/grade", "/overall/grade"}

    def test_a_grade_that_is_neither_auditors_needs_a_reason(self) -> None:
        final = self.final(plans=Entry("plans", "outstanding"))
        assert self.lacking(final) == {"/plans/reason": "Plans: say why the grade is neither auditor's"}
        assert self.lacking(final | judged(Entry("plans", "outstanding", words={"reason": "It is exemplary."}))) == {}

    def test_not_applicable_counts_as_a_grade_of_its_own(self) -> None:
        assert "/plans/reason" in self.lacking(self.final(plans=Entry("plans", not_applicable=True)))

    def test_an_overall_grade_that_the_sections_do_not_suggest_needs_a_rationale(self) -> None:
        final = self.final("requires-improvement", "good")
        assert self.lacking(final) == {
            "/overall/rationale": "Overall: say why the grade is not the grade that the sections suggest"
        }
        assert self.lacking(final | judged(Entry(OVERALL, "good", words={"rationale": "One slip."}))) == {}

    def test_a_suggested_grade_that_neither_auditor_gave_needs_one_too(self) -> None:
        reasons = {code: Entry(code, "outstanding", words={"reason": "Seen otherwise."}) for code in SECTIONS}
        lacking = self.lacking({**reasons, **judged(Entry(OVERALL, "outstanding"))})
        assert lacking == {"/overall/rationale": "Overall: say why the grade is neither auditor's"}

    def test_where_nothing_is_suggested_there_is_nothing_to_depart_from(self) -> None:
        assert self.lacking(self.final("requires-improvement", "good"), tool_of(suggest="none")) == {}
        everything = {code: Entry(code, not_applicable=True, words={"reason": "No longer open."}) for code in SECTIONS}
        assert self.lacking({**everything, **judged(Entry(OVERALL, "good"))}) == {}

    def test_a_tool_without_grades_needs_none(self) -> None:
        assert missing_in_moderation(UNGRADED, None, {}, [{}, {}]) == []


class TestDeparts:
    def test_from_nobody_who_said_anything_it_cannot(self) -> None:
        assert not departs_from_all(Entry("plans", "good"), [])
        assert not departs_from_all(Entry("plans", "good"), [None, Entry("plans")])

    def test_only_a_grade_that_nobody_gave_does(self) -> None:
        given_ = [Entry("plans", "good"), Entry("plans", not_applicable=True), None]
        assert not departs_from_all(Entry("plans", "good"), given_)
        assert not departs_from_all(Entry("plans", not_applicable=True), given_)
        assert departs_from_all(Entry("plans", "inadequate"), given_)
        assert departs_from_all(Entry("plans"), given_)

    @given(st.lists(st.sampled_from(GRADES), min_size=1), st.sampled_from(GRADES))
    def test_a_grade_departs_unless_somebody_gave_it(self, given_: list[str], final: str) -> None:
        assert departs_from_all(Entry("plans", final), [Entry("plans", grade) for grade in given_]) is (final not in given_)

    def test_auditors_differ_by_grade_by_applicability_and_where_one_said_nothing(self) -> None:
        assert not differ([Entry("plans", "good"), Entry("plans", "good", words={"evidence": "Otherwise seen."})])
        assert not differ([None, None])
        for other in (Entry("plans", "inadequate"), Entry("plans", not_applicable=True), None):
            assert differ([Entry("plans", "good"), other])


class TestIndependentGrade:
    def test_it_is_the_one_given_before_the_other_side_was_shown(self) -> None:
        assert Entry("plans", "outstanding", first_grade="good").independent_grade == "good"
        assert Entry("plans", "good").independent_grade is None


class TestCheckEntry:
    SECTION, WHOLE = forms_of("lead", TOOL)[0], forms_of("lead", TOOL)[-1]
    QUESTION = Form("q1", "question", "A question", forms_of("lead", TOOL)[0].words, options=(("yes", "Yes"), ("no", "No")))

    @pytest.mark.parametrize(
        ("entry", "pointers"),
        [
            (Entry("voice"), []),
            (Entry("voice", "good", words={"evidence": "x" * MOST_LETTERS}), []),
            (Entry("voice", not_applicable=True), []),
            (Entry("voice", "fine"), ["/grade"]),
            (Entry("voice", "good", not_applicable=True), ["/grade"]),
            (Entry("voice", words={"evidence": "x" * (MOST_LETTERS + 1)}), ["/words/evidence"]),
            (Entry("voice", words={"rationale": "Not asked for."}), ["/words/rationale"]),
            (Entry("voice", answer="yes"), ["/answer"]),
        ],
        ids=str,
    )
    def test_a_section_is_graded_or_not_applicable_and_takes_its_own_words(self, entry: Entry, pointers: list[str]) -> None:
        assert list(said(check_entry(self.SECTION, SCALE, entry))) == pointers

    def test_the_whole_audit_is_always_applicable(self) -> None:
        assert list(said(check_entry(self.WHOLE, SCALE, Entry(OVERALL, not_applicable=True)))) == ["/grade"]

    def test_what_has_no_scale_takes_no_grade(self) -> None:
        assert list(said(check_entry(self.SECTION, None, Entry("voice", "good")))) == ["/grade"]
        assert list(said(check_entry(self.QUESTION, SCALE, Entry("q1", "good")))) == ["/grade"]
        assert check_entry(self.QUESTION, SCALE, Entry("q1", answer="yes")) == []
