"""Sessions ended by others than their person, or asked for proof: leavers, too many at once, another site, long ago."""

import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from chassis.testing.page_client import assert_page
from chassis.testing.sample import eventually
from gateway.domain.secrets import hash_of
from gateway.testing import Gateway
from gateway.testing_sign_in import (
    GROUPS,
    LyingProvider,
    apply,
    begin,
    come_back,
    enter,
    is_in,
    new_browser,
    provider_of,
    query_of,
)

Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def gateway(start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider) -> Gateway:
    gateway = await start(**sign_in_settings)
    assert (await apply(gateway, provider_of(liar.issuer))).status_code == 200
    return gateway


async def ids(browser: httpx.AsyncClient) -> list[str]:
    """The sessions that the page offers to end."""
    return re.findall(r'name="end" value="([0-9a-f]{16})"', (await browser.get("/sessions")).text)


class TestProof:
    async def test_ending_elsewhere_asks_who_signed_in_long_ago_to_show_again_who_they_are(
        self, gateway: Gateway, liar: LyingProvider
    ) -> None:
        old = int(time.time()) - 3600
        there, here = await enter(gateway, liar), await enter(gateway, liar, auth_time=old)
        for which in ("everywhere", "others"):
            assert "Show first that it is you" in (await here.post("/sessions", data={"end": which})).text
        asked = await here.post("/sessions", data={"end": "others"})
        assert_page(asked)
        assert 'href="/sign-in/north/main?again=yes&amp;next=%2Fsessions"' in asked.text
        assert await is_in(there)
        begun = await here.get("/sign-in/north/main?again=yes&next=%2Fsessions")
        query = query_of(begun.headers["location"])
        assert (query["prompt"], query["max_age"]) == ("login", "0")
        liar.nonce, liar.claims = query["nonce"], {"employee_id": "E100", "sub": "sub-of-E100", "auth_time": old}
        # The provider did not ask: that proves nothing.
        assert (await come_back(here, state=query["state"])).status_code == 400
        query = query_of((await here.get("/sign-in/north/main?again=yes&next=%2Fsessions")).headers["location"])
        liar.nonce, liar.claims = query["nonce"], {"employee_id": "E100", "sub": "sub-of-E100"}
        assert (await come_back(here, state=query["state"])).headers["location"] == "/sessions"
        assert (await here.post("/sessions", data={"end": "others"})).headers["location"] == "/sessions"
        assert [await is_in(each) for each in (here, there)] == [True, False]
        # To leave where one is needs no proof.
        here = await enter(gateway, liar, "E300", auth_time=old)
        [own] = await ids(here)
        assert (await here.post("/sessions", data={"end": own})).headers["location"] == "/signed-out"

    async def test_profile_limits_how_long_ago_the_provider_asked(self, gateway: Gateway, liar: LyingProvider) -> None:
        await apply(gateway, provider_of(liar.issuer, max_age=60))
        browser = await new_browser(gateway)
        for wrong in ({"auth_time": int(time.time()) - 3700}, {"auth_time": "now"}, {"auth_time": None}):
            begun = await browser.get("/sign-in/north/main")
            query = query_of(begun.headers["location"])
            assert query["max_age"] == "3600"
            liar.nonce, liar.claims = query["nonce"], wrong
            assert (await come_back(browser, state=query["state"])).status_code == 400, wrong
        liar.without = {"auth_time"}
        state = await begin(browser, liar)
        assert (await come_back(browser, state=state)).status_code == 400
        liar.without = set()
        assert await is_in(await enter(gateway, liar, auth_time=int(time.time()) - 3500))

    async def test_nobody_is_signed_in_by_a_link_of_another_site_without_pressing(
        self, gateway: Gateway, liar: LyingProvider
    ) -> None:
        browser = await new_browser(gateway)
        for site in ("cross-site", "same-site"):
            for path in ("/sign-in?next=%2Faudit%2F", "/sign-in/north/main?next=%2Faudit%2F"):
                led = await browser.get(path, headers={"Sec-Fetch-Site": site})
                assert_page(led)
                assert 'href="/sign-in/north/main?next=%2Faudit%2F"' in led.text
        assert (await browser.get("/sign-in/north/main?next=%2Faudit%2F")).status_code == 303


