"""Staff pages of disputes: the list, one record with its clocks and history, and what is counted of a quarter."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from audit.adapters.dispute_list import Filters
from audit.domain.dispute import Phase
from audit.domain.dispute_counts import AnswerTally, Tally
from audit.domain.dispute_profile import required_disputes
from audit.domain.dispute_steps import Step
from audit.pages.dispute_words import ACTIONS, OVERDUE, PHASES, Labels, history
from audit.pages.view import day
from audit.use_cases.dispute_cursors import rank_of
from audit.use_cases.dispute_setup import MANAGER, OFFICER, SENIOR_READER, DisputeSetup
from audit.use_cases.read_disputes import count_disputes, list_disputes, read_dispute
from chassis import keyset
from chassis.access import org_of, requires
from chassis.identity import Identity
from chassis.pages import page
from chassis.quarters import Quarter
from chassis.web import uow_of

PAGE_ROWS = 50
FILTERS = ("state", "service_area", "category", "stage")
STATES = (
    ("open", "Open"),
    ("overdue", "Overdue"),
    ("answered", "Answered, to be decided"),
    ("closed", "Closed"),
    ("withdrawn", "Withdrawn"),
)

T = TypeVar("T", Tally, AnswerTally)

router = APIRouter(prefix="/audit/disputes", include_in_schema=False)

Staff = Annotated[Identity, Depends(requires(OFFICER, MANAGER, SENIOR_READER))]
Counter = Annotated[Identity, Depends(requires(OFFICER, SENIOR_READER))]


def setup_of(request: Request) -> DisputeSetup:
    """The set-up of the application that handles the request."""
    found: DisputeSetup = request.app.state.disputes
    return found


def around(labels: Labels) -> dict[str, Any]:
    """What every page of disputes is given."""
    name = labels.profile.organisation.name
    return {"organisation": name, "labels": labels, "day": day, "phases": PHASES, "overdue_tag": OVERDUE}


@router.get("")
async def disputes_page(request: Request, identity: Staff) -> HTMLResponse:
    """The disputes that the reader may see: open ones by the day they are due, then the last ended."""
    given = {name: request.query_params.get(name, "")[:80] for name in FILTERS}
    setup, after = setup_of(request), request.query_params.get("after")
    async with uow_of(request).begin(org_of(identity)) as transaction:
        filters = _filters(given, setup)
        found = await list_disputes(
            transaction, setup, identity, filters, limit=PAGE_ROWS, after=rank_of(after[:200] if after else None)
        )
    labels = Labels(found.profile, found.people)
    last = found.items[-1].item if found.more else None
    kept = {name: value for name, value in given.items() if value}
    return page(
        request,
        "disputes.html",
        title="Disputes",
        found=found,
        given=given,
        narrowed=bool(kept),
        states=STATES,
        may_raise=identity.may(OFFICER, MANAGER) and found.profile.audit.disputes is not None,
        may_count=identity.may(OFFICER, SENIOR_READER),
        unknown=found.viewer.standing == "own" and found.viewer.person is None,
        subject=identity.subject,
        first=_address(kept) if after else None,
        further=_address(kept | {"after": keyset.encode(last.rank, last.id)}) if last is not None else None,
        **around(labels),
    )


@router.get("/counts")
async def counts_page(request: Request, identity: Counter) -> HTMLResponse:
    """What is reported of a quarter, this one unless another is named."""
    setup = setup_of(request)
    now = Quarter.of(setup.today())
    asked = request.query_params.get("quarter", "")[:20]
    quarter = Quarter.parse(asked) if asked else now
    async with uow_of(request).begin(org_of(identity)) as transaction:
        counts = await count_disputes(transaction, setup, identity, quarter)
        profile = await setup.profile(transaction)
    required_disputes(profile.audit.disputes)
    labels = Labels(profile, {})
    raised = (
        ("service_area", "By service area", "Service area", counts.by_service_area),
        ("category", "By category", "Category", counts.by_category),
        ("raised_by", "By who raised them", "Raised by", counts.by_raised_by),
    )
    answers = (
        ("stage", "Answers by stage", "Stage", counts.by_stage, counts.all_stages),
        ("answered_by", "Answers by who gave them", "Answered by", counts.by_answered_by, None),
    )
    return page(
        request,
        "dispute_counts.html",
        title=f"Disputes of the quarter {day(quarter.first)} to {day(quarter.last)}",
        raised=[_raised_table(*each, total=counts.total, labels=labels) for each in raised] if counts.total.raised else [],
        answers=[_answers_table(*each, labels=labels) for each in answers] if counts.by_stage else [],
        before=quarter.moved(-1).code,
        after=quarter.moved(1).code if quarter != now else None,
        **around(labels),
    )


@router.get("/{dispute_id}")
async def dispute_page(request: Request, identity: Staff, dispute_id: UUID) -> HTMLResponse:
    """One dispute: its clocks, what may be done now, its stages, and everything that was done."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_dispute(transaction, setup_of(request), identity, dispute_id)
    labels = Labels(view.profile, view.people)
    return page(
        request,
        "dispute.html",
        title=f"Dispute {view.record.reference}",
        view=view,
        record=view.record,
        dispute=view.record.dispute,
        actions=[(step.value, ACTIONS[step]) for step in _order(view.record.dispute.phase) if step in view.steps],
        history=history(view.changes, labels),
        **around(labels),
    )


