"""Officers at the pages of improvement plans: what they send is what the page's form holds, and what they type."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from httpx import Response

from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.page_client import check_pages

LIST = "/reporting/plans"
_HIDDEN = re.compile(r'<input type="hidden" name="([a-z_-]+)" value="([^"]*)"')


def officer_of(client: ServiceClient, name: str = "alex", role: str = "role:qa-officer") -> "Officer":
    """Somebody with a browser; every page is checked."""
    browser = client.acting_as(caller(role, subject=f"staff:{name}"))
    browser.headers["accept"] = "text/html"
    check_pages(browser)
    return Officer(browser)


class Officer:
    """Somebody who fills in forms."""

    def __init__(self, browser: ServiceClient) -> None:
        self.browser = browser

    async def form(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's form: token, revision, ids."""
        answer = await self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return {name: unescape(value) for name, value in _HIDDEN.findall(answer.text)}

    async def post(self, path: str, hidden: Mapping[str, str], **typed: Any) -> Response:
        """Send a form."""
        return await self.browser.post(path, data={**hidden, **typed})

    async def send(self, page: str, to: str | None = None, **typed: Any) -> str:
        """Fill in the form of a page and send it; answers where it led."""
        answer = await self.post(to or page, await self.form(page), **typed)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def open_plan(self, title: str = "Answers in time", area: str = "send") -> str:
        """A plan with one workstream; answers the plan's address."""
        typed = {"title": title, "purpose": "Families wait too long for an answer.", "service_area": area}
        plan = await self.send(f"{LIST}/new", LIST, **typed)
        await self.send(f"{plan}/workstreams/new", title="Answering", lead="Head of SEND")
        return plan

    async def add_action(self, plan: str, due: Any, what: str = "Draw up a rota", tracked: str = "") -> str:
        """An action of its first workstream; answers its address."""
        text = (await self.browser.get(plan)).text
        found = re.search(r"workstream=([0-9a-f-]{36})", text)
        assert found
        query = f"?workstream={found[1]}" + (f"&tracked={tracked}" if tracked else "")
        typed = {"what": what, "owner": "Team manager, North", "milestone": "Rota drawn up", **day("due", due)}
        return await self.send(f"{plan}/actions/new{query}", f"{plan}/actions/new", **typed)

    async def milestone(self, action: str) -> str:
        """The address of an action's first milestone."""
        found = re.search(r'href="([^"]+/milestones/[^"]+)"', (await self.browser.get(action)).text)
        assert found
        return found[1]


def day(name: str, on: Any) -> dict[str, str]:
    """A day as its three fields."""
    return {f"{name}-day": str(on.day), f"{name}-month": str(on.month), f"{name}-year": str(on.year)}
