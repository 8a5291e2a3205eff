"""Response rates: counted from what was issued and answered, small groups withheld."""

import csv
import io
import re
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from chassis.identity import Identity
from chassis.testing.fixtures import Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages

PATH = "/feedback/rates"


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer")) as http:
        http.headers["accept"] = "text/html"
        check_pages(http)
        yield http


@pytest.fixture
async def letters(client: Any, sql: Any) -> None:
    """Forty letters of one team of which twelve are answered and eight ended, three of another, a poster and one withdrawn."""
    letter = {"questionnaire": "new-ehcp", "service_area": "send"}
    body: list[dict[str, Any]] = [
        {**letter, "team": "send-north", "channel": "letter", "reference": f"A-{n:02}"} for n in range(40)
    ]
    review = {"questionnaire": "annual-review", "service_area": "send", "channel": "email"}
    body += [{**review, "reference": f"B-{n}"} for n in range(3)]
    body += [{"questionnaire": "new-ehcp", "service_area": "send", "channel": "poster", "reusable": True}]
    body += [{"questionnaire": "new-ehcp", "service_area": "send", "channel": "text", "reference": "gone"}]
    sent = await client.post("/feedback/v1/invitations/batch", json={"invitations": body}, headers={"Idempotency-Key": "k"})
    assert sent.json()["counts"]["issued"] == 45
    update = "update feedback.invitation set {} where reference between $1 and $2"
    await sql.execute(update.format("used_on = issued_on"), "A-00", "A-11")
    await sql.execute(update.format("issued_on = issued_on - 9, expires_on = issued_on - 1"), "A-12", "A-19")
    await sql.execute(update.format("withdrawn_on = issued_on"), "gone", "gone")


async def figures(http: Any, **query: str) -> dict[str, list[str]]:
    answer: httpx.Response = await http.get(f"{PATH}.csv", params=query)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))
    return {row[0]: row[1:] for row in rows[1:]}


class TestRates:
    async def test_letters_are_counted_by_how_they_stand(self, officer: Any, letters: None) -> None:
        found = await figures(officer, by="questionnaire", questionnaire="new-ehcp")
        assert found == {"New EHCP": ["40", "20", "0", "12", "8", "0", "30"], "All": ["40", "20", "0", "12", "8", "0", "30"]}

    async def test_a_small_group_is_withheld_with_what_gives_it_away(self, officer: Any, letters: None) -> None:
        found = await figures(officer, by="channel")
        assert found["E-mail"][0] == "[c]"
        assert found["Letter"][0] == "[c]"
        assert found["All"][0] == "43"
        assert "3" not in found["E-mail"]

    @pytest.mark.parametrize("by", ["questionnaire", "team", "channel", "month", "no-such", ""])
    async def test_the_page_is_good_by_every_group(self, officer: Any, letters: None, by: str) -> None:
        page = await officer.get(PATH, params={"by": by})
        assert page.status_code == 200
        assert "Response rates" in page.text
        assert re.search(r"small number|withheld", page.text)

    async def test_nothing_at_all_is_a_good_page(self, officer: Any) -> None:
        assert (await officer.get(PATH)).status_code == 200
        assert await figures(officer) == {"All": ["0", "0", "0", "0", "0", "0", "[c]"]}

    async def test_others_see_none_of_it(self, app: FastAPI, keys: Keys, letters: None) -> None:
        grants = frozenset({"role:senior-reader"})
        for identity in (
            Identity("telford-wrekin", "staff:x", "staff", grants),
            Identity("worcestershire", "staff:x", "staff", grants, frozenset({"safeguarding"})),
        ):
            async with ServiceClient(app, keys, "feedback", identity) as http:
                assert (await figures(http))["All"][0] == "0"

    async def test_the_overview_withholds_what_the_rates_withhold(self, officer: Any, letters: None) -> None:
        rates = await figures(officer, by="questionnaire")
        page = (await officer.get("/feedback/")).text
        rows = re.findall(r'<th[^>]*scope="row"[^>]*>(.*?)</th>(.*?)</tr>', page, re.DOTALL)
        shown = {
            re.sub("<[^>]+>", "", name).strip(): [
                re.sub("<[^>]+>", "", cell).split() for cell in re.findall(r"<td.*?</td>", rest, re.DOTALL)
            ]
            for name, rest in rows
        }
        for name, counts in rates.items():
            issued, answered, ended = (counts[place] for place in (0, 3, 4))
            for cell, figure in zip(shown[name], (issued, answered, ended), strict=False):
                assert (figure not in cell) if figure == "[c]" else (figure in cell), (name, cell, figure)
