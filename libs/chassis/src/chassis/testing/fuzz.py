"""What tests of parsers send: valid input that was changed somewhere, and what people who look for faults try first.

A parser of outside input has one rule (docs/security/parsers.md): whatever comes, it gives a value or its own declared error.
Random bytes find little, since a parser looks at the first of them and stops; a valid input with one part wrong gets further.
"""

import base64
import importlib
import json
import pkgutil
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from chassis import problems

PIECES: Sequence[bytes] = (
    b"", b"\0", b"\r\n", b"\n", b"\t", b" ", b"\xff", b"\xef\xbb\xbf", b"\xc3\x28", b"\xed\xa0\x80", b"\xe2\x80\xae", b"'",
    b'"', b"\\", b"%", b"%00", b"%2e%2e%2f", b"../", b"//", b";", b"\x2c", b":", b"=", b"&", b"{", b"}", b"[", b"]", b"(",
    b")", b"<", b">", b"-1", b"0", b"9" * 20, b"9" * 5000, b"1e999", b"NaN", b"null", b"true", b"[" * 3000, b'{"a":' * 1500,
    b"\\ud800", b"\xd9\xa3", b"\xe2\x82\x82",
)  # fmt: skip
"""Bytes that meant something to some parser once: ends of strings, paths, numbers without end, nesting, halves of letters."""

