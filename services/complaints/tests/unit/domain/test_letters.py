"""What letters do to a stage, which fit it, and on which day one was sent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from services.complaints.tests.support import profile_document

from chassis.calendar import WorkingDays
from chassis.errors import DomainError
from chassis.pdf.markup import fields_in, fill, readable
from chassis.testing.fixtures import ROOT
from complaints.domain import letter_fields, stages
from complaints.domain.case import Case
from complaints.domain.letter_fields import Facts, PointWords
from complaints.domain.letter_profile import FIELDS, LetterTemplate, check_letters, read_body, read_subject
from complaints.domain.letters import StepWords, check_day, effect, in_order, once_sent
from complaints.domain.profile import Profile

CALENDAR = WorkingDays.load()
TODAY = date(2022, 7, 29)
RECEIVED = date(2022, 7, 18)
UPHELD = StepWords(findings={"1": "upheld"})


def profile_of(organisation: str) -> Profile:
    document = profile_document(organisation)
    return Profile.model_validate({name: document[name] for name in ("organisation", "complaints")})


WORCESTERSHIRE = profile_of("worcestershire")


def case_of(procedure: str = "childrens-statutory", profile: Profile = WORCESTERSHIRE) -> Case:
    found = profile.procedure(procedure)
    assert found is not None
    return stages.receive(found.rules(), RECEIVED, ("1",), today=TODAY)


def sent(case: Case, kind: Any, on: date = TODAY, words: StepWords = UPHELD) -> Case:
    return once_sent(case, 1, kind, effect(case, 1, kind), on, words, calendar=CALENDAR, today=TODAY)


class TestEffect:
    @pytest.mark.parametrize(
        ("procedure", "kind", "how"),
        [
            ("childrens-statutory", "response", "taken"),
            ("childrens-statutory", "extension", "taken"),
            ("childrens-statutory", "acknowledgement", None),
            ("corporate", "acknowledgement", "taken"),
            ("corporate", "holding", None),
            ("send", "closing", None),
            ("send", "other", None),
        ],
    )
    def test_a_letter_takes_the_step_that_its_kind_stands_for(self, procedure: str, kind: Any, how: str | None) -> None:
        assert effect(case_of(procedure), 1, kind).how == how

    def test_one_whose_step_was_taken_belongs_to_it(self) -> None:
        answered = sent(case_of(), "response")
        does = effect(answered, 1, "response")
        assert (does.how, does.day) == ("attached", TODAY)
        assert sent(answered, "response") is answered

    def test_one_that_repeats_another_moves_its_day_and_keeps_the_findings(self) -> None:
        answered = sent(case_of(), "response", date(2022, 7, 27))
        does = effect(answered, 1, "response", again=True)
        assert does.how == "corrected"
        moved = once_sent(answered, 1, "response", does, TODAY, StepWords(), calendar=CALENDAR, today=TODAY)
        assert (moved.current.facts.responded_on, moved.current.findings) == (TODAY, {"1": "upheld"})
        assert effect(answered, 1, "response", again=True, moves=False).how == "attached"

    def test_a_closing_letter_confirms_a_withdrawal_in_writing_once(self) -> None:
        withdrawn = stages.end(case_of(), 1, date(2022, 7, 27), "withdrawn", today=TODAY)
        confirmed = sent(withdrawn, "closing")
        assert (confirmed.current.facts.responded_on, confirmed.current.confirmed_on) == (date(2022, 7, 27), TODAY)
        assert effect(confirmed, 1, "closing").how is None

    def test_what_its_step_refuses_is_refused(self) -> None:
        with pytest.raises(DomainError, match="one finding on each point"):
            sent(case_of(), "response", words=StepWords())
        withdrawn = stages.end(case_of(), 1, TODAY, "withdrawn", today=TODAY)
        with pytest.raises(DomainError, match="on 2022-07-29, with findings"):
            sent(withdrawn, "response")


class TestDay:
    @pytest.mark.parametrize(
        ("way", "on", "elsewhere", "fine"),
        [
            ("email", TODAY, False, True),
            ("email", date(2022, 7, 28), False, False),
            ("email", date(2022, 7, 28), True, True),
            ("post", date(2022, 7, 28), False, True),
            ("post", date(2022, 7, 30), False, False),
            ("handed-over", date(2022, 7, 17), False, False),
        ],
    )
    def test_mail_goes_today_and_post_went_on_a_day_up_to_today(
        self, way: Any, on: date, *, elsewhere: bool, fine: bool
    ) -> None:
        if fine:
            check_day(way, on, RECEIVED, TODAY, elsewhere=elsewhere)
        else:
            with pytest.raises(DomainError, match="Nothing was sent"):
                check_day(way, on, RECEIVED, TODAY, elsewhere=elsewhere)


class TestOrder:
    def test_every_template_is_offered_once(self) -> None:
        templates = WORCESTERSHIRE.complaints.letters.templates
        for procedure in ("childrens-statutory", "corporate", "send", "send-informal", "fostering"):
            fit, others = in_order(templates, case_of(procedure), 1)
            assert sorted(each.code for each in (*fit, *others)) == sorted(each.code for each in templates)

    def test_an_answered_complaint_is_offered_closing_letters_first(self) -> None:
        fit, _ = in_order(WORCESTERSHIRE.complaints.letters.templates, sent(case_of("send"), "response"), 1)
        assert [each.code for each in fit] == ["request-declined", "closing-withdrawn", "closing"]


def facts(case: Case, profile: Profile, stage: int = 1, **more: Any) -> Facts:
    point = PointWords("1", "Communication", "Upheld", "Nobody called.\n\n# Not a heading", ("Apology",))
    known = {"recipient": "Jo Hill", "complainant": "Jo Hill", "officer": "Alex Morgan", "extension_reason": "Two agencies."}
    return Facts(profile, "C-2022-0001", case, CALENDAR, stage, TODAY, (point,), **{**known, **more})


class TestFields:
    def test_days_are_those_of_the_complaint_once_the_letter_is_sent(self) -> None:
        extended = sent(case_of(), "extension", words=StepWords(to=15))
        values = letter_fields.values(facts(extended, WORCESTERSHIRE))
        assert [values[name] for name in ("received_on", "due_on", "old_due_on", "limit")] == [
            *("18 July 2022", "8 August 2022", "1 August 2022", "15 working days"),
        ]
        answered = letter_fields.values(facts(sent(case_of(), "response"), WORCESTERSHIRE))
        assert (answered["next_stage"], answered["ask_by"]) == ("stage 2, investigation and adjudication", "26 August 2022")

    def test_what_is_found_stands_as_it_was_typed(self) -> None:
        found = letter_fields.values(facts(case_of(), WORCESTERSHIRE))["points_and_findings"]
        assert not isinstance(found, str)
        assert readable(found) == (
            "Point 1: Communication\nWhat we found: Upheld\n\nNobody called.\n\n# Not a heading\n\n"
            "To put this right:\n\n- Apology"
        )

    def test_a_point_without_a_finding_leaves_the_field_empty(self) -> None:
        bare = replace(facts(case_of(), WORCESTERSHIRE), points=(PointWords("1", "Communication"),))
        assert "points_and_findings" not in letter_fields.values(bare)
        informal = replace(bare, case=case_of("send-informal"), points=(PointWords("1", "Delay", "", "We rang you."),))
        assert "points_and_findings" in letter_fields.values(informal)


class TestShippedLetters:
    @pytest.mark.parametrize("organisation", ["worcestershire", "telford-wrekin"])
    def test_every_letter_is_whole_at_every_stage_that_it_is_for(self, organisation: str) -> None:
        profile = profile_of(organisation)
        for template in profile.complaints.letters.templates:
            for procedure in template.procedures or [each.code for each in profile.complaints.procedures]:
                for number in template.stages or [1]:
                    missing = self.missing(profile, template, procedure, number)
                    assert missing <= {"own_words"}, f"{template.code}, {procedure}, stage {number}"

    @staticmethod
    def missing(profile: Profile, template: LetterTemplate, procedure: str, number: int) -> set[str]:
        """The fields that nothing is known for at a stage, once the letter is sent."""
        case = at_stage(case_of(procedure, profile), number)
        if template.kind == "extension":
            case = stages.extend(case, number, RECEIVED, calendar=CALENDAR, today=TODAY) if extendable(case) else case
        if template.kind == "response":
            case = stages.respond(case, number, TODAY, {"1": "upheld"}, today=TODAY)
        if template.code == "closing-withdrawn":
            case = stages.end(case, number, TODAY, "withdrawn", today=TODAY)
        values = letter_fields.values(facts(case, profile, number))
        subject, body, _ = template.texts("en")
        return set(fields_in((*fill(read_subject(subject), values), *fill(read_body(body), values))))

    def test_every_field_is_in_the_guide(self) -> None:
        guide = (ROOT / "docs/guides/letters.md").read_text()
        assert [name for name in FIELDS if f"`{{{name}}}`" not in guide] == []


def extendable(case: Case) -> bool:
    return case.current.terms.extension_to is not None


def at_stage(case: Case, number: int) -> Case:
    """The complaint at a stage, each before it answered on the day of receipt."""
    while case.current.number < number:
        following = case.current.number + 1
        case = stages.respond(case, case.current.number, RECEIVED, {"1": "upheld"}, today=TODAY)
        case = stages.request(case, following, RECEIVED, discretion=False, calendar=CALENDAR, today=TODAY)
        case = stages.decide(case, following, RECEIVED, "accepted", reason=True, today=TODAY)
        if case.current.terms.panel is not None:
            case = stages.report(stages.hold_panel(case, following, RECEIVED, today=TODAY), following, RECEIVED, today=TODAY)
    return case


class TestCheck:
    @pytest.mark.parametrize(
        ("change", "pointer", "detail"),
        [
            ({"body": {"en": "One\n{nobody}"}}, "body/en", "line 2: there is no field {nobody}"),
            ({"subject": {"en": "# Heading"}}, "subject/en", "expected one line"),
            ({"subject": {"en": "{points}"}}, "subject/en", "there is no field {points}"),
            ({"procedures": ["nothing"], "stages": []}, "procedures/0", "there is no procedure 'nothing'"),
            ({"stages": [4]}, "stages/0", "none of its procedures has a stage 4"),
        ],
    )
    def test_what_is_wrong_with_a_letter_is_said_where_it_is(
        self, change: Mapping[str, Any], pointer: str, detail: str
    ) -> None:
        own = WORCESTERSHIRE.complaints.letters
        wrong = own.model_copy(update={"templates": [own.templates[0].model_copy(update=dict(change))]})
        (error,) = check_letters(
            wrong, {"childrens-statutory": {1, 2, 3}, "corporate": {1, 2}, "fostering": {1}, "send": {1, 2}}
        )
        assert error.pointer == f"/complaints/letters/templates/0/{pointer}"
        assert detail in error.detail
