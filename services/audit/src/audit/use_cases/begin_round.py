"""Begin a round: the next period of a programme, or a targeted audit or dip sample of its own."""

from dataclasses import dataclass

from audit.adapters.rounds import RoundRepository
from audit.context import Context
from audit.domain.own_round import OwnRound
from audit.domain.profile import AuditProfile, Tool
from audit.domain.programme import TimetableRules
from audit.domain.round import Round, RoundRules, tool_fits
from audit.domain.timetable import moderation_day, period, timetable
from audit.use_cases.take_round import may_see, see_round
from chassis.calendar import OutsideCalendarError, WorkingDays
from chassis.errors import DomainError, FieldError, Kind, not_found, unknown_code
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class NextRound:
    """A period of a programme (`2026-11`, `2026-27-q3`), with another number of cases where `size` says so."""

    programme: str
    period: str
    size: int | None = None


async def begin_next_round(
    transaction: Transaction, context: Context, officer: Identity, wanted: NextRound
) -> tuple[Round, bool]:
    """Begin a programme's round, or find it begun already: the round, and whether it is new.

    Raises `not-found` for a programme, `malformed-period`, `outside-calendar`, and `round-exists` for another size.
    """
    profile = (await context.profiles.current(transaction)).profile
    programme = profile.programmes.get(wanted.programme)
    if programme is None or not may_see(officer, programme.service_areas):
        raise not_found("programme")
    span = period(programme.rhythm, wanted.period)
    days = timetable(programme.timetable, span, WorkingDays.load())
    tool = profile.tools[programme.tool]
    new = Round(
        id=new_id(),
        programme=programme.code,
        code=span.code,
        title=programme.name,
        kind=tool.kind,
        tool=tool.code,
        tool_version=tool.version,
        rules=RoundRules.of(programme, wanted.size),
        repeats=None,
        period_from=span.first,
        period_to=span.last,
        size=programme.sample.size if wanted.size is None else wanted.size,
        seed=None,
        circulate_on=days.circulate_on,
        submit_by=days.submit_by,
        moderate_by=days.moderate_by,
        calendar=days.calendar,
        created_by=officer.subject,
    )
    return await _begin(transaction, officer, new)


async def begin_own_round(
    transaction: Transaction, context: Context, officer: Identity, wanted: OwnRound
) -> tuple[Round, bool]:
    """Begin a round without a programme, or find it begun already: the round, and whether it is new.

    Raises `invalid-round` with every wrong place, and `round-exists` where its code names another round.
    """
    profile = (await context.profiles.current(transaction)).profile
    errors = _violations(profile, officer, wanted)
    if errors:
        raise DomainError("invalid-round", "The round was not begun. See `errors`.", Kind.MALFORMED, tuple(errors))
    if wanted.repeats is not None:
        await see_round(transaction, officer, wanted.repeats)
    return await _begin(transaction, officer, _own(wanted, profile.tools[wanted.tool]))


def _own(wanted: OwnRound, tool: Tool) -> Round:
    calendar = WorkingDays.load()
    rules = RoundRules(
        prefix="",
        service_areas=tuple(wanted.service_areas),
        sample=wanted.sample,
        allocation=wanted.allocation,
        timetable=TimetableRules(review_after_weeks=wanted.review_after_weeks),
    )
    tool_fits(tool, rules)
    try:
        moderate_by = moderation_day(rules.timetable, wanted.submit_by, calendar)
    except OutsideCalendarError as error:
        raise DomainError("outside-calendar", f"The days of the round cannot be counted: {error}.", Kind.MALFORMED) from None
    return Round(
        id=new_id(),
        programme=None,
        code=wanted.code,
        title=wanted.title,
        kind=tool.kind,
        tool=tool.code,
        tool_version=tool.version,
        rules=rules,
        repeats=wanted.repeats,
        period_from=wanted.period_from,
        period_to=wanted.period_to,
        size=wanted.sample.size,
        seed=None,
        circulate_on=wanted.circulate_on,
        submit_by=wanted.submit_by,
        moderate_by=moderate_by,
        calendar=calendar.version,
    )


def _violations(profile: AuditProfile, officer: Identity, wanted: OwnRound) -> list[FieldError]:
    errors: list[FieldError] = []
    if wanted.tool not in profile.tools:
        errors.append(unknown_code("/tool", wanted.tool, [*profile.tools]))
    for position, area in enumerate(wanted.service_areas):
        if area not in profile.audit_areas or not may_see(officer, (area,)):
            errors.append(unknown_code(f"/service_areas/{position}", area, profile.audit_areas))
    for position, area in enumerate(wanted.auditors_from):
        if area not in profile.areas:
            errors.append(unknown_code(f"/auditors_from/{position}", area, [*profile.areas]))
    taken = [each.prefix for each in profile.audit.programmes if wanted.code.upper().startswith(f"{each.prefix}-")]
    if taken:
        errors.append(FieldError("/code", f"Audits that begin with {taken[0]} are a programme's: choose another code."))
    if not wanted.period_from <= wanted.period_to:
        errors.append(FieldError("/period_to", "The period ends before it begins."))
    if not wanted.circulate_on <= wanted.submit_by:
        errors.append(FieldError("/submit_by", "The audits are to be submitted before they are circulated."))
    return errors


async def _begin(transaction: Transaction, officer: Identity, new: Round) -> tuple[Round, bool]:
    repository = RoundRepository(transaction)
    if await repository.add(new):
        await repository.add_step(new.id, officer.subject, "begun", size=new.size, tool=new.tool)
        return new, True
    found = await repository.by_code(new.programme, new.code)
    if found is None or not may_see(officer, found.rules.service_areas) or not _alike(found, new):
        detail = f"There is a round {new.code} already, with other rules. Nothing was changed. Look at it, or choose another."
        raise DomainError("round-exists", detail)
    return found, False


def _alike(one: Round, other: Round) -> bool:
    # A programme may have changed since its round was begun; what was asked for is the period and the size.
    if one.programme is not None:
        return one.size == other.size
    names = ("title", "tool", "rules", "period_from", "period_to", "size", "circulate_on", "submit_by", "repeats")
    return all(getattr(one, name) == getattr(other, name) for name in names)
