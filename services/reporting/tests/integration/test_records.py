"""From a number down to the records that it counts: every measure that opens, against what it says."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_learning import learned
from reporting_ombudsman import wanted
from reporting_records import Sources, document
from reporting_said import all_that_was_said
from reporting_work import one_of_each

from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.page_client import check_pages
from reporting.adapters.record_repository import RecordRepository, opens
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain.meanings import meanings
from reporting.domain.measures import MEASURES
from reporting.domain.profile import Profile
from reporting.domain.records import COMPLAINT
from reporting.domain.tallies import Tally

FIRST, LAST = date(2021, 4, 1), date(2023, 3, 31)
ALL = 10_000
# What is summed rather than counted, or counts something of which a record has several.
SEVERAL = {
    "complaint_points", "points_with_finding", "points_upheld", "findings_made", "findings_differ", "points_with_learning",
    "points_with_reason_for_none", "stages_ended", "stage_answers_in_time", "complaints_open", "ombudsman_actions",
    "audit_activity", "audited_children", "cases_with_rag", "cases_with_finding", "sections_good_or_better",
    "parts_submitted_in_time", "suspended_stage_days", "suspended_days", "ombudsman_answers_in_time",
    "ombudsman_remedies_in_time", "dispute_answers_in_time", "audits_reviewed_in_time",
}  # fmt: skip
SAID = meanings(Profile.model_validate(document("worcestershire")))


@pytest.fixture
async def year(printed_year: Sources) -> None:
    """Worcestershire's year, audits at work, actions, the Ombudsman, and what was said."""
    day = date(2022, 4, 1)
    await printed_year.record(
        *(event for n in range(3) for event in one_of_each(f"audit-{n}", day + timedelta(days=n))), on=day
    )
    await printed_year.record(learned("a", 1, day), wanted("case", 2, day, deadlines=[("enquiry", day, None, None)]))
    await printed_year.record(*all_that_was_said())


@pytest.mark.usefixtures("year")
class TestRecords:
    async def test_are_those_that_a_measure_counts(self, app: FastAPI) -> None:
        """As many as the number says, where a record is counted once; and for a share those that it is of as well."""
        asked = {code: Tally(code, FIRST, LAST) for code in MEASURES if opens(code)}
        async with app.state.uow.begin("worcestershire") as transaction:
            counts = await TallyRepository(transaction).answer(asked.values(), SAID)
            for code, tally in asked.items():
                count = counts[tally].get(None)
                found = await RecordRepository(transaction).find(tally, (None,), SAID, limit=ALL)
                counted = [each for each in found.records if each.counted]
                number, of = (count.n, count.of) if count else (0, 0)
                if code in SEVERAL:
                    assert (len(counted) > 0) == (number > 0), code
                    assert len(counted) <= max(number, len(found.records)), code
                else:
                    assert len(counted) == number, code
                    assert len(found.records) == (of if MEASURES[code].is_ratio else number), code

    async def test_are_found_by_row_and_column(self, app: FastAPI) -> None:
        tally = Tally("complaint_points", FIRST, LAST, by="category", members=("send-communication",), across="service_area",
                      across_members=("send",))  # fmt: skip
        async with app.state.uow.begin("worcestershire") as transaction:
            repository = RecordRepository(transaction)
            whole = await repository.find(tally, (("send-communication", "send"),), SAID, limit=ALL)
            assert whole.records
            assert {each.kind for each in whole.records} == {COMPLAINT}
            assert {each.service_area for each in whole.records} == {"send"}
            nowhere = await repository.find(tally, (("send-communication", None),), SAID, limit=ALL)
            assert nowhere.records == ()

    async def test_come_by_pages_without_gap_or_repetition(self, app: FastAPI) -> None:
        tally = Tally("complaints_received", FIRST, LAST)
        async with app.state.uow.begin("worcestershire") as transaction:
            repository = RecordRepository(transaction)
            whole = [each.ident for each in (await repository.find(tally, (None,), SAID, limit=ALL)).records]
            page, seen = await repository.find(tally, (None,), SAID, limit=50), []
            seen += [each.ident for each in page.records]
            while page.after is not None:
                page = await repository.find(tally, (None,), SAID, limit=50, after=page.after)
                seen += [each.ident for each in page.records]
        assert seen == whole
        assert len(set(seen)) == len(seen) > 100

    async def test_of_another_organisation_there_are_none(self, app: FastAPI) -> None:
        async with app.state.uow.begin("telford-wrekin") as transaction:
            found = await RecordRepository(transaction).find(Tally("complaints_received", FIRST, LAST), (None,), SAID, limit=10)
        assert found.records == ()

    async def test_what_families_said_is_not_opened(self, app: FastAPI) -> None:
        closed = {code for code in MEASURES if not opens(code)}
        assert {"answers_favourable", "responses_received", "calls_made", "star_improved", "comments_themed"} <= closed
        async with app.state.uow.begin("worcestershire") as transaction:
            with pytest.raises(LookupError):
                await RecordRepository(transaction).find(Tally("responses_received", FIRST, LAST), (None,), SAID, limit=10)


