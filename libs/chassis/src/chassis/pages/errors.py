"""Error pages: what happened, what was not lost, and what to do next, in kind words.

The application answers every error with a problem document (chassis.problems, chassis.middleware). Where a person is looking,
this turns the document into a page, in the layout of where they were.
"""

import json
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse

from chassis.middleware import App, Message, Receive, Scope, Send
from chassis.pages.assets import mount_static
from chassis.pages.environment import Pages
from chassis.pages.headers import PAGE_HEADERS
from chassis.problems import MEDIA_TYPE, request_id_of

log = structlog.get_logger(__name__)

_SIGNED_OUT = 401
_UNEXPECTED = 500
_KEPT_HEADERS = {b"allow", b"connection", b"retry-after", b"www-authenticate", b"x-request-id"}

# The words of an error page by status; every other one is `unexpected`.
_WORDS = {
    400: "unreadable",
    _SIGNED_OUT: "signed-out",
    403: "forbidden",
    404: "not-found",
    405: "not-found",
    409: "conflict",
    410: "not-found",
    412: "conflict",
    413: "too-large",
    415: "unreadable",
    422: "unreadable",
    428: "conflict",
    429: "too-many",
    502: "unavailable",
    503: "unavailable",
    504: "unavailable",
}


# Problems whose `detail` is written for the programmer of a client.
_FOR_PROGRAMS = {
    "content-too-large",
    "forbidden",
    "form-expired",
    "malformed-payload",
    "method-not-allowed",
    "not-found",
    "unauthenticated",
}
# Where the status alone would say the wrong thing to staff: a form that was open for too long is not another's page.
_WORDS_OF_STAFF = {"form-expired": "expired"}


def wants_page(request: Request) -> bool:
    """Tell whether a person is looking: the browser asks for HTML, and the address is not that of a machine's interface."""
    return _wants_page(request.scope)


def _wants_page(scope: Scope) -> bool:
    path = scope["path"]
    machine = "/v1/" in path or "/odata/" in path or "/exports/" in path
    return not machine and any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def error_page(request: Request, pages: Pages, status: int, detail: str = "", *, slug: str = "") -> HTMLResponse:
    """Answer with the error page of a status, or of the problem `slug` where staff get words of their own for it.

    `detail` says in addition what to do; only staff pages, which are English, show it. What a survey's pages need (`language`,
    `large_print`) comes from the chrome, as for every page.
    """
    survey = bool(pages.survey_paths) and request.url.path.startswith(pages.survey_paths)
    words = _WORDS.get(status, "unexpected")
    context: dict[str, Any] = {
        "layout": "chassis/survey.html" if survey else "chassis/staff.html",
        "words": f"survey.error.{words}" if survey else f"staff.error.{_WORDS_OF_STAFF.get(slug, words)}",
        "detail": "" if survey else detail,
        "reference": request_id_of(request),
        "signed_out": status == _SIGNED_OUT,
    }
    try:
        return pages.respond(request, "chassis/error.html", status, **context)
    except Exception:
        # What stands around the page may be the very thing that failed.
        log.exception("error_page.without_chrome", path=request.url.path)
        return HTMLResponse(pages.render("chassis/error.html", **context), status, headers=PAGE_HEADERS)


def install(app: FastAPI, pages: Pages) -> None:
    """Serve pages from an app: `page()` finds them, built files are served, problems become pages for browsers.

    Call it after everything that adds middleware (`chassis.web.create_app`), so that what they refuse becomes a page too.
    """
    app.state.pages = pages
    mount_static(app, pages.static_path, pages.assets)
    app.add_middleware(ErrorPages, pages=pages)


class ErrorPages:
    """Middleware that answers a person's request with a page where the application answers with a problem document."""

    def __init__(self, app: App, *, pages: Pages) -> None:
        self._app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not _wants_page(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        started: list[Message] = []
        problem = bytearray()

        async def sending(message: Message) -> None:
            if not started:
                started.append(message)
                if not _is_problem(message):
                    await send(message)
            elif not _is_problem(started[0]):
                await send(message)
            else:
                problem.extend(message.get("body", b""))
                if not message.get("more_body"):
                    await self._page(request, started[0], bytes(problem))(scope, receive, send)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            if started:
                raise
            log.exception("request.failed", path=request.url.path)
            await error_page(request, self._pages, _UNEXPECTED)(scope, receive, send)

    def _page(self, request: Request, start: Message, body: bytes) -> HTMLResponse:
        problem = json.loads(body or b"{}")
        slug = str(problem.get("type", "")).rpartition(":")[2]
        status = start["status"]
        detail = str(problem.get("detail", ""))
        told = status < _UNEXPECTED and slug not in _FOR_PROGRAMS and detail != f"{HTTPStatus(status).phrase}."
        response = error_page(request, self._pages, status, detail if told else "", slug=slug)
        response.raw_headers.extend((name, value) for name, value in start["headers"] if name.lower() in _KEPT_HEADERS)
        return response


def _is_problem(start: Message) -> bool:
    headers = dict(start.get("headers", ()))
    return bytes(headers.get(b"content-type", b"")).startswith(MEDIA_TYPE.encode())
