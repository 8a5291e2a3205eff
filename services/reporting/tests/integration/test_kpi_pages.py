"""Pages of KPIs: the list, one in full, typing a month, and uploading a sheet."""

import asyncio
import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook
from reporting_kpis import batch, posted, year_of

from chassis.days import british_today
from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.page_client import check_pages
from chassis.testing.pdf import Printed
from reporting.domain.kpi_figures import shifted

HOME = "/reporting/kpis"
REVIEWS = f"{HOME}/foster-annual-reviews"
OFFICER = replace(caller("role:qa-officer", subject="staff:sam"), label="Sam Okafor")
OTHER = replace(caller("role:complaints-officer", subject="staff:priya"), label="Priya Shah")
READER = caller("role:senior-reader", subject="staff:alex")
LAST = shifted(british_today().replace(day=1), -1)
MONTH = f"{LAST:%Y-%m}"
pytestmark = pytest.mark.usefixtures("profile")


def browser(client: ServiceClient, identity: Any) -> ServiceClient:
    staff = client.acting_as(identity)
    staff.headers["accept"] = "text/html"
    check_pages(staff)
    return staff


@pytest.fixture
def officer(client: ServiceClient) -> ServiceClient:
    """A quality-assurance officer's browser; every page is checked."""
    return browser(client, OFFICER)


@pytest.fixture
def reader(client: ServiceClient) -> ServiceClient:
    """A senior reader's browser."""
    return browser(client, READER)


@pytest.fixture
async def year(client: ServiceClient, profile: dict[str, Any]) -> None:
    """Eighteen months up to the last one that is over."""
    system = client.acting_as(caller("reporting:kpis:write"))
    answer = await system.post(f"{PATH}", json=batch(year_of(LAST)), headers={"Idempotency-Key": "year"})
    assert answer.status_code == 200, answer.text


PATH = "/reporting/v1/kpis/observations"


