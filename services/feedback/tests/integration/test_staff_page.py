"""The staff page counts, and shows no answer."""

from typing import Any
from uuid import uuid4

from fastapi import FastAPI

from chassis.testing.fixtures import Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages


async def test_few_letters_and_answers_are_withheld_as_in_the_response_rates(
    app: FastAPI, keys: Keys, family: Any, other_phone: Any, issue: Any, client: Any
) -> None:
    first, second, third = [await issue(reference=f"D-{number}") for number in range(3)]
    await family.open(first["url"])
    await family.answer_all()
    await family.send()
    await client.post(
        f"/feedback/v1/invitations/{third['invitation_id']}/withdrawal", headers={"Idempotency-Key": str(uuid4())}
    )
    child = await issue(questionnaire="living-where-i-live", service_area="through-care", reusable=True, channel="poster")
    await other_phone.open(child["url"])
    await other_phone.answer(4, answer="yes")
    await other_phone.answer(5, answer="Not shown here")
    await other_phone.send()
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer")) as officer:
        check_pages(officer)
        page = await officer.get("/feedback/", headers={"accept": "text/html"})
    assert page.status_code == 200
    text = " ".join(page.text.split())
    assert "33%" not in text
    assert "1 of 2" not in text
    assert "withheld: too few" in text
    assert "1 answer shows a worry" in text
    assert "Not shown here" not in text
    assert second["invitation_id"] not in text


async def test_somebody_without_the_role_gets_a_page_that_says_so(app: FastAPI, keys: Keys) -> None:
    async with ServiceClient(app, keys, "feedback", caller("role:complaints-officer")) as officer:
        check_pages(officer)
        page = await officer.get("/feedback/", headers={"accept": "text/html"})
    assert page.status_code == 403
