"""Staff pages of actions and reviews: the list, one action and its steps, a new one, and the review that closes the loop."""

from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from audit.adapters.actions import WORDS, ActionRepository
from audit.adapters.directory import Directory
from audit.domain.actions import RAG, Asked, standing
from audit.domain.audit import Audit, State
from audit.pages import audit_view as view
from audit.pages.desk import Desk, Errors, Staff, desk, errors_of, posted
from audit.pages.view import DIFFERENCES, day, moment
from audit.use_cases.after_moderation import Looked, hold_review
from audit.use_cases.change_action import (
    NewAction,
    add_action,
    change_action,
    drop_draft,
    held_action,
    may_change,
    runs,
    see_action,
)
from audit.use_cases.list_audits import action_cursor, list_actions
from audit.use_cases.read_audit import read_audit
from chassis import keyset
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.pages import Form, redirect
from chassis.pages.days import day_in, day_parts, typed_day
from chassis.storable import whole

router = APIRouter(prefix="/audit", include_in_schema=False)

PAGE_ROWS = 50
STATUSES = (("open", "Open"), ("done", "Done"), ("dropped", "Dropped"))
STEPS = (
    ("done", "It is done", "Say what shows it."),
    ("note", "Add a note", "How far it is."),
    ("move", "Move the day", "Say why, and give the new day."),
    ("reopen", "Open it again", "Say why, and give the new day."),
    ("drop", "Drop it", "Say why it is not needed any more."),
)
HISTORY = {
    "set": "Set", "noted": "Note", "done": "Done", "moved": "Day moved", "reopened": "Opened again", "dropped": "Dropped",
}  # fmt: skip
DAY_WORDS = "Enter a day, month and year"


@router.get("/actions")
async def actions_page(request: Request, identity: Staff) -> HTMLResponse:
    """Actions, the first due first: all for those who oversee, otherwise one's own and one's teams'."""
    asked = request.query_params
    status = asked.get("status", "open")
    given = {"status": status if status in dict(STATUSES) else "open", "service_area": asked.get("service_area", "")[:100]}
    async with desk(request, identity) as at:
        area, after = given["service_area"] or None, action_cursor(asked.get("after"))
        rows = await list_actions(at.transaction, at.viewer, given["status"], area, after, PAGE_ROWS + 1)
        shown = rows[:PAGE_ROWS]
        names = await Directory(at.transaction, at.context.secrets).names([row.owner for row in shown])
        today, org = at.context.today, at.transaction.org
        lines = [
            {
                "href": f"/audit/actions/{row.id}",
                "name": f"{row.reference} {row.code.upper()}",
                "what": at.context.secrets.open(org, WORDS, row.what_sealed),
                "owner": names[row.owner],
                "team": at.words.team(row.team),
                "due": day(row.due_on),
                "standing": view.STANDINGS[standing(row, today)],
                "colour": view.COLOURS[RAG[standing(row, today)]],
            }
            for row in shown
        ]
        more = {**given, "after": keyset.encode(shown[-1].due_on, shown[-1].id)} if len(rows) > PAGE_ROWS else None
        areas = [(code, at.words.area(code)) for code in at.profile.audit_areas if at.viewer.sees_area(code)]
        return at.show(
            "actions.html", title="Actions", lines=lines, given=given, statuses=STATUSES, areas=areas,
            more=f"?{urlencode(more)}" if more else None,
        )  # fmt: skip


@router.get("/actions/{action_id}")
async def action_page(request: Request, identity: Staff, action_id: UUID) -> HTMLResponse:
    """One action with its history, and what may be done with it."""
    async with desk(request, identity) as at:
        return await _action(at, action_id)


@router.post("/actions/{action_id}")
async def step_form(request: Request, identity: Staff, action_id: UUID) -> Response:
    """Take a step."""
    form = await posted(request, identity)
    step = form.text("step")
    revision = form.text("revision")
    try:
        async with desk(request, identity) as at:
            if step not in {code for code, _, _ in STEPS}:
                raise _malformed("/step", "Choose what happened")
            asked = Asked(step, form.text("note"), day_in(form, "due"))  # type: ignore[arg-type]  # it is one of the steps
            seen = whole(revision, 0)
            await change_action(at.transaction, at.context, identity, action_id, asked, seen)
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.STALE, Kind.CONFLICT}:
            raise
        async with desk(request, identity) as at:
            return await _action(at, action_id, _renamed(errors_of(error)), form)
    return redirect(f"/audit/actions/{action_id}")


@router.post("/actions/{action_id}/take-out")
async def take_out_form(request: Request, identity: Staff, action_id: UUID) -> Response:
    """Take an action out that was set while moderating."""
    await posted(request, identity)
    async with desk(request, identity) as at:
        _, record = await held_action(at.transaction, at.context, identity, action_id)
        await drop_draft(at.transaction, at.context, identity, action_id)
    return redirect(_deciding(record.audit))


@router.get("/audits/{audit_id}/actions/new")
async def new_action_page(request: Request, identity: Staff, audit_id: UUID) -> HTMLResponse:
    """Set an action."""
    async with desk(request, identity) as at:
        return await _new_action(at, audit_id)


