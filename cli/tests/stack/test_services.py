"""With which environment the processes start."""

from pathlib import Path

import pytest

from loop_cli.stack.keys import Keys
from loop_cli.stack.services import CONNECTED, PROGRAMS, Addresses, Program, environment, roles


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    names = [*(role for program in PROGRAMS for role in roles(program.service)), *(f"nats-{each}" for each in CONNECTED)]
    return Keys(dict.fromkeys(names, "for-tests-only"), tmp_path)


@pytest.fixture
def addresses() -> Addresses:
    return Addresses("http://127.0.0.1:8400", 1, 1, {program.name: 1 for program in PROGRAMS})


class TestMailSettings:
    @pytest.fixture(autouse=True)
    def _somebody_set_them(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOOP_MAIL_TRANSPORT", "smtp")
        monkeypatch.setenv("LOOP_MAIL_SMTP_PASSWORD", "secret")
        monkeypatch.setenv("LOOP_DATABASE_URL", "postgresql://somewhere-else")

    @pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.name)
    def test_they_reach_the_workers_and_nobody_else(self, program: Program, addresses: Addresses, keys: Keys) -> None:
        found = environment(program, addresses, keys, demo_sign_in=False)
        wanted = {"LOOP_MAIL_TRANSPORT": "smtp", "LOOP_MAIL_SMTP_PASSWORD": "secret"} if program.part == "worker" else {}
        assert {name: value for name, value in found.items() if name.startswith("LOOP_MAIL_")} == wanted
        assert "somewhere-else" not in found.get("LOOP_DATABASE_URL", "")

    @pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.name)
    def test_a_demonstration_can_send_nothing_whatever_is_set(self, program: Program, addresses: Addresses, keys: Keys) -> None:
        found = environment(program, addresses, keys, demo_sign_in=True)
        assert [name for name in found if name.startswith("LOOP_MAIL_")] == []


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.name)
def test_settings_of_files_reach_the_gateway_and_who_keeps_files(
    program: Program, addresses: Addresses, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOP_SCAN_URL", "clamd://127.0.0.1:3310")
    monkeypatch.setenv("LOOP_UPLOAD_MEGABYTES", "30")
    found = environment(program, addresses, keys, demo_sign_in=False)
    named = {"LOOP_SCAN_URL", "LOOP_UPLOAD_MEGABYTES"} & set(found)
    assert bool(named) is (program.service in {"gateway", "complaints"})


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.name)
def test_the_address_of_a_proxy_reaches_all_and_never_a_demonstration(
    program: Program, addresses: Addresses, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOP_PUBLIC_URL", "https://loop.example.gov.uk")
    monkeypatch.setenv("LOOP_TRUSTED_PROXIES", '["127.0.0.1/32"]')
    found = environment(program, addresses, keys, demo_sign_in=False)
    assert found["LOOP_PUBLIC_URL"] == "https://loop.example.gov.uk"
    assert ("LOOP_TRUSTED_PROXIES" in found) is (program.name == "gateway")
    found = environment(program, addresses, keys, demo_sign_in=True)
    assert found["LOOP_PUBLIC_URL"] == addresses.public_url
    assert "LOOP_TRUSTED_PROXIES" not in found
