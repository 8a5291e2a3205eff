"""Which mails about actions go out on which day: every day of some weeks, and each mail once."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from chassis.calendar import WorkingDays
from complaints.domain.learning_profile import HeadOfService, Learning
from complaints.domain.learning_reminders import MOST_LINES, Waiting, mails_due

CALENDAR = WorkingDays.load()
DUE = date(2022, 8, 26)  # a Friday before a bank holiday Monday
SEND = HeadOfService(service_areas=["send"], email="head-of-send@council.example")
ANYONE = HeadOfService(email="director@council.example")
LEARNING = Learning(complaints_unit_email="unit@council.example", heads_of_service=[SEND, ANYONE])
ACTION = Waiting(UUID(int=1), "SEND-22-001 A1", "send", DUE, "sam@council.example")


def sent(waiting: list[Waiting], learning: Learning, first: date, days: int = 30) -> list[tuple[date, str, str]]:
    """Day, address and what it is, of every mail of a run of days, each key once as the queue keeps it."""
    seen: set[str] = set()
    found = []
    for day in (first + timedelta(days=each) for each in range(days)):
        for mail in mails_due(waiting, learning, day, CALENDAR, "https://loop.example"):
            if mail.key not in seen:
                seen.add(mail.key)
                found.append((day, mail.to, mail.subject))
    return found


class TestMailsDue:
    def test_the_owner_the_unit_and_the_head_of_service_are_told_in_turn(self) -> None:
        late = "Overdue 26 August: an action from complaint SEND-22-001 A1"
        due = "Due 26 August: an action from complaint SEND-22-001 A1"
        assert sorted(sent([ACTION], LEARNING, date(2022, 8, 17), 23)) == [
            (date(2022, 8, 23), "sam@council.example", due),
            (date(2022, 8, 26), "sam@council.example", due),
            # Monday is a bank holiday: nobody is told of anything on it.
            (date(2022, 8, 30), "sam@council.example", late),
            (date(2022, 8, 30), "unit@council.example", "Late on 30 August: 1 action from complaints"),
            (date(2022, 9, 5), "head-of-send@council.example", late),
            (date(2022, 9, 5), "unit@council.example", "Late on 5 September: 1 action from complaints"),
        ]

    def test_an_owner_without_an_address_is_the_units_to_remind(self) -> None:
        nobody = Waiting(ACTION.id, ACTION.name, "fostering-and-kinship", DUE)
        told = {to for _, to, _ in sent([nobody], LEARNING, date(2022, 8, 17))}
        assert told == {"unit@council.example", "director@council.example"}

    def test_without_addresses_nobody_is_mailed(self) -> None:
        assert sent([Waiting(ACTION.id, ACTION.name, "send", DUE)], Learning(), date(2022, 8, 1), 90) == []

    def test_a_day_that_was_moved_is_another_reminder(self) -> None:
        moved = Waiting(ACTION.id, ACTION.name, "send", date(2022, 9, 23), "sam@council.example")
        first = {mail.key for mail in mails_due([ACTION], LEARNING, DUE, CALENDAR, "")}
        assert first.isdisjoint(mail.key for mail in mails_due([moved], LEARNING, date(2022, 9, 23), CALENDAR, ""))

    def test_nothing_goes_out_at_the_weekend(self) -> None:
        assert mails_due([ACTION], LEARNING, date(2022, 9, 3), CALENDAR, "") == []

    def test_of_what_was_missed_only_the_latest_goes_out(self) -> None:
        mails = mails_due([ACTION], LEARNING, date(2022, 10, 3), CALENDAR, "https://loop.example")
        assert [mail.key.rsplit(":", 1)[1] for mail in mails] == ["late", "escalation", "2022-10-03"]

    def test_the_units_mail_names_so_many_and_says_how_many_more(self) -> None:
        many = [Waiting(UUID(int=number), f"C-{number:03} A1", "send", DUE) for number in range(1, 101)]
        mail = mails_due(many, LEARNING, date(2022, 8, 30), CALENDAR, "https://loop.example")[-1]
        assert mail.body.count("was due on") == MOST_LINES
        assert "And 60 more." in mail.body

    @pytest.mark.parametrize("word", ["sam", "Write"])
    def test_a_mail_names_nobody(self, word: str) -> None:
        for mail in mails_due([ACTION], LEARNING, DUE, CALENDAR, "https://loop.example"):
            assert word not in mail.subject + mail.body + mail.key
