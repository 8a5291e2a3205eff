"""Pages of KPIs in a real browser: accessible, no wider than a phone, and usable without script."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from reporting_kpis import batch, made_up
from reporting_records import ROOT

from chassis.days import british_today
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys, ServiceClient, caller
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

OFFICER = replace(caller("role:qa-officer", subject="staff:sam"), label="Sam Okafor")
PAGES = {
    "list": "/reporting/kpis",
    "supervision": "/reporting/kpis/foster-supervision",
    "reviews-by-team": "/reporting/kpis/ehc-reviews-decided",
    "small-numbers": "/reporting/kpis/independent-visits",
    "number": "/reporting/kpis/foster-households",
    "corrected": "/reporting/kpis/foster-annual-reviews",
    "enter": "/reporting/kpis/foster-medicals/enter",
    "upload": "/reporting/kpis/upload",
}
PATH = "/reporting/v1/kpis/observations"
__all__ = ["chromium"]
pytestmark = pytest.mark.browser


@pytest.fixture
async def figures(client: ServiceClient, profile: dict[str, Any]) -> None:
    """What the demonstration shows, with a correction of the last month."""
    system = client.acting_as(caller("reporting:kpis:write"))
    lines = (ROOT / "demo/records/worcestershire/kpi-observations.jsonl").read_text().splitlines()
    items = made_up([json.loads(line) for line in lines], british_today())
    last = max((each for each in items if each["kpi"] == "foster-annual-reviews"), key=lambda each: str(each["month"]))
    corrected = {**last, "numerator": last["numerator"] - 1, "reason": "One review was held a day after it was due"}
    for number, sent in enumerate((items[:600], items[600:], [corrected])):
        answer = await system.post(PATH, json=batch(sent), headers={"Idempotency-Key": f"figures-{number}"})
        assert answer.status_code == 200, answer.text


@contextmanager
def address(settings: ReportingSettings, keys: Keys) -> Iterator[str]:
    """The application behind a gateway that knows everybody as the officer."""
    app = build_app(settings)

    async def gateway(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            held = [(name.lower().encode(), value.encode()) for name, value in keys.headers("reporting", OFFICER).items()]
            scope = {**scope, "headers": [*scope["headers"], *held]}
        await app(scope, receive, send)

    with served(gateway) as url:
        yield url


@pytest.mark.usefixtures("figures")
class TestBrowser:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_pages_are_accessible_and_fit(
        self, width: int, chromium: Chromium, settings: ReportingSettings, keys: Keys
    ) -> None:
        with address(settings, keys) as url:
            for name, path in PAGES.items():
                page = await chromium.open(f"{url}{path}", width=width, script=True)
                await picture(page, f"kpis-{name}-{width}")
                await assert_accessible(page)
                await assert_fits(page)

    async def test_a_file_with_faults_and_a_month_are_sent_without_script(
        self, chromium: Chromium, settings: ReportingSettings, keys: Keys
    ) -> None:
        with address(settings, keys) as url:
            page = await chromium.open(f"{url}{PAGES['upload']}", width=PHONE, script=False)
            sheet = (
                b"kpi,month,service area,numerator,denominator\n"
                b"foster-medicals,2020-01,fostering-and-kinship,9,8\n"
                b"foster-medicals,2020-02,fostering-and-kinship,7,8\n"
            )
            await page.get_by_label("File").set_input_files({"name": "kpis.csv", "mimeType": "text/csv", "buffer": sheet})
            await page.get_by_role("button", name="Check the file").click()
            await page.get_by_role("heading", name="What is wrong").wait_for()
            await picture(page, "kpis-faults-390")
            await assert_fits(page)
            await page.goto(f"{url}{PAGES['enter']}?month=2020-01&place=fostering-and-kinship")
            await page.get_by_label("Reports renewed").fill("7")
            await page.get_by_label("Reports due").fill("8")
            await picture(page, "kpis-entering-390")
            await page.get_by_role("button", name="Save the figure").click()
            await page.get_by_role("heading", name="Medical reports of foster carers up to date").wait_for()
            assert page.url.endswith("/foster-medicals")
