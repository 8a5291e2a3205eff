"""The forms of disputes: which fields each has, what stands in them at first, and what is made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from audit.domain.directory import Person
from audit.domain.dispute import Dispute, Phase, Stage
from audit.domain.dispute_profile import required_disputes
from audit.domain.dispute_steps import Step
from audit.domain.profile import AuditProfile
from audit.pages.dispute_words import ACTIONS, Labels
from audit.use_cases.read_disputes import DisputeView
from chassis.pages.fields import Field, Option


@dataclass(frozen=True)
class FormSpec:
    """A form: its title, what is said before it, its fields, and what stands in them at first."""

    title: str
    button: str
    fields: tuple[Field, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict, repr=False)
    intro: str = ""


def person_field(people: Sequence[Person], *, name: str = "person", group: str = "", label: str = "Who must answer") -> Field:
    """A choice among the people of the directory."""
    options = tuple((person.code, person.name) for person in people)
    return Field(
        name, label, "choice", "Leave it empty if they are not in the list", optional=True, options=options, group=group
    )


def team_options(profile: AuditProfile, today: date) -> tuple[tuple[str, str], ...]:
    """The teams of today, each with its service area."""
    return tuple(
        (team.code, f"{team.name}, {profile.areas[team.service_area].name}")
        for team in profile.organisation.teams
        if team.covers(today)
    )


def area_options(profile: AuditProfile, areas: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The service areas that the reader is not shut out of."""
    return tuple((code, profile.areas[code].name) for code in profile.audit_areas if not areas or code in areas)


def raise_form(
    profile: AuditProfile, people: Sequence[Person], today: date, areas: frozenset[str], *, for_others: bool
) -> FormSpec:
    """A concern that is raised; `for_others` lets an officer say in whose name."""
    labels = Labels(profile, {})
    rules = required_disputes(profile.audit.disputes)
    raiser = person_field(people, name="raised_person", label="Who raised it")
    return FormSpec(
        "Raise a dispute",
        "Raise the dispute",
        (
            Field("raised_by", "You raise it as" if not for_others else "Raised by", "radios", options=_pairs(rules.raised_by)),
            *([raiser] if for_others else []),
            Field("raised_on", "Day on which it is raised", "day", "The clock of the first stage counts from this day"),
            Field(
                "case_number", "Case number of the child", "line", "It is stored encrypted", group="The child and the concern"
            ),
            Field("service_area", "Service area", "choice", options=area_options(profile, areas)),
            Field("team", "Team", "choice", optional=True, options=team_options(profile, today)),
            Field("category", "What it is about", "choice", options=labels.choices("category")),
            Field("concern", "What is the concern, and what should happen for the child?", "words", "Stored encrypted"),
            Field("informal_on", "Day of the talk", "day", optional=True, group="Was it tried to settle it in talks before?"),
            Field("informal", "What was said and agreed", "words", optional=True),
            replace(
                person_field(people, group=f"Who must answer, within {rules.stages[0].limit} working days?"),
                hint="Where nobody is named, the managers of the team can answer",
            ),
            Field("role", "Or in words who it is", "line", "For example: team manager, Through Care", optional=True),
        ),
        {"raised_on": today},
        "For a concern about practice in a child's case that could not be settled in talks, or that is too grave for that.",
    )


def step_form(step: Step, view: DisputeView, people: Sequence[Person], today: date) -> FormSpec:
    """The form of a step on a dispute."""
    return _FORMS[step](view, people, today)


def _answer(view: DisputeView, _: Sequence[Person], today: date) -> FormSpec:
    labels, rules = Labels(view.profile, view.people), required_disputes(view.profile.audit.disputes)
    stage = rules.stage(view.record.dispute.current.code)
    return FormSpec(
        ACTIONS[Step.ANSWER],
        "Save the answer",
        (
            Field("answered_on", "Day of the answer", "day", "The clock stops on this day"),
            Field("answered_by", "Who answers", "choice", options=labels.choices("answered_by")),
            Field("answer", "Answer", "words", "What will be done, by whom and by when; or why practice is as it should be"),
        ),
        {"answered_on": today, "answered_by": stage.answered_by if stage is not None else ""},
    )


