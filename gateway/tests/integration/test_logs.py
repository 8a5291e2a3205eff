"""One line a request, and no secret in it; the process as an operator starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.testing.fixtures import Database, Keys
from chassis.testing.sample import eventually
from gateway.testing import Gateway, Upstream
from loop_cli.servers import ChildProcess, free_port
from loop_cli.stack.launch import Nursery


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


class TestAccessLog:
    async def test_holds_what_is_needed_and_no_secret(
        self, gateway: Gateway, upstream: Upstream, capsys: pytest.CaptureFixture[str]
    ) -> None:
        issued = await gateway.credentials("audit:outcomes:write")
        client = await gateway.client(X_API_Key=issued["api_key"])
        await client.post("/audit/v1/outcomes?name=Alex", json={"about": "somebody"})
        anonymous = await gateway.client(Cookie="survey=cookievalue")
        link = "Tk" + "s" * 41
        for path in (f"/s/{link}", f"/s/{link}/", f"/s/start/{link}", "/s/question/3", "/s/start"):
            await anonymous.get(path)
        wrong = await gateway.client(Authorization="Bearer wrongtoken")
        await wrong.get("/audit/v1/x")
        fields = {
            "grant_type": "client_credentials",
            "client_id": issued["client_id"],
            "client_secret": issued["client_secret"],
        }
        answer = await (await gateway.client()).post("/oauth2/token", data=fields)
        token = answer.json()["access_token"]
        text = ""

        async def written() -> bool:
            nonlocal text
            text += capsys.readouterr().out
            return '"path":"/oauth2/token"' in text

        await eventually(written)  # lines are written in bundles, this one last
        secrets = (
            issued["api_key"],
            issued["client_secret"],
            token,
            link,
            "cookievalue",
            "wrongtoken",
            "Alex",
            "somebody",
        )
        assert [secret for secret in secrets if secret in text] == []
        found = [line for line in lines(text) if line["event"] == "request"]
        paths = [line["path"] for line in found]
        families = ["/s/***", "/s/***", "/s/start/***", "/s/question/3", "/s/start"]
        assert paths[-8:] == ["/audit/v1/outcomes", *families, "/audit/v1/x", "/oauth2/token"]
        outcome = found[-8]
        assert (outcome["status"], outcome["caller"], outcome["org"]) == (200, issued["client_id"], "north")
        assert outcome["request_id"] == upstream.seen[0].header("x-request-id")
        assert {"method", "ms", "bytes", "timestamp", "upstream"} <= set(outcome)
        assert found[-2]["reason"] == "unauthenticated"
        # Of who was refused the address is kept, and of nobody else.
        assert [line.get("address") for line in found[-8:]] == [*[None] * 6, "127.0.0.1", None]
        assert "127.0.0.1" not in str([line for line in found if line["status"] not in {401, 403}])


def environment(database: Database, keys: Keys, folder: Path, **more: str) -> dict[str, str]:
    (folder / "operator.key").write_text("operator-key-for-tests-0123456789abcdef")
    return {
        "PATH": os.environ["PATH"],
        **keys.environment(database.url()),
        "LOOP_SIGNING_KEY": str(keys.folder / "gateway.jwk"),
        "LOOP_OPERATOR_KEY_FILE": str(folder / "operator.key"),
        "LOOP_UPSTREAMS": '{"audit": "http://127.0.0.1:9"}',
        "LOOP_PORT": str(free_port()),
        **more,
    }


def run(variables: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "gateway.main"]
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


Refusal = Callable[[dict[str, str]], str]


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery | None]:
    """What an installation starts its programs with; None where each gets a Python of its own."""
    if sys.platform != "linux":
        yield None
        return
    running = Nursery(tmp_path_factory.mktemp("nursery") / "nursery.log")
    yield running
    running.stop()


@pytest.fixture
def refusal(nursery: Nursery | None, tmp_path: Path) -> Refusal:
    """Starts the gateway with these variables; gives what it said before it ended by itself with an error."""

    def said(variables: dict[str, str]) -> str:
        log = tmp_path / f"said-{uuid4()}"
        command = [sys.executable, "-m", "gateway.main"]
        launcher = nursery.launcher("gateway.main") if nursery else None
        program = ChildProcess("gateway", command, log, env=variables, launcher=launcher)
        program.start()
        assert program.wait(120) not in {0, None}
        return log.read_text()

    return said


class TestProcess:
    def test_starts_answers_and_ends_on_a_signal(self, database: Database, keys: Keys, tmp_path: Path) -> None:
        variables = environment(database, keys, tmp_path)
        process = run(variables)
        url = f"http://127.0.0.1:{variables['LOOP_PORT']}"
        deadline = time.monotonic() + 60
        while True:
            try:
                assert httpx.get(f"{url}/readyz", timeout=30).json()["status"] == "ok"
                break
            except httpx.TransportError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        assert httpx.get(f"{url}/livez").status_code == 200
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=60)
        assert process.returncode in {0, -signal.SIGTERM}
        assert [line["event"] for line in lines(out)].count("web.stopped") == 1
        assert "Traceback" not in out

    def test_demo_sign_in_on_an_open_address_is_refused(
        self, refusal: Refusal, database: Database, keys: Keys, tmp_path: Path
    ) -> None:
        for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
            out = refusal(environment(database, keys, tmp_path, LOOP_DEMO_SIGN_IN="true", LOOP_HOST=host))
            assert re.search(r"LOOP_DEMO_SIGN_IN .* loopback", out)

    def test_roles_that_see_too_much_are_refused(
        self, refusal: Refusal, database: Database, keys: Keys, tmp_path: Path
    ) -> None:
        for suffix in ("owner", "admin"):
            out = refusal({**environment(database, keys, tmp_path), "LOOP_DATABASE_URL": database.url(suffix)})
            assert "not safe to run with" in out

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("LOOP_UPSTREAMS", '{"payroll": "http://x"}', "payroll"),
            ("LOOP_UPSTREAMS", "x", "LOOP_UPSTREAMS"),
            ("LOOP_RATE_CLIENT", "fast", "LOOP_RATE_CLIENT"),
            ("LOOP_TRUSTED_PROXIES", '["10.0.0.300/8"]', "LOOP_TRUSTED_PROXIES"),
            ("LOOP_OPERATOR_KEY_FILE", "/nowhere", "LOOP_OPERATOR_KEY_FILE"),
        ],
    )
    def test_wrong_setting_is_named(
        self, refusal: Refusal, database: Database, keys: Keys, tmp_path: Path, name: str, value: str, words: str
    ) -> None:
        out = refusal(environment(database, keys, tmp_path, **{name: value}))
        assert words in out
        assert "Traceback" not in out

    def test_short_operator_key_is_refused(self, refusal: Refusal, database: Database, keys: Keys, tmp_path: Path) -> None:
        variables = environment(database, keys, tmp_path)
        (tmp_path / "operator.key").write_text("short")
        out = refusal(variables)
        assert "fewer than 32 characters" in out
        assert "Traceback" not in out
