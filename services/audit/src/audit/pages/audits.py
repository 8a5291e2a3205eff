"""Staff pages of audits: the list, one audit, and what anybody may do with a result that went to them."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from audit.adapters.audit_list import AuditFilters, ListedAudit
from audit.adapters.print_audit import file_name, print_audit
from audit.domain.audit import State
from audit.pages import audit_view as view
from audit.pages.desk import Desk, Errors, Staff, desk, errors_of, posted
from audit.pages.printed import printed
from audit.pages.view import DIFFERENCES, day, moment
from audit.use_cases.after_moderation import acknowledge, discuss
from audit.use_cases.escalate import acknowledge_escalation, escalate, may_act, see_escalation
from audit.use_cases.list_audits import audit_cursor, list_audits
from audit.use_cases.read_audit import Seen, read_audit
from chassis import keyset
from chassis.errors import DomainError, Kind
from chassis.pages import redirect
from chassis.pages.days import day_in, typed_day
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response

router = APIRouter(prefix="/audit", include_in_schema=False)

PAGE_ROWS = 50
FILTERS = ("state", "tool", "service_area", "team", "programme")


@router.get("/audits")
async def audits_page(request: Request, identity: Staff) -> HTMLResponse:
    """Audits, the last allocated first: all of them for those who oversee, otherwise one's own and one's teams'."""
    given = {name: request.query_params.get(name, "")[:100] for name in (*FILTERS, "reference", "before")}
    async with desk(request, identity) as at:
        asked = AuditFilters(**{name: given[name] or None for name in (*FILTERS, "reference")})  # type: ignore[arg-type]  # all are text
        rows = await list_audits(at.transaction, at.viewer, asked, audit_cursor(given["before"]), PAGE_ROWS + 1)
        shown = rows[:PAGE_ROWS]
        kept = {name: value for name, value in given.items() if value and name != "before"}
        more = {**kept, "before": keyset.encode(shown[-1].position)} if len(rows) > PAGE_ROWS else None
        return at.show(
            "audits.html",
            title="Audits",
            given=given,
            states=[(state.value, words) for state, (words, _) in view.STATES.items()],
            tools=[(tool.code, tool.name) for tool in at.profile.audit.tools],
            areas=[(code, at.words.area(code)) for code in at.profile.audit_areas if at.viewer.sees_area(code)],
            rows=[_line(row, at) for row in shown],
            narrowed=bool(kept),
            more=f"?{urlencode(more)}" if more else None,
            first=f"?{urlencode(kept)}" if given["before"] else None,
        )


@router.get("/audits/{audit_id}")
async def audit_page(request: Request, identity: Staff, audit_id: UUID) -> HTMLResponse:
    """One audit: where it stands, what was judged as far as it is open, actions, reviews, history."""
    async with desk(request, identity) as at:
        return _show(at, await read_audit(at.transaction, at.context, identity, audit_id))


@router.get("/audits/{audit_id}/audit.pdf")
async def audit_pdf(request: Request, identity: Staff, audit_id: UUID) -> Response:
    """A finished audit on paper, for the child's file."""
    async with desk(request, identity) as at:
        seen = await read_audit(at.transaction, at.context, identity, audit_id)
        if not seen.is_finished:
            raise DomainError("not-finished", "The audit can be printed once its grades are fixed.")
        content = printed(seen, at.words, at.context.today)
    printer: Printer = request.app.state.printer
    return pdf_response(await print_audit(printer, content), file_name(content))


@router.post("/audits/{audit_id}/acknowledge")
async def acknowledge_form(request: Request, identity: Staff, audit_id: UUID) -> Response:
    """Say that one has read the result."""
    await posted(request, identity)
    async with desk(request, identity) as at:
        await acknowledge(at.transaction, at.context, identity, audit_id)
    return redirect(f"/audit/audits/{audit_id}")


@router.post("/audits/{audit_id}/discussion")
async def discussion_form(request: Request, identity: Staff, audit_id: UUID) -> Response:
    """Record the discussion in supervision."""
    form = await posted(request, identity)
    on, note = day_in(form, "on"), form.text("note")
    try:
        async with desk(request, identity) as at:
            if on is None:
                seen = await read_audit(at.transaction, at.context, identity, audit_id)
                typed = {"on": typed_day(form, "on"), "note": note}
                return _show(at, seen, [("on", "Enter a day, month and year")], typed)
            await discuss(at.transaction, at.context, identity, audit_id, on, note)
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            seen = await read_audit(at.transaction, at.context, identity, audit_id)
            return _show(at, seen, errors_of(error), {"on": typed_day(form, "on"), "note": note})
    return redirect(f"/audit/audits/{audit_id}")


