"""Tracker, “You said, we did” and plans in a real Chromium: with axe at both widths, and without script."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_plans import Officer, day, officer_of
from reporting_records import Sources, complaint, ident
from reporting_said import published, themed
from reporting_staff import Directory
from reporting_tracked import later, of_audits, of_complaints, of_feedback

from chassis.days import british_today
from chassis.testing.browser import DESK, PHONE, Chromium, assert_accessible, assert_fits, chromium, picture, served
from chassis.testing.fixtures import Keys, ServiceClient, caller
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

STAFF = caller("role:qa-officer", subject="staff:alex")
TODAY = british_today()

__all__ = ["chromium"]


@pytest.fixture
async def plan(client: ServiceClient, sources: Sources, profile: dict[str, Any]) -> str:
    """Records of three services, and a plan with all that it can have."""
    for on, events in sorted([*of_audits(), *of_complaints(), *of_feedback()], key=lambda each: each[0]):
        await sources.record(*events, on=on)
    await sources.record(
        *(themed(f"c{n}", "communication") for n in range(7)), published("p", 2, "communication", on=later(20)),
        *(complaint(f"k{n}", later(3), categories=["send-communication"]) for n in range(6)),
    )  # fmt: skip
    return await whole_plan(officer_of(client))


async def whole_plan(officer: Officer) -> str:
    made = await officer.open_plan("Families hear from us in time")
    action = await officer.add_action(made, TODAY + timedelta(days=9), "Draw up a rota, so that somebody answers every day.")
    await officer.send(await officer.milestone(action), step="move", note="Late", **day("on", TODAY + timedelta(days=30)))
    await officer.send(f"{action}/measure", measure="tracked_in_time", start="2022-23-q1", service_area="send", target="80")
    await officer.send(action, step="rag", rag="may-miss", note="Two posts are vacant; interviews are next week.")
    key = f"complaints:{ident('learning', 'two')}"
    await officer.add_action(made, TODAY + timedelta(days=50), "Write to each family whose plan is late.", tracked=key)
    return made


def signed(app: FastAPI, keys: Keys) -> Any:
    """The application behind a gateway that knows everybody as the officer."""

    async def gateway(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            held = [(name.lower().encode(), value.encode()) for name, value in keys.headers("reporting", STAFF).items()]
            scope = {**scope, "headers": [*scope["headers"], *held]}
        await app(scope, receive, send)

    return gateway


@pytest.mark.browser
class TestBrowser:
    @pytest.mark.parametrize("width", [PHONE, DESK])
    async def test_pages_are_accessible_and_fit(
        self, width: int, chromium: Chromium, settings: ReportingSettings, keys: Keys, client: ServiceClient, plan: str
    ) -> None:
        officer = officer_of(client)
        action = str((await officer.browser.get(plan)).text.split("/actions/")[1].split('"')[0])
        pages = {
            "tracker": f"/reporting/learning?show=all&on={later(40)}",
            "tracker-refused": "/reporting/learning?on=2099-01-01",
            "said-and-done": "/reporting/said-and-done?period=2022-23-q1",
            "said-and-done-public": "/reporting/said-and-done?period=2022-23-q1&area=send&audience=public",
            "plans": "/reporting/plans",
            "plans-due": "/reporting/plans/due",
            "plan": plan,
            "plan-action": f"{plan}/actions/{action}",
            "plan-history": f"{plan}/history",
            "plan-new": "/reporting/plans/new",
            "plan-measure": f"{plan}/actions/{action}/measure",
            "plan-milestone": await officer.milestone(f"{plan}/actions/{action}"),
            "plan-owner": f"{plan}/actions/{action}/change",
            "plan-take": f"/reporting/plans/take?key=complaints:{ident('learning', 'one')}",
        }
        directory = Directory(keys)
        directory.has("sam-ash", "Sam Ash", "sam@council.example")
        with served(signed(build_app(settings, staff=directory.read()), keys)) as url:
            for name, path in pages.items():
                page = await chromium.open(f"{url}{path}", width=width, script=True)
                await picture(page, f"learning-{name}-{width}")
                await assert_accessible(page)
                await assert_fits(page)

    async def test_a_plan_is_kept_without_script(
        self, chromium: Chromium, settings: ReportingSettings, keys: Keys, plan: str
    ) -> None:
        with served(signed(build_app(settings), keys)) as url:
            page = await chromium.open(f"{url}{plan}", script=False)
            await page.get_by_role("link", name="Add an action to Answering").click()
            await page.get_by_label("What is to be done?").fill("Answer the telephone")
            await page.get_by_label("A role or a name").fill("Team manager")
            await page.get_by_role("button", name="Keep it").click()
            assert await page.get_by_label("What is to be done?").input_value() == "Answer the telephone"
            await page.get_by_label("What is reached first?").fill("Somebody answers")
            due = TODAY + timedelta(days=3)
            for label, value in (("Day", due.day), ("Month", due.month), ("Year", due.year)):
                await page.get_by_label(label, exact=True).fill(str(value))
            await page.get_by_role("button", name="Keep it").click()
            assert await page.get_by_role("heading", level=1, name="Action 1.3").is_visible()
