"""The steps of a dispute, one by one and in any order."""

from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from services.audit.tests.disputes import CALENDAR, GROUP, MANAGER, RULES, STAGES, TODAY, answered, dispute, escalated

from audit.domain import dispute_steps
from audit.domain.dispute import Answer, Dispute, Ending, Phase
from audit.domain.dispute_steps import LEGAL, Addressee, Step
from chassis.errors import DomainError, Kind

NOBODY = Addressee()


def refused(slug: str, pointer: str | None = None) -> pytest.RaisesExc[DomainError]:
    def fits(error: DomainError) -> bool:
        return error.slug == slug and (pointer is None or [each.pointer for each in error.errors] == [pointer])

    return pytest.RaisesExc(DomainError, check=fits)


def resolved(given: Dispute, on: date = date(2026, 11, 23), *, informal: bool = False) -> Dispute:
    ending = Ending("resolved", on, "agreed-and-done", informal, "She sees her brother every week.")
    return dispute_steps.resolve(given, ending, RULES, today=TODAY)


def reopened(given: Dispute, on: date = date(2026, 11, 24), stage: str | None = None, to: Addressee = GROUP) -> Dispute:
    return dispute_steps.reopen(given, RULES, stage, on, to, "It stopped again.", calendar=CALENDAR, today=TODAY)


class TestBegin:
    def test_the_first_stage_begins_on_the_day_of_the_raising(self) -> None:
        begun = dispute()
        assert (begun.phase, begun.current.code) == (Phase.WAITING, "team-manager")
        assert (begun.current.reached_on, begun.current.limit) == (begun.raised_on, 5)
        assert begun.current.due_on == date(2026, 11, 23)
        assert begun.current.calendar == CALENDAR.version
        assert begun.limit_in_all == 20

    def test_it_is_addressed_to_a_person_or_to_the_team(self) -> None:
        assert not dispute(to=MANAGER, team="send-north").current.to_team
        assert dispute(to=NOBODY, team="send-north").current.to_team
        assert not dispute(to=Addressee(role="Team manager")).current.to_team

    def test_somebody_must_answer(self) -> None:
        with refused("nobody-to-answer", "/person"):
            dispute(to=NOBODY)

    def test_a_concern_of_tomorrow_is_refused(self) -> None:
        with refused("date-in-the-future", "/raised_on"):
            dispute(TODAY + timedelta(days=1))

    @pytest.mark.parametrize("year", [1, 1980, 2500])
    def test_a_slip_of_the_keyboard_is_refused_as_such(self, year: int) -> None:
        with pytest.raises(DomainError) as caught:
            dispute(date(year, 11, 16))
        assert caught.value.kind is Kind.MALFORMED
        assert caught.value.errors[0].pointer == "/raised_on"

    def test_what_was_tried_informally_came_before(self) -> None:
        with refused("dates-out-of-order", "/informal_on"):
            dispute(informal_on=date(2026, 11, 17), informal="A talk.")


class TestAnswer:
    def test_it_stops_the_stage_and_leaves_the_decision_to_who_raised_it(self) -> None:
        assert answered().phase is Phase.ANSWERED
        assert answered().open

    def test_it_names_a_level_of_the_profile(self) -> None:
        with refused("unknown-codes", "/answered_by"):
            answered(by="mayor")

    def test_it_does_not_come_before_the_stage(self) -> None:
        with refused("dates-out-of-order", "/answered_on"):
            answered(on=date(2026, 11, 13))

    def test_there_is_one_a_stage(self) -> None:
        with refused("step-not-possible"):
            answered(answered())


