"""Which mails about limits go out on which day, and each once."""

from datetime import date, timedelta
from uuid import UUID

from chassis.calendar import WorkingDays
from complaints.domain.clock import Facts, PanelTerms, Suspension, Terms
from complaints.domain.clock_reminders import ClockReminders, RunningStage, Wanted, clock_mails, deadline_mails
from complaints.domain.learning_profile import HeadOfService, Learning

CALENDAR = WorkingDays.load()
RECEIVED = date(2022, 4, 28)  # a Thursday; due on Friday 13 May
HEAD = HeadOfService(service_areas=["send"], email="head@council.example")
LEARNING = Learning(complaints_unit_email="unit@council.example", heads_of_service=[HEAD])


STATUTORY = Terms(10, 20, "received")


def stage(terms: Terms = STATUTORY, **facts: object) -> RunningStage:
    return RunningStage(UUID(int=1), "SEND-22-001", "send", 1, terms, Facts(RECEIVED, **facts))  # type: ignore[arg-type]


def sent(running: RunningStage, learning: Learning = LEARNING, days: int = 40) -> list[tuple[str, str, str]]:
    """Day, address and subject of every mail of a run of days, each key once as the queue keeps it."""
    seen: set[str] = set()
    found = []
    for day in (RECEIVED + timedelta(days=each) for each in range(days)):
        for mail in clock_mails([running], ClockReminders(), learning, day, CALENDAR, "https://loop.example"):
            if mail.key not in seen:
                seen.add(mail.key)
                found.append((day.isoformat(), mail.to, mail.subject))
    return found


class TestClockMails:
    def test_the_unit_before_on_and_after_the_day_and_then_the_head_of_service(self) -> None:
        due, late = "Due 13 May: complaint SEND-22-001, stage 1", "Overdue 13 May: complaint SEND-22-001, stage 1"
        assert sent(stage()) == [
            ("2022-05-11", "unit@council.example", due),
            ("2022-05-13", "unit@council.example", due),
            ("2022-05-16", "unit@council.example", late),
            ("2022-05-18", "head@council.example", late),
        ]

    def test_without_addresses_nobody_is_mailed(self) -> None:
        assert sent(stage(), Learning()) == []

    def test_an_extension_is_reminded_of_anew_and_the_old_day_no_more(self) -> None:
        days = [day for day, to, _ in sent(stage(extended_on=date(2022, 5, 10))) if to.startswith("unit")]
        assert days == ["2022-05-25", "2022-05-27", "2022-05-30"]

    def test_a_suspended_stage_is_left_in_peace(self) -> None:
        assert sent(stage(suspensions=(Suspension(date(2022, 5, 5), None, "court"),))) == []

    def test_every_limit_of_a_stage_has_its_own(self) -> None:
        corporate = Terms(10, 20, "acknowledged", 5, draft_before=3)
        subjects = {subject for _, _, subject in sent(stage(corporate))}
        days = ["6 May", "17 May", "20 May"]  # acknowledgement, draft, answer
        assert subjects == {f"{how} {day}: complaint SEND-22-001, stage 1" for day in days for how in ("Due", "Overdue")}

    def test_a_panel_is_reminded_of_before_its_report(self) -> None:
        terms = Terms(30, None, "requested", panel=PanelTerms(5, 15))
        mails = clock_mails([stage(terms)], ClockReminders(), LEARNING, date(2022, 6, 15), CALENDAR, "")
        assert ["the review panel is to be held" in mail.body for mail in mails] == [True]

    def test_a_mail_says_nothing_of_what_it_is_about(self) -> None:
        mail = clock_mails([stage()], ClockReminders(), LEARNING, date(2022, 5, 13), CALENDAR, "https://loop.example")[0]
        assert mail.body.startswith(
            "In stage 1 of complaint SEND-22-001 the answer is to be sent. That is today, Friday 13 May 2022."
        )


class TestDeadlineMails:
    def test_of_a_day_that_is_no_working_day_the_one_before_counts(self) -> None:
        wanted = Wanted(UUID(int=3), UUID(int=4), "LGSCO-1", "send", date(2022, 5, 2))  # a bank holiday Monday
        sent: dict[str, str] = {}
        for day in (date(2022, 4, 25) + timedelta(days=each) for each in range(14)):
            for mail in deadline_mails([wanted], ClockReminders(), LEARNING, day, CALENDAR, "https://loop.example"):
                sent.setdefault(mail.key.rpartition(":")[2], f"{day} {mail.to}")
        assert sent == {
            "before": "2022-04-27 unit@council.example",
            "due": "2022-04-29 unit@council.example",
            "late": "2022-05-03 unit@council.example",
            "escalation": "2022-05-05 head@council.example",
        }

    def test_a_day_beyond_the_calendar_keeps_nobody_from_being_reminded(self) -> None:
        days = (date(2222, 5, 2), date(1999, 5, 3), date(2022, 4, 29))
        wanted = [Wanted(UUID(int=9), UUID(int=4), "LGSCO-1", "send", day) for day in days]
        mails = deadline_mails(wanted, ClockReminders(), LEARNING, date(2022, 4, 29), CALENDAR, "")
        assert [mail.subject for mail in mails] == ["Due 29 April: Ombudsman case LGSCO-1"]
