"""The cookie of the public form: the code of what somebody is typing, and how they read. Sealed; it holds no person."""

import base64
import binascii
import json
import time
from dataclasses import dataclass
from typing import Self

from starlette.requests import Request
from starlette.responses import Response

from chassis.pages.cookies import named
from chassis.secrets import SealError, Secrets
from complaints.domain.say import new_code

COOKIE = "loop-say"
_PURPOSE = "complaints/visit"
_LONGEST = 1024
SECONDS = 14 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser's visit to an organisation's form. `fresh`: it was made for this request."""

    org: str
    code: str
    language: str = "en"
    large_print: bool = False
    fresh: bool = False

    @classmethod
    def begin(cls, org: str, language: str, *, large_print: bool = False) -> Self:
        """A new visit with a code of its own."""
        return cls(org, new_code(), language, large_print, fresh=True)


def read(request: Request, secrets: Secrets, org: str) -> Visit | None:
    """The visit of a request; None without a cookie, with one that is not ours or of another council, or that is too old."""
    name, _ = _named(org, secure=request.app.state.secure_cookies)
    value = request.cookies.get(name, "")
    if not value or len(value) > _LONGEST:
        return None
    try:
        sealed = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        code, language, large, until = json.loads(secrets.open(org, _PURPOSE, sealed))
    except (SealError, binascii.Error, ValueError):
        return None
    return Visit(org, code, language, large) if until >= time.time() else None


def keep(response: Response, visit: Visit, secrets: Secrets, *, secure: bool) -> None:
    """Give a visit to the browser; it is sent to this council's form only."""
    content = json.dumps([visit.code, visit.language, visit.large_print, int(time.time()) + SECONDS])
    value = base64.urlsafe_b64encode(secrets.seal(visit.org, _PURPOSE, content)).decode().rstrip("=")
    name, path = _named(visit.org, secure=secure)
    response.set_cookie(name, value, max_age=SECONDS, path=path, httponly=True, samesite="lax", secure=secure)


def _named(org: str, *, secure: bool) -> tuple[str, str]:
    # Of two councils on one host each has its own, also where both go to the path "/".
    return named(f"{COOKIE}-{org}" if secure else COOKIE, f"/c/{org}", secure=secure)
