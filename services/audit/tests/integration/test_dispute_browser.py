"""The pages of disputes in a real Chromium: three people take a dispute from a concern to what changed for the child."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import httpx
import pytest
from playwright.async_api import Page
from services.audit.tests.conftest import profile_document
from services.audit.tests.disputes import OFFICER, SYSTEM, TODAY, manager, praising, raising, seed_people

from audit.bootstrap import build_app
from audit.settings import AuditSettings
from chassis.identity import Identity
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Database, Keys, caller

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
IRO, DANA = manager("lee-walsh"), manager("dana-price")


@pytest.fixture
async def address(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """The service on a port, on TODAY, with staff and some disputes at work."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    await seed_people(database, keys)
    app = build_app(AuditSettings.load())
    app.state.disputes = replace(app.state.disputes, today=lambda: TODAY)
    with served(app) as address:
        await asyncio.to_thread(_fill, address, keys)
        yield address


def _fill(address: str, keys: Keys) -> None:
    with httpx.Client(base_url=address) as client:
        operator = keys.headers("audit", caller("operator"))
        client.put("/audit/v1/profile", json=profile_document("worcestershire"), headers=operator).raise_for_status()
        number = 0

        def post(path: str, body: object) -> str:
            nonlocal number
            number += 1
            headers = keys.headers("audit", SYSTEM) | {"Idempotency-Key": f"k{number}"}
            answer = client.post(f"/audit/v1/{path}", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            return str(next(iter(answer.json().values())))

        for day, category in (("2026-11-23", "visits"), ("2026-11-05", "permanence"), ("2026-11-16", "care-planning")):
            post("disputes", raising(raised_on=day, category=category))
        answered = post("disputes", raising(raised_on="2026-11-18", raised_by="cp-chair", raised_person="jo-bennett"))
        post(f"disputes/{answered}/answer", {"answered_on": "2026-11-20", "answer": "The visit took place on 19 November."})
        ended = post("disputes", raising(raised_on="2026-10-05", service_area="safeguarding", team=None, role="Team manager"))
        post(f"disputes/{ended}/answer", {"answered_on": "2026-10-14", "answer": "Agreed."})
        settled = {"resolved_on": "2026-10-19", "outcome": "agreed-with-actions", "changed": "A new worker from Monday on."}
        post(f"disputes/{ended}/resolution", settled)
        post("acknowledgements", praising())
        post("acknowledgements", praising(team="send-post-16", themes=["timeliness", "partnership-working"], origin="family"))


async def day(page: Page, name: str, on: date) -> None:
    """Type a day into its three inputs."""
    for part in ("day", "month", "year"):
        await page.fill(f"#{name}-{part}", str(getattr(on, part)))


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_a_dispute_goes_its_way_without_script(chromium: Chromium, address: str, keys: Keys, width: int) -> None:
    async def person(identity: Identity, path: str) -> Page:
        headers = keys.headers("audit", identity)
        return await chromium.open(f"{address}{path}", width=width, script=False, extra_http_headers=headers)

    async def seen(page: Page, name: str) -> None:
        # axe is a script: the other test looks at the same pages with it.
        await assert_fits_without_script(page)
        await picture(page, f"disputes-{name}-{width}")

    iro = await person(IRO, "/audit/disputes")
    await seen(iro, "list")
    await iro.get_by_role("button", name="Raise a dispute").click()
    await seen(iro, "new")
    await iro.get_by_role("button", name="Raise the dispute").click()
    await seen(iro, "new-wrong")
    await iro.get_by_label("Independent reviewing officer", exact=True).check()
    await day(iro, "raised_on", date(2026, 11, 16))
    await iro.fill("#case_number", "LCS-204418")
    await iro.select_option("#service_area", "send")
    await iro.select_option("#team", "send-north")
    await iro.select_option("#category", "drift-and-delay")
    await iro.fill("#concern", "No application after two reviews.\n\nA date is needed this month.")
    await iro.get_by_role("button", name="Raise the dispute").click()
    assert "Dispute DRP-2026-0" in await iro.inner_text("h1")
    await seen(iro, "record")
    record = iro.url.removeprefix(address)
    dana = await person(DANA, record)
    await dana.get_by_role("button", name="Record the answer").click()
    await dana.fill("#answer", "The application goes in on 30 November.")
    # meanwhile the IRO puts the category right
    await iro.get_by_role("link", name="Correct the record").click()
    await seen(iro, "correct")
    await iro.select_option("#category", "permanence")
    await iro.get_by_role("button", name="Save the corrections").click()
    await dana.get_by_role("button", name="Save the answer").click()
    assert "Somebody else was faster" in await dana.inner_text("main")
    assert await dana.input_value("#answer") == "The application goes in on 30 November."
    await seen(dana, "overtaken")
    await dana.get_by_role("button", name="Save the answer").click()
    await iro.goto(f"{address}{record}/escalate")
    await seen(iro, "escalate")
    await iro.select_option("#person", "robin-hughes")
    await iro.fill("#reason", "30 November is too late for the hearing.")
    await iro.get_by_role("button", name="Escalate the dispute").click()
    await iro.goto(f"{address}{record}/resolve")
    await iro.get_by_label("Concern agreed, and put right").check()
    await iro.fill("#changed", "The application was brought forward. She knows where she will live.")
    await iro.get_by_label("It was settled in talks").check()
    await seen(iro, "resolve")
    await iro.get_by_role("button", name="Save the outcome").click()
    assert "Resolved" in await iro.inner_text("main")
    await seen(iro, "settled")


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_every_page_is_accessible(chromium: Chromium, address: str, keys: Keys, width: int) -> None:
    page = await chromium.open(f"{address}/audit/disputes", width=width, extra_http_headers=keys.headers("audit", OFFICER))

    async def look(name: str, path: str | None = None) -> None:
        if path is not None:
            await page.goto(f"{address}{path}")
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"officer-{name}-{width}")

    await look("disputes")
    await page.get_by_role("link", name="DRP-2026-004").click()
    await look("dispute")
    record = page.url.removeprefix(address)
    for step in ("escalate", "resolve", "withdraw", "correct"):
        await look(step, f"{record}/{step}")
    await page.get_by_role("button", name="Save the corrections").click()
    await page.goto(f"{address}{record}/withdraw")
    await page.get_by_role("button", name="Withdraw the dispute").click()
    await look("withdraw-wrong")
    await look("new", "/audit/disputes/new")
    await look("counts", "/audit/disputes/counts")
    await look("narrowed", "/audit/disputes?state=closed")
    await look("acknowledgements", "/audit/acknowledgements")
    await page.get_by_role("link", name="PA-2026-001").click()
    await look("acknowledgement")
    practice = page.url.removeprefix(address)
    for step in ("confirm", "correct", "withdraw"):
        await look(f"acknowledgement-{step}", f"{practice}/{step}")
    await look("acknowledge", "/audit/acknowledgements/new")
    await page.get_by_role("button", name="Save and tell the managers").click()
    await look("acknowledge-wrong")
    await look("answer", "/audit/disputes?state=overdue")
    await page.get_by_role("link", name="DRP-2026-002").click()
    await page.get_by_role("button", name="Record the answer").click()
    await look("answer-form")


async def assert_fits_without_script(page: Page) -> None:
    """The page is not wider than its window; asked of the layout engine, since the page itself runs no script."""
    box = await page.locator("html").bounding_box()
    main = await page.locator("main").bounding_box()
    assert box is not None
    assert main is not None
    assert main["x"] + main["width"] <= box["width"]
