"""Who may not be who in a complaint."""

from datetime import date
from itertools import combinations

import pytest

from chassis.errors import DomainError
from complaints.domain.people import (
    INDEPENDENT,
    ROLES,
    Assigned,
    Role,
    check_addition,
    check_ending,
    exclude,
    panel_words,
)

RECEIVED, TODAY = date(2022, 4, 28), date(2022, 7, 29)


def somebody(role: Role, key: str = "fox", from_on: date = date(2022, 5, 2), until_on: date | None = None) -> Assigned:
    return Assigned(role, frozenset([key]), from_on, until_on)


def refused(known: list[Assigned], new: Assigned, *, independent: bool = True, signs_in: bool = False) -> str | None:
    try:
        check_addition(known, new, independent=independent, signs_in=signs_in, received_on=RECEIVED, today=TODAY)
    except DomainError as error:
        return f"{error.slug} {error.errors[0].pointer}"
    return None


class TestConflicts:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("case-worker", "responder"),
            ("responder", "investigating-officer"),
            ("responder", "adjudicator"),
            ("independent-person", "panel-member"),
            ("independent-person", "panel-chair"),
            ("investigating-officer", "independent-person"),
            ("investigating-officer", "adjudicator"),
            ("investigating-officer", "panel-chair"),
            ("complainant", "panel-member"),
            ("advocate", "independent-person"),
        ],
    )
    def test_one_person_never_has_both_in_either_order_also_when_one_has_ended(self, one: Role, other: Role) -> None:
        for first, second in ((one, other), (other, one)):
            ended = somebody(first, until_on=date(2022, 5, 31))
            assert refused([ended], somebody(second, from_on=date(2022, 7, 1))) == "role-conflict /role"
            assert refused([ended], somebody(second, "hill", from_on=date(2022, 7, 1))) is None

    def test_a_parent_may_speak_for_a_child_and_an_advocate_be_a_representative(self) -> None:
        assert not exclude("complainant", "child")
        assert not exclude("advocate", "representative")

    def test_excluding_goes_both_ways(self) -> None:
        assert all(exclude(one, other) == exclude(other, one) for one, other in combinations(ROLES, 2))

    @pytest.mark.parametrize("role", sorted(INDEPENDENT))
    def test_who_judges_from_outside_declares_it_and_is_no_officer(self, role: Role) -> None:
        assert refused([], somebody(role), independent=False) == "not-independent /independent"
        assert refused([], somebody(role), signs_in=True) == "not-independent /subject"
        assert refused([], somebody(role)) is None

    def test_there_is_one_at_a_time_and_another_after(self) -> None:
        assert refused([somebody("responder")], somebody("responder", "hill")) == "role-conflict /role"
        ended = somebody("responder", until_on=date(2022, 5, 31))
        assert refused([ended], somebody("responder", "hill", date(2022, 6, 1))) is None
        assert refused([ended], somebody("responder", "hill", date(2022, 5, 31))) == "role-conflict /role"

    def test_a_second_click_adds_nobody_twice(self) -> None:
        assert refused([somebody("child")], somebody("child")) == "role-conflict /role"
        assert refused([somebody("child")], somebody("child", "alex")) is None

    @pytest.mark.parametrize("on", [date(2022, 4, 27), date(2022, 7, 30)])
    def test_nobody_begins_before_the_receipt_or_tomorrow(self, on: date) -> None:
        assert refused([], somebody("responder", from_on=on)) == "incomplete /from"


class TestPanel:
    def test_is_three_with_one_chair(self) -> None:
        panel = [somebody("panel-member", key) for key in ("a", "b")]
        assert panel_words([], TODAY) == ""
        assert panel_words(panel, TODAY) == "The panel has 2 of 3 people and no chair."
        panel.append(somebody("panel-chair", "c"))
        assert panel_words(panel, TODAY) == "The panel is complete: three people, one of them its chair."
        assert refused(panel, somebody("panel-member", "d")) == "role-conflict /role"
        assert refused(panel[1:], somebody("panel-chair", "d")) == "role-conflict /role"
        assert refused(panel, somebody("panel-member", "c")) == "role-conflict /role"


class TestEnding:
    def test_is_once_and_not_before_the_beginning(self) -> None:
        check_ending(somebody("responder"), date(2022, 5, 2), TODAY)
        for until in (date(2022, 5, 1), date(2022, 7, 30)):
            with pytest.raises(DomainError, match="incomplete"):
                check_ending(somebody("responder"), until, TODAY)
        with pytest.raises(DomainError, match="ended-already"):
            check_ending(somebody("responder", until_on=TODAY), TODAY, TODAY)
