"""Settings of mail: what is missing is named, what would be unsafe is refused, and no secret shows."""

from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from chassis.mail import MailPutOff, MailSettings, Message, NoMailer, mailer_of
from chassis.mail.notify import ApiKey, NotifyMailer
from chassis.mail.smtp import SmtpMailer
from chassis.settings import SettingsError

SERVICE, SECRET = str(uuid4()), str(uuid4())
SMTP = {"TRANSPORT": "smtp", "SMTP_HOST": "mail.council.example", "FROM": "loop@council.example"}
NOTIFY = {"TRANSPORT": "notify", "NOTIFY_API_KEY": f"key-{SERVICE}-{SECRET}", "NOTIFY_TEMPLATE": str(uuid4())}


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOOP_IDENTITY_KEYS", str(tmp_path))


def load(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> MailSettings:
    for name, value in variables.items():
        monkeypatch.setenv(f"LOOP_MAIL_{name}", value)
    return MailSettings.load()


class TestMailSettings:
    async def test_where_nothing_is_set_it_says_loudly_that_nothing_is_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with capture_logs() as lines:
            mailer = mailer_of(load(monkeypatch, {}))
        assert isinstance(mailer, NoMailer)
        assert [(line["log_level"], line["event"], line["consequence"]) for line in lines] == [
            ("warning", "mail.not_configured", "not sent: no mail is configured")
        ]
        with pytest.raises(MailPutOff, match="no mail is configured"):
            await mailer.send(Message("a@b.uk", "s", "b"), "1")

    def test_it_names_a_carrier_by_what_is_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert isinstance(mailer_of(load(monkeypatch, SMTP)), SmtpMailer)
        assert isinstance(mailer_of(load(monkeypatch, NOTIFY)), NotifyMailer)

    @pytest.mark.parametrize(
        ("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)]
    )  # RFC 6409, RFC 8314, RFC 5321
    def test_the_port_follows_from_the_security(self, monkeypatch: pytest.MonkeyPatch, security: str, port: int) -> None:
        mailer = mailer_of(load(monkeypatch, {**SMTP, "SMTP_SECURITY": security}))
        assert isinstance(mailer, SmtpMailer)
        assert mailer._server.port == port

    @pytest.mark.parametrize(
        ("variables", "named"),
        [
            ({"TRANSPORT": "smtp"}, ["LOOP_MAIL_SMTP_HOST", "LOOP_MAIL_FROM"]),
            ({"TRANSPORT": "notify"}, ["LOOP_MAIL_NOTIFY_API_KEY", "LOOP_MAIL_NOTIFY_TEMPLATE"]),
            ({"TRANSPORT": "pigeon"}, ["LOOP_MAIL_TRANSPORT"]),
            ({**SMTP, "FROM": "Loop <loop@council.example>"}, ["LOOP_MAIL_FROM"]),
            ({**SMTP, "FROM_NAME": "Loop\r\nBcc: x@evil.example"}, ["LOOP_MAIL_FROM_NAME"]),
            ({**SMTP, "SMTP_USER": "loop"}, ["LOOP_MAIL_SMTP_USER", "LOOP_MAIL_SMTP_PASSWORD"]),
            ({**SMTP, "SMTP_USER": "u", "SMTP_PASSWORD": "p", "SMTP_SECURITY": "none"}, ["LOOP_MAIL_SMTP_SECURITY"]),
            ({**NOTIFY, "NOTIFY_API_KEY": "hunter2"}, ["LOOP_MAIL_NOTIFY_API_KEY"]),
            ({**NOTIFY, "NOTIFY_URL": "http://notify.example"}, ["LOOP_MAIL_NOTIFY_URL"]),
        ],
    )
    def test_what_is_missing_or_unsafe_stops_the_start_and_is_named(
        self, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: list[str]
    ) -> None:
        with pytest.raises(SettingsError) as caught:
            load(monkeypatch, variables)
        words = str(caught.value)
        assert [name for name in named if name not in words] == []
        assert "hunter2" not in words
        assert "evil" not in words

    def test_secrets_do_not_show(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = load(monkeypatch, {**NOTIFY, "SMTP_USER": "u", "SMTP_PASSWORD": "hunter2"})
        shown = repr(settings) + repr(ApiKey.parse(NOTIFY["NOTIFY_API_KEY"]))
        assert SECRET not in shown
        assert "hunter2" not in shown