class TestEscalate:
    def test_it_goes_to_the_next_stage_with_a_clock_of_its_own(self) -> None:
        second = escalated().current
        assert (second.number, second.code, second.begun_by) == (2, "group-manager", "escalate")
        assert (second.reached_on, second.due_on) == (date(2026, 11, 20), date(2026, 11, 27))
        assert second.reason == "It was promised before."

    def test_it_may_pass_over_a_stage(self) -> None:
        assert escalated(stage="director").current.code == "director"

    def test_it_does_not_go_back(self) -> None:
        with refused("unknown-codes", "/stage"):
            escalated(escalated(on=date(2026, 11, 20)), on=date(2026, 11, 23), stage="team-manager")

    def test_a_stage_without_an_answer_is_left(self) -> None:
        gone = escalated(dispute())
        assert gone.left_on(1) == date(2026, 11, 20)
        assert gone.left_on(2) is None

    def test_behind_the_director_there_is_nothing(self) -> None:
        with refused("no-later-stage"):
            escalated(escalated(stage="director"))

    def test_somebody_must_answer(self) -> None:
        with refused("nobody-to-answer"):
            dispute_steps.escalate(dispute(), RULES, None, TODAY, NOBODY, "x", calendar=CALENDAR, today=TODAY)


class TestResolve:
    def test_an_answer_that_is_enough_ends_it(self) -> None:
        assert resolved(answered()).phase is Phase.RESOLVED

    def test_without_an_answer_it_must_say_that_it_was_settled_in_talks(self) -> None:
        with refused("not-answered", "/informal"):
            resolved(dispute())
        assert resolved(dispute(), informal=True).phase is Phase.RESOLVED

    def test_what_was_answered_was_not_settled_in_talks(self) -> None:
        with refused("was-answered", "/informal"):
            resolved(answered(), informal=True)

    def test_the_outcome_is_one_of_the_profile(self) -> None:
        with refused("unknown-codes", "/outcome"):
            dispute_steps.resolve(answered(), Ending("resolved", TODAY, "peace"), RULES, today=TODAY)


class TestReopen:
    def test_it_goes_on_where_it_ended_with_a_clock_of_its_own(self) -> None:
        again = reopened(resolved(escalated(dispute()), informal=True))
        assert (again.phase, again.current.code, again.current.number) == (Phase.WAITING, "group-manager", 3)
        assert again.counts_from == date(2026, 11, 24)

    def test_it_may_go_on_at_any_stage(self) -> None:
        assert reopened(resolved(answered()), stage="director").current.code == "director"

    def test_the_earlier_ending_stays(self) -> None:
        again = reopened(resolved(answered()))
        assert again.stages[0].ending is not None
        assert again.current.ending is None

    def test_not_before_it_ended(self) -> None:
        with refused("dates-out-of-order", "/reopened_on"):
            reopened(resolved(answered()), on=date(2026, 11, 20))

    def test_what_was_withdrawn_can_be_opened_again(self) -> None:
        gone = dispute_steps.withdraw(dispute(), date(2026, 11, 20), "A mistake.", today=TODAY)
        assert reopened(gone).phase is Phase.WAITING


