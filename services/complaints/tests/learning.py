"""What the tests of learning share: complaints that ask for actions, and an officer who records them on the pages."""

import re
from typing import Any
from uuid import uuid4

import httpx
from services.complaints.tests.support import Desk

from chassis.testing.page_client import PageClient

DUE = {"due-day": "31", "due-month": "8", "due-year": "2022"}
ACTION: dict[str, Any] = {
    "what": "Write to each family every month.",
    "owner_name": "Sam Okafor",
    "owner_sign_in": "staff:sam",
    "owner_email": "sam@council.example",
    "service_area": "send",
    "team": "",
    "themes": ["communication", "timeliness"],
    **DUE,
}


async def upheld(desk: Desk, reference: str = "SEND-22-001", finding: str = "upheld", **changes: Any) -> tuple[str, list[str]]:
    """A complaint answered on 12 May with one finding on both points; its id and those of its points."""
    ident = str((await desk.receive(reference=reference, **changes))["complaint_id"])
    await desk.answered(ident, finding=finding)
    return ident, [str(each["point_id"]) for each in (await desk.read(ident))["points"]]


class Officer:
    """A person at the pages: posts forms as the page has them."""

    def __init__(self, client: PageClient) -> None:
        self.client = client

    async def form(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's form."""
        page = await self.client.get(path)
        assert page.status_code == 200, page.text
        return dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', page.text))

    async def post(self, path: str, hidden: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        """Fill a form in and send it."""
        return await self.client.post(path, data={**(hidden or await self.form(path)), **fields})

    async def record(self, complaint: str, point: str, **changes: Any) -> str:
        """Record the action of ACTION with changes; gives its id."""
        path = f"/complaints/{complaint}/points/{point}/action"
        hidden = await self.form(path)
        answer = await self.post(path, hidden, **{**ACTION, **changes})
        assert answer.status_code == 303, answer.text
        return hidden["id"]

    async def step(self, action: str, step: str, note: str = "Because.", **fields: Any) -> httpx.Response:
        """Take a step with an action."""
        return await self.post(f"/complaints/learning/{action}", step=step, note=note, **fields)

    async def decline(self, complaint: str, point: str, reason: str = "The policy had changed already.") -> httpx.Response:
        """Record why there is no action."""
        return await self.post(f"/complaints/{complaint}/points/{point}/no-action", reason=reason)


def key() -> str:
    """A fresh Idempotency-Key."""
    return str(uuid4())
