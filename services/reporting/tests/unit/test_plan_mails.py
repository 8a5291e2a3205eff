"""Mails about improvement plans: who is told what on which day, in words without a word that somebody typed."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis.calendar import WorkingDays
from reporting.domain.plan_mails import Led, OpenAction, OpenMilestone, OpenPlan, PlanMail, mails_due

CALENDAR = WorkingDays.load()
PLAN, ACTION, STONE, STREAM = (UUID(int=n) for n in range(1, 5))
DUE = date(2026, 6, 17)  # a Wednesday
ADDRESSES = {"sam-ash": "sam@council.example", "dana-price": "dana@council.example"}
BASE = "https://loop.example"


def plan(
    *, owner: str | None = "sam-ash", lead: str | None = None, said_on: date = date(2026, 6, 1), given: int = 1
) -> OpenPlan:
    milestones = (OpenMilestone(STONE, DUE),)
    action = OpenAction(ACTION, "2.1", owner, given, lead, said_on, milestones)
    led = (Led(STREAM, 2, lead, 1),) if lead else ()
    return OpenPlan(PLAN, "SEND", led, (action,))


def sent(on: date, of: OpenPlan | None = None, addresses: dict[str, str] | None = None) -> list[PlanMail]:
    return mails_due(of or plan(), ADDRESSES if addresses is None else addresses, on, CALENDAR, BASE)


def kinds(mails: list[PlanMail]) -> list[str]:
    return [each.key.split(":")[2] for each in mails]


class TestWhen:
    def test_whoever_is_given_an_action_is_told_once_for_each_time_it_is_given(self) -> None:
        first, again = sent(date(2026, 6, 2)), sent(date(2026, 6, 3), plan(given=4))
        assert kinds(first) == ["given"]
        assert first[0].key != again[0].key
        assert sent(date(2026, 6, 2))[0].key == first[0].key

    def test_of_a_milestone_before_on_and_after_its_day_each_once(self) -> None:
        told = {on: [each.key for each in sent(on) if each.key.split(":")[2] != "given"] for on in _days(9, 30)}
        assert told[date(2026, 6, 11)] == []
        assert kinds_of(told, 12) == ["before"]  # three working days
        assert told[date(2026, 6, 12)] == told[date(2026, 6, 16)]
        assert kinds_of(told, 17) == ["due"]
        assert kinds_of(told, 18) == ["late"]
        assert told[date(2026, 6, 18)] == told[date(2026, 6, 23)] != told[date(2026, 6, 24)]
        assert told[date(2026, 6, 24)] == told[date(2026, 6, 26)]

    def test_nothing_on_a_weekend_or_a_bank_holiday(self) -> None:
        assert sent(date(2026, 6, 13)) == []
        assert sent(date(2026, 12, 25)) == []

    def test_a_day_that_was_moved_is_reminded_of_anew(self) -> None:
        one = plan()
        moved = replace(one, actions=(replace(one.actions[0], milestones=(OpenMilestone(STONE, date(2026, 6, 24)),)),))
        assert {each.key for each in sent(date(2026, 6, 17))} & {each.key for each in sent(date(2026, 6, 24), moved)} == {
            sent(date(2026, 6, 2))[0].key
        }

    def test_once_a_month_whoever_leads_is_asked_how_silent_actions_stand(self) -> None:
        quiet = plan(lead="dana-price", said_on=date(2026, 5, 1))
        found = [each for each in sent(date(2026, 6, 2), quiet) if ":rag:" in each.key]
        assert [each.to for each in found] == ["dana@council.example"]
        assert "2.1" in found[0].body
        assert found[0].key == next(each.key for each in sent(date(2026, 6, 9), quiet) if ":rag:" in each.key)
        assert found[0].key != next(each.key for each in sent(date(2026, 7, 1), quiet) if ":rag:" in each.key)


class TestWhom:
    def test_a_role_that_was_typed_is_mailed_nothing(self) -> None:
        assert sent(DUE, plan(owner=None)) == []

    def test_where_the_owner_left_whoever_leads_is_reminded(self) -> None:
        mails = sent(date(2026, 6, 18), plan(lead="dana-price"), {"dana-price": "dana@council.example"})
        assert {each.to for each in mails} == {"dana@council.example"}
        assert "late" in kinds(mails)
        assert "given" not in kinds(mails)

    def test_nobody_who_can_be_reached_is_no_mail(self) -> None:
        assert sent(DUE, plan(lead="gone"), {}) == []


class TestWords:
    def test_have_the_number_the_day_and_a_link_and_nothing_else(self) -> None:
        (_, mail) = sent(date(2026, 6, 18))
        assert mail.subject == "Overdue 17 June 2026: action 2.1 of an improvement plan"
        assert (
            "A milestone of action 2.1 of an improvement plan of SEND was due on 17 June 2026 and was not reached." in mail.body
        )
        assert f"{BASE}/reporting/plans/{PLAN}/actions/{ACTION}" in mail.body
        assert all(each.key.isascii() and len(each.key) <= 300 for each in sent(DUE, plan(lead="dana-price")))


def kinds_of(told: dict[date, list[str]], day: int) -> list[str]:
    return [key.split(":")[2] for key in told[date(2026, 6, day)]]


def _days(first: int, last: int) -> list[date]:
    days = [date(2026, 6, day) for day in range(first, last + 1)]
    return [each for each in days if CALENDAR.is_working_day(each)]
