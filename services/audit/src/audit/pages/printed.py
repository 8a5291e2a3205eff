"""A finished audit as it is printed for the child's file: what somebody sees of it, in words."""

from collections.abc import Iterator
from datetime import date

from audit.domain.actions import standing
from audit.domain.judgement import ASKED, FEEDBACK, OVERALL, VISIT, Entry, Form, forms_of
from audit.domain.printed import (
    Account,
    PrintedAction,
    PrintedAnswer,
    PrintedAudit,
    PrintedNote,
    PrintedOverall,
    PrintedReview,
    PrintedSection,
    PrintedViews,
    PrintedVisit,
)
from audit.pages import audit_view as view
from audit.pages.view import DIFFERENCES, RAG, Words
from audit.use_cases.read_audit import Seen
from chassis.days import british_day

RESULTS = {"closed": "Loop closed", "reopened": "Opened again"}


def printed(seen: Seen, words: Words, today: date) -> PrintedAudit:
    """The audit as a document's content; for an audit that is finished."""
    record, audit = seen.record, seen.record.audit
    decided = seen.entries.get(audit.deciding.code, {})
    conclusion = decided.get(OVERALL, Entry(OVERALL))
    return PrintedAudit(
        organisation=words.profile.organisation.name,
        reference=record.reference,
        tool=seen.tool.name,
        tool_version=record.tool_version,
        printed_on=today,
        printed_by=seen.viewer.identity.label or seen.viewer.identity.subject,
        facts=tuple(view.facts(seen, words)),
        overall=_overall(seen, conclusion, words),
        sections=tuple(_section(seen, form, decided.get(form.code)) for form in _forms(seen) if form.kind == "section"),
        answers=tuple(_answers(seen)),
        findings=tuple(words.finding_names.get(code, code) for code in record.findings),
        concerns=tuple(
            PrintedNote(british_day(each.raised_at), seen.name(each.raised_by), each.words, each.answer)
            for each in seen.escalations
        ),
        views=tuple(_views(seen)),
        visit=_visit(seen),
        themes=tuple(words.theme_names.get(code, code) for code in record.themes),
        learning=conclusion.word("learning"),
        actions=tuple(_action(seen, today)),
        moderation=tuple(
            PrintedNote(british_day(each.asked_at), seen.name(each.asked_by), each.asked, each.answer)
            for each in seen.questions
        ),
        discussion=PrintedNote(record.discussed_on, seen.name(record.discussed_by), seen.discussion or "Discussed.")
        if record.discussed_on
        else None,
        reviews=tuple(_reviews(seen)),
    )


def _forms(seen: Seen) -> tuple[Form, ...]:
    return forms_of(seen.record.audit.auditor_parts[0].code, seen.tool)


def _account(seen: Seen, part: str, code: str) -> Account:
    entry = seen.entries.get(part, {}).get(code, Entry(code))
    grade = view.grade_words(seen.scale, entry) if seen.scale else ""
    texts = {name: entry.word(name) for name in ("evidence", "strengths", "areas", "rationale")}
    return Account(view.part_name(part, seen.tool), grade, **texts)


def _accounts(seen: Seen, code: str) -> tuple[Account, ...]:
    return tuple(_account(seen, part.code, code) for part in seen.record.audit.auditor_parts)


def _section(seen: Seen, form: Form, decided: Entry | None) -> PrintedSection:
    reason = decided.word("reason") if decided else ""
    return PrintedSection(form.name, view.grade_words(seen.scale, decided), _accounts(seen, form.code), reason)


def _overall(seen: Seen, conclusion: Entry, words: Words) -> PrintedOverall | None:
    record = seen.record
    if seen.scale is None:
        said = "\n\n".join(text for _, text in view.texts(_forms(seen)[-1], conclusion))
        return PrintedOverall(RAG[record.rag], said) if record.rag else PrintedOverall("Not graded", said) if said else None
    suggested = words.grade(record.scale, record.suggested) if record.suggested not in {None, record.overall} else ""
    return PrintedOverall(
        words.grade(record.scale, record.overall), conclusion.word("rationale"), suggested, _accounts(seen, OVERALL)
    )


def _answers(seen: Seen) -> Iterator[PrintedAnswer]:
    for part in seen.record.audit.auditor_parts:
        for form in forms_of(part.code, seen.tool):
            entry = seen.entries.get(part.code, {}).get(form.code)
            if form.kind == "question" and entry is not None:
                chosen = dict(form.options).get(entry.answer or "", "")
                yield PrintedAnswer(form.name, chosen, entry.word("words"))


def _views(seen: Seen) -> Iterator[PrintedViews]:
    for part in seen.record.audit.auditor_parts:
        for form in forms_of(part.code, seen.tool):
            entry = seen.entries.get(part.code, {}).get(form.code)
            if form.code.startswith(FEEDBACK) and entry is not None:
                how = ". ".join(each for each in (dict(ASKED).get(entry.answer or "", ""), entry.word("how")) if each)
                yield PrintedViews(form.name, how, entry.word("words"), form.questionnaire or "")


def _visit(seen: Seen) -> PrintedVisit | None:
    for part in seen.record.audit.auditor_parts:
        if entry := seen.entries.get(part.code, {}).get(VISIT):
            return PrintedVisit(entry.word("on"), entry.word("observed"))
    return None


def _action(seen: Seen, today: date) -> Iterator[PrintedAction]:
    for each in seen.actions:
        yield PrintedAction(
            each.code.upper(),
            each.what,
            seen.name(each.owner),
            each.due_on,
            view.STANDINGS[standing(each, today)],
            each.done_on,
            each.evidence,
        )


def _reviews(seen: Seen) -> Iterator[PrintedReview]:
    for each in seen.record.audit.reviews:
        said = seen.reviews.get(each.number, {})
        words = (
            ("Did the actions make a difference", DIFFERENCES.get(each.difference or "", "")),
            ("What changed for the child", said.get("changed", "")),
            ("Notes", said.get("notes", "")),
        )
        yield PrintedReview(
            each.number,
            each.due_on,
            seen.name(each.reviewer),
            each.held_on,
            RESULTS.get(each.result or "", ""),
            tuple((label, text) for label, text in words if text),
        )