TEXTS: Sequence[str] = (
    "", " ", "\0", "\ud800", "\udfff", "\u202e", "\ufeff", "\u0663", "²", "ß", "İ", "\U0001f600", "é", "e\u0301", "\x85",
    "\u2028", "null", "true", "NaN", "-0", "1e999", "9" * 30, "9" * 4301, "0x10", "1_000", "+1", " 1 ", "٣", "../..",
    "a" * 5000, "[" * 3000, "%00", "'--", "{{7*7}}", "2026-02-30", "0000-00-00", "9999-12-31", "2026-W05-1", "20260101",
    "T", "Z", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
"""Texts of the same kind, among them digits that are none of ours and what only looks like a day."""

NUMBERS: Sequence[Any] = (
    0, -1, 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**400, 0.5, -0.0, 1e308, float("inf"),
    float("nan"), True, False, None,
)  # fmt: skip


def texts(usual: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[str]:
    """Any text, halves of surrogate pairs and all; `usual` is what the parser expects."""
    wild = st.text(st.characters(), max_size=40)  # surrogates too: JSON can hold them
    return st.one_of(*([] if usual is None else [usual]), st.sampled_from(TEXTS), wild)


def values(leaves: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[Any]:
    """Any value that JSON as Python reads it can hold, a few levels deep."""
    leaf = st.one_of(*([] if leaves is None else [leaves]), st.sampled_from(NUMBERS), st.integers(), st.floats(), texts())
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3), max_leaves=6
    )


@st.composite
def mutated(draw: st.DrawFn, valid: st.SearchStrategy[bytes], pieces: Sequence[bytes] = PIECES, most: int = 3) -> bytes:
    """A valid input that was changed in one to `most` places: cut, doubled, overwritten, or with something put in between."""
    content = draw(valid)
    for _ in range(draw(st.integers(1, most))):
        first = draw(st.integers(0, len(content)))
        last = draw(st.integers(first, min(len(content), first + 40)))
        put = draw(st.one_of(st.sampled_from(pieces), st.binary(max_size=4), st.just(content[first:last] * 2)))
        content = content[:first] + put + content[last:]
    return content


@st.composite
def mutated_text(draw: st.DrawFn, valid: st.SearchStrategy[str], pieces: Sequence[str] = TEXTS, most: int = 3) -> str:
    """The same for a text."""
    content = draw(valid)
    for _ in range(draw(st.integers(1, most))):
        first = draw(st.integers(0, len(content)))
        last = draw(st.integers(first, min(len(content), first + 20)))
        put = draw(st.one_of(st.sampled_from(pieces), st.text(st.characters(), max_size=3), st.just(content[first:last] * 2)))
        content = content[:first] + put + content[last:]
    return content


@st.composite
def mutated_document(draw: st.DrawFn, valid: st.SearchStrategy[Any], most: int = 2) -> Any:
    """A document of objects and lists in which one to `most` values were replaced, left out, doubled, or new ones put in."""
    document = json.loads(json.dumps(draw(valid)))
    for _ in range(draw(st.integers(1, most))):
        document = _changed(draw, document)
    return document


def _changed(draw: st.DrawFn, node: Any) -> Any:
    if isinstance(node, str) and draw(st.booleans()):
        # Half of the faults of a text are found only where a text is expected.
        return draw(texts())
    if not isinstance(node, dict | list) or not node or draw(st.integers(0, 3)) == 0:
        return draw(values())
    if isinstance(node, list):
        place = draw(st.integers(0, len(node) - 1))
        kept = list(node)
        return _member(draw, kept, place)
    name = draw(st.sampled_from(list(node)))
    return _member(draw, dict(node), name)


def _member(draw: st.DrawFn, node: Any, at: Any) -> Any:
    how = draw(st.sampled_from(("inside", "inside", "replace", "leave out", "another")))
    if how == "inside":
        node[at] = _changed(draw, node[at])
    elif how == "replace":
        node[at] = draw(values())
    elif how == "leave out":
        del node[at]
    elif isinstance(node, list):
        node.append(node[at])
    else:
        node[draw(texts())] = draw(values())
    return node


def written(document: Any) -> bytes:
    """A document as JSON, however odd: also what strict JSON knows nothing of (NaN, halves of surrogate pairs as escapes)."""
    return json.dumps(document).encode()


def base64url(content: bytes) -> str:
    """Without padding, as tokens are written."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def cursors() -> st.SearchStrategy[str]:
    """Cursors of lists (`chassis.keyset`) that hold something else than they should, or are none."""
    keys = st.sampled_from([[7], ["2026-01-31", "018f2b5e-0000-7000-8000-000000000001"], ["2026-01-31T09:00:00+00:00", "c-1"]])
    return st.one_of(mutated_document(keys).map(written).map(base64url), mutated_text(keys.map(written).map(base64url)))


def example_of(schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None, depth: int = 0) -> Any:
    """A document that a JSON Schema (as pydantic writes it) allows, or nearly: a beginning for `mutated_document`."""
    definitions = schema.get("$defs", {}) if definitions is None else definitions
    if "$ref" in schema:
        return example_of(definitions[schema["$ref"].rpartition("/")[2]], definitions, depth)
    if choices := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return example_of(choices[0], definitions, depth)
    if "const" in schema or "enum" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    kind = schema.get("type")
    if kind == "object" and depth < _DEEP:
        return {name: example_of(part, definitions, depth + 1) for name, part in schema.get("properties", {}).items()}
    if kind == "array" and depth < _DEEP:
        return [example_of(schema.get("items", {}), definitions, depth + 1)]
    simple = {
        "array": [],
        "integer": schema.get("minimum", 1),
        "number": schema.get("minimum", 1),
        "boolean": True,
        "string": _FORMATS.get(schema.get("format", ""), "some-words"),
    }
    return simple.get(kind or "")


_DEEP = 6
_FORMATS = {"date": "2026-01-31", "date-time": "2026-01-31T09:00:00Z", "uuid": "018f2b5e-0000-7000-8000-000000000001"}


def models_in(*packages: str) -> list[type[BaseModel]]:
    """Every model of some packages that reads what comes from outside: those that refuse a field which they do not know."""
    found: dict[str, type[BaseModel]] = {}
    for package in packages:
        for each in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            for value in vars(importlib.import_module(each.name)).values():
                if isinstance(value, type) and issubclass(value, BaseModel) and value.model_config.get("extra") == "forbid":
                    found[f"{value.__module__}.{value.__qualname__}"] = value
    return [found[name] for name in sorted(found)]


@cache
def _example_of_model(model: type[BaseModel]) -> Any:
    return example_of(model.model_json_schema())


@st.composite
def bodies(draw: st.DrawFn, models: Sequence[type[BaseModel]]) -> tuple[type[BaseModel], bytes]:
    """A body for one of the models: nearly right as JSON, or right JSON that was changed in some bytes."""
    model = draw(st.sampled_from(models))
    document = _example_of_model(model)
    if draw(st.booleans()):
        return model, written(draw(mutated_document(st.just(document))))
    return model, draw(mutated(st.just(written(document))))


def assert_read_or_refused(model: type[BaseModel], body: bytes) -> None:
    """A body is an instance of its model, or the problem says where it is wrong, in words that can be sent."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    try:
        model.model_validate(parsed)
    except ValidationError as error:
        told = problems.validation_errors(error.errors(include_url=False))
        if not told:
            raise AssertionError(body) from None
        orjson.dumps(told)
