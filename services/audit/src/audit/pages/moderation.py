"""The moderator's pages: both auditors side by side, final grades, learning, actions, a question back, and the end of it."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from audit.domain.audit import MODERATION, State
from audit.domain.judgement import OVERALL, Entry, Form, differ, forms_of, missing_in_moderation, suggested_overall
from audit.pages import audit_view as view
from audit.pages.desk import Desk, Errors, Staff, desk, errors_of, posted
from audit.pages.parts import AUTOSAVE, NOT_APPLICABLE, STAY, read_entry, save_quietly
from audit.pages.view import day
from audit.use_cases.moderate_audit import choose_learning, moderate_audit, return_part
from audit.use_cases.read_audit import Seen, read_audit
from audit.use_cases.save_entry import StaleEntry, form_of, save_entry
from chassis.errors import DomainError, Kind, not_found
from chassis.pages import redirect

router = APIRouter(prefix="/audit/audits/{audit_id}/moderation", include_in_schema=False)


@router.get("")
async def moderation_page(request: Request, identity: Staff, audit_id: UUID) -> HTMLResponse:
    """Both auditors' grades beside the final ones, and everything else that belongs to a moderation."""
    async with desk(request, identity) as at:
        return await _overview(at, audit_id)


@router.post("/finish")
async def finish_form(request: Request, identity: Staff, audit_id: UUID) -> Response:
    """Fix the grades and circulate the result."""
    await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            await moderate_audit(at.transaction, at.context, identity, audit_id)
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            errors = tuple((f"entry-{each.pointer.split('/')[1]}", each.detail) for each in error.errors)
            return await _overview(at, audit_id, errors)
    return redirect(f"/audit/audits/{audit_id}")


@router.post("/learning")
async def learning_form(request: Request, identity: Staff, audit_id: UUID) -> Response:
    """Choose the themes of the learning; also for the only auditor of an audit that nobody moderates."""
    form = await posted(request, identity)
    async with desk(request, identity) as at:
        await choose_learning(at.transaction, at.context, identity, audit_id, form.all("themes"), form.all("findings"))
        audit = (await read_audit(at.transaction, at.context, identity, audit_id)).record.audit
    here = "moderation" if audit.moderation else f"parts/{audit.deciding.code}"
    return redirect(f"/audit/audits/{audit_id}/{here}#learning")


@router.get("/return/{part}")
async def return_page(request: Request, identity: Staff, audit_id: UUID, part: str) -> HTMLResponse:
    """Ask the auditor something."""
    async with desk(request, identity) as at:
        return await _return(at, audit_id, part)


@router.post("/return/{part}")
async def return_form(request: Request, identity: Staff, audit_id: UUID, part: str) -> Response:
    """Give the part back."""
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            await return_part(at.transaction, at.context, identity, audit_id, part, form.text("question"))
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            return await _return(at, audit_id, part, errors_of(error), form.text("question"))
    return redirect(f"/audit/audits/{audit_id}")


@router.get("/entries/{code}")
async def final_page(request: Request, identity: Staff, audit_id: UUID, code: str) -> HTMLResponse:
    """What the auditors wrote of one section, side by side, and the final grade."""
    async with desk(request, identity) as at:
        seen = await _moderated_by(at, audit_id)
        entry = seen.entries.get(MODERATION, {}).get(code, Entry(code))
        return _final(at, seen, form_of(forms_of(MODERATION, seen.tool), code), entry)


@router.post("/entries/{code}")
async def final_form(request: Request, identity: Staff, audit_id: UUID, code: str) -> Response:
    """Save the final grade, and go on to the next section."""
    form = await posted(request, identity)
    entry = read_entry(form, code)
    if form.text("then") == STAY:
        return await save_quietly(request, identity, audit_id, MODERATION, entry)
    try:
        async with desk(request, identity) as at:
            await save_entry(at.transaction, at.context, identity, audit_id, MODERATION, entry)
            seen = await _moderated_by(at, audit_id)
            codes = [each.code for each in forms_of(MODERATION, seen.tool)]
    except StaleEntry as stale:
        async with desk(request, identity) as at:
            seen = await _moderated_by(at, audit_id)
            asked = form_of(forms_of(MODERATION, seen.tool), code)
            return _final(at, seen, asked, entry, (("main-content", stale.detail),), stale.current)
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        async with desk(request, identity) as at:
            seen = await _moderated_by(at, audit_id)
            return _final(at, seen, form_of(forms_of(MODERATION, seen.tool), code), entry, errors_of(error))
    base = f"/audit/audits/{audit_id}/moderation"
    following = codes[codes.index(code) + 1 :]
    return redirect(f"{base}/entries/{following[0]}" if following and form.text("then") == "next" else base)


