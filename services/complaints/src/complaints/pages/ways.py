"""Ways between the staff pages of this service, for those who may go them."""

from typing import Any

from fastapi import Request

from chassis.access import identity_of
from chassis.pages import ways_between
from complaints.pages import routes
from complaints.pages.staff_forms import token_for

OFFICER = "role:complaints-officer"
READER = "role:senior-reader"
MANAGER = "role:manager"

WAYS = (
    ("All complaints", "/complaints/", (OFFICER, READER)),
    ("What is due", "/complaints/due", (OFFICER, READER)),
    ("What came in", "/complaints/intake", (OFFICER,)),
    ("Comments", "/complaints/comments", (OFFICER,)),
    ("Compliments", "/complaints/compliments", (OFFICER,)),
    ("Ombudsman", "/complaints/ombudsman", (OFFICER, READER)),
    ("Learning", "/complaints/learning", (OFFICER, READER)),
    ("Your actions", "/complaints/learning/mine", (OFFICER, READER, MANAGER)),
    ("Bulletins", "/complaints/bulletins", (OFFICER, READER, MANAGER)),
    ("Register", "/complaints/register", (OFFICER, READER)),
    ("Old cases", "/complaints/old-cases", (OFFICER,)),
)


def chrome(request: Request) -> dict[str, Any]:
    """What stands around every page, also around error pages: the installation's frame, and the ways of this service."""
    identity = identity_of(request)
    around = {**routes.chrome(request), "complaints_ways": ways_between(request.url.path, identity, WAYS)}
    if identity is None or identity.org is None or not identity.may(OFFICER, READER):
        return around
    hint = "Reference, name, telephone, e-mail, postcode or day" if identity.may(OFFICER) else "Reference, or day of receipt"
    return {**around, "find_token": token_for(request, identity), "find_hint": hint}
