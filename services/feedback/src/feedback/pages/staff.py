"""The staff page: how the surveys fare, in counts. What somebody answered is not on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from chassis.access import org_of, requires
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import page, staff_chrome
from chassis.web import uow_of
from feedback.adapters.counts import Counts
from feedback.context import context_of
from feedback.pages.links_desk import ways
from feedback.use_cases.count_surveys import count_surveys

router = APIRouter()

Staff = Annotated[Identity, Depends(requires("role:qa-officer", "role:senior-reader"))]

_COLUMNS = (
    ("letters", "Letters"),
    ("answered", "Answered"),
    ("expired", "Ended"),
    ("withdrawn", "Withdrawn"),
    ("posters", "Posters"),
    ("by_poster", "By poster"),
    ("by_staff", "By staff"),
)


def chrome(request: Request) -> dict[str, Any]:
    """What stands around staff pages; a survey's pages bring their own."""
    return {} if request.url.path.startswith("/s/") else staff_chrome(request)


@router.get("/feedback/", include_in_schema=False)
async def overview(request: Request, identity: Staff) -> HTMLResponse:
    """Links issued and answered, by questionnaire."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await count_surveys(transaction, context_of(request), now(), identity.areas)
    total = [sum(getattr(row, name) for _, row in found.rows) for name, _ in _COLUMNS]
    table = {
        "code": "surveys",
        "title": "Links and answers by questionnaire",
        "rows_label": "Questionnaire",
        "columns": [{"code": name, "label": label, "unit": None} for name, label in _COLUMNS],
        "rows": [
            *({"code": row.questionnaire, "label": name, "cells": _cells(row)} for name, row in found.rows),
            {"code": "total", "label": "All", "total": True, "cells": [_cell(value) for value in total]},
        ],
        "notes": [
            "A letter is a link for one person; it ended when its last day passed without an answer.",
            "A poster is a link that many may use; those counted are in use today.",
            "By poster and by staff: answers sent by posters, and answers that staff entered for somebody.",
        ],
    }
    letters, answered = total[0], total[1]
    return page(
        request,
        "overview.html",
        organisation=found.organisation,
        ways=ways(request, identity, found.profile),
        table=table,
        letters=letters,
        answered=answered,
        share=f"{(200 * answered + letters) // (2 * letters)}%" if letters else "–",
        open_concerns=found.concerns.not_closed,
        late_concerns=found.concerns.late,
        held=[(f"/feedback/links/{ident}/answers", number) for ident, number in found.held.items()],
    )


def _cells(row: Counts) -> list[dict[str, Any]]:
    return [_cell(getattr(row, name)) for name, _ in _COLUMNS]


def _cell(value: int) -> dict[str, Any]:
    return {"state": "value" if value else "zero", "value": value, "n": None, "of": None}