@router.get("/audits/{audit_id}/concern")
async def concern_form(request: Request, identity: Staff, audit_id: UUID) -> HTMLResponse:
    """Raise something that cannot wait."""
    async with desk(request, identity) as at:
        seen = await read_audit(at.transaction, at.context, identity, audit_id)
        return at.show("raise-concern.html", title="Raise a concern that cannot wait", seen=seen, words="")


@router.post("/audits/{audit_id}/concern")
async def raise_concern(request: Request, identity: Staff, audit_id: UUID) -> Response:
    """Alert the team's manager."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            concern = await escalate(at.transaction, at.context, identity, audit_id, form.text("words"))
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            seen = await read_audit(at.transaction, at.context, identity, audit_id)
            context: dict[str, Any] = {"seen": seen, "words": form.text("words"), "errors": errors_of(error)}
            return at.show("raise-concern.html", 422, title="Raise a concern that cannot wait", **context)
    return redirect(f"/audit/concerns/{concern}")


@router.get("/concerns/{escalation_id}")
async def concern_page(request: Request, identity: Staff, escalation_id: UUID) -> HTMLResponse:
    """A concern, for whoever raised it and whoever must act."""
    async with desk(request, identity) as at:
        return await _concern(at, escalation_id)


@router.post("/concerns/{escalation_id}")
async def take_over_concern(request: Request, identity: Staff, escalation_id: UUID) -> Response:
    """Take it over and say what is being done."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            await acknowledge_escalation(at.transaction, at.context, identity, escalation_id, form.text("answer"))
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            return await _concern(at, escalation_id, errors_of(error), form.text("answer"))
    return redirect(f"/audit/concerns/{escalation_id}")


async def _concern(at: Desk, escalation_id: UUID, errors: Errors = (), answer: str = "") -> HTMLResponse:
    viewer, concern = await see_escalation(at.transaction, at.context, at.identity, escalation_id)
    return at.show(
        "concern.html",
        422 if errors else 200,
        title=f"Concern raised in audit {concern.reference}",
        concern=concern,
        raised=moment(concern.raised_at),
        taken_over=moment(concern.acknowledged_at) if concern.acknowledged_at else None,
        may_act=may_act(viewer, concern) and concern.acknowledged_at is None,
        errors=errors,
        answer=answer,
    )


def _show(at: Desk, seen: Seen, errors: Errors = (), typed: dict[str, Any] | None = None) -> HTMLResponse:
    record, viewer = seen.record, seen.viewer
    audit = record.audit
    own = audit.parts_of(viewer.code) if viewer.code else ()
    mine = next((each for each in seen.recipients if each.person == viewer.code), None)
    review = audit.open_review
    return at.show(
        "audit.html",
        422 if errors else 200,
        title=f"Audit {record.reference}",
        seen=seen,
        audit=audit,
        differences=DIFFERENCES,
        state=view.state_tag(audit),
        facts=view.facts(seen, at.words),
        people=view.people(seen, at.context.today),
        parts=[view.part_name(part, seen.tool) for part in seen.entries],
        judged=view.judged(seen) if seen.entries else [],
        written=[(view.part_name(part, seen.tool), view.written(seen, part, at.words.finding_names)) for part in seen.entries],
        actions=view.actions(seen, at.context.today),
        recipients=[
            (seen.name(each.person), view.CAPACITIES.get(each.capacity, each.capacity), each) for each in seen.recipients
        ],
        moment=moment,
        day=day,
        history=view.history(seen),
        own=[(part, view.part_name(part.code, seen.tool)) for part in own],
        may_return=audit.state is State.AUDITING and audit.is_shown(at.context.now()),
        may_raise=bool(own) and audit.state in {State.AUDITING, State.SUBMITTED},
        to_acknowledge=mine is not None and mine.acknowledged_at is None,
        may_discuss=seen.is_finished and viewer.manages(record.team) and record.discussed_on is None,
        may_review=review is not None and review.reviewer == viewer.code,
        errors=errors,
        typed=typed or {"on": {}, "note": ""},
    )


def _line(row: ListedAudit, at: Desk) -> dict[str, Any]:
    words, colour = view.STATES[State(row.state)]
    late = row.late_since(at.context.today)
    return {
        "href": f"/audit/audits/{row.id}",
        "reference": row.reference,
        "tool": at.words.tool(row.tool),
        "team": at.words.team(row.team),
        "state": words,
        "colour": colour,
        "submitted": f"{row.submitted} of {row.parts}",
        "due": day(row.submit_by),
        "late": f"Late since {day(late)}" if late else None,
        "result": at.words.grade(row.scale, row.overall) if row.state in {"moderated", "closed"} else "–",
    }
