"""Answers with an ETag: a body is a function of what it shows, so its hash is its version."""

import hashlib
from typing import Any

import orjson
from fastapi import Request
from starlette.responses import Response

NO_STORE = {"Cache-Control": "private, no-cache"}  # keep it, and ask every time whether it still holds

NOT_CHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "What the caller holds (`If-None-Match`) still holds."}}
"""How a route documents that it answers with an ETag."""


def shape(required: dict[str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """How a route documents an answer 200 of these members, each with its JSON schema, and of others that it may have."""
    schema = {"type": "object", "required": list(required), "properties": required}
    return {200: {"description": "As asked.", "content": {"application/json": {"schema": schema}}}}


OBJECTS: dict[str, Any] = {"type": "array", "items": {"type": "object"}}


def json_answer(request: Request, body: Any) -> Response:
    """JSON with its ETag; 304 where the caller holds the same (RFC 9110, If-None-Match)."""
    return tagged(request, orjson.dumps(body), "application/json")


def tagged(request: Request, content: bytes, media_type: str, **headers: str) -> Response:
    """Any body with its ETag, or 304."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    fixed = {"ETag": tag, **NO_STORE, **headers}
    held = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if tag in held or "*" in held:
        return Response(status_code=304, headers=fixed)
    return Response(content, media_type=media_type, headers=fixed)
