"""A letter in a real Chromium: written on a phone without script, sent, and looked at on a desk with axe."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from services.complaints.tests.letters import FINDINGS, Writer, day
from services.complaints.tests.support import TODAY, AsPerson, Desk, person, statutory

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys
from chassis.testing.page_client import PageClient
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings

__all__ = ["chromium"]
pytestmark = pytest.mark.browser


@pytest.fixture
def address(app: FastAPI, keys: Keys) -> Iterator[str]:
    """The application on a port of this machine: another of its kind, because it runs on a loop of its own."""
    other = build_app(ComplaintsSettings.load(), lambda: TODAY)
    with served(AsPerson(other, keys, person("complaints-officer"))) as found:
        yield found


class TestLetters:
    async def test_a_response_is_written_and_sent_on_a_phone_without_script(
        self, chromium: Chromium, address: str, desk: Desk, app: FastAPI, keys: Keys
    ) -> None:
        ident = (await desk.receive(**statutory(received_on="2022-07-18")))["complaint_id"]
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
            await Writer(client, ident).adds(**day("from", "2022-07-18"))
        page = await chromium.open(f"{address}/complaints/{ident}", width=PHONE, script=False)
        await page.click("text=Write a letter")
        await assert_fits(page)
        await picture(page, "complaints-letter-new")
        await page.check("#template-response-stage-1-statutory")
        await page.check("text=By e-mail, as a PDF")
        await page.click("text=Begin the letter")
        await picture(page, "complaints-letter-draft-empty")
        for name, value in FINDINGS.items():
            if name.endswith("-reason"):
                await page.fill(f"#{name}", value)
            elif not name.endswith("-remedies"):
                await page.select_option(f"#{name}", value)
        await page.click("text=Save, and see how it reads")
        await assert_fits(page)
        await picture(page, "complaints-letter-draft-phone")
        await page.click("text=Save, and go on to sending")
        await assert_fits(page)
        await picture(page, "complaints-letter-send-phone")
        await page.click("text=Send it now")
        assert "29 July 2022, by e-mail" in await page.inner_text("main")
        await assert_fits(page)
        await picture(page, "complaints-letter-sent-phone")

    async def test_every_page_of_letters_is_accessible_on_a_desk(
        self, chromium: Chromium, address: str, desk: Desk, app: FastAPI, keys: Keys
    ) -> None:
        ident = (await desk.receive(**statutory(received_on="2022-07-18")))["complaint_id"]
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
            writer = Writer(client, ident)
            await writer.adds(**day("from", "2022-07-18"))
            draft = await writer.begins("extension", "post")
            sent = await writer.begins("holding")
            await writer.saves(sent, **{"given-own_words": "We are waiting for the school to tell us what it saw."})
            assert (await writer.sends(sent)).status_code == 303
        places = {
            "new": f"{writer.at}/new",
            "kind": f"{writer.at}/elsewhere",
            "elsewhere": f"{writer.at}/elsewhere?kind=extension",
            "draft": draft,
            "send": f"{draft}/send",
            "sent": sent,
            "record": f"/complaints/{ident}",
        }
        for name, place in places.items():
            page = await chromium.open(f"{address}{place}", width=DESK)
            await assert_accessible(page)
            await assert_fits(page)
            await picture(page, f"complaints-letter-{name}-desk")
