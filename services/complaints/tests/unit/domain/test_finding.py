"""What a question about a complaint can mean, and what people are found by."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.domain.finding import MOST_ASKED, asked_in, keys_in, keys_of

HILL = keys_of("Mrs Jo O'Hill-Śmith", "+44 (0)1632 960 001", "Jo@Example.org", "2 Elm Road, Worcester, WR1 2ab")


class TestAskedIn:
    @pytest.mark.parametrize("typed", ["o'hill", "OHILL smith", "  smith ", "Ms Jo Smith", "jo ohill-smith"])
    def test_a_person_is_found_by_whole_words_of_the_name_in_any_order(self, typed: str) -> None:
        assert asked_in(typed).person <= HILL
        assert asked_in(typed).person

    @pytest.mark.parametrize(
        "typed", ["01632 960001", "+44 1632 960001", "0044 1632 960 001", "JO@example.org", "wr12ab", "WR1 2AB"]
    )
    def test_a_person_is_found_by_number_address_and_postcode_however_they_are_written(self, typed: str) -> None:
        assert asked_in(typed).person <= HILL
        assert asked_in(typed).person

    @pytest.mark.parametrize("typed", ["hil", "elm", "Jo Reed", "01632 960002", "example.org"])
    def test_what_is_not_theirs_finds_nobody(self, typed: str) -> None:
        assert not (asked_in(typed).person and asked_in(typed).person <= HILL)

    @pytest.mark.parametrize("typed", ["28 April 2022", "28/4/2022", "28.04.22", "2022-04-28", "28th apr 2022", "28 4 2022"])
    def test_a_day_is_read_as_people_write_it(self, typed: str) -> None:
        assert asked_in(typed).day == date(2022, 4, 28)
        assert not asked_in(typed).person

    @pytest.mark.parametrize("typed", ["31/2/2022", "1 Brumaire 2022"])
    def test_what_is_no_day_is_none(self, typed: str) -> None:
        assert asked_in(typed).day is None

    def test_a_reference_is_read_without_spaces_and_capitals_and_a_name_is_none(self) -> None:
        assert asked_in(" r-2022 - 0001").reference == "R-2022-0001"
        assert asked_in("0148").reference == "0148"
        assert asked_in("Hill").reference is None
        assert not asked_in("  ")
        assert not asked_in("?!")

    @given(st.text(max_size=3 * MOST_ASKED))
    def test_whatever_is_typed_is_read(self, typed: str) -> None:
        asked = asked_in(typed)
        assert all(key.split(" ", 1)[0] in {"word", "mail", "phone", "postcode"} for key in asked.person)

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_who_is_asked_for_by_the_whole_name_is_found(self, first: str, last: str) -> None:
        name = f"{first} {last}"
        assert keys_in(name) <= keys_of(name)
