"""The clock against the vectors of the field and against a slow reference that walks from day to day."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar import ENGLAND_AND_WALES, JURISDICTIONS, WorkingDays, read, versions
from complaints.domain import clock
from complaints.domain.clock import Facts, PanelTerms, Suspension, Terms

CALENDAR = WorkingDays.load()
STATUTORY_1 = Terms(10, 20, "received")
STATUTORY_2 = Terms(25, 65, "requested")
CORPORATE_1 = Terms(10, 20, "acknowledged", 5)
CORPORATE_2 = Terms(20, 40, "acknowledged", 5)
INFORMAL = Terms(10, None, "received")
AGREED_2 = Terms(25, 65, "agreed")
PANEL_3 = Terms(30, None, "requested", panel=PanelTerms(5, 15))

gaps = st.integers(0, 150)
single = [STATUTORY_1, STATUTORY_2, CORPORATE_1, CORPORATE_2, INFORMAL, AGREED_2, Terms(1, 2, "received")]
terms = st.sampled_from([*single, PANEL_3])


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Facts in the order in which the stage machine lets them happen."""
    started_on = draw(st.dates(date(2019, 1, 1), date(2028, 12, 31)))

    def maybe(after: date) -> date | None:
        return draw(st.none() | gaps.map(lambda days: after + timedelta(days=days)))

    suspensions: list[Suspension] = []
    last = started_on
    for _ in range(draw(st.integers(0, 3))):
        from_on = last + timedelta(days=draw(st.integers(0, 40)))
        last = from_on + timedelta(days=draw(st.integers(0, 40)))
        suspensions.append(Suspension(from_on, last, "court"))
    open_end: bool = draw(st.booleans())
    if suspensions and open_end:
        suspensions[-1] = Suspension(suspensions[-1].from_on, None, "court")
    extended_on = maybe(started_on)
    panel_on = maybe(started_on)
    reported_on = maybe(panel_on) if panel_on else None
    known = [maybe(started_on), extended_on, maybe(started_on), panel_on, reported_on]
    latest = max(day for day in (started_on, last, *known) if day is not None)
    to = draw(st.none() | st.integers(11, 20)) if extended_on else None
    return Facts(started_on, known[0], extended_on, maybe(latest), known[2], to, panel_on, reported_on, tuple(suspensions))


class SlowCalendar:
    """The same questions answered by walking from one day to the next."""

    def __init__(self, jurisdiction: str) -> None:
        self.holidays = read(versions()[-1]).holidays[jurisdiction]

    def works(self, day: date) -> bool:
        return day.isoweekday() not in {6, 7} and day not in self.holidays

    def add(self, day: date, n: int) -> date:
        while n:
            day += timedelta(days=1)
            n -= self.works(day)
        return day

    def count(self, start: date, end: date) -> int:
        return sum(self.works(start + timedelta(days=i)) for i in range(1, (end - start).days + 1))


SLOW = SlowCalendar(ENGLAND_AND_WALES)


@dataclass
class Slow:
    """What a person would find with a wall calendar and a pencil."""

    zero: date
    due: date
    answer_by: date | None
    day: int
    over: int
    suspended: int


def slow_clock(calendar: SlowCalendar, terms: Terms, facts: Facts, on: date) -> Slow:
    """The leg that runs on a day, walked from its day 0 to its last day, one day after the other."""

    def happened(day: date | None) -> bool:
        return day is not None and day <= on

    zero, limit = facts.started_on, terms.limit
    if happened(facts.extended_on) and terms.extension_to is not None:
        limit = facts.extended_to or terms.extension_to
    if terms.counts_from == "acknowledged" and not happened(facts.acknowledged_on):
        limit += terms.acknowledge_within or 0
    for origin, moved in (("acknowledged", facts.acknowledged_on), ("agreed", facts.agreed_on)):
        if terms.counts_from == origin and happened(moved) and moved is not None:
            zero = moved
    if terms.panel is not None and happened(facts.panel_on) and facts.panel_on is not None:
        zero, limit = facts.panel_on, terms.panel.report_within
        if happened(facts.reported_on) and facts.reported_on is not None:
            zero, limit = facts.reported_on, terms.panel.answer_within
    stop = facts.responded_on if happened(facts.responded_on) and facts.responded_on is not None else on
    answer_by = walk(calendar, facts, zero, limit, on)
    over = calendar.count(answer_by, stop) if answer_by and stop > answer_by else 0
    still = sum(calendar.works(day) and standing_still(facts, day, on) for day in days_after(zero, stop))
    return Slow(zero, calendar.add(zero, limit), answer_by, calendar.count(zero, stop), over, still)


