"""What the guides show of the API is in its description: addresses, methods, query parameters, and bodies that are whole."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
SERVICES = ("audit", "feedback", "complaints", "reporting")
_CALL = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) +(/[^\s`|]+)")
_CURL = re.compile(r"^curl (.*(?:\\\n.*)*)", re.MULTILINE)
_PLACE = re.compile(r"…|<[^>]*>|\{[^}]*\}|\$\w+")
"""What a guide writes where something of the reader's own stands."""


@lru_cache
def documents() -> dict[str, Any]:
    return {name: json.loads((ROOT / "services" / name / "openapi.json").read_text()) for name in SERVICES}


def calls(page: str) -> Iterator[tuple[str, str, str]]:
    """Method, address and what follows, of every request that a page names or shows."""
    for found in _CALL.finditer(page):
        yield found[1], re.sub(r"(?<=\w)…$", "", found[2].rstrip(".,;:")), page[found.end() :]
    for line in _CURL.findall(page):
        if target := re.search(r"https://(?:loop\.example|…)(/[^\s\"']*)", line):
            method = re.search(r"-X (\w+)", line)
            sends = re.search(r"(?:^|\s)(?:-d|--data\S*|-F|--form) ", line)
            yield method[1] if method else "POST" if sends else "GET", target[1], ""


def operation_of(document: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    parts = [part if part == "…" else _PLACE.sub("x", part) for part in path.rstrip("/").split("/")]
    for template, operations in document["paths"].items():
        wanted = template.rstrip("/").split("/")
        fits = len(wanted) == len(parts) and all(
            "{" in one or part in {one, "…"} for one, part in zip(wanted, parts, strict=True)
        )
        if fits and (found := operations.get(method.lower())):
            return dict(found)
    return None


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_requests_in_guides_are_described(guide: Path) -> None:
    described = documents()
    wrong = []
    for method, address, after in calls(guide.read_text()):
        parts = urlsplit(address)
        service = parts.path.split("/")[1]
        if service not in described or (
            "/v1/" not in parts.path and "/odata/" not in parts.path and "/exports/" not in parts.path
        ):
            continue
        operation = operation_of(described[service], method, parts.path)
        if operation is None:
            wrong.append(f"{method} {address} is not described")
            continue
        known = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
        asked = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True) if not name.startswith("$")}
        if "/odata/" not in parts.path and asked - known:
            wrong.append(f"{method} {address} asks for {asked - known}, which is not described")
        wrong += [f"{method} {address}: {words}" for words in body_faults(described[service], operation, after)]
    assert wrong == []


def body_faults(document: dict[str, Any], operation: dict[str, Any], after: str) -> list[str]:
    """What is wrong with the body that stands below a request; one with gaps (…) is held against names alone."""
    text = after.partition("\n\n")[0].partition("\n{")[2]
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if not text or schema is None:
        return []
    try:
        body = json.JSONDecoder().raw_decode("{" + text)[0]
    except ValueError:
        return []
    if "…" in json.dumps(body, ensure_ascii=False):
        return []
    validator = jsonschema.Draft202012Validator({**schema, "components": document["components"]})
    return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in validator.iter_errors(body)]
