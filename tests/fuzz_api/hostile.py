"""Requests that no description generates: what parsers, drivers and databases have stumbled over elsewhere."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_BIG = "9" * 400
_TEXTS: tuple[Any, ...] = (
    "nul \x00 inside",
    "half \ud800 a character",
    "x" * 300_000,
    "\u202e\ufeff\u200b",
    10**30,
    -(2**63) - 1,
)
_NUMBERS: tuple[Any, ...] = (2**31, 2**63, -1, 0, 10**400, "1")
_DAYS = ("0001-01-01", "9999-12-31", "10000-01-01", "0000-00-00", "-4713-01-01", "2024-02-30", "99999999-01-01")
_QUERY = (
    "", "%00", "%FF%FE", "%ED%A0%80", "9223372036854775808", "-1", "1e309", "NaN", *_DAYS, "0001-01-01T00:00:00Z", "a" * 3000,
    "'%20or%201=1--", "e30", "W10", "bnVsbA", "eyJhIjoxfQ==", "[]", "%F0%9F%92%A3", "2024-13", "9999-q4", "0000-q1",
)  # fmt: skip
_PATHS = (
    "%00",
    "%FF",
    "a%20b",
    "9223372036854775808",
    "-1",
    "0",
    "%F0%9F%92%A3",
    "x" * 2000,
    "%ED%A0%80",
    "null",
    "..%00",
    "%0a",
)
_HEADERS = {
    "If-Match": ("*", '"', "W/", 'W/"1"', '"99999999999999999999"', '"-1"', "\xff\xfe", '"1", "2"', '"a"' * 500, '"١"'),
    "If-None-Match": ("*", '"', ",,,", "\xff", 'W/"x", ' * 300),
    "Idempotency-Key": ("", "x", "\xff\xfe", "k" * 5000, "a\tb", "'; drop table"),
    "Accept": ("image/png", "*/*;q=0", "\xff", "application/json;q=NaN", "a" * 3000),
    "Accept-Language": ("\xff", "xx-" * 500, "cy;q=2"),
    "Prefer": ("odata.maxpagesize=99999999999", "odata.maxpagesize=-1", "return=\xff"),
    "Range": ("bytes=0-0", "bytes=-99999999999999999999", "bytes=5-1", "items=1"),
    "Content-Disposition": (
        "attachment; filename*=UTF-8''%FF",
        'attachment; filename="',
        "\xff" * 200,
        "inline; filename=..%2f",
    ),
    "Loop-Org": ("nowhere", "\xff", "A" * 300, "fuzzed-county, worcestershire"),
    "X-Request-Id": ("short", "\xff" * 20, "a" * 5000),
    "traceparent": ("00-0-0-0", "\xff" * 55),
    "Content-Encoding": ("gzip", "br", "nonsense"),
    "Content-Language": ("\xff",),
}
_TYPES = (
    "text/plain", "application/xml",
    "multipart/form-data", "multipart/form-data; boundary=", "application/json; charset=utf-16",
    "application/x-www-form-urlencoded", "application/vnd.api+json", "application/problem+json",
    "json", "/", "\xff", "a/b;" * 300,
    "application/json; charset=\xff", "text/csv; charset=nonsense",
)  # fmt: skip
_RAW = (
    b"", b"{", b"null", b"[]", b'"x"',
    b"0", b"1e999", b"NaN", b"-Infinity", b"\xff\xfe\x00", b"\xef\xbb\xbf{}", b"{}{}", b"\x00",
    b"[" * 100_000, b'{"a":' * 20_000, b'{"a":1,"a":2}', b'{"\\ud800":1}', b'{"\\u0000":1}', b'{"__proto__":{},"__class__":1}',
    b'{"x":' + _BIG.encode() + b"}", b"{" + b'"k":1,' * 30_000 + b'"z":1}', json.dumps({"a": "é"}).encode("utf-16"),
)  # fmt: skip
_PLACES = 40
"""Of a body at most, each with one of the values that do not belong there."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW")