def _escalate(view: DisputeView, people: Sequence[Person], today: date) -> FormSpec:
    dispute, rules = view.record.dispute, required_disputes(view.profile.audit.disputes)
    later = rules.later(dispute.current.code)
    above = _line_manager(dispute.current, people)
    return FormSpec(
        ACTIONS[Step.ESCALATE],
        "Escalate the dispute",
        (
            Field("escalated_on", "Day on which it goes on", "day", "The clock of the next stage counts from this day"),
            Field("stage", "To which stage", "radios", "A stage may be passed over", options=_stages(later)),
            person_field(people),
            Field("role", "Or in words who it is", "line", optional=True),
            Field("reason", "Why it goes on", "words", "Why the answer is not enough, or that there was none"),
        ),
        {"escalated_on": today, "stage": later[0].code if later else "", "person": above},
    )


def _resolve(view: DisputeView, _: Sequence[Person], today: date) -> FormSpec:
    labels = Labels(view.profile, view.people)
    hint = "No answer is recorded at this stage. Tick this if none was needed."
    informal = Field("informal", "It was settled in talks, without a formal answer", "tick", hint)
    return FormSpec(
        ACTIONS[Step.RESOLVE],
        "Save the outcome",
        (
            Field("resolved_on", "Day on which it was settled", "day"),
            Field("outcome", "Outcome", "radios", options=labels.choices("outcome")),
            Field(
                "changed",
                "What changed for the child",
                "words",
                "Not only what was agreed: what is different for the child now",
            ),
            *([informal] if view.record.dispute.phase is Phase.WAITING else []),
        ),
        {"resolved_on": today},
    )


def _withdraw(_: DisputeView, __: Sequence[Person], today: date) -> FormSpec:
    return FormSpec(
        "Withdraw the dispute",
        "Withdraw the dispute",
        (
            Field("withdrawn_on", "Day on which it is withdrawn", "day"),
            Field("reason", "Why it is withdrawn", "words"),
        ),
        {"withdrawn_on": today},
    )


def _reopen(view: DisputeView, people: Sequence[Person], today: date) -> FormSpec:
    current, rules = view.record.dispute.current, required_disputes(view.profile.audit.disputes)
    return FormSpec(
        "Open the dispute again",
        "Open it again",
        (
            Field("reopened_on", "Day on which it is opened again", "day", "The clock counts anew from this day"),
            Field("stage", "At which stage", "radios", options=_stages(rules.stages)),
            person_field(people),
            Field("role", "Or in words who it is", "line", optional=True),
            Field("reason", "Why it is opened again", "words"),
        ),
        {"reopened_on": today, "stage": current.code, "person": current.person, "role": current.role},
    )


def _correct(view: DisputeView, people: Sequence[Person], today: date) -> FormSpec:
    dispute, labels = view.record.dispute, Labels(view.profile, view.people)
    rules = required_disputes(view.profile.audit.disputes)
    names = ("raised_by", "raised_on", "case_number", "service_area", "team", "category", "concern", "informal_on", "informal")
    areas, teams = area_options(view.profile, view.viewer.areas), team_options(view.profile, today)
    fields = [
        Field("raised_by", "Raised by", "radios", options=_keeping(_pairs(rules.raised_by), dispute.raised_by)),
        Field("raised_on", "Day on which it was raised", "day", "Another day counts the clock of the first stage anew"),
        Field("case_number", "Case number of the child", "line"),
        Field("service_area", "Service area", "choice", options=_keeping(areas, dispute.service_area)),
        Field("team", "Team", "choice", optional=True, options=_keeping(teams, dispute.team)),
        Field("category", "What it is about", "choice", options=_keeping(labels.choices("category"), dispute.category)),
        Field("concern", "What the concern is", "words"),
        Field("informal_on", "Day of the talk before", "day", optional=True),
        Field("informal", "What was tried before", "words", optional=True),
    ]
    defaults: dict[str, Any] = {name: getattr(dispute, name) for name in names}
    for stage in dispute.stages:
        more, filled_in = _correct_stage(stage, dispute, people, labels)
        fields += more
        defaults |= filled_in
    intro = "Put right what was written down wrongly. What stood there before is kept and stays visible."
    return FormSpec(ACTIONS[Step.CORRECT], "Save the corrections", tuple(fields), defaults, intro)


