"""Procedures and days that the tests of the stage machine share."""

from collections.abc import Mapping
from datetime import date

from chassis.calendar import WorkingDays
from complaints.domain.case import Finding, Rules, StageRules
from complaints.domain.clock import PanelTerms, Terms

CALENDAR = WorkingDays.load()
TODAY = date(2022, 12, 30)
STATUTORY = Rules(
    "childrens-statutory",
    "formal",
    (
        StageRules(1, Terms(10, 20, "received"), None, can_decline=False),
        StageRules(2, Terms(25, 65, "requested"), 20, can_decline=False),
        StageRules(3, Terms(30, None, "requested", panel=PanelTerms(5, 15)), 20, can_decline=False),
    ),
    frozenset({"stage-2", "ombudsman"}),
)
SEND = Rules(
    "send",
    "formal",
    (
        StageRules(1, Terms(10, 20, "received"), None, can_decline=False),
        StageRules(2, Terms(25, 65, "requested"), None, can_decline=True),
    ),
)
CORPORATE = Rules(
    "corporate",
    "formal",
    (
        StageRules(1, Terms(10, 20, "acknowledged", 5), None, can_decline=False),
        StageRules(2, Terms(20, 40, "acknowledged", 5), None, can_decline=True),
    ),
)
INFORMAL = Rules("send-informal", "informal", (StageRules(1, Terms(10, None, "received"), None, can_decline=False),))
UPHELD: Mapping[str, Finding] = {"1": "upheld", "2": "not-upheld"}
RECEIVED = date(2022, 4, 28)  # due on 13 May, extended on 27 May
