"""What may pass between machines in the clear: nothing, unless somebody says so."""

from pathlib import Path

import pytest

from chassis import inside
from chassis.settings import ServiceSettings, SettingsError

CERTIFICATE = Path(__file__)


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "plain"),
        [
            ("http://127.0.0.1:8411", False),
            ("http://localhost:8411", False),
            ("http://[::1]:8411", False),
            ("http://audit:8000", True),
            ("http://10.0.0.5:8000", True),
            ("https://audit:8000", False),
            ("nats://loop:p@nats:4222", True),
            ("tls://loop:p@nats:4222", False),
            ("clamd:///run/clamd.ctl", False),
            ("clamd://scanner:3310", True),
            ("clamds://scanner:3310", False),
            ("", False),
        ],
    )
    def test_of_services_broker_and_scanner(self, url: str, plain: bool) -> None:
        assert inside.is_plain(url) is plain

    @pytest.mark.parametrize(
        ("url", "plain"),
        [
            ("postgresql://a:b@127.0.0.1/loop", False),
            ("postgresql://a:b@db/loop", True),
            ("postgresql://a:b@db/loop?ssl=require", True),
            ("postgresql://a:b@db/loop?ssl=verify-ca", True),
            ("postgresql://a:b@db/loop?ssl=verify-full", False),
            ("postgresql://a:b@/loop?host=/run/postgresql", False),
            ("postgresql://a:b@/loop?host=db", True),
        ],
    )
    def test_of_the_database_which_must_be_checked_in_full(self, url: str, plain: bool) -> None:
        assert inside.is_plain_database(url, None) is plain
        assert not inside.is_plain_database(url, CERTIFICATE)


class TestStart:
    @pytest.fixture(autouse=True)
    def _usual(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("IDENTITY_KEYS", "SECRET_KEY_FILE"):
            monkeypatch.setenv(f"LOOP_{name}", "/x")
        monkeypatch.setenv("LOOP_DATABASE_URL", "postgresql://a:b@127.0.0.1/loop")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("LOOP_HOST", "0.0.0.0"),
            ("LOOP_HOST", "::"),
            ("LOOP_DATABASE_URL", "postgresql://a:hush@db/loop"),
            ("LOOP_NATS_URL", "nats://audit:hush@nats:4222"),
        ],
    )
    def test_is_refused_where_it_would_be_plain_unless_somebody_says_so(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        ServiceSettings.load()
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError) as raised:
            ServiceSettings.load()
        assert name in str(raised.value)
        assert "LOOP_PLAIN_INSIDE=yes" in str(raised.value)
        assert "hush" not in str(raised.value)
        monkeypatch.setenv("LOOP_PLAIN_INSIDE", "yes")
        assert ServiceSettings.load().plain_inside

    def test_is_right_with_certificates_and_a_file_that_is_missing_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOOP_HOST", "0.0.0.0")
        monkeypatch.setenv("LOOP_DATABASE_URL", "postgresql://a:b@db/loop")
        monkeypatch.setenv("LOOP_NATS_URL", "tls://a:b@nats:4222")
        monkeypatch.setenv("LOOP_INSIDE_CA", str(CERTIFICATE))
        monkeypatch.setenv("LOOP_INSIDE_CERTIFICATE", str(CERTIFICATE))
        assert ServiceSettings.load().clear_inside() == []
        monkeypatch.setenv("LOOP_INSIDE_KEY", "/nowhere")
        with pytest.raises(SettingsError, match="LOOP_INSIDE_KEY names /nowhere"):
            ServiceSettings.load()
