"""`loop operator enrol` and `sign-in`: the pass lies beside the key and goes with it."""

import json
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from loop_cli.operator import Operator, pass_file
from loop_cli.operator_keys import app
from loop_cli.servers import ServerError


class Gateway:
    """The gateway's answers, as far as they are asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.seen: list[tuple[str, str, bytes]] = []
        self.key = folder / "alice.key"
        self.key.write_text("llo_alice\n")
        monkeypatch.setenv("LOOP_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("LOOP_OPERATOR_KEY_FILE", str(self.key))
        client = httpx.Client
        transport = httpx.MockTransport(self.answer)
        monkeypatch.setattr("loop_cli.operator.httpx.Client", lambda **options: client(**options, transport=transport))

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append((request.url.path, request.headers["authorization"], request.content))
        if request.url.path.endswith("/second-factor"):
            return httpx.Response(201, json={"secret": "ABCDEFGH", "address": "otpauth://totp/x"})
        if request.url.path.endswith("/pass"):
            if json.loads(request.content)["code"] != "123456":
                return httpx.Response(403, json={"status": 403, "detail": "The code is wrong."})
            return httpx.Response(201, json={"operator_pass": "llp_1", "expires_at": "2026-11-30T18:00:00Z"})
        if request.url.path.endswith("/page"):
            answer = {
                "code": "K7QM-2XDB",
                "address": "https://loop.example/operating/enter",
                "expires_at": "2026-11-30T18:02:00Z",
            }
            return httpx.Response(201, json=answer)
        return httpx.Response(200, json={"items": []})


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Gateway:
    return Gateway(monkeypatch, tmp_path)


def run(*words: str, typed: str = "") -> str:
    answer = CliRunner().invoke(app, words, input=typed)
    if isinstance(answer.exception, ServerError):
        raise answer.exception
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_enrolling_shows_what_to_add_and_signs_in_with_the_first_code(gateway: Gateway) -> None:
    shown = run("enrol", typed="123 456\n")
    assert "ABCDEFGH" in shown
    assert "llp_1" not in shown
    beside = pass_file(gateway.key)
    assert (beside.read_text(), beside.stat().st_mode & 0o777) == ("llp_1\n", 0o600)
    run("list")
    assert gateway.seen[-1][1] == "Bearer llo_alice~llp_1"
    run("sign-out")
    run("list")
    assert gateway.seen[-1][1] == "Bearer llo_alice"
    assert not beside.exists()


def test_a_wrong_code_leaves_what_was_there(gateway: Gateway) -> None:
    run("sign-in", typed="123456\n")
    with pytest.raises(ServerError, match="The code is wrong"):
        run("sign-in", typed="000000\n")
    assert pass_file(gateway.key).read_text() == "llp_1\n"
    assert Operator.of(".").http.headers["authorization"].endswith("~llp_1")


def test_recovering_wants_the_words(gateway: Gateway) -> None:
    with pytest.raises(ServerError, match="Nothing was changed"):
        run("recover", "--confirm", "yes")
    assert not gateway.seen


def test_a_code_for_the_page_is_shown_with_where_to_type_it(gateway: Gateway) -> None:
    shown = run("page")
    assert "https://loop.example/operating/enter" in shown
    assert "K7QM-2XDB" in shown
    assert gateway.seen[-1][:2] == ("/gateway/v1/operator-keys/own/page", "Bearer llo_alice")
