"""Corrections of a dispute, and what is kept of what it was."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.audit.tests.disputes import CALENDAR, RULES, TODAY, answered, dispute, escalated

from audit.domain.dispute import Dispute, differences, facts_of
from audit.domain.dispute_correction import Correction, correct
from audit.domain.dispute_profile import required_disputes
from chassis.errors import DomainError


def corrected(given: Dispute, head: dict[str, Any] | None = None, **stages: dict[str, Any]) -> Dispute:
    numbered = {int(name.removeprefix("stage_")): values for name, values in stages.items()}
    return correct(given, Correction(head or {}, numbered), RULES, calendar=CALENDAR, today=TODAY)


def kept(before: Dispute, after: Dispute) -> dict[str, tuple[str | None, str | None]]:
    return {f"{each.stage}/{each.fact}": (each.was, each.became) for each in differences(before, after)}


class TestCorrect:
    def test_another_day_of_the_raising_moves_the_first_stage_and_its_due_day(self) -> None:
        before = answered()
        assert kept(before, corrected(before, {"raised_on": date(2026, 11, 12)})) == {
            "0/raised_on": ("2026-11-16", "2026-11-12"),
            "1/reached_on": ("2026-11-16", "2026-11-12"),
            "1/due_on": ("2026-11-23", "2026-11-19"),
        }

    def test_another_day_of_an_escalation_moves_that_stage_only(self) -> None:
        before = escalated()
        after = corrected(before, stage_2={"reached_on": date(2026, 11, 24)})
        assert after.stages[0] == before.stages[0]
        assert after.current.due_on == date(2026, 12, 1)

    def test_a_stage_whose_day_stays_keeps_the_calendar_it_was_counted_by(self) -> None:
        before = dispute()
        old = replace(before, stages=(replace(before.current, calendar="old"),))
        assert corrected(old, {"category": "visits"}).current.calendar == "old"
        assert corrected(old, {"raised_on": date(2026, 11, 13)}).current.calendar == CALENDAR.version

    def test_nothing_different_is_the_same_dispute(self) -> None:
        before = escalated()
        assert corrected(before, {"category": before.category}, stage_1={"answered_by": "team-manager"}) is before

    def test_a_code_that_the_profile_lost_may_stay_but_not_come(self) -> None:
        lean = RULES.model_copy(update={"categories": RULES.categories[2:]})
        before = dispute()
        after = correct(
            before,
            Correction({"category": "drift-and-delay", "concern": "Other words."}),
            required_disputes(lean),
            calendar=CALENDAR,
            today=TODAY,
        )
        assert after.concern == "Other words."
        with pytest.raises(DomainError, match="unknown-codes"):
            corrected(before, {"category": "weather"})

    def test_a_stage_is_not_left_without_anybody_who_must_answer(self) -> None:
        with pytest.raises(DomainError, match="nobody-to-answer"):
            corrected(dispute(), stage_1={"person": None, "role": ""})

    def test_days_stay_in_order(self) -> None:
        with pytest.raises(DomainError, match="dates-out-of-order") as caught:
            corrected(escalated(), stage_1={"answered_on": date(2026, 11, 23)})
        assert caught.value.errors[0].pointer == "/stages/2/reached_on"


class TestDifferences:
    def test_of_a_new_dispute_everything_is_new(self) -> None:
        found = list(differences(None, dispute()))
        assert all(each.was is None for each in found)
        assert {each.fact for each in found if each.secret} == {"case_number", "concern", "role"}

    def test_words_and_the_case_number_are_marked_as_secret_and_not_printed(self) -> None:
        (found,) = differences(dispute(), dispute(concern="Other words."))
        assert found.secret
        assert "words" not in repr(found)
        assert "placement" not in repr(dispute())
        assert "LCS" not in repr(dispute())

    @given(st.sampled_from([dispute(), answered(), escalated()]), st.sampled_from([dispute(), answered(), escalated()]))
    def test_they_lead_from_one_to_the_other(self, before: Dispute, after: Dispute) -> None:
        facts = facts_of(before)
        for each in differences(before, after):
            assert facts.get((each.stage, each.fact)) == each.was
            if each.became is None:
                del facts[each.stage, each.fact]
            else:
                facts[each.stage, each.fact] = each.became
        assert facts == facts_of(after)
