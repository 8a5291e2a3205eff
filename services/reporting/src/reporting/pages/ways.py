"""Ways between the staff pages of this service, for those who may go them."""

from typing import Any

from fastapi import Request

from chassis.access import identity_of
from chassis.pages import staff_chrome, ways_between

OFFICER = "role:qa-officer"
COMPLAINTS_OFFICER = "role:complaints-officer"
READER = "role:senior-reader"
READERS = (READER, OFFICER, COMPLAINTS_OFFICER)

WAYS = (
    ("How we are doing", "/reporting/", READERS),
    ("Reports", "/reporting/reports", READERS),
    ("Issued reports", "/reporting/issued", READERS),
    ("Themes", "/reporting/themes", READERS),
    ("Where evidence disagrees", "/reporting/themes/disagreements", READERS),
    ("KPIs", "/reporting/kpis", READERS),
    ("Learning tracker", "/reporting/learning", READERS),
    ("You said, we did", "/reporting/said-and-done", READERS),
    ("Improvement plans", "/reporting/plans", READERS),
    ("What the figures mean", "/reporting/measures", READERS),
    ("Files of figures", "/reporting/exports", READERS),
    ("What the columns mean", "/reporting/dictionary", READERS),
)


def chrome(request: Request) -> dict[str, Any]:
    """What stands around every page, also around error pages: the installation's frame, and the ways of this service."""
    return {**staff_chrome(request), "reporting_ways": ways_between(request.url.path, identity_of(request), WAYS)}
