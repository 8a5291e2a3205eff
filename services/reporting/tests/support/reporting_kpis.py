"""KPIs for tests: definitions, and observations of them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from reporting_records import document

from reporting.domain.kpi_figures import Observation, Place, shifted
from reporting.domain.kpis import Kpi
from reporting.domain.profile import Profile

AREA = "fostering-and-kinship"
ALWAYS = {"from": None, "until": None}


def kpi(code: str = "reviews", **more: Any) -> Kpi:
    """A share of which more is better: green from 95, amber from 85."""
    fields: dict[str, Any] = {
        "code": code,
        "name": "Reviews in time",
        "definition": "Reviews held in time.",
        "kind": "share",
        "numerator": "Held in time",
        "denominator": "Due",
        "rest": "Out of time",
        "unit": "reviews",
        "better": "higher",
        "every": "month",
        "service_areas": [AREA],
        "source": "Case system",
        "owner": "Head of service",
        "targets": [{**ALWAYS, "value": 95}],
        "rag": [{**ALWAYS, "green": 95, "amber": 85}],
    }
    return Kpi.model_validate({**fields, **more})


def number(code: str = "households", **more: Any) -> Kpi:
    """A plain number of which more is better; nothing is judged."""
    fields: dict[str, Any] = {"kind": "number", "denominator": None, "rest": None, "unit": "households"}
    fields |= {"targets": [], "rag": []}
    return kpi(code, **{**fields, **more})


def profile_with(*kpis: Kpi) -> Profile:
    """Worcestershire with these KPIs."""
    body = document("worcestershire")
    body["kpis"] = {"kpis": [each.model_dump(mode="json", by_alias=True) for each in kpis]}
    return Profile.model_validate(body)


def observed(
    month: str, n: int, of: int | None = None, *, code: str = "reviews", area: str = AREA, team: str = ""
) -> Observation:
    """An observation of a month such as 2026-04."""
    return Observation(code, date.fromisoformat(f"{month}-01"), Place(area, team), n, of)


def posted(month: str, n: int, of: int | None = None, *, kpi: str = "foster-annual-reviews", **more: Any) -> dict[str, Any]:
    """An item as a system sends it."""
    item = {"kpi": kpi, "month": month, "service_area": AREA, "numerator": n, "denominator": of}
    return {name: value for name, value in {**item, **more}.items() if value is not None}


def batch(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The body of a batch."""
    return {"observations": list(items)}


def year_of(last: date) -> list[dict[str, Any]]:
    """Eighteen months up to `last`: a KPI that is amber, one of few months, one of small numbers, and one by team."""
    teams = ("send-assessment", "send-north", "send-south", "send-post-16", "send-review-and-monitoring")
    found = []
    for back in range(18):
        month = f"{shifted(last, -back):%Y-%m}"
        found.append(posted(month, 36 if back % 2 else 37, 40))
        found.append(posted(month, 4, 5, kpi="independent-visits", service_area="through-care"))
        if back < 6:
            found.append(posted(month, 95, 100, kpi="looked-after-reviews", service_area="qa-and-independent-review"))
        found += [posted(month, 8, 10, kpi="ehc-reviews-decided", service_area="send", team=team) for team in teams]
    return found
