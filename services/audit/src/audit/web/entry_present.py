"""How a part and a moderation read in JSON: each entry as it is asked for, with what was said and what is still missing."""

from collections.abc import Iterable, Mapping
from typing import Any

from audit.context import Context
from audit.domain.audit import MODERATION, RUNNING, State
from audit.domain.judgement import (
    OVERALL,
    Entry,
    Form,
    differ,
    forms_of,
    missing,
    missing_in_moderation,
    suggested_overall,
)
from audit.domain.profile import AuditProfile
from audit.use_cases.read_audit import Seen
from audit.use_cases.save_entry import StaleEntry, form_of
from audit.web.audit_present import action_out, questions_out
from audit.web.audit_schemas import AuditActionOut, EntryOut
from audit.web.entry_schemas import (
    FinalFormOut,
    GivenOut,
    GradeChoice,
    Labelled,
    Lacking,
    ModerationOut,
    OwnPartOut,
    PartFormOut,
    WordsField,
)
from chassis.errors import DomainError, FieldError, Kind


def part_out(seen: Seen, part: str, profile: AuditProfile, context: Context) -> OwnPartOut:
    """The viewer's own part. Raises `not-found` where it is not theirs."""
    held, audit, now = seen.own_part(part), seen.record.audit, context.now()
    entries = seen.entries[part]
    decides = audit.moderation is None
    return OwnPartOut(
        **_case(seen),
        part=part,
        state=held.state,
        tool=seen.tool.code,
        tool_version=seen.tool.version,
        due_on=held.due_on,
        may_write=not held.is_submitted and audit.state is State.AUDITING,
        may_take_back=held.is_submitted and audit.state in RUNNING and not audit.is_shown(now),
        take_back_until=audit.shown_from,
        decides=decides,
        forms=[part_form(seen, part, form, profile) for form in forms_of(part, seen.tool)],
        lacking=_lacking(missing(part, seen.tool, seen.scale, entries)),
        suggestion=suggested_overall(entries.values(), seen.tool, seen.scale),
        themes=list(seen.record.themes) if decides else [],
        known_themes=_themes(profile) if decides else [],
        actions=_actions(seen, context),
        questions=questions_out(seen, part),
    )


def part_form(seen: Seen, part: str, form: Form, profile: AuditProfile) -> PartFormOut:
    """One entry of a part that is the viewer's own."""
    saved = seen.entries[part].get(form.code, Entry(form.code))
    return PartFormOut(**_form(seen, form, profile), saved=EntryOut.of(saved))


def moderation_out(seen: Seen, profile: AuditProfile, context: Context) -> ModerationOut:
    """The viewer's own moderation. Raises `not-found` where it is not theirs."""
    held, audit = seen.own_moderation(), seen.record.audit
    final = seen.entries.get(MODERATION, {})
    given = [seen.entries.get(part.code, {}) for part in audit.auditor_parts]
    ready = audit.state is State.SUBMITTED and audit.is_shown(context.now())
    known = [each for each in profile.audit.findings if each.code in seen.tool.findings]
    return ModerationOut(
        **_case(seen),
        due_on=held.due_on,
        ready=ready,
        may_return=audit.state in RUNNING and audit.is_shown(context.now()),
        forms=[final_form(seen, form, profile) for form in forms_of(MODERATION, seen.tool)],
        lacking=_lacking(missing_in_moderation(seen.tool, seen.scale, final, given)) if ready else [],
        suggestion=suggested_overall(final.values(), seen.tool, seen.scale),
        themes=list(seen.record.themes),
        findings=list(seen.record.findings),
        known_themes=_themes(profile),
        known_findings=[Labelled(code=each.code, label=each.name) for each in known],
        actions=_actions(seen, context),
    )


def final_form(seen: Seen, form: Form, profile: AuditProfile) -> FinalFormOut:
    """One entry of a moderation that is the viewer's own."""
    final = seen.entries.get(MODERATION, {}).get(form.code, Entry(form.code))
    parts = seen.record.audit.auditor_parts
    said = [seen.entries.get(part.code, {}).get(form.code) for part in parts]
    given = [
        GivenOut(part=part.code, person=part.person, name=seen.name(part.person), entry=EntryOut.of(entry) if entry else None)
        for part, entry in zip(parts, said, strict=True)
    ]
    return FinalFormOut(
        **_form(seen, form, profile),
        given=given,
        differs=len(said) > 1 and differ(said),
        final=EntryOut.of(final),
    )


def stale(refused: StaleEntry, sent: Entry) -> DomainError:
    """The refusal of a stale save: what stands there now, and where it differs from what was sent."""
    current = refused.current
    detail = (
        "This was saved from elsewhere after you read it. Nothing of yours was saved. `current` is what stands there now, "
        "`differs` where yours differs from it: put both together, and save under the ETag of `current.revision`."
    )
    changed = {"current": EntryOut.of(current).model_dump(mode="json"), "differs": _differs(current, sent)}
    return DomainError("stale-entry", detail, Kind.STALE, extra={"revision": current.revision, **changed})


def form_in(seen: Seen, part: str, code: str) -> Form:
    """The form of an entry. Raises `not-found`."""
    return form_of(forms_of(part, seen.tool), code)


def _differs(current: Entry, sent: Entry) -> list[str]:
    names = sorted({*current.words, *sent.words})
    found = [
        f"/{name}" for name in ("grade", "not_applicable", "answer", "ticked") if getattr(current, name) != getattr(sent, name)
    ]
    return found + [f"/words/{name}" for name in names if current.word(name) != sent.word(name)]


def _case(seen: Seen) -> dict[str, Any]:
    record = seen.record
    return {
        "audit_id": record.audit.id,
        "reference": record.reference,
        "audit_state": record.audit.state,
        "case_number": seen.case or None,
    }


def _form(seen: Seen, form: Form, profile: AuditProfile) -> Mapping[str, Any]:
    section = next((each for each in seen.tool.sections if each.code == form.code), None)
    graded = form.kind in {"section", OVERALL} and seen.scale is not None
    grades = seen.scale.grades if seen.scale and graded else ()
    names = {finding.code: finding.name for finding in profile.audit.findings}
    return {
        "entry": form.code,
        "kind": form.kind,
        "name": form.name,
        "hint": form.hint,
        "required": form.required,
        "grades": [
            GradeChoice(code=each.code, label=each.label, meaning=section.meaning(each) if section else each.definition)
            for each in grades
        ],
        "may_be_not_applicable": form.kind == "section" and graded,
        "options": [Labelled(code=code, label=label) for code, label in form.options],
        "ticks": [Labelled(code=code, label=names.get(code, code)) for code in form.ticks],
        "words": [WordsField(name=each.name, label=each.label, hint=each.hint) for each in form.words],
        "questionnaire": form.questionnaire,
    }


def _lacking(errors: Iterable[FieldError]) -> list[Lacking]:
    return [Lacking(pointer=each.pointer, detail=each.detail) for each in errors]


def _themes(profile: AuditProfile) -> list[Labelled]:
    return [Labelled(code=each.code, label=each.name) for each in profile.organisation.themes]


def _actions(seen: Seen, context: Context) -> list[AuditActionOut]:
    return [action_out(each, context.today, seen.name(each.owner), each.what) for each in seen.actions]
