"""Pages that no other walk comes by, in a real Chromium with axe: sessions, the trail, planned work, webhooks that ended."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Page

from chassis.testing.browser import DESK, PHONE, Chromium, looked_at
from gateway.testing import Gateway
from gateway.testing_webhooks import KEY, Kit, complaint, status

pytestmark = pytest.mark.browser
PATH = "/gateway/v1/webhooks"


async def enter(gateway: Gateway, chromium: Chromium, person: str, path: str) -> Page:
    """Sign in on a phone without script, as somebody who wants to go somewhere."""
    page = await chromium.open(f"{gateway.url}/sign-in?next={path}", width=PHONE, script=False)
    await page.get_by_label("North").check()
    await page.get_by_label(person).check()
    await page.get_by_role("button", name="Sign in").click()
    return page


async def two_that_ended(operator: httpx.AsyncClient, kit: Kit) -> None:
    """A system that says of itself that it is gone, and one to which nothing gets through, with a long name."""
    for name, answer in (("Case system", 410), ("Performance and management information of the trust, live", 503)):
        path = f"/{answer}"
        new = {"name": name, "url": kit.receiver.url(path), "types": ["complaints.*"], "contact": "systems@council.example"}
        (await operator.post(PATH, json=new)).raise_for_status()
        await kit.deliver()
        kit.receiver.answers[path] = [status(answer)]
    await kit.sql(
        "update gateway.webhook_subscription set failing_since = now() - interval '3 days' where failing_since is null"
    )
    await kit.happens(complaint())
    await kit.deliver()


async def test_nothing_is_in_anybodys_way_on_pages_of_administrators_and_of_who_looks_into_the_trail(
    kit: Kit, start: Any, chromium: Chromium, tmp_path: Path
) -> None:
    (tmp_path / "webhook.key").write_text(KEY)
    navigation = [
        {"text": "Other systems", "href": "/clients", "grants": ["role:administrator"]},
        {"text": "Events sent out", "href": "/webhooks", "grants": ["role:administrator"]},
        {"text": "Who is signed in", "href": "/organisation-sessions", "grants": ["role:administrator"]},
        {"text": "Requests of people", "href": "/subjects", "grants": ["role:data-protection"], "group": "Protection"},
        {
            "text": "Who read or changed what",
            "href": "/gateway/trail",
            "grants": ["role:data-protection"],
            "group": "Protection",
        },
    ]
    options = {"webhook_key_file": tmp_path / "webhook.key", "webhook_loopback": True, "navigation": navigation}
    gateway = await start(demo_sign_in=True, **options)
    twins = {width: await chromium.open(f"{gateway.url}/health", width=width) for width in (PHONE, DESK)}
    operator = await gateway.operator("north")
    await two_that_ended(operator, kit)
    made = (await operator.post("/gateway/v1/clients", json={"name": "cms", "scopes": ["audit:outcomes:write"]})).json()
    change = {"scopes": ["audit:outcomes:write", "audit:outcomes:read"], "networks": ["192.0.2.0/24"]}
    (await operator.patch(f"/gateway/v1/clients/{made['client_id']}", json=change)).raise_for_status()

    page = await enter(gateway, chromium, "Ada Novak", "/webhooks")
    await page.get_by_text("2 systems are no longer told of anything").wait_for()
    await looked_at(page, twins, "webhooks-ended")
    await page.get_by_role("link", name="Performance and management").first.click()
    await page.get_by_text("Nothing got through to it for three days.").first.wait_for()
    await looked_at(page, twins, "webhooks-ended-one")
    await page.goto(f"{gateway.url}/clients/{made['client_id']}")
    await looked_at(page, twins, "clients-history")
    await page.goto(f"{gateway.url}/sessions")
    await looked_at(page, twins, "sessions")
    await page.goto(f"{gateway.url}/organisation-sessions")
    await looked_at(page, twins, "organisation-sessions")
    await page.get_by_label("Number in the directory of staff").fill("staff-nobody")
    await page.get_by_role("button", name="Look").click()
    await looked_at(page, twins, "organisation-sessions-none")
    await kit.sql(
        "insert into gateway.account (org, subject, provider, issued, account) "
        "values ('north', 'staff-E100', 'main', repeat('a', 32), repeat('b', 32))"
    )
    await page.get_by_label("Number in the directory of staff").fill("staff-E100")
    await page.get_by_role("button", name="Look").click()
    await page.get_by_role("button", name="Let staff-E100 go from its account").wait_for()
    await looked_at(page, twins, "organisation-sessions-kept")
    await page.goto(f"{gateway.url}/sign-out")
    await looked_at(page, twins, "sign-out")

    officer = await enter(gateway, chromium, "Ines Costa", "/gateway/trail")
    await officer.get_by_text("What a service does by itself").first.wait_for()
    pages = officer.get_by_role("list", name="Protection").get_by_role("link")
    assert await pages.all_text_contents() == ["Requests of people", "Who read or changed what"]
    assert await pages.nth(1).get_attribute("aria-current") == "page"
    await looked_at(officer, twins, "trail")
    await officer.get_by_role("link", name="Walk along it now").click()
    await officer.get_by_text("It holds from the first entry").wait_for()
    await looked_at(officer, twins, "trail-walked")
    await officer.goto(f"{gateway.url}/gateway/trail?from=yesterday&who=nobody")
    await looked_at(officer, twins, "trail-wrong")
    await kit.sql("update gateway.trail set subject = 'somebody' where org = 'north' and number = 2")
    await officer.goto(f"{gateway.url}/gateway/trail?check=now")
    await officer.get_by_text("It does not hold").wait_for()
    await looked_at(officer, twins, "trail-broken")

    (await operator.put("/gateway/v1/maintenance/all", json={"until": "2099-01-02T03:04:00Z"})).raise_for_status()
    for path, name in (("/audit/", "staff"), ("/s/start", "family"), ("/c/north", "public")):
        await officer.goto(f"{gateway.url}{path}")
        await looked_at(officer, twins, f"planned-{name}")
