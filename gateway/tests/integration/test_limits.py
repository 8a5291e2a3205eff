"""Rates: one caller cannot take the place of others, and a school behind one address is not one caller."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from gateway.access.admission import Admission
from gateway.access.settling import Settling
from gateway.proxy.incoming import Incoming
from gateway.testing import Gateway, Upstream, respond

Start = Callable[..., Awaitable[Gateway]]

SLOW = 0.01
"""Requests a second: no allowance grows again while a test runs, however slow the machine is."""


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock by which requests are counted."""
    ahead = 0.0
    monkeypatch.setattr("gateway.access.admission.time", SimpleNamespace(monotonic=lambda: time.monotonic() + ahead))

    def move(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    return move


async def statuses(client: httpx.AsyncClient, path: str, times: int, **options: Any) -> list[int]:
    return [(await client.get(path, **options)).status_code for _ in range(times)]


class TestApiClient:
    async def test_burst_then_wait(self, start: Start, upstream: Upstream, later: Callable[[float], None]) -> None:
        gateway = await start(rate_client=f"{SLOW}/5")
        client = await gateway.system()
        assert await statuses(client, "/audit/v1/x", 6) == [200] * 5 + [429]
        answer = await client.get("/audit/v1/x")
        assert answer.json()["type"] == "urn:learning-loop:problem:too-many-requests"
        assert "not carried out" in answer.json()["detail"]
        assert len(upstream.seen) == 5
        later(int(answer.headers["retry-after"]))
        assert (await client.get("/audit/v1/x")).status_code == 200

    async def test_another_client_is_not_held_up(self, start: Start) -> None:
        gateway = await start(rate_client=f"{SLOW}/3")
        greedy, other = await gateway.system(org="north"), await gateway.system(org="south")
        assert (await statuses(greedy, "/audit/v1/x", 5))[-1] == 429
        assert await statuses(other, "/audit/v1/x", 3) == [200] * 3

    async def test_keys_and_tokens_of_one_client_count_together(self, start: Start) -> None:
        gateway = await start(rate_client=f"{SLOW}/3")
        issued = await gateway.credentials()
        answer = await (await gateway.client()).post(
            "/oauth2/token",
            data={
                "grant_type": "client_credentials",
                "client_id": issued["client_id"],
                "client_secret": issued["client_secret"],
            },
        )
        by_key = await gateway.client(X_API_Key=issued["api_key"])
        by_token = await gateway.client(Authorization=f"Bearer {answer.json()['access_token']}")
        assert await statuses(by_key, "/audit/v1/x", 3) == [200] * 3
        assert (await by_token.get("/audit/v1/x")).status_code == 429


class TestFamilies:
    async def test_many_browsers_behind_one_address_are_many_callers(self, start: Start) -> None:
        gateway = await start(rate_survey=f"{SLOW}/3")
        for number in range(20):
            client = await gateway.client(Cookie=f"survey={number}")
            assert await statuses(client, "/s/start", 4) == [200, 200, 200, 429]

    async def test_kind_page_says_wait(self, start: Start) -> None:
        gateway = await start(rate_survey=f"{SLOW}/1")
        client = await gateway.client(Cookie="survey=1", Accept="text/html")
        await client.get("/s/start")
        answer = await client.get("/s/start")
        assert (answer.status_code, answer.headers["content-type"]) == (429, "text/html; charset=utf-8")
        assert answer.headers["retry-after"] == str(round(1 / SLOW))

    async def test_address_has_a_generous_limit_of_its_own(self, start: Start) -> None:
        gateway = await start(rate_address=f"{SLOW}/10")
        clients = [await gateway.client(Cookie=f"survey={number}") for number in range(12)]
        found = [(await client.get("/s/start")).status_code for client in clients]
        assert found == [200] * 10 + [429] * 2

    @pytest.mark.parametrize("path", ["/s/code", "/s/" + "a" * 43, "/c/worcestershire/carry-on"])
    async def test_guessing_is_stopped_and_what_is_right_costs_nothing(
        self, start: Start, upstream: Upstream, path: str
    ) -> None:
        right = True

        async def answer(_: Any, __: Any, send: Any) -> None:
            if right:
                await respond(send, 303, b"", (b"location", b"/s/start"))
            else:
                await respond(send, 404, b"{}")

        upstream.answers[path] = answer
        gateway = await start(rate_guesses=f"{SLOW}/5")
        client = await gateway.client()
        assert [(await client.post(path)).status_code for _ in range(20)] == [303] * 20
        right = False
        assert [(await client.post(path)).status_code for _ in range(8)] == [404] * 5 + [429] * 3
        # Whoever is in the middle of a survey goes on.
        assert await statuses(client, "/s/start", 5) == [200] * 5
        assert await statuses(client, "/s/question/3", 5) == [200] * 5

    async def test_a_service_that_fails_makes_no_guesser_of_a_family(self, start: Start, upstream: Upstream) -> None:
        broken = True
        path = "/s/" + "a" * 43

        async def answer(_: Any, __: Any, send: Any) -> None:
            await respond(send, 503 if broken else 200, b"{}")

        upstream.answers[path] = answer
        gateway = await start(rate_guesses=f"{SLOW}/5")
        client = await gateway.client()
        assert await statuses(client, path, 8) == [503] * 8
        broken = False
        assert await statuses(client, path, 3) == [200] * 3

    async def test_what_is_remembered_of_a_survey_is_small_however_large_its_cookie(self, start: Start) -> None:
        settings = (await start()).settings
        admission = Admission(SimpleNamespace(), settings, Settling(SimpleNamespace(), b"", 0))  # type: ignore[arg-type]
        incoming = Incoming([(b"cookie", b"loop-survey=" + b"x" * 30_000)])
        await admission.admit({"path": "/s/start", "method": "GET"}, incoming, "192.0.2.1")
        (key,) = admission._surveys._full_at
        assert len(key) <= 32


class TestWrongCredentials:
    async def test_address_that_keeps_guessing_is_stopped(self, start: Start) -> None:
        gateway = await start(rate_refused=f"{SLOW}/5", credential_ttl=0.1)
        right = await gateway.system()
        assert (await right.get("/audit/v1/x")).status_code == 200
        guesses = [await gateway.client(X_API_Key=f"llk_{number:043}") for number in range(8)]
        assert [(await guess.get("/audit/v1/x")).status_code for guess in guesses] == [401] * 5 + [429] * 3
        # Who has proved to be right is not held up by a neighbour.
        await asyncio.sleep(0.2)
        assert (await right.get("/audit/v1/x")).status_code == 200

    async def test_tokens_are_guessed_no_better(self, start: Start) -> None:
        gateway = await start(rate_refused=f"{SLOW}/5")
        client = await gateway.client()
        fields = {"grant_type": "client_credentials", "client_id": "north-1", "client_secret": "x"}
        found = [await client.post("/oauth2/token", data={**fields, "client_secret": f"x{number}"}) for number in range(7)]
        assert [each.status_code for each in found] == [401] * 5 + [429] * 2
        assert found[-1].json()["error"] == "temporarily_unavailable"
        assert int(found[-1].headers["retry-after"]) >= 1


class TestForms:
    async def test_beginning_and_sending_are_counted_by_address_and_writing_is_not(self, start: Start) -> None:
        gateway = await start(rate_form="0.001/2", trusted_proxies=["127.0.0.1/32"])
        library = await gateway.client(X_Forwarded_For="203.0.113.9")
        for path in ("/c/north/kind", "/c/north/check"):
            assert (await library.post(path, data={})).status_code == 200
        refused = await library.post("/c/north/kind", data={})
        assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)
        # What is being written is kept, and can be read.
        for path in ("/c/north/what", "/c/north/reach"):
            assert (await library.post(path, data={"what": "words"})).status_code == 200
        assert (await library.get("/c/north/kind")).status_code == 200
        elsewhere = await gateway.client(X_Forwarded_For="203.0.113.10")
        assert (await elsewhere.post("/c/north/kind", data={})).status_code == 200
