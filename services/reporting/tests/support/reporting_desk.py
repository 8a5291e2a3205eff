"""People at the desk of a report, and a feedback service that hands out quotes over HTTP."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
from fastapi import FastAPI
from reporting_records import Sources, complaint, ident
from sqlalchemy import text

from chassis.identity import HEADER, Identity, InvalidTokenError, TokenVerifier
from chassis.ids import new_id
from chassis.testing.fixtures import Keys, ServiceClient
from chassis.testing.page_client import check_pages
from chassis.unit_of_work import UnitOfWork
from reporting.pages.form_fields import token

REPORT, PERIOD = "social-care-complaints", "2022-23-q1"
LIVE = f"/reporting/reports/{REPORT}?period={PERIOD}"
DESK = f"/reporting/reports/{REPORT}/desk"
API = "/reporting/v1/issued"
OF = f"?period={PERIOD}"


@dataclass
class Feedback:
    """The feedback service as reporting sees it: it believes a signed identity and nothing else."""

    keys: Keys
    quotes: list[dict[str, Any]] = field(default_factory=list)
    away: bool = False
    page: int = 100
    asked: list[Identity] = field(default_factory=list)

    @property
    def transport(self) -> httpx.MockTransport:
        """Where requests go."""
        return httpx.MockTransport(self._answer)

    def has(self, reference: str, words: str, *, version: int = 1, area: str = "safeguarding") -> str:
        """An approved quote; its id."""
        quote = str(ident("quote", reference))
        self.loses(reference)
        self.quotes.append(
            {
                "quote_id": quote, "version": version, "words": words, "language": "en", "questionnaire": "new-ehcp",
                "question": "in-your-words", "service_area": area, "themes": ["communication"], "released_on": "2022-05-04",
            }
        )  # fmt: skip
        return quote

    def loses(self, reference: str) -> None:
        """A quote that may not be used any more."""
        self.quotes = [each for each in self.quotes if each["quote_id"] != str(ident("quote", reference))]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody is there")
        verifier = TokenVerifier.from_file("feedback", self.keys.folder / "identity-keys.json")
        try:
            identity = verifier.verify(request.headers.get(HEADER))
        except InvalidTokenError:
            return httpx.Response(401)
        self.asked.append(identity)
        wanted = request.url.params.get_list("quote")
        items = [
            each
            for each in self.quotes
            if (not wanted or each["quote_id"] in wanted) and (not identity.areas or each["service_area"] in identity.areas)
        ]
        start = int(request.url.params.get("after", 0))
        more = str(start + self.page) if len(items) > start + self.page else None
        return httpx.Response(200, json={"items": items[start : start + self.page], "next": more})


def staff(role: str, name: str, areas: tuple[str, ...] = (), org: str = "worcestershire") -> Identity:
    """A person with a role, by name."""
    subject = f"staff:{name.partition(' ')[0].lower()}"
    return Identity(org, subject, "staff", frozenset({f"role:{role}"}), frozenset(areas), label=name)


class Person:
    """Somebody with a browser without script; every page is checked."""

    def __init__(self, client: ServiceClient, identity: Identity) -> None:
        self.client = client.acting_as(identity)
        self.client.headers["accept"] = "text/html"
        check_pages(self.client)
        self.identity = identity

    async def get(self, path: str, status: int = 200) -> str:
        """A page's words, with white space made single."""
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return readable(answer.text)

    async def form(self, path: str) -> dict[str, str]:
        """The hidden fields of the last form of a page that has a token."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return hidden(answer.text)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form."""
        return await self.client.post(path, data=fields)

    async def write(self, section: str, words: str, *, desk: str = DESK, of: str = OF, **fields: Any) -> httpx.Response:
        """Open a section and save words."""
        path = f"{desk}/words/{section}{of}"
        return await self.post(path, **{**await self.form(path), "words": words, **fields})

    async def prepare(self, *, desk: str = DESK, of: str = OF, **fields: Any) -> str:
        """Prepare a version; its address."""
        answer = await self.post(f"{desk}/prepare{of}", csrf=self.token, id=str(new_id()), **fields)
        assert answer.status_code == 303, readable(answer.text)
        return str(answer.headers["location"])

    async def step(self, version: str, step: str, **fields: Any) -> httpx.Response:
        """Take a step of a version."""
        return await self.post(f"{version}/{step}", csrf=self.token, **fields)

    @property
    def token(self) -> str:
        """The token of this person's forms, as every page of theirs has it."""
        app: Any = self.client._transport.app  # type: ignore[attr-defined]
        return token(app.state.desk.secrets, self.identity)


async def issue(by: Person, checker: Person, *, desk: str = DESK, of: str = OF, **fields: Any) -> str:
    """Prepare, check and issue; the address of the version."""
    version = await by.prepare(desk=desk, of=of, **fields)
    assert (await checker.step(version, "check")).status_code == 303
    answer = await by.step(version, "issue")
    assert answer.status_code == 303, readable(answer.text)
    return version


def hidden(html: str) -> dict[str, str]:
    """The hidden fields of a page."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return dict(fields)


def readable(html: str) -> str:
    """The words of a page, with white space made single."""
    body = re.sub(r"<[^>]+>", " ", html[html.find("<main") :])
    for entity, sign in (("&#39;", "'"), ("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"')):
        body = body.replace(entity, sign)
    return " ".join(body.split())


def signed(app: Any, keys: Keys, identity: Identity) -> Any:
    """The application behind a gateway that knows everybody as one person."""

    async def gateway(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            held = [(name.lower().encode(), value.encode()) for name, value in keys.headers("reporting", identity).items()]
            scope = {**scope, "headers": [*scope["headers"], *held]}
        await app(scope, receive, send)

    return gateway


async def late(sources: Sources, *references: str) -> None:
    """Complaints of the quarter that come in after it was reported."""
    await sources.record(
        *(complaint(each, date(2022, 5, 9), procedure="corporate", area="safeguarding") for each in references)
    )


async def rows(app: FastAPI, statement: str) -> list[Any]:
    """Rows as the web process sees them in worcestershire."""
    uow: UnitOfWork = app.state.uow
    async with uow.begin("worcestershire") as transaction:
        return list(await transaction.connection.execute(text(statement)))
