"""KPIs in public versions: posted, issued, corrected, and looked at again in another grouping of months."""

from typing import Any

import pytest
from reporting_desk import Person, issue
from reporting_kpis import AREA, batch, posted
from reporting_records import document

from chassis.testing.fixtures import ServiceClient, caller

KPI = "foster-annual-reviews"
QUARTERLY, YEARLY = "/reporting/reports/kpis-public", "/reporting/reports/kpis-so-far-public"
Q1, Q2 = "?period=2022-23-q1", "?period=2022-23-q2"


def report(code: str, first: int) -> dict[str, Any]:
    """A public report of one KPI, from so many quarters before on."""
    columns = [
        {"code": show, "label": show.title(), "show": show, "unit": "number", "period": {"from": first, "to": 0}}
        for show in ("numerator", "rest", "denominator")
    ]
    rows = {"by": "kpi", "label": "Indicator", "kpis": [KPI]}
    own = {"code": "kpis", "title": "KPIs", "filter": {"service_area": [AREA]}, "rows": rows, "columns": columns}
    table = {**own, "total": False, "chart": None, "notes": []}
    return {"code": code, "title": code, "audience": "public", "period": "quarter", "tables": [table]}


@pytest.fixture
async def system(alex: Person) -> ServiceClient:
    """A case system, when the profile has two public reports of a KPI: of a quarter, and of two."""
    body = document("worcestershire")
    body["reports"]["reports"] += [report("kpis-public", 0), report("kpis-so-far-public", -1)]
    operator = alex.client.acting_as(caller("operator"))
    answer = await operator.put("/reporting/v1/profile", json={**body, "version": "kpis"})
    assert answer.status_code == 200, answer.text
    return operator.acting_as(caller("reporting:kpis:write"))


async def post(system: ServiceClient, *items: dict[str, Any]) -> None:
    key = f"key-{[sorted(each.items()) for each in items]}".replace(" ", "")[:200]
    answer = await system.post("/reporting/v1/kpis/observations", json=batch(items), headers={"Idempotency-Key": key})
    assert answer.status_code == 200, answer.text


class TestPublishedKpis:
    async def test_a_longer_time_withholds_what_would_be_left_of_a_published_quarter(
        self, alex: Person, sam: Person, robin: Person, system: ServiceClient
    ) -> None:
        await post(system, *(posted(f"2022-0{month}", 10, 40) for month in (4, 5, 6)))
        await post(system, *(posted(f"2022-0{month}", 1, 20) for month in (7, 8, 9)))
        assert "33" in await robin.get(f"{YEARLY}{Q2}")
        assert "No public version of the same figures was issued before." in await alex.get(f"{YEARLY}{Q2}")
        first = await issue(alex, sam, desk=f"{QUARTERLY}/desk", of=Q1)
        assert "30" in await alex.get(first)
        # The quarter ended before the one that the report is of begins.
        assert "Held against version 1 of" in await alex.get(f"{YEARLY}{Q2}")
        reader = await robin.get(f"{YEARLY}{Q2}")
        assert "33" not in reader
        assert "[c]" in reader

    async def test_a_correction_is_named_and_what_was_withheld_stays_withheld(
        self, alex: Person, sam: Person, system: ServiceClient
    ) -> None:
        await post(system, *(posted(f"2022-0{month}", 10, 40) for month in (4, 5, 6)))
        await post(system, *(posted(f"2022-0{month}", 1, 20) for month in (7, 8, 9)))
        await issue(alex, sam, desk=f"{QUARTERLY}/desk", of=Q1)
        await issue(alex, sam, desk=f"{QUARTERLY}/desk", of=Q2)
        await post(system, posted("2022-04", 12, 40, reason="Two reviews were entered late"))
        await post(system, posted("2022-07", 7, 20, reason="Six reviews were entered late"))
        again = await alex.prepare(desk=f"{QUARTERLY}/desk", of=Q1, reason="Reviews were entered late.")
        page = await sam.get(again)
        assert "Published figures that were corrected since by 1 to 5" in page
        assert "30 (KPIs: Annual reviews of foster carers held in time, Numerator; version 1 of" in page
        assert "an earlier version withheld it" in await alex.get(f"{QUARTERLY}{Q2}")
