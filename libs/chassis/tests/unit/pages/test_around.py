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
        assert [item.text for item in around["navigation"]] == ["Start", "Reports"]
        assert around["person"] == "Reader"

    @pytest.mark.parametrize(
        ("path", "current"), [("/reporting/", "Start"), ("/reporting/reports/send", "Reports"), ("/elsewhere", None)]
    )
    def test_the_nearest_way_is_the_current_one(self, path: str, current: str | None) -> None:
        items = staff_chrome(request(path, staff("reader", "officer")))["navigation"]
        assert [item.text for item in items if item.current] == ([current] if current else [])

    def test_a_machine_or_nobody_has_nothing_around(self) -> None:
        assert staff_chrome(request("/reporting/", None)) == {}
        assert staff_chrome(request("/reporting/", Identity("north", "client:1", "client"))) == {}
