"""One line a request: who, what, how it ended. Written in bundles, since a line a request costs more than the request."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Any

import orjson
from prometheus_client import Counter, Histogram

from chassis.tracing import Span
from gateway.domain.paths import for_log
from gateway.proxy.call import Call

_FLUSH_AFTER = 0.2  # seconds
_FLUSH_AT = 100  # lines, some 35 kB: less than a pipe takes without waiting for its reader
_BROKEN = 500
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REFUSED_STATUSES = frozenset({401, 403, 421, 429})
"""Of whom the address is kept, so that an attack can be followed to its source; of all others it is not."""
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

SECONDS = Histogram("loop_gateway_seconds", "Time to answer, by service and status.", ["service", "status"], buckets=_BUCKETS)
REFUSED = Counter("loop_gateway_refused", "Requests that the gateway itself refused, by reason.", ["reason"])


def describe(span: Span, call: Call) -> None:
    """Say what a request was, without its path: that of a service is in the span of the service, by its template."""
    method = call.scope["method"] if call.scope["method"] in _METHODS else "other"
    span.rename(f"{method} {call.service}")
    span.set("http.request.method", method)
    span.set("http.response.status_code", call.status)
    span.set("loop.upstream", call.service)
    if call.reason:
        span.set("loop.reason", call.reason)
    if call.principal is not None:
        span.set("loop.caller", call.principal.kind)
        if call.principal.org is not None:
            span.set("loop.org", call.principal.org)
    if call.service == "gateway":
        span.set("http.route", getattr(call.scope.get("route"), "path", None) or "(no route)")
    if call.status >= _BROKEN:
        span.failed()


class AccessLog:
    """Writes lines to standard output, without query strings, tokens, cookies; an address only of a caller who was refused."""

    def __init__(self, form: str, level: str) -> None:
        self._json = form == "json"
        self._on = level in {"debug", "info"}
        self._lines: list[str] = []
        self._handle: asyncio.TimerHandle | None = None
        self._children: dict[tuple[str, int], Any] = {}

    def write(self, call: Call) -> None:
        """Count and note one request that has come to its end."""
        took = time.perf_counter() - call.started
        child = self._children.get((call.service, call.status))
        if child is None:
            child = self._children[call.service, call.status] = SECONDS.labels(call.service, str(call.status))
        child.observe(took)
        if call.reason:
            REFUSED.labels(call.reason).inc()
        if not self._on:
            return
        principal = call.principal
        line = {
            "event": "request",
            "service": "gateway",
            "method": call.scope["method"],
            "path": for_log(call.scope["path"]),
            "upstream": call.service,
            "status": call.status,
            "ms": round(took * 1000, 1),
            "bytes": call.sent,
            "caller": principal.subject if principal else None,
            "org": principal.org if principal else None,
            "request_id": call.request_id,
            "trace_id": call.trace[3:35],
            "level": "info",
            "timestamp": datetime.now(UTC),
        }
        if call.reason:
            line["reason"] = call.reason
        if call.status in _REFUSED_STATUSES and call.address:
            line["address"] = call.address
        self._lines.append(orjson.dumps(line).decode() if self._json else _plain(line))
        if len(self._lines) >= _FLUSH_AT:
            self.flush()
        elif self._handle is None:
            self._handle = asyncio.get_running_loop().call_later(_FLUSH_AFTER, self.flush)

    def flush(self) -> None:
        """Write what was gathered."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if self._lines:
            self._lines.append("")
            sys.stdout.write("\n".join(self._lines))
            sys.stdout.flush()
            self._lines.clear()


def _plain(line: dict[str, Any]) -> str:
    text = f"{line['timestamp']:%H:%M:%S} {line['status']} {line['method']} {line['path']} {line['ms']} ms"
    caller = f" {line['caller']}@{line['org']}" if line["caller"] else ""
    return f"{text}{caller} {line.get('reason', '')}".rstrip()
