"""The public page of what was changed because of feedback: no sign-in, no cookie, and caches may keep it."""

from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from chassis import keyset
from chassis.errors import DomainError
from chassis.pages import page
from chassis.tenancy import is_organisation
from chassis.web import uow_of
from feedback.adapters.changes import StoredChange
from feedback.adapters.quotes import Approved
from feedback.context import context_of
from feedback.domain.changes import Said
from feedback.domain.words import ENGLISH
from feedback.pages.links_desk import day
from feedback.pages.view import NAMES
from feedback.use_cases.write_change import PublicPage, public_page

PATH = "/s/you-said/"
SECONDS = 300
"""How long caches may keep it: what is taken off is gone from everywhere after five minutes."""


async def you_said(request: Request) -> Response:
    """`GET /s/you-said/{org}?area=…&language=…&young=yes`: what was changed, the last first."""
    org, asked = request.path_params["org"], request.query_params
    found = await _found(request, org, asked.get("area") or None, asked.get("after", ""))
    languages = _languages(found.changes)
    language = asked["language"] if asked.get("language") in languages else ENGLISH
    young = asked.get("young") == "yes" and any(each.young for change in found.changes for each in change.change.words.values())
    chosen = {"area": asked.get("area", "") if asked.get("area") in dict(found.areas) else ""}
    chosen |= {"language": language if language != ENGLISH else "", "young": "yes" if young else ""}

    def address(**changes: str) -> str:
        kept = urlencode({name: value for name, value in {**chosen, **changes}.items() if value})
        return f"{PATH}{org}?{kept}" if kept else f"{PATH}{org}"

    answer = page(
        request,
        "you-said.html",
        organisation=found.organisation.name,
        language=language,
        items=[_item(each, found.quotes, dict(found.areas), language, young=young) for each in found.changes],
        languages=[
            (code, NAMES.get(code.partition("-")[0], code), address(language=code if code != ENGLISH else ""))
            for code in languages
        ],
        areas=[("", "", address(area="")), *((code, name, address(area=code)) for code, name in found.areas)],
        area=chosen["area"],
        young=young,
        has_young=any(each.young for change in found.changes for each in change.change.words.values()),
        other=address(young="" if young else "yes"),
        more=address(after=keyset.encode(*found.more)) if found.more else None,
    )
    return _cacheable(request, answer)


async def _found(request: Request, org: str, area: str | None, cursor: str) -> PublicPage:
    if not is_organisation(org):
        raise HTTPException(404)
    try:
        async with uow_of(request).begin(org) as transaction:
            return await public_page(transaction, context_of(request), area and area[:80], _after(cursor))
    except DomainError as error:
        if error.slug != "no-profile":
            raise
        raise HTTPException(404) from None


def _after(cursor: str) -> tuple[date, UUID] | None:
    """Where to go on; a cursor that is none begins at the top: a family need not know what one is."""
    try:
        on, ident = keyset.decode(cursor[:250], 2)
        return date.fromisoformat(on), UUID(ident)
    except (DomainError, ValueError, TypeError, AttributeError):
        return None


def _languages(changes: Iterable[StoredChange]) -> list[str]:
    """English, and those in which something was written."""
    return list(dict.fromkeys([ENGLISH, *sorted(code for each in changes for code in each.change.words)]))


def _item(
    stored: StoredChange, quotes: Mapping[UUID, Approved], areas: Mapping[str, str], language: str, *, young: bool
) -> dict[str, Any]:
    spoken = language if language in stored.change.words else ENGLISH
    words: Said = stored.change.words[spoken]
    on = stored.about.happened_on
    return {
        "said": words.said,
        "did": words.young if young and words.young else words.did,
        "short": young and bool(words.young),
        "spoken": spoken,
        "area": areas.get(stored.about.service_area, ""),
        "on": day(on) if language == ENGLISH else f"{on.day}/{on.month}/{on.year}",
        "iso": on.isoformat(),
        "quotes": [(quotes[each].words, quotes[each].language) for each in stored.about.quotes if each in quotes],
    }


def _cacheable(request: Request, answer: Response) -> Response:
    """The same page for everybody: caches may keep it for a while, and ask whether it is still the same."""
    tag = f'"{sha256(answer.body).hexdigest()[:32]}"'
    headers = {"Cache-Control": f"public, max-age={SECONDS}", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer
