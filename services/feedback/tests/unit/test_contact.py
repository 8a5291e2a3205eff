"""What a family writes who asks to be contacted, and the steps of whoever contacts them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar import WorkingDays
from chassis.errors import DomainError
from feedback.domain.contact import Asked, Details, Request, State, Step, due_on, is_late, new_reference, possible, take
from feedback.domain.contact import is_repetition as repeats
from feedback.domain.contact import wrong_details as wrong
from feedback.domain.contact_mails import late_words, new_words

DAY = date(2026, 12, 3)


class TestDetails:
    def test_a_name_and_one_way_are_enough(self) -> None:
        assert wrong(Details("Jo", phone="01905 763763")) == {}
        assert wrong(Details("Jo", email="jo@example.org")) == {}
        assert wrong(Details("")) == {"name": "name", "phone": "phone"}

    @pytest.mark.parametrize("phone", ["01905 763 763", "+44 (0)1905 763763", "+48 22 123 45 67", "0800.1111.1111"])
    def test_numbers_of_all_countries_are_taken(self, phone: str) -> None:
        assert wrong(Details("Jo", phone=phone)) == {}

    @pytest.mark.parametrize("phone", ["12345", "call me", "01905 76376x", "1" * 16])
    def test_what_is_no_number_is_said(self, phone: str) -> None:
        assert wrong(Details("Jo", phone=phone)) == {"phone": "phone-wrong"}

    def test_what_is_too_long_is_said_by_its_field(self) -> None:
        assert wrong(Details("J" * 201, phone="01905 763763", about="a" * 501)) == {"name": "long", "about": "long"}

    def test_it_shows_nothing_of_itself(self) -> None:
        assert "Jo" not in repr(Details("Jo", "01905 763763", "jo@example.org", "now", "my son"))

    def test_references_are_random_and_can_be_read_aloud(self) -> None:
        found = {new_reference() for _ in range(200)}
        assert len(found) == 200
        assert all(len(each) == 7 and each.startswith("C-") for each in found)


class TestClock:
    def test_working_days_are_counted(self) -> None:
        calendar = WorkingDays.load()
        assert due_on(DAY, 2, calendar) == date(2026, 12, 7)
        assert due_on(date(2026, 12, 24), 2, calendar) == date(2026, 12, 30)
        assert due_on(date(2099, 1, 1), 2, calendar) > date(2099, 1, 2), "also beyond the calendar"

    def test_it_is_late_when_its_day_is_over_and_nobody_was_reached(self) -> None:
        assert not is_late(DAY, State.WAITING, DAY)
        assert is_late(DAY, State.TAKEN, date(2026, 12, 4))
        assert not is_late(DAY, State.REACHED, date(2026, 12, 4))


class TestSteps:
    def step(self, request: Request, step: Step, by: str = "mo", words: str = "") -> Request:
        return take(request, Asked(step, by, request.revision, words), DAY)

    def test_from_waiting_to_closed(self) -> None:
        taken = self.step(Request(), Step.TAKE)
        assert possible(taken, "mo") == (Step.TRIED, Step.REACHED, Step.CLOSE)
        assert possible(taken, "al") == (Step.TAKE, Step.TRIED, Step.REACHED, Step.CLOSE)
        reached = self.step(self.step(taken, Step.TRIED), Step.REACHED)
        assert reached.state is State.REACHED
        closed = self.step(reached, Step.CLOSE, words="Rang back.")
        assert (closed.state, closed.closed_on, closed.revision) == (State.CLOSED, DAY, 4)
        assert possible(closed, "mo") == ()

    def test_nothing_is_skipped_and_nothing_closed_without_words(self) -> None:
        with pytest.raises(DomainError, match="take it first"):
            self.step(Request(), Step.REACHED)
        taken = self.step(Request(), Step.TAKE)
        with pytest.raises(DomainError) as caught:
            self.step(taken, Step.CLOSE)
        assert caught.value.errors[0].pointer == "/words"

    def test_of_two_people_the_second_is_refused_and_a_second_click_is_not(self) -> None:
        taken = self.step(Request(), Step.TAKE)
        with pytest.raises(DomainError, match="Somebody else"):
            take(taken, Asked(Step.TAKE, "al", 0), DAY)
        assert repeats(taken, Asked(Step.TAKE, "mo", 0))
        assert not repeats(taken, Asked(Step.TAKE, "al", 0))

    @given(st.lists(st.tuples(st.sampled_from(list(Step)), st.sampled_from(["mo", "al"])), max_size=12))
    def test_whatever_is_tried_a_request_stays_what_the_table_allows(self, tries: list[tuple[Step, str]]) -> None:
        request = Request()
        for step, by in tries:
            allowed = step in possible(request, by)
            try:
                request = self.step(request, step, by, "words")
                assert allowed
            except DomainError:
                assert not allowed
            assert (request.state is State.WAITING) == (request.taken_by is None)
            assert (request.state is State.CLOSED) == (request.closed_on is not None)


class TestMails:
    def test_they_hold_references_and_the_link_and_nothing_else(self) -> None:
        words = new_words(["C-AAAAA"], "https://loop.example/feedback/contacts")
        assert words.body.count("C-AAAAA") == 1
        many = late_words([f"C-{number}" for number in range(30)], "https://loop.example/feedback/contacts")
        assert "and 10 more" in many.body
        assert "30 families" in many.subject
