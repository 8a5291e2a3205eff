"""Pages for links that lead nowhere, and for a browser that we do not know any more."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from chassis.pages import page
from feedback.use_cases.visit_survey import Dead

_STATUS: dict[str, int] = {
    "unknown": 404,
    "expired": 410,
    "used": 410,
    "lost": 403,
}


def kind_page(request: Request, reason: Dead | Literal["lost"], language: str = "en") -> Response:
    """The page for a link that leads nowhere.

    One that was withdrawn is `unknown`, in status and in every byte: whoever holds it learns nothing. `lost` is for a browser
    that brings no visit, or one that is not ours.
    """
    return page(request, "kind.html", _STATUS[reason], words=reason, language=language)