def _order(phase: Phase) -> list[Step]:
    """The steps, the likeliest first: what is answered is settled oftener than it goes on."""
    first = [Step.RESOLVE] if phase is Phase.ANSWERED else []
    return [*first, *(step for step in ACTIONS if step not in first)]


def _filters(given: Mapping[str, str], setup: DisputeSetup) -> Filters:
    """What the form asks for. A code that nobody has narrows to nothing, and that is right."""
    state = given["state"]
    return Filters(
        service_area=given["service_area"] or None,
        category=given["category"] or None,
        stage=given["stage"] or None,
        phase=Phase(state) if state in {"answered", "withdrawn"} else None,
        open={"open": True, "closed": False}.get(state),
        overdue_on=setup.today() if state == "overdue" else None,
    )


def _address(parts: Mapping[str, str]) -> str:
    return "/audit/disputes" + (f"?{urlencode(parts)}" if parts else "")


def _raised_table(
    kind: str, title: str, rows_label: str, tallies: tuple[Tally, ...], *, total: Tally, labels: Labels
) -> dict[str, Any]:
    """In the shape of the reports' tables."""
    columns = (("raised", "Raised"), ("open", "Still open"), ("resolved", "Resolved"), ("withdrawn", "Withdrawn"))
    rows = [
        {
            "code": tally.code,
            "label": labels.name(kind, tally.code),
            "cells": [_cell(getattr(tally, code)) for code, _ in columns],
        }
        for tally in _sorted(tallies, kind, labels)
    ]
    whole = {"code": "total", "label": "All", "total": True, "cells": [_cell(getattr(total, code)) for code, _ in columns]}
    return {
        "code": f"raised-{kind}".replace("_", "-"),
        "title": title,
        "rows_label": rows_label,
        "columns": [{"code": code, "label": label, "unit": "count"} for code, label in columns],
        "rows": [*rows, whole],
        "notes": [],
    }


def _answers_table(
    kind: str, title: str, rows_label: str, tallies: tuple[AnswerTally, ...], total: AnswerTally | None, *, labels: Labels
) -> dict[str, Any]:
    """Answers against their limits, in the shape of the reports' tables; words where a figure would say too little."""
    columns = ["Answered in time", "Answered late", "Left without an answer", "Median working days", "Longest", "Limit"]
    rows = [(tally, labels.name(kind, tally.code)) for tally in _sorted(tallies, kind, labels)] + (
        [(total, "All")] if total is not None else []
    )
    return {
        "code": f"answers-{kind}".replace("_", "-"),
        "title": title,
        "rows_label": rows_label,
        "columns": [{"code": f"c{place}", "label": label, "unit": "count"} for place, label in enumerate(columns)],
        "rows": [
            {
                "code": tally.code,
                "label": label,
                "total": tally is total,
                "cells": [
                    *(_cell(value) for value in (tally.in_time, tally.late, tally.left)),
                    _figure(tally.median_days),
                    _figure(tally.longest_days),
                    _words(" or ".join(map(str, tally.limits))),
                ],
            }
            for tally, label in rows
        ],
        "notes": ["Days are working days from the day on which the stage was reached until the answer."],
    }


def _sorted(tallies: Sequence[T], kind: str, labels: Labels) -> list[T]:
    """Tallies in the order of the profile."""
    by_code = {tally.code: tally for tally in tallies}
    return [by_code[code] for code in labels.in_order(kind, by_code)]


def _cell(value: int) -> dict[str, Any]:
    return {"state": "value" if value else "zero", "value": value, "n": None, "of": None}


def _figure(value: float | None) -> dict[str, Any]:
    return _words("none" if value is None else f"{value:g}")


def _words(text: str) -> dict[str, Any]:
    return {"state": "value", "value": None, "n": None, "of": None, "text": text}
