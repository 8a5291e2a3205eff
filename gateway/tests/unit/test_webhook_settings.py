"""Settings of webhooks: what would be unsafe or incomplete is refused at start."""

import json

import pytest

from chassis.settings import SettingsError
from gateway.settings import GatewaySettings
from gateway.worker_settings import GatewayWorkerSettings

WHOLE = {
    "LOOP_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "LOOP_IDENTITY_KEYS": "keys.json",
    "LOOP_SIGNING_KEY": "signing.jwk",
    "LOOP_WEBHOOK_KEY_FILE": "webhook.key",
    "LOOP_EVENT_LOGS": '{"audit": "http://127.0.0.1:1", "feedback": "http://127.0.0.1:1", "complaints": "http://127.0.0.1:1"}',
}


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_private_networks_and_this_machine_are_closed_unless_named(whole: pytest.MonkeyPatch) -> None:
    settings = GatewayWorkerSettings.load()
    assert (settings.webhook_networks, settings.webhook_loopback) == ([], False)


def test_this_machine_is_not_called_from_an_installation_that_others_reach(whole: pytest.MonkeyPatch) -> None:
    whole.setenv("LOOP_WEBHOOK_LOOPBACK", "true")
    assert GatewayWorkerSettings.load().webhook_loopback
    whole.setenv("LOOP_PUBLIC_URL", "https://learning.example.gov.uk")
    with pytest.raises(SettingsError, match="LOOP_WEBHOOK_LOOPBACK lets webhooks call this machine"):
        GatewayWorkerSettings.load()


def test_log_of_a_service_that_is_missing_is_named(whole: pytest.MonkeyPatch) -> None:
    whole.setenv("LOOP_EVENT_LOGS", '{"audit": "http://127.0.0.1:1"}')
    with pytest.raises(SettingsError, match="feedback, complaints"):
        GatewayWorkerSettings.load()
    whole.delenv("LOOP_WEBHOOK_KEY_FILE")
    assert GatewayWorkerSettings.load().webhook_key_file is None


def test_where_new_ones_may_go_must_be_said_where_people_come_by_https(whole: pytest.MonkeyPatch) -> None:
    whole.setenv("LOOP_UPSTREAMS", "{}")
    assert GatewaySettings().webhook_names is None
    whole.setenv("LOOP_PUBLIC_URL", "https://learning.example.gov.uk")
    assert GatewaySettings().webhook_names == ()
    assert GatewayWorkerSettings().webhook_hosts is None, "what was subscribed with before goes on"
    for said in ((".vendor.example",), ("*",)):
        whole.setenv("LOOP_WEBHOOK_HOSTS", json.dumps(said))
        assert GatewaySettings().webhook_names == GatewayWorkerSettings().webhook_hosts == said
