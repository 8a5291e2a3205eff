"""The pages of agreement in a real Chromium, on a phone and on a desk."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from services.audit.tests.conftest import profile_document
from services.audit.tests.moderated import moderated

from audit.bootstrap import build_app
from audit.settings import AuditSettings
from chassis.days import british_today
from chassis.identity import Identity
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Database, Keys, caller

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
OFFICER = Identity("worcestershire", "demo-alex-morgan", "staff", frozenset({"role:qa-officer"}), label="Alex Morgan")
AUDITOR = Identity("worcestershire", "demo-sam-okafor", "staff", frozenset({"role:manager"}), label="Sam Okafor")
SECTIONS = ("voice-of-the-child", "assessments", "plans", "management-oversight", "partnership-working")
SCALE = ("outstanding", "good", "requires-improvement", "inadequate")
PAIRS = (("sam-okafor", "priya-shah"), ("priya-shah", "lee-walsh"), ("lee-walsh", "sam-okafor"))


def graded(number: int, place: int, lean: int) -> str:
    """A grade that varies from audit to audit, and the more from person to person the further down the section stands."""
    return SCALE[min(3, max(0, 1 + (number % 4 == 0) + (lean if (number * 7 + place) % 9 < place else 0)))]


async def fill(database: Database, keys: Keys) -> None:
    """Audits of ten months by three auditors."""
    async with moderated(database, keys) as write:
        await write.people()
        for number in range(48):
            lead, peer, final = (
                {
                    **{section: graded(number, place, lean) for place, section in enumerate(SECTIONS)},
                    "embracing-diversity": "n/a" if number % 3 else "good",
                    "overall": graded(number, 2, lean),
                }
                for lean in (-1, 1, 0)
            )
            await write.looped(
                *(lead, peer, final),
                people=(*PAIRS[number % 3], "dana-price"),
                moderated_on=british_today() - timedelta(days=6 * number),
            )


@pytest.fixture
def address(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service on a port, with moderated audits."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    with served(build_app(AuditSettings.load())) as address, httpx.Client(base_url=address) as client:
        operator = keys.headers("audit", caller("operator"))
        client.put("/audit/v1/profile", json=profile_document("worcestershire"), headers=operator).raise_for_status()
        yield address


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_the_officers_pages_are_accessible_and_fit(
    chromium: Chromium, address: str, database: Database, keys: Keys, width: int
) -> None:
    await fill(database, keys)
    headers = keys.headers("audit", OFFICER)
    page = await chromium.open(f"{address}/audit/agreement", width=width, extra_http_headers=headers)
    for name in ("overview", "meaning", "tool", "section", "wrong", "auditor"):
        if name == "meaning":
            await page.get_by_text("What these figures mean").click()
            await page.get_by_text("no better than chance").wait_for()
        if name == "tool":
            await page.get_by_label("Audit tool", exact=True).select_option("social-care-case-file")
            await page.get_by_role("button", name="Show").click()
            await page.get_by_role("heading", name="For a workshop").wait_for()
        if name == "section":
            await page.get_by_label("Section", exact=True).select_option("partnership-working")
            await page.get_by_label("Compare", exact=True).select_option("lead-moderator")
            await page.get_by_label("Weights of kappa and AC2").select_option("quadratic")
            await page.get_by_role("button", name="Show").click()
            assert await page.get_by_label("Section", exact=True).input_value() == "partnership-working"
        if name == "wrong":
            await page.get_by_label("Moderated from").fill("yesterday")
            await page.get_by_role("button", name="Show").click()
            await page.get_by_role("link", name="Moderated from must be a day").click()
        if name == "auditor":
            await page.go_back()
            await page.go_back()
            await page.get_by_role("link", name="Sam Okafor").click()
            await page.get_by_role("heading", name="Agreement of Sam Okafor").wait_for()
        await assert_accessible(page)
        await assert_fits(page)
        await picture(page, f"agreement-{name}-{width}")


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_an_auditors_own_page_is_accessible_and_fits_also_without_script(
    chromium: Chromium, address: str, database: Database, keys: Keys, width: int
) -> None:
    await fill(database, keys)
    headers = keys.headers("audit", AUDITOR)
    page = await chromium.open(f"{address}/audit/agreement/mine", width=width, extra_http_headers=headers)
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"agreement-mine-{width}")
    plain = await chromium.open(f"{address}/audit/agreement/mine", width=width, script=False, extra_http_headers=headers)
    await plain.get_by_label("Weights of kappa and AC2").select_option("quadratic")
    await plain.get_by_role("button", name="Show").click()
    await plain.get_by_text("All sections, with quadratic weights").first.wait_for()
    await picture(plain, f"agreement-plain-{width}")
