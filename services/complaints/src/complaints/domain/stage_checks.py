"""What the steps of a stage check before they are taken: dates, extensions, findings. Each refusal has a stable slug."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from chassis.calendar import WorkingDays
from chassis.errors import DomainError, FieldError, Kind
from complaints.domain import clock
from complaints.domain.case import Case, Finding, Phase, Rules, Stage, StageRules
from complaints.domain.clock import Terms


def in_order(stage: Stage, day: date, today: date, pointer: str) -> None:
    """A new fact of a stage is not in the future, and not before the stage began."""
    not_in_future(day, today, pointer)
    not_before(day, stage.opened_on, "the stage began", pointer)


def nothing_later(stage: Stage, day: date, pointer: str) -> None:
    """What ends a stage comes after everything else that happened in it."""
    facts = stage.facts
    earlier = [
        (facts.acknowledged_on, "it was acknowledged"),
        (facts.agreed_on, "its statement was agreed"),
        (facts.extended_on, "it was extended"),
        (facts.panel_on, "its panel was held"),
        (facts.reported_on, "its panel reported"),
        *((each.until_on or each.from_on, "it was suspended or resumed") for each in facts.suspensions),
    ]
    for moment, what in earlier:
        if moment is not None:
            not_before(day, moment, what, pointer)


def not_in_future(day: date, today: date, pointer: str) -> None:
    """Raises `date-in-the-future`."""
    if day > today:
        errors = (FieldError(pointer, f"expected a day up to today ({today}), found {day}"),)
        raise DomainError("date-in-the-future", "What has not happened yet cannot be recorded.", Kind.MALFORMED, errors)


def not_before(day: date, earliest: date, what: str, pointer: str) -> None:
    """Raises `dates-out-of-order`."""
    if day < earliest:
        errors = (FieldError(pointer, f"expected {earliest} or later, the day {what}; found {day}"),)
        raise DomainError("dates-out-of-order", "The dates contradict one another.", Kind.MALFORMED, errors)


def not_suspended(stage: Stage) -> None:
    """Raises `suspended`."""
    holds = stage.facts.suspended
    if holds is not None:
        detail = f"Stage {stage.number} has been suspended since {holds.from_on}. Resume it first. Nothing was changed."
        raise DomainError("suspended", detail)


def heard_by_panel(procedure: str, stage: Stage) -> None:
    """Raises `no-panel`."""
    if stage.terms.panel is None:
        raise DomainError("no-panel", f"The procedure '{procedure}' has no review panel at stage {stage.number}.")


def extension_fits(terms: Terms, to: int | None) -> None:
    """An extension is longer than the limit, and no longer than the procedure allows. Raises `extended-too-far`."""
    if to is None or terms.extension_to is None or terms.limit < to <= terms.extension_to:
        return
    errors = (FieldError("/to", f"expected {terms.limit + 1} to {terms.extension_to} working days in all, found {to}"),)
    raise DomainError("extended-too-far", "The procedure does not allow that limit.", Kind.MALFORMED, errors)


def extendable(stage: Stage, extended_on: date, calendar: WorkingDays) -> None:
    """An extension is made while the limit runs; a limit that has passed was missed, and the record says so.

    What counts is the day to answer by as it was known on the day of the extension. Raises `extended-too-late`.
    """
    before = replace(clock.known_on(stage.facts, extended_on), extended_on=None, extended_to=None)
    answer_by = clock.timing(calendar, stage.terms, before).answer_by
    if answer_by is not None and extended_on > answer_by:
        raise DomainError(
            "extended-too-late",
            f"The limit of stage {stage.number} passed on {answer_by}; an extension of {extended_on} comes too late to move "
            "it. Record the response when it is sent: the days it took are reported as they were.",
        )


def already_extended(stage: Stage, calendar: WorkingDays) -> DomainError:
    """A second extension; the first is taken back by a correction."""
    when = clock.timing(calendar, stage.terms, stage.facts)
    return DomainError(
        "already-extended",
        f"Stage {stage.number} was extended on {stage.facts.extended_on} to {when.limit} working days in all, due "
        f"on {when.due_on}. It is extended once: to take that back, correct the day of the extension.",
    )


def not_answered(case: Case, number: int) -> DomainError:
    """A request for a stage whose time has not come, or is over."""
    if case.phase is Phase.REFERRED:
        detail = f"The complaint was referred to the Ombudsman on {case.referred_on}: no further stage can be asked for."
        return DomainError("complaint-referred", detail)
    if case.phase is Phase.ENDED:
        return DomainError("complaint-ended", f"The complaint was {case.current.ending}: no further stage can be asked for.")
    detail = f"Stage {number} can be asked for once stage {number - 1} is answered. Record that response first."
    return DomainError("stage-not-answered", detail)


def complete(case: Case, findings: Mapping[str, Finding]) -> None:
    """One finding on each point; an informal complaint may have none. Raises `findings-incomplete`."""
    if case.rules.formality == "informal" and not findings:
        return
    errors = [
        FieldError("/findings", f"There is no point '{point}'. Points: {', '.join(case.live)}.")
        for point in findings
        if point not in case.live
    ]
    missing = [point for point in case.live if point not in findings]
    if missing:
        errors.append(FieldError("/findings", f"Points without a finding: {', '.join(missing)}."))
    if errors:
        detail = "A response has one finding on each point. Nothing was stored. See `errors`."
        raise DomainError("findings-incomplete", detail, Kind.MALFORMED, tuple(errors))


def may_pass_over(case: Case) -> bool:
    """Whether stage 1 runs, and the procedure lets it be passed over."""
    return len(case.stages) == 1 < len(case.rules.stages) and "stage-2" in case.rules.early


def may_refer(case: Case) -> bool:
    """Whether stage 2 was answered, and the procedure lets a complaint go to the Ombudsman from there without a panel."""
    answered = case.phase is Phase.ANSWERED and len(case.stages) == 2  # noqa: PLR2004 - the stage before the panel
    return answered and len(case.rules.stages) > 2 and "ombudsman" in case.rules.early  # noqa: PLR2004


def may_decline(rules: Rules, stage: StageRules, *, reason: bool) -> None:
    """Raises `cannot-be-declined`, `reason-required`."""
    if not stage.can_decline:
        raise DomainError(
            "cannot-be-declined",
            f"The procedure '{rules.procedure}' does not let a council decline stage {stage.number} to somebody eligible: "
            "accept it.",
        )
    if not reason:
        errors = (FieldError("/reason", "expected the reason for declining, which the complainant is told"),)
        raise DomainError("reason-required", "A request is declined with a reason.", Kind.MALFORMED, errors)
