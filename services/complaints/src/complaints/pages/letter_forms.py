"""What the pages of letters are made of: words for codes, the fields of a draft, and what its step needs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chassis.pages import Form
from chassis.pages.fields import Field, Filled, Wrong, filled
from chassis.storable import whole
from complaints.adapters.letters import About, Content
from complaints.domain.letter_profile import FIELDS, MOST_BODY, MOST_SUBJECT
from complaints.domain.letter_profile import Kind as LetterKind
from complaints.domain.letters import STEPS, Effect, How, StepWords, Way
from complaints.domain.stages import Step
from complaints.pages import step_forms
from complaints.pages.labels import Labels
from complaints.use_cases.letters import Desk, Words, as_stored, effect_of
from complaints.use_cases.read_complaints import ComplaintView
from complaints.use_cases.respond_stage import Said

KIND_NAMES: Mapping[LetterKind, str] = {
    "acknowledgement": "Acknowledgement",
    "extension": "Extension",
    "holding": "Holding letter",
    "response": "Response",
    "closing": "Closing letter",
    "other": "Other letter",
}
WAY_NAMES: Mapping[Way, str] = {
    "email": "By e-mail, as a PDF",
    "post": "By post",
    "handed-over": "Handed over",
    "other": "Another way",
}
WAY_WORDS: Mapping[Way, str] = {"email": "by e-mail", "post": "by post", "handed-over": "handed over", "other": "another way"}
_DID: Mapping[LetterKind, str] = {
    "acknowledgement": "acknowledged the stage",
    "extension": "extended the limit",
    "response": "stopped the clock",
    "closing": "confirmed the withdrawal",
}
MAIL_WORDS = {
    "waiting": "waits to go out",
    "sending": "goes out",
    "sent": "handed to the mail server",
    "failed": "did not arrive",
}
STEP_WORDS = {Step.ACKNOWLEDGE: "acknowledged", Step.EXTEND: "extended", Step.RESPOND: "answered"}
ENDONYMS = {"en": "English", "ar": "العربية", "cy": "Cymraeg", "pl": "Polski", "ro": "Română", "ur": "اردو"}
_LIMITS = {"to_name": 200, "to_email": 254, "to_address": 600, "subject": MOST_SUBJECT, "body": MOST_BODY}
_MOST_GIVEN = 2000


def did(how: How | None, kind: LetterKind) -> str:
    """What a letter did to its stage, in words; empty for nothing."""
    words = {
        "taken": _DID.get(kind, ""),
        "attached": "belongs to a step that was recorded",
        "corrected": "moved the day of the step",
    }
    return words[how] if how else ""


def step_fields(desk: Desk, about: About, labels: Labels, today: date) -> tuple[Field, ...]:
    """The fields of the step that a letter takes, without its day, which is that of sending."""
    does = effect_of(desk, about)
    if does.how != "taken" or does.step not in {Step.EXTEND, Step.RESPOND} or desk.view.case.begun(about.stage) is None:
        return ()
    form = step_forms.step_form(does.step, step_forms.About(about.stage, desk.view, labels, today))
    return () if form is None else tuple(each for each in form.fields if each.kind != "day")


_OF_STEP = frozenset({"extension_reason", "points_and_findings"})
_AFTER_STEP = frozenset({"due_on", "old_due_on", "limit", "ask_by"})


def asked_for(missing: Sequence[str], given: Mapping[str, str], fields: Sequence[Field], refusal: str) -> list[str]:
    """The fields of a letter for which words are asked: not those that the form, or the step once it is complete, will fill."""
    filled_elsewhere = {"recipient"} | (_OF_STEP if fields else frozenset()) | (_AFTER_STEP if refusal else frozenset())
    return [name for name in FIELDS if name in given or (name in missing and name not in filled_elsewhere)]


def default_step(fields: Sequence[Field]) -> Mapping[str, Any]:
    """What stands in them at first: the longest limit that there is."""
    return {each.name: each.options[-1][0] for each in fields if each.name == "to" and each.options}


def words_of(view: ComplaintView, about: About, step: Mapping[str, Any]) -> Words:
    """What was typed for a step, as the letter and the step take it."""
    if about.kind == "extension":
        to = whole(str(step.get("to", "")))
        return Words(StepWords(None if to < 0 else to, step.get("code"), step.get("reason", "")))
    if about.kind != "response":
        return Words()
    findings, said = {}, {}
    for place, point in enumerate(view.live, 1):
        name = f"finding-{place}"
        if finding := step.get(name):
            findings[point.reference] = finding
        reason, remedies = step.get(f"{name}-reason") or None, tuple(step.get(f"{name}-remedies", ()))
        if reason or remedies:
            said[point.reference] = Said(reason, remedies)
    return Words(StepWords(findings=findings), said)


def missing_step(fields: Sequence[Field], step: Mapping[str, Any]) -> list[Wrong]:
    """What the step of a letter needs and nobody has typed."""
    asked = {"words": "write it", "line": "write it"}
    return [
        (each.id, f"{f'{each.group}: ' if each.group else ''}{each.said}: {asked.get(each.kind, 'choose one')}")
        for each in fields
        if not each.optional and not step.get(each.name)
    ]


def typed_draft(form: Form, held: Content, fields: Sequence[Field]) -> tuple[Content, Filled, list[Wrong]]:
    """What was typed into the form of a draft, what its step's fields hold, and what cannot be kept."""
    step = filled(fields, form)
    typed = {name for name, text in step.given.items() if text} | {name for name, several in step.several.items() if several}
    wrong = [each for each in step.errors if any(name.startswith(each[0].removesuffix("-day")) for name in typed)]
    wrong = [each for each in wrong if step.given.get(each[0]) or step.several.get(each[0])]
    for name, most in _LIMITS.items():
        if len(form.text(name)) > most:
            wrong.append((name, f"At most {most:,} characters fit in here; it has {len(form.text(name)):,}"))
    given = {name: form.text(f"given-{name}") for name in FIELDS if form.text(f"given-{name}")}
    wrong += [
        (f"given-{name}", f"At most {_MOST_GIVEN:,} characters fit in here")
        for name, text in given.items()
        if len(text) > _MOST_GIVEN
    ]
    content = Content(
        to_name=form.text("to_name"),
        to_address=form.text("to_address"),
        to_email=form.text("to_email"),
        subject=" ".join(form.text("subject").split()),
        body=form.text("body"),
        given=given,
        step=as_stored(step.values) if fields else held.step,
    )
    return content, step, wrong


def effect_words(does: Effect, about: About, day: Any) -> str:
    """What sending the letter does, for who writes it."""
    stage = f"stage {about.stage}"
    if does.step is None:
        if about.kind in STEPS:
            return f"The procedure has no such step at {stage}: the letter is kept, and no clock is touched."
        return "No clock is touched by this letter."
    if does.step is Step.END:
        return f"Sending it records that the withdrawal at {stage} was confirmed in writing on that day."
    done = STEP_WORDS[does.step]
    if does.how == "attached":
        return f"{stage.capitalize()} was {done} on {day(does.day)}: the letter belongs to that, and the clock stays as it is."
    if does.how == "corrected":
        return f"{stage.capitalize()} was {done} on {day(does.day)} by a letter that did not arrive: this one's day counts."
    clock = {
        Step.ACKNOWLEDGE: "the clock knows of it from the day on which it is sent",
        Step.EXTEND: "the new limit counts from the day on which it is sent",
        Step.RESPOND: "the clock stops on the day on which it is sent",
    }[does.step]
    return f"Sending it records that {stage} was {done}: {clock}, and nothing before."
