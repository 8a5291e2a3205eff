"""A number in the directory of staff belongs to the account that came with it first, until somebody lets it go."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.testing.fixtures import Database
from chassis.testing.page_client import assert_page
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import accounts
from gateway.adapters.accounts import Account
from gateway.testing import Gateway
from gateway.testing_sign_in import GROUPS, LyingProvider, apply, begin, come_back, enter, is_in, new_browser, provider_of

Start = Callable[..., Awaitable[Gateway]]
Keep = Callable[[str, str], Awaitable[bool]]


@pytest.fixture
async def gateway(start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider) -> Gateway:
    gateway = await start(**sign_in_settings, credential_ttl=0)
    groups = [*GROUPS, {"group": "g-admin", "roles": ["administrator"]}]
    for org in ("north", "south"):
        assert (await apply(gateway, provider_of(liar.issuer, groups=groups), org=org)).status_code == 200
    return gateway


@pytest.fixture
async def keep(database: Database, gateway: Gateway) -> AsyncIterator[Keep]:
    """Whether the account of one digit, as an issuer of one digit says it, has the number."""
    engine = create_async_engine(database.url("app").replace("postgresql:", "postgresql+asyncpg:"), pool_size=6)

    async def kept(issued: str, account: str) -> bool:
        new = Account("north", "staff-E1", "main", issued * 32, account * 32)
        async with UnitOfWork(engine).begin("north") as transaction:
            return await accounts.keep(transaction.connection, new)

    yield kept
    await engine.dispose()


async def come(gateway: Gateway, liar: LyingProvider, sub: str, person: str = "E100") -> httpx.Response:
    """Somebody comes back from the provider with a number and an account."""
    browser = await new_browser(gateway)
    liar.claims = {"employee_id": person, "sub": sub}
    return await come_back(browser, state=await begin(browser, liar))


def assert_turned_away(answer: httpx.Response) -> None:
    assert answer.status_code == 403
    assert_page(answer)
    assert "Your staff number belongs to another account" in answer.text
    assert "loop-session" not in answer.headers.get("set-cookie", "")
    assert "E100" not in answer.text


class TestNumberGivenAgain:
    async def test_another_account_with_the_number_is_turned_away_and_the_first_goes_on(
        self, gateway: Gateway, liar: LyingProvider, capsys: pytest.CaptureFixture[str]
    ) -> None:
        first = await enter(gateway, liar)
        assert_turned_away(await come(gateway, liar, "somebody-new"))
        assert "reason=another-account" in capsys.readouterr().out
        assert await is_in(first)
        assert (await come(gateway, liar, "sub-of-E100")).status_code == 303
        # The same number elsewhere is another person's, and so is another number of the same account.
        assert await is_in(await enter(gateway, liar, at="/sign-in/south/main", sub="somebody-new"))
        assert (await come(gateway, liar, "somebody-new", "E200")).status_code == 303

    async def test_where_the_provider_is_another_one_accounts_are_known_anew(
        self, gateway: Gateway, liar: LyingProvider
    ) -> None:
        await enter(gateway, liar)
        moved = {**provider_of(liar.issuer), "code": "main", "hosts": [f"localhost:{liar.port}"]}
        assert (await apply(gateway, moved)).status_code == 200
        assert_turned_away(await come(gateway, liar, "somebody-new"))

    async def test_who_said_it_changed_so_what_they_say_counts_anew(self, keep: Keep) -> None:
        assert [await keep("a", "1"), await keep("a", "1"), await keep("a", "2")] == [True, True, False]
        assert [await keep("b", "2"), await keep("b", "1")] == [True, False]

    async def test_of_accounts_that_come_first_at_once_one_has_the_number(self, keep: Keep) -> None:
        assert sorted(await asyncio.gather(*(keep("a", each) for each in "123456"))) == [False] * 5 + [True]


class TestLettingGo:
    async def test_administrator_lets_it_go_and_the_new_account_has_it(self, gateway: Gateway, liar: LyingProvider) -> None:
        former, admin = await enter(gateway, liar), await enter(gateway, liar, "E900", groups=["g-admin"])
        abroad = await enter(gateway, liar, at="/sign-in/south/main")
        shown = await admin.get("/organisation-sessions", params={"who": "staff-E100"})
        assert_page(shown)
        assert "Let staff-E100 go from its account" in shown.text
        assert "Let staff-E404 go" not in (await admin.get("/organisation-sessions", params={"who": "staff-E404"})).text
        assert "Let staff" not in (await admin.get("/organisation-sessions")).text
        form = {"csrf": re.findall(r'name="csrf" value="([^"]+)"', shown.text)[0], "number": "staff-E100"}
        assert (await admin.post("/organisation-sessions", data={"number": "staff-E100"})).status_code == 403
        assert (await former.post("/organisation-sessions", data=form)).status_code == 403
        done = await admin.post("/organisation-sessions", data=form)
        assert done.headers["location"] == "/organisation-sessions?let_go=yes&ended=1"
        assert "The number was let go" in (await admin.get(done.headers["location"])).text
        assert [await is_in(former), await is_in(abroad)] == [False, True]
        # A second click finds nothing to let go, and ends nobody who came since.
        assert (await admin.post("/organisation-sessions", data=form)).headers["location"].endswith("ended=0")
        assert (await come(gateway, liar, "somebody-new")).status_code == 303
        assert_turned_away(await come(gateway, liar, "sub-of-E100"))

    async def test_operator_lets_it_go(self, gateway: Gateway, liar: LyingProvider) -> None:
        await enter(gateway, liar)
        operator, there = await gateway.operator("north"), await gateway.operator("south")
        path, asked = "/gateway/v1/sessions/accounts", {"subject": "staff-E100"}
        assert (await there.delete(path, params=asked)).json() == {"accounts": 0, "ended": 0}
        assert (await operator.delete(path, params=asked)).json() == {"accounts": 1, "ended": 1}
        assert (await operator.delete(path, params=asked)).json() == {"accounts": 0, "ended": 0}
        assert (await operator.delete(path)).status_code == 422
        assert (await come(gateway, liar, "somebody-new")).status_code == 303
