"""Reminders: each once, never before its day, none on a day when nobody works; and what officers are told of what is late."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.domain.reminders import AFTER, Deadline, DeadlineKind, Late, Reminder, reminders_due
from chassis.calendar import WorkingDays
from chassis.mail_queue import MOST_KEY

CALENDAR = WorkingDays.load()
START = date(2026, 9, 1)  # from here to the spring lie Christmas, New Year and Easter
DAYS = st.integers(0, 240).map(lambda days: START + timedelta(days=days))
PEOPLE = ("sam-okafor", "priya-shah", "alex-morgan", "")
DEADLINES = st.builds(
    Deadline,
    kind=st.sampled_from(DeadlineKind),
    audit=st.sampled_from(("SC-2026-11-004", "SC-2026-11-005")),
    person=st.sampled_from(PEOPLE),
    due_on=DAYS,
    item=st.sampled_from(("", "a1")),
    remind_before=st.integers(1, 20),
)


def works(day: date) -> bool:
    return day.weekday() < 5 and CALENDAR.holiday(day) is None


def walk(day: date, working_days: int) -> date:
    """So many working days from a day on, on foot."""
    step = timedelta(days=1 if working_days > 0 else -1)
    while working_days:
        day += step
        if works(day):
            working_days -= 1 if working_days > 0 else -1
    return day


def day_of(deadline: Deadline, offset: int) -> date:
    """The day on which a reminder is to go out, found on foot."""
    last = deadline.due_on
    while not works(last):
        last -= timedelta(days=1)
    return walk(last, offset)


def offsets(deadline: Deadline) -> list[int]:
    """The days of all its reminders, as the guide has them."""
    if deadline.kind is DeadlineKind.CONCERN:
        return [1, 2, 3, 4, 5]
    return [-deadline.remind_before, 0, 1, 5]


def deadline(due_on: date, *, kind: DeadlineKind = DeadlineKind.SUBMISSION, before: int = 3, item: str = "") -> Deadline:
    return Deadline(kind, "SC-2026-11-004", "sam-okafor", due_on, item, before)


def due(today: date, *deadlines: Deadline) -> list[int]:
    return [each.offset for each in reminders_due(deadlines, today, CALENDAR)]


class TestAWeek:
    """Due on Monday 30 November 2026."""

    @pytest.mark.parametrize(
        ("today", "expected"),
        [
            (date(2026, 11, 24), []),
            (date(2026, 11, 25), [-3]),
            (date(2026, 11, 27), [-3]),  # the same again: its key was used
            (date(2026, 11, 28), []),  # Saturday
            (date(2026, 11, 30), [0]),
            (date(2026, 12, 1), [1]),
            (date(2026, 12, 4), [1]),
            (date(2026, 12, 7), [5]),
            (date(2027, 3, 1), [5]),
        ],
    )
    def test_three_days_before_on_the_day_and_one_and_five_after(self, today: date, expected: list[int]) -> None:
        assert due(today, deadline(date(2026, 11, 30))) == expected

    def test_a_programme_may_remind_earlier(self) -> None:
        assert due(date(2026, 11, 16), deadline(date(2026, 11, 30), before=10)) == [-10]

    def test_a_due_date_on_a_weekend_counts_as_the_friday_before(self) -> None:
        sunday = deadline(date(2026, 11, 29))
        days = (date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30))
        assert [due(day, sunday) for day in days] == [[-3], [0], [1]]

    def test_bank_holidays_are_jumped_over(self) -> None:
        # Due on New Year's Day, a Friday. Christmas Day is a Friday too, and Monday 28 December stands for the 26th.
        new_year = deadline(date(2027, 1, 1))
        days = {date(2026, 12, 23): [], date(2026, 12, 24): [-3], date(2026, 12, 28): [], date(2026, 12, 29): [-3]}
        days |= {date(2026, 12, 31): [0], date(2027, 1, 4): [1]}
        assert {day: due(day, new_year) for day in days} == days

    def test_of_a_concern_somebody_is_reminded_every_day_of_the_week_after(self) -> None:
        raised = deadline(date(2026, 11, 30), kind=DeadlineKind.CONCERN)
        days = [walk(date(2026, 11, 30), number) for number in range(8)]
        assert [due(day, raised) for day in days] == [[], [1], [2], [3], [4], [5], [5], [5]]

    def test_nobody_is_reminded_of_what_nobody_could_do(self) -> None:
        assert due(date(2026, 11, 30), Deadline(DeadlineKind.DISPUTE, "DRP-2026-001", "", date(2026, 11, 30))) == []

    def test_a_due_date_that_was_moved_is_reminded_of_anew(self) -> None:
        days = (date(2026, 11, 30), date(2026, 12, 3))
        first, moved = (reminders_due([deadline(day)], day, CALENDAR)[0] for day in days)
        assert first.offset == moved.offset == 0
        assert first.key != moved.key

    def test_a_slip_of_the_keyboard_does_not_stop_the_reminders_of_others(self) -> None:
        assert due(date(2026, 11, 30), deadline(date(9999, 1, 1)), deadline(date(2026, 11, 30))) == [0]

    def test_the_longest_key_fits_into_the_queue(self) -> None:
        long = Deadline(DeadlineKind.ACKNOWLEDGEMENT, "R" * 40, "p" * 64, date(2026, 11, 30), "i" * 64, 20)
        (found,) = reminders_due([long], date(2026, 11, 2), CALENDAR)
        assert len(found.key) <= MOST_KEY


class TestLate:
    TUESDAY = date(2026, 12, 1)

    def test_each_thing_is_late_once_also_where_several_could_do_it(self) -> None:
        two = [Deadline(DeadlineKind.DISCUSSION, "SC-1", who, date(2026, 11, 27)) for who in ("sam-okafor", "priya-shah")]
        found = Late.of([*two, deadline(date(2026, 11, 20)), deadline(self.TUESDAY, item="due today")], self.TUESDAY)
        assert [(each.audit, each.due_on.day) for each in found.deadlines] == [("SC-2026-11-004", 20), ("SC-1", 27)]

    @pytest.mark.parametrize(
        ("due_on", "today", "expected"),
        [
            (date(2026, 11, 30), date(2026, 12, 1), True),  # since yesterday
            (date(2026, 11, 30), date(2026, 12, 2), False),
            (date(2026, 11, 28), date(2026, 11, 30), True),  # a Saturday, and the week begins
            (date(2026, 10, 30), date(2026, 12, 2), False),
            (date(2026, 10, 30), date(2026, 12, 7), True),  # again every Monday
            (date(2026, 10, 30), date(2026, 12, 6), False),  # Sunday
            (date(2026, 10, 30), date(2026, 12, 28), False),  # a bank holiday, so the week begins on Tuesday
            (date(2026, 10, 30), date(2026, 12, 29), True),
        ],
    )
    def test_officers_hear_of_it_when_something_is_new_and_when_a_week_begins(
        self, due_on: date, today: date, expected: bool
    ) -> None:
        assert Late.of([deadline(due_on)], today).is_news(today, CALENDAR) is expected

    def test_of_nothing_they_hear_nothing(self) -> None:
        assert not Late.of([], self.TUESDAY).is_news(self.TUESDAY, CALENDAR)


class TestAlways:
    @given(deadlines=st.lists(DEADLINES, max_size=6), today=DAYS)
    def test_what_is_due_is_the_latest_that_fell_on_today_or_before(self, deadlines: list[Deadline], today: date) -> None:
        found = reminders_due(deadlines, today, CALENDAR)
        expected = []
        for each in deadlines:
            fell = [offset for offset in offsets(each) if day_of(each, offset) <= today]
            if fell and each.person and works(today):
                expected.append((each, max(fell)))
        assert [(each.deadline, each.offset) for each in found] == expected
        for reminder in found:
            assert reminder.fell_on == day_of(reminder.deadline, reminder.offset) <= today
            assert works(reminder.fell_on)

    @given(deadlines=st.lists(DEADLINES, unique_by=lambda each: (each.kind, each.audit, each.person, each.item), max_size=4),
           runs=st.sets(st.integers(0, 260), max_size=60))  # fmt: skip
    def test_each_goes_out_once_whenever_the_worker_runs(self, deadlines: list[Deadline], runs: set[int]) -> None:
        sent: Counter[str] = Counter()
        heard: dict[Deadline, list[int]] = {}
        for today in (START + timedelta(days=day) for day in sorted(runs)):
            at_once = Counter(each.deadline for each in reminders_due(deadlines, today, CALENDAR))
            assert set(at_once.values()) <= {1}, "what was missed is sent once, not three times"
            for each in reminders_due(deadlines, today, CALENDAR):
                if each.key not in sent:  # as the queue does
                    sent[each.key] += 1
                    heard.setdefault(each.deadline, []).append(each.offset)
        for found in heard.values():
            assert found == sorted(set(found)), "never the same twice, never an earlier one after a later one"

    @settings(max_examples=30, deadline=None)
    @given(deadlines=st.lists(DEADLINES, unique_by=lambda each: (each.kind, each.audit, each.person, each.item, each.due_on),
                              min_size=1, max_size=4))  # fmt: skip
    def test_a_worker_that_runs_every_day_sends_each_on_its_very_day(self, deadlines: list[Deadline]) -> None:
        first: dict[str, tuple[Reminder, date]] = {}
        for day in range(-60, 290):
            today = START + timedelta(days=day)
            for each in reminders_due(deadlines, today, CALENDAR):
                first.setdefault(each.key, (each, today))
        assert all(today == each.fell_on for each, today in first.values())
        wanted = {(each, offset) for each in deadlines if each.person for offset in offsets(each)}
        assert {(each.deadline, each.offset) for each, _ in first.values()} == wanted

    @given(deadlines=st.lists(DEADLINES, unique_by=lambda each: (each.kind, each.audit, each.person, each.item, each.due_on),
                              max_size=6), today=DAYS)  # fmt: skip
    def test_two_reminders_have_two_keys(self, deadlines: list[Deadline], today: date) -> None:
        found = reminders_due(deadlines, today, CALENDAR)
        assert len({each.key for each in found}) == len(found)

    def test_the_days_after_are_those_of_the_guide(self) -> None:
        assert AFTER == (1, 5)
