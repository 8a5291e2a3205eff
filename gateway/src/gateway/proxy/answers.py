"""Answers of the gateway itself on the paths of services: problem details for programs, a kind page for people."""

from dataclasses import dataclass, field
from typing import Protocol

import orjson

from chassis.middleware import Send
from chassis.pages import PAGE_HEADERS
from chassis.problems import MEDIA_TYPE, problem_dict

Headers = list[tuple[bytes, bytes]]
SECURITY_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
]
PROBLEM_SECURITY_HEADERS: Headers = [*SECURITY_HEADERS, (b"cache-control", b"no-store")]
PAGE_SECURITY_HEADERS: Headers = [(name.lower().encode(), value.encode()) for name, value in PAGE_HEADERS.items()]


@dataclass(eq=False)
class Refusal(Exception):
    """The request goes no further: status, stable slug, and words that say what to do.

    `close` ends the connection after the answer, for a body that will not be read.
    """

    status: int
    slug: str
    detail: str
    headers: dict[str, str] = field(default_factory=dict)
    close: bool = False

    def body(self, request_id: str) -> bytes:
        """As a problem document."""
        return orjson.dumps(problem_dict(self.slug, self.status, self.detail, request_id=request_id))


class KindPage(Protocol):
    """Makes the page that says a refusal to a person, in the layout of a survey or of staff."""

    def __call__(self, refusal: Refusal, request_id: str, *, survey: bool) -> bytes:
        """The whole page."""
        ...


async def send_refusal(send: Send, refusal: Refusal, request_id: str, *, secure: bool, page: bytes | None = None) -> int:
    """Send a refusal, as a page when there is one. Returns the bytes of the body."""
    body = page or refusal.body(request_id)
    headers = [
        (b"content-type", b"text/html; charset=utf-8" if page else MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request_id.encode()),
        *(PAGE_SECURITY_HEADERS if page else PROBLEM_SECURITY_HEADERS),
        *((name.encode(), value.encode("latin-1")) for name, value in refusal.headers.items()),
    ]
    if secure:
        headers.append((b"strict-transport-security", b"max-age=31536000"))
    if refusal.close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    # The answer is complete for the caller; the connection stays open while `drain` reads what is still on its way.
    await send({"type": "http.response.body", "body": body, "more_body": refusal.close})
    return len(body)