@dataclass(frozen=True)
class Sent:
    """A request as it goes out. `path` stands as it is in the request line."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    words: str = ""


def broken(sent: Sent, described: dict[str, Any], template: str, body: Any, chance: random.Random) -> Iterator[Sent]:
    """Every hostile neighbour of a request; `body` is what its body says, for one of JSON."""
    yield from _headers(sent)
    if not template.endswith("/v1/profile"):  # which is asked with dry_run alone
        yield from _addresses(sent, described, template)
    yield from _methods(sent)
    if "requestBody" in described:
        yield from _bodies(sent, body, chance)


def _but(sent: Sent, words: str, **changes: Any) -> Sent:
    return Sent(**{**vars(sent), **changes, "words": words})


def _headers(sent: Sent) -> Iterator[Sent]:
    for name, values in _HEADERS.items():
        for value in values:
            yield _but(sent, f"{name}: {value[:30]!r}", headers={**sent.headers, name: value})


def _addresses(sent: Sent, described: dict[str, Any], template: str) -> Iterator[Sent]:
    names = [each["name"] for each in described.get("parameters", ()) if each["in"] == "query"]
    for name in [*names, "unheard-of"]:
        for value in _QUERY:
            yield _but(sent, f"?{name}={value[:30]}", query=f"{name}={value}")
        yield _but(sent, f"?{name} twice", query=f"{name}=1&{name}=2&{name}[]=3")
    parts = sent.path.split("/")
    for place, part in enumerate(template.split("/")):
        if "{" in part and place < len(parts):
            for value in _PATHS:
                yield _but(sent, f"{part} is {value[:20]}", path="/".join([*parts[:place], value, *parts[place + 1 :]]))
    yield _but(sent, "trailing slash", path=f"{sent.path}/")


def _methods(sent: Sent) -> Iterator[Sent]:
    for method in METHODS:
        if method != sent.method:
            yield _but(sent, f"method {method}", method=method)


def _bodies(sent: Sent, body: Any, chance: random.Random) -> Iterator[Sent]:
    for media in _TYPES:
        yield _but(sent, f"Content-Type: {media[:30]!r}", headers={**sent.headers, "Content-Type": media})
    yield _but(sent, "no content type", headers={name: each for name, each in sent.headers.items() if name != "Content-Type"})
    for raw in _RAW:
        yield _but(sent, f"body {raw[:20]!r}", body=raw)
    if isinstance(body, dict | list):
        for words, changed in _fields(body, chance):
            # Half a character goes out escaped, as `json.dumps` has it.
            yield _but(sent, words, body=json.dumps(changed).encode())


def _fields(body: Any, chance: random.Random) -> Iterator[tuple[str, Any]]:
    """Copies of a body, in each of which one value is hostile."""
    places = list(_places(body, ()))
    for where, value in places if len(places) <= _PLACES else chance.sample(places, _PLACES):
        hostile: tuple[Any, ...] = (None, [], {}, True, 1.5)
        hostile += (
            (*_TEXTS, *_DAYS)
            if isinstance(value, str)
            else (2**31, 2**63, -1, 0, 10**400, "1")
            if isinstance(value, int)
            else ()
        )
        for each in chance.sample(hostile, 3):
            yield f"{'/'.join(map(str, where))} is {str(each)[:30]!r}", _with(body, where, each)


def _places(node: Any, where: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if where:
        yield where, node
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _places(value, (*where, name))
    elif isinstance(node, list):
        for place, value in enumerate(node[:2]):
            yield from _places(value, (*where, place))


def _with(node: Any, where: tuple[Any, ...], value: Any) -> Any:
    if not where:
        return value
    first, *rest = where
    if isinstance(node, list):
        return [_with(each, tuple(rest), value) if place == first else each for place, each in enumerate(node)]
    return {name: _with(each, tuple(rest), value) if name == first else each for name, each in node.items()}
