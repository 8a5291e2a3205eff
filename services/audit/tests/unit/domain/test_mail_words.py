"""The words of reminders: what, when, where; and nothing about a child or a person."""

from datetime import date

import pytest

from audit.domain.mail_words import MOST_LINES, late_words, reminder_words
from audit.domain.reminders import Deadline, DeadlineKind, Late, Reminder
from chassis.mail import Message

DUE = date(2026, 11, 30)
LINK = "https://loop.council.example/audit/audits/SC-2026-11-004"


def deadline(kind: DeadlineKind = DeadlineKind.SUBMISSION, due_on: date = DUE, number: int = 4) -> Deadline:
    return Deadline(kind, f"SC-2026-11-{number:03}", "sam-okafor", due_on, "0197a3c2-0000-7000-8000-000000000001")


def reminder(kind: DeadlineKind = DeadlineKind.SUBMISSION) -> Reminder:
    return Reminder(deadline(kind), 1, DUE)


class TestReminderWords:
    @pytest.mark.parametrize(
        ("today", "subject", "first"),
        [
            (date(2026, 11, 25), "Due 30 November: submit audit SC-2026-11-004", "is due on Monday 30 November 2026."),
            (DUE, "Due today: submit audit SC-2026-11-004", "is due today, Monday 30 November 2026."),
            (
                date(2026, 12, 1),
                "Overdue since 30 November: submit audit SC-2026-11-004",
                "was due on Monday 30 November 2026.",
            ),
        ],
    )
    def test_they_say_what_is_due_and_when_as_seen_from_the_day_they_go_out(
        self, today: date, subject: str, first: str
    ) -> None:
        words = reminder_words(reminder(), today, LINK)
        assert words.subject == subject
        assert words.body.splitlines()[0] == f"Your part of audit SC-2026-11-004 {first}"

    def test_only_what_is_late_says_so(self) -> None:
        assert "It is late." not in reminder_words(reminder(), DUE, LINK).body
        assert "It is late." in reminder_words(reminder(), date(2026, 12, 1), LINK).body

    @pytest.mark.parametrize("kind", DeadlineKind)
    def test_every_kind_has_words_that_make_a_mail_with_reference_link_and_nobody_in_it(self, kind: DeadlineKind) -> None:
        for today in (date(2026, 11, 25), DUE, date(2026, 12, 7)):
            words = reminder_words(reminder(kind), today, LINK)
            message = Message("sam@council.example", words.subject, words.body)
            assert "SC-2026-11-004" in message.subject
            assert "SC-2026-11-004" in message.body
            assert "30 November" in message.body
            assert message.body.count(LINK) == 1
            for nobody in ("okafor", "alex", "{", "}", "0197a3c2"):
                assert nobody not in message.subject + message.body
            assert len(message.subject) <= 78, "most mail programs cut off what is longer"

    @pytest.mark.parametrize("kind", DeadlineKind)
    def test_no_line_would_be_a_heading_or_a_list_in_notify(self, kind: DeadlineKind) -> None:
        body = reminder_words(reminder(kind), DUE, LINK).body
        assert [line for line in body.splitlines() if line.startswith(("#", "*", "-", "^", ">", " "))] == []


class TestLateWords:
    TODAY = date(2026, 12, 8)

    def test_an_officer_learns_what_is_late_the_oldest_first_and_finds_who_on_the_page(self) -> None:
        late = Late.of([deadline(DeadlineKind.MODERATION, date(2026, 12, 7), 5), deadline()], self.TODAY)
        words = late_words(late, self.TODAY, LINK)
        assert words.subject == "Late on 8 December: 2 things"
        assert words.body.splitlines()[:5] == [
            "2 things are late:",
            "",
            "A part of audit SC-2026-11-004 was due on Monday 30 November 2026.",
            "The moderation of audit SC-2026-11-005 was due on Monday 7 December 2026.",
            "",
        ]
        assert "okafor" not in words.body

    def test_one_thing_is_one(self) -> None:
        words = late_words(Late.of([deadline()], self.TODAY), self.TODAY, LINK)
        assert words.subject.endswith(": 1 thing")
        assert words.body.startswith("1 thing is late:\n")

    def test_a_bad_month_is_cut_off_and_says_so(self) -> None:
        late = Late.of([deadline(number=number) for number in range(MOST_LINES + 3)], self.TODAY)
        body = late_words(late, self.TODAY, LINK).body
        assert body.count("A part of audit") == MOST_LINES
        assert "And 3 more." in body
