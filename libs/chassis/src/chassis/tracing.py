"""Traces: what a request did, from the gateway to the projections of its events, part by part (spans).

Off unless LOOP_TRACES_ENDPOINT names a collector; then `chassis.otlp` records and sends. What is here is what the traced code
needs, and costs one look at a variable while traces are off. The context travels as a W3C traceparent: in the header of a
request, in the outbox row, in the message; log lines carry its trace id whether traces are on or off.

Names and attributes are chosen by the code: codes, templates of routes, counts. An error is its class and none of its words.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import SecretStr

traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The trace (W3C traceparent) of what is being handled; it travels with the events."""

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Attribute = str | int | float | bool
Attributes = Mapping[str, Attribute]

RECENT = timedelta(hours=1)
"""Events that were written longer ago are not traced any more: a rebuild would send the traces of years again."""

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_FLAGS = 53
_PATH = "/v1/traces"


class Span:
    """A part of a trace, for `with`. This one is not recorded, and does nothing."""

    __slots__ = ()
    recorded = False

    @property
    def context(self) -> str | None:
        """What its own parts begin with, as a traceparent; None where there is nothing to hand on."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def set(self, name: str, value: Attribute) -> None:
        """Say something of it: a code or a count."""

    def rename(self, name: str) -> None:
        """Give it the name that is known by now."""

    def failed(self) -> None:
        """It went wrong by a fault of ours."""


class Held(Span):
    """Not recorded either, but what is handled inside belongs to a trace: its id stands in log lines, and travels on."""

    __slots__ = ("_before", "_context")

    def __init__(self, context: str) -> None:
        self._context = context
        self._before: str | None = None

    @property
    def context(self) -> str | None:
        """As of any span."""
        return self._context

    def __enter__(self) -> Self:
        self._before = traceparent.get()
        traceparent.set(self._context)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # Set, not reset: a generator may be closed in another context than it was begun in.
        traceparent.set(self._before)


class Tracer(Protocol):
    """What records (`chassis.otlp.Recorder`)."""

    def begin(self, name: str, kind: Kind, parent: str | None, links: Sequence[str] = ()) -> Span:
        """The first span of a process in a trace: of `parent` if there is one, else of a new trace, where the coin says so."""

    def part(self, name: str, kind: Kind) -> Span:
        """A span within the one that is under way, if that is recorded."""

    def done(
        self, name: str, kind: Kind, parent: str, times: tuple[int, int], attributes: Attributes, links: Sequence[str] = ()
    ) -> None:
        """A span that has come to its end, by `times` in nanoseconds since 1970."""

    def decided(self, parent: str | None) -> str | None:
        """The caller's trace, with our own decision whether it is recorded."""


class TraceNames(Protocol):
    """Settings that say whether and where traces go."""

    @property
    def traces_endpoint(self) -> str | None:
        """The collector's address for traces."""

    @property
    def traces_ratio(self) -> float:
        """How much of what begins here is recorded, 0 to 1."""

    @property
    def traces_ca(self) -> Path | None:
        """Authority of the collector; those of the operating system without."""

    @property
    def traces_authorization(self) -> SecretStr | None:
        """What the header Authorization says to it."""


NOTHING = Span()
_tracer: Tracer | None = None


def check_endpoint(address: str) -> str:
    """The address of a collector, with its usual path where none is named. Raises ValueError with what is wrong with it."""
    parts = urlsplit(address)
    odd = parts.username or parts.password or parts.query or parts.fragment
    if parts.scheme not in {"https", "http"} or not parts.hostname or odd:
        raise ValueError("must be an address like https://traces.example.gov.uk:4318")
    return address if parts.path.strip("/") else address.rstrip("/") + _PATH


def use(tracer: Tracer | None) -> None:
    """Let everything in this process be recorded by `tracer` from now on, or by nobody."""
    global _tracer  # noqa: PLW0603 - one a process: what it records is spread over all modules
    _tracer = tracer


def current() -> Tracer | None:
    """What records; None while traces are off."""
    return _tracer


def start(service: str, settings: TraceNames) -> None:
    """Record and send from now on what this process does, where its settings name a collector."""
    if settings.traces_endpoint is None or _tracer is not None:
        return
    # Only here: without a collector nothing of the SDK is loaded.
    from chassis.otlp import recording  # noqa: PLC0415

    use(recording(service, settings))


def begin(name: str, kind: Kind, parent: str | None = None) -> Span:
    """The first span of this process of a request or of a task; while traces are off, what keeps the trace id for the log."""
    if _tracer is not None:
        return _tracer.begin(name, kind, parent)
    return NOTHING if parent is None else Held(parent)


def span(name: str, kind: Kind = "internal") -> Span:
    """A part of what is being handled."""
    return NOTHING if _tracer is None else _tracer.part(name, kind)


@contextmanager
def call(name: str) -> Iterator[dict[str, str]]:
    """A call to another of our processes, for `with`: the headers by which what is done there belongs to this trace."""
    with span(name, "client") as part:
        context = part.context or traceparent.get()
        yield {} if context is None else {"traceparent": context}


def of_late(row: UUID, context: object) -> str | None:
    """The trace that a row with an identifier of ours (version 7) was written in, while that is not long ago; else None."""
    return valid(context) if row.int >> 80 >= (datetime.now(UTC) - RECENT).timestamp() * 1000 else None


def batch(name: str, parents: Sequence[str]) -> Span:
    """What handles events of several traces at once: a trace of its own with a link to each that is recorded."""
    found = [each for each in dict.fromkeys(parents) if is_recorded(each)]
    if _tracer is None or not found:
        return Held(f"00-{random.getrandbits(128) | 1:032x}-{random.getrandbits(64) | 1:016x}-00")
    return _tracer.begin(name, "consumer", None, found)


def is_recorded(context: str) -> bool:
    """Whether whoever began a trace decided to record it (the flag `sampled`)."""
    return bool(int(context[-1], 16) & 1)


def valid(context: object) -> str | None:
    """A traceparent that came from elsewhere, if it is one of the version that we know; else None."""
    return context if isinstance(context, str) and _TRACEPARENT.fullmatch(context) else None


def with_decision(context: str, *, recorded: bool) -> str:
    """A traceparent with another decision."""
    return f"{context[:_FLAGS]}{'01' if recorded else '00'}"
