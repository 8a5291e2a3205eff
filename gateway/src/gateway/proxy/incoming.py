"""What came in: one walk over the headers that finds what the gateway decides by and what is passed on."""

import random
import re
from collections.abc import Iterable

from multidict import istr

from chassis.storable import length_of

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_FIELDS = rb"(-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2})"
_TRACEPARENT = re.compile(rb"00" + _FIELDS + rb"|(?!00|ff)[0-9a-f]{2}" + _FIELDS + rb"(?:-.*)?")

# For the gateway's eyes, by the field that each fills.
_READ = {
    b"authorization": "authorization",
    b"x-api-key": "api_key",
    b"cookie": "cookie",
    b"loop-org": "org",
    b"content-length": "length",
    b"transfer-encoding": "coding",
    b"expect": "expect",
    b"x-request-id": "request_id",
    b"traceparent": "traceparent",
    b"x-forwarded-for": "forwarded_for",
    b"connection": "connection",
    b"tracestate": "tracestate",
    b"access-control-request-method": "preflight",
}
# Read and passed on.
_SEEN = {b"accept": "accept", b"host": "host", b"origin": "origin", b"sec-fetch-site": "fetch_site"}
# Hop by hop (RFC 9110, 7.6.1), and what only the gateway may say about a caller.
_DROPPED = frozenset(
    {
        b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer", b"upgrade",
        b"http2-settings", b"loop-identity", b"forwarded", b"via", b"x-real-ip", b"x-client-ip", b"x-original-url",
        b"x-rewrite-url", b"x-original-uri", b"x-original-method", b"x-http-method-override",
        b"loop-forward-auth", b"loop-cookie",
    }
)  # fmt: skip
_DROPPED_PREFIX = b"x-forwarded-"
# What may come in several lines, and how they are joined. Two traces are none: joined they are malformed.
_JOINED = {b"cookie": b"; ", b"x-forwarded-for": b", ", b"tracestate": b",", b"traceparent": b","}
_LONGEST_STATE = 512
"""Bytes of a tracestate that must be passed on (W3C Trace Context, 3.3.1.5)."""
_SIMPLE_CONNECTION = frozenset({b"", b"close", b"keep-alive", b"Keep-Alive", b"Close"})
_NAMES: dict[bytes, istr] = {}
_REMEMBERED_NAMES = 500
# For names of requests and traces: they must differ, and need not be secret. Seeded by the system, again after a fork.
_random = random.getrandbits


class Incoming:
    """The headers of one request, sorted. Values are as they came; a header that may stand once keeps its last value."""

    __slots__ = (
        "accept", "api_key", "authorization", "certificate", "coding", "connection", "continued", "cookie", "exact", "expect",
        "fetch_site",
        "forwarded_for", "host", "hosts", "length", "org", "origin", "passed", "preflight", "request_id", "traceparent",
        "tracestate",
    )  # fmt: skip

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Sort `headers`, whose names are in lower case (ASGI)."""
        self.authorization = self.api_key = self.cookie = self.org = self.coding = self.expect = b""
        self.request_id = self.traceparent = self.forwarded_for = self.connection = self.tracestate = self.preflight = b""
        self.accept = self.host = self.origin = self.fetch_site = b""
        self.length = b""
        self.continued = False
        # What the entrance knows besides: the certificate that a trusted hop saw (DER), and the caller's whole address.
        self.certificate, self.exact = b"", ""
        self.hosts = 0
        self.passed: list[tuple[str, str]] = []
        for name, value in headers:
            field = _READ.get(name)
            if field is not None:
                if name in _JOINED and (before := getattr(self, field)):
                    value = before + _JOINED[name] + value  # noqa: PLW2901 - it grows by what came before
                setattr(self, field, value)
            elif name not in _DROPPED and not name.startswith(_DROPPED_PREFIX):
                if (field := _SEEN.get(name)) is not None:
                    setattr(self, field, value)
                    self.hosts += name == b"host"
                self.passed.append((_NAMES.get(name) or _name(name), _text(value)))
        if self.connection not in _SIMPLE_CONNECTION:
            self._drop_nominated()

    def _drop_nominated(self) -> None:
        # A connection's own headers end at the hop (RFC 9110, 7.6.1).
        nominated = {part.strip().lower().decode("latin-1") for part in self.connection.split(b",")}
        self.passed = [(name, value) for name, value in self.passed if name.lower() not in nominated]

    def declared_length(self) -> int:
        """Bytes of the body as declared; 0 when nothing is said."""
        return length_of(self.length)

    def id(self) -> str:
        """The caller's request id if it is well formed, else a new one."""
        if self.request_id and _REQUEST_ID.fullmatch(self.request_id):
            return self.request_id.decode()
        return f"{_random(128):032x}"

    def trace(self) -> str:
        """The caller's W3C trace context if it is well formed, else a new trace, whose state is empty.

        It is continued as it came, and `continued` says so. Of a version that is newer than ours the part that we know counts
        (W3C Trace Context, 3.2.4 and 4.3).
        """
        if self.traceparent and (found := _TRACEPARENT.fullmatch(self.traceparent)):
            if len(self.tracestate) > _LONGEST_STATE:
                self.tracestate = b""
            self.continued = True
            return f"00{(found[1] or found[2]).decode()}"
        self.tracestate = b""
        return f"00-{_random(128) | 1:032x}-{_random(64) | 1:016x}-01"

    def wants_html(self) -> bool:
        """Whether a person's browser is asking, rather than a program."""
        return b"text/html" in self.accept


def _name(name: bytes) -> istr:
    known = istr(name.decode("latin-1"))
    if len(_NAMES) < _REMEMBERED_NAMES:
        _NAMES[name] = known
    return known


def _text(value: bytes) -> str:
    # The client writes headers as UTF-8: what is valid stays byte for byte, the rest is taken for Latin-1 (RFC 9110, 5.5).
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def without_cookie(cookie: bytes, name: bytes) -> bytes:
    """A Cookie header's value without the cookie `name`."""
    if name not in cookie:
        return cookie
    kept = [part for part in cookie.split(b";") if part.partition(b"=")[0].strip() != name]
    return b";".join(kept).strip()


def cookie_value(cookie: bytes, name: bytes) -> bytes:
    """The value of the cookie `name`, or nothing."""
    if name not in cookie:
        return b""
    for part in cookie.split(b";"):
        key, _, value = part.partition(b"=")
        if key.strip() == name:
            return value.strip()
    return b""
