"""500 phones answer at once, through the gateway: how long one waits for a page.

Each phone opens its own letter, answers eight questions one page after another, checks, and sends: 20 requests. Once all press
at the same moment and never pause (worse than any hall full of families, and a test of what queues), and once each looks at a
page for some seconds before it presses, as people do. `python -m tests.bench survey_phones`.
"""

import asyncio
import random
import re
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from chassis.identity import HEADER, Identity
from tests.bench.survey_submissions import ORG, Stack, installation, prepare_service

PHONES = 500
QUESTIONS = 8
LOOKS = (1.0, 5.0)
"""Seconds that a person looks at a page: from, to."""

SECONDS_TAKEN = 60
AIMS = {"people: p99, ms": "none set; below 1,000 nobody notices"}

_TOKEN = re.compile(rb'name="csrf" value="([^"]+)"')
_VALUE = re.compile(rb'<input[^>]*name="answer"[^>]*>')


def run() -> dict[str, float]:
    """Measure once: milliseconds a request of one phone alone, of people, and of all pressing at once."""
    with installation() as stack:
        return asyncio.run(_measure(stack))


async def _measure(stack: Stack) -> dict[str, float]:
    await prepare_service(stack)
    links = await _letters(stack, 1 + 20 + 2 * PHONES)
    await asyncio.gather(*(_Phone(stack.gateway, links.pop()).answer(False) for _ in range(20)))
    alone = await _Phone(stack.gateway, links.pop()).answer(False)
    figures = {"one phone alone: median, ms": statistics.median(alone)}
    for name, looks in (("people", True), ("all at once", False)):
        began = time.perf_counter()
        waits = await asyncio.gather(*(_Phone(stack.gateway, links.pop()).answer(looks) for _ in range(PHONES)))
        took = time.perf_counter() - began
        every = sorted(wait for each in waits for wait in each)
        figures |= {
            f"{name}: requests a second": len(every) / took,
            f"{name}: median, ms": statistics.median(every),
            f"{name}: p99, ms": every[len(every) * 99 // 100],
            f"{name}: longest, ms": every[-1],
        }
    return figures


async def _letters(stack: Stack, number: int) -> list[str]:
    """The paths of so many fresh links."""
    machine = Identity(ORG, "client:bench", "client", frozenset({"feedback:invitations:write"}))
    found: list[str] = []
    async with httpx.AsyncClient(base_url=stack.feedback, timeout=60) as client:
        while len(found) < number:
            headers = {HEADER: stack.signer.sign(machine, "feedback"), "Idempotency-Key": random.randbytes(8).hex()}
            wanted = {"questionnaire": "new-ehcp", "service_area": "send", "channel": "letter"}
            body = {"invitations": [wanted] * min(1000, number - len(found))}
            answer = await client.post("/feedback/v1/invitations/batch", json=body, headers=headers)
            answer.raise_for_status()
            found += [urlsplit(item["url"]).path for item in answer.json()["results"]]
    return found


@dataclass
class _Phone:
    """A browser without script on one connection, as far as a survey needs one."""

    url: str
    link: str
    cookies: dict[bytes, bytes] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)

    async def answer(self, looks: bool) -> list[float]:
        """Answer the whole survey; milliseconds of each request."""
        address = urlsplit(self.url)
        if looks:
            await asyncio.sleep(random.uniform(0, LOOKS[1]))
        self.reader, self.writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            await self._get(self.link, 303)
            await self._get("/s/start", 200)
            for number in range(1, QUESTIONS + 1):
                await self._form(f"/s/question/{number}", looks)
            await self._form("/s/check", looks)
        finally:
            self.writer.close()
        return self.waits

    async def _form(self, path: str, looks: bool) -> None:
        page = await self._get(path, 200)
        if looks:
            await asyncio.sleep(random.uniform(*LOOKS))
        body = b"csrf=" + _TOKEN.findall(page)[-1] + (b"&answer=yes" if _VALUE.search(page) else b"")
        await self._send(b"POST", path, body, 303)

    async def _get(self, path: str, status: int) -> bytes:
        return await self._send(b"GET", path, b"", status)

    async def _send(self, method: bytes, path: str, body: bytes, status: int) -> bytes:
        cookie = b"; ".join(b"=".join(each) for each in self.cookies.items())
        head = [
            method + b" " + path.encode() + b" HTTP/1.1", b"Host: 127.0.0.1", b"Accept: text/html", b"Cookie: " + cookie,
            b"Content-Type: application/x-www-form-urlencoded", b"Content-Length: " + str(len(body)).encode(), b"", body,
        ]  # fmt: skip
        began = time.perf_counter()
        self.writer.write(b"\r\n".join(head))
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", answer)
        content = await self.reader.readexactly(int(length[1])) if length else b""
        self.waits.append(1000 * (time.perf_counter() - began))
        if not answer.startswith(f"HTTP/1.1 {status}".encode()):
            raise RuntimeError(f"{path}: {answer[:200]!r}")
        for name, value in re.findall(rb"(?i)set-cookie: ([^=]+)=([^;\r]+)", answer):
            self.cookies[name] = value
        return content