def days_after(start: date, end: date) -> list[date]:
    return [start + timedelta(days=i) for i in range(1, (end - start).days + 1)]


def standing_still(facts: Facts, day: date, on: date) -> bool:
    return any(each.from_on < day <= until(each, facts, on) for each in facts.suspensions if each.from_on <= on)


def until(each: Suspension, facts: Facts, on: date) -> date:
    """An end that had not come by the day that is asked about is not known, unless the answer ended the suspension."""
    ended = [day for day in (each.until_on, facts.responded_on) if day is not None and day <= on]
    return min(ended, default=date.max)


def walk(calendar: SlowCalendar, facts: Facts, zero: date, limit: int, on: date) -> date | None:
    last, left, day = zero, limit, zero
    while True:
        day += timedelta(days=1)
        if not calendar.works(day):
            continue
        pauses = [
            each
            for each in facts.suspensions
            if each.from_on <= on and each.from_on < day <= until(each, facts, on) and (left or each.from_on <= last)
        ]
        if any(until(each, facts, on) == date.max for each in pauses):
            return None
        if not pauses and left == 0:
            return last
        left -= not pauses
        last = day


class TestVectors:
    @pytest.mark.parametrize(
        ("start", "limit", "due"),
        [
            ("2022-05-27", 10, "2022-06-14"),  # two days for the Jubilee
            ("2022-05-27", 20, "2022-06-28"),
            ("2022-09-05", 10, "2022-09-20"),  # the one-off day of the State Funeral
            ("2023-04-28", 10, "2023-05-16"),  # the one-off day of the Coronation
            ("2022-04-29", 5, "2022-05-09"),
            ("2024-08-29", 65, "2024-11-28"),
        ],
    )
    def test_of_the_field_hold(self, start: str, limit: int, due: str) -> None:
        when = clock.timing(CALENDAR, Terms(limit, None, "received"), Facts(date.fromisoformat(start)))
        assert when.due_on == date.fromisoformat(due)
        assert SLOW.add(date.fromisoformat(start), limit) == date.fromisoformat(due)


class TestWords:
    received = date(2022, 4, 28)  # a Thursday; Monday 2 May is a bank holiday; due on Friday 13 May

    @pytest.mark.parametrize(
        ("on", "words"),
        [
            ("2022-04-28", "day 0 of 10"),
            ("2022-04-30", "day 1 of 10"),  # Saturday: nothing has passed since Friday
            ("2022-05-02", "day 1 of 10"),
            ("2022-05-11", "day 8 of 10"),
            ("2022-05-13", "day 10 of 10"),
            ("2022-05-14", "day 10 of 10, after the due date"),
            ("2022-05-16", "day 11 of 10, 1 working day over"),
            ("2022-05-17", "day 12 of 10, 2 working days over"),
        ],
    )
    def test_say_the_day_the_limit_and_how_far_over(self, on: str, words: str) -> None:
        assert clock.read(CALENDAR, STATUTORY_1, Facts(self.received), date.fromisoformat(on)).words == words

    def test_say_when_it_was_answered(self) -> None:
        facts = Facts(self.received, responded_on=date(2022, 5, 12))
        assert clock.read(CALENDAR, STATUTORY_1, facts, date(2022, 7, 1)).words == "answered on day 9 of 10"
        late = Facts(self.received, responded_on=date(2022, 5, 17))
        read_later = clock.read(CALENDAR, STATUTORY_1, late, date(2022, 7, 1))
        assert read_later.words == "answered on day 12 of 10, 2 working days over"


