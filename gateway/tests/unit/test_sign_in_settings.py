"""Settings of signing in with which the gateway does not start; each sentence names the variable."""

from pathlib import Path
from typing import Any

import pytest

from chassis.settings import SettingsError
from gateway.settings import GatewaySettings


def settings(folder: Path, **more: Any) -> GatewaySettings:
    usual: dict[str, Any] = {
        "database_url": "postgresql://x@127.0.0.1/x",
        "signing_key": folder / "key",
        "identity_keys": folder / "keys",
        "upstreams": {},
        "sign_in_secrets": folder,
        "session_key_file": folder / "session.key",
        "public_url": "https://loop.north.example",
    }
    return GatewaySettings(**{**usual, **more})


def test_right_ones_and_those_without_sign_in(tmp_path: Path) -> None:
    settings(tmp_path).check_sign_in()
    settings(tmp_path, public_url="http://127.0.0.1:8400").check_sign_in()
    settings(tmp_path, sign_in_secrets=None, session_key_file=None, demo_sign_in=True).check_sign_in()
    assert settings(tmp_path).sign_in == "provider"
    assert settings(tmp_path, sign_in_secrets=None).sign_in == "none"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"demo_sign_in": True}, "LOOP_DEMO_SIGN_IN"),
        ({"session_key_file": None}, "LOOP_SESSION_KEY_FILE"),
        ({"sign_in_secrets": Path("/nowhere/at/all")}, "LOOP_SIGN_IN_SECRETS"),
    ],
)
def test_unsafe_ones_are_refused(tmp_path: Path, wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        settings(tmp_path, **wrong).check_sign_in()
