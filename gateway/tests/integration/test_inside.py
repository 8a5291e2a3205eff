"""The gateway and its services with TLS between them, by an authority made here."""

import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from chassis.inside import listening
from chassis.settings import SettingsError
from chassis.testing.authority import Authority
from gateway.settings import GatewaySettings
from gateway.testing import Gateway, Upstream, serving, upstreams_at

Start = Callable[..., Awaitable[Gateway]]


class TestTls:
    async def test_service_is_asked_only_where_its_certificate_is_ours(
        self, start: Start, upstream: Upstream, tmp_path: Path
    ) -> None:
        ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
        made = ours.certificate()
        options = listening(made.certificate, made.key)
        server = uvicorn.Config(upstream, http="httptools", lifespan="off", log_config=None, access_log=False, **options)
        async with AsyncExitStack() as stack:
            port = await stack.enter_async_context(serving(server))
            addresses = dict.fromkeys(upstreams_at(port), f"https://127.0.0.1:{port}")
            right = await start(upstreams=addresses, inside_ca=ours.ca)
            wrong = await start(upstreams=addresses, inside_ca=theirs.ca)
            key = (await right.credentials("audit:outcomes:write"))["api_key"]
            for gateway, status in ((right, 200), (wrong, 502)):
                answer = await (await gateway.client(X_API_Key=key)).get("/audit/v1/x")
                assert answer.status_code == status, answer.text
            assert len(upstream.seen) == 1

    async def test_gateway_itself_listens_with_a_certificate(self, start: Start, tmp_path: Path) -> None:
        ours = Authority(tmp_path / "ours")
        made = ours.certificate()
        gateway = await start(inside_certificate=made.certificate, inside_key=made.key)
        context = ssl.create_default_context(cafile=str(ours.ca))
        async with httpx.AsyncClient(verify=context) as client:
            answer = await client.get(f"https://127.0.0.1:{gateway.port}/livez")
            assert answer.status_code == 200


class TestPublicAddress:
    @pytest.mark.parametrize(
        ("variables", "words"),
        [
            ({"LOOP_PUBLIC_URL": "http://loop.north.example"}, "LOOP_PUBLIC_URL"),
            ({"LOOP_PUBLIC_URL": "http://10.0.0.1:8400"}, "LOOP_PUBLIC_URL"),
            ({"LOOP_HOST": "0.0.0.0", "LOOP_PLAIN_INSIDE": "yes"}, "LOOP_HOST"),
            ({"LOOP_UPSTREAMS": '{"audit": "http://audit:8000"}'}, "LOOP_UPSTREAMS"),
            ({"LOOP_PUBLIC_URL": "http://loop.north.example", "LOOP_PLAIN_INSIDE": "yes"}, "LOOP_PUBLIC_URL"),
        ],
    )
    def test_without_tls_past_this_machine_is_refused(
        self, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
    ) -> None:
        usual = {
            "LOOP_DATABASE_URL": options["database_url"],
            "LOOP_SIGNING_KEY": str(options["signing_key"]),
            "LOOP_IDENTITY_KEYS": str(options["identity_keys"]),
            "LOOP_UPSTREAMS": '{"audit": "http://127.0.0.1:1"}',
        }
        for name, value in usual.items():
            monkeypatch.setenv(name, value)
        # Another service's route has no address here, and need not have one to see what is refused.
        monkeypatch.setenv("LOOP_ROUTES", '[{"prefix": "audit", "service": "audit"}]')
        assert not GatewaySettings.load().secure
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError, match=words):
            GatewaySettings.load()
