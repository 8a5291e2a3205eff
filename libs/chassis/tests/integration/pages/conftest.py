"""A small service with one page of each layout, as a service would make them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from chassis import problems
from chassis.errors import DomainError, Kind
from chassis.pages import NavigationItem, Pages, csrf_token, install, page, read_form, redirect
from chassis.pages.forms import require_token
from chassis.testing.browser import chromium, served
from chassis.testing.page_client import PageClient

__all__ = ["chromium"]

SECRET, SESSION = b"s" * 32, "session-1"
HERE = Path(__file__).parent


def chrome(request: Request) -> dict[str, Any]:
    if request.url.path.startswith("/s/"):
        wanted = request.query_params.get("language", "en")
        return {
            "organisation": "Worcestershire Children First",
            "language": wanted if wanted in {"ar", "fa"} else "en",
            "large_print": request.query_params.get("large") == "on",
        }
    return {
        "organisation": "Worcestershire Children First",
        "person": "Alex Morgan",
        "sign_out": "/sign-out",
        "navigation": [
            NavigationItem("Audits", "/audit/"),
            NavigationItem("Feedback", "/feedback/"),
            NavigationItem("Complaints", "/staff", current=True),
            NavigationItem("Reports", "/reporting/"),
        ],
    }


def figure(value: float, n: int | None = None, of: int | None = None) -> dict[str, Any]:
    return {"state": "value", "value": value, "n": n, "of": of}


def without(state: str) -> dict[str, Any]:
    return {"state": state, "value": 0 if state == "zero" else None, "n": None, "of": None}


TABLE: dict[str, Any] = {
    "code": "points",
    "title": "Answered in time by service area",
    "rows_label": "Service area",
    "columns": [
        {"code": "complaints", "label": "Complaints", "unit": "count"},
        {"code": "in-time", "label": "Answered in time", "unit": "percent"},
        {"code": "points", "label": "Points", "unit": "count"},
        {"code": "stage-2", "label": "At stage 2", "unit": "count"},
    ],
    "rows": [
        {"code": "a", "label": "Family Front Door", "cells": [figure(19), figure(67.5, 27, 40), figure(31), without("zero")]},
        {"code": "b", "label": "Through Care", "cells": [figure(12), figure(92, 11, 12), figure(1234), figure(2)]},
        {
            "code": "c",
            "label": "QA & Independent Review",
            "cells": [without("suppressed"), without("not-collected"), without("not-in-use"), without("zero")],
        },
        {
            "code": "total",
            "label": "All",
            "total": True,
            "cells": [figure(33), figure(73.08, 38, 52), figure(1265), figure(2)],
        },
    ],
    "notes": ["Complaints and points are counted separately: one complaint has one or more points."],
}
BARS = "".join(
    f'<g id="bar{i}"><rect x="{60 + i * 110}" y="{180 - h * 6}" width="70" height="{h * 6}" style="fill: #14535b"/>'
    f'<text x="{95 + i * 110}" y="{172 - h * 6}" text-anchor="middle" font-size="16">{h}</text>'
    f'<text x="{95 + i * 110}" y="204" text-anchor="middle" font-size="16">Q{i + 1}</text></g>'
    for i, h in enumerate((25, 19, 12, 14))
)
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" width="520" height="220" font-family="sans-serif">{BARS}</svg>'


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI(openapi_url=None)
    problems.install(app)
    install(app, Pages(HERE / "templates", static_path="/static", home="/staff", survey_paths=("/s/",), chrome=chrome))

    @app.get("/staff")
    async def staff(request: Request) -> Response:
        return page(request, "staff.html", title="Complaints this quarter", table=TABLE, svg=SVG, token=token())

    @app.post("/staff")
    async def post(request: Request) -> Response:
        form = await read_form(request)
        require_token(form, SECRET, SESSION)
        if not form.text("name"):
            errors = [("name", "Enter a name")]
            context = {"title": "Complaints this quarter", "table": TABLE, "svg": SVG, "token": token()}
            return page(request, "staff.html", 422, errors=errors, **context)
        return redirect("/staff")

    @app.get("/s/{kind}")
    async def survey(request: Request, kind: str) -> Response:
        if kind not in {"question", "faces", "check", "done"}:
            raise DomainError("conflict", "English words that a survey does not show")
        return page(request, f"{kind}.html", title=kind.title(), token=token())

    @app.get("/complaints-officers-only")
    async def elsewhere() -> None:
        # What `chassis.access.requires` raises.
        raise DomainError("forbidden", "This needs one of: role:complaints-officer.", Kind.FORBIDDEN)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("a secret")

    return app


def token() -> str:
    return csrf_token(SECRET, SESSION)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[PageClient]:
    async with PageClient(app) as client:
        yield client


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with served(app) as address:
        yield address
