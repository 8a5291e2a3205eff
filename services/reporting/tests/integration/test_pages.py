"""The pages, as a browser without script and as a real one see them."""

from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_records import Sources
from reporting_work import allocated, one_of_each, raised

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages
from reporting.bootstrap import build_app
from reporting.domain.measures import MEASURES
from reporting.settings import ReportingSettings

PAGES = {
    "dashboard": "/reporting/?period=2022-23-q1",
    "reports": "/reporting/reports",
    "send-complaints": "/reporting/reports/send-complaints?period=2022-23-q1",
    "quality-assurance": "/reporting/reports/send-quality-assurance?period=2022-23-q2",
    "audits": "/reporting/reports/case-file-audits",
    "audit-cycle": "/reporting/reports/audit-cycle?period=2022-23-q1",
    "complaints": "/reporting/reports/social-care-complaints?period=2022-23-q1",
    "complaints-of-the-year": "/reporting/reports/complaints-annual?period=2021-22",
    "complaints-for-the-public": "/reporting/reports/complaints-annual-public?period=2021-22",
    "measures": "/reporting/measures",
    "dashboard-of-an-area": "/reporting/?period=2022-23-q1&area=send",
    "records": "/reporting/records/complaints-received?period=2022-23-q1",
    "records-of-a-cell": "/reporting/reports/send-complaints/tables/stage-1-by-team/records?period=2022-23-q1",
    "themes": "/reporting/themes?period=2022-23-q1",
    "themes-of-an-area": "/reporting/themes?period=2022-23-q1&area=send",
    "theme": "/reporting/themes/communication?period=2022-23-q1",
    "disagreements": "/reporting/themes/disagreements?period=2022-23-q1",
    "exports": "/reporting/exports",
    "dictionary": "/reporting/dictionary",
    "dictionary-of-a-table": "/reporting/dictionary/ComplaintPoints",
}
STAFF = caller("role:senior-reader", subject="staff:alex")

__all__ = ["chromium"]


@pytest.fixture
async def records(printed_year: Sources) -> None:
    """Worcestershire's year, and some audits at work in its first quarter."""
    day = date(2022, 4, 1)
    audits = [event for n in range(12) for event in one_of_each(f"audit-{n}", day + timedelta(days=n))]
    await printed_year.record(*audits, on=day)


@pytest.fixture
def browser(client: ServiceClient) -> ServiceClient:
    """A senior reader's browser; every page is checked."""
    staff = client.acting_as(STAFF)
    staff.headers["accept"] = "text/html"
    check_pages(staff)
    return staff


