"""Where somebody who is signed in may go."""

from typing import Any

from chassis.pages import chrome
from chassis.settings import NavigationEntry
from gateway.domain.principals import Principal
from gateway.settings import GatewaySettings

_WITHOUT_NAVIGATION = "/reporting/"
"""Where staff begin on an installation that does not say what ways there are (`LOOP_NAVIGATION`)."""


def ways(settings: GatewaySettings, person: Principal) -> list[NavigationEntry]:
    """Where somebody may go, where they begin first."""
    found = [entry for entry in settings.navigation if not person.grants.isdisjoint(entry.grants)]
    return found or [NavigationEntry(text="Reports", href=_WITHOUT_NAVIGATION, grants=())]


def first_way(settings: GatewaySettings, person: Principal) -> str:
    """Where they begin."""
    return ways(settings, person)[0].href


def around(settings: GatewaySettings, person: Principal, path: str) -> dict[str, Any]:
    """What stands around a page of somebody who is signed in, as `chassis.pages.staff_chrome` puts it around a service's."""
    shown = [entry for entry in settings.navigation if not person.grants.isdisjoint(entry.grants)]
    return chrome(person.org, person.label or person.subject, shown, path)
