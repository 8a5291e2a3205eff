"""The forms of the steps of a complaint: their fields, and the command that each makes of what was typed."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chassis.identity import Identity
from chassis.pages.fields import Field, Option
from chassis.unit_of_work import Transaction
from complaints.domain.case import Case, Stage
from complaints.domain.stages import Step
from complaints.pages.labels import CORRECTIONS, Labels
from complaints.use_cases.acknowledge_stage import AcknowledgeStage, acknowledge_stage
from complaints.use_cases.agree_statement import AgreeStatement, agree_statement
from complaints.use_cases.correct_date import CorrectDate, correct_date
from complaints.use_cases.decide_stage import DecideStage, decide_stage
from complaints.use_cases.end_stage import EndStage, end_stage
from complaints.use_cases.extend_stage import ExtendStage, extend_stage
from complaints.use_cases.pass_over import PassOver, pass_over
from complaints.use_cases.pause_stage import ResumeStage, SuspendStage, resume_stage, suspend_stage
from complaints.use_cases.read_complaints import ComplaintView
from complaints.use_cases.record_panel import HoldPanel, ReportPanel, hold_panel, report_panel
from complaints.use_cases.refer_early import ReferEarly, refer_early
from complaints.use_cases.request_stage import RequestStage, request_stage
from complaints.use_cases.respond_stage import RespondStage, Said, respond_stage
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target

CORRECT = "correct"
Take = Callable[[Transaction, Setup, Identity, Any], Awaitable[Taken]]
Command = Callable[[Target, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class StepForm:
    """The form of a step: title, button, what is said before it, its fields with defaults, and what it does."""

    title: str
    button: str
    fields: tuple[Field, ...]
    take: Take
    command: Command
    intro: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class About:
    """What a form is about: a stage of a complaint, today."""

    number: int
    view: ComplaintView
    labels: Labels
    today: date


def step_form(step: str, about: About) -> StepForm | None:
    """The form of a step; None for a step that has none."""
    make = _FORMS.get(step)
    return None if make is None else make(about)


def _acknowledge(about: About) -> StepForm:
    return StepForm(
        f"Stage {about.number} was acknowledged",
        "Save the acknowledgement",
        (Field("acknowledged_on", "Day on which the acknowledgement was sent", "day"),),
        acknowledge_stage,
        lambda target, given: AcknowledgeStage(target, given["acknowledged_on"]),
        "Where the procedure counts from the acknowledgement, the due date moves with it.",
        {"acknowledged_on": about.today},
    )


def _agree(about: About) -> StepForm:
    return StepForm(
        "The statement of complaint was agreed",
        "Save the day",
        (Field("agreed_on", "Day on which it was agreed with the complainant", "day"),),
        agree_statement,
        lambda target, given: AgreeStatement(target, given["agreed_on"]),
        "Both days are kept, of the request and of the agreement. The limit counts from the request, unless your profile says "
        "otherwise.",
        {"agreed_on": about.today},
    )


def _extend(about: About) -> StepForm:
    terms = _stage(about.view.case, about.number).terms
    most = terms.extension_to or terms.limit
    limits = tuple((str(days), f"{days} working days") for days in range(terms.limit + 1, most + 1))
    reasons = about.labels.options("extension_reason")
    return StepForm(
        f"Extend stage {about.number}",
        "Extend the limit",
        (
            Field("extended_on", "Day on which the complainant was told of it", "day"),
            Field("to", "New limit in all", "choice", f"At most {most} working days, counted from day 0", options=limits),
            *((Field("code", "Reason", "radios", options=reasons),) if reasons else ()),
            Field("reason", "What the complainant was told", "words", "Stored encrypted"),
        ),
        extend_stage,
        lambda target, given: ExtendStage(target, given["extended_on"], given["reason"], int(given["to"]), given.get("code")),
        "A limit is extended once, while it runs. The complainant is told why and until when.",
        {"extended_on": about.today, "to": str(most)},
    )


def _suspend(about: About) -> StepForm:
    return StepForm(
        f"Suspend stage {about.number}",
        "Suspend the stage",
        (
            Field("suspended_on", "First day of the suspension", "day", "The clock stands still from the working day after it"),
            Field("code", "Reason", "radios", options=about.labels.options("suspension_reason")),
            Field("reason", "More about it", "words", "Stored encrypted", optional=True),
        ),
        suspend_stage,
        lambda target, given: SuspendStage(target, given["suspended_on"], given["code"], given["reason"] or None),
        "The law knows no pause. The day to answer by moves by the working days of the suspension; the due date does not, and "
        "every report shows the days that really passed.",
        {"suspended_on": about.today},
    )


def _resume(about: About) -> StepForm:
    return StepForm(
        f"Resume stage {about.number}",
        "Resume the stage",
        (Field("resumed_on", "Last day of the suspension", "day", "The clock runs again from the working day after it"),),
        resume_stage,
        lambda target, given: ResumeStage(target, given["resumed_on"]),
        defaults={"resumed_on": about.today},
    )


def _hold_panel(about: About) -> StepForm:
    return StepForm(
        "The review panel met",
        "Save the day of the panel",
        (Field("panel_on", "Day on which the panel met", "day"),),
        hold_panel,
        lambda target, given: HoldPanel(target, given["panel_on"]),
        "The limit for its report counts from that day.",
        {"panel_on": about.today},
    )


def _report(about: About) -> StepForm:
    return StepForm(
        "The panel reported",
        "Save the day of the report",
        (Field("reported_on", "Day on which the panel's report was sent", "day"),),
        report_panel,
        lambda target, given: ReportPanel(target, given["reported_on"]),
        "The limit for the authority's answer counts from that day.",
        {"reported_on": about.today},
    )


def _respond(about: About) -> StepForm:
    formal = about.view.case.rules.formality == "formal"
    findings = about.labels.options("finding")
    names = {f"finding-{place}": point.reference for place, point in enumerate(about.view.live, 1)}
    remedies = about.labels.options("remedy")
    points: list[Field] = []
    for name, point in zip(names, about.view.live, strict=True):
        group = f"Point {point.reference}: {about.labels.name('category', point.facts.category)}"
        points += [
            Field(name, "Finding", "choice", options=findings, optional=not formal, group=group),
            Field(f"{name}-reason", "Why", "words", "Stored encrypted", optional=True),
            Field(f"{name}-remedies", "What is done to put it right", "several", optional=True, options=remedies),
        ]
    return StepForm(
        f"Response of stage {about.number}",
        "Save the response",
        (Field("responded_on", "Day on which the response was sent to the complainant", "day"), *points),
        respond_stage,
        lambda target, given: RespondStage(
            target,
            given["responded_on"],
            {reference: given[name] for name, reference in names.items() if given[name]},
            {
                reference: Said(given[f"{name}-reason"] or None, given[f"{name}-remedies"])
                for name, reference in names.items()
                if given[f"{name}-reason"] or given[f"{name}-remedies"]
            },
        ),
        "The clock stops on the day on which it was sent, not when it was drafted.",
        {"responded_on": about.today},
    )


def _pass_over(about: About) -> StepForm:
    return StepForm(
        "Pass stage 1 over",
        "Pass it over, and begin stage 2",
        (
            Field("passed_over_on", "Day on which it was agreed", "day"),
            Field("agreed", "The complainant and the authority agree that stage 1 is of no use", "tick"),
            Field("reason", "Why it is of no use", "words", "Stored encrypted"),
        ),
        pass_over,
        lambda target, given: PassOver(target, given["passed_over_on"], given["agreed"], given["reason"]),
        "No finding is made at stage 1. Stage 2 begins on that day, with its own limit.",
        {"passed_over_on": about.today},
    )


def _refer(about: About) -> StepForm:
    return StepForm(
        "Refer to the Ombudsman early",
        "Save the referral",
        (
            Field("referred_on", "Day of the referral", "day"),
            Field("agreed", "The complainant and the authority agree that no review panel is held", "tick"),
            Field("reason", "Why a panel is left out", "words", "Stored encrypted"),
            Field("reference", "The Ombudsman's reference", "line"),
            Field("accepted_on", "Day on which the Ombudsman accepted the case", "day"),
        ),
        refer_early,
        lambda target, given: ReferEarly(
            target, given["referred_on"], given["agreed"], given["reason"], given["reference"], given["accepted_on"]
        ),
        "Possible where stage 2 upheld most of the points, in full or partly. No further stage can be asked for, and the "
        "Ombudsman's case is recorded with it.",
        {"referred_on": about.today, "accepted_on": about.today},
    )


def _end(about: About) -> StepForm:
    return StepForm(
        "Withdrawn or discontinued",
        "End the complaint",
        (
            Field(
                "ending",
                "How it ends",
                "radios",
                options=(("withdrawn", "The complainant withdrew it"), ("discontinued", "It is discontinued")),
            ),
            Field("ended_on", "Day on which it ended", "day"),
            Field("confirmed_on", "Day on which a withdrawal was confirmed in writing", "day", optional=True),
            Field("internal_review", "We look into it all the same, as an internal review", "tick"),
            Field("reason", "Why", "words", "Stored encrypted"),
        ),
        end_stage,
        lambda target, given: EndStage(
            target, given["ended_on"], given["ending"], given["reason"], given["confirmed_on"], given["internal_review"]
        ),
        "Every point gets that as its finding, and no further stage can be asked for.",
        {"ended_on": about.today},
    )


def _request(about: About) -> StepForm:
    until = about.view.request_until
    late = (
        ()
        if until is None
        else (
            Field(
                "discretion_reason",
                f"Asked for after {about.labels.day(until)}? Why it is taken",
                "words",
                "Stored encrypted",
                True,
            ),
        )
    )
    return StepForm(
        f"Stage {about.number} was asked for",
        "Save the request",
        (Field("requested_on", "Day on which the complainant asked for it", "day"), *late),
        request_stage,
        lambda target, given: RequestStage(target, given["requested_on"], given.get("discretion_reason") or None),
        "" if until is None else f"It can be asked for until {about.labels.day(until)}, and after that at your discretion.",
        {"requested_on": about.today},
    )


def _decide(about: About) -> StepForm:
    declines = about.view.case.rules.stage(about.number).can_decline
    options: tuple[Option, ...] = (("accepted", "Accept it: the stage begins, counted from the request"),)
    if declines:
        options += (("declined", "Decline it, with a reason that the complainant is told"),)
    return StepForm(
        f"Decide on the request for stage {about.number}",
        "Save the decision",
        (
            Field("decision", "Decision", "radios", options=options),
            Field("decided_on", "Day of the decision", "day"),
            Field("reason", "Reason", "words", "Stored encrypted", optional=True),
        ),
        decide_stage,
        lambda target, given: DecideStage(target, given["decided_on"], given["decision"], given["reason"] or None),
        "" if declines else "This procedure does not let a council decline it to somebody eligible.",
        {"decided_on": about.today, "decision": "" if declines else "accepted"},
    )


def _correct(about: About) -> StepForm:
    known = tuple(
        (name, f"{CORRECTIONS[name]}: {about.labels.day(day)}") for name, day in _dates(about.view.case, about.number)
    )
    return StepForm(
        f"Correct a date of stage {about.number}",
        "Correct the date",
        (
            Field("date_of", "Which day was recorded wrongly", "radios", options=known),
            Field("day", "The right day", "day", "Leave it empty if it did not happen at all", optional=True),
            Field("reason", "Why it was wrong", "words", "Stored encrypted"),
        ),
        correct_date,
        lambda target, given: CorrectDate(target, given["date_of"], given["day"], given["reason"]),
        "Every clock is counted anew, and the record keeps what it said before.",
    )


def _stage(case: Case, number: int) -> Stage:
    return case.begun(number) or case.current


def _dates(case: Case, number: int) -> Iterator[tuple[str, date]]:
    """The days of a stage that are recorded, and can be corrected."""
    stage, made = case.begun(number), case.request_of(number)
    known: list[tuple[str, date | None]] = [("received_on", case.received_on if number == 1 else None)]
    if made is not None:
        known += [("requested_on", made.requested_on), ("decided_on", made.decided_on)]
    if number == case.current.number:
        known.append(("referred_on", case.referred_on))
    if stage is not None:
        names = ("acknowledged_on", "agreed_on", "extended_on", "panel_on", "reported_on", "responded_on")
        known += [(name, getattr(stage.facts, name)) for name in names]
        if stage.facts.suspensions:
            last = stage.facts.suspensions[-1]
            known += [("suspended_on", last.from_on), ("resumed_on", last.until_on)]
    for name, day in known:
        if day is not None:
            yield name, day


_FORMS: Mapping[str, Callable[[About], StepForm]] = {
    Step.ACKNOWLEDGE: _acknowledge,
    Step.AGREE: _agree,
    Step.EXTEND: _extend,
    Step.SUSPEND: _suspend,
    Step.RESUME: _resume,
    Step.HOLD_PANEL: _hold_panel,
    Step.REPORT: _report,
    Step.RESPOND: _respond,
    Step.PASS_OVER: _pass_over,
    Step.END: _end,
    Step.REQUEST: _request,
    Step.DECIDE: _decide,
    Step.REFER: _refer,
    CORRECT: _correct,
}