class TestAtOnce:
    async def test_oldest_session_ends_when_somebody_has_too_many(
        self, start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider
    ) -> None:
        gateway = await start(**sign_in_settings, sessions_per_person=2)
        await apply(gateway, provider_of(liar.issuer))
        somebody = await enter(gateway, liar, "E200")
        browsers = [await enter(gateway, liar) for _ in range(3)]
        assert [await is_in(each) for each in (*browsers, somebody)] == [False, True, True, True]


class TestOfTheOrganisation:
    async def test_administrator_sees_who_is_in_and_ends_it(
        self, start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider, capsys: pytest.CaptureFixture[str]
    ) -> None:
        gateway, other = await start(**sign_in_settings), await start(**sign_in_settings, credential_ttl=3600)
        groups = [*GROUPS, {"group": "g-admin", "roles": ["administrator"]}]
        for org in ("north", "south"):
            await apply(gateway, provider_of(liar.issuer, groups=groups), org=org)
        gone, stays = await enter(gateway, liar), await enter(gateway, liar, "E200", name="Grace Hopper")
        abroad = await enter(gateway, liar, at="/sign-in/south/main")
        admin = await enter(gateway, liar, "E900", groups=["g-admin"], name="Ann Min")
        elsewhere = await new_browser(other)
        elsewhere.cookies.set("loop-session", gone.cookies["loop-session"], domain="127.0.0.1")
        assert await is_in(elsewhere)
        shown = await admin.get("/organisation-sessions")
        assert_page(shown)
        assert all(name in shown.text for name in ("Ada Lovelace", "Grace Hopper", "Ann Min (you)", "staff-E100"))
        found = await admin.get("/organisation-sessions", params={"who": "staff-E200"})
        assert ("Grace Hopper" in found.text, "Ada Lovelace" in found.text) == (True, False)
        form = {"csrf": re.findall(r'name="csrf" value="([^"]+)"', shown.text)[0], "person": "staff-E100"}
        assert (await admin.post("/organisation-sessions", data={"person": "staff-E100"})).status_code == 403
        assert (await gone.get("/organisation-sessions")).status_code == 403
        assert await is_in(gone)
        done = await admin.post("/organisation-sessions", data=form)
        assert done.headers["location"] == "/organisation-sessions?ended=1"
        assert "1 session was ended" in (await admin.get(done.headers["location"])).text

        async def out_there() -> bool:
            return not await is_in(elsewhere)

        await eventually(out_there)
        assert [await is_in(each) for each in (gone, stays, abroad)] == [False, True, True]
        assert (await admin.post("/organisation-sessions", data=form)).headers["location"].endswith("ended=0")
        [ended, _] = [line for line in capsys.readouterr().out.splitlines() if "sessions.ended" in line]
        short = hash_of(gone.cookies["loop-session"])[:16]
        assert all(each in ended for each in ("by=staff-E900", "subject=staff-E100", f"['{short}']"))

    async def test_operator_lists_without_names_and_ends(self, gateway: Gateway, liar: LyingProvider) -> None:
        one, two = await enter(gateway, liar), await enter(gateway, liar)
        somebody = await enter(gateway, liar, "E200")
        operator = await gateway.operator("north")
        listed = await operator.get("/gateway/v1/sessions", params={"subject": "staff-E100"})
        assert {each["subject"] for each in listed.json()["items"]} == {"staff-E100"}
        assert "Lovelace" not in listed.text
        short = hash_of(one.cookies["loop-session"])[:16]
        for expected in (1, 0):
            assert (await operator.delete(f"/gateway/v1/sessions/{short}")).json() == {"ended": expected}
        assert [await is_in(each) for each in (one, two, somebody)] == [False, True, True]
        assert (await operator.delete("/gateway/v1/sessions")).status_code == 422
        assert (await operator.delete("/gateway/v1/sessions", params={"subject": ""})).status_code == 422
        assert (await operator.delete("/gateway/v1/sessions", params={"subject": "staff-E100"})).json() == {"ended": 1}
        assert [await is_in(each) for each in (two, somebody)] == [False, True]
        await gateway.organisation("south")
        there = await gateway.operator("south")
        assert (await there.get("/gateway/v1/sessions")).json() == {"items": []}
