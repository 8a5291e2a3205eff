"""The clock against the vectors of the field and against a slow reference that walks from day to day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar import ENGLAND_AND_WALES, JURISDICTIONS, WorkingDays, read, versions
from complaints.domain import clock
from complaints.domain.clock import Facts, Terms

CALENDAR = WorkingDays.load()
STATUTORY_1 = Terms(10, 20, "received")
STATUTORY_2 = Terms(25, 65, "requested")
CORPORATE_1 = Terms(10, 20, "acknowledged", 5)
CORPORATE_2 = Terms(20, 40, "acknowledged", 5)
INFORMAL = Terms(10, None, "received")

days = st.dates(date(2019, 1, 1), date(2029, 12, 31))
gaps = st.integers(0, 150)
terms = st.sampled_from([STATUTORY_1, STATUTORY_2, CORPORATE_1, CORPORATE_2, INFORMAL, Terms(1, 2, "received")])


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Facts in the order in which the stage machine lets them happen."""
    started_on = draw(st.dates(date(2019, 1, 1), date(2028, 12, 31)))
    after = [started_on + timedelta(days=draw(gaps)) for _ in range(2)]
    acknowledged_on, extended_on = (draw(st.sampled_from([None, day])) for day in after)
    latest = max(day for day in (started_on, acknowledged_on, extended_on) if day is not None)
    responded_on = draw(st.sampled_from([None, latest + timedelta(days=draw(gaps))]))
    return Facts(started_on, acknowledged_on, extended_on, responded_on)


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


def slow_clock(calendar: SlowCalendar, terms: Terms, facts: Facts, on: date) -> tuple[date, date, int, int, bool, bool]:
    """Day 0, due date, day, days over, answered, late: step by step, as a person would count with a wall calendar."""
    acknowledged = facts.acknowledged_on is not None and facts.acknowledged_on <= on
    extended = facts.extended_on is not None and facts.extended_on <= on and terms.extension_to is not None
    answered = facts.responded_on is not None and facts.responded_on <= on
    limit = terms.extension_to if extended and terms.extension_to is not None else terms.limit
    zero, due = facts.started_on, facts.started_on
    if terms.counts_from == "acknowledged":
        if acknowledged and facts.acknowledged_on is not None:
            zero = due = facts.acknowledged_on
        else:
            due = calendar.add(due, terms.acknowledge_within or 0)
    due = calendar.add(due, limit)
    stop = facts.responded_on if answered and facts.responded_on is not None else on
    # After the due date: each working day on which there still was no answer.
    over = calendar.count(due, stop) if stop > due else 0
    return zero, due, calendar.count(zero, stop), over, answered, stop > due


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

    @given(terms, facts(), gaps)
    def test_agrees_with_counting_day_by_day(self, terms: Terms, facts: Facts, later: int) -> None:
        on = facts.started_on + timedelta(days=later)
        zero, due, day, over, answered, late = slow_clock(SLOW, terms, facts, on)
        read_on = clock.read(CALENDAR, terms, facts, on)
        assert (read_on.day_zero, read_on.due_on, read_on.day, read_on.days_over) == (zero, due, day, over)
        assert read_on.state.startswith("answered") == answered
        assert (read_on.state in {"overdue", "answered-late"}) == late
        assert read_on.days_left == (0 if answered else max(0, read_on.limit - day))

    @given(st.sampled_from(JURISDICTIONS), terms, facts(), gaps)
    def test_agrees_in_every_jurisdiction(self, jurisdiction: str, terms: Terms, facts: Facts, later: int) -> None:
        on = facts.started_on + timedelta(days=later)
        _, due, day, *_ = slow_clock(SlowCalendar(jurisdiction), terms, facts, on)
        read_on = clock.read(WorkingDays.load(jurisdiction=jurisdiction), terms, facts, on)
        assert (read_on.due_on, read_on.day) == (due, day)

    @given(terms, facts(), gaps)
    def test_the_due_date_is_the_limit_after_day_0(self, terms: Terms, facts: Facts, later: int) -> None:
        read_on = clock.read(CALENDAR, terms, facts, facts.started_on + timedelta(days=later))
        assert read_on.due_on == SLOW.add(read_on.day_zero, read_on.limit)

    @given(terms, facts(), gaps)
    def test_what_happens_later_changes_nothing_that_was_said_before(self, terms: Terms, facts: Facts, later: int) -> None:
        on = facts.started_on + timedelta(days=later)
        assert clock.read(CALENDAR, terms, facts, on) == clock.read(CALENDAR, terms, clock.known_on(facts, on), on)
