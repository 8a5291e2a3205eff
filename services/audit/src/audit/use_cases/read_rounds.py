"""Read programmes and rounds: how far each is, what its list holds, and the days of the cycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from audit.adapters.round_audits import AuditRow, Progress, RoundAudits
from audit.adapters.rounds import CaseRow, RoundRepository, RoundStep
from audit.context import Context
from audit.domain.profile import AuditProfile
from audit.domain.programme import MOST_CASES, Programme
from audit.domain.round import Round
from audit.domain.timetable import Period, period_on, periods_around, timetable
from audit.use_cases.take_round import may_see, see_round
from chassis import keyset
from chassis.calendar import WorkingDays
from chassis.errors import DomainError, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction

PAST, AHEAD = timedelta(days=400), timedelta(days=200)
"""Rounds circulated within these of today stand on the page of programmes: a year, and what is planned."""


@dataclass(frozen=True, slots=True)
class Overview:
    """A round, and how far its audits are, by team."""

    round: Round
    progress: tuple[Progress, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme with its rounds, the newest first, and the next period that has none yet."""

    programme: Programme
    rounds: tuple[Overview, ...]
    next: Period


@dataclass(frozen=True, slots=True)
class RoundView:
    """A round with all that is known of it but its list of cases."""

    round: Round
    standings: dict[str, int]
    picked: tuple[CaseRow, ...]
    audits: tuple[AuditRow, ...]
    progress: tuple[Progress, ...]
    steps: tuple[RoundStep, ...]
    repeats: Round | None


Milestone = Literal["circulate", "submit", "moderate", "review"]


@dataclass(frozen=True, slots=True)
class CycleDay:
    """A day of the cycle. `round_id` is None for a period whose round is not begun: its days are planned."""

    day: date
    milestone: Milestone
    title: str
    code: str
    programme: str | None
    round_id: UUID | None


async def list_rounds(
    transaction: Transaction, reader: Identity, programme: str | None, before: tuple[date, UUID] | None, limit: int
) -> list[Round]:
    """Rounds that the reader may see, the newest period first, from before a (first day, id): at most `limit`."""
    return await RoundRepository(transaction).page(programme, before, limit, areas=reader.areas)


async def programmes(
    transaction: Transaction, context: Context, reader: Identity
) -> tuple[list[ProgrammeView], list[Overview]]:
    """Every programme of the reader's areas with its rounds, and the rounds without a programme."""
    profile = (await context.profiles.current(transaction)).profile
    overviews = await _overviews(transaction, context, reader)
    shown = [each for each in profile.audit.programmes if may_see(reader, each.service_areas)]
    views = [
        ProgrammeView(
            each,
            tuple(overview for overview in overviews if overview.round.programme == each.code),
            _next_period(each, context.today, [overview.round for overview in overviews]),
        )
        for each in shown
    ]
    known = {each.code for each in shown}
    return views, [overview for overview in overviews if overview.round.programme not in known]


async def read_programme(transaction: Transaction, context: Context, reader: Identity, code: str) -> ProgrammeView:
    """One programme. Raises `not-found`."""
    views, _ = await programmes(transaction, context, reader)
    for view in views:
        if view.programme.code == code:
            return view
    raise not_found("programme")


async def read_round(transaction: Transaction, context: Context, reader: Identity, round_id: UUID) -> RoundView:
    """A round. Raises `not-found`."""
    found = await see_round(transaction, reader, round_id)
    repository, audits = RoundRepository(transaction), RoundAudits(transaction)
    return RoundView(
        round=found,
        standings=await repository.standings(round_id),
        picked=tuple(await repository.some_cases(round_id, "picked", (0, ""), 2 * MOST_CASES)),
        audits=tuple(await audits.of(round_id)),
        progress=tuple(await audits.progress([round_id], context.today)),
        steps=tuple(await repository.steps(round_id)),
        repeats=await repository.read(found.repeats) if found.repeats is not None else None,
    )


