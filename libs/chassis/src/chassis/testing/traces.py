"""A collector of traces for tests: takes OTLP over HTTP as a real one does, and keeps what came, as bytes and as spans."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PATH = "/v1/traces"
_ERROR = 2  # opentelemetry.proto.trace.v1.Status.STATUS_CODE_ERROR


@dataclass(frozen=True)
class Seen:
    """A span as it came in; ids are hexadecimal, `links` are pairs of trace and span."""

    service: str
    name: str
    trace: str
    span: str
    parent: str
    attributes: dict[str, Any]
    links: tuple[tuple[str, str], ...]
    failed: bool
    started: int
    ended: int


class Receiver(ThreadingHTTPServer):
    """Listens on a port of this machine; `status` is what it answers, and while `held` is not set it answers nothing."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []
        self.authorizations: set[str | None] = set()
        self.status = 200
        self.free = threading.Event()
        self.free.set()

    @property
    def url(self) -> str:
        """The address that LOOP_TRACES_ENDPOINT takes."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def raw(self) -> bytes:
        """Every byte that was taken, unpacked."""
        return b"\n".join(self.bodies)

    def spans(self) -> list[Seen]:
        """Every span that was taken."""
        return [each for body in tuple(self.bodies) for each in _spans(body)]

    def trace(self, trace: str) -> list[Seen]:
        """The spans of a trace."""
        return [each for each in self.spans() if each.trace == trace]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a sender that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.free.wait()
        status = self.server.status if self.path == PATH else 404
        if status == 200:  # noqa: PLR2004 - OK
            self.server.bodies.append(gzip.decompress(body))
            self.server.authorizations.add(self.headers.get("Authorization"))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Not on the terminal."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A collector for as long as the block lasts."""
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.free.set()
            receiver.shutdown()
            thread.join()


def _spans(body: bytes) -> Iterator[Seen]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        about = _values(resource.resource.attributes)
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Seen(
                    about["service.name"],
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    _values(span.attributes),
                    tuple((each.trace_id.hex(), each.span_id.hex()) for each in span.links),
                    span.status.code == _ERROR,
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                )


def _values(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}
