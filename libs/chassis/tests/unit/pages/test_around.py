from types import SimpleNamespace
from typing import Any

import pytest

from chassis.identity import Identity
from chassis.pages import staff_chrome
from chassis.settings import NavigationEntry

ENTRIES = (
    NavigationEntry(text="Start", href="/reporting/", grants=("role:reader", "role:officer")),
    NavigationEntry(text="Reports", href="/reporting/reports", grants=("role:reader",)),
    NavigationEntry(text="Cases", href="/cases/", grants=("role:officer",)),
    NavigationEntry(text="Trail of cases", href="/cases/trail", grants=("role:protector",), group="Trails"),
    NavigationEntry(text="Trail of reports", href="/reporting/trail", grants=("role:protector", "role:reader"), group="Trails"),
)


def request(path: str, identity: Identity | None) -> Any:
    return SimpleNamespace(
        state=SimpleNamespace(identity=identity),
        url=SimpleNamespace(path=path),
        app=SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(navigation=ENTRIES))),
    )


def staff(*roles: str) -> Identity:
    return Identity("north", "staff:1", "staff", frozenset(f"role:{role}" for role in roles), label="Reader")


class TestStaffChrome:
    def test_everybody_sees_the_ways_that_lead_somewhere_for_them(self) -> None:
        around = staff_chrome(request("/reporting/", staff("reader")))
        assert [item.text for item in around["navigation"]] == ["Start", "Reports", "Trail of reports"]
        assert around["person"] == "Reader"

    @pytest.mark.parametrize(
        ("path", "current"), [("/reporting/", "Start"), ("/reporting/reports/send", "Reports"), ("/elsewhere", None)]
    )
    def test_the_nearest_way_is_the_current_one(self, path: str, current: str | None) -> None:
        items = staff_chrome(request(path, staff("reader", "officer")))["navigation"]
        assert [item.text for item in items if item.current] == ([current] if current else [])

    def test_ways_of_a_group_stand_under_its_name_and_are_shown_where_somebody_is_on_one(self) -> None:
        [group] = staff_chrome(request("/elsewhere", staff("protector")))["navigation"]
        assert (group.text, group.href, group.current) == ("Trails", "/cases/trail", False)
        [group] = staff_chrome(request("/reporting/trail/entries", staff("protector")))["navigation"]
        assert group.current
        assert [(each.text, each.current) for each in group.pages] == [("Trail of cases", False), ("Trail of reports", True)]

    def test_a_group_with_one_way_is_that_way(self) -> None:
        items = staff_chrome(request("/reporting/trail", staff("reader")))["navigation"]
        assert [(each.text, each.current, each.pages) for each in items][-1] == ("Trail of reports", True, ())

    def test_a_machine_or_nobody_has_nothing_around(self) -> None:
        assert staff_chrome(request("/reporting/", None)) == {}
        assert staff_chrome(request("/reporting/", Identity("north", "client:1", "client"))) == {}
