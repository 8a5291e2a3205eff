"""Uploading a sheet in a real Chromium, on a phone and on a desk, without script."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page
from services.audit.tests.conftest import profile_document
from services.audit.tests.sheets import csv_of, numbered, row, workbook_of

from audit.bootstrap import build_app
from audit.settings import AuditSettings
from chassis.identity import Identity
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Database, Keys, caller

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
OFFICER = Identity("worcestershire", "staff:alex", "staff", frozenset({"role:qa-officer"}), label="Alex Morgan")


@pytest.fixture
def address(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service on a port."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    with served(build_app(AuditSettings.load())) as address, httpx.Client(base_url=address) as client:
        operator = keys.headers("audit", caller("operator"))
        client.put("/audit/v1/profile", json=profile_document("worcestershire"), headers=operator).raise_for_status()
        yield address


async def looked_at(page: Page, name: str, width: int) -> None:
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"upload-{name}-{width}")


async def choose(page: Page, file: Path) -> None:
    await page.get_by_label("Audit tool", exact=True).select_option("social-care-case-file")
    await page.get_by_label("File", exact=True).set_input_files(file)
    await page.get_by_role("button", name="Check the file").click()


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_a_sheet_is_checked_put_right_confirmed_and_corrected(
    chromium: Chromium, address: str, keys: Keys, tmp_path: Path, width: int
) -> None:
    good, wrong = (
        numbered(44),
        [
            row(reference="AUD 44"),
            row(reference="AUD-0045", overall="god", themes="moon; plans-and-outcomes"),
            row(reference="AUD-0046", completed_on="7/1/2022"),
        ],
    )
    (tmp_path / "Outcomes July.xlsx").write_bytes(workbook_of(*good, *wrong))
    (tmp_path / "broken.csv").write_bytes(csv_of(row(nonsense="x")))
    second = numbered(44)
    second[3]["overall"] = "inadequate"
    (tmp_path / "second.csv").write_bytes(csv_of(*second))

    page = await chromium.open(
        f"{address}/audit/outcomes", width=width, script=False, extra_http_headers=keys.headers("audit", OFFICER)
    )
    await page.get_by_role("link", name="Upload outcomes from a spreadsheet").click()
    await picture(page, f"upload-choose-{width}")
    await choose(page, tmp_path / "broken.csv")
    assert await page.get_by_role("link", name="Column").count() == 1
    await picture(page, f"upload-wrong-{width}")
    await choose(page, tmp_path / "Outcomes July.xlsx")
    assert "Check 44 outcomes before you record them" in await page.locator("h1").inner_text()
    await picture(page, f"upload-checked-{width}")
    await page.get_by_role("button", name="Record these 44 outcomes").click()
    assert "44 outcomes recorded" in await page.locator("h1").inner_text()
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Download the refused rows").click()
    download = await downloading.value
    await download.save_as(tmp_path / "refused.csv")
    refused = (tmp_path / "refused.csv").read_text("utf-8-sig")
    assert refused.count("\n") == 4
    await picture(page, f"upload-recorded-{width}")

    await page.get_by_role("link", name="Upload another file").click()
    await choose(page, tmp_path / "second.csv")
    await page.get_by_text("Which outcomes would be corrected").click()
    assert await page.get_by_text("Row 5: AUD-0003 becomes version 2").is_visible()
    await picture(page, f"upload-corrections-{width}")


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_every_page_of_it_is_accessible_and_fits(
    chromium: Chromium, address: str, keys: Keys, tmp_path: Path, width: int
) -> None:
    (tmp_path / "a.csv").write_bytes(csv_of(row(), row(reference="B", overall="god")))
    (tmp_path / "broken.csv").write_bytes(csv_of(row(nonsense="x")))
    page = await chromium.open(
        f"{address}/audit/outcomes/upload", width=width, extra_http_headers=keys.headers("audit", OFFICER)
    )
    await looked_at(page, "a-choose", width)
    await choose(page, tmp_path / "broken.csv")
    await looked_at(page, "a-wrong", width)
    await choose(page, tmp_path / "a.csv")
    await looked_at(page, "a-checked", width)
    checked = page.url
    await page.get_by_role("button", name="Record this outcome").click()
    await looked_at(page, "a-recorded", width)
    await page.goto(f"{checked[:-4]}0000")
    await looked_at(page, "a-gone", width)
