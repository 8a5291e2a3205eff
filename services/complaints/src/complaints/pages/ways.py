"""Ways between the staff pages of the service, each to those who may go there."""

from typing import Any

from fastapi import Request

from chassis.identity import Identity

OFFICER = "role:complaints-officer"

_WAYS = (
    ("All complaints", "/complaints/", (OFFICER, "role:senior-reader")),
    ("What came in", "/complaints/intake", (OFFICER,)),
    ("Compliments", "/complaints/compliments", (OFFICER,)),
)


def ways(request: Request, identity: Identity) -> list[dict[str, Any]]:
    """The ways for somebody, with the one that they are on."""
    shown = [(text, href) for text, href, grants in _WAYS if identity.may(*grants)]
    here = request.url.path
    fitting = [href for _, href in shown if here == href or here.startswith(f"{href.rstrip('/')}/")]
    current = max(fitting, key=len, default=None)
    return [{"text": text, "href": href, "current": href == current} for text, href in shown]
