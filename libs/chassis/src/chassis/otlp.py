"""Records spans with OpenTelemetry's SDK and sends them to a collector: OTLP over HTTP, protobuf, gzip.

Loaded only where traces are on (`chassis.tracing.start`). Nothing that is traced waits for the collector: spans that have
ended wait in memory, up to `MOST_WAITING`, and a thread sends them. Where too many wait, or the collector does not take them,
they are dropped and counted; a trace with a hole is the price.

The SDK's own sender is not used: it brings a second HTTP client into every image, and says nowhere how much it dropped.
"""

import atexit
import gzip
import random
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType

import httpx
import structlog
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)
from opentelemetry.trace import Span as Recording
from opentelemetry.util.types import Attributes as SdkAttributes
from prometheus_client import Counter

from chassis.errors import DomainError
from chassis.ids import new_id
from chassis.tracing import (
    NOTHING,
    Attribute,
    Attributes,
    Held,
    Kind,
    Span,
    TraceNames,
    is_recorded,
    traceparent,
    use,
    with_decision,
)

log = structlog.get_logger(__name__)

MOST_WAITING = 8_192
"""Spans that wait at most: some 16 MB."""

BATCH = 256
LINKS = 128
"""Links of a span at most; a batch with more traces says in `loop.traces` how many there were."""

LONGEST = 200
"""Characters of an attribute at most."""

_EVERY = 1.0  # seconds between two sendings of a few
_PAUSES = (0.5, 2.0)  # seconds before a batch is tried again
_SECONDS = 5.0  # for one sending
_AT_THE_END = 3.0  # seconds that a process waits for its last spans
_AGAIN = frozenset({429, 502, 503, 504})  # OTLP 1.x, "Failures": what may be sent again
_OURS = 500  # statuses of errors from here on are ours

SPANS = Counter("loop_trace_spans_total", "Spans of traces, by what became of them.", ["what"])
_KINDS: dict[Kind, SpanKind] = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}


class Recorded(Held):
    """A span that is recorded; it is sent when it has ended."""

    __slots__ = ("_span",)
    recorded = True

    def __init__(self, span: Recording) -> None:
        super().__init__(text_of(span.get_span_context()))
        self._span = span

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        super().__exit__(kind, error, trace)
        if error is not None:
            # Its words may hold a value or a name; its class does not.
            self._span.set_attribute("error.type", type(error).__name__)
            if not _is_refusal(error):
                self.failed()
        self._span.end()

    def set(self, name: str, value: Attribute) -> None:
        """As of any span."""
        self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        """As of any span."""
        self._span.update_name(name)

    def failed(self) -> None:
        """As of any span."""
        self._span.set_status(StatusCode.ERROR)


class Recorder:
    """Records what this process does (`chassis.tracing.Tracer`)."""

    def __init__(self, provider: TracerProvider, ratio: float) -> None:
        self._tracer = provider.get_tracer("chassis")
        self._ratio = ratio

    def begin(self, name: str, kind: Kind, parent: str | None, links: Sequence[str] = ()) -> Span:
        """The first span of a process in a trace."""
        if parent is not None and not is_recorded(parent):
            return Held(parent)
        found = [Link(context_of(each)) for each in links[:LINKS]]
        span = self._tracer.start_span(name, _within(parent), _KINDS[kind], links=found)
        if not span.is_recording():
            return Held(text_of(span.get_span_context()))
        if links:
            span.set_attribute("loop.traces", len(links))
        return Recorded(span)

    def part(self, name: str, kind: Kind) -> Span:
        """A span within the one that is under way, if that is recorded."""
        parent = traceparent.get()
        if parent is None or not is_recorded(parent):
            return NOTHING
        return Recorded(self._tracer.start_span(name, _within(parent), _KINDS[kind]))

    def done(
        self, name: str, kind: Kind, parent: str, times: tuple[int, int], attributes: Attributes, links: Sequence[str] = ()
    ) -> None:
        """A span that has come to its end."""
        if is_recorded(parent):
            found = [Link(context_of(each)) for each in links]
            span = self._tracer.start_span(name, _within(parent), _KINDS[kind], dict(attributes), found, start_time=times[0])
            span.end(times[1])

    def decided(self, parent: str | None) -> str | None:
        """The caller's trace, with our own decision: whoever calls must not say how much we record."""
        # What is drawn decides how much is recorded, and need not be secret.
        return None if parent is None else with_decision(parent, recorded=random.random() < self._ratio)  # noqa: S311


class Beginning(Sampler):
    """Decides over a span without parent: one with links is recorded as those are, any other by a coin."""

    def __init__(self, ratio: float) -> None:
        self._ratio = TraceIdRatioBased(ratio)

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: SdkAttributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """As the SDK asks."""
        chosen: Sampler = self._ratio
        if links:
            chosen = ALWAYS_ON if any(each.context.trace_flags.sampled for each in links) else ALWAYS_OFF
        return chosen.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        """As the SDK asks."""
        return f"Beginning({self._ratio.get_description()})"


