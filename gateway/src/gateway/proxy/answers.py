"""Answers of the gateway itself on the paths of services: problem details for programs, a kind page for people."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

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
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
]
Secure = bool | Literal["subdomains"]
"""Whether people come over https and only so, and whether that holds for every name below the host too."""


def hsts(secure: Secure) -> Headers:
    """Strict-Transport-Security for a year (RFC 6797), where people come over https."""
    if not secure:
        return []
    below = b"; includeSubDomains" if secure == "subdomains" else b""
    return [(b"strict-transport-security", b"max-age=31536000" + below)]


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


class Secured:
    """The protecting headers that an answer of a service lacks; what it says itself stays, since it knows its pages.

    For the hot path: one look-up a header, and a list that was made before.
    """

    def __init__(self, *, secure: Secure) -> None:
        """`secure`: people come over https, and only so."""
        self._headers = [*SECURITY_HEADERS, *hsts(secure)]
        self.bits = {name: 1 << place for place, (name, _) in enumerate(self._headers)}
        self._missing: dict[int, Headers] = {0: self._headers}

    def missing(self, said: int) -> Headers:
        """What to add to an answer that has the headers of these bits."""
        found = self._missing.get(said)
        if found is None:
            found = [header for place, header in enumerate(self._headers) if not said >> place & 1]
            self._missing[said] = found
        return found


class KindPage(Protocol):
    """Makes the page that says a refusal to a person, in the layout of a survey or of staff."""

    def __call__(self, refusal: Refusal, request_id: str, *, survey: bool) -> bytes:
        """The whole page."""
        ...


async def refuse_preflight(send: Send, request_id: str, *, secure: Secure) -> int:
    """Answer what a browser asks before another site's script may call (CORS): nothing is granted. Returns the status."""
    headers = [(b"x-request-id", request_id.encode()), *PROBLEM_SECURITY_HEADERS, *hsts(secure)]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
    return 204


async def send_refusal(send: Send, refusal: Refusal, request_id: str, *, secure: Secure, page: bytes | None = None) -> int:
    """Send a refusal, as a page when there is one. Returns the bytes of the body."""
    body = page or refusal.body(request_id)
    headers = [
        (b"content-type", b"text/html; charset=utf-8" if page else MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request_id.encode()),
        *(PAGE_SECURITY_HEADERS if page else PROBLEM_SECURITY_HEADERS),
        *((name.encode(), value.encode("latin-1")) for name, value in refusal.headers.items()),
    ]
    headers += hsts(secure)
    if refusal.close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    # The answer is complete for the caller; the connection stays open while `drain` reads what is still on its way.
    await send({"type": "http.response.body", "body": body, "more_body": refusal.close})
    return len(body)
