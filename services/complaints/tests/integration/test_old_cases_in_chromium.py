"""Bringing in old cases in a real Chromium: on a phone and on a desk, seen by axe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.async_api import Page
from services.complaints.tests.integration.test_old_cases import ROW, row, sheet
from services.complaints.tests.support import TODAY, AsPerson, Desk, person

from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys
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


async def seen(page: Page, name: str, width: int) -> None:
    """The page as everybody must be able to use it."""
    await assert_accessible(page)
    await assert_fits(page)
    await picture(page, f"old-cases-{name}-{width}")


class TestOldCases:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_a_list_is_checked_and_recorded(
        self, chromium: Chromium, address: str, desk: Desk, tmp_path: Path, width: int
    ) -> None:
        early = row(ref="CMP-21-004", response_date="30/03/2021")
        file, wrong = tmp_path / "tracker-2021.csv", tmp_path / "wrong.csv"
        file.write_bytes(sheet(ROW, row(ref="CMP-20-002", stage_1_days="8"), early, row(ref="CMP-21-005", nature="Rudeness")))
        wrong.write_bytes(sheet(["x"], headings=["Mood"]))
        page = await chromium.open(f"{address}/complaints/old-cases", width=width)
        await seen(page, "start", width)
        await page.set_input_files("#file", wrong)
        await page.click("text=Check the file")
        await seen(page, "wrong", width)
        await page.set_input_files("#file", file)
        await page.click("text=Check the file")
        await seen(page, "checked", width)
        await page.click("text=Record the 2 without faults")
        assert "2 complaints recorded" in await page.inner_text("h1")
        await seen(page, "done", width)