async def read_cases(
    transaction: Transaction, reader: Identity, round_id: UUID, standing: str | None, after: tuple[int | None, str], limit: int
) -> tuple[Round, list[CaseRow]]:
    """A part of a round's list: the picked and spare ones in the order of the draw, then the others. Raises `not-found`."""
    found = await see_round(transaction, reader, round_id)
    return found, await RoundRepository(transaction).some_cases(round_id, standing, after, limit)


def case_cursor(cursor: str | None) -> tuple[int | None, str]:
    """The (place, key) from after which a list of cases goes on. Raises `malformed-cursor`."""
    if cursor is None:
        return 0, ""
    place, key = keyset.decode(cursor, 2)
    if not isinstance(key, str) or "\0" in key or not (place is None or (type(place) is int and 0 <= place < 2**31)):
        raise keyset.malformed()
    return place, key


async def cycle(transaction: Transaction, context: Context, reader: Identity, first: date, last: date) -> list[CycleDay]:
    """The days of the cycle from one day to another: of rounds that are begun, and of periods that will be."""
    profile = (await context.profiles.current(transaction)).profile
    # A review is up to a year and a half after its round is circulated, and belongs to the days that are asked for.
    rounds = await RoundRepository(transaction).between(first - timedelta(days=550), last)
    seen = [each for each in rounds if may_see(reader, each.rules.service_areas)]
    days = [day for each in seen for day in _days_of(each)]
    begun = {(each.programme, each.code) for each in rounds}
    planned = _planned(profile, reader, first, last, context.today)
    days += [day for of, span in planned if (of.code, span.code) not in begun for day in _plan(of, span)]
    within = [day for day in days if first <= day.day <= last]
    return sorted(within, key=lambda day: (day.day, day.title, day.code, day.milestone))


async def _overviews(transaction: Transaction, context: Context, reader: Identity) -> list[Overview]:
    today = context.today
    rounds = await RoundRepository(transaction).between(today - PAST, today + AHEAD)
    seen = [each for each in reversed(rounds) if may_see(reader, each.rules.service_areas)]
    progress = await RoundAudits(transaction).progress([each.id for each in seen], today)
    return [Overview(each, tuple(row for row in progress if row.round_id == each.id)) for each in seen]


def _next_period(programme: Programme, today: date, rounds: Sequence[Round]) -> Period:
    """The first period from the present one on that has no round."""
    begun = {each.code for each in rounds if each.programme == programme.code}
    around = periods_around(programme.rhythm, today, 0, 24)
    return next((each for each in around if each.code not in begun), around[-1])


def _days_of(each: Round) -> list[CycleDay]:
    days: list[tuple[date, Milestone]] = [
        (each.circulate_on, "circulate"),
        (each.submit_by, "submit"),
        (each.moderate_by, "moderate"),
    ]
    weeks = each.rules.timetable.review_after_weeks
    if weeks is not None:
        counted = each.moderate_by if each.rules.timetable.review_counts_from == "moderation" else each.submit_by
        days.append((counted + timedelta(weeks=weeks), "review"))
    return [CycleDay(day, milestone, each.title, each.code, each.programme, each.id) for day, milestone in days]


def _planned(profile: AuditProfile, reader: Identity, first: date, last: date, today: date) -> list[tuple[Programme, Period]]:
    """Periods from the present one on whose days may lie between two days."""
    found = []
    for programme in profile.audit.programmes:
        if not may_see(reader, programme.service_areas):
            continue
        span = period_on(programme.rhythm, max(first - timedelta(days=120), today.replace(day=1)))
        while span.first <= last:
            found.append((programme, span))
            span = period_on(programme.rhythm, span.last + timedelta(days=1))
    return found


def _plan(programme: Programme, span: Period) -> list[CycleDay]:
    try:
        days = timetable(programme.timetable, span, WorkingDays.load())
    except DomainError:
        return []  # beyond the bank holidays that are known
    known: list[tuple[date | None, Milestone]] = [
        (days.circulate_on, "circulate"),
        (days.submit_by, "submit"),
        (days.moderate_by, "moderate"),
        (days.review_by, "review"),
    ]
    return [
        CycleDay(day, milestone, programme.name, span.code, programme.code, None) for day, milestone in known if day is not None
    ]
