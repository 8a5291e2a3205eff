"""What stands around every staff page, the same in all services: the person, the ways to the other services, the way out."""

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import Request

from chassis.access import identity_of
from chassis.identity import Identity
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
    return chrome(identity.org, identity.label or identity.subject, shown, request.url.path)


def chrome(org: str | None, person: str, shown: Sequence[NavigationEntry], path: str) -> dict[str, Any]:
    """The same for who may go to the entries in `shown`, on the page at `path`."""
    # The longest address that leads here: /reporting/reports rather than /reporting/.
    current = max((entry.href for entry in shown if path.startswith(entry.href)), key=len, default=None)
    pages: dict[str, list[NavigationItem]] = {}
    for entry in shown:
        item = NavigationItem(entry.text, entry.href, current=entry.href == current)
        pages.setdefault(entry.group or entry.href, []).append(item)
    navigation = [
        of_it[0] if len(of_it) == 1 else NavigationItem(name, of_it[0].href, any(each.current for each in of_it), tuple(of_it))
        for name, of_it in pages.items()
    ]
    return {"organisation": org, "person": person, "navigation": navigation, "sign_out": "/sign-out"}


def ways_between(
    path: str, identity: Identity | None, known: Iterable[tuple[str, str, tuple[str, ...]]]
) -> list[dict[str, Any]]:
    """The ways between a service's pages that somebody may go, for the macro `ways`; none for nobody.

    The one that somebody is on is marked: the longest address that the page's, `path`, begins with.
    """
    open_ = [(text, href) for text, href, grants in known if identity is not None and identity.may(*grants)]
    here = max((href for _, href in open_ if path == href or path.startswith(href.rstrip("/") + "/")), key=len, default="")
    return [{"text": text, "href": href, "current": href == here} for text, href in open_]


def grouped_ways(path: str, groups: Iterable[tuple[str, Sequence[tuple[str, str]]]]) -> list[dict[str, Any]]:
    """Ways in groups, for the macro `ways`: a group leads to its first page, and the one that somebody is on shows its others.

    `groups` are names with text and address of the pages that somebody may open; a group without any is left out.
    """
    open_ = [(name, pages) for name, pages in groups if pages]
    known = [href for _, pages in open_ for _, href in pages]
    here = max((href for href in known if path == href or path.startswith(href.rstrip("/") + "/")), key=len, default="")
    return [
        {
            "text": name,
            "href": pages[0][1],
            "current": any(href == here for _, href in pages),
            "pages": [{"text": text, "href": href, "current": href == here} for text, href in pages],
        }
        for name, pages in open_
    ]
