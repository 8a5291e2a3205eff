"""Settings, logs, identifiers and cursors."""

import json
import logging
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from chassis import keyset, logs
from chassis.errors import DomainError
from chassis.ids import new_id
from chassis.mail.settings import MailSettings
from chassis.settings import ServiceSettings, SettingsError, database_url
from chassis.tenancy import is_organisation


class TestSettings:
    def test_every_missing_variable_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LOOP_DATABASE_URL", raising=False)
        monkeypatch.setenv("LOOP_PORT", "many")
        with pytest.raises(SettingsError) as caught:
            ServiceSettings.load()
        words = str(caught.value)
        for name in ("LOOP_DATABASE_URL", "LOOP_IDENTITY_KEYS", "LOOP_SECRET_KEY_FILE", "LOOP_PORT"):
            assert name in words
        assert "many" not in words, "a value may be a secret"

    def test_secrets_do_not_show(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("LOOP_DATABASE_URL", "postgresql://u:hunter2@localhost/d")
        monkeypatch.setenv("LOOP_IDENTITY_KEYS", str(tmp_path))
        monkeypatch.setenv("LOOP_SECRET_KEY_FILE", str(tmp_path))
        settings = ServiceSettings.load()
        assert "hunter2" not in repr(settings)
        assert settings.sqlalchemy_url == "postgresql+asyncpg://u:hunter2@localhost/d"


class TestSecretsInFiles:
    @pytest.fixture(autouse=True)
    def _others(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("LOOP_DATABASE_URL", "LOOP_NATS_URL"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LOOP_IDENTITY_KEYS", str(tmp_path))
        monkeypatch.setenv("LOOP_SECRET_KEY_FILE", str(tmp_path))

    @staticmethod
    def file_for(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, content: bytes) -> Path:
        path = folder / name.lower()
        path.write_bytes(content)
        monkeypatch.setenv(f"{name}_FILE", str(path))
        return path

    def test_addresses_with_passwords_are_read_from_the_files_that_are_named(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        self.file_for(monkeypatch, tmp_path, "LOOP_DATABASE_URL", b"postgresql://u:hunter2@localhost/d\n")
        self.file_for(monkeypatch, tmp_path, "LOOP_NATS_URL", b"nats://audit:hunter3@localhost:4222")
        settings = ServiceSettings.load()
        assert settings.sqlalchemy_url == "postgresql+asyncpg://u:hunter2@localhost/d"
        assert settings.nats_url.get_secret_value() == "nats://audit:hunter3@localhost:4222"
        assert "hunter" not in repr(settings)
        assert database_url() == "postgresql://u:hunter2@localhost/d"

    def test_a_password_for_mail_is_too_and_other_fields_are_not(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        class Worker(ServiceSettings, MailSettings):
            pass

        monkeypatch.setenv("LOOP_DATABASE_URL", "postgresql://u:x@localhost/d")
        for name, value in {"TRANSPORT": "smtp", "SMTP_HOST": "mail", "FROM": "a@example.org", "SMTP_USER": "u"}.items():
            monkeypatch.setenv(f"LOOP_MAIL_{name}", value)
        self.file_for(monkeypatch, tmp_path, "LOOP_MAIL_SMTP_PASSWORD", b"hunter2\n")
        self.file_for(monkeypatch, tmp_path, "LOOP_HOST", b"elsewhere")
        settings = Worker.load()
        assert settings.mail_smtp_password
        assert settings.mail_smtp_password.get_secret_value() == "hunter2"
        assert settings.host == "127.0.0.1"

    def test_both_a_value_and_a_file_are_refused_without_showing_either(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        self.file_for(monkeypatch, tmp_path, "LOOP_DATABASE_URL", b"postgresql://u:hunter2@localhost/d")
        monkeypatch.setenv("LOOP_DATABASE_URL", "postgresql://u:hunter3@localhost/d")
        with pytest.raises(SettingsError, match="LOOP_DATABASE_URL and LOOP_DATABASE_URL_FILE are both set") as caught:
            ServiceSettings.load()
        assert "hunter" not in str(caught.value)

    @pytest.mark.parametrize(("content", "why"), [(None, "No such file"), (b" \n", "empty"), (b"\xff\xfe", "no text")])
    def test_a_file_that_gives_nothing_is_named(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, why: str
    ) -> None:
        path = self.file_for(monkeypatch, tmp_path, "LOOP_DATABASE_URL", content or b"")
        if content is None:
            path.unlink()
        with pytest.raises(SettingsError, match=f"LOOP_DATABASE_URL_FILE names {path}.*{why}"):
            ServiceSettings.load()

    def test_a_job_without_settings_says_what_is_missing(self) -> None:
        with pytest.raises(SettingsError, match="LOOP_DATABASE_URL_FILE"):
            database_url()


class TestLogs:
    @pytest.fixture(autouse=True)
    def _restore(self) -> object:
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        yield
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.contextvars.clear_contextvars()

    def test_lines_are_json_and_secrets_are_masked(self, capsys: pytest.CaptureFixture[str]) -> None:
        logs.configure("sample")
        structlog.get_logger("x").info("done", api_key="abc", text="a child said", number=1)
        logging.getLogger("y").warning("from the standard library")
        first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
        assert (first["event"], first["api_key"], first["text"], first["number"]) == ("done", "***", "***", 1)
        assert first["service"] == second["service"] == "sample"
        assert second["event"] == "from the standard library"

    def test_what_json_or_the_terminal_cannot_hold_costs_no_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        logs.configure("sample")
        structlog.get_logger("x").info("done", large=2**70, half="\ud800", day=date(2026, 5, 1), keys={1: "é"})
        [line] = (json.loads(line) for line in capsys.readouterr().out.splitlines())
        assert (line["large"], line["keys"]) == (2**70, {"1": "é"})


class TestIds:
    def test_they_are_version_7_and_rise_with_time(self) -> None:
        ids = [new_id() for _ in range(1000)]
        assert {each.version for each in ids} == {7}
        assert {each.variant for each in ids} == {"specified in RFC 4122"}
        assert len(set(ids)) == 1000
        assert sorted(each.int >> 80 for each in ids) == [each.int >> 80 for each in ids]


class TestKeyset:
    def test_a_cursor_brings_its_key_back(self) -> None:
        one = uuid4()
        assert keyset.decode(keyset.encode(date(2022, 4, 1), one, 7), 3) == ["2022-04-01", str(one), 7]

    @given(st.text())
    def test_what_is_no_cursor_is_a_clear_error(self, text: str) -> None:
        try:
            key = keyset.decode(text, 2)
        except DomainError as error:
            assert error.slug == "malformed-cursor"  # noqa: PT017 - either outcome is right
        else:
            assert len(key) == 2


class TestOrganisationCode:
    @pytest.mark.parametrize("code", ["worcestershire\n", "", "a", "*", "North", "-north", "north west"])
    def test_what_is_none_is_refused(self, code: str) -> None:
        assert not is_organisation(code)
