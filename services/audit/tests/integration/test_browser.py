"""The staff pages in a real Chromium, on a phone and on a desk."""

from collections.abc import Iterator

import httpx
import pytest
from services.audit.tests.conftest import WRITER, posted, profile_document

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
    """The service on a port, with some outcomes."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    with served(build_app(AuditSettings.load())) as address, httpx.Client(base_url=address) as client:
        operator = keys.headers("audit", caller("operator"))
        client.put("/audit/v1/profile", json=profile_document("worcestershire"), headers=operator).raise_for_status()
        items = [
            *(posted(reference=f"AUD-22-{number:03}", completed_on=f"2022-07-{6 + number % 20:02}") for number in range(60)),
            posted(reference="AUD-22-000", version=2, overall="good", cases=2),
        ]
        headers = keys.headers("audit", WRITER) | {"Idempotency-Key": "k"}
        client.post("/audit/v1/outcomes/batch", json={"outcomes": items}, headers=headers).raise_for_status()
        yield address


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_the_pages_are_accessible_and_fit(chromium: Chromium, address: str, keys: Keys, width: int) -> None:
    page = await chromium.open(f"{address}/audit/outcomes", width=width, extra_http_headers=keys.headers("audit", OFFICER))
    for name in ("list", "narrowed", "wrong", "outcome"):
        if name == "narrowed":
            await page.get_by_label("Audit tool", exact=True).select_option("social-care-case-file")
            await page.get_by_label("Completed to").fill("2022-07-07")
            await page.get_by_role("button", name="Narrow").click()
            assert await page.get_by_label("Completed to").input_value() == "2022-07-07"
        if name == "wrong":
            await page.get_by_label("Completed to").fill("yesterday")
            await page.get_by_role("button", name="Narrow").click()
            await page.get_by_role("link", name="Completed to must be a day").click()
        if name == "outcome":
            await page.goto(f"{address}/audit/outcomes?completed_to=2022-07-06")
            await page.get_by_role("link", name="AUD-22-000").click()
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"audit-{name}-{width}")
