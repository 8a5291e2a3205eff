"""The description of the whole HTTP API: each service's own OpenAPI document, gathered into one."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
import structlog
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from chassis.described import schemes
from gateway.proxy.upstreams import base_of
from gateway.settings import SERVICES
from gateway.web.parts import Parts, PartsDep

log = structlog.get_logger(__name__)
router = APIRouter()

_SECONDS = 10.0
_BELIEVED = 30.0
_MOST = 8 << 20  # bytes of one document

_DESCRIPTION = (
    "Everything goes through one address. Errors are problem details (RFC 9457). "
    "Every POST of a machine takes an Idempotency-Key."
)
_METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})


@dataclass
class Gathered:
    """Gathers the documents, and keeps the last good one of a service that is away."""

    own: Callable[[], dict[str, Any]]
    """The gateway's own document, made in a thread when somebody asks: it takes longer than all else of a start."""
    scopes: Mapping[str, str]
    _documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    _until: float = 0.0
    _answer: dict[str, Any] | None = None
    _asking: asyncio.Task[dict[str, Any]] | None = None

    async def of(self, parts: Parts) -> dict[str, Any]:
        """The gathered document; `x-unavailable` lists services that could not be asked."""
        if self._answer is not None and time.monotonic() < self._until:
            return self._answer
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._gather(parts))
        return await asyncio.shield(self._asking)

    async def _gather(self, parts: Parts) -> dict[str, Any]:
        services = [service for service in SERVICES if service in parts.guards]
        found = await asyncio.gather(*(_fetch(parts, service) for service in services))
        away = [service for service, document in zip(services, found, strict=True) if document is None]
        for service, document in zip(services, found, strict=True):
            if document is not None:
                self._documents[service] = document
        known = {service: self._documents[service] for service in SERVICES if service in self._documents}
        own = await asyncio.to_thread(self.own)
        self._answer = merge({"gateway": own, **known}, self.scopes, parts.settings.public_url, away)
        # One that is away is asked again soon.
        self._until = time.monotonic() + (2.0 if away else _BELIEVED)
        return self._answer


async def _fetch(parts: Parts, service: str) -> dict[str, Any] | None:
    base = base_of(parts.routes, service)
    if base is None:
        return None
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    url = f"{base}/{service}/v1/openapi.json"
    try:
        async with parts.client().get(url, headers=parts.plain_headers(base), timeout=timeout) as response:
            if response.status != 200 or (response.content_length or 0) > _MOST:  # noqa: PLR2004 - a status of HTTP
                log.warning("openapi.refused", upstream=service, status=response.status)
                return None
            document = orjson.loads(await response.read())
            return document if isinstance(document, dict) and isinstance(document.get("paths"), dict) else None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        log.warning("openapi.away", upstream=service, reason=type(error).__name__)
        return None


def merge(documents: Mapping[str, dict[str, Any]], scopes: Mapping[str, str], url: str, away: list[str]) -> dict[str, Any]:
    """One document of several. Components keep apart by their service's name (`audit.Outcome`), tags name the service."""
    paths: dict[str, Any] = {}
    components: dict[str, dict[str, Any]] = {"securitySchemes": schemes(url, scopes)}
    for service, document in documents.items():
        own = _prefixed(document, service)
        for path, operations in own["paths"].items():
            for method, operation in operations.items():
                if method in _METHODS and isinstance(operation, dict):
                    operation["tags"] = [service]
                    if identifier := operation.get("operationId"):
                        operation["operationId"] = f"{service}_{identifier}"
            paths.setdefault(path, {}).update(operations)
        for kind, members in own.get("components", {}).items():
            if kind != "securitySchemes":
                components.setdefault(kind, {}).update({f"{service}.{name}": member for name, member in members.items()})
    gathered: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Learning Loop", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": url}],
        "tags": [{"name": service, "description": _described(document)} for service, document in documents.items()],
        "security": [{"apiKey": []}, {"oauth2": []}],
        "paths": paths,
        "components": components,
    }
    if away:
        gathered["x-unavailable"] = away
    return gathered


def _described(document: dict[str, Any]) -> str:
    info = document.get("info", {})
    return str(info.get("description") or info.get("title") or "")


def _prefixed(node: Any, service: str) -> Any:
    """A copy in which references to components name the service."""
    if isinstance(node, list):
        return [_prefixed(each, service) for each in node]
    if not isinstance(node, dict):
        return node
    copy = {}
    for key, value in node.items():
        if key == "$ref" and isinstance(value, str) and value.startswith("#/components/"):
            kind, _, name = value.removeprefix("#/components/").partition("/")
            copy[key] = f"#/components/{kind}/{service}.{name}"
        else:
            copy[key] = _prefixed(value, service)
    return copy


@router.get("/openapi.json", include_in_schema=False)
async def openapi(parts: PartsDep) -> Response:
    """The gathered document."""
    return JSONResponse(await parts.gathered.of(parts), headers={"Cache-Control": "public, max-age=10"})