class TestRead:
    def test_an_extension_moves_the_due_date_from_its_day_on_and_not_before(self) -> None:
        facts = Facts(date(2022, 4, 28), extended_on=date(2022, 5, 11))
        assert clock.read(CALENDAR, STATUTORY_1, facts, date(2022, 5, 10)).due_on == date(2022, 5, 13)
        assert clock.read(CALENDAR, STATUTORY_1, facts, date(2022, 5, 11)).due_on == date(2022, 5, 27)

    def test_without_acknowledgement_it_is_due_as_if_acknowledged_on_the_last_day(self) -> None:
        read_on = clock.read(CALENDAR, CORPORATE_1, Facts(date(2022, 4, 29)), date(2022, 5, 4))
        assert read_on.acknowledge_by == date(2022, 5, 9)
        assert (read_on.limit, read_on.due_on) == (15, CALENDAR.add(date(2022, 5, 9), 10))

    def test_an_acknowledgement_becomes_day_0(self) -> None:
        facts = Facts(date(2022, 4, 29), acknowledged_on=date(2022, 5, 4))
        read_on = clock.read(CALENDAR, CORPORATE_1, facts, date(2022, 5, 4))
        assert (read_on.day, read_on.limit, read_on.due_on) == (0, 10, date(2022, 5, 18))
        assert read_on.acknowledge_by is None

    def test_a_day_before_the_stage_has_no_clock(self) -> None:
        with pytest.raises(ValueError, match="there is no clock"):
            clock.read(CALENDAR, STATUTORY_1, Facts(date(2022, 4, 28)), date(2022, 4, 27))

    @given(terms, facts(), st.integers(0, 400))
    def test_agrees_with_counting_day_by_day(self, terms: Terms, facts: Facts, later: int) -> None:
        on = facts.started_on + timedelta(days=later)
        slow = slow_clock(SLOW, terms, facts, on)
        assert agreed(clock.read(CALENDAR, terms, facts, on)) == slow

    @given(st.sampled_from(JURISDICTIONS), terms, facts(), gaps)
    def test_agrees_in_every_jurisdiction(self, jurisdiction: str, terms: Terms, facts: Facts, later: int) -> None:
        on = facts.started_on + timedelta(days=later)
        slow = slow_clock(SlowCalendar(jurisdiction), terms, facts, on)
        assert agreed(clock.read(WorkingDays.load(jurisdiction=jurisdiction), terms, facts, on)) == slow

    @given(terms, facts(), gaps)
    def test_the_due_date_is_the_limit_after_day_0(self, terms: Terms, facts: Facts, later: int) -> None:
        read_on = clock.read(CALENDAR, terms, facts, facts.started_on + timedelta(days=later))
        assert read_on.due_on == SLOW.add(read_on.day_zero, read_on.limit)

    @given(terms, facts(), gaps)
    def test_what_happens_later_changes_nothing_that_was_said_before(self, terms: Terms, facts: Facts, later: int) -> None:
        on = facts.started_on + timedelta(days=later)
        assert clock.read(CALENDAR, terms, facts, on) == clock.read(CALENDAR, terms, clock.known_on(facts, on), on)

    @given(terms, facts(), st.integers(0, 400))
    def test_state_says_what_the_dates_say(self, terms: Terms, facts: Facts, later: int) -> None:
        on = facts.started_on + timedelta(days=later)
        read_on = clock.read(CALENDAR, terms, facts, on)
        answered = facts.responded_on is not None and facts.responded_on <= on
        stop = facts.responded_on if answered and facts.responded_on else on
        late = read_on.answer_by is not None and stop > read_on.answer_by
        holds = read_on.suspended_since is not None
        states = {(True, True): "answered-late", (True, False): "answered-in-time", (False, True): "overdue"}
        assert read_on.state == states.get((answered, late), "suspended" if holds else "running")
        assert read_on.kept == (stop <= read_on.due_on)
        assert read_on.suspended_days <= read_on.day

    @given(st.sampled_from(single), facts())
    def test_without_a_suspension_the_day_to_answer_by_is_the_due_date(self, terms: Terms, facts: Facts) -> None:
        when = clock.timing(CALENDAR, terms, replace(facts, suspensions=()))
        assert (when.answer_by, when.suspended_days) == (when.due_on, 0)


class TestSuspension:
    # Received on Thursday 28 April 2022, due on Friday 13 May; suspended on day 4, Thursday 5 May.
    facts = Facts(date(2022, 4, 28), suspensions=(Suspension(date(2022, 5, 5), None, "court"),))

    def read(self, on: date, **changed: Any) -> clock.Clock:
        return clock.read(CALENDAR, STATUTORY_1, replace(self.facts, **changed), on)

    def resumed(self, until: date) -> dict[str, Any]:
        return {"suspensions": (Suspension(date(2022, 5, 5), until, "court"),)}

    def test_while_it_holds_nothing_is_overdue_and_the_lawful_date_stands_beside(self) -> None:
        said = self.read(date(2022, 5, 18))
        assert (said.state, said.answer_by, said.due_on, said.kept) == ("suspended", None, date(2022, 5, 13), False)
        assert said.words == "day 13 of 10, 9 working days of them suspended, suspended now"

    def test_moves_the_day_to_answer_by_working_days_and_not_the_due_date(self) -> None:
        said = self.read(date(2022, 5, 18), **self.resumed(date(2022, 5, 17)))
        assert (said.due_on, said.answer_by) == (date(2022, 5, 13), CALENDAR.add(date(2022, 5, 13), 8))
        assert (said.state, said.suspended_days, said.day, said.days_left) == ("running", 8, 13, 5)

    def test_one_that_comes_too_late_moves_nothing(self) -> None:
        late = (Suspension(date(2022, 5, 16), None, "court"),)
        said = self.read(date(2022, 5, 18), suspensions=late)
        assert (said.state, said.answer_by, said.suspended_since) == ("overdue", date(2022, 5, 13), date(2022, 5, 16))

    def test_the_answer_ends_it_and_the_days_that_passed_are_all_counted(self) -> None:
        said = self.read(date(2022, 7, 1), responded_on=date(2022, 5, 18))
        assert (said.state, said.kept, said.day, said.suspended_days) == ("answered-in-time", False, 13, 9)
        assert said.words == "answered on day 13 of 10, 9 working days of them suspended"

    def test_an_extension_in_it_counts_from_the_limit_and_is_moved_too(self) -> None:
        changed = {**self.resumed(date(2022, 5, 17)), "extended_on": date(2022, 5, 10)}
        said = self.read(date(2022, 5, 18), **changed)
        assert (said.due_on, said.answer_by) == (date(2022, 5, 27), CALENDAR.add(date(2022, 5, 27), 8))


