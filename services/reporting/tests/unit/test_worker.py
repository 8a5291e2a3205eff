"""The worker says what it lacks before it starts."""

import json

import pytest

from chassis.settings import SettingsError
from chassis.testing.fixtures import Keys
from reporting.settings import ReportingSettings
from reporting.worker import SOURCES, log_client, models_of

LOGS = {source: f"http://127.0.0.1:{8000 + n}" for n, source in enumerate(SOURCES)}


@pytest.fixture
def environment(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in keys.environment("postgresql://nobody@127.0.0.1:1/loop").items():
        monkeypatch.setenv(name, value)
    return monkeypatch


class TestLogClient:
    async def test_reads_the_logs_of_every_source(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("LOOP_EVENT_LOGS", json.dumps(LOGS))
        await log_client(ReportingSettings.load()).close()

    def test_a_source_without_an_address_is_named(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("LOOP_EVENT_LOGS", json.dumps({"audit": LOGS["audit"]}))
        with pytest.raises(SettingsError, match=r"LOOP_EVENT_LOGS has no address for feedback, complaints"):
            log_client(ReportingSettings.load())

    def test_a_missing_key_is_named(self, environment: pytest.MonkeyPatch) -> None:
        environment.setenv("LOOP_EVENT_LOGS", json.dumps(LOGS))
        environment.delenv("LOOP_SIGNING_KEY")
        with pytest.raises(SettingsError, match="LOOP_SIGNING_KEY"):
            log_client(ReportingSettings.load())


class TestModels:
    def test_a_source_has_its_own_events_only(self) -> None:
        assert {subject.split(".")[1] for source in SOURCES for subject in models_of(source)} == set(SOURCES)
        assert all(subject.split(".")[1] == source for source in SOURCES for subject in models_of(source))
