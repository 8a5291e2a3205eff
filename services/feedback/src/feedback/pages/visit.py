"""The cookie of a visit: which survey a browser is in. Sealed, so that nobody can make or read one.

It holds no person: the organisation, the invitation, the draft, how somebody reads, and a random number for form tokens.
It alone leads to what was begun: whoever opens the same letter elsewhere has another.
"""

import base64
import binascii
import secrets as random
import time
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Self
from uuid import UUID

import orjson
from starlette.requests import Request
from starlette.responses import Response

from chassis.pages.cookies import named
from chassis.secrets import SealError, Secrets
from chassis.tenancy import INSTALLATION

COOKIE = "loop-survey"
VISIT_COOKIE = "loop-visit"
"""A random number of a browser that is typing a code."""

PATH = "/s"
SECONDS = 7 * 24 * 3600
"""How long a browser remembers the survey of a poster. That of a letter it remembers as long as the link works."""

_PURPOSE = "feedback-visit"
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser's visit to a survey. `forms` is what its form tokens are bound to."""

    org: str
    invitation: UUID
    draft: UUID
    language: str
    forms: str
    large_print: bool = False
    easy_read: bool = False
    until: int = 0
    """The second since 1970 at which a browser forgets it."""

    @classmethod
    def begin(cls, org: str, invitation: UUID, draft: UUID, language: str) -> Self:
        """A new visit."""
        return cls(org, invitation, draft, language, random.token_urlsafe(16))

    def for_now(self, works_until: date | None) -> Self:
        """The visit remembered from now on: until the end of a link's last day, or a week where that is None."""
        until = int(time.time()) + SECONDS
        if works_until is not None:
            until = max(until, int(datetime.combine(works_until, datetime.max.time(), UTC).timestamp()))
        return replace(self, until=until)


def _is_secure(request: Request) -> bool:
    return bool(request.app.state.feedback.secure)


def read(request: Request, secrets: Secrets) -> Visit | None:
    """The visit of a request; None without a cookie, with one that is not ours, or one that is too old."""
    value = request.cookies.get(named(COOKIE, PATH, secure=_is_secure(request))[0], "")
    if not value or len(value) > _LONGEST:
        return None
    try:
        sealed = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        found = orjson.loads(secrets.open(INSTALLATION, _PURPOSE, sealed))
        # A visit from before there was easy read ends with the time.
        org, invitation, draft, language, forms, large, until, *easy = found
    except (SealError, binascii.Error, ValueError):
        return None
    if until < time.time():
        return None
    return Visit(org, UUID(invitation), UUID(draft), language, forms, large, easy == [True], until)


def keep(response: Response, visit: Visit, secrets: Secrets, *, secure: bool) -> None:
    """Give a visit to the browser."""
    until = visit.until or int(time.time()) + SECONDS
    invitation, draft = str(visit.invitation), str(visit.draft)
    content = [visit.org, invitation, draft, visit.language, visit.forms, visit.large_print, until, visit.easy_read]
    sealed = secrets.seal(INSTALLATION, _PURPOSE, orjson.dumps(content).decode())
    value = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    name, path = named(COOKIE, PATH, secure=secure)
    left = max(0, until - int(time.time()))
    response.set_cookie(name, value, max_age=left, path=path, httponly=True, samesite="lax", secure=secure)


def browser_of(request: Request) -> str:
    """The random number of a browser that is typing a code; a new one where it has none."""
    found = request.cookies.get(named(VISIT_COOKIE, PATH, secure=_is_secure(request))[0], "")
    return found if 16 <= len(found) <= 64 and found.isascii() else random.token_urlsafe(16)  # noqa: PLR2004 - 22 are made


def keep_browser(response: Response, browser: str, *, secure: bool) -> None:
    """Give the number to the browser, until it is closed."""
    name, path = named(VISIT_COOKIE, PATH, secure=secure)
    response.set_cookie(name, browser, path=path, httponly=True, samesite="lax", secure=secure)
