"""Pages of webhooks in a real Chromium: on a phone without script, on a desk with axe."""

from pathlib import Path
from typing import Any

import pytest

from chassis.testing.browser import DESK, PHONE, Chromium, looked_at
from gateway.testing_webhooks import KEY, Kit, complaint, status

pytestmark = pytest.mark.browser


async def test_administrator_subscribes_a_system_and_sees_what_became_of_each_message(
    kit: Kit, start: Any, chromium: Chromium, tmp_path: Path
) -> None:
    (tmp_path / "webhook.key").write_text(KEY)
    navigation = [{"text": "Events sent out", "href": "/webhooks", "grants": ["role:administrator"]}]
    options = {"webhook_key_file": tmp_path / "webhook.key", "webhook_loopback": True, "navigation": navigation}
    gateway = await start(demo_sign_in=True, **options)
    page = await chromium.open(f"{gateway.url}/webhooks", width=PHONE, script=False)
    twins = {width: await chromium.open(f"{gateway.url}/health", width=width) for width in (PHONE, DESK)}
    await page.get_by_label("North").check()
    await page.get_by_label("Ada Novak").check()
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("button", name="Tell another system of events").click()
    await page.get_by_role("button", name="Make it").click()
    await looked_at(page, twins, "webhooks-wrong")
    await page.get_by_label("What the system is called").fill("Case management")
    await page.get_by_label("Where events are sent").fill(kit.receiver.url())
    await page.get_by_role("group", name="Complaints").get_by_label("Everything of these").check()
    await page.get_by_role("button", name="Make it").click()
    assert (await page.locator("#secret").inner_text()).startswith("whsec_")
    await looked_at(page, twins, "webhooks-secret")
    await page.get_by_role("button", name="I have kept it").click()
    await looked_at(page, twins, "webhooks-not-answered")
    await kit.deliver()
    kit.receiver.answers["/events"] = [status(204), status(500)]
    await kit.happens(complaint())
    await kit.deliver()
    (event,) = await kit.happens(complaint())
    for _ in range(2):
        await kit.deliver()
        await kit.due()
    await page.reload()
    await looked_at(page, twins, "webhooks-failing")
    await page.get_by_role("link", name="A complaint or enquiry was received").first.click()
    await page.get_by_text(str(event.id)).wait_for()
    await looked_at(page, twins, "webhooks-message")
    await page.get_by_role("button", name="Send it again").click()
    await page.get_by_role("link", name="Case management").click()
    await page.get_by_role("button", name="Send messages again").click()
    await looked_at(page, twins, "webhooks-replay")
    await page.get_by_role("button", name="Send them again").click()
    await page.get_by_role("link", name="give it a new one").click()
    await looked_at(page, twins, "webhooks-rotation")
    await page.goto(f"{gateway.url}/webhooks")
    await looked_at(page, twins, "webhooks-list")
    await page.get_by_role("link", name="Case management").click()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Delete it").click()
    await page.get_by_text("No other system is told of anything yet").wait_for()
