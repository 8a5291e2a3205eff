"""What a table of every route against every grant is held against."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every route of the application, those of its routers too; HEAD goes with GET."""
    found = set()
    for context in iter_route_contexts(app.router.routes):
        route: Any = context
        found |= {(method, route.path) for method in (route.methods or {"GET"}) - {"HEAD"}}
    return found
