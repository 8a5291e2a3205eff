"""The page on which a data protection officer sees who read or changed what, and whether the chain holds."""

import asyncio
import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import iter_route_contexts
from starlette.responses import HTMLResponse

from chassis.access import org_of, requires
from chassis.days import british_time, moment_words
from chassis.identity import Identity
from chassis.pages import page
from chassis.secrets import Secrets
from chassis.trail import reading
from chassis.trail.begun import begun_of
from chassis.trail.checking import Found, check
from chassis.trail.links import Entry
from chassis.trail.reading import PAGE, Asked
from chassis.trail.routes import ROLE
from chassis.web import uow_of

LONGEST = 200
SECONDS = 20.0
"""How long somebody waits for a walk along the chain; the command has all the time it needs."""

Officer = Annotated[Identity, Depends(requires(ROLE))]
_BY_ITSELF = {"service": "What a service does by itself"}
KINDS = {"staff": "", "client": "system", "operator": "operator", "service": "service"}


def trail_pages(service: str, secrets: Secrets) -> APIRouter:
    """`GET /<service>/trail`."""
    router = APIRouter(prefix=f"/{service}", include_in_schema=False)

    @router.get("/trail")
    async def show_trail(request: Request, identity: Officer) -> HTMLResponse:
        """Who read or changed what."""
        asked, errors = _asked(request.query_params)
        org = org_of(identity)
        async with uow_of(request).begin(org) as transaction:
            found = await reading.search(transaction, asked)
            last = await reading.last_check(transaction)
            waiting = await reading.waiting(transaction)
            begun = await begun_of(transaction.connection, service, org)
            walked = await _walk(transaction.connection, service, org, secrets) if "check" in request.query_params else None
        shown = found[:PAGE]
        words = _words(request.app)
        kept = {name: request.query_params[name] for name in ("who", "record", "from", "to", "changes")
                if request.query_params.get(name)}  # fmt: skip
        return page(
            request,
            "chassis/trail.html",
            422 if errors else 200,
            title="Who read or changed what",
            rows=[_row(entry, words) for entry in shown],
            typed=kept,
            errors=errors,
            following=f"?{urlencode({**kept, 'before': shown[-1].number})}" if len(found) > PAGE else "",
            first=asked.before is None,
            last=_standing(last, waiting),
            begun=begun.number,
            begun_on=moment_words(begun.at) if begun.at else "",
            walked=walked,
            command=f"loop trail verify --org {org}",
        )

    return router


async def _walk(connection: Any, service: str, org: str, secrets: Secrets) -> Found | str:
    try:
        async with asyncio.timeout(SECONDS):
            return await check(connection, service, org, secrets)
    except TimeoutError:
        return f"The chain is too long to be walked along in {SECONDS:.0f} seconds."


def _asked(query: Mapping[str, str]) -> tuple[Asked, list[tuple[str, str]]]:
    errors: list[tuple[str, str]] = []

    def day(name: str, label: str) -> date | None:
        typed = query.get(name, "").strip()
        try:
            found = date.fromisoformat(typed) if typed else None
        except ValueError:
            found = None
            errors.append((name, f"{label}: choose a day, or leave it empty."))
        return found

    first, last = day("from", "From"), day("to", "Until")
    before = query.get("before", "")
    asked = Asked(
        query.get("who", "").strip()[:LONGEST],
        query.get("record", "").strip()[:LONGEST],
        first,
        # The last day of the calendar has no next.
        last if last != date.max else None,
        "changes" in query,
        int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,  # noqa: PLR2004 - digits of bigint
    )
    return asked, errors


def _words(app: FastAPI) -> dict[tuple[str, str], str]:
    """What each route does, in its summary, or in the first line of what its function says of itself."""
    found = {}
    for context in iter_route_contexts(app.router.routes):
        route: Any = context
        doc = (getattr(getattr(route, "endpoint", None), "__doc__", None) or "").strip().split("\n")[0].rstrip(".")
        for method in getattr(route, "methods", None) or ():
            found[method, route.path] = getattr(route, "summary", None) or doc
    return found


def _row(entry: Entry, words: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    at = british_time(entry.at)
    return {
        "number": entry.number,
        "when": f"{at.day} {at:%B %Y, %H:%M:%S}",
        "subject": entry.subject,
        "kind": KINDS.get(entry.kind, entry.kind),
        "changed": entry.method not in {"GET", "HEAD"},
        "what": words.get((entry.method, entry.route)) or _BY_ITSELF.get(entry.kind) or f"{entry.method} {entry.route}",
        "records": [
            (name.removesuffix("_id").replace("_", " "), value)
            for name, value in entry.parameters.items()
            if name not in {"of", "act", "detail"}
        ],
        "act": entry.parameters.get("act", "").replace("-", " "),
        # Of an act (`unit_of_work.Transaction.did`); without it a path may have a part of this name.
        "detail": _in_words(entry.parameters.get("detail", "")) if "of" in entry.parameters else "",
        "request": entry.request_id,
    }


def _in_words(detail: str) -> str:
    """What was changed, without the signs of JSON."""
    if not detail:
        return ""
    return "; ".join(
        f"{name.replace('_', ' ')}: {_said(value)}" for name, value in json.loads(detail).items() if value not in ("", None)
    )


def _said(value: Any) -> str:
    if isinstance(value, list):
        # What was before and what is now, each a list or a word; or a list.
        between = " → " if len(value) == 2 and any(isinstance(each, list) for each in value) else ", "  # noqa: PLR2004 - a pair
        return between.join(map(_said, value)) or "none"
    return "none" if value is None else str(value)


def _standing(last: Any, waiting: int) -> dict[str, Any]:
    at = british_time(last.checked_at) if last is not None else None
    return {
        "at": f"{at.day} {at:%B %Y, %H:%M}" if at else "",
        "up_to": last.up_to if last is not None else 0,
        "broken_at": last.broken_at if last is not None else None,
        "reason": last.reason if last is not None else "",
        "waiting": waiting,
    }
