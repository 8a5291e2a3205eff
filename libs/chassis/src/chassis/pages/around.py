"""What stands around every staff page, the same in all services: the person, the ways to the other services, the way out."""

from typing import Any

from fastapi import Request

from chassis.access import identity_of
from chassis.pages.environment import NavigationItem
from chassis.settings import NavigationEntry


def staff_chrome(request: Request) -> dict[str, Any]:
    """Person, navigation and sign-out of a signed-in member of staff; nothing for anybody else.

    The entries come from LOOP_NAVIGATION, so that every service shows the same, each to those who hold one of its grants. It
    also stands around error pages, and so needs no identity.
    """
    identity = identity_of(request)
    if identity is None or identity.org is None or identity.kind != "staff":
        return {}
    entries: tuple[NavigationEntry, ...] = request.app.state.settings.navigation
    shown = [entry for entry in entries if identity.may(*entry.grants)]
    here = request.url.path
    # The longest address that leads here: /reporting/reports rather than /reporting/.
    current = max((entry.href for entry in shown if here.startswith(entry.href)), key=len, default=None)
    return {
        "organisation": identity.org,
        "person": identity.label or identity.subject,
        "navigation": [NavigationItem(entry.text, entry.href, current=entry.href == current) for entry in shown],
        "sign_out": "/sign-out",
    }