@pytest.mark.usefixtures("records")
class TestPages:
    async def test_every_page_is_valid(self, browser: ServiceClient) -> None:
        for path in PAGES.values():
            answer = await browser.get(path)
            assert answer.status_code == 200, path

    async def test_the_catalogue_says_where_the_rows_of_every_measure_are_and_who_shows_it(
        self, browser: ServiceClient
    ) -> None:
        words = (await browser.get(PAGES["measures"])).text
        for label in ("What is counted", "Out of", "Counted", "Take care", "Rows behind it", "Shown in"):
            assert words.count(f">{label}<") == len(MEASURES), label
        assert 'href="/reporting/reports/send-complaints"' in words

    async def test_the_dashboard_says_what_a_figure_is_worth(self, browser: ServiceClient) -> None:
        text = (await browser.get(PAGES["dashboard"])).text
        assert "Q4 21/22: 65" in text
        assert "4 of 13. Too few to compare: it could lie anywhere between 13% and 58%" in text
        assert "29 of 44 points, from 13 complaints answered. Too few to compare" in text
        assert "Answers from 7 surveys: too few to give a percentage" in text

    async def test_without_a_period_the_latest_with_records_is_shown(self, browser: ServiceClient) -> None:
        assert "Quarter 2 of 2022/23" in (await browser.get("/reporting/")).text
        assert "June and July 2022" in (await browser.get(PAGES["audits"])).text

    async def test_audits_at_work_do_not_move_the_dashboard_to_a_quarter_without_figures(
        self, sources: Sources, browser: ServiceClient
    ) -> None:
        await sources.record(allocated("a", date(2026, 11, 2)), raised("a", date(2026, 11, 2)))
        assert "Quarter 2 of 2022/23" in (await browser.get("/reporting/")).text

    async def test_a_share_of_fewer_than_10_is_shown_by_its_numbers(self, browser: ServiceClient) -> None:
        text = (await browser.get(PAGES["quality-assurance"])).text
        assert "4 of 6" in text
        assert "67%" not in text
        assert "62%" in text

    async def test_a_chart_stands_beside_its_table_and_says_what_it_shows(self, browser: ServiceClient) -> None:
        text = (await browser.get(PAGES["send-complaints"])).text
        assert text.count("<svg ") == 2  # the mark of the product, and the chart
        assert "Of 44 points, 25 were: Dissatisfaction with timelines or content of communication." in text
        assert 'id="table-stage-1-points-by-category"' in text

    async def test_a_period_that_is_none_is_a_kind_page(self, browser: ServiceClient) -> None:
        for path in ("/reporting/?period=2022-23-q9", "/reporting/reports/send-complaints?period=2022-23"):
            answer = await browser.get(path)
            assert answer.status_code == 422
            assert "text/html" in answer.headers["content-type"]
        assert (await browser.get("/reporting/reports/nothing")).status_code == 404

    async def test_the_edges_of_time_are_no_errors(self, browser: ServiceClient) -> None:
        for path in (
            "/reporting/?period=1990-91-q1",
            "/reporting/?period=2100-01-q4",
            "/reporting/reports/social-care-complaints?period=1990-91-q1",
            "/reporting/reports/send-complaints?period=2100-01-q4",
            "/reporting/reports/case-file-audits?period=2100-01",
            "/reporting/reports/case-file-audits?period=2022-06..2022-07",
        ):
            assert (await browser.get(path)).status_code == 200, path

    async def test_while_it_is_rebuilt_a_page_says_so(
        self, browser: ServiceClient, operator: ServiceClient, sources: Sources
    ) -> None:
        await operator.post("/reporting/v1/replay")
        await sources.appliers["audit"].clear()
        answer = await browser.get("/reporting/")
        assert answer.status_code == 503
        assert "text/html" in answer.headers["content-type"]

    async def test_machines_have_no_pages(self, client: ServiceClient) -> None:
        assert (await client.get("/reporting/")).status_code == 403


class TestEmptyInstallation:
    async def test_pages_say_that_there_is_nothing_yet(self, browser: ServiceClient, profile: dict[str, Any]) -> None:
        for path in PAGES.values():
            assert (await browser.get(path)).status_code == 200
        assert "Nothing recorded for this period" in (await browser.get("/reporting/")).text

    async def test_an_organisation_without_a_profile_is_told_so(self, browser: ServiceClient) -> None:
        answer = await browser.get("/reporting/")
        assert answer.status_code == 409
        assert "profile" in answer.text


@pytest.mark.browser
class TestBrowser:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_pages_are_accessible_and_fit(
        self, width: int, chromium: Chromium, settings: ReportingSettings, keys: Keys, records: None
    ) -> None:
        with served(signed(build_app(settings), keys)) as url:
            for name, path in PAGES.items():
                page = await chromium.open(f"{url}{path}", width=width, script=True)
                await picture(page, f"reporting-{name}-{width}")
                await assert_accessible(page)
                await assert_fits(page)

    async def test_a_report_can_be_read_without_script(
        self, chromium: Chromium, settings: ReportingSettings, keys: Keys, records: None
    ) -> None:
        with served(signed(build_app(settings), keys)) as url:
            page = await chromium.open(f"{url}{PAGES['send-complaints']}", script=False)
            await page.get_by_label("Period").select_option("2021-22-q4")
            await page.get_by_role("button", name="Show").click()
            assert "period=2021-22-q4" in page.url


def signed(app: FastAPI, keys: Keys) -> Any:
    """The application behind a gateway that knows everybody as the senior reader."""

    async def gateway(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            held = [(name.lower().encode(), value.encode()) for name, value in keys.headers("reporting", STAFF).items()]
            scope = {**scope, "headers": [*scope["headers"], *held]}
        await app(scope, receive, send)

    return gateway