def token_of(answer: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
    assert found is not None
    return found[1]


def hidden(answer: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found is not None
    return found[1]


def text_of(answer: httpx.Response) -> str:
    """What a person reads, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


@pytest.mark.usefixtures("year")
class TestList:
    async def test_says_of_each_what_it_is_worth_in_words(self, reader: ServiceClient) -> None:
        text = text_of(await reader.get(HOME))
        assert "Annual reviews of foster carers held in time" in text
        assert f"{LAST:%B %Y}" in text
        assert "95% or more" in text
        assert "within what chance makes" in text
        assert "Not collected" in text
        assert "Enter it" not in text

    async def test_says_a_judgement_in_words_and_shape(self, reader: ServiceClient) -> None:
        answer = await reader.get(HOME)
        assert re.search(r'govuk-tag--yellow"><span aria-hidden="true">▲</span> Amber', answer.text)

    async def test_gives_the_numbers_of_fewer_than_10_and_does_not_judge_them(self, reader: ServiceClient) -> None:
        text = text_of(await reader.get(HOME))
        assert "4 of 5" in text
        assert "Too few to judge" in text
        assert "Too few to give a percentage" in text

    async def test_offers_an_officer_what_is_missing(self, officer: ServiceClient) -> None:
        text = text_of(await officer.get(HOME))
        assert "Upload a spreadsheet" in text
        assert "Enter it" in text

    async def test_shows_a_limited_reader_their_areas(self, client: ServiceClient) -> None:
        limited = browser(client, replace(READER, areas=frozenset({"safeguarding"})))
        text = text_of(await limited.get(HOME))
        assert "Initial child protection conferences" in text
        assert "foster carers" not in text
        assert (await limited.get(REVIEWS)).status_code == 404
        assert (await limited.get(f"{REVIEWS}/workbook")).status_code == 404


@pytest.mark.usefixtures("year")
class TestOne:
    async def test_has_a_chart_its_words_and_its_table(self, reader: ServiceClient) -> None:
        answer = await reader.get(REVIEWS)
        text = text_of(answer)
        assert answer.text.count("<svg ") == 2  # the mark of the product, and the chart
        assert "Average" in text
        assert "chance alone keeps it between" in text
        assert "first 12 points" in text
        assert "Enter or correct" not in text
        assert "Head of Fostering and Kinship" in text

    async def test_says_that_limits_of_few_points_are_provisional(self, reader: ServiceClient) -> None:
        assert "The limits are provisional" in text_of(await reader.get(f"{HOME}/looked-after-reviews"))

    async def test_shows_quarters_where_months_are_of_fewer_than_10(self, reader: ServiceClient) -> None:
        text = text_of(await reader.get(f"{HOME}/independent-visits"))
        assert "Most months are of fewer than 10, so the chart is of quarters" in text

    async def test_can_be_narrowed_to_a_team(self, reader: ServiceClient) -> None:
        whole = text_of(await reader.get(f"{HOME}/ehc-reviews-decided"))
        assert "SEND: North Team" in whole
        team = await reader.get(f"{HOME}/ehc-reviews-decided?of=send.send-north")
        assert team.status_code == 200
        assert (await reader.get(f"{HOME}/ehc-reviews-decided?of=send.nobody")).status_code == 404
        assert (await reader.get(f"{HOME}/nothing")).status_code == 404

    async def test_is_a_pdf_and_a_workbook(self, reader: ServiceClient) -> None:
        printed = Printed((await reader.get(f"{REVIEWS}/pdf")).content)
        assert "Annual reviews of foster carers held in time" in (printed.title or "")
        assert "Month by month" in printed.text
        assert printed.standards == {"pdfua-1", "pdfa-2a"}
        assert printed.tags["Figure"] == 1
        assert "A large diamond is more than chance makes" in printed.text
        book = load_workbook(io.BytesIO((await reader.get(f"{REVIEWS}/workbook")).content))
        assert book.sheetnames[:2] == ["Contents", "1"]
        rows = list(book["1"].values)
        assert any(row[0] == f"{LAST:%B %Y}" and row[3] == 40 for row in rows)

    async def test_without_any_figure_says_so(self, reader: ServiceClient) -> None:
        answer = await reader.get(f"{HOME}/missing-interviews")
        assert "Nothing has been posted yet" in answer.text
        assert (await reader.get(f"{HOME}/missing-interviews/pdf")).status_code == 200
        assert (await reader.get(f"{HOME}/missing-interviews/workbook")).status_code == 200


class TestTyping:
    async def form(self, officer: ServiceClient, month: str = MONTH) -> httpx.Response:
        return await officer.get(f"{REVIEWS}/enter?month={month}&place=fostering-and-kinship")

    async def send(self, officer: ServiceClient, seen: httpx.Response, **fields: str) -> httpx.Response:
        data = {"csrf": token_of(seen), "corrects": hidden(seen, "corrects"), "month": MONTH, "place": "fostering-and-kinship"}
        return await officer.post(f"{REVIEWS}/enter", data={**data, **fields})

    async def test_a_month_is_chosen_then_entered_then_corrected(self, officer: ServiceClient) -> None:
        first = await officer.get(f"{REVIEWS}/enter")
        assert f'value="{MONTH}" selected' in first.text
        saved = await self.send(officer, await self.form(officer), numerator="1,018", denominator="1,020")
        assert saved.status_code == 303, saved.text
        again = await self.form(officer)
        assert "1,018 of 1,020" in again.text
        assert "typed by Sam Okafor" in again.text
        refused = await self.send(officer, again, numerator="1017", denominator="1020")
        assert refused.status_code == 409
        assert "Say why another figure is right now" in refused.text
        assert 'value="1017"' in refused.text
        corrected = await self.send(officer, refused, numerator="1017", denominator="1020", reason="One was held a day late")
        assert corrected.status_code == 303
        page = text_of(await officer.get(REVIEWS))
        assert "One was held a day late" in page
        assert "1,018 of 1,020" in page

    async def test_two_people_are_not_lost_to_one_another(self, officer: ServiceClient, client: ServiceClient) -> None:
        await self.send(officer, await self.form(officer), numerator="18", denominator="20")
        other = browser(client, OTHER)
        seen, seen_too = await self.form(officer), await self.form(other)
        answers = await asyncio.gather(
            self.send(officer, seen, numerator="19", denominator="20", reason="one"),
            self.send(other, seen_too, numerator="17", denominator="20", reason="other"),
        )
        assert sorted(each.status_code for each in answers) == [303, 409]
        late = next(each for each in answers if each.status_code == 409)
        assert "Somebody else corrected it" in late.text
        who = other if late is answers[1] else officer
        mine = "17" if late is answers[1] else "19"
        put_right = await self.send(who, late, numerator=mine, denominator="20", reason="talked about it")
        assert put_right.status_code == 303
        versions = (await client.get(f"{PATH}?versions=all")).json()["items"]
        assert [each["version"] for each in versions] == [1, 2, 3]

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"numerator": "", "denominator": "20"}, "Enter a whole number"),
            ({"numerator": "1.5", "denominator": "20"}, "Enter a whole number"),
            ({"numerator": "21", "denominator": "20"}, "more than the denominator"),
            ({"numerator": "21", "denominator": ""}, "Send what it is a share of"),
        ],
    )
    async def test_what_is_wrong_is_said_beside_its_field(
        self, officer: ServiceClient, client: ServiceClient, fields: dict[str, str], said: str
    ) -> None:
        answer = await self.send(officer, await self.form(officer), **fields)
        assert answer.status_code == 422
        assert said in answer.text
        assert (await client.get(PATH)).json()["items"] == []

    async def test_needs_the_token_of_the_person(self, officer: ServiceClient) -> None:
        seen = await self.form(officer)
        answer = await officer.post(f"{REVIEWS}/enter", data={"csrf": "x", "corrects": hidden(seen, "corrects")})
        assert answer.status_code == 403

    async def test_a_quarterly_kpi_offers_the_ends_of_quarters(self, officer: ServiceClient) -> None:
        text = (await officer.get(f"{HOME}/adoption-match-days/enter")).text
        months = re.findall(r'<option value="\d{4}-(\d\d)"', text)
        assert months
        assert set(months) <= {"03", "06", "09", "12"}

    async def test_a_month_that_is_none_starts_again(self, officer: ServiceClient) -> None:
        assert (await officer.get(f"{REVIEWS}/enter?month=2026-99&place=fostering-and-kinship")).status_code == 200
        seen = await self.form(officer)
        answer = await officer.post(f"{REVIEWS}/enter", data={"csrf": token_of(seen), "month": "2026-99"})
        assert answer.status_code == 303


class TestUpload:
    async def send(self, officer: ServiceClient, content: bytes, name: str = "kpis.csv") -> httpx.Response:
        token = token_of(await officer.get(f"{HOME}/upload"))
        return await officer.post(f"{HOME}/upload", data={"csrf": token}, files={"file": (name, content)})

    async def confirm(self, officer: ServiceClient, path: str, do: str = "record") -> httpx.Response:
        return await officer.post(path, data={"csrf": token_of(await officer.get(path)), "do": do})

    def sheet(self, *rows: str) -> bytes:
        # Columns in another order than the template's, and a heading that is an alias.
        head = "Due,In time,Month,KPI,Service area,Reason"
        return "\n".join([head, *rows]).encode()

    async def test_is_checked_then_recorded_once(self, officer: ServiceClient, client: ServiceClient) -> None:
        sent = await self.send(
            officer,
            self.sheet(
                "20,18,Apr-26,Annual reviews of foster carers held in time,Fostering & Kinship,",
                "20,19,05/2026,foster-annual-reviews,fostering-and-kinship,",
                ",,2026-06,foster-annual-reviews,fostering-and-kinship,",
            ),
        )
        assert sent.status_code == 303, sent.text
        path = sent.headers["location"]
        seen = text_of(await officer.get(path))
        assert "Nothing is recorded yet" in seen
        assert "April 2026" in seen
        assert "Rows without numbers, passed over 1" in seen
        assert (await client.get(PATH)).json()["items"] == []
        form = {"csrf": token_of(await officer.get(path)), "do": "record"}
        both = await asyncio.gather(officer.post(path, data=form), officer.post(path, data=form))
        assert [each.status_code for each in both] == [303, 303]
        assert "The figures are recorded" in (await officer.get(path)).text
        items = (await client.get(PATH)).json()["items"]
        assert [(each["month"], each["numerator"], each["via"]) for each in items] == [
            ("2026-04", 18, "upload"),
            ("2026-05", 19, "upload"),
        ]

    async def test_names_every_fault_by_row_and_column_and_records_nothing(
        self, officer: ServiceClient, client: ServiceClient
    ) -> None:
        sent = await self.send(
            officer,
            self.sheet(
                "20,18,2026-04,foster-annual-reviews,fostering-and-kinship,",
                "20,21,2026-05,foster-annual-reviews,fostering-and-kinship,",
                "20,x,2026-06,foster-review,fostering-and-kinship,",
                "20,18,June,foster-annual-reviews,send,",
                "20,17,2026-04,foster-annual-reviews,fostering-and-kinship,",
            ),
        )
        path = sent.headers["location"]
        seen = text_of(await officer.get(path))
        assert "Row 3, numerator (B) “21”" in seen
        assert "Row 4, numerator (B) “x”" in seen
        assert "Row 4, kpi (D) “foster-review”" in seen
        assert "Row 5, month (C) “June”" in seen
        assert "Row 6, month (C)" in seen
        assert "so nothing of this file can" in seen
        assert "Record all" not in seen
        assert (await self.confirm(officer, path)).status_code == 409
        assert (await client.get(PATH)).json()["items"] == []
        faults = (await officer.get(f"{path}/faults.csv")).text
        assert "why it was refused" in faults
        assert faults.count("\n") == 5

    async def test_a_correction_in_a_sheet_needs_its_reason(self, officer: ServiceClient, client: ServiceClient) -> None:
        system = client.acting_as(caller("reporting:kpis:write"))
        await system.post(PATH, json=batch([posted("2026-04", 18, 20)]), headers={"Idempotency-Key": "one"})
        without = await self.send(officer, self.sheet("20,19,2026-04,foster-annual-reviews,fostering-and-kinship,"))
        assert "18 of 20 is recorded for this month" in text_of(await officer.get(without.headers["location"]))
        sent = await self.send(officer, self.sheet("20,19,2026-04,foster-annual-reviews,fostering-and-kinship,Found one"))
        path = sent.headers["location"]
        assert "A correction: version 2" in text_of(await officer.get(path))
        await system.post(PATH, json=batch([posted("2026-04", 17, 20, reason="x")]), headers={"Idempotency-Key": "two"})
        changed = await self.confirm(officer, path)
        assert changed.status_code == 409
        assert "Somebody recorded figures meanwhile" in changed.text
        assert "version 3" in text_of(changed)
        assert (await self.confirm(officer, path)).status_code == 303
        assert "Found one" in text_of(await officer.get(REVIEWS))

    async def test_the_template_holds_what_is_missing_and_can_be_sent_back(
        self, officer: ServiceClient, client: ServiceClient
    ) -> None:
        book = load_workbook(io.BytesIO((await officer.get(f"{HOME}/upload/template.xlsx")).content))
        sheet = book["KPIs"]
        rows = [row for row in sheet.iter_rows(min_row=2) if row[0].value]
        teams = [row for row in rows if row[0].value == "ehc-reviews-decided"]
        assert len(teams) == 5
        mine = next(row for row in rows if row[0].value == "foster-annual-reviews")
        assert mine[1].value == MONTH
        mine[4].value, mine[5].value = 18, 20
        out = io.BytesIO()
        book.save(out)
        sent = await self.send(officer, out.getvalue(), "kpis.xlsx")
        assert sent.status_code == 303, sent.text
        path = sent.headers["location"]
        assert (await self.confirm(officer, path)).status_code == 303
        assert len((await client.get(PATH)).json()["items"]) == 1
        assert (await officer.get(f"{HOME}/upload/template.csv")).status_code == 200

    async def test_of_another_person_is_gone(self, officer: ServiceClient, client: ServiceClient) -> None:
        sent = await self.send(officer, self.sheet("20,18,2026-04,foster-annual-reviews,fostering-and-kinship,"))
        other = browser(client, OTHER)
        assert (await other.get(sent.headers["location"])).status_code == 410
        assert (await self.confirm(officer, sent.headers["location"], "discard")).status_code == 303
        assert (await officer.get(sent.headers["location"])).status_code == 410

    @pytest.mark.parametrize(
        ("content", "said"),
        [(b"", "Choose a file"), (b"a,b\n1,2", "which is not known"), (b"%PDF-1.7", "PDF")],
    )
    async def test_a_file_that_is_none_is_told_so(self, officer: ServiceClient, content: bytes, said: str) -> None:
        token = token_of(await officer.get(f"{HOME}/upload"))
        files = {"file": ("x.csv", content)} if content else {"file": ("", b"")}
        answer = await officer.post(f"{HOME}/upload", data={"csrf": token}, files=files)
        assert answer.status_code == 422
        assert said in answer.text


class TestDays:
    async def test_a_month_that_goes_on_is_not_missing(self, reader: ServiceClient) -> None:
        today = date.today()  # noqa: DTZ011 - only its month, which no test crosses
        assert f"{today:%B %Y} not collected" not in text_of(await reader.get(HOME))
