"""Traces: what is recorded, what a collector that fails costs (nothing but spans), and what log lines say of them."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from prometheus_client import REGISTRY
from pydantic import SecretStr

from chassis import logs, otlp, tracing
from chassis.errors import DomainError
from chassis.otlp import Sending
from chassis.settings import Settings, SettingsError
from chassis.testing.traces import Receiver, receiving

TRACE = "0af7651916cd43dd8448eb211c80319c"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-b7ad6b7169203331-01", f"00-{TRACE}-b7ad6b7169203331-00"


class Names:
    """Settings of traces."""

    def __init__(self, endpoint: str, ratio: float = 1.0, authorization: str | None = None) -> None:
        self.traces_endpoint = tracing.check_endpoint(endpoint)
        self.traces_ratio = ratio
        self.traces_ca = None
        self.traces_authorization = None if authorization is None else SecretStr(authorization)


@pytest.fixture
def collector() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "_PAUSES", (0.01, 0.01))


def counted(what: str) -> float:
    return REGISTRY.get_sample_value("loop_trace_spans_total", {"what": what}) or 0.0


class TestOff:
    def test_nothing_is_recorded_and_the_trace_of_the_caller_goes_on(self) -> None:
        assert tracing.current() is None
        assert tracing.span("part") is tracing.NOTHING
        assert tracing.begin("request", "server") is tracing.NOTHING
        with tracing.begin("request", "server", SAMPLED) as span:
            assert not span.recorded
            assert tracing.traceparent.get() == SAMPLED
        assert tracing.traceparent.get() is None

    def test_nothing_of_the_sdk_is_loaded(self) -> None:
        loaded = "import sys, chassis.web, chassis.worker; print({'opentelemetry.sdk', 'chassis.otlp'} & sys.modules.keys())"
        done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
        assert done.stdout == "set()\n"

    def test_a_batch_has_an_id_of_its_own_for_the_log(self) -> None:
        with tracing.batch("batch", [SAMPLED]) as one:
            assert tracing.valid(one.context)
            assert one.context != SAMPLED


class TestWhatIsRecorded:
    def test_parts_hang_at_one_another_and_at_the_caller(self, collector: Receiver) -> None:
        sending = Sending("sample", Names(collector.url, 0.0, authorization="Bearer secret"))
        tracing.use(sending)
        with tracing.begin("request", "server", SAMPLED) as request:
            request.rename("GET /s/{token}")
            with tracing.span("transaction") as part:
                part.set("loop.statements", 3)
        sending.done("publish", "producer", SAMPLED, (1, 2), {"loop.events": 4})
        sending.close()
        inner, outer, told = collector.spans()
        assert (outer.name, outer.trace, outer.parent, outer.service) == ("GET /s/{token}", TRACE, SAMPLED[36:52], "sample")
        assert (inner.name, inner.trace, inner.parent) == ("transaction", TRACE, outer.span)
        assert inner.attributes == {"loop.statements": 3}
        assert (told.started, told.ended, told.attributes) == (1, 2, {"loop.events": 4})
        assert collector.authorizations == {"Bearer secret"}
        assert tracing.current() is None

    def test_the_decision_of_who_began_counts_and_a_coin_where_nobody_did(self, collector: Receiver) -> None:
        sending = Sending("sample", Names(collector.url, 0.0))
        assert not sending.begin("request", "server", NOT_SAMPLED).recorded
        assert sending.begin("request", "server", SAMPLED).recorded
        begun = sending.begin("request", "server", None)
        assert not begun.recorded
        assert begun.context is not None
        assert not tracing.is_recorded(begun.context), "who comes after knows that nothing is recorded"
        sending.close()
        always = Sending("sample", Names(collector.url, 1.0))
        assert always.begin("request", "server", None).recorded
        always.close()

    def test_whoever_calls_does_not_decide_how_much_is_recorded(self, collector: Receiver) -> None:
        for ratio, expected in ((0.0, NOT_SAMPLED), (1.0, SAMPLED)):
            sending = Sending("sample", Names(collector.url, ratio))
            assert {sending.decided(each) for each in (SAMPLED, NOT_SAMPLED)} == {expected}
            assert sending.decided(None) is None
            sending.close()

    def test_a_batch_links_to_the_traces_that_are_recorded(self, collector: Receiver) -> None:
        sending = Sending("sample", Names(collector.url, 0.0))
        tracing.use(sending)
        with tracing.batch("batch", [NOT_SAMPLED, SAMPLED, SAMPLED]) as batch, tracing.span("projection"):
            assert batch.recorded
        with tracing.batch("batch", [NOT_SAMPLED]) as other, tracing.span("projection"):
            assert not other.recorded
        sending.close()
        projection, found = collector.spans()
        assert found.links == ((TRACE, SAMPLED[36:52]),)
        assert found.trace != TRACE
        assert (projection.trace, projection.parent) == (found.trace, found.span)

    @pytest.mark.parametrize(
        ("error", "failed"), [(ValueError("Alex Example"), True), (DomainError("too-soon", "Alex Example"), False)]
    )
    def test_an_error_is_its_class_and_none_of_its_words(self, collector: Receiver, error: Exception, failed: bool) -> None:
        sending = Sending("sample", Names(collector.url))
        with pytest.raises(type(error)), sending.begin("request", "server", None):
            raise error
        sending.close()
        (found,) = collector.spans()
        assert (found.attributes, found.failed) == ({"error.type": type(error).__name__}, failed)
        assert b"Alex" not in collector.raw()

    def test_a_long_attribute_is_cut(self, collector: Receiver) -> None:
        sending = Sending("sample", Names(collector.url))
        with sending.begin("request", "server", None) as span:
            span.set("loop.outcome", "x" * 10_000)
        sending.close()
        assert collector.spans()[0].attributes == {"loop.outcome": "x" * otlp.LONGEST}


class TestCollectorThatFails:
    def test_where_too_many_wait_the_newest_are_dropped_and_counted_and_nobody_waits(self, collector: Receiver) -> None:
        collector.free.clear()  # it takes connections, and answers nothing
        before = counted("dropped")
        sending = Sending("sample", Names(collector.url), most=otlp.BATCH)
        for _ in range(4 * otlp.BATCH):
            with sending.begin("request", "server", None):
                pass
        # At most one batch is under way and one waits.
        assert counted("dropped") - before >= 2 * otlp.BATCH
        collector.free.set()
        sending.close()
        assert len(collector.spans()) + counted("dropped") - before == 4 * otlp.BATCH

    @pytest.mark.parametrize("status", [400, 503])
    def test_what_it_does_not_take_is_counted(self, collector: Receiver, status: int) -> None:
        collector.status = status
        before = counted("failed")
        sending = Sending("sample", Names(collector.url))
        with sending.begin("request", "server", None):
            pass
        sending.close()
        assert counted("failed") - before == 1
        assert collector.spans() == []

    def test_one_that_is_away_is_counted_too(self) -> None:
        with receiving() as receiver:
            url = receiver.url
        before = counted("failed")
        sending = Sending("sample", Names(url))
        with sending.begin("request", "server", None):
            pass
        sending.close()
        assert counted("failed") - before == 1


class TestLogs:
    def test_a_line_within_a_request_says_its_trace(self, capsys: pytest.CaptureFixture[str]) -> None:
        handlers = logging.getLogger().handlers[:]
        try:
            logs.configure("sample")
            log = structlog.get_logger("test")
            log.info("before")
            with tracing.begin("request", "server", SAMPLED):
                log.info("within")
                logging.getLogger("elsewhere").warning("of a library")
                log.info("of another", trace_id="told")
        finally:
            logging.getLogger().handlers[:] = handlers
            structlog.contextvars.clear_contextvars()
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line.get("trace_id") for line in lines] == [None, TRACE, TRACE, "told"]


class TestSettings:
    @pytest.fixture
    def settings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
        monkeypatch.setenv("LOOP_IDENTITY_KEYS", str(tmp_path / "keys.json"))
        return monkeypatch

    def test_the_usual_path_is_added_and_another_one_kept(self, settings: pytest.MonkeyPatch) -> None:
        for given, expected in (
            ("https://traces.example.gov.uk:4318", "https://traces.example.gov.uk:4318/v1/traces"),
            ("https://traces.example.gov.uk/", "https://traces.example.gov.uk/v1/traces"),
            ("http://127.0.0.1:4318/otlp/traces", "http://127.0.0.1:4318/otlp/traces"),
        ):
            settings.setenv("LOOP_TRACES_ENDPOINT", given)
            assert Settings.load().traces_endpoint == expected

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("LOOP_TRACES_ENDPOINT", "traces.example.gov.uk:4318"),
            ("LOOP_TRACES_ENDPOINT", "https://somebody:secret@traces.example.gov.uk"),
            ("LOOP_TRACES_ENDPOINT", "http://traces.example.gov.uk:4318"),
            ("LOOP_TRACES_RATIO", "1.5"),
            ("LOOP_TRACES_CA", "/nowhere/ca.pem"),
        ],
    )
    def test_what_would_be_unsafe_or_makes_no_sense_is_refused(
        self, settings: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        settings.setenv(name, value)
        with pytest.raises(SettingsError, match=name):
            Settings.load()
