"""Retention in a real Chromium: a record is held on a phone without script, and every page is looked at on a desk with axe."""

from collections.abc import Iterator
from datetime import date

import pytest
from fastapi import FastAPI
from services.complaints.tests.retaining import ORG, Clock, clock, database, hold, life, lived, worker
from services.complaints.tests.support import AsPerson, person

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Database, Keys
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings

__all__ = ["chromium", "clock", "database", "life", "lived"]
pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: FastAPI, keys: Keys) -> Iterator[str]:
    """The application six years later, on a port of this machine; `app` has set what the environment says."""
    assert app is not None
    other = build_app(ComplaintsSettings.load(), lambda: date(2028, 8, 2))
    with served(AsPerson(other, keys, person("data-protection"))) as found:
        yield f"{found}/complaints/retention"


async def test_a_record_is_found_held_on_a_phone_and_every_page_is_accessible_on_a_desk(
    chromium: Chromium, address: str, app: FastAPI, life: str, clock: Clock, database: Database
) -> None:
    page = await chromium.open(address, width=PHONE, script=False)
    await assert_fits(page)
    await picture(page, "retention-overview-phone")
    await page.fill("#find", "c-2022-0001")
    await page.click("text=Find it")
    await assert_fits(page)
    await page.click("button:has-text('Hold it')")
    assert "Write why" in await page.inner_text("main")
    await page.fill("#reason", "A claim is in view: the council's solicitor asked for it.")
    for part, value in (("review_on", "31"), ("review_on-month", "1"), ("review_on-year", "2030")):
        await page.fill(f"#{part}", value)
    await page.click("button:has-text('Hold it')")
    assert "It is held" in await page.inner_text("main")
    await assert_fits(page)
    await picture(page, "retention-record-held-phone")
    await page.click("text=A hold of a record")
    await picture(page, "retention-hold-phone")
    assert await page.title() == f"Hold: Complaints and enquiries: {life} – Learning Loop"
    at = page.url
    await hold(app, scope="reference", reference="LGSCO-9")
    await look(chromium, {"overview": address, "due": f"{address}/due/complaint", "holds": f"{address}/holds", "hold": at,
                          "record": f"{address}/records/complaint/{life}"})  # fmt: skip
    await page.fill("#why", "It was settled.")
    await page.click("button:has-text('Lift the hold')")
    assert (await worker(database, app, clock).serve(ORG)).reduced == {"complaint": 1}
    await look(chromium, {"proofs": f"{address}/proofs?check=now", "proof": f"{address}/proofs/1",
                          "reduced": f"{address}/records/complaint/{life}", "after": address})  # fmt: skip


async def look(chromium: Chromium, places: dict[str, str]) -> None:
    """Each page on a desk: whole, accessible, and kept as a picture."""
    for name, place in places.items():
        page = await chromium.open(place, width=DESK)
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"retention-{name}-desk")
