"""What tests of signing in need: a certified provider in a process of its own, one that lies, and a browser's way between."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from chassis.middleware import Receive, Scope, Send
from gateway.testing import Gateway, respond

ROOT = Path(__file__).resolve().parents[3]
SECRET = "a secret of tests, with signs: + / = %"  # noqa: S105 - of a provider that lives for one test
PUBLIC = "http://127.0.0.1:8400"
CLIENT_ID = "loop"
PrivateKey = RSAKey | ECKey | OKPKey

_ENDPOINTS = ("authorization", "token", "userinfo", "end_session")
GROUPS = [
    {"group": "g-qa", "roles": ["qa-officer"]},
    {"group": "g-send", "roles": ["manager"], "service_areas": ["send"]},
]


NO_ACR = {"accepted_by": "A. Officer", "accepted_on": "2026-11-02", "because": "The provider asks everybody for two."}


def provider_of(issuer: str, code: str = "main", **more: Any) -> dict[str, Any]:
    """A provider as sign-in.yaml has it."""
    return {
        "code": code,
        "name": f"Account of {code}",
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "authentication": {"method": "client_secret_basic", "file": "main.secret"},
        "scopes": ["openid", "profile", "work"],
        "person": {"claim": "employee_id", "same_people": True},
        "groups": GROUPS,
        **({} if "acr" in more else {"no_acr": NO_ACR}),
        **more,
    }


async def apply(gateway: Gateway, *providers: dict[str, Any], org: str = "north", dry_run: bool = False) -> httpx.Response:
    """Bring providers into force for an organisation, as `loop profile apply` does."""
    await gateway.organisation(org)
    organisation = {"code": org, "service_areas": [{"code": "send"}, {"code": "fostering"}]}
    sign_in = {"ask": "Call the service desk on 01632 960 199.", "providers": list(providers)}
    body = {"organisation": organisation, "sign_in": sign_in, "version": json.dumps(sign_in)}
    client = await gateway.operator(org)
    return await client.put("/gateway/v1/profile", params={"dry_run": "true"} if dry_run else {}, json=body)


def here(location: str) -> str:
    """Path and query of an address that leads back to the gateway, whose port in tests is not its public one."""
    if not location.startswith(PUBLIC):
        raise AssertionError(location)
    return location.removeprefix(PUBLIC)


@dataclass
class CertifiedProvider:
    """npm's oidc-provider; `become` says whom it signs in next, or with which error it ends."""

    issuer: str

    async def become(self, browser: httpx.AsyncClient, who: str) -> None:
        """Set whom the next interaction signs in."""
        (await browser.get(f"{self.issuer}/become/{who}")).raise_for_status()

    async def pass_through(self, browser: httpx.AsyncClient, url: str) -> str:
        """Follow a browser through the provider; gives where it is sent back to."""
        for _ in range(10):
            answer = await browser.get(url)
            if answer.status_code not in {302, 303}:
                raise AssertionError(answer.text)
            url = str(httpx.URL(url).join(answer.headers["location"]))
            if url.startswith(PUBLIC):
                return here(url)
        raise AssertionError(url)


