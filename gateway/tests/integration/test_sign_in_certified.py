"""Signing in and out at a certified provider (npm's oidc-provider): what it does, the gateway understands."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest

from chassis.testing.fixtures import Database
from chassis.testing.page_client import assert_page
from gateway.testing import Gateway, Upstream
from gateway.testing_sign_in import CertifiedProvider, apply, certified_provider, here, provider_of

Start = Callable[..., Awaitable[Gateway]]

ACCOUNTS = {
    "u1": {"name": "Ada Lovelace", "employee_id": "E100", "groups": ["g-qa", "else"], "email": "ada@north.example"},
    "u2": {"name": "Bo Peep", "employee_id": 200, "groups": ["g-send"]},
    "u3": {"name": "Cy Twombly", "employee_id": "E300", "groups": ["else"]},
}


async def browser_of(gateway: Gateway) -> httpx.AsyncClient:
    client = await gateway.client(Accept="text/html", Sec_Fetch_Site="same-origin", User_Agent="X (Windows) Firefox/140.0")

    async def check(response: httpx.Response) -> None:
        if response.url.port == gateway.port and response.headers.get("content-type", "").startswith("text/html"):
            await response.aread()
            assert_page(response)

    client.event_hooks = {"response": [check]}
    return client


async def sign_in(
    browser: httpx.AsyncClient, provider: CertifiedProvider, who: str = "u1", start: str = "/sign-in"
) -> httpx.Response:
    """The whole way; gives the answer of the callback."""
    begun = await browser.get(start)
    assert begun.status_code == 303, begun.text
    await provider.become(browser, who)
    return await browser.get(await provider.pass_through(browser, begun.headers["location"]))


async def is_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/audit/", headers={"Accept": "*/*"})).status_code == 200


async def stored(database: Database, query: str) -> list[str]:
    connection = await asyncpg.connect(database.url("admin"))
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


class TestSigningIn:
    async def test_whole_way_there_and_back_and_out(
        self, start: Start, sign_in_settings: dict[str, Any], upstream: Upstream, database: Database
    ) -> None:
        gateway = await start(**sign_in_settings, credential_ttl=0)
        other = await start(**sign_in_settings, credential_ttl=0)
        async with certified_provider(gateway, ACCOUNTS) as provider:
            assert (await apply(gateway, provider_of(provider.issuer))).json()["changed"]
            browser = await browser_of(gateway)
            asked = await browser.get("/audit/rounds?x=1")
            assert asked.headers["location"] == "/sign-in?next=%2Faudit%2Frounds%3Fx%3D1"
            # Begun in one process, finished in another: both are one gateway.
            begun = await browser.get(asked.headers["location"])
            back = await provider.pass_through(browser, begun.headers["location"])
            done = await browser.get(f"{other.url}{back}")
            assert (done.status_code, done.headers["location"]) == (303, "/audit/rounds?x=1")
            assert await is_in(browser)
            identity = upstream.identity("audit")
            assert (identity.org, identity.subject, identity.label) == ("north", "staff-E100", "Ada Lovelace")
            assert (set(identity.grants), set(identity.areas), identity.kind) == ({"role:qa-officer"}, set(), "staff")
            # Neither name nor claims stand in the database in clear.
            rows = await stored(database, "select row_to_json(s)::text from gateway.session s")
            assert len(rows) == 1
            assert not [word for word in ("Ada", "u1", "ada@", "eyJ") if f'"{word}' in str(rows)]
            # The code is used, and so is the attempt.
            again = await browser.get(back)
            assert (again.status_code, "no longer valid" in again.text) == (400, True)
            # Out here, there, and back again.
            out = await browser.get("/sign-out")
            assert out.headers["location"].startswith(f"{provider.issuer}/session/end?client_id=loop&")
            assert "id_token" not in out.headers["location"]
            assert not await is_in(browser)
            form = await browser.get(out.headers["location"])
            assert form.status_code == 200

    async def test_each_person_gets_what_their_groups_allow_or_a_page_that_says_why_not(
        self, start: Start, sign_in_settings: dict[str, Any], upstream: Upstream
    ) -> None:
        gateway = await start(**sign_in_settings)
        async with certified_provider(gateway, ACCOUNTS) as provider:
            await apply(gateway, provider_of(provider.issuer))
            limited = await browser_of(gateway)
            assert (await sign_in(limited, provider, "u2")).status_code == 303
            assert await is_in(limited)
            identity = upstream.identity("audit")
            assert (identity.subject, set(identity.grants), set(identity.areas)) == ("staff-200", {"role:manager"}, {"send"})
            for who, words in (
                ("u3", "You have no role in Learning Loop yet"),
                ("access_denied", "You did not sign in"),
                ("temporarily_unavailable", "does not answer"),
            ):
                browser = await browser_of(gateway)
                answer = await sign_in(browser, provider, who)
                assert words in answer.text
                assert "01632 960 199" in answer.text
                assert "Secret" not in answer.text
                assert "loop-session" not in browser.cookies
                assert not await is_in(browser)

    @pytest.mark.parametrize("algorithm", ["PS256", "ES256", "EdDSA"])
    async def test_other_algorithms_secrets_in_the_form_and_claims_at_userinfo(
        self, start: Start, sign_in_settings: dict[str, Any], algorithm: str
    ) -> None:
        gateway = await start(**sign_in_settings)
        how: dict[str, Any] = {"id_token_signed_response_alg": algorithm, "token_endpoint_auth_method": "client_secret_post"}
        async with certified_provider(gateway, ACCOUNTS, client_id="by-userinfo", **how) as provider:
            authentication = {"method": "client_secret_post", "file": "main.secret"}
            more: dict[str, Any] = {"client_id": "by-userinfo", "userinfo": True, "algorithms": [algorithm]}
            await apply(gateway, provider_of(provider.issuer, authentication=authentication, **more))
            browser = await browser_of(gateway)
            assert (await sign_in(browser, provider)).status_code == 303
            assert await is_in(browser)


class TestSigningOutThere:
    async def test_provider_ends_the_session_of_who_signed_out_there(
        self, start: Start, sign_in_settings: dict[str, Any]
    ) -> None:
        gateway = await start(**sign_in_settings)
        async with certified_provider(gateway, ACCOUNTS) as provider:
            await apply(gateway, provider_of(provider.issuer))
            browser = await browser_of(gateway)
            await sign_in(browser, provider)
            stays = await browser_of(gateway)
            await sign_in(stays, provider, "u2")
            assert await is_in(browser)
            # Somebody signs out at the provider itself, and not here.
            form = await browser.get(f"{provider.issuer}/session/end")
            xsrf = form.text.partition('name="xsrf" value="')[2].partition('"')[0]
            answer = await browser.post(f"{provider.issuer}/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"})
            assert answer.status_code in {302, 303}, answer.text
            async with asyncio.timeout(30):
                while await is_in(browser):  # noqa: ASYNC110 - the provider tells us when it likes
                    await asyncio.sleep(0.05)
            assert await is_in(stays)


class TestTwoOrganisations:
    async def test_each_has_its_own_provider(self, start: Start, sign_in_settings: dict[str, Any], upstream: Upstream) -> None:
        gateway = await start(**sign_in_settings)
        async with (
            certified_provider(gateway, ACCOUNTS) as north,
            certified_provider(gateway, ACCOUNTS, org="south") as south,
        ):
            await apply(gateway, provider_of(north.issuer))
            await apply(gateway, provider_of(south.issuer), org="south")
            browser = await browser_of(gateway)
            choice = await browser.get("/sign-in?next=/audit/")
            assert all(f'href="/sign-in/{org}?next=%2Faudit%2F"' in choice.text for org in ("north", "south"))
            assert (await sign_in(browser, south, start="/sign-in/south?next=/audit/")).headers["location"] == "/audit/"
            assert await is_in(browser)
            assert upstream.identity("audit").org == "south"
            # An answer of one organisation's provider is nothing at the other's address.
            begun = await browser.get("/sign-in/north")
            back = await north.pass_through(browser, begun.headers["location"])
            assert (await browser.get(back.replace("/north/", "/south/"))).status_code == 400
            assert here(f"http://127.0.0.1:8400{back}") == back


class TestPrivateKey:
    async def test_client_proves_itself_by_a_signed_assertion(self, start: Start, sign_in_settings: dict[str, Any]) -> None:
        from joserfc.jwk import ECKey  # noqa: PLC0415 - here alone

        key = ECKey.generate_key("P-256", {"kid": "ours"})
        (sign_in_settings["sign_in_secrets"] / "north" / "ours.pem").write_bytes(key.as_pem(private=True))
        gateway = await start(**sign_in_settings)
        how: dict[str, Any] = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.as_dict(private=False)]}}
        async with certified_provider(gateway, ACCOUNTS, client_secret=None, **how) as provider:
            await apply(gateway, provider_of(provider.issuer, authentication={"method": "private_key_jwt", "file": "ours.pem"}))
            assert (await sign_in(await browser_of(gateway), provider)).status_code == 303
