"""What is due by which day, and the mail of every morning."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from chassis.calendar import WorkingDays
from complaints.domain.agenda import Agenda, Asked, Waiting, agenda, morning_mail
from complaints.domain.clock import Facts, Suspension, Terms
from complaints.domain.clock_reminders import RunningStage, Wanted

CALENDAR = WorkingDays.load()
RECEIVED = date(2022, 4, 28)  # a Thursday; due on Friday 13 May, to be acknowledged by Friday 6 May
CORPORATE = Terms(10, 20, "acknowledged", acknowledge_within=5)
STATUTORY = Terms(10, 20, "received")
NOBODY = Waiting()


def stage(terms: Terms = STATUTORY, reference: str = "C-1", **facts: object) -> RunningStage:
    return RunningStage(UUID(int=1), reference, "send", 1, terms, Facts(RECEIVED, **facts))  # type: ignore[arg-type]


def on(day: date, *running: RunningStage, waiting: Waiting = NOBODY, asked: tuple[Asked, ...] = ()) -> Agenda:
    wanted = [Wanted(UUID(int=2), UUID(int=3), "LGSCO-1", "send", date(2022, 5, 14))]  # a Saturday
    return agenda(running, wanted, asked, waiting, day, CALENDAR)


class TestAgenda:
    @pytest.mark.parametrize(
        ("day", "where"),
        [
            (date(2022, 5, 5), "later"),  # Thursday of the week before
            (date(2022, 5, 9), "week"),
            (date(2022, 5, 13), "today"),
            (date(2022, 5, 14), "overdue"),
        ],
    )
    def test_an_answer_stands_in_one_list(self, day: date, where: str) -> None:
        found = on(day, stage())
        lists = {name: [each.reference for each in getattr(found, name)] for name in ("overdue", "today", "week", "later")}
        assert [name for name, known in lists.items() if "C-1" in known] == [where]

    def test_nothing_stands_there_that_is_due_after_next_week(self) -> None:
        assert on(date(2022, 4, 29), stage()).later == ()

    def test_an_acknowledgement_is_due_by_itself_and_what_is_suspended_is_not(self) -> None:
        found = on(date(2022, 5, 6), stage(CORPORATE))
        assert [(each.what, each.path) for each in found.today] == [
            ("Stage 1: the acknowledgement is to be sent", f"/complaints/{UUID(int=1)}")
        ]
        held = stage(suspensions=(Suspension(date(2022, 5, 3), None, "court"),))
        assert on(date(2022, 5, 13), held).today == ()

    def test_the_day_of_the_ombudsman_is_one_of_the_wall_calendar(self) -> None:
        assert [each.reference for each in on(date(2022, 5, 14)).today] == ["LGSCO-1"]


class TestMorningMail:
    WAITING = Waiting(3, RECEIVED, 1)

    def test_says_all_of_it_without_a_word_of_what_it_is_about(self) -> None:
        asked = (Asked("C-7", "send", 2, date(2022, 5, 3), "/complaints/7"),)
        found = on(date(2022, 5, 11), stage(), stage(CORPORATE, "C-2"), waiting=self.WAITING, asked=asked)
        [mail] = morning_mail(found, "unit@council.example", CALENDAR, "https://loop.example")
        assert (mail.key, mail.to) == ("morning:2022-05-11", "unit@council.example")
        assert mail.subject == "Complaints on 11 May: 1 overdue, 0 today, 2 later this week"
        for said in (
            "Overdue (1)\n- Friday 6 May 2022, C-2. Stage 1: the acknowledgement is to be sent.",
            "Later this week (2)\n- Friday 13 May 2022, C-1. Stage 1: the answer is to be sent.",
            "A next stage to be decided on (1)\n- C-7: stage 2 was asked for on Tuesday 3 May 2022.",
            "3 came in and nobody has decided what it is, 1 of them marked Read now; the oldest for 8 working days.",
            "https://loop.example/complaints/due",
        ):
            assert said in mail.body

    def test_none_on_other_days_without_an_address_or_with_nothing_to_say(self) -> None:
        quiet = agenda([], [], (), NOBODY, date(2022, 5, 11), CALENDAR)
        assert morning_mail(quiet, "unit@council.example", CALENDAR, "") == []
        found = on(date(2022, 5, 13), stage())
        assert morning_mail(found, None, CALENDAR, "") == []
        assert morning_mail(on(date(2022, 5, 14), stage()), "unit@council.example", CALENDAR, "") == []

    def test_a_long_list_says_how_many_more_there_are(self) -> None:
        many = [stage(reference=f"C-{number:03}") for number in range(45)]
        [mail] = morning_mail(on(date(2022, 5, 13) + timedelta(days=3), *many), "unit@council.example", CALENDAR, "")
        assert "Overdue (46)" in mail.body
        assert "- and 6 more" in mail.body