class Process(RuleBasedStateMachine):
    """Any steps in any order on any days: each is either taken as the process has it, or refused and nothing changes.

    The model knows the process in its own words: a list of (code, answered, ended), the last day, and what may follow what.
    """

    @initialize(raised_on=st.dates(date(2025, 1, 1), date(2026, 11, 25)))
    def begin(self, raised_on: date) -> None:
        self.dispute = dispute(raised_on)
        self.stages = [["team-manager", False, None]]
        self.last = raised_on

    def take(self, step: Step, day: date, taken: Dispute | str) -> None:
        """Hold what came of a step (the dispute, or the slug of a refusal) against the model."""
        phases = {
            Step.ANSWER: ["waiting"],
            Step.ESCALATE: ["waiting", "answered"],
            Step.RESOLVE: ["waiting", "answered"],
            Step.WITHDRAW: ["waiting", "answered"],
            Step.REOPEN: ["resolved", "withdrawn"],
        }
        if self.phase not in phases[step]:
            assert taken == "step-not-possible"
        elif step is Step.ESCALATE and self.stages[-1][0] == "director":
            assert taken == "no-later-stage"
        elif day > TODAY:
            assert taken == "date-in-the-future"
        elif day < self.last:
            assert taken == "dates-out-of-order"
        else:
            assert isinstance(taken, Dispute), taken
            self.last = day
        if isinstance(taken, Dispute):
            self.dispute = taken

    @property
    def phase(self) -> str:
        code, was_answered, ended = self.stages[-1]
        assert code in STAGES
        return str(ended or ("answered" if was_answered else "waiting"))

    day = st.integers(-3, 12)

    @rule(after=day, by=st.sampled_from(["team-manager", "director"]))
    def answer(self, after: int, by: str) -> None:
        day = self.last + timedelta(days=after)
        try:
            taken: Dispute | str = dispute_steps.answer(self.dispute, Answer(day, by, "x"), RULES, today=TODAY)
        except DomainError as error:
            taken = error.slug
        self.take(Step.ANSWER, day, taken)
        if isinstance(taken, Dispute):
            self.stages[-1][1] = True

    @rule(after=day, skip=st.integers(0, 2))
    def escalate(self, after: int, skip: int) -> None:
        day = self.last + timedelta(days=after)
        place = STAGES.index(str(self.stages[-1][0])) + 1 + skip
        stage = STAGES[min(place, len(STAGES) - 1)]
        try:
            taken: Dispute | str = dispute_steps.escalate(
                self.dispute, RULES, stage, day, GROUP, "x", calendar=CALENDAR, today=TODAY
            )
        except DomainError as error:
            taken = error.slug
        self.take(Step.ESCALATE, day, taken)
        if isinstance(taken, Dispute):
            self.stages.append([stage, False, None])

    @rule(after=day)
    def resolve(self, after: int) -> None:
        day = self.last + timedelta(days=after)
        ending = Ending("resolved", day, "explained", informal=self.phase == "waiting")
        try:
            taken: Dispute | str = dispute_steps.resolve(self.dispute, ending, RULES, today=TODAY)
        except DomainError as error:
            taken = error.slug
        self.take(Step.RESOLVE, day, taken)
        if isinstance(taken, Dispute):
            self.stages[-1][2] = "resolved"

    @rule(after=day)
    def withdraw(self, after: int) -> None:
        day = self.last + timedelta(days=after)
        try:
            taken: Dispute | str = dispute_steps.withdraw(self.dispute, day, "x", today=TODAY)
        except DomainError as error:
            taken = error.slug
        self.take(Step.WITHDRAW, day, taken)
        if isinstance(taken, Dispute):
            self.stages[-1][2] = "withdrawn"

    @rule(after=day, stage=st.sampled_from(STAGES))
    def reopen(self, after: int, stage: str) -> None:
        day = self.last + timedelta(days=after)
        try:
            taken: Dispute | str = reopened(self.dispute, day, stage)
        except DomainError as error:
            taken = error.slug
        self.take(Step.REOPEN, day, taken)
        if isinstance(taken, Dispute):
            self.stages.append([stage, False, None])

    @invariant()
    def it_stands_where_the_model_says(self) -> None:
        assert self.dispute.phase.value == self.phase
        assert self.dispute.open == (self.phase in {"waiting", "answered"})
        assert [stage.code for stage in self.dispute.stages] == [stage[0] for stage in self.stages]
        assert [stage.number for stage in self.dispute.stages] == list(range(1, len(self.stages) + 1))
        assert [stage.answer is not None for stage in self.dispute.stages] == [stage[1] for stage in self.stages]

    @invariant()
    def every_stage_is_due_its_limit_after_it_was_reached(self) -> None:
        for stage in self.dispute.stages:
            walked, left = stage.reached_on, stage.limit
            while left:
                walked += timedelta(days=1)
                left -= walked.isoweekday() not in {6, 7} and CALENDAR.holiday(walked) is None
            assert stage.due_on == walked

    @invariant()
    def only_the_last_stage_waits(self) -> None:
        for stage in self.dispute.stages[:-1]:
            assert stage.answer is not None or self.dispute.left_on(stage.number) is not None

    @invariant()
    def the_table_of_steps_says_the_same(self) -> None:
        assert (Step.REOPEN in LEGAL[self.dispute.phase]) is not self.dispute.open
        assert Step.CORRECT in LEGAL[self.dispute.phase]


TestProcess = Process.TestCase
TestProcess.settings = settings(max_examples=150, stateful_step_count=20, deadline=None)
