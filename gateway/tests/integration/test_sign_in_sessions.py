"""Sessions of people who signed in at a provider: how they end, by whom, and what is left of them."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from prometheus_client import REGISTRY

from chassis.testing.fixtures import Database, migrate
from chassis.testing.page_client import assert_page
from gateway.domain.secrets import hash_of
from gateway.testing import Gateway
from gateway.testing_sign_in import LyingProvider, apply, begin, come_back, enter, is_in, new_browser, provider_of

Start = Callable[..., Awaitable[Gateway]]
AGED = "update gateway.sign_in_attempt set created_at = now() - interval '2 hours'"
LOGOUT = "/sign-in/north/main/back-channel-logout"


@pytest.fixture
async def gateway(start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider) -> Gateway:
    gateway = await start(**sign_in_settings)
    assert (await apply(gateway, provider_of(liar.issuer))).status_code == 200
    return gateway


async def sql(database: Database, query: str) -> list[Any]:
    connection = await asyncpg.connect(database.url("admin"))
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def ids(browser: httpx.AsyncClient) -> list[str]:
    """The sessions that the page offers to end."""
    answer = await browser.get("/sessions")
    assert_page(answer)
    return re.findall(r'name="end" value="([0-9a-f]{16})"', answer.text)


class TestEnds:
    async def test_unused_and_old(
        self, start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider, database: Database
    ) -> None:
        gateway = await start(**sign_in_settings, credential_ttl=0, session_idle=600)
        await apply(gateway, provider_of(liar.issuer))
        browser = await enter(gateway, liar)
        # Used shortly before the end, it goes on from there.
        await sql(database, "update gateway.session set last_used_at = now() - interval '9 minutes'")
        assert await is_in(browser)
        used = await sql(database, "select now() - last_used_at < interval '1 minute' from gateway.session")
        assert used == [True]
        await sql(database, "update gateway.session set last_used_at = now() - interval '601 seconds'")
        assert not await is_in(browser)
        asked = await browser.get("/sessions")
        assert asked.headers["location"] == "/sign-in?next=%2Fsessions"
        # However much it is used, it ends.
        browser = await enter(gateway, liar)
        await sql(database, "update gateway.session set created_at = now() - interval '8 hours', expires_at = now()")
        assert not await is_in(browser)

    async def test_attempt_that_took_too_long(self, gateway: Gateway, liar: LyingProvider, database: Database) -> None:
        browser = await new_browser(gateway)
        state = await begin(browser, liar)
        await sql(database, f"{AGED}, expires_at = now() - interval '1 second'")
        late = await come_back(browser, state=state)
        assert (late.status_code, "It took too long" in late.text) == (400, True)

    async def test_made_up_people_are_out_once_real_ones_sign_in(
        self, start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider
    ) -> None:
        demo = await start(demo_sign_in=True)
        await demo.organisation("north")
        made_up = await new_browser(demo)
        await made_up.post("/sign-in", data={"organisation": "north", "person": "alex-morgan"})
        assert await is_in(made_up)
        gateway = await start(**sign_in_settings)
        await apply(gateway, provider_of(liar.issuer))
        real = await enter(gateway, liar)
        for browser, elsewhere in ((made_up, gateway), (real, demo)):
            moved = await new_browser(elsewhere)
            moved.cookies.set("loop-session", browser.cookies["loop-session"], domain="127.0.0.1")
            assert not await is_in(moved)
            assert (await moved.get("/sessions")).status_code == 303
        # And nobody signs in as a made-up person there.
        refused = await made_up.post(f"{gateway.url}/sign-in", data={"organisation": "north", "person": "alex-morgan"})
        assert (refused.status_code, "set-cookie" in refused.headers) == (404, False)

    async def test_signing_out_in_one_process_is_felt_in_the_other(
        self, start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider
    ) -> None:
        gateway = await start(**sign_in_settings)
        other = await start(**sign_in_settings, credential_ttl=0.2)
        await apply(gateway, provider_of(liar.issuer))
        browser = await enter(gateway, liar)
        there = await new_browser(other)
        there.cookies.set("loop-session", browser.cookies["loop-session"], domain="127.0.0.1")
        assert await is_in(there)
        assert (await browser.get("/sign-out")).status_code == 303
        async with asyncio.timeout(30):
            while await is_in(there):  # noqa: ASYNC110 - what is remembered there ends by itself
                await asyncio.sleep(0.05)
        # Here it has ended at once, though it is believed for ten seconds otherwise.
        browser.cookies.set("loop-session", there.cookies["loop-session"], domain="127.0.0.1")
        assert not await is_in(browser)


class TestOwnSessions:
    async def test_one_the_others_and_everywhere(self, gateway: Gateway, liar: LyingProvider, database: Database) -> None:
        here, there, third = [await enter(gateway, liar) for _ in range(3)]
        somebody = await enter(gateway, liar, "E200")
        page = await here.get("/sessions")
        assert len(re.findall(r"<h2[^>]*>Firefox on Windows", page.text)) == 3
        assert page.text.count("(here)") == 1
        assert "staff-E100" in page.text
        own = [await own_of(database, each) for each in (here, there, third)]
        assert set(await ids(here)) == set(own)
        # End one of the two others, twice: the second time changes nothing.
        for _ in range(2):
            assert (await here.post("/sessions", data={"end": own[1]})).headers["location"] == "/sessions"
        assert [await is_in(each) for each in (here, there, third)] == [True, False, True]
        assert (await here.post("/sessions", data={"end": "others"})).headers["location"] == "/sessions"
        assert [await is_in(each) for each in (here, there, third)] == [True, False, False]
        out = await here.post("/sessions", data={"end": "everywhere"})
        assert out.headers["location"] == "/signed-out"
        assert 'loop-session=""' in out.headers["set-cookie"]
        assert not await is_in(here)
        assert await is_in(somebody)
        assert "You are signed out" in (await here.get("/signed-out")).text
        assert "You are still signed in" in (await somebody.get("/signed-out")).text
        assert (await here.post("/sessions", data={"end": "everywhere"})).headers["location"] == "/sign-in?next=%2Fsessions"

    async def test_nobody_ends_another_persons_or_is_made_to_end_their_own(
        self, start: Start, gateway: Gateway, liar: LyingProvider, database: Database
    ) -> None:
        await apply(gateway, provider_of(liar.issuer), org="south")
        victim, attacker = await enter(gateway, liar), await enter(gateway, liar, "E200")
        # The same number in another organisation is another person.
        abroad = await enter(gateway, liar, at="/sign-in/south/main")
        every = await sql(database, "select left(session_hash, 16) from gateway.session")
        for browser in (attacker, abroad):
            own = await own_of(database, browser)
            assert await ids(browser) == [own]
            for each in [*every, "", "x", "%", "' or true --", "0" * 64]:
                if each != own:
                    assert (await browser.post("/sessions", data={"end": each})).headers["location"] == "/sessions"
            await browser.post("/sessions", data={"end": "others"})
        await abroad.post("/sessions", data={"end": "everywhere"})
        assert [await is_in(each) for each in (victim, attacker, abroad)] == [True, True, False]
        # What one must prove, one proves oneself: not by a form of another site.
        for headers in (
            {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "same-site", "Origin": "https://other.north.example"},
            {"Sec-Fetch-Site": "", "Origin": "null"},
        ):
            forged = await victim.post("/sessions", data={"end": "everywhere"}, headers=headers)
            assert forged.status_code == 403, headers
        assert await is_in(victim)
        # Credentials of a machine are nobody's session.
        machine = await gateway.system("audit:outcomes:read")
        assert (await machine.get("/sessions")).headers["location"] == "/sign-in?next=%2Fsessions"


async def own_of(database: Database, browser: httpx.AsyncClient) -> str:
    """What the page calls the session of a browser."""
    digest = hash_of(browser.cookies["loop-session"])
    assert digest in await sql(database, "select session_hash from gateway.session")
    return digest[:16]


class TestProviderEndsSessions:
    async def test_tokens_that_prove_it_end_what_they_name(self, gateway: Gateway, liar: LyingProvider) -> None:
        async def logout(**claims: Any) -> httpx.Response:
            machine = await gateway.client()
            return await machine.post(LOGOUT, data={"logout_token": liar.logout_token(**claims)})

        desk, phone = await enter(gateway, liar, sid="s1"), await enter(gateway, liar, sid="s2")
        somebody = await enter(gateway, liar, "E200", sid="s3")
        # Session and person must both fit.
        assert (await logout(sid="s1", sub="sub-of-E200")).status_code == 200
        assert await is_in(desk)
        done = await logout(sid="s1")
        assert (done.status_code, done.content, done.headers["cache-control"]) == (200, b"", "no-store")
        assert [await is_in(each) for each in (desk, phone, somebody)] == [False, True, True]
        # Somebody who is out already, or whom we never saw, is out: that has worked (2.7).
        for claims in ({"sid": "s1"}, {"sid": "unknown"}, {"sub": "unknown"}):
            assert (await logout(**claims)).status_code == 200
        desk = await enter(gateway, liar, sid="s4")
        assert (await logout(sub="sub-of-E100")).status_code == 200
        assert [await is_in(each) for each in (desk, phone, somebody)] == [False, False, True]
        # The same token again ends nothing that began since.
        token = liar.logout_token(sub="sub-of-E100")
        machine = await gateway.client()
        assert (await machine.post(LOGOUT, data={"logout_token": token})).status_code == 200
        desk = await enter(gateway, liar)
        again = await machine.post(LOGOUT, data={"logout_token": token})
        assert (again.status_code, again.json()["error"]) == (400, "invalid_request")
        assert await is_in(desk)

    async def test_tokens_that_prove_nothing_end_nothing(self, gateway: Gateway, liar: LyingProvider) -> None:
        browser = await enter(gateway, liar)
        machine = await gateway.client()
        named = {"sub": "sub-of-E100"}
        now = 1_700_000_000
        wrong = [
            liar.logout_token(**named, aud="another"),
            liar.logout_token(**named, iss="https://evil.example"),
            liar.logout_token(**named, exp=now),
            liar.logout_token(**named, iat=now),
            liar.logout_token(**named, events={}),
            liar.logout_token(**named, events=None),
            liar.logout_token(**named, nonce="n"),
            liar.logout_token(**named, jti=None),
            liar.logout_token(),
            liar.logout_token(sub=""),
            liar.signed({**named, "iss": liar.issuer}, "at+jwt"),
            liar.id_token(**named),
            "rubbish",
            "",
            "\u00e9.\u00e9.\u00e9",
        ]
        counted = REGISTRY.get_sample_value("loop_gateway_logout_tokens_refused_total") or 0
        for token in wrong:
            answer = await machine.post(LOGOUT, data={"logout_token": token})
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), token
            assert answer.headers["cache-control"] == "no-store"
        # What was empty, or no text, was no token.
        assert (REGISTRY.get_sample_value("loop_gateway_logout_tokens_refused_total") or 0) >= counted + len(wrong) - 2
        good = {"logout_token": liar.logout_token(**named)}
        assert (await machine.post(LOGOUT, json=good)).status_code == 400
        assert (await machine.post(LOGOUT)).status_code == 400
        for path in ("/sign-in/north/other/back-channel-logout", "/sign-in/nowhere/main/back-channel-logout"):
            assert (await machine.post(path, data=good)).status_code == 404
        assert (await machine.get(LOGOUT)).status_code == 405
        assert await is_in(browser)

    async def test_what_cannot_be_checked_is_to_be_sent_again(self, gateway: Gateway, liar: LyingProvider) -> None:
        liar.statuses = {"/keys": 503}
        machine = await gateway.client()
        answer = await machine.post(LOGOUT, data={"logout_token": liar.logout_token(sub="sub-of-E100")})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


class TestProfile:
    async def test_provider_that_is_gone_takes_its_sessions_along(
        self, gateway: Gateway, liar: LyingProvider, database: Database
    ) -> None:
        main = provider_of(liar.issuer)
        # One address of the provider, two clients of it.
        second = provider_of(liar.issuer, "second", client_id="loop-2")
        assert (await apply(gateway, main, second)).json()["changed"]
        assert not (await apply(gateway, main, second)).json()["changed"]
        stays = await enter(gateway, liar)
        goes = await enter(gateway, liar, "E200", at="/sign-in/north/second", aud="loop-2")
        under_way = await new_browser(gateway)
        state = await begin(under_way, liar, "/sign-in/north/second")
        tried = await apply(gateway, main, dry_run=True)
        assert (tried.status_code, tried.json()["changed"]) == (200, False)
        assert await is_in(goes)
        assert (await apply(gateway, main)).json()["changed"]
        assert [await is_in(each) for each in (stays, goes)] == [True, False]
        late = await come_back(under_way, "/sign-in/north/second/callback", state=state)
        assert late.status_code == 404
        # A new name is the same provider; another issuer under its code is not.
        assert (await apply(gateway, {**main, "name": "Council account"})).json()["changed"]
        assert await is_in(stays)
        assert (await apply(gateway, {**main, "issuer": "https://sign-in.north.example"})).json()["changed"]
        assert not await is_in(stays)
        await apply(gateway, main)
        stays = await enter(gateway, liar)
        assert (await apply(gateway)).json()["changed"]
        assert not await is_in(stays)
        assert (await stays.get("/sign-in/north")).status_code == 404

    async def test_wrong_organisation_wrong_content_and_who_may(self, gateway: Gateway, liar: LyingProvider) -> None:
        operator = await gateway.operator("north")
        sign_in = {"ask": "Call.", "providers": [provider_of(liar.issuer)]}
        body: dict[str, Any] = {
            "organisation": {"code": "south", "service_areas": [{"code": "send"}]},
            "sign_in": sign_in,
            "version": "v",
        }
        answer = await operator.put("/gateway/v1/profile", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/organisation/code")
        body["organisation"] = {"code": "north"}
        answer = await operator.put("/gateway/v1/profile", json=body)  # its group names an area that is not there
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (
            422,
            "/sign_in/providers/0/groups/1/service_areas/0",
        )
        body["sign_in"]["providers"][0]["issuer"] = "http://sign-in.north.example"
        answer = await operator.put("/gateway/v1/profile", json=body)
        assert (answer.status_code, "/issuer" in answer.json()["errors"][0]["pointer"]) == (422, True)
        assert (await (await gateway.operator()).put("/gateway/v1/profile", json=body)).status_code == 422
        for other in (await gateway.client(), await enter(gateway, liar), await gateway.system("audit:outcomes:write")):
            headers = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
            assert (await other.put("/gateway/v1/profile", json=body, headers=headers)).status_code in {401, 403}


class TestMigrations:
    async def test_down_and_up_with_people_signed_in(self, gateway: Gateway, liar: LyingProvider, database: Database) -> None:
        await enter(gateway, liar)
        await begin(await new_browser(gateway), liar)
        await sql(
            database,
            "insert into gateway.session (session_hash, org, subject, label, roles, expires_at)"
            " values (repeat('a', 64), 'north', 'demo-x', 'X', '{qa-officer}', now() + interval '1 hour')",
        )
        # Row-level security is forced on the owner too, who must get rid of names that nobody can unseal then.
        await asyncio.to_thread(migrate("gateway", down=True, to="0003"), database.url("owner"))
        assert await sql(database, "select count(*) from gateway.session") == [2]
        await asyncio.to_thread(migrate("gateway", down=True, to="0002"), database.url("owner"))
        assert await sql(database, "select label from gateway.session") == ["X"]
        await asyncio.to_thread(migrate("gateway"), database.url("owner"))
        forced = "select relforcerowsecurity from pg_class where oid = 'gateway.session'::regclass"
        assert await sql(database, forced) == [True]
        await apply(gateway, provider_of(liar.issuer))
        assert await is_in(await enter(gateway, liar))
