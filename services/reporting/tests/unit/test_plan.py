"""The rules of improvement plans, on any day of any year."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError
from reporting.domain import plan
from reporting.domain.plan import Action, AskedOfAction, AskedOfMilestone, Head, Milestone, NewAction, Said

TODAY = date(2024, 2, 29)
ACTION = Action("Ring back within two days", "Team manager, SEND North")
days = st.dates(date(2000, 1, 2), date(2098, 12, 31))


def due(days_: int, **changes: object) -> Milestone:
    on = TODAY + timedelta(days=days_)
    return replace(Milestone("Rota drawn up", on, on), **changes)  # type: ignore[arg-type]  # fields of different types


class TestRag:
    @given(today=days, offset=st.integers(-400, 400), said=st.sampled_from(["on-track", "may-miss", "missed"]))
    def test_the_calendar_weighs_more_than_a_person(self, today: date, offset: int, said: Said) -> None:
        on = today + timedelta(days=offset)
        found = plan.rag_on(replace(ACTION, rag=said), [Milestone("x", on, on)], today)
        assert found == ("missed" if offset < 0 else said)

    def test_due_today_is_not_missed(self) -> None:
        assert plan.rag_on(ACTION, [due(0)], TODAY) == "on-track"
        assert plan.rag_on(ACTION, [due(-1)], TODAY) == "missed"
        assert plan.by_calendar(ACTION, [due(-1)], TODAY)
        assert not plan.by_calendar(replace(ACTION, rag="missed"), [due(-1)], TODAY)

    def test_what_was_reached_or_dropped_is_not_missed(self) -> None:
        assert plan.rag_on(ACTION, [due(-9, met_on=TODAY), due(-9, dropped=True)], TODAY) == "on-track"

    def test_what_ended_stands_as_it_ended(self) -> None:
        for state in ("completed", "dropped"):
            assert plan.rag_on(replace(ACTION, state=state, ended_on=TODAY), [due(-1)], TODAY) == state


class TestActions:
    def test_a_person_says_how_it_stands_with_a_reason(self) -> None:
        after = plan.take(ACTION, [due(9)], AskedOfAction("rag", "Two posts are vacant", "may-miss"), TODAY)
        assert after.rag == "may-miss"
        for asked in (AskedOfAction("rag", "", "may-miss"), AskedOfAction("rag", "why", None)):
            with pytest.raises(DomainError, match="Nothing was stored"):
                plan.take(ACTION, [due(9)], asked, TODAY)

    def test_nobody_says_on_track_against_the_calendar(self) -> None:
        with pytest.raises(DomainError) as refused:
            plan.take(ACTION, [due(-1)], AskedOfAction("rag", "all well", "on-track"), TODAY)
        assert refused.value.slug == "milestones-open"
        assert plan.take(ACTION, [due(-1)], AskedOfAction("rag", "indeed", "missed"), TODAY).rag == "missed"

    def test_it_is_completed_when_nothing_of_it_is_open(self) -> None:
        with pytest.raises(DomainError) as refused:
            plan.take(ACTION, [due(9)], AskedOfAction("complete", "the rota"), TODAY)
        assert refused.value.slug == "milestones-open"
        after = plan.take(ACTION, [due(9, met_on=TODAY)], AskedOfAction("complete", "the rota"), TODAY)
        assert (after.state, after.ended_on) == ("completed", TODAY)

    def test_what_ended_can_be_opened_again_and_nothing_else(self) -> None:
        ended = replace(ACTION, state="dropped", ended_on=TODAY)
        assert plan.take(ended, [], AskedOfAction("reopen", "needed after all"), TODAY) == ACTION
        with pytest.raises(DomainError) as refused:
            plan.take(ended, [], AskedOfAction("complete", "x"), TODAY)
        assert refused.value.slug == "step-not-possible"

    def test_a_new_action_names_every_fault_at_once(self) -> None:
        with pytest.raises(DomainError) as refused:
            NewAction(UUID(int=1), " ", "x" * 201, "", TODAY - timedelta(days=1)).checked(TODAY)
        assert {each.pointer for each in refused.value.errors} == {"/what", "/owner", "/milestone", "/due"}


class TestMilestones:
    def test_a_moved_day_keeps_the_first(self) -> None:
        later = TODAY + timedelta(days=40)
        after = plan.take_milestone(due(3), AskedOfMilestone("move", "The printer is late", later), TODAY)
        assert (after.first_due_on, after.due_on) == (TODAY + timedelta(days=3), later)

    @pytest.mark.parametrize(
        "asked",
        [
            AskedOfMilestone("move", "", TODAY),
            AskedOfMilestone("move", "why", TODAY - timedelta(days=1)),
            AskedOfMilestone("move", "why", None),
            AskedOfMilestone("met", "", TODAY + timedelta(days=1)),
            AskedOfMilestone("met", "", None),
            AskedOfMilestone("drop", " "),
            AskedOfMilestone("met", "x" * 4001, TODAY),
        ],
    )
    def test_what_lacks_a_reason_or_a_day_is_refused(self, asked: AskedOfMilestone) -> None:
        with pytest.raises(DomainError) as refused:
            plan.take_milestone(due(3), asked, TODAY)
        assert refused.value.slug == "invalid-step"

    def test_only_what_is_not_open_is_opened_again(self) -> None:
        again = AskedOfMilestone("reopen", "It broke", TODAY)
        assert plan.take_milestone(due(3, met_on=TODAY), again, TODAY).open
        for milestone, asked in ((due(3), again), (due(3, dropped=True), AskedOfMilestone("met", "", TODAY))):
            with pytest.raises(DomainError) as refused:
                plan.take_milestone(milestone, asked, TODAY)
            assert refused.value.slug == "step-not-possible"


class TestHead:
    def test_a_service_area_is_one_of_those_that_there_are(self) -> None:
        plan.check_head(Head("Better plans", "Why", None), ())
        with pytest.raises(DomainError):
            plan.check_head(Head("Better plans", "Why", "nowhere"), {"send"})
