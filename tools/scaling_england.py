"""What the simulation of `tools.scaling` is made of: public statistics with their source, and assumptions.

A figure is a statistic (somebody published it) or an assumption (nobody did; change it where you know better). docs/scaling.md
prints them.
"""

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, and where it is from."""

    name: str
    value: float
    words: str
    kind: Literal["statistic", "assumption"]
    source: str


_CIN: Final = "DfE, Characteristics of children in need, year ending 31 March 2024"
_PRINT: Final = "demo/published, printed reports of two councils"

FIGURES: Final = {
    each.name: each
    for each in (
        Figure("councils", 153, "councils with children's services in England", "statistic", "DfE, since April 2023"),
        Figure("children", 12_000_000, "children under 18 in England, rounded", "statistic", "ONS, mid-2023 estimates"),
        Figure("referrals", 621_900, "referrals in the year", "statistic", _CIN),
        Figure("in_need", 399_500, "children in need on 31 March", "statistic", _CIN),
        Figure("protection", 49_900, "children with a child protection plan on 31 March", "statistic", _CIN),
        Figure("looked_after", 83_600, "children looked after on 31 March 2024", "statistic",
               "DfE, Children looked after in England, 2024"),
        Figure("plans", 576_000, "education, health and care plans in January 2024", "statistic",
               "DfE, Education, health and care plans, 2024"),
        Figure("new_plans", 84_400, "new plans in 2023", "statistic", "DfE, Education, health and care plans, 2024"),
        Figure("ombudsman", 3_642, "complaints about education and children's services in 2022-23", "statistic",
               "Local Government and Social Care Ombudsman, annual review 2022-23"),
        Figure("complaints_per_1000", 2.7, "complaints a year for 1,000 children, with those about SEND", "assumption",
               f"{_PRINT}: about 320 a year where some 120,000 children live"),
        Figure("compliments_per_1000", 1.0, "compliments a year for 1,000 children", "assumption", _PRINT),
        Figure("managers_per_1000", 0.5, "managers who audit once a month, for 1,000 children", "assumption",
               "6,000 in England: a fifth of its social workers"),
        Figure("officers_per_1000", 0.25, "quality-assurance and complaints officers for 1,000 children", "assumption",
               "30 in a large county"),
        Figure("answered", 0.15, "share of survey links that are answered", "assumption", "seldom more without a call"),
        Figure("questions", 9, "questions of a survey", "assumption", "profiles/worcestershire"),
        Figure("requests_manager", 10, "requests of a manager on a working day", "assumption", "an audit a month, some lists"),
        Figure("requests_officer", 150, "requests of an officer on a working day", "assumption", "a page every three minutes"),
        Figure("looked_at", 0.5, "share of staff requests that the trail keeps", "assumption", "pages with a record"),
        Figure("kpis", 60, "observations of KPIs a council and month", "assumption", "20 KPIs by three areas"),
        Figure("peak_hour", 0.15, "share of a working day's requests in its busiest hour", "assumption", "office hours"),
        Figure("evening_hour", 0.20, "share of a day's survey answers in its busiest hour", "assumption", "after school"),
        Figure("first_monday", 3.0, "requests on the first Monday of a month, over a usual day", "assumption", "allocation"),
        Figure("last_day", 6.0, "audit parts on the last working day of a month, over usual", "assumption", "deadline"),
        Figure("quarter_end", 1.5, "requests in the ten working days after a quarter, over usual", "assumption", "reports"),
    )
}  # fmt: skip

EVENTS_PER: Final = {"audit": 12.0, "answer": 2.0, "link": 1.0, "complaint": 10.0, "compliment": 2.0, "kpi": 1.0}
"""Events that one record causes in its life: an audit is allocated, has three parts, actions and reviews; assumption."""

SIZES: Final = (("small", 50, 35_000), ("medium", 80, 75_000), ("large", 23, 185_000))
"""Size, how many of the 153, and children in each: an assumption that adds up to the children of England."""

OWN_ROWS: Final = {"audit": 24, "answer": 11, "link": 2, "complaint": 30, "compliment": 3, "kpi": 1}
"""Rows in the service's own tables and in reporting that one record makes in its life, without events; assumption."""


def value(name: str) -> float:
    """A figure."""
    return FIGURES[name].value
