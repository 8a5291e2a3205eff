"""The pages of audit tools in a real Chromium, on a phone and on a desk."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from services.audit.tests.conftest import profile_document

from audit.bootstrap import build_app
from audit.settings import AuditSettings
from chassis.identity import Identity
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Database, Keys, caller
from chassis.testing.pdf import Printed

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
AUDITOR = {
    org: Identity(org, "demo-sam-okafor", "staff", frozenset({"role:manager"}), label="Sam Okafor")
    for org in ("worcestershire", "telford-wrekin")
}


@pytest.fixture
def address(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service on a port, with both profiles."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    with served(build_app(AuditSettings.load())) as address, httpx.Client(base_url=address) as client:
        for org in AUDITOR:
            operator = keys.headers("audit", caller("operator", org=org))
            client.put("/audit/v1/profile", json=profile_document(org), headers=operator).raise_for_status()
        yield address


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_a_tool_is_found_read_and_saved(chromium: Chromium, address: str, keys: Keys, tmp_path: Path, width: int) -> None:
    headers = keys.headers("audit", AUDITOR["worcestershire"])
    page = await chromium.open(f"{address}/audit/tools", width=width, script=False, extra_http_headers=headers)
    await assert_fits_and_is_accessible(chromium, address, keys, width, "worcestershire", "/audit/tools", "tools-list")
    await page.get_by_role("link", name="Social care case file audit").click()
    await page.get_by_role("link", name="Management Oversight").click()
    assert page.url.endswith("#section-management-oversight")
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Save a blank tool").click()
    saved = await saving.value
    assert saved.suggested_filename == "social-care-case-file-1-blank.pdf"
    await saved.save_as(tmp_path / "blank.pdf")
    assert Printed((tmp_path / "blank.pdf").read_bytes()).title == "Social care case file audit"


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize(
    ("org", "tool"),
    [
        ("worcestershire", "social-care-case-file"),
        ("worcestershire", "targeted"),
        ("worcestershire", "multi-agency"),
        ("telford-wrekin", "cared-for-plans"),
        ("telford-wrekin", "deskside-discussion"),
    ],
)
async def test_a_tool_is_accessible_and_fits(
    chromium: Chromium, address: str, keys: Keys, org: str, tool: str, width: int
) -> None:
    await assert_fits_and_is_accessible(chromium, address, keys, width, org, f"/audit/tools/{tool}", f"tool-{tool}")


async def assert_fits_and_is_accessible(
    chromium: Chromium, address: str, keys: Keys, width: int, org: str, path: str, name: str
) -> None:
    page = await chromium.open(f"{address}{path}", width=width, extra_http_headers=keys.headers("audit", AUDITOR[org]))
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"{name}-{width}")
