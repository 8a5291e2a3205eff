"""API clients in words, two people's changes put together, and who is an administrator."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.errors import DomainError
from chassis.pages.fields import Filled
from gateway.domain.principals import Client, Principal
from gateway.pages.client_words import as_base, end_in_words, is_as_now, lines, merged
from gateway.pages.desk import ROLE, check_may

WAS = Client("north", "north-1", "CMS", frozenset({"complaints:read"}), frozenset(), disabled=False)


def typed(scopes: tuple[str, ...] = ("complaints:read",), **given: str) -> Filled:
    return Filled({"name": "CMS", "areas": "", "networks": "", **given}, {"scopes": scopes})


def client(**differing: Any) -> Client:
    return Client(**{**{each: getattr(WAS, each) for each in WAS.__dataclass_fields__}, **differing})


class TestTwoWhoChangeOneClient:
    def test_what_somebody_left_alone_is_what_it_is_now(self) -> None:
        now_is = client(areas=frozenset({"send"}), scopes=frozenset({"reporting:read"}))
        found = merged(typed(name="CMS, live"), as_base(WAS), now_is)
        assert found.given == {"name": "CMS, live", "areas": "send", "networks": ""}
        assert found.several == {"scopes": ("reporting:read",)}
        assert not is_as_now(found, now_is)

    def test_what_somebody_changed_stands(self) -> None:
        now_is = client(scopes=frozenset({"reporting:read"}))
        assert merged(typed(("trail:read",)), as_base(WAS), now_is).several == {"scopes": ("trail:read",)}

    @pytest.mark.parametrize("base", ["", "x", "[1]", "3", "{}", '{"scopes": 3}', "[" * 60_000], ids=range(7))
    def test_without_what_was_there_all_that_was_typed_stands(self, base: str) -> None:
        assert merged(typed(name="Mine"), base, client(areas=frozenset({"send"}))).given["name"] == "Mine"

    def test_form_that_says_what_is_so_is_known(self) -> None:
        assert is_as_now(typed(), WAS)


class TestWords:
    def test_end_of_a_day_is_said_as_that_day(self) -> None:
        assert end_in_words(datetime(2027, 7, 1, tzinfo=UTC)) == "At the end of 30 June 2027"
        assert end_in_words(datetime(2027, 7, 1, 9, 30, tzinfo=UTC)) == "1 July 2027 at 10:30"

    def test_lines_and_commas_part(self) -> None:
        assert lines(" send\n\ncare, fostering ,") == ("send", "care", "fostering")


class TestWhoMay:
    def test_administrator_of_the_whole_organisation_alone(self) -> None:
        check_may(Principal("staff", "a", "north", frozenset({ROLE})))
        for grants, areas in ((frozenset({"role:manager"}), frozenset()), (frozenset({ROLE}), frozenset({"send"}))):
            with pytest.raises(DomainError):
                check_may(Principal("staff", "a", "north", grants, areas))
