"""The pages of agreement, every answer read as a strict browser would."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from services.audit.tests.conftest import Call, posted
from services.audit.tests.moderated import moderated

from chassis.days import british_today
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages

BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
G, R, I = "good", "requires-improvement", "inadequate"  # noqa: E741 - short for grids of grades
PAGE = "/audit/agreement"


async def opened(call_as: Call, role: str, person: str) -> AsyncIterator[ServiceClient]:
    async with call_as(caller(role, subject=f"demo-{person}")) as browser:
        browser.headers.update(BROWSER)
        check_pages(browser)
        yield browser


@pytest.fixture
async def officer(client: ServiceClient, call_as: Call) -> AsyncIterator[ServiceClient]:
    async for browser in opened(call_as, "role:qa-officer", "alex-morgan"):
        yield browser


@pytest.fixture
async def sam(client: ServiceClient, call_as: Call) -> AsyncIterator[ServiceClient]:
    async for browser in opened(call_as, "role:manager", "sam-okafor"):
        yield browser


@pytest.fixture
async def audits(client: ServiceClient, database: Database, keys: Keys) -> list[UUID]:
    """33 audits of this month: all agree about assessments, eleven differ widely about plans."""
    today = british_today()
    written = []
    async with moderated(database, keys) as write:
        await write.people()
        for number in range(33):
            peer = {"plans": I if number % 3 == 0 else G, "assessments": R if number % 2 else G}
            lead = {"plans": G, "assessments": peer["assessments"], "partnership-working": "n/a" if number else G}
            final = {**lead, "plans": peer["plans"], "partnership-working": R}
            written.append(await write.looped(lead, peer, final, moderated_on=today - timedelta(days=number % 5)))
    return written


def order(page: str, *words: str) -> bool:
    """Whether these words stand on a page in this order."""
    places: list[int] = []
    for each in words:
        places.append(page.index(each, places[-1] + 1 if places else 0))
    return places == sorted(places)


class TestOverview:
    async def test_with_nothing_moderated_it_says_so(self, officer: ServiceClient) -> None:
        assert "There is nothing to compare yet" in (await officer.get(PAGE)).text

    async def test_it_shows_each_tool_with_its_figures_and_the_way_to_its_sections(
        self, officer: ServiceClient, audits: list[UUID], database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            grades = {"approval-reviews-and-panel": G}
            columns = {"tool": "fostering", "reference": "F-1", "moderated_on": british_today()}
            await write.looped(grades, grades, {}, **columns)
        page = (await officer.get(PAGE)).text
        assert order(page, "Lead auditor and peer auditor, by audit tool", "Social care case file audit", "Fostering audit")
        assert "tool=social-care-case-file" in page
        assert order(page, ">66<", "83%", "73% to 90%")  # 55 of 66
        assert "1 of 1" in page
        assert "Fewer than 30 pairs" in page

    async def test_at_first_it_is_of_the_last_twelve_months(
        self, officer: ServiceClient, client: ServiceClient, audits: list[UUID]
    ) -> None:
        await client.post("/audit/v1/outcomes", json=posted(), headers={"Idempotency-Key": "k"})  # of July 2022
        today = british_today()
        page = (await officer.get(PAGE)).text
        assert f'value="{date(today.year - 1, today.month, 1)}"' in page
        assert ">66<" in page
        assert ">68<" in (await officer.get(f"{PAGE}?moderated_from=")).text

    async def test_every_kind_of_figure_is_explained_in_plain_words(self, officer: ServiceClient) -> None:
        page = (await officer.get(PAGE)).text
        for words in (
            "Exact agreement</strong> is how often",
            "Weighted kappa</strong> says",
            "AC2</strong> asks",
            "95% interval",
        ):
            assert words in page

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("moderated_from=1.7.2026", "Moderated from must be a day, like 2026-07-06"),
            ("tool=A%20B", "Audit tool must be one of the list"),
            ("compare=auditor-moderator", "Compare must be one of the list"),
            ("weights=identity", "Weights must be one of the list"),
            ("programme=%00", "Programme must be one of the list"),
        ],
    )
    async def test_what_cannot_be_read_is_said_beside_its_field(self, officer: ServiceClient, query: str, words: str) -> None:
        answer = await officer.get(f"{PAGE}?{query}")
        assert answer.status_code == 422
        assert words in answer.text

    async def test_a_section_of_a_tool_that_was_changed_since_is_let_go(self, officer: ServiceClient) -> None:
        assert (await officer.get(f"{PAGE}?tool=fostering&section=plans")).status_code == 200


class TestTool:
    async def test_the_sections_with_most_disagreement_come_first_with_their_audits(
        self, officer: ServiceClient, audits: list[UUID]
    ) -> None:
        page = (await officer.get(f"{PAGE}?tool=social-care-case-file")).text
        table = page[page.index('id="sections"') :]
        assert order(table, ">Plans<", ">Assessments<")
        assert order(page, "For a workshop", "Plans: 11 of 33 differ", "Good and Inadequate")
        assert "Assessments: " not in page
        linked = [audit for audit in audits if f'href="/audit/audits/{audit}"' in page]
        assert len(linked) == 5
        assert linked == sorted(linked, key=audits.index)

    async def test_the_matrix_says_who_gave_what(self, officer: ServiceClient, audits: list[UUID]) -> None:
        page = (await officer.get(f"{PAGE}?tool=social-care-case-file&section=plans")).text
        matrix = page[page.index('id="matrix"') : page.index('id="sections"')]
        assert order(matrix, "Lead auditor gave", "Peer auditor: Outstanding", "Peer auditor: Inadequate", "All")
        assert order(matrix, "<strong>22</strong>", ">11<", ">33<")
        assert "Lead auditor and peer auditor: Plans" in matrix

    async def test_kappa_is_not_defined_where_the_leads_grade_never_varies_and_its_interval_stands_beside_it_else(
        self, officer: ServiceClient, audits: list[UUID]
    ) -> None:
        page = (await officer.get(f"{PAGE}?tool=social-care-case-file&section=assessments")).text
        assert "no range" in page
        page = (await officer.get(f"{PAGE}?tool=social-care-case-file&weights=quadratic")).text
        assert "quadratic weights" in page
        assert " to 0." in page

    async def test_what_was_left_out_is_said(self, officer: ServiceClient, audits: list[UUID]) -> None:
        page = (await officer.get(f"{PAGE}?tool=social-care-case-file&compare=lead-moderator")).text
        assert "Left out: 32 not applicable." in page
        assert "Lead auditor and moderator by section" in page

    async def test_auditors_stand_by_name_with_how_they_graded_beside_the_moderator(
        self, officer: ServiceClient, audits: list[UUID]
    ) -> None:
        page = (await officer.get(f"{PAGE}?tool=social-care-case-file&section=plans")).text
        table = page[page.index('id="auditors"') :]
        assert order(table, "Priya Shah", "The same on average", "Sam Okafor", "0.67 grades better")
        assert "/audit/agreement/auditors/sam-okafor?tool=social-care-case-file" in table

    async def test_posted_outcomes_are_linked_where_they_differ(self, officer: ServiceClient, client: ServiceClient) -> None:
        sections = [{"section": "plans", "grade": R, "lead": G, "peer": R}]
        answer = await client.post("/audit/v1/outcomes", json=posted(sections=sections), headers={"Idempotency-Key": "k"})
        page = (await officer.get(f"{PAGE}?tool=social-care-case-file&moderated_from=")).text
        assert f'href="/audit/outcomes/{answer.json()["outcome_id"]}"' in page
        assert "AUD-22-001" in page
        assert 'id="auditors"' not in page

    async def test_the_same_figures_can_be_downloaded(self, officer: ServiceClient, audits: list[UUID]) -> None:
        page = (await officer.get(f"{PAGE}?tool=social-care-case-file&weights=quadratic&service_area=safeguarding")).text
        address = page.partition('href="/audit/v1/agreement.csv')[2].partition('"')[0].replace("&amp;", "&")
        answer = await officer.get(f"/audit/v1/agreement.csv{address}")
        assert answer.status_code == 200, answer.text
        assert "lead-peer,plans" in answer.text


class TestOwnFigures:
    async def test_an_auditor_sees_how_they_graded_beside_the_moderator_and_the_other(
        self, sam: ServiceClient, audits: list[UUID]
    ) -> None:
        page = (await sam.get(f"{PAGE}/mine")).text
        assert '<h1 class="govuk-heading-l">Your agreement</h1>' in page
        assert order(page, "All sections, with linear weights", "Moderator", "Other auditor", "Beside the moderator by section")
        assert order(page, "Beside the moderator over time", "grades better", "Audits to look at again")
        assert f'href="/audit/audits/{audits[0]}"' in page
        assert "Priya Shah" not in page
        assert "priya-shah" not in page

    async def test_it_has_their_own_address_too(self, sam: ServiceClient, audits: list[UUID]) -> None:
        answer = await sam.get(f"{PAGE}/auditors/sam-okafor")
        assert answer.status_code == 200
        assert "Your agreement" in answer.text

    @pytest.mark.parametrize("code", ["priya-shah", "dana-price", "nobody"])
    async def test_another_auditors_code_is_not_found_and_looks_like_one_that_nobody_has(
        self, sam: ServiceClient, audits: list[UUID], code: str
    ) -> None:
        answer = await sam.get(f"{PAGE}/auditors/{code}")
        assert answer.status_code == 404
        assert code not in answer.text
        assert answer.text.count("Priya") == 0

    async def test_no_question_to_their_own_page_turns_it_to_another(self, sam: ServiceClient, audits: list[UUID]) -> None:
        page = (await sam.get(f"{PAGE}/mine?auditor=priya-shah&moderated_from=")).text
        assert "0.67" not in page.partition("Other auditor")[0]
        assert page.count("Your agreement") >= 2
        assert "priya" not in page.lower()

    @pytest.mark.parametrize("path", [PAGE, f"{PAGE}?auditor=sam-okafor", "/audit/v1/agreement", "/audit/v1/agreement.csv"])
    async def test_an_auditor_does_not_see_everybodys(self, sam: ServiceClient, audits: list[UUID], path: str) -> None:
        assert (await sam.get(path)).status_code == 403

    async def test_who_is_not_in_the_directory_is_told_what_to_do(self, client: ServiceClient, call_as: Call) -> None:
        async for browser in opened(call_as, "role:manager", "nobody-yet"):
            assert "does not know you yet" in (await browser.get(f"{PAGE}/mine")).text
            assert (await browser.get(f"{PAGE}/auditors/sam-okafor")).status_code == 404

    async def test_an_auditor_without_moderated_audits_is_told_so(
        self, sam: ServiceClient, database: Database, keys: Keys
    ) -> None:
        async with moderated(database, keys) as write:
            await write.people()
        assert "No moderated audit fits" in (await sam.get(f"{PAGE}/mine")).text

    async def test_the_officer_sees_anybody_by_name(self, officer: ServiceClient, audits: list[UUID]) -> None:
        page = (await officer.get(f"{PAGE}/auditors/sam-okafor")).text
        assert "Agreement of Sam Okafor" in page
        assert "By how many grades the auditor graded" in page
        assert "All sections, with linear weights" in page
        narrowed = (await officer.get(f"{PAGE}/auditors/sam-okafor?tool=social-care-case-file&section=plans")).text
        assert "Plans, with linear weights" in narrowed
        assert '<option value="plans" selected>' in narrowed
        assert (await officer.get(f"{PAGE}/auditors/nobody")).status_code == 404
        assert (await officer.get(f"{PAGE}/auditors/lee-walsh")).status_code == 200
