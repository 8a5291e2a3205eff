"""Staff pages of outcomes: the list, and one outcome with its history."""

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from audit.adapters.outcome_reader import Filters
from audit.domain.outcome import Day
from audit.domain.profile import AuditProfile
from audit.pages import view
from audit.use_cases.read_outcomes import latest_outcomes, outcome_history, outcomes_by_tool
from chassis import keyset
from chassis.access import org_of, requires
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import page
from chassis.profile_store import ProfileStore
from chassis.web import uow_of
from contracts.base import Code

PAGE_ROWS = 50
MOST_POSITION = 2**63 - 1

router = APIRouter(prefix="/audit", include_in_schema=False)

ROLES = ("role:qa-officer", "role:senior-reader")
Staff = Annotated[Identity, Depends(requires(*ROLES))]

FIELDS = {
    "completed_from": "Completed from",
    "completed_to": "Completed to",
    "tool": "Audit tool",
    "service_area": "Service area",
}
"""The filters of the list and their labels."""


class Wanted(BaseModel):
    """What the list is narrowed to. A field that is left empty narrows nothing."""

    model_config = ConfigDict(extra="ignore")

    tool: Code | None = None
    service_area: Code | None = None
    completed_from: Day | None = None
    completed_to: Day | None = None
    before: Annotated[str | None, Field(max_length=200)] = None


@router.get("/outcomes")
async def outcomes_page(request: Request, identity: Staff) -> HTMLResponse:
    """The outcomes, the last completed first, and how many there are of each tool."""
    given = {name: view.tidy(request.query_params.get(name, "")) for name in (*FIELDS, "before")}
    wanted, errors = _read(given)
    filters = Filters(identity.areas, **wanted.model_dump(exclude={"before"}))
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profiles: ProfileStore[AuditProfile] = request.app.state.profiles
        profile = (await profiles.current(transaction)).profile
        rows = await latest_outcomes(transaction, filters, _before(wanted.before), PAGE_ROWS + 1)
        counts = await outcomes_by_tool(transaction, filters)
    words, shown = view.Words(profile), rows[:PAGE_ROWS]
    return page(
        request,
        "outcomes.html",
        422 if errors else 200,
        title="Audit outcomes",
        organisation=profile.organisation.name,
        errors=errors,
        given=given,
        narrowed=any(given[name] for name in FIELDS),
        tools=[(tool.code, tool.name) for tool in profile.audit.tools],
        areas=[(code, words.area(code)) for code in profile.audit_areas if not identity.areas or code in identity.areas],
        counts=_count_table(counts, profile, words),
        rows=[view.list_row(row, words) for row in shown],
        may_upload=identity.may("role:qa-officer"),
        total=sum(counts.values()),
        first="?" + urlencode({name: given[name] for name in FIELDS if given[name]}) if given["before"] else None,
        more=_more(given, (shown[-1].content["completed_on"], shown[-1].position)) if len(rows) > PAGE_ROWS else None,
    )


@router.get("/outcomes/{outcome_id}")
async def outcome_page(request: Request, identity: Staff, outcome_id: UUID) -> HTMLResponse:
    """One outcome with its sections, its actions and every version of it."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profiles: ProfileStore[AuditProfile] = request.app.state.profiles
        profile = (await profiles.current(transaction)).profile
        rows = await outcome_history(transaction, identity, outcome_id)
    words, current = view.Words(profile), rows[0]
    return page(
        request,
        "outcome.html",
        title=f"Audit {current.reference}",
        organisation=profile.organisation.name,
        facts=view.facts(current, words),
        sections=view.sections(current, words),
        accounts=view.has_accounts(current),
        suggestion=view.suggestion(current, words),
        actions=view.actions(current),
        history=view.history(rows, words),
    )


def _read(given: dict[str, str]) -> tuple[Wanted, list[tuple[str, str]]]:
    """The filters as far as they can be read, and an error beside each that cannot."""
    try:
        return Wanted.model_validate({name: value for name, value in given.items() if value}), []
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors(include_input=False, include_url=False)}
        errors = [(name, _words(name)) for name in (*FIELDS, "before") if name in wrong and name in FIELDS]
        if not errors:
            raise _malformed_cursor() from None
        return Wanted.model_validate({name: value for name, value in given.items() if value and name not in wrong}), errors


def _words(name: str) -> str:
    if name.startswith("completed"):
        return f"{FIELDS[name]} must be a day, like 2022-07-06"
    return f"{FIELDS[name]} must be one of the list"


def _before(cursor: str | None) -> tuple[date, int] | None:
    if cursor is None:
        return None
    day, position = keyset.decode(cursor, 2)
    try:
        completed = date.fromisoformat(day)
    except (TypeError, ValueError):
        raise _malformed_cursor() from None
    if type(position) is not int or not 0 <= position <= MOST_POSITION:
        raise _malformed_cursor()
    return completed, position


def _malformed_cursor() -> DomainError:
    return DomainError(
        "malformed-cursor", "The address is not one that this list gave out. Open the list again.", Kind.MALFORMED
    )


def _more(given: dict[str, str], key: tuple[Any, int]) -> str:
    fields = {name: given[name] for name in FIELDS if given[name]}
    return "?" + urlencode({**fields, "before": keyset.encode(*key)})


def _count_table(counts: dict[str, int], profile: AuditProfile, words: view.Words) -> dict[str, Any]:
    """Outcomes by tool, in the profile's order, in the shape of the reports' tables."""
    order = [*profile.tools, *(code for code in sorted(counts) if code not in profile.tools)]
    rows = [{"code": code, "label": words.tool(code), "cells": [_cell(counts[code])]} for code in order if counts.get(code)]
    total = {"code": "total", "label": "All", "total": True, "cells": [_cell(sum(counts.values()))]}
    return {
        "code": "by-tool",
        "title": "Outcomes by audit tool",
        "rows_label": "Audit tool",
        "columns": [{"code": "outcomes", "label": "Outcomes", "unit": "count"}],
        "rows": [*rows, total],
        "notes": [],
    }


def _cell(value: int) -> dict[str, Any]:
    return {"state": "value" if value else "zero", "value": value, "n": None, "of": None}
