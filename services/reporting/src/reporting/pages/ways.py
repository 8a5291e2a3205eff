"""Ways between the staff pages of this service, for those who may go them."""

from typing import Any

from fastapi import Request

from chassis.access import identity_of
from chassis.pages import grouped_ways, staff_chrome

OFFICER = "role:qa-officer"
COMPLAINTS_OFFICER = "role:complaints-officer"
READER = "role:senior-reader"
READERS = (READER, OFFICER, COMPLAINTS_OFFICER)

WAYS = (
    ("How we are doing", (("How we are doing", "/reporting/", READERS),)),
    ("Reports", (("All reports", "/reporting/reports", READERS), ("Issued", "/reporting/issued", READERS))),
    (
        "Evidence",
        (
            ("Themes", "/reporting/themes", READERS),
            ("Where it disagrees", "/reporting/themes/disagreements", READERS),
            ("KPIs", "/reporting/kpis", READERS),
        ),
    ),
    (
        "Learning",
        (
            ("Learning tracker", "/reporting/learning", READERS),
            ("You said, we did", "/reporting/said-and-done", READERS),
            ("Improvement plans", "/reporting/plans", READERS),
        ),
    ),
    (
        "Figures",
        (
            ("What the figures mean", "/reporting/measures", READERS),
            ("Files of figures", "/reporting/exports", READERS),
            ("What the columns mean", "/reporting/dictionary", READERS),
        ),
    ),
)
"""Ways between the pages, in groups, each with the grants of which one is needed."""


def chrome(request: Request) -> dict[str, Any]:
    """What stands around every page, also around error pages: the installation's frame, and the ways of this service."""
    identity = identity_of(request)
    groups = [
        (name, [(text, href) for text, href, grants in pages if identity is not None and identity.may(*grants)])
        for name, pages in WAYS
    ]
    return {**staff_chrome(request), "reporting_ways": grouped_ways(request.url.path, groups)}
