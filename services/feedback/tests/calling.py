"""People who make calls, and what they fill in on their pages."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from chassis.identity import Identity
from chassis.testing.fixtures import Keys, ServiceClient
from chassis.testing.page_client import check_pages

ORG = "worcestershire"
KIM = Identity(ORG, "staff:kim", "staff", frozenset({"role:caller"}), label="Kim Taylor")
LEE = Identity(ORG, "staff:lee", "staff", frozenset({"role:caller"}), label="Lee Walsh")
ALEX = Identity(ORG, "staff:alex", "staff", frozenset({"role:qa-officer"}), label="Alex Morgan")
SAM = Identity(ORG, "staff:sam", "staff", frozenset({"role:manager"}), label="Sam Okafor")

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
_REVISION = re.compile(r'name="revision" value="(\d+)"')


def shown_words(answer: httpx.Response) -> str:
    """What a page that was not expected says, without its tags."""
    main = answer.text.partition("<main")[2].partition("</main>")[0] or answer.text
    return f"{answer.status_code}: {' '.join(re.sub(r'<[^>]+>', ' ', main).split())[:700]}"


@dataclass
class Person:
    """Somebody at their browser; every page is checked."""

    client: ServiceClient
    seen: dict[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, app: FastAPI, keys: Keys, identity: Identity) -> "Person":
        """Somebody in front of the application."""
        client = ServiceClient(app, keys, "feedback", identity)
        client.headers["accept"] = "text/html"
        check_pages(client)
        return cls(client)

    async def get(self, path: str, status: int = 200) -> str:
        """The words of a page."""
        answer = await self.client.get(path)
        assert answer.status_code == status, shown_words(answer)
        return answer.text

    async def post(self, path: str, page: str | None = None, status: int = 303, **fields: Any) -> httpx.Response:
        """Fill in the form of a page and send it; `page` is where the form stands, the same address without one."""
        shown = await self.get(page or path)
        found = _REVISION.search(shown)
        revision = {"revision": found.group(1)} if found else {}
        data = {
            "csrf": _TOKEN.findall(shown)[-1],
            **revision,
            **{name.replace("__", "-"): value for name, value in fields.items()},
        }
        answer = await self.client.post(path, data=data)
        assert answer.status_code == status, shown_words(answer)
        return answer

    async def add_call(self, reference: str = "FC-1", programme: str = "carer-calls", **more: Any) -> str:
        """Add a call; its address."""
        added = await self.post("/feedback/calls/new", programme=programme, reference=reference, **more)
        return str(added.headers["location"])

    async def log(self, call: str, outcome: str, status: int = 303, **more: Any) -> httpx.Response:
        """Log an attempt of a call."""
        return await self.post(f"{call}/{outcome}", page=call, status=status, **more)

    async def start(self, call: str) -> str:
        """They answer: the address of the questions."""
        return str((await self.post(f"{call}/start", page=call)).headers["location"])

    async def begin(self, questionnaire: str = "new-ehcp", **more: Any) -> str:
        """Begin to take down answers without a call."""
        fields = {"channel": "visit", "reference": "V-1", "service_area": "send", **more}
        begun = await self.post("/feedback/entry", questionnaire=questionnaire, **fields)
        return str(begun.headers["location"])