@pytest.mark.usefixtures("year")
class TestPages:
    @pytest.fixture
    def browser(self, client: ServiceClient, profile: dict[str, Any]) -> ServiceClient:
        """A senior reader's browser; every page is checked."""
        assert profile
        staff = client.acting_as(caller("role:senior-reader", subject="staff:alex"))
        staff.headers["accept"] = "text/html"
        check_pages(staff)
        return staff

    async def test_a_figure_of_the_dashboard_leads_to_its_records(self, browser: ServiceClient) -> None:
        home = (await browser.get("/reporting/?period=2022-23-q1")).text
        assert 'href="/reporting/records/complaints-received?period=2022-23-q1"' in home
        assert "/reporting/records/answers-favourable" not in home
        page = (await browser.get("/reporting/records/complaints-received?period=2022-23-q1")).text
        assert page.count('href="/complaints/') == 50
        following = re.search(r'href="(/reporting/records/complaints-received\?[^"]*after=[^"]*)"', page)
        assert following
        rest = (await browser.get(html.unescape(following[1]))).text
        assert rest.count('href="/complaints/') > 0
        page = (await browser.get("/reporting/records/audits-with-grade?period=2022-23-q2")).text
        assert 'href="/audit/outcomes/' in page

    async def test_a_cell_leads_to_its_records(self, browser: ServiceClient) -> None:
        report = (await browser.get("/reporting/reports/send-complaints?period=2022-23-q1")).text
        at = "/reporting/reports/send-complaints/tables/stage-1-by-team/records"
        assert f'href="{at}?period=2022-23-q1"' in report
        assert "Choose a row and a column" in (await browser.get(f"{at}?period=2022-23-q1")).text
        table = (await browser.get("/reporting/v1/reports/send-complaints/tables/stage-1-by-team?period=2022-23-q1")).json()
        row = next(each for each in table["rows"] if each["cells"][0]["value"])
        column = table["columns"][0]["code"]
        page = (await browser.get(f"{at}?period=2022-23-q1&row={row['code']}&column={column}")).text
        assert page.count('href="/complaints/') == row["cells"][0]["value"] > 0

    async def test_what_leads_nowhere_says_why(self, browser: ServiceClient) -> None:
        page = (await browser.get("/reporting/records/responses-received?period=2022-23-q1")).text
        assert "told in confidence" in page
        public = "/reporting/reports/complaints-annual-public"
        assert "Records behind it" not in (await browser.get(f"{public}?period=2021-22")).text
        assert (await browser.get(f"{public}/tables/complaints-received/records?period=2021-22")).status_code == 404
        assert (await browser.get("/reporting/records/nothing")).status_code == 404

    async def test_links_are_for_those_who_may_open_them(self, client: ServiceClient, profile: dict[str, Any]) -> None:
        assert profile
        staff = client.acting_as(caller("role:qa-officer", subject="staff:kim"))
        page = (await staff.get("/reporting/records/complaints-received?period=2022-23-q1")).text
        assert "Complaint …" in page
        assert 'href="/complaints/' not in page

    async def test_the_dashboard_is_cut_to_areas_and_teams(self, client: ServiceClient, browser: ServiceClient) -> None:
        page = (await browser.get("/reporting/?period=2022-23-q1&area=send")).text
        assert "Only what concerns" in page
        assert 'href="/reporting/records/complaints-received?period=2022-23-q1&amp;area=send"' in page
        whole = (await browser.get("/reporting/records/complaints-received?period=2022-23-q1&area=send")).text
        assert whole.count('href="/complaints/') == 13
        assert (await browser.get("/reporting/?area=nowhere")).status_code == 422
        limited = client.acting_as(replace(caller("role:senior-reader", subject="staff:sam"), areas=frozenset({"send"})))
        assert (await limited.get("/reporting/?area=safeguarding")).status_code == 422
        page = (await limited.get("/reporting/records/complaints-received?period=2022-23-q1")).text
        assert page.count('href="/complaints/') == 13
