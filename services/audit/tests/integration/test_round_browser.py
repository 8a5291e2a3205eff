"""A round in a real Chromium, by a QA officer on a phone and at a desk: from its programme to its circulated audits."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.async_api import Page
from services.audit.tests.conftest import profile_document
from services.audit.tests.rounds import cases, staff

from audit.bootstrap import build_app
from audit.settings import AuditSettings
from chassis.identity import Identity
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Database, Keys, caller

__all__ = ["chromium"]

pytestmark = pytest.mark.browser
OFFICER = Identity("worcestershire", "demo-alex-morgan", "staff", frozenset({"role:qa-officer"}), label="Alex Morgan")
ODD = (
    {"case_reference": "EHC-OLD", "team": "send-north", "worker": "", "practice_on": "2026-03-02"},
    {"case_reference": "EHC-ELSEWHERE", "team": "another-team", "worker": "", "practice_on": "2026-09-02"},
)


@pytest.fixture
def address(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service on a port, with a staff directory."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    with served(build_app(AuditSettings.load())) as address, httpx.Client(base_url=address) as client:
        operator = keys.headers("audit", caller("operator"))
        client.put("/audit/v1/profile", json=profile_document("worcestershire"), headers=operator).raise_for_status()
        alex = {"code": "alex-morgan", "name": "Alex Morgan", "subject": "demo-alex-morgan"}
        headers = keys.headers("audit", OFFICER)
        client.put("/audit/v1/people", json={"people": [*staff(), alex]}, headers=headers).raise_for_status()
        yield address


async def seen(page: Page, name: str, width: int) -> None:
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"round-{name}-{width}")


def sheet() -> bytes:
    lines = ["case number,team,worker,day of practice"]
    lines += [",".join(map(str, each.values())) for each in (*cases(), *ODD)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_an_officer_runs_a_round(chromium: Chromium, address: str, keys: Keys, width: int) -> None:
    headers = keys.headers("audit", OFFICER)
    page = await chromium.open(f"{address}/audit/programmes", width=width, extra_http_headers=headers)
    await begin_and_draw(page, address, width)
    await allocate_and_circulate(page, width)
    await change(page, width)
    await page.goto(f"{address}/audit/programmes")
    await seen(page, "programmes", width)
    await page.goto(f"{address}/audit/calendar?month=2026-11")
    await seen(page, "calendar", width)


async def begin_and_draw(page: Page, address: str, width: int) -> None:
    await page.goto(f"{address}/audit/programmes/send-new-ehcp/rounds/new")
    await page.get_by_label("Period").fill("2026-11")
    await page.get_by_label("Number of cases").fill("3")
    await seen(page, "new", width)
    await page.get_by_role("button", name="Begin the round").click()
    await seen(page, "begun", width)

    await page.get_by_role("button", name="Load the list").click()
    await page.get_by_label("File").set_input_files(
        {"name": "wrong.csv", "mimeType": "text/csv", "buffer": b"case number\nA\nA\n"}
    )
    await page.get_by_role("button", name="Load").click()
    await seen(page, "load-wrong", width)
    await page.get_by_label("File").set_input_files({"name": "cases.csv", "mimeType": "text/csv", "buffer": sheet()})
    await page.get_by_role("button", name="Load").click()
    assert "14 on the list" in await page.inner_text("main")

    await page.get_by_role("button", name="Draw the sample").click()
    await page.get_by_label("Seed").fill("7")
    await seen(page, "draw", width)
    await page.get_by_role("button", name="Draw").click()
    await seen(page, "drawn", width)
    await page.get_by_role("link", name="Left out: 2").click()
    await seen(page, "left-out", width)
    await page.get_by_label("Show").select_option("All cases")
    await page.get_by_role("button", name="Narrow").click()
    await seen(page, "cases", width)
    await page.get_by_role("link", name="The round").click()


async def allocate_and_circulate(page: Page, width: int) -> None:
    await page.get_by_role("link", name="Replace case 1").click()
    await page.get_by_label("The case was closed").check()
    await seen(page, "replace", width)
    await page.get_by_role("button", name="Replace").click()
    await page.get_by_role("button", name="Allocate").click()
    await seen(page, "allocate", width)
    await page.get_by_role("button", name="Allocate").click()
    await page.get_by_role("button", name="Circulate").click()
    await seen(page, "circulate", width)
    await page.get_by_role("button", name="Circulate").click()
    await seen(page, "circulated", width)


async def change(page: Page, width: int) -> None:
    await page.get_by_role("link", name="change the Moderator of SN-2026-11-001").click()
    await seen(page, "reallocate", width)
    await page.get_by_role("radio").first.check()
    await page.get_by_label("Away, on leave or unwell").check()
    await page.get_by_role("button", name="Give it to them").click()
    await page.get_by_role("link", name="Withdraw SN-2026-11-002").click()
    await page.get_by_label("The child moved to another council or service").check()
    await page.get_by_label("Yes, by the next case of the draw in the same team").check()
    await seen(page, "withdraw", width)
    await page.get_by_role("button", name="Withdraw").click()
    assert "SN-2026-11-004" in await page.inner_text("main")
    await seen(page, "after", width)


@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_what_is_in_the_way_and_the_other_forms(chromium: Chromium, address: str, keys: Keys, width: int) -> None:
    headers = keys.headers("audit", OFFICER)
    left = [person | {"active": False} for person in staff() if person["code"] == "jo-bennett"]
    async with httpx.AsyncClient(base_url=address, headers=headers) as client:
        (await client.put("/audit/v1/people", json={"people": left})).raise_for_status()
        begun = await client.post(
            "/audit/v1/programmes/send-new-ehcp/rounds", json={"period": "2026-11", "size": 3}, headers={"Idempotency-Key": "b"}
        )
        path = f"/audit/v1/rounds/{begun.json()['round_id']}"
        for step, body in (("cases", {"cases": cases()}), ("draw", {"seed": 7})):
            (await client.post(f"{path}/{step}", json=body, headers={"Idempotency-Key": step})).raise_for_status()
    page = await chromium.open(
        f"{address}/audit/rounds/{begun.json()['round_id']}/steps/allocate", width=width, extra_http_headers=headers
    )
    await page.get_by_role("button", name="Allocate").click()
    assert "No auditor manages the case's team" in await page.inner_text("main")
    await seen(page, "in-the-way", width)
    await page.goto(f"{address}/audit/rounds/new")
    await page.get_by_role("button", name="Begin").click()
    await seen(page, "own-wrong", width)
    await page.goto(f"{address}/audit/people")
    await seen(page, "people", width)
    await page.get_by_role("button", name="Upload a sheet").click()
    await seen(page, "staff-upload", width)
    await page.get_by_role("link", name="Staff", exact=True).click()
    await page.get_by_role("link", name="Priya Shah").click()
    await seen(page, "person", width)
    await page.goto(f"{address}/audit/people/new")
    await page.get_by_role("button", name="Add").click()
    await seen(page, "person-wrong", width)