@router.post("/audits/{audit_id}/actions/new")
async def new_action_form(request: Request, identity: Staff, audit_id: UUID) -> Response:
    """Keep it."""
    form = await posted(request, identity)
    due_on = day_in(form, "due")
    try:
        async with desk(request, identity) as at:
            if due_on is None:
                raise _malformed("/due_on", DAY_WORDS)
            new = NewAction(form.text("what"), form.text("owner"), due_on)
            await add_action(at.transaction, at.context, identity, audit_id, new)
            record = (await read_audit(at.transaction, at.context, identity, audit_id)).record
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            return await _new_action(at, audit_id, _renamed(errors_of(error)), form)
    finished = record.audit.state is State.MODERATED
    return redirect(f"/audit/audits/{audit_id}" if finished else _deciding(record.audit))


@router.get("/audits/{audit_id}/review")
async def review_page(request: Request, identity: Staff, audit_id: UUID) -> HTMLResponse:
    """Whether the actions were done, and what changed."""
    async with desk(request, identity) as at:
        return await _review(at, audit_id)


@router.post("/audits/{audit_id}/review")
async def review_form(request: Request, identity: Staff, audit_id: UUID) -> Response:
    """Close the loop, or open it again."""
    form = await posted(request, identity)
    result, difference = form.text("result"), form.text("difference")
    try:
        async with desk(request, identity) as at:
            if result not in {"closed", "reopened"}:
                raise _malformed("/result", "Choose whether the loop is closed")
            if difference not in {"", *DIFFERENCES}:
                raise _malformed("/difference", "Choose one of the answers, or none")
            looked = Looked(result, form.text("changed"), form.text("notes"), day_in(form, "next"), difference or None)  # type: ignore[arg-type]  # one of the two, one of those
            await hold_review(at.transaction, at.context, identity, audit_id, looked)
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
            raise
        async with desk(request, identity) as at:
            errors = [("next", error.detail)] if error.slug == "next-day-missing" else errors_of(error)
            return await _review(at, audit_id, errors, form)
    return redirect(f"/audit/audits/{audit_id}")


def _deciding(audit: Audit) -> str:
    """The page on which the grades of an audit are being fixed."""
    return f"/audit/audits/{audit.id}/{'moderation' if audit.moderation else f'parts/{audit.deciding.code}'}"


def _malformed(pointer: str, words: str) -> DomainError:
    return DomainError("malformed-form", "See the fields.", Kind.MALFORMED, (FieldError(pointer, words),))


def _renamed(errors: Errors) -> list[tuple[str, str]]:
    """Errors at the fields of these pages: the day's field is called `due`."""
    return [("due" if field == "due-on" else field, words) for field, words in errors]


async def _action(at: Desk, action_id: UUID, errors: Errors = (), form: Form | None = None) -> HTMLResponse:
    viewer, action, record = await see_action(at.transaction, at.context, at.identity, action_id)
    repository = ActionRepository(at.transaction, at.context.secrets)
    names = await Directory(at.transaction, at.context.secrets).names([action.owner])
    stands = standing(action, at.context.today)
    open_ = action.status == "open"
    steps = [each for each in STEPS if each[0] == "note" or (each[0] == "reopen") != open_]
    return at.show(
        "action.html",
        422 if errors else 200,
        title=f"Action {action.code.upper()} of audit {record.reference}",
        action=action,
        record=record,
        owner=names[action.owner],
        due=day(action.due_on),
        done=day(action.done_on) if action.done_on else None,
        standing=(view.STANDINGS[stands], view.COLOURS[RAG[stands]]),
        history=[
            (HISTORY[each.step], moment(each.at), each.by, each.note, day(each.due_on) if each.due_on else "")
            for each in await repository.steps(action_id)
        ],
        steps=steps,
        runs=runs(record.audit) and may_change(viewer, record, action),
        typed={"step": form.text("step"), "note": form.text("note"), "due": typed_day(form, "due")} if form else {"due": {}},
        errors=errors,
    )  # fmt: skip


async def _new_action(at: Desk, audit_id: UUID, errors: Errors = (), form: Form | None = None) -> HTMLResponse:
    seen = await read_audit(at.transaction, at.context, at.identity, audit_id)
    people = await Directory(at.transaction, at.context.secrets).working()
    return at.show(
        "new-action.html",
        422 if errors else 200,
        title="Set an action",
        seen=seen,
        people=people,
        typed={name: form.text(name) for name in ("what", "owner")} if form else {},
        due=typed_day(form, "due") if form else day_parts(None),
        errors=errors,
    )


async def _review(at: Desk, audit_id: UUID, errors: Errors = (), form: Form | None = None) -> HTMLResponse:
    seen = await read_audit(at.transaction, at.context, at.identity, audit_id)
    review = seen.record.audit.open_review
    if review is None or review.reviewer != seen.viewer.code:
        raise not_found("review for you")
    return at.show(
        "review.html",
        422 if errors else 200,
        title=f"Review audit {seen.record.reference}",
        seen=seen,
        review=review,
        due=day(review.due_on),
        actions=view.actions(seen, at.context.today),
        differences=[(code, label, "") for code, label in DIFFERENCES.items()],
        typed={name: form.text(name) for name in ("result", "changed", "notes", "difference")} if form else {},
        next=typed_day(form, "next") if form else {},
        errors=errors,
    )
