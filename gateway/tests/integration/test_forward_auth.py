"""A proxy carries the traffic and the gateway decides: what it tells whom, and nginx, Caddy and Envoy as they are shipped."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import proxies

from chassis.testing.sample import eventually
from gateway.testing import Gateway, Upstream, respond

Start = Callable[..., Awaitable[Gateway]]
PATH = "/gateway/v1/forward-auth"


@pytest.fixture
async def gateway(start: Start, tmp_path: Path) -> Gateway:
    """A gateway that a proxy on this machine may ask."""
    (tmp_path / "forward.key").write_text(proxies.KEY)
    return await start(forward_auth_key_file=tmp_path / "forward.key", trusted_proxies=["127.0.0.0/8"], rate_session="0.01/30")


async def proxy(gateway: Gateway, **headers: str) -> httpx.AsyncClient:
    return await gateway.client(Loop_Forward_Auth=proxies.KEY, **headers)


def asked(uri: str, method: str = "GET") -> dict[str, str]:
    return {"X-Original-Method": method, "X-Original-URI": uri}


class TestDecision:
    @pytest.mark.parametrize("form", ["nginx", "caddy", "envoy"])
    async def test_caller_who_may_pass_gets_an_identity_for_that_service(
        self, gateway: Gateway, upstream: Upstream, form: str
    ) -> None:
        key = (await gateway.credentials("audit:outcomes:read"))["api_key"]
        client = await proxy(gateway, X_API_Key=key, Cookie="a=1; loop-session=secret")
        uri = "/audit/v1/x?q=a%20b"
        if form == "envoy":
            answer = await client.post(f"{PATH}{uri}")
        else:
            names = ("X-Original-Method", "X-Original-URI") if form == "nginx" else ("X-Forwarded-Method", "X-Forwarded-Uri")
            answer = await client.get(PATH, headers=dict(zip(names, ("POST", uri), strict=True)))
        assert (answer.status_code, answer.content) == (200, b"")
        identity = upstream.verifiers["audit"].verify(answer.headers["loop-identity"])
        assert (identity.org, identity.kind, identity.grants) == ("north", "client", frozenset({"audit:outcomes:read"}))
        assert answer.headers["loop-cookie"] == "a=1"
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", answer.headers["traceparent"])
        assert upstream.seen == []

    @pytest.mark.parametrize(
        ("uri", "method", "status"),
        [
            ("/audit/v1/x", "GET", 401), ("/audit/../x", "GET", 400), ("/audit/v1/x", "TRACE", 405),
            ("/nothing/x", "GET", 404), ("/s/start", "GET", 403), ("http://evil/audit/v1/x", "GET", 400), ("", "GET", 400),
        ],
    )  # fmt: skip
    async def test_who_may_not_is_told_why(self, gateway: Gateway, uri: str, method: str, status: int) -> None:
        answer = await (await proxy(gateway)).get(PATH, headers=asked(uri, method))
        assert answer.status_code == status
        assert "loop-identity" not in answer.headers
        assert answer.json()["type"].startswith("urn:learning-loop:problem:")

    async def test_rates_and_planned_work_count(self, start: Start, tmp_path: Path) -> None:
        (tmp_path / "forward.key").write_text(proxies.KEY)
        options: dict[str, Any] = {"forward_auth_key_file": tmp_path / "forward.key", "trusted_proxies": ["127.0.0.0/8"]}
        gateway = await start(rate_client="0.01/3", **options)
        client = await proxy(gateway, X_API_Key=(await gateway.credentials())["api_key"])
        answers = [await client.get(PATH, headers=asked("/audit/v1/x")) for _ in range(4)]
        assert [each.status_code for each in answers] == [200, 200, 200, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        (await (await gateway.operator()).put("/gateway/v1/maintenance/audit", json={})).raise_for_status()
        assert (await client.get(PATH, headers=asked("/audit/v1/x"))).status_code == 503
        # Envoy would drop the words of a 5xx; deploy/proxies/envoy.yaml puts it back.
        answer = await client.get(f"{PATH}/audit/v1/x")
        assert (answer.status_code, answer.json()["status"], "retry-after" in answer.headers) == (453, 503, True)

    async def test_for_all_others_there_is_no_such_path(self, gateway: Gateway, start: Start, upstream: Upstream) -> None:
        key = (await gateway.credentials())["api_key"]
        nothing = (await (await gateway.client(X_API_Key=key)).get("/gateway/v1/nothing")).status_code
        for headers in ({}, {"Loop_Forward_Auth": "x" * 40}, {"Loop_Forward_Auth": ""}):
            client = await gateway.client(X_API_Key=key, **headers)
            answer = await client.get(PATH, headers=asked("/audit/v1/x"))
            assert answer.status_code == nothing == 404
            assert "loop-identity" not in answer.headers
        # The key alone is not enough, and neither is the address.
        closed = await start()
        answer = await (await proxy(closed, X_API_Key=key)).get(PATH, headers=asked("/audit/v1/x"))
        assert answer.status_code == 404
        # It is not passed on.
        await (await proxy(gateway, X_API_Key=key)).get("/audit/v1/x", headers=asked("/audit/v1/x"))
        assert not {"loop-forward-auth", "x-original-uri", "x-original-method"} & upstream.last.names()


@pytest.fixture(params=sorted(proxies.PREPARED))
async def front(request: pytest.FixtureRequest, gateway: Gateway, upstream: Upstream, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a proxy in front of the gateway and of the services."""
    async with proxies.running(request.param, tmp_path, gateway=gateway.port, service=upstream.port) as url:
        yield url


