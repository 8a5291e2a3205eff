"""What comes back from a provider, or seems to, and must let nobody in; and what a browser held before it signed in."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from chassis.testing.page_client import assert_page
from gateway.testing import Gateway
from gateway.testing_sign_in import (
    CALLBACK,
    LyingProvider,
    apply,
    begin,
    come_back,
    is_in,
    new_browser,
    new_private_key,
    provider_of,
    unsigned,
)

Start = Callable[..., Awaitable[Gateway]]
Lie = Callable[[LyingProvider], None]


@pytest.fixture
async def gateway(start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider) -> Gateway:
    gateway = await start(**sign_in_settings, credential_ttl=0)
    assert (await apply(gateway, provider_of(liar.issuer))).status_code == 200
    return gateway


def assert_refused(browser: httpx.AsyncClient, answer: httpx.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert_page(answer)
    assert words in answer.text
    assert "loop-session" not in answer.headers.get("set-cookie", "")
    assert "loop-session" not in browser.cookies


def refused() -> float:
    """How many sign-ins were refused, as Prometheus is told."""
    found = [each for metric in REGISTRY.collect() for each in metric.samples]
    return sum(each.value for each in found if each.name == "loop_gateway_sign_ins_refused_total")


GONE = "no longer valid"
UNPROVED = "could not be verified"
SET_UP = "not set up correctly"


def claims(**wrong: Any) -> Lie:
    return lambda liar: liar.claims.update(wrong)


def lacking(*names: str) -> Lie:
    return lambda liar: liar.without.update(names)


def field(name: str, value: Any) -> Lie:
    return lambda liar: setattr(liar, name, value)


def another_key(liar: LyingProvider) -> None:
    liar.published = [liar.key]
    liar.key = new_private_key(kid=str(liar.key.kid))


def without_signature(liar: LyingProvider) -> None:
    now = 4_000_000_000
    liar.raw_token = unsigned({"iss": liar.issuer, "aud": "loop", "sub": "u1", "nonce": liar.nonce, "iat": now, "exp": now})


def too_many_groups(liar: LyingProvider) -> None:
    liar.without.add("groups")
    liar.claims["_claim_names"] = {"groups": "src1"}


LIES: dict[str, tuple[Lie, int, str]] = {
    "nonce of another attempt": (claims(nonce="another"), 400, UNPROVED),
    "no nonce": (lacking("nonce"), 400, UNPROVED),
    "another issuer": (claims(iss="https://evil.example"), 400, UNPROVED),
    "another audience": (claims(aud="another"), 400, UNPROVED),
    "an audience beside us": (claims(aud=["loop", "another"]), 400, UNPROVED),
    "authorised for another": (claims(azp="another"), 400, UNPROVED),
    "expired": (claims(exp=1_700_000_000), 400, UNPROVED),
    "never ends": (lacking("exp"), 400, UNPROVED),
    "from the future": (claims(iat=4_000_000_000), 400, UNPROVED),
    "issued long ago": (claims(iat=1_700_000_000), 400, UNPROVED),
    "not valid yet": (claims(nbf=4_000_000_000), 400, UNPROVED),
    "nobody": (claims(sub=""), 400, UNPROVED),
    "another access token": (claims(at_hash="AAAA"), 400, UNPROVED),
    "a key that is not the provider's": (another_key, 400, UNPROVED),
    "no signature": (without_signature, 400, UNPROVED),
    "no token at all": (field("raw_token", "rubbish"), 400, UNPROVED),
    "a code that was used": (field("raw_answer", (400, b'{"error":"invalid_grant"}')), 400, UNPROVED),
    "a secret that is wrong": (field("raw_answer", (401, b'{"error":"invalid_client"}')), 502, SET_UP),
    "no ID token": (field("raw_answer", (200, b'{"access_token":"x","token_type":"Bearer"}')), 502, SET_UP),
    "another type of token": (
        field("raw_answer", (200, b'{"access_token":"x","id_token":"x","token_type":"DPoP"}')),
        502,
        SET_UP,
    ),
    "a page in place of JSON": (field("raw_answer", (200, b"<html>")), 502, SET_UP),
    "more than anybody needs": (field("raw_answer", (200, b" " * 600_000)), 502, SET_UP),
    "sent elsewhere": (field("statuses", {"/token": 307}), 502, SET_UP),
    "too busy": (field("statuses", {"/token": 429}), 503, "does not answer"),
    "no staff number": (lacking("employee_id"), 403, "no staff number"),
    "a staff number that is none": (claims(employee_id="../x"), 403, "cannot be used"),
    "no group with a role": (claims(groups=["else"]), 403, "no role"),
    "groups that did not fit": (too_many_groups, 403, "did not reach us"),
}


class TestWhatProvidersSay:
    async def test_no_lie_lets_anybody_in_and_each_page_says_what_to_do(self, gateway: Gateway, liar: LyingProvider) -> None:
        key = liar.key
        before = refused()
        for name, (lie, status, words) in LIES.items():
            liar.key, liar.published, liar.claims, liar.without = key, [], {}, set()
            liar.raw_token = liar.raw_answer = None
            liar.statuses = {}
            browser = await new_browser(gateway)
            state = await begin(browser, liar)
            lie(liar)
            answer = await come_back(browser, state=state)
            assert (name, answer.status_code) == (name, status)
            assert_refused(browser, answer, status, words)
            assert "evil.example" not in answer.text
            if status in {403, 502, 503}:
                assert "01632 960 199" in answer.text
            # The attempt is used up, whatever came of it.
            assert_refused(browser, await come_back(browser, state=state), 400, GONE)
        assert refused() == before + 2 * len(LIES)

    async def test_answer_must_carry_its_issuer_where_the_provider_says_that_it_does(
        self, gateway: Gateway, liar: LyingProvider
    ) -> None:
        liar.metadata = {"authorization_response_iss_parameter_supported": True}
        for given in ({}, {"iss": "https://evil.example"}, {"iss": f"{liar.issuer}/"}, {"error": "access_denied"}):
            browser = await new_browser(gateway)
            answer = await come_back(browser, state=await begin(browser, liar), **given)
            assert_refused(browser, answer, 400, UNPROVED)
        assert liar.asked("/token") == []  # no code of somebody else's was carried there
        browser = await new_browser(gateway)
        done = await come_back(browser, state=await begin(browser, liar), iss=liar.issuer)
        assert done.status_code == 303
        assert await is_in(browser)

    async def test_fields_that_stand_twice_or_say_nothing(self, gateway: Gateway, liar: LyingProvider) -> None:
        browser = await new_browser(gateway)
        state = await begin(browser, liar)
        twice = await browser.get(f"{CALLBACK}?state={state}&code=a&code=b")
        assert_refused(browser, twice, 400, UNPROVED)
        assert_refused(browser, await browser.get(f"{CALLBACK}?state={state}"), 400, UNPROVED)
        for query in ("", "?code=a", "?state=&code=a", "?state=%00&code=a", f"?state={'x' * 5000}&code=a"):
            assert_refused(browser, await browser.get(CALLBACK + query), 400, GONE)
        assert liar.asked("/token") == []


class TestAnotherBrowser:
    async def test_nobody_is_signed_in_by_the_answer_to_somebody_else(self, gateway: Gateway, liar: LyingProvider) -> None:
        attacker, victim = await new_browser(gateway), await new_browser(gateway)
        for under_way in (False, True):
            # With an attempt of their own in another tab, and without.
            if under_way:
                await begin(victim, liar)
            state = await begin(attacker, liar)
            assert_refused(victim, await come_back(victim, state=state), 400, GONE)
            assert not await is_in(victim)
            # Nor the attacker by it: it is used.
            assert_refused(attacker, await come_back(attacker, state=state), 400, GONE)
        assert liar.asked("/token") == []

    async def test_forged_cookie_and_cookie_of_an_older_attempt(self, gateway: Gateway, liar: LyingProvider) -> None:
        for forged in ("x" * 43, "x", "", "\u00e9" * 43):
            browser = await new_browser(gateway)
            state = await begin(browser, liar)
            sent = {b"Cookie": f"loop-sign-in={forged}".encode()}
            browser.cookies.clear()
            answer = await browser.get(CALLBACK, params={"code": "a", "state": state}, headers=sent)
            assert_refused(browser, answer, 400, GONE)
        # Two tabs of one browser both come back, in either order.
        browser = await new_browser(gateway)
        first = await begin(browser, liar)
        nonce = liar.nonce
        second = await begin(browser, liar)
        assert (await come_back(browser, state=second)).status_code == 303
        liar.nonce = nonce
        assert (await come_back(browser, state=first)).status_code == 303
        assert await is_in(browser)

    async def test_cookie_that_somebody_planted_is_worth_nothing_afterwards(
        self, gateway: Gateway, liar: LyingProvider
    ) -> None:
        attacker, victim = await new_browser(gateway), await new_browser(gateway)
        assert (await come_back(attacker, state=await begin(attacker, liar))).status_code == 303
        planted = attacker.cookies["loop-session"]
        victim.cookies.set("loop-session", planted, domain="127.0.0.1")
        liar.claims = {"employee_id": "E200", "sub": "u2"}
        done = await come_back(victim, state=await begin(victim, liar))
        assert done.status_code == 303
        assert planted not in done.headers["set-cookie"]
        given = done.headers["set-cookie"]
        assert all(each in given for each in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=28800"))
        assert await is_in(victim)
        # The planted one has ended for whoever holds it.
        assert not await is_in(attacker)
        # And a value that was never a session's does not become one.
        invented = await new_browser(gateway)
        invented.cookies.set("loop-session", "i" * 43, domain="127.0.0.1")
        done = await come_back(invented, state=await begin(invented, liar))
        assert "i" * 43 not in done.headers["set-cookie"]