class TestPanel:
    def test_each_leg_has_a_limit_of_its_own(self) -> None:
        facts = Facts(date(2022, 5, 3), panel_on=date(2022, 6, 20), reported_on=date(2022, 6, 24))
        legs = [clock.timing(CALENDAR, PANEL_3, facts, leg) for leg in ("panel", "report", "answer")]
        assert [(leg.day_zero, leg.limit, leg.due_on) for leg in legs] == [
            (date(2022, 5, 3), 30, date(2022, 6, 16)),
            (date(2022, 6, 20), 5, date(2022, 6, 27)),
            (date(2022, 6, 24), 15, date(2022, 7, 15)),
        ]

    def test_all_limits_are_kept_only_if_each_was(self) -> None:
        late = Facts(date(2022, 5, 3), panel_on=date(2022, 6, 20), reported_on=date(2022, 6, 24), responded_on=date(2022, 7, 1))
        assert clock.read(CALENDAR, PANEL_3, late, date(2022, 8, 1)).kept
        assert not clock.limits_kept(CALENDAR, PANEL_3, late, date(2022, 8, 1))  # the panel was four days late
        kept = replace(late, panel_on=date(2022, 6, 16), reported_on=date(2022, 6, 23))
        assert clock.limits_kept(CALENDAR, PANEL_3, kept, date(2022, 8, 1))

    def test_the_clock_is_that_of_the_leg_that_ran_on_the_day(self) -> None:
        facts = Facts(date(2022, 5, 3), panel_on=date(2022, 6, 20), reported_on=date(2022, 6, 24))
        said = [clock.read(CALENDAR, PANEL_3, facts, date(2022, 6, day)) for day in (17, 20, 24)]
        assert [(each.leg, each.state) for each in said] == [
            ("panel", "overdue"),
            ("report", "running"),
            ("answer", "running"),
        ]


class TestDraft:
    def test_is_wanted_some_working_days_before_the_answer(self) -> None:
        terms = Terms(10, 20, "received", draft_before=3)
        said = clock.read(CALENDAR, terms, Facts(date(2022, 4, 28)), date(2022, 5, 3))
        assert (said.draft_by, said.due_on) == (date(2022, 5, 10), date(2022, 5, 13))
        assert clock.read(CALENDAR, terms, Facts(date(2022, 4, 28), responded_on=date(2022, 5, 3)), said.on).draft_by is None


class TestOverdueSpans:
    @given(terms, facts())
    def test_hold_exactly_the_days_on_which_the_clock_says_so(self, terms: Terms, facts: Facts) -> None:
        spans = clock.overdue_spans(CALENDAR, terms, facts)
        for later in range(0, 460, 3):
            on = facts.started_on + timedelta(days=later)
            within = any(span.first <= on and (span.last is None or on <= span.last) for span in spans)
            assert clock.read(CALENDAR, terms, facts, on).overdue == within, on

    @given(terms, facts())
    def test_do_not_touch_one_another(self, terms: Terms, facts: Facts) -> None:
        spans = clock.overdue_spans(CALENDAR, terms, facts)
        for before, after in pairwise(spans):
            assert before.last is not None
            assert (after.first - before.last).days > 1


def agreed(said: clock.Clock) -> Slow:
    """What the clock says, as the slow reference has it."""
    return Slow(said.day_zero, said.due_on, said.answer_by, said.day, said.days_over, said.suspended_days)
