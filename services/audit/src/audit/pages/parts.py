"""The auditor's pages: the list of what there is to judge, one entry a page, check, submit, take back.

Every entry is saved when its page is sent, so nothing is lost that was once sent; a stale page shows both versions.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from audit.domain.audit import Part
from audit.domain.judgement import FEEDBACK, OVERALL, Entry, Form, forms_of, missing, suggested_overall
from audit.pages import audit_view as view
from audit.pages.desk import Desk, Errors, Staff, desk, errors_of, posted
from audit.pages.view import day, moment
from audit.use_cases.answer_question import answer_question
from audit.use_cases.read_audit import Seen, read_audit
from audit.use_cases.save_entry import StaleEntry, form_of, save_entry
from audit.use_cases.submit_part import submit_part, take_back_part
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import PAGE_HEADERS, redirect
from chassis.pages import Form as PostedForm

router = APIRouter(prefix="/audit/audits/{audit_id}/parts/{part}", include_in_schema=False)

NOT_APPLICABLE = "not-applicable"
AUTOSAVE = "autosave.js"
STAY = "stay"
"""What a form says it wants to do after saving when its page's script sends it."""

MOST_REVISION = 2**31 - 1


@router.get("")
async def part_page(request: Request, identity: Staff, audit_id: UUID, part: str) -> HTMLResponse:
    """What there is to judge, what is done, and what is still missing."""
    async with desk(request, identity) as at:
        return await _part(at, audit_id, part)


@router.post("/submit")
async def submit_form(request: Request, identity: Staff, audit_id: UUID, part: str) -> Response:
    """Hand it in."""
    await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            await submit_part(at.transaction, at.context, identity, audit_id, part)
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            return await _part(at, audit_id, part, tuple((_entry_of(each.pointer), each.detail) for each in error.errors))
    return redirect(f"/audit/audits/{audit_id}/parts/{part}")


@router.post("/take-back")
async def take_back_form(request: Request, identity: Staff, audit_id: UUID, part: str) -> Response:
    """Correct a slip."""
    await posted(request, identity)
    async with desk(request, identity) as at:
        await take_back_part(at.transaction, at.context, identity, audit_id, part)
    return redirect(f"/audit/audits/{audit_id}/parts/{part}")


@router.post("/questions/{question_id}")
async def answer_form(request: Request, identity: Staff, audit_id: UUID, part: str, question_id: UUID) -> Response:
    """Answer the moderator."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            await answer_question(at.transaction, at.context, identity, audit_id, part, question_id, form.text("answer"))
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            errors = tuple((f"answer-{question_id}", words) for _, words in errors_of(error))
            return await _part(at, audit_id, part, errors)
    return redirect(f"/audit/audits/{audit_id}/parts/{part}")


@router.get("/entries/{code}")
async def entry_page(request: Request, identity: Staff, audit_id: UUID, part: str, code: str) -> HTMLResponse:
    """One section, or the overall grade."""
    async with desk(request, identity) as at:
        seen, held, forms = await _own(at, audit_id, part)
        entry = seen.entries[part].get(code, Entry(code))
        return _entry(at, seen, held, form_of(forms, code), entry)


@router.post("/entries/{code}")
async def entry_form(request: Request, identity: Staff, audit_id: UUID, part: str, code: str) -> Response:
    """Save it, and go on to the next or back to the list."""
    form = await posted(request, identity)
    entry = read_entry(form, code)
    if form.text("then") == STAY:
        return await save_quietly(request, identity, audit_id, part, entry)
    try:
        async with desk(request, identity) as at:
            await save_entry(at.transaction, at.context, identity, audit_id, part, entry)
            _, _, forms = await _own(at, audit_id, part)
    except StaleEntry as stale:
        async with desk(request, identity) as at:
            seen, held, forms = await _own(at, audit_id, part)
            return _entry(at, seen, held, form_of(forms, code), entry, (("main-content", stale.detail),), stale.current)
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            seen, held, forms = await _own(at, audit_id, part)
            return _entry(at, seen, held, form_of(forms, code), entry, errors_of(error))
    return redirect(_after(audit_id, part, forms, code, form))


async def save_quietly(request: Request, identity: Identity, audit_id: UUID, part: str, entry: Entry) -> Response:
    """Save while somebody writes, for the page's script: gives the new revision, or the problem as machines read it."""
    async with desk(request, identity) as at:
        revision = await save_entry(at.transaction, at.context, identity, audit_id, part, entry)
    return JSONResponse({"revision": revision}, headers=PAGE_HEADERS)


def read_entry(form: PostedForm, code: str) -> Entry:
    """The entry that a form holds."""
    chosen = form.text("grade") or None
    revision = form.text("revision")
    words = {name.removeprefix("words-"): form.text(name) for name in form if name.startswith("words-")}
    return Entry(
        code,
        grade=None if chosen == NOT_APPLICABLE else chosen,
        not_applicable=chosen == NOT_APPLICABLE,
        answer=form.text("answer") or None,
        ticked=frozenset(form.all("ticked")),
        words={name: said for name, said in words.items() if said},
        revision=int(revision) if revision.isascii() and revision.isdecimal() and len(revision) < 10 else MOST_REVISION,  # noqa: PLR2004 - digits of a 32-bit number
    )


