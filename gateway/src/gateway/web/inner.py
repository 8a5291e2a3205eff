"""What a monitor asks, on a port of its own that no proxy passes on: `/metrics`, `/readyz`, `/livez`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute


@contextlib.asynccontextmanager
async def served(routes: list[BaseRoute], host: str, port: int, tls: dict[str, Any]) -> AsyncIterator[None]:
    """Serve these routes meanwhile; with port 0 nothing."""
    if not port:
        yield
        return
    options = uvicorn.Config(
        Starlette(routes=routes),
        host=host,
        port=port,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        **tls,
    )
    server = uvicorn.Server(options)
    # Signals belong to the server of the gateway itself.
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task
