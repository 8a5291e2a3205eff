"""Where no visit says which language somebody reads, the browser does: typing a code, and links that lead nowhere."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("pl", "pl"),
        ("pl-PL,pl;q=0.9,en;q=0.5", "pl"),
        ("de-DE,ur;q=0.8,en;q=0.9", "en"),
        ("de,ar;q=0.3", "ar"),
        ("ar;q=0", "en"),
        ("ro", "en"),
        ("*", "en"),
        ("en-GB,cy;q=0.1", "en"),
        ("x;q=nonsense,,;;", "en"),
        ("", "en"),
    ],
)
async def test_the_page_for_a_code_speaks_it(family: Any, asked: str, language: str) -> None:
    page = await family.http.get("/s/code", headers={"accept-language": asked})
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text


async def test_what_is_wrong_with_a_code_is_said_in_it_too(family: Any) -> None:
    family.http.headers["accept-language"] = "pl"
    answer = await family.post("/s/code", code="")
    assert answer.status_code == 422
    assert "Proszę wpisać kod z listu" in answer.text


async def test_a_link_that_leads_nowhere_says_so_in_it_and_the_same_for_all_of_its_kind(
    family: Any, issue: Any, client: Any
) -> None:
    family.http.headers["accept-language"] = "ar"
    withdrawn = await issue()
    headers = {"Idempotency-Key": "withdraw-it"}
    path = f"/feedback/v1/invitations/{withdrawn['invitation_id']}/withdrawal"
    assert (await client.post(path, headers=headers)).status_code == 200
    pages = [await family.get(withdrawn["url"]), await family.get(f"/s/{'a' * 32}")]
    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].content == pages[1].content
    assert '<html lang="ar" dir="rtl"' in pages[0].text
