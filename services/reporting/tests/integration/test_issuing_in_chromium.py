"""The officer's day in a browser: write beside the figures, choose quotes, prepare, check, issue; and what the panel reads."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_desk import DESK, OF, Feedback, Person, issue, signed
from reporting_records import Sources, complaint

from chassis.testing.browser import DESK as WIDE
from chassis.testing.browser import PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys
from reporting.adapters.quote_client import QuoteClient
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

__all__ = ["chromium"]
WORDS = "Fifty-nine complaints came in, five fewer than the quarter before.\n\n- Most were about delay\n- Some were about staff"


def application(settings: ReportingSettings, keys: Keys, feedback: Feedback) -> FastAPI:
    """Another process of the same application, which the browser is served by."""
    return build_app(settings, QuoteClient("http://feedback", keys.service_signer, feedback.transport))


async def looked_at(page: Any, name: str, width: int) -> None:
    await picture(page, f"{name}-{width}")
    await assert_accessible(page)
    await assert_fits(page)


@pytest.mark.browser
class TestDesk:
    @pytest.mark.parametrize("width", [PHONE, WIDE])
    async def test_every_page_is_accessible_and_fits(
        self,
        width: int,
        chromium: Chromium,
        settings: ReportingSettings,
        keys: Keys,
        feedback: Feedback,
        sources: Sources,
        alex: Person,
        sam: Person,
    ) -> None:
        await alex.write("key-messages", WORDS)
        await alex.write("table-complaints-received", "Safeguarding has most, as before.")
        quotes = [feedback.has("a", "[name] listened to me, and then it went well."), feedback.has("b", "It took nine months.")]
        path = f"{DESK}/quotes{OF}"
        await alex.post(path, **await alex.form(path), quotes=quotes)
        first = await issue(alex, sam)
        late = [complaint(each, date(2022, 5, 9), procedure="corporate", area="safeguarding") for each in ("l-1", "l-2")]
        await sources.record(*late)
        second = await alex.prepare(reason="Two complaints were recorded late.")
        public = "/reporting/reports/complaints-annual-public"
        await issue(alex, sam, desk=f"{public}/desk", of="?period=2021-22")
        drafted = await alex.prepare(desk=f"{public}/desk", of="?period=2022-23")
        pages = {
            "public-draft": drafted,
            "public-live": f"{public}?period=2022-23",
            "desk": f"{DESK}{OF}",
            "words": f"{DESK}/words/table-complaints-received{OF}",
            "quotes": path,
            "issued": first,
            "draft": second,
            "list": "/reporting/issued",
            "live": f"/reporting/reports/social-care-complaints{OF}",
        }
        with served(signed(application(settings, keys, feedback), keys, sam.identity)) as url:
            for name, address in pages.items():
                page = await chromium.open(f"{url}{address}", width=width, script=True)
                await looked_at(page, f"issuing-{name}", width)

    async def test_a_report_is_written_checked_and_issued_without_script(
        self,
        chromium: Chromium,
        settings: ReportingSettings,
        keys: Keys,
        feedback: Feedback,
        alex: Person,
        sam: Person,
        tmp_path: Path,
    ) -> None:
        with (
            served(signed(application(settings, keys, feedback), keys, alex.identity)) as hers,
            served(signed(application(settings, keys, feedback), keys, sam.identity)) as his,
        ):
            page = await chromium.open(f"{hers}/reporting/reports/social-care-complaints{OF}", script=False)
            await page.get_by_role("link", name="Write beside it, and issue it").click()
            await page.get_by_role("link", name="Key messages").click()
            await page.get_by_label("Text").fill("Ask Mrs Smith.")
            await page.get_by_role("button", name="Save").click()
            assert "Look at what may be a name" in await page.inner_text("main")
            await page.get_by_label("Text").fill(WORDS)
            await page.get_by_role("button", name="Save").click()
            await page.get_by_role("button", name="Prepare version 1").click()
            assert "so a colleague has to read and check it" in await page.inner_text("main")
            version = page.url.removeprefix(hers)
            other = await chromium.open(f"{his}{version}", script=False)
            await other.get_by_role("button", name="I have read it: it can be issued").click()
            await other.get_by_role("button", name="Issue it").click()
            assert "as it was issued" in await other.inner_text("main")
            async with other.expect_download() as download:
                await other.get_by_role("link", name="Save as PDF, as it was issued").click()
            target = tmp_path / "report.pdf"
            await (await download.value).save_as(target)
            assert target.read_bytes().startswith(b"%PDF")