@asynccontextmanager
async def certified_provider(
    gateway: Gateway, accounts: dict[str, Any], *codes: str, org: str = "north", port: int = 0, **client: Any
) -> AsyncIterator[CertifiedProvider]:
    """Run a provider that knows this gateway as a client for the given codes of providers."""
    clients = [
        without_none(
            {
                "client_id": CLIENT_ID if number == 0 else f"{CLIENT_ID}-{code}",
                "client_secret": SECRET,
                "redirect_uris": [f"{PUBLIC}/sign-in/{org}/{code}/callback"],
                "post_logout_redirect_uris": [f"{PUBLIC}/signed-out"],
                "backchannel_logout_uri": f"{gateway.url}/sign-in/{org}/{code}/back-channel-logout",
                "backchannel_logout_session_required": True,
                "scope": "openid profile work",
                **client,
            }
        )
        for number, code in enumerate(codes or ("main",))
    ]
    modules = os.environ.get("LOOP_NODE_MODULES", f"{ROOT}/tools/frontend/node_modules/")
    command = [str(Path(sys.executable).parent / "node"), str(ROOT / "gateway/tests/oidc/provider.mjs")]
    given = json.dumps({"modules": modules, "port": port, "clients": clients, "accounts": accounts})
    # A group of its own: what is started as `node` starts the real one, which would outlive it.
    process = subprocess.Popen(  # noqa: ASYNC220, S603 - our own script
        command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True, start_new_session=True
    )
    if process.stdin is None or process.stdout is None:  # pragma: no cover - pipes were asked for
        raise AssertionError
    try:
        process.stdin.write(given)
        process.stdin.close()
        issuer = (await asyncio.to_thread(process.stdout.readline)).strip()
        if not issuer:
            raise AssertionError("oidc-provider did not start")
        yield CertifiedProvider(issuer)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def without_none(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


def new_private_key(kind: str = "RSA", kid: str = "one") -> PrivateKey:
    """A key of a provider."""
    parameters: Any = {"kid": kid}
    if kind == "RSA":
        return RSAKey.generate_key(2048, parameters)
    return ECKey.generate_key("P-256", parameters) if kind == "EC" else OKPKey.generate_key("Ed25519", parameters)


@dataclass
class LyingProvider:
    """A provider in this loop that answers what a test wants: claims, headers, keys, metadata, statuses."""

    port: int = 0
    key: PrivateKey = field(default_factory=new_private_key)
    published: list[PrivateKey] = field(default_factory=list)
    algorithm: str = "RS256"
    nonce: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    metadata: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    raw_token: str | None = None
    raw_answer: tuple[int, bytes] | None = None
    statuses: dict[str, int] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def asked(self, path: str) -> list[tuple[dict[str, str], dict[str, str]]]:
        """Forms and headers of what was sent to a path."""
        return [(form, headers) for each, form, headers in self.seen if each == path]

    def id_token(self, **more: Any) -> str:
        """An ID token as it stands now."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "u1", "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": self.nonce,
            "auth_time": now,
            "employee_id": "E100", "groups": ["g-qa"], "name": "Ada Lovelace", **self.claims, **more,
        }  # fmt: skip
        return self.signed({name: value for name, value in claims.items() if name not in self.without})

    def logout_token(self, **more: Any) -> str:
        """A logout token."""
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "jti": f"j-{time.time_ns()}",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, **more,
        }  # fmt: skip
        return self.signed({name: value for name, value in claims.items() if value is not None}, "logout+jwt")

    def signed(self, claims: dict[str, Any], kind: str = "JWT") -> str:
        """Claims signed with its key."""
        header = {"alg": self.algorithm, "typ": kind, "kid": self.key.kid}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        path = scope["path"]
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        self.seen.append((path, {name: values[0] for name, values in parse_qs(body.decode()).items()}, headers))
        if status := self.statuses.get(path):
            await respond(send, status, b"{}", (b"location", b"http://127.0.0.1:9/"))
            return
        await respond(send, *self._answer(path))

    def _answer(self, path: str) -> tuple[int, bytes]:
        if path == "/.well-known/openid-configuration":
            return 200, orjson.dumps({
                "issuer": self.issuer,
                **{f"{name}_endpoint": f"{self.issuer}/{name}" for name in _ENDPOINTS},
                "jwks_uri": f"{self.issuer}/keys",
                **self.metadata,
            })  # fmt: skip
        if path == "/keys":
            return 200, orjson.dumps({"keys": [each.as_dict(private=False) for each in self.published or [self.key]]})
        if path == "/userinfo":
            return 200, orjson.dumps(self.userinfo)
        if self.raw_answer is not None:
            return self.raw_answer
        token = self.raw_token or self.id_token()
        return 200, orjson.dumps({"access_token": "an-access-token", "token_type": "Bearer", "id_token": token})


def unsigned(claims: dict[str, Any]) -> str:
    """A token of the algorithm `none`."""
    parts = [{"alg": "none", "typ": "JWT"}, claims]
    return ".".join(base64.urlsafe_b64encode(orjson.dumps(each)).rstrip(b"=").decode() for each in parts) + "."


def query_of(url: str) -> dict[str, str]:
    """The fields of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, keep_blank_values=True).items()}


CALLBACK = "/sign-in/north/main/callback"


async def new_browser(gateway: Gateway) -> httpx.AsyncClient:
    """Somebody's browser, with no cookie yet."""
    return await gateway.client(Accept="text/html", Sec_Fetch_Site="same-origin", User_Agent="X (Windows) Firefox/140.0")


async def begin(browser: httpx.AsyncClient, liar: LyingProvider, at: str = "/sign-in/north/main") -> str:
    """Go to the provider, which notes the nonce; gives the state."""
    begun = await browser.get(at)
    if not begun.has_redirect_location:
        raise AssertionError(begun.text)
    asked = query_of(begun.headers["location"])
    liar.nonce = asked["nonce"]
    return asked["state"]


async def come_back(browser: httpx.AsyncClient, at: str = CALLBACK, **fields: str) -> httpx.Response:
    """Come back from the provider with a code."""
    return await browser.get(at, params={"code": "a-code", **fields})


async def enter(
    gateway: Gateway, liar: LyingProvider, person: str = "E100", at: str = "/sign-in/north/main", **claims: Any
) -> httpx.AsyncClient:
    """A browser in which somebody is signed in."""
    browser = await new_browser(gateway)
    liar.claims = {"employee_id": person, "sub": f"sub-of-{person}", **claims}
    done = await come_back(browser, f"{at}/callback", state=await begin(browser, liar, at))
    if not done.has_redirect_location:
        raise AssertionError(done.text)
    return browser


async def is_in(browser: httpx.AsyncClient) -> bool:
    """Whether a service is asked for somebody by their session."""
    return (await browser.get("/audit/", headers={"Accept": "*/*"})).is_success
