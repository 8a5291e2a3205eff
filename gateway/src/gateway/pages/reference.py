"""The gathered OpenAPI document, laid out for a page that needs no script."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_METHODS = ("get", "put", "post", "patch", "delete", "head", "options")
_REFERENCE = "#/components/schemas/"
_SHARED = "#/components/responses/"
_NOT_AN_ID = re.compile(r"[^A-Za-z0-9_.-]+")
_LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "pattern": "pattern {}",
    "default": "default {}",
}


@dataclass(frozen=True)
class Part:
    """A piece of a type's name; with `anchor` it links to a schema of this page."""

    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Field:
    """A parameter of an operation or a field of a schema."""

    name: str
    place: str
    required: bool
    kind: list[Part]
    description: str


@dataclass(frozen=True)
class Content:
    """What goes in or comes back: a media type or a status, its type and words."""

    label: str
    kind: list[Part]
    description: str = ""


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    anchor: str
    method: str
    path: str
    summary: str
    description: list[str]
    parameters: list[Field]
    bodies: list[Content]
    answers: list[Content]


@dataclass(frozen=True)
class Schema:
    """One named shape of data."""

    anchor: str
    name: str
    description: list[str]
    kind: list[Part]
    fields: list[Field]


@dataclass
class Section:
    """All of one service."""

    name: str
    description: str
    operations: list[Operation] = field(default_factory=list)
    schemas: list[Schema] = field(default_factory=list)


@dataclass(frozen=True)
class Reference:
    """The whole page."""

    sections: list[Section]
    unavailable: list[str]


def reference(document: Mapping[str, Any]) -> Reference:
    """Lay the gathered document out, service by service. What it does not understand it leaves out, never raises."""
    sections = {tag["name"]: Section(tag["name"], tag.get("description", "")) for tag in document.get("tags", [])}
    for path, item in sorted(document.get("paths", {}).items()):
        for method in _METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                section = sections.get((operation.get("tags") or [""])[0])
                if section is not None:
                    section.operations.append(
                        _operation(path, method, _resolved(operation, document), item.get("parameters", []))
                    )
    for name, schema in sorted(document.get("components", {}).get("schemas", {}).items()):
        service, _, short = name.partition(".")
        if service in sections:
            sections[service].schemas.append(_schema(name, short, schema))
    return Reference([each for each in sections.values() if each.operations], list(document.get("x-unavailable", [])))


def _resolved(operation: dict[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """The operation with the answers that it shares with others written out."""
    shared = document.get("components", {}).get("responses", {})
    answers = {
        status: shared.get(str(each["$ref"]).removeprefix(_SHARED), {}) if isinstance(each, dict) and "$ref" in each else each
        for status, each in operation.get("responses", {}).items()
    }
    return {**operation, "responses": answers}


def _operation(path: str, method: str, operation: dict[str, Any], shared: list[Any]) -> Operation:
    parameters = [each for each in [*shared, *operation.get("parameters", [])] if isinstance(each, dict) and "name" in each]
    bodies = operation.get("requestBody", {}).get("content", {})
    return Operation(
        anchor=_anchor("operation", f"{method}-{path}"),
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        description=_paragraphs(operation.get("description", "")),
        parameters=[
            Field(
                each["name"],
                each.get("in", ""),
                bool(each.get("required")),
                _kind(each.get("schema", {})),
                _words(each.get("description", ""), each.get("schema", {})),
            )
            for each in parameters
        ],
        bodies=[Content(media, _kind(body.get("schema", {}))) for media, body in bodies.items()],
        answers=[_answer(status, each) for status, each in operation.get("responses", {}).items() if isinstance(each, dict)],
    )


def _answer(status: str, answer: dict[str, Any]) -> Content:
    schemas = [body.get("schema", {}) for body in answer.get("content", {}).values()]
    schema: Any = next((each for each in schemas if each), None)
    return Content(status, _kind(schema) if schema else [], answer.get("description", ""))


def _schema(name: str, short: str, schema: dict[str, Any]) -> Schema:
    required = set(schema.get("required", []))
    fields = [
        Field(each, "", each in required, _kind(member), _words(member.get("description", ""), member))
        for each, member in schema.get("properties", {}).items()
        if isinstance(member, dict)
    ]
    kind = [] if fields else _kind(schema)
    return Schema(_anchor("schema", name), short, _paragraphs(schema.get("description", "")), kind, fields)


def _kind(schema: Any) -> list[Part]:
    """The type in words: `list of Outcome or null`."""
    if not isinstance(schema, dict) or not schema:
        return [Part("anything")]
    if isinstance(target := schema.get("$ref"), str):
        name = target.removeprefix(_REFERENCE)
        return [Part(name.partition(".")[2] or name, _anchor("schema", name))]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _joined([_kind(each) for each in schema[several]], " and " if several == "allOf" else " or ")
    return _plain(schema)


def _plain(schema: dict[str, Any]) -> list[Part]:
    if "const" in schema:
        return [Part(f"“{schema['const']}”")]
    if "enum" in schema:
        return [Part("one of " + ", ".join(f"“{each}”" for each in schema["enum"]))]
    kind = schema.get("type", "anything")
    if kind == "array":
        return [Part("list of "), *_kind(schema.get("items", {}))]
    if kind == "object" and isinstance(values := schema.get("additionalProperties"), dict):
        return [Part("map to "), *_kind(values)]
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return [Part(f"{words} ({schema['format']})" if "format" in schema else words)]


def _joined(kinds: list[list[Part]], word: str) -> list[Part]:
    parts: list[Part] = []
    for kind in kinds:
        if parts:
            parts.append(Part(word))
        parts.extend(kind)
    return parts


def _words(description: str, schema: dict[str, Any]) -> str:
    limits = [words.format(schema[name]) for name, words in _LIMITS.items() if schema.get(name) is not None]
    for inner in schema.get("anyOf", []):
        limits += [words.format(inner[name]) for name, words in _LIMITS.items() if inner.get(name) is not None]
    return " ".join(part for part in (description, f"({', '.join(limits)})" if limits else "") if part)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def _anchor(kind: str, name: str) -> str:
    return f"{kind}-{_NOT_AN_ID.sub('-', name).strip('-')}"
