"""Who may pass to which path: credentials, same-origin, rates. The services decide what a caller may do there."""

import time
from hashlib import blake2b
from urllib.parse import quote

from chassis.middleware import Scope
from gateway.access.authentication import Authentication, unauthenticated
from gateway.access.settling import Settling
from gateway.domain.paths import may_be_link
from gateway.domain.principals import ANONYMOUS, Principal
from gateway.domain.rates import Rate, SharedLimiter, retry_after
from gateway.proxy.answers import Refusal
from gateway.proxy.incoming import Incoming
from gateway.settings import GatewaySettings

_FORM_PARTS = 4  # "", "c", the council, the page
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_BASIC_PATHS = ("/reporting/odata/", "/reporting/exports/")
_PUBLIC_SUFFIXES = ("/v1/openapi.json",)
_PUBLIC_FOLDERS = ("/static/", "/assets/")


def is_api(path: str) -> bool:
    """Whether a path is for programs: JSON, feeds and exports, never a page."""
    return "/v1/" in path or path.startswith(_BASIC_PATHS)


def is_public(path: str, method: str) -> bool:
    """Whether anybody may read it: descriptions of the API, style sheets and the like."""
    if method not in _READING:
        return False
    _, _, rest = path[1:].partition("/")
    return f"/{rest}" in _PUBLIC_SUFFIXES or f"/{rest}".startswith(_PUBLIC_FOLDERS)


def is_form(path: str) -> bool:
    """Whether a form to complain is begun or sent here: on both pages nothing is typed that a refusal could lose."""
    parts = path.split("/")
    return len(parts) == _FORM_PARTS and parts[1] == "c" and parts[3] in {"kind", "check", "new"}


def too_many(wait: float) -> Refusal:
    """The refusal of a caller who asks too often; `wait` in seconds."""
    detail = "Too many requests in a short time. This one was not carried out: send it again after the time in Retry-After."
    return Refusal(429, "too-many-requests", detail, {"Retry-After": str(retry_after(wait))})


def check_same_origin(incoming: Incoming, public_origin: str) -> None:
    """Refuse a change that another site makes a signed-in browser send (CSRF).

    Browsers say where a request comes from in headers that no page can set: Sec-Fetch-Site (W3C Fetch Metadata) and Origin.
    """
    if incoming.fetch_site:
        same = incoming.fetch_site == b"same-origin"
    else:
        origin = incoming.origin.decode("latin-1")
        same = origin == public_origin
    if not same:
        raise Refusal(
            403, "another-site", "A change must be sent from a page of this installation itself. Nothing was changed."
        )


class Admission:
    """Lets callers pass, or raises `Refusal`."""

    def __init__(self, authentication: Authentication, settings: GatewaySettings, settling: Settling) -> None:
        self.authentication = authentication
        self._origin = settings.public_origin
        self._sign_in = settings.sign_in != "none"
        # Surveys, and the form to complain: everybody may call them, none with an identity.
        self._open = tuple(f"/{rule.prefix}/" for rule in settings.route_rules if rule.open)
        self._clients = settling.limiter("client", Rate.parse(settings.rate_client))
        self._sessions = settling.limiter("session", Rate.parse(settings.rate_session))
        self._surveys = settling.limiter("survey", Rate.parse(settings.rate_survey))
        self._addresses = settling.limiter("address", Rate.parse(settings.rate_address))
        self._forms = settling.limiter("form", Rate.parse(settings.rate_form))
        self._guesses = settling.limiter("guess", Rate.parse(settings.rate_guesses))

    async def admit(self, scope: Scope, incoming: Incoming, address: str) -> Principal:
        """Who may pass to a path of the services."""
        path, method = scope["path"], scope["method"]
        now = time.monotonic()
        if f"{path}/".startswith(self._open):
            await self._admit_survey(path, incoming, address, now)
            if method == "POST" and is_form(path):
                await self._count(self._forms, address, now)
            return ANONYMOUS
        principal = await self.authentication.authenticate(incoming, address, basic=path.startswith(_BASIC_PATHS))
        if principal is None:
            if not is_public(path, method):
                raise self._must_sign_in(scope, incoming)
            await self._count(self._addresses, address, now)
            return ANONYMOUS
        if principal.kind == "staff":
            if method not in _READING:
                check_same_origin(incoming, self._origin)
            await self._count(self._sessions, principal.rate_key, now)
        elif principal.kind == "client":
            await self._count(self._clients, principal.rate_key, now)
        return principal

    async def count_anonymous(self, address: str) -> None:
        """Count a request of nobody in particular by its address. Raises `Refusal`."""
        await self._count(self._addresses, address, time.monotonic())

    async def count_client(self, client: Principal) -> None:
        """Count a request of a client to the gateway itself. Raises `Refusal`."""
        await self._count(self._clients, client.rate_key, time.monotonic())

    async def count_token_request(self, client_id: str, address: str) -> None:
        """Count a request that names a client and has not proved to be it, so by its address as well. Raises `Refusal`."""
        await self._count(self._clients, f"token {address} {client_id[:100]}", time.monotonic())

    async def _admit_survey(self, path: str, incoming: Incoming, address: str, now: float) -> None:
        await self._count(self._addresses, address, now)
        if incoming.cookie:
            # Hashed: a key may be remembered for a while, and a header may be 32 kB.
            await self._count(self._surveys, blake2b(incoming.cookie, digest_size=16).digest(), now)
        if self.is_guess(path):
            await self._guesses.make_room(address)
            wait = self._guesses.wait(address, now)
            if wait:
                raise too_many(wait)

    @staticmethod
    def is_guess(path: str) -> bool:
        """Whether a path could be a try at somebody's link or code."""
        return path == "/s/code" or may_be_link(path) or (path.startswith("/c/") and path.endswith("/carry-on"))

    def count_guess(self, path: str, method: str, status: int, address: str) -> None:
        """Count a link or code that led nowhere; those that lead somewhere cost nothing, however many share the address.

        Neither does what says nothing about the link: a service that is away (5xx), and a caller who was told to wait (429).
        """
        wrong = (400 <= status < 500 and status != 429) or (status == 200 and path == "/s/code" and method == "POST")  # noqa: PLR2004 - statuses
        if wrong and self.is_guess(path):
            self._guesses.take(address, time.monotonic())

    @staticmethod
    async def _count(limiter: SharedLimiter, key: bytes | str, now: float) -> None:
        if limiter.is_due(key):
            await limiter.make_room(key)
        wait = limiter.take(key, now)
        if wait:
            raise too_many(wait)

    def _must_sign_in(self, scope: Scope, incoming: Incoming) -> Refusal:
        path = scope["path"]
        if not self._sign_in or scope["method"] != "GET" or is_api(path) or not incoming.wants_html():
            return unauthenticated("basic-offered" if path.startswith(_BASIC_PATHS) else "")
        target = scope["raw_path"].decode("ascii")
        if scope["query_string"]:
            target += f"?{scope['query_string'].decode('latin-1')}"
        location = f"/sign-in?next={quote(target, safe='')}"
        return Refusal(303, "sign-in", "Sign in to see this page.", {"Location": location})