def _correct_stage(
    stage: Stage, dispute: Dispute, people: Sequence[Person], labels: Labels
) -> tuple[list[Field], dict[str, Any]]:
    prefix = f"stages-{stage.number}-"
    group = labels.name("stage", stage.code)
    person = person_field(people, name=f"{prefix}person", group=group)
    fields = [replace(person, options=_keeping(person.options, stage.person, labels.who(stage.person)))]
    fields.append(Field(f"{prefix}role", "Or in words who it is", "line", optional=True))
    defaults: dict[str, Any] = {f"{prefix}person": stage.person, f"{prefix}role": stage.role}
    if stage.number > 1:
        fields.append(Field(f"{prefix}reached_on", "Day on which the stage was reached", "day"))
        fields.append(Field(f"{prefix}reason", "Why it came to this stage", "words"))
        defaults |= {f"{prefix}reached_on": stage.reached_on, f"{prefix}reason": stage.reason}
    if stage.answer is not None:
        fields.append(Field(f"{prefix}answered_on", "Day of the answer", "day"))
        levels = _keeping(labels.choices("answered_by"), stage.answer.by)
        fields.append(Field(f"{prefix}answered_by", "Who answered", "choice", options=levels))
        fields.append(Field(f"{prefix}answer", "Answer", "words"))
        answer = stage.answer
        values = {"answered_on": answer.on, "answered_by": answer.by, "answer": answer.words}
        defaults |= {f"{prefix}{name}": value for name, value in values.items()}
    if stage.ending is not None and stage is dispute.current:
        more, filled_in = _correct_ending(stage, labels)
        return fields + more, defaults | filled_in
    return fields, defaults


def _correct_ending(stage: Stage, labels: Labels) -> tuple[list[Field], dict[str, Any]]:
    ending = stage.ending
    if ending is None:
        return [], {}
    fields = [Field("ending-ended_on", "Day on which it ended", "day", group="The end")]
    defaults: dict[str, Any] = {"ending-ended_on": ending.on, "ending-words": ending.words}
    if ending.outcome is not None:
        fields.append(Field("ending-outcome", "Outcome", "radios", options=_keeping(labels.choices("outcome"), ending.outcome)))
        defaults["ending-outcome"] = ending.outcome
    words = "What changed for the child" if ending.result == "resolved" else "Why it was withdrawn"
    return [*fields, Field("ending-words", words, "words")], defaults


_FORMS = {
    Step.ANSWER: _answer,
    Step.ESCALATE: _escalate,
    Step.RESOLVE: _resolve,
    Step.WITHDRAW: _withdraw,
    Step.REOPEN: _reopen,
    Step.CORRECT: _correct,
}


def _pairs(members: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((member.code, member.name) for member in members)


def _keeping(options: tuple[Option, ...], code: str | None, words: str = "") -> tuple[Option, ...]:
    """The options, with what is recorded among them also where the profile or the directory no longer has it."""
    if code is None or code in {value for value, _ in options}:
        return options
    return (*options, (code, words or code))


def _stages(stages: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((stage.code, f"{stage.name}, {stage.limit} working days") for stage in stages)


def _line_manager(stage: Stage, people: Sequence[Person]) -> str | None:
    """Code of who stands above the person that the current stage is addressed to, if both are in the directory."""
    by_code = {person.code: person for person in people}
    current = by_code.get(stage.person or "")
    return current.line_manager if current is not None and current.line_manager in by_code else None
