"""Pages for links that lead nowhere, and for a browser that we do not know any more."""

import re
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from chassis.pages import page
from chassis.pages.strings import Strings
from feedback.domain.words import ENGLISH
from feedback.use_cases.visit_survey import Dead

_LONGEST = 200  # characters of a list of languages that are read
_WEIGHT = re.compile(r"q=(0(?:\.\d{1,3})?|1(?:\.0{1,3})?)")
_STATUS: dict[str, int] = {
    "unknown": 404,
    "expired": 410,
    "used": 410,
    "lost": 403,
}


def browser_language(request: Request) -> str:
    """The language that a browser asks for, of those that the pages speak; for where no visit says it yet. Nothing keeps it."""
    strings: Strings = request.app.state.pages.strings
    wanted = [each.partition(";") for each in request.headers.get("accept-language", "")[:_LONGEST].split(",")]
    for tag, _, weight in sorted(wanted, key=lambda each: -_weight(each[2])):
        language = tag.strip().partition("-")[0].lower()
        if language == ENGLISH or strings.spoken(language, "code.title") == language:
            return language if _weight(weight) else ENGLISH
    return ENGLISH


def _weight(text: str) -> float:
    """The weight of a language (RFC 9110, 12.4.2): 1 where none stands there, 0 for what is none."""
    if not text.strip():
        return 1
    found = _WEIGHT.fullmatch(text.strip())
    return float(found[1]) if found else 0


def kind_page(request: Request, reason: Dead | Literal["lost"], language: str | None = None) -> Response:
    """The page for a link that leads nowhere.

    One that was withdrawn is `unknown`, in status and in every byte: whoever holds it learns nothing. `lost` is for a browser
    that brings no visit, or one that is not ours. Without a `language` it is that of the browser.
    """
    return page(request, "kind.html", _STATUS[reason], words=reason, language=language or browser_language(request))