class Queue(SpanProcessor):
    """Spans that have ended, on their way to `send`, which a thread of its own calls."""

    def __init__(self, send: Callable[[Sequence[ReadableSpan]], None], most: int = MOST_WAITING) -> None:
        self._send = send
        self._most = most
        self._waiting: deque[ReadableSpan] = deque()
        self._wake = threading.Event()
        self._dropped = SPANS.labels("dropped")
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self._thread.start()

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span; never waits."""
        if self._closing or len(self._waiting) >= self._most:
            self._dropped.inc()
            return
        self._waiting.append(span)
        if len(self._waiting) == BATCH:
            self._wake.set()

    def shutdown(self) -> None:
        """Send what is left, for some seconds at most."""
        self._closing = True
        self._wake.set()
        self._thread.join(_AT_THE_END)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(_EVERY)
            self._wake.clear()
            while self._waiting:
                self._send([self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))])


class Collector:
    """The way to the collector, for one thread. `stop` ends its patience."""

    def __init__(self, settings: TraceNames) -> None:
        self._address = settings.traces_endpoint or ""
        self._headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"}
        if settings.traces_authorization is not None:
            self._headers["Authorization"] = settings.traces_authorization.get_secret_value()
        trusted = ssl.create_default_context(cafile=str(settings.traces_ca) if settings.traces_ca else None)
        trusted.minimum_version = ssl.TLSVersion.TLSv1_2
        # Nothing of the environment leads it elsewhere.
        self._http = httpx.Client(timeout=_SECONDS, verify=trusted, trust_env=False)
        self._stopped = threading.Event()
        self._away = False

    def send(self, spans: Sequence[ReadableSpan]) -> None:
        """Send a batch, a few times at most, and count what became of it."""
        what, status, reason = "failed", 0, ""
        try:
            body = gzip.compress(encode_spans(spans).SerializeToString(), 1)
            for pause in (*_PAUSES, 0.0):
                status, reason = self._post(body)
                if status not in _AGAIN and status != 0:
                    break
                if pause == 0.0 or self._stopped.wait(pause):
                    break
            taken = status // 100 == 2  # noqa: PLR2004 - any success
            what = "sent" if taken else "failed"
            self._say(taken=taken, reason=reason)
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever goes wrong
            log.warning("traces.not_sent", reason=type(error).__name__)
        SPANS.labels(what).inc(len(spans))

    def stop(self) -> None:
        """Try nothing again from now on."""
        self._stopped.set()

    def _post(self, body: bytes) -> tuple[int, str]:
        try:
            status = self._http.post(self._address, content=body, headers=self._headers).status_code
        except httpx.HTTPError as error:
            return 0, type(error).__name__
        return status, f"status {status}"

    def _say(self, *, taken: bool, reason: str) -> None:
        if taken and self._away:
            log.info("traces.taken_again")
        elif not taken and not self._away:
            log.warning("traces.not_taken", reason=reason)
        self._away = not taken


class Sending(Recorder):
    """A recorder with its way out."""

    def __init__(self, service: str, settings: TraceNames, most: int = MOST_WAITING) -> None:
        for what in ("sent", "dropped", "failed"):
            SPANS.labels(what)  # shown from the start: a rise from nothing would not be seen
        about = {"service.namespace": "learning-loop", "service.name": service, "service.instance.id": str(new_id())}
        limits = SpanLimits(max_links=LINKS, max_span_attributes=32, max_span_attribute_length=LONGEST)
        sampler = ParentBased(Beginning(settings.traces_ratio))
        released = {"service.version": found} if (found := _version(service)) else {}
        provider = TracerProvider(
            sampler, Resource({**about, **released}), shutdown_on_exit=False, span_limits=limits,
        )  # fmt: skip
        self._collector = Collector(settings)
        self._queue = Queue(self._collector.send, most)
        provider.add_span_processor(self._queue)
        super().__init__(provider, settings.traces_ratio)

    def close(self) -> None:
        """Record no more, and send what is left for some seconds at most."""
        use(None)
        self._collector.stop()
        self._queue.shutdown()


def recording(service: str, settings: TraceNames) -> Sending:
    """What records from now on, until the process ends."""
    made = Sending(service, settings)
    atexit.register(made.close)
    return made


def now() -> int:
    """Now, in nanoseconds since 1970."""
    return time.time_ns()


def text_of(context: SpanContext) -> str:
    """A context as a traceparent."""
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def context_of(text: str) -> SpanContext:
    """A traceparent, which is well formed, as a context."""
    return SpanContext(int(text[3:35], 16), int(text[36:52], 16), is_remote=True, trace_flags=TraceFlags(int(text[53:55], 16)))


def _within(parent: str | None) -> Context:
    return Context() if parent is None else set_span_in_context(NonRecordingSpan(context_of(parent)), Context())


def _is_refusal(error: BaseException) -> bool:
    """Whether it says no to somebody, as it should, and is no fault of ours."""
    status = getattr(error, "status", None) or getattr(error, "status_code", None)
    return isinstance(error, DomainError) or (isinstance(status, int) and status < _OURS)


def _version(service: str) -> str:
    try:
        return version(f"loop-{service.removesuffix('-worker')}")
    except PackageNotFoundError:
        return ""
