"""What the world is told of disputes."""

from datetime import date
from uuid import UUID

from services.audit.tests.disputes import CALENDAR, GROUP, RULES, TODAY, answered, dispute, escalated

from audit.domain import dispute_steps
from audit.domain.dispute import Dispute, Ending
from audit.events.disputes import events_of
from contracts.audit import DisputeRaised, DisputeReopened, DisputeResolved, DisputeStageReached
from contracts.base import Event

ID = UUID(int=7)


def told(before: Dispute | None, after: Dispute) -> list[Event]:
    return list(events_of(ID, before, after, "0" * 32))


class TestEventsOf:
    def test_a_new_dispute_tells_of_itself_and_of_its_first_stage(self) -> None:
        raised, stage = told(None, dispute())
        assert isinstance(raised, DisputeRaised)
        assert isinstance(stage, DisputeStageReached)
        assert (raised.answer_due_on, stage.answer_due_on, stage.limit) == (date(2026, 11, 23), date(2026, 11, 23), 5)

    def test_an_answer_tells_how_long_it_took_and_by_which_calendar(self) -> None:
        (stage,) = told(dispute(), answered())
        assert isinstance(stage, DisputeStageReached)
        assert (stage.answered_on, stage.answered_by, stage.working_days) == (date(2026, 11, 19), "team-manager", 3)
        assert stage.calendar == CALENDAR.version

    def test_an_escalation_without_an_answer_tells_that_the_stage_was_left(self) -> None:
        left, reached = told(dispute(), escalated(dispute()))
        assert isinstance(left, DisputeStageReached)
        assert isinstance(reached, DisputeStageReached)
        assert (left.number, left.left_on, reached.number, reached.left_on) == (1, date(2026, 11, 20), 2, None)

    def test_an_ending_tells_its_result_and_a_reopening_takes_it_back(self) -> None:
        ending = Ending("resolved", date(2026, 11, 23), "explained")
        resolved = dispute_steps.resolve(answered(), ending, RULES, today=TODAY)
        (ended,) = told(answered(), resolved)
        assert isinstance(ended, DisputeResolved)
        assert (ended.result, ended.outcome, ended.informal) == ("resolved", "explained", False)
        again = dispute_steps.reopen(resolved, RULES, None, TODAY, GROUP, "x", calendar=CALENDAR, today=TODAY)
        assert [type(event) for event in told(resolved, again)] == [DisputeReopened, DisputeStageReached]

    def test_other_words_tell_nothing(self) -> None:
        assert told(dispute(), dispute(concern="Other words.", case_number="other")) == []

    def test_another_case_is_told(self) -> None:
        events = list(events_of(ID, dispute(), dispute(), "1" * 32, "0" * 32))
        assert [type(event) for event in events] == [DisputeRaised]
