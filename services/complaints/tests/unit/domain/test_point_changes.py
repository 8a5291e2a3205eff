"""Points that are added, corrected, split, merged, marked as duplicates, and each of that taken back."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from services.complaints.tests.stage_rules import CALENDAR, RECEIVED, STATUTORY, TODAY

from chassis.errors import DomainError
from complaints.domain import corrections, point_changes, stages
from complaints.domain.case import Case, Finding, Standing, as_at
from complaints.domain.corrections import Correction
from complaints.domain.points import NewPoint, PointFacts

PARTS = (NewPoint("2a", PointFacts("communication")), NewPoint("2b", PointFacts("decision-making")))


def received() -> Case:
    return stages.receive(STATUTORY, RECEIVED, ("1", "2"), today=TODAY)


def answered(case: Case, findings: Mapping[str, Finding], on: date = date(2022, 5, 12)) -> Case:
    return stages.respond(case, case.current.number, on, findings, today=TODAY)


def asked(case: Case) -> Case:
    return stages.request(case, 2, date(2022, 5, 16), discretion=False, calendar=CALENDAR, today=TODAY)


def begun(case: Case) -> Case:
    return stages.decide(asked(case), 2, date(2022, 5, 17), "accepted", reason=False, today=TODAY)


def split(case: Case, reference: str = "2", number: int = 2) -> Case:
    return point_changes.split(case, reference, PARTS, number=number, today=TODAY)


def merge(case: Case, *of: str, number: int = 2) -> Case:
    return point_changes.merge(case, of, NewPoint("3"), number=number, today=TODAY)


def same(case: Case, reference: str, as_: str, number: int = 2) -> Case:
    return point_changes.duplicate(case, reference, as_, number=number, today=TODAY)


def refusal(change: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(DomainError) as caught:
        change()
    return caught.value.slug, caught.value.detail


class TestSplit:
    def test_the_parts_are_answered_and_the_point_stays_in_the_record(self) -> None:
        case = split(received())
        assert case.live == ("1", "2a", "2b")
        assert (case.book.points["2"].became, case.book.points["2"].into) == ("split", ("2a", "2b"))
        slug, _ = refusal(lambda: answered(case, {"1": "upheld", "2": "upheld"}))
        assert slug == "findings-incomplete"
        assert answered(case, {"1": "upheld", "2a": "upheld", "2b": "not-upheld"}).phase == "answered"

    def test_the_stage_1_finding_stands_beside_that_of_each_part(self) -> None:
        case = split(begun(answered(received(), {"1": "not-upheld", "2": "upheld"})))
        assert case.standing(1, "2a") == Standing("upheld", ("2",))
        assert case.standing(2, "2a") is None
        case = answered(case, {"1": "not-upheld", "2a": "upheld", "2b": "not-upheld"}, date(2022, 6, 10))
        assert case.standing(2, "2b") == Standing("not-upheld", ("2b",))
        assert case.stages[0].findings == {"1": "not-upheld", "2": "upheld"}

    def test_recorded_twice_it_changes_nothing(self) -> None:
        case = split(received())
        assert split(case, number=3) is case

    def test_is_refused_once_all_was_answered(self) -> None:
        case = answered(received(), {"1": "upheld", "2": "upheld"})
        assert refusal(lambda: split(case))[0] == "complaint-closed"
        assert split(asked(case)).live == ("1", "2a", "2b")

    def test_a_superseded_point_says_what_became_of_it(self) -> None:
        case = split(received())
        assert refusal(lambda: same(case, "2", "1", 3)) == (
            "superseded",
            "Point 2 was split into 2a and 2b. Nothing was changed.",
        )

    def test_takes_two_parts_with_references_that_nothing_had(self) -> None:
        case = received()
        one = lambda: point_changes.split(case, "2", PARTS[:1], number=2, today=TODAY)  # noqa: E731
        assert refusal(one)[0] == "too-few-parts"
        again = lambda: point_changes.split(case, "2", (NewPoint("1"), NewPoint("4")), number=2, today=TODAY)  # noqa: E731
        assert refusal(again)[0] == "points-not-distinct"


class TestMerge:
    def test_points_found_alike_become_one_with_their_finding(self) -> None:
        case = merge(begun(answered(received(), {"1": "upheld", "2": "upheld"})), "1", "2")
        assert case.live == ("3",)
        assert case.standing(1, "3") == Standing("upheld", ("1", "2"))

    def test_points_found_differently_stay_apart(self) -> None:
        case = begun(answered(received(), {"1": "upheld", "2": "not-upheld"}))
        slug, detail = refusal(lambda: merge(case, "1", "2"))
        assert slug == "findings-differ"
        assert detail.startswith("Stage 1 found point 1 upheld and point 2 not-upheld")

    def test_one_that_came_later_takes_the_finding_of_the_other(self) -> None:
        case = begun(answered(received(), {"1": "upheld", "2": "not-upheld"}))
        case = point_changes.add(case, NewPoint("4"), number=2, today=TODAY)
        case = point_changes.merge(case, ("4", "2"), NewPoint("5"), number=3, today=TODAY)
        assert case.standing(1, "5") == Standing("not-upheld", ("2",))

    def test_takes_two_points(self) -> None:
        assert refusal(lambda: merge(received(), "1", "1"))[0] == "too-few-points"
        assert refusal(lambda: merge(received(), "1", "9"))[0] == "no-such-point"


class TestDuplicate:
    def test_is_not_answered_any_more(self) -> None:
        case = same(received(), "2", "1")
        assert case.live == ("1",)
        assert case.book.heirs("2") == ("1",)

    def test_a_complaint_keeps_a_point(self) -> None:
        case = same(received(), "2", "1")
        assert refusal(lambda: point_changes.duplicate(case, "1", elsewhere="p", number=3, today=TODAY))[0] == "last-point"

    def test_no_finding_is_lost_by_it(self) -> None:
        case = answered(received(), {"1": "upheld", "2": "not-upheld"})
        assert refusal(lambda: same(case, "2", "1"))[0] == "findings-differ"

        def elsewhere(found: Mapping[int, Finding]) -> Case:
            return point_changes.duplicate(case, "2", elsewhere="p", found=found, number=2, today=TODAY)

        assert refusal(lambda: elsewhere({}))[0] == "finding-would-be-lost"
        assert refusal(lambda: elsewhere({1: "upheld"}))[0] == "findings-differ"
        assert elsewhere({1: "not-upheld"}).live == ("1",)

    def test_not_of_itself(self) -> None:
        assert refusal(lambda: same(received(), "2", "2"))[0] == "duplicate-of-itself"


class TestCorrect:
    def test_changes_what_it_is_about_also_after_the_answer(self) -> None:
        case = answered(received(), {"1": "upheld", "2": "upheld"})
        right = NewPoint("1", PointFacts("decision-making", "send"))
        case = point_changes.correct(case, right, number=3, today=TODAY)
        assert case.book.points["1"].facts.category == "decision-making"
        assert point_changes.correct(case, right, number=4, today=TODAY) is case
        back = point_changes.take_back(case, 3, today=TODAY)
        assert back.book.points["1"].facts == PointFacts()


class TestTakeBack:
    def test_leaves_the_parts_in_the_record(self) -> None:
        case = point_changes.take_back(split(received()), 2, today=TODAY)
        assert case.live == ("1", "2")
        assert [case.book.points[part].became for part in ("2a", "2b")] == ["taken-back"] * 2
        assert point_changes.take_back(case, 2, today=TODAY) is case
        assert refusal(lambda: split(case, number=3))[0] == "points-not-distinct"

    def test_is_refused_once_the_points_were_answered(self) -> None:
        case = answered(split(received()), {"1": "upheld", "2a": "upheld", "2b": "upheld"})
        assert refusal(lambda: point_changes.take_back(case, 2, today=TODAY))[0] == "answered-since"
        away = Correction(1, "responded_on", None)
        case = corrections.correct(case, away, calendar=CALENDAR, today=TODAY)
        assert point_changes.take_back(case, 2, today=TODAY).live == ("1", "2")

    def test_is_refused_while_something_was_built_on_it(self) -> None:
        case = split(received())
        again = same(case, "2a", "2b", 3)
        assert refusal(lambda: point_changes.take_back(again, 2, today=TODAY))[0] == "changed-since"
        assert refusal(lambda: point_changes.take_back(case, 2, held={"2a"}, today=TODAY))[0] == "has-duplicates"
        assert refusal(lambda: point_changes.take_back(case, 9, today=TODAY))[0] == "no-such-change"


class TestCorrectingDates:
    def test_a_stage_is_answered_again_on_the_points_as_they_were(self) -> None:
        case = split(begun(answered(received(), {"1": "not-upheld", "2": "upheld"})))
        case = answered(case, {"1": "not-upheld", "2a": "upheld", "2b": "not-upheld"}, date(2022, 6, 10))
        moved = corrections.correct(case, Correction(1, "responded_on", date(2022, 5, 11)), calendar=CALENDAR, today=TODAY)
        assert moved.stages[0].facts.responded_on == date(2022, 5, 11)
        assert moved.live == ("1", "2a", "2b")
        assert moved.stages[0].findings == {"1": "not-upheld", "2": "upheld"}

    def test_a_past_day_knows_nothing_of_later_changes(self) -> None:
        case = point_changes.split(received(), "2", PARTS, number=2, today=date(2022, 5, 20))
        case = point_changes.take_back(case, 2, today=date(2022, 5, 25))
        assert as_at(case, date(2022, 5, 19)).live == ("1", "2")
        assert as_at(case, date(2022, 5, 20)).live == ("1", "2a", "2b")
        assert as_at(case, date(2022, 5, 25)).live == ("1", "2")