def _after(audit_id: UUID, part: str, forms: tuple[Form, ...], code: str, form: PostedForm) -> str:
    base = f"/audit/audits/{audit_id}/parts/{part}"
    codes = [each.code for each in forms]
    following = codes[codes.index(code) + 1 :]
    return f"{base}/entries/{following[0]}" if following and form.text("then") == "next" else base


def _entry_of(pointer: str) -> str:
    """The line of the list that a missing field belongs to."""
    return f"entry-{pointer.split('/')[1]}"


async def _own(at: Desk, audit_id: UUID, part: str) -> tuple[Seen, Part, tuple[Form, ...]]:
    """The audit and the part, if the person holds it as an auditor."""
    seen = await read_audit(at.transaction, at.context, at.identity, audit_id)
    return seen, seen.own_part(part), forms_of(part, seen.tool)


async def _part(at: Desk, audit_id: UUID, part: str, errors: Errors = ()) -> HTMLResponse:
    seen, held, forms = await _own(at, audit_id, part)
    audit = seen.record.audit
    entries = seen.entries[part]
    lacking = {error.pointer.split("/")[1] for error in missing(part, seen.tool, seen.scale, entries)}
    now = at.context.now()
    may_take_back = held.is_submitted and audit.state in {"auditing", "submitted"} and not audit.is_shown(now)
    return at.show(
        "part.html",
        422 if errors else 200,
        title=f"Your audit {seen.record.reference}",
        seen=seen,
        audit=audit,
        part=held,
        part_name=view.part_name(part, seen.tool),
        lines=[
            {
                "code": form.code,
                "name": form.name,
                "chosen": view.chosen_words(seen.scale, form, entries.get(form.code)),
                "state": _state(form, form.code in entries, form.code in lacking),
            }
            for form in forms
        ],
        due=day(held.due_on),
        may_write=not held.is_submitted and audit.state == "auditing",
        may_take_back=may_take_back,
        until=moment(audit.shown_from) if audit.shown_from else None,
        written=view.written(seen, part, at.words.finding_names),
        questions=[each for each in seen.questions if each.part == part],
        decides=audit.moderation is None,
        themes=[(theme.code, theme.name, "") for theme in at.profile.organisation.themes],
        chosen_themes=list(seen.record.themes),
        actions=view.actions(seen, at.context.today),
        moment=moment,
        errors=errors,
    )


def _state(form: Form, started: bool, lacks: bool) -> str:  # noqa: FBT001 - two facts of one line
    if lacks:
        return "To finish" if started else "Not started"
    return "Done" if started or form.required else "Optional"


def _ask(seen: Seen, part: Part, form: Form) -> str | None:
    """The feedback service's page that asks the same questions, with what it needs to begin and the way back; no person.

    The audit's reference and whose views they are together are the reference there, so that either leads to the other.
    """
    if form.questionnaire is None:
        return None
    record = seen.record
    here = f"/audit/audits/{record.audit.id}/parts/{part.code}/entries/{form.code}"
    known = {
        "questionnaire": form.questionnaire,
        "channel": "audit",
        "reference": f"{record.reference}-{form.code.removeprefix(FEEDBACK)}",
        "service_area": record.service_area,
        "team": record.team or "",
        "return_to": here,
    }
    return f"/feedback/entry?{urlencode(known)}"


def _entry(
    at: Desk, seen: Seen, part: Part, form: Form, entry: Entry, errors: Errors = (), current: Entry | None = None
) -> HTMLResponse:
    section = next((each for each in seen.tool.sections if each.code == form.code), None)
    findings = at.words.finding_names
    suggestion = suggested_overall(seen.entries[part.code].values(), seen.tool, seen.scale) if form.code == OVERALL else None
    scale = seen.scale.grades if seen.scale else ()
    grades = [(grade.code, grade.label, section.meaning(grade) if section else grade.definition) for grade in scale]
    if form.kind == "section" and grades:
        grades.append((NOT_APPLICABLE, "Not applicable", "This section does not apply to the case. Say why under evidence."))
    forms = forms_of(part.code, seen.tool)
    context: dict[str, Any] = {
        "seen": seen,
        "part": part,
        "form": form,
        "entry": entry,
        "section": section,
        "ask": _ask(seen, part, form),
        "grades": grades if form.kind in {"section", "overall"} else [],
        "chosen": NOT_APPLICABLE if entry.not_applicable else entry.grade or "",
        "suggestion": at.words.grade(seen.tool.scale, suggestion) if suggestion else None,
        "current": current,
        "options": [(code, label, "") for code, label in form.options],
        "ticks": [(code, findings.get(code, code), "") for code in form.ticks],
        "current_grade": view.chosen_words(seen.scale, form, current) if current else None,
        "current_texts": view.texts(form, current) if current else [],
        # Saved over what stands there now, once both have been seen.
        "revision": current.revision if current else entry.revision,
        "place": [each.code for each in forms].index(form.code) + 1,
        "places": len(forms),
        "script": AUTOSAVE,
        "may_write": not part.is_submitted and seen.record.audit.state == "auditing",
    }
    status = 409 if current else 422 if errors else 200
    return at.show("entry.html", status, title=form.name, errors=errors, **context)