async def _moderated_by(at: Desk, audit_id: UUID) -> Seen:
    """The audit, if the person moderates it and its parts are shown to them."""
    seen = await read_audit(at.transaction, at.context, at.identity, audit_id)
    seen.own_moderation()
    return seen


async def _overview(at: Desk, audit_id: UUID, errors: Errors = ()) -> HTMLResponse:
    seen = await _moderated_by(at, audit_id)
    audit = seen.record.audit
    others = [part.code for part in audit.auditor_parts]
    final = seen.entries.get(MODERATION, {})
    given = [seen.entries.get(part, {}) for part in others]
    forms = forms_of(MODERATION, seen.tool)
    suggestion = suggested_overall(final.values(), seen.tool, seen.scale)
    return at.show(
        "moderation.html",
        422 if errors else 200,
        title=f"Moderate audit {seen.record.reference}",
        seen=seen,
        audit=audit,
        ready=audit.state is State.SUBMITTED and audit.is_shown(at.context.now()),
        due=day(seen.record.moderate_by),
        returnable=[code for code in others if audit.parts[code].is_submitted and audit.is_shown(at.context.now())],
        others=[(part, view.part_name(part, seen.tool), seen.name(audit.parts[part].person)) for part in others],
        lines=[
            {
                "code": form.code,
                "name": form.name,
                "given": [view.grade_words(seen.scale, entries.get(form.code)) for entries in given],
                "final": view.grade_words(seen.scale, final.get(form.code)),
                "differs": len(given) > 1 and differ([entries.get(form.code) for entries in given]),
            }
            for form in forms
        ],
        lacking=len(missing_in_moderation(seen.tool, seen.scale, final, given)),
        suggestion=at.words.grade(seen.tool.scale, suggestion) if suggestion else None,
        themes=[(theme.code, theme.name, "") for theme in at.profile.organisation.themes],
        chosen=list(seen.record.themes),
        findings=[(each.code, each.name, "") for each in at.profile.audit.findings if each.code in seen.tool.findings],
        chosen_findings=list(seen.record.findings),
        actions=view.actions(seen, at.context.today),
        errors=errors,
    )


def _final(at: Desk, seen: Seen, form: Form, entry: Entry, errors: Errors = (), current: Entry | None = None) -> HTMLResponse:
    audit = seen.record.audit
    auditor_form = form_of(forms_of(audit.auditor_parts[0].code, seen.tool), form.code)
    section = next((each for each in seen.tool.sections if each.code == form.code), None)
    scale = seen.scale.grades if seen.scale else ()
    grades = [(grade.code, grade.label, section.meaning(grade) if section else grade.definition) for grade in scale]
    if form.kind == "section" and grades:
        grades.append((NOT_APPLICABLE, "Not applicable", "This section does not apply to the case."))
    forms = forms_of(MODERATION, seen.tool)
    beside: list[dict[str, Any]] = []
    for part in audit.auditor_parts:
        said = seen.entries.get(part.code, {}).get(form.code)
        words = view.texts(auditor_form, said) if said else []
        name = f"{view.part_name(part.code, seen.tool)}: {seen.name(part.person)}"
        beside.append({"name": name, "grade": view.grade_words(seen.scale, said), "texts": words})
    final = {**seen.entries.get(MODERATION, {})}
    suggestion = suggested_overall(final.values(), seen.tool, seen.scale) if form.code == OVERALL else None
    return at.show(
        "final.html",
        409 if current else 422 if errors else 200,
        title=form.name,
        seen=seen,
        form=form,
        entry=entry,
        beside=beside,
        grades=grades,
        chosen=NOT_APPLICABLE if entry.not_applicable else entry.grade or "",
        suggestion=at.words.grade(seen.tool.scale, suggestion) if suggestion else None,
        current=current,
        current_grade=view.grade_words(seen.scale, current) if current else None,
        current_texts=view.texts(form, current) if current else [],
        revision=current.revision if current else entry.revision,
        place=[each.code for each in forms].index(form.code) + 1,
        places=len(forms),
        ready=audit.state is State.SUBMITTED and audit.is_shown(at.context.now()),
        script=AUTOSAVE,
        errors=errors,
    )


async def _return(at: Desk, audit_id: UUID, part: str, errors: Errors = (), question: str = "") -> HTMLResponse:
    seen = await _moderated_by(at, audit_id)
    held = seen.record.audit.parts.get(part)
    if held is None or part == MODERATION:
        raise not_found("part of this audit")
    return at.show(
        "return.html",
        422 if errors else 200,
        title=f"Return to {seen.name(held.person)}",
        seen=seen,
        part=held,
        name=seen.name(held.person),
        question=question,
        errors=errors,
    )
