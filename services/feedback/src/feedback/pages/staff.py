"""The staff page: how the surveys fare, in counts. What somebody answered is not on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from chassis.access import org_of, requires
from chassis.days import british_day
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import page, staff_chrome
from chassis.web import uow_of
from feedback.context import context_of
from feedback.domain.rates import COUNTS
from feedback.pages.links_desk import day, ways
from feedback.pages.rates import figure
from feedback.use_cases.count_rates import counted_since
from feedback.use_cases.count_surveys import Line, count_surveys

router = APIRouter()

Staff = Annotated[Identity, Depends(requires("role:qa-officer", "role:senior-reader"))]

_LETTERS = (("issued", "Letters"), ("answered", "Answered"), ("ended", "Ended without an answer"))
_OTHERS = (("posters", "Posters in use"), ("by_poster", "By poster"), ("by_staff", "By staff"))


def chrome(request: Request) -> dict[str, Any]:
    """What stands around staff pages; a survey's pages bring their own."""
    return {} if request.url.path.startswith("/s/") else staff_chrome(request)


@router.get("/feedback/", include_in_schema=False)
async def overview(request: Request, identity: Staff) -> HTMLResponse:
    """Links issued and answered, by questionnaire."""
    moment = now()
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await count_surveys(transaction, context_of(request), moment, identity.areas)
    *_, total = found.lines
    since = day(counted_since(british_day(moment)))
    table = {
        "code": "surveys",
        "title": "Letters and answers by questionnaire",
        "rows_label": "Questionnaire",
        "columns": [{"code": name, "label": label, "unit": None} for name, label in (*_LETTERS, *_OTHERS)],
        "rows": [
            {"code": f"line-{number}", "label": line.name, "total": line is total, "cells": _cells(line)}
            for number, line in enumerate(found.lines)
        ],
        "notes": [
            f"Letters are links for one person issued since {since} and not withdrawn, as in the response rates.",
            "Posters are links that many may use.",
            "By poster and by staff: answers sent by posters, and answers that staff entered for somebody.",
            "Counts of 1 to 5, and others from which they could be worked out, are withheld here as in the response rates.",
        ],
    }
    return page(
        request,
        "overview.html",
        organisation=found.organisation,
        ways=ways(request, identity, found.profile),
        table=table,
        total=total,
        counted=_counted(total),
        open_concerns=found.concerns.not_closed,
        late_concerns=found.concerns.late,
        held=[(f"/feedback/links/{ident}/answers", number) for ident, number in found.held.items()],
    )


def _counted(total: Line) -> tuple[int, int] | None:
    """How many of all letters were answered; None where either is withheld."""
    if total.letters is None:  # pragma: no cover - the line of all has them
        return None
    issued, answered = (total.letters.counts[COUNTS.index(name)] for name in ("issued", "answered"))
    return None if issued is None or answered is None else (answered, issued)


def _cells(line: Line) -> list[dict[str, Any]]:
    letters = [line.letters.counts[COUNTS.index(name)] if line.letters else 0 for name, _ in _LETTERS]
    return [figure(value) for value in (*letters, line.posters, line.by_poster, line.by_staff)]