class TestProxies:
    async def test_carries_what_may_pass_and_lets_the_gateway_answer_the_rest(
        self, front: str, gateway: Gateway, upstream: Upstream
    ) -> None:
        key = (await gateway.credentials("audit:outcomes:write"))["api_key"]
        lies = {
            "Loop-Identity": "x", "X-Forwarded-For": "1.2.3.4", "Forwarded": "for=1.2.3.4", "X-Real-IP": "1.2.3.4",
            "X-Original-URI": "/reporting/", "X-Original-Method": "GET", "X-Original-URL": "/x", "Loop-Cookie": "b=2",
            "X-HTTP-Method-Override": "DELETE", "Loop-Forward-Auth": proxies.KEY, "Cookie": "a=1; loop-session=secret",
        }  # fmt: skip
        async with httpx.AsyncClient(base_url=front, headers={"X-API-Key": key}, timeout=60) as client:
            answer = await client.post("/audit/v1/x?q=a%20b", content=b"y" * 200_000, headers=lies)
            assert (answer.status_code, answer.json()["bytes"]) == (200, 200_000)
            assert (upstream.last.method, upstream.last.path, upstream.last.query) == ("POST", "/audit/v1/x", "q=a%20b")
            assert upstream.identity("audit").org == "north"
            seen = dict(upstream.last.headers)
            assert seen["cookie"] == "a=1"
            assert seen["x-request-id"] == answer.headers["x-request-id"]
            assert not ({each.lower() for each in lies} - {"loop-identity", "cookie"}) & set(seen)
            assert not {"authorization", "x-api-key"} & set(seen)
            assert "1.2.3.4" not in str(seen)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            # What the gateway refuses, it answers itself, a body that was not read yet and all.
            count = len(upstream.seen)
            wrong = await client.post("/audit/v1/x", content=b"y" * 200_000, headers={"X-API-Key": "llk_wrong"})
            assert (wrong.status_code, wrong.json()["type"]) == (401, "urn:learning-loop:problem:unauthenticated")
            for path in ("/audit/..%2freporting/x", "/audit/a//b", "/audit/%2e%2e/reporting/x"):
                assert (await client.get(path)).status_code in {400, 404}
            assert (await client.get(PATH, headers=asked("/audit/v1/x"))).status_code == 404
            assert (await client.get("/.loop/ask", headers=asked("/audit/v1/x"))).status_code == 404
            assert len(upstream.seen) == count
            assert (await client.get("/s/start", headers={"X-API-Key": ""})).status_code == 200
            assert upstream.identity("feedback").kind == "anonymous"

    async def test_answer_of_a_service_that_is_500_stays_its_own(
        self, front: str, gateway: Gateway, upstream: Upstream
    ) -> None:
        async def broken(_: Any, __: Any, send: Any) -> None:
            await respond(send, 500, b'{"own": true}')

        upstream.answers["/audit/v1/broken"] = broken
        key = (await gateway.credentials())["api_key"]
        async with httpx.AsyncClient(base_url=front, headers={"X-API-Key": key}, timeout=60) as client:
            answer = await client.post("/audit/v1/broken", json={})
        assert (answer.status_code, answer.json()) == (500, {"own": True})
        assert len([each for each in upstream.seen if each.path == "/audit/v1/broken"]) == 1

    async def test_an_error_leaves_no_key_and_no_query_in_its_logs(self, front: str, gateway: Gateway, tmp_path: Path) -> None:
        key = (await gateway.credentials("complaints:read"))["api_key"]
        async with httpx.AsyncClient(base_url=front, headers={"X-API-Key": key}, timeout=60) as client:
            answer = await client.get("/complaints/v1/x?name=Samira", headers={"Cookie": "loop-session=kept"})
        assert answer.status_code in {502, 503}

        def logs() -> str:
            return "".join(path.read_text() for path in tmp_path.rglob("*.log"))

        async def is_logged() -> bool:
            return "/complaints/v1/x" in logs()

        await eventually(is_logged)
        assert not [each for each in (key, "Samira", "kept", proxies.KEY) if each in logs()]

    @pytest.mark.parametrize("front", ["caddy"], indirect=True)
    async def test_without_tls_programs_are_refused_and_people_sent_on(self, front: str) -> None:
        plain = front.replace("127.0.0.1", "localhost")
        async with httpx.AsyncClient(base_url=plain, timeout=60) as client:
            answers = [await client.get(path) for path in ("/audit/v1/x", "/reporting/odata/v4/", "/oauth2/token", "/audit/")]
        assert [each.status_code for each in answers] == [403, 403, 403, 308]
        assert answers[-1].headers["location"] == "https://localhost/audit/"
