"""A data protection officer who answers a request, as each service's tests need one."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from chassis.testing.packages import opened

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')
_RECORD = re.compile(r'name="record" type="checkbox" value="([^"]+)"')
_ID = re.compile(r'name="id" value="([^"]+)"')
_PASSPHRASE = re.compile(r'id="passphrase">([^<]+)<')


def token(page: str) -> str:
    """The token of a page's forms."""
    return _first(_CSRF, page)


def _first(wanted: re.Pattern[str], page: str) -> str:
    found = wanted.search(page)
    if found is None:
        raise AssertionError(page)
    return found[1]


def _location(answer: httpx.Response) -> str:
    if not answer.has_redirect_location:
        raise AssertionError(f"{answer.status_code}: {answer.text}")
    return answer.headers["location"]


@dataclass
class Answering:
    """Somebody with the role at the pages of one service."""

    client: httpx.AsyncClient
    service: str

    async def opens(self, reference: str = "SAR-1", received: tuple[int, int, int] = (2022, 7, 1), **known: str) -> str:
        """Open a request; answers its address."""
        page = await self.client.get(f"/{self.service}/subjects/new")
        days = dict(zip(("received-year", "received-month", "received-day"), map(str, received), strict=True))
        data = {"csrf": token(page.text), "reference": reference, "entitlement": "access", **days, **known}
        answer = await self.client.post(f"/{self.service}/subjects/new", data=data)
        return _location(answer)

    async def searches(self, at: str) -> tuple[str, str]:
        """Look for records to the end; answers address and text of what was found."""
        answer = await self.client.post(f"{at}/search", data={"csrf": token((await self.client.get(at)).text)})
        while True:
            found = _location(answer)
            page = (await self.client.get(found)).text
            if "Go on looking" not in page:
                return found, page
            data = {"csrf": token(page), "search": found.rpartition("/")[2]}
            answer = await self.client.post(f"{at}/search", data=data)

    async def ticks(self, found: str, records: Iterable[str], **roles: str) -> None:
        """Tick records, as `kind/id`; `roles` by kind."""
        page = (await self.client.get(found)).text
        chosen = list(records)
        parts = {f"role-{each}": roles[each.partition("/")[0]] for each in chosen if each.partition("/")[0] in roles}
        _location(await self.client.post(found, data={"csrf": token(page), "record": chosen, **parts}))

    async def restricts(self, at: str, record: str, reason: str, **more: str) -> str:
        """Restrict the use of a ticked record (`kind/id`) since 1 July 2022; answers the address of its page."""
        form = f"{at}/records/{record}/restriction"
        page = (await self.client.get(form)).text
        day = {"from-day": "1", "from-month": "7", "from-year": "2022"}
        data = {"csrf": token(page), "id": _first(_ID, page), "ground": "accuracy", "reason": reason, **day, **more}
        _location(await self.client.post(form, data=data))
        return form

    async def states(self, at: str, record: str, says: str) -> None:
        """Put a statement of the person beside a ticked record."""
        form = f"{at}/records/{record}/statement"
        page = (await self.client.get(form)).text
        day = {"on-day": "1", "on-month": "7", "on-year": "2022"}
        data = {"csrf": token(page), "id": _first(_ID, page), "says": says, "decision": "noted", "reason": "It stays.", **day}
        _location(await self.client.post(form, data=data))

    async def fetches(self, at: str) -> dict[str, bytes]:
        """Fetch the package and open it."""
        page = (await self.client.get(f"{at}/package")).text
        passphrase = _first(_PASSPHRASE, page)
        data = {"csrf": token(page), "passphrase": passphrase, "noted": "yes"}
        answer = await self.client.post(f"{at}/package", data=data)
        if answer.headers["content-type"] != "application/zip":
            raise AssertionError(answer.text)
        return opened(answer.content, passphrase)


def proposed(page: str) -> list[str]:
    """What a page proposes, as `kind/id`."""
    return _RECORD.findall(page)


def data_of(package: dict[str, bytes]) -> Any:
    """The data in a package."""
    return json.loads(package["data.json"])


def fields_of(package: dict[str, bytes]) -> dict[tuple[str, str], dict[str, Any]]:
    """Fields of a package by table and column; of several rows the last."""
    return {
        (section["table"], each["name"]): each
        for record in data_of(package)["records"]
        for section in record["sections"]
        for row in section["rows"]
        for each in row["fields"]
    }
