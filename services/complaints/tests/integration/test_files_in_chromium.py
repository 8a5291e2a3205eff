"""Files in a real Chromium without script: a family adds a photo on a phone, an officer saves and removes it."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.async_api import FilePayload
from services.complaints.tests.support import TODAY, AsPerson, Desk, person

from chassis.testing import files
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings

__all__ = ["chromium"]
pytestmark = pytest.mark.browser

NEXT = "button[type=submit].govuk-button:has-text('Continue')"
PHOTO: FilePayload = {"name": "Our kitchen in May, seen from the door.png", "mimeType": "image/png", "buffer": files.png(300)}
PROGRAM: FilePayload = {"name": "setup.exe", "mimeType": "image/png", "buffer": b"MZ\0\0"}


@pytest.fixture
def address(app: FastAPI, keys: Keys) -> Iterator[str]:
    """The application on a port of this machine."""
    other = build_app(ComplaintsSettings.load(), lambda: TODAY)
    with served(AsPerson(other, keys, person("complaints-officer"))) as found:
        yield found


async def test_a_photo_goes_from_a_phone_to_the_record_and_away(chromium: Chromium, address: str, desk: Desk) -> None:
    page = await chromium.open(f"{address}/c/worcestershire/kind", width=PHONE)
    for answer in ("complaint", "parent"):
        await page.check(f"input[value={answer}]")
        await page.click(NEXT)
    await page.fill("#what", "The heating has been broken since March.")
    await page.click(NEXT)
    await page.goto(f"{address}/c/worcestershire/check")
    await page.click("a[href*='/files']")
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, "say-files-empty")
    await page.set_input_files("#files", [PHOTO, PROGRAM])
    await page.click("button:has-text('Add')")
    assert "setup.exe" in await page.inner_text(".govuk-error-summary")
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, "say-files")
    await page.click("button[value=ur]")
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, "say-files-ur")
    await page.click("button[value=en]")
    await page.click("a.govuk-button:has-text('Continue')")
    await assert_fits(page)
    await picture(page, "say-files-check")
    await page.click("#send")
    for width in (PHONE, DESK):
        await an_officer_saves_it(chromium, address, width)


async def an_officer_saves_it(chromium: Chromium, address: str, width: int) -> None:
    page = await chromium.open(f"{address}/complaints/intake", width=width)
    await page.click("text=R-2022-0001")
    await page.click("text=Files: 1" if width == PHONE else "text=Add files")
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"files-{width}")
    if width != PHONE:
        return
    async with page.expect_download() as saving:
        await page.click("text=Save")
    saved = await saving.value
    assert saved.suggested_filename == PHOTO["name"]
    await page.set_input_files("#files", [PHOTO, PROGRAM])
    await page.click("button:has-text('Add')")
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, "files-refused")
    await page.click("summary:has-text('Remove')")
    await page.fill("textarea", "Shows another child")
    await page.click("button:has-text('Destroy its content')")
    assert "Removed by Alex Morgan" in await page.inner_text("main")
    await assert_accessible(page)
    await picture(page, "files-removed")
