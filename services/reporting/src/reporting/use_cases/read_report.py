"""Reading reports: find the recipe and the period, count, fill the tables."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from chassis.errors import DomainError, Kind, not_found
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.kpi_repository import KpiRepository
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain import comparing, evaluation, kpi_tables, periods
from reporting.domain.comparing import CannotCompareError
from reporting.domain.cut import Cut, UnknownPartError, narrowed
from reporting.domain.expansion import expanded
from reporting.domain.headline_rows import resolved
from reporting.domain.kpi_figures import Observation
from reporting.domain.meanings import meanings
from reporting.domain.measures import Collection
from reporting.domain.periods import Period
from reporting.domain.profile import Profile
from reporting.domain.published_before import NOTHING_BEFORE, Known
from reporting.domain.recipes import Report
from reporting.domain.tables import ReportView
from reporting.use_cases.hold_against import Earlier, against, earlier_versions, told_before
from reporting.use_cases.report_periods import named, period_of

UNKNOWN_PART, NO_COMPARISON = "unknown-part", "no-comparison"
EVERYTHING = Cut()


@dataclass(frozen=True)
class Reader:
    """Who reads: the service areas that they are limited to (empty: all), and the day on which they do."""

    today: date
    areas: frozenset[str] = frozenset()


class ReportReader:
    """Fills reports of one organisation."""

    def __init__(self, store: ProfileStore[Profile], secrets: Secrets) -> None:
        self._store = store
        self._secrets = secrets

    async def recipes(self, transaction: Transaction) -> tuple[Report, ...]:
        """Every report that the organisation has, with its tables written out."""
        profile = (await self._store.current(transaction)).profile
        return tuple(expanded(each, profile) for each in profile.reports.reports)

    async def organisation(self, transaction: Transaction) -> Profile:
        """The organisation's profile, for its name and its periods."""
        return (await self._store.current(transaction)).profile

    async def read(
        self,
        transaction: Transaction,
        reader: Reader,
        code: str,
        period_code: str | None,
        table: str | None = None,
        cut: Cut = EVERYTHING,
    ) -> ReportView:
        """A report for a period (where none is asked for, the last with records that is over), or one of its tables; cut.

        Raises DomainError: 404 for an unknown report or table, 422 for a period that the report is not made for, or what it
        cannot be cut to or compared with, 503 while the read model is being rebuilt.
        """
        profile = (await self._store.current(transaction)).profile
        found = profile.reports.report(code)
        if found is None:
            raise not_found("report")
        areas, teams = narrowed_to(profile, reader, cut)
        recipe = resolved(expanded(found, profile), profile)
        if not any(table in {None, each.code} for each in recipe.tables):
            raise not_found("table")
        await progress_repository.assert_complete(transaction)
        facts = TallyRepository(transaction)
        if period_code is None:
            period = await _to_open(facts, profile, recipe, reader.today)
        else:
            period = period_of(profile, recipe, period_code)
        recipe = _compared(recipe, period, cut)
        begun = await facts.begun()
        posted = await _posted(transaction, recipe)
        scope = evaluation.Scope(profile, period, reader.today, areas, begun, teams, posted)
        answers = await facts.answer(evaluation.needed(recipe, scope, table), meanings(profile))
        if recipe.audience != "public":
            return evaluation.view(recipe, scope, answers, table)
        earlier = await earlier_versions(transaction, self._secrets, profile, recipe, scope)
        known = Known(await told_before(transaction, earlier, profile, answers)) if earlier else NOTHING_BEFORE
        # Weighing hundreds of counts against one another is work of its own, and others are waiting.
        view = await asyncio.to_thread(evaluation.view, recipe, scope, answers, table, known)
        return replace(view, protection=replace(view.protection, against=against(earlier))) if view.protection else view

    async def earlier_public(self, transaction: Transaction, reader: Reader, code: str, period_code: str) -> list[Earlier]:
        """The public versions that a public report is held against, as they are now. Raises as `read`."""
        profile = (await self._store.current(transaction)).profile
        if (found := profile.reports.report(code)) is None:
            raise not_found("report")
        recipe = resolved(expanded(found, profile), profile)
        period = period_of(profile, recipe, period_code)
        areas, teams = narrowed_to(profile, reader, EVERYTHING)
        begun = await TallyRepository(transaction).begun()
        scope = evaluation.Scope(profile, period, reader.today, areas, begun, teams)
        return await earlier_versions(transaction, self._secrets, profile, _compared(recipe, period, EVERYTHING), scope)


async def _posted(transaction: Transaction, recipe: Report) -> tuple[Observation, ...]:
    """What was posted for the KPIs that a report has tables of."""
    kpis = [code for each in recipe.tables for code in kpi_tables.kpis_of(each)]
    return await KpiRepository(transaction).current(kpis) if kpis else ()


def narrowed_to(profile: Profile, reader: Reader, cut: Cut) -> tuple[frozenset[str], frozenset[str]]:
    """The service areas and teams that figures are cut to. Raises DomainError `unknown-part` (422)."""
    try:
        return narrowed(profile, reader.areas, cut)
    except UnknownPartError as error:
        raise DomainError(UNKNOWN_PART, f"The figures cannot be cut to that: {error}.", Kind.MALFORMED) from None


def _compared(recipe: Report, period: Period, cut: Cut) -> Report:
    """The recipe compared with what was asked for; what it looks back at has to lie within what periods can be."""
    try:
        return comparing.compared(recipe, comparing.steps_of(period, cut.compare))
    except CannotCompareError as error:
        raise DomainError(NO_COMPARISON, f"The report cannot be compared with that: {error}.", Kind.MALFORMED) from None


async def _to_open(facts: TallyRepository, profile: Profile, recipe: Report, today: date) -> Period:
    """The last period with records that is over, for a report is of what is over; while there is none, the one that runs."""
    newest = _latest(await facts.latest(), profile, recipe, today)
    if recipe.period == "any" or newest.last < today:
        return newest
    before = await facts.latest(newest.first - timedelta(days=1))
    wanted = evaluation.collections(recipe.tables)
    return _latest(before, profile, recipe, today) if wanted & before.keys() else newest


def _latest(latest: Mapping[Collection, date], profile: Profile, recipe: Report, today: date) -> Period:
    """The period of the report's kind in which the last record was made."""
    wanted = evaluation.collections(recipe.tables)
    day = min(max((latest[each] for each in wanted if each in latest), default=today), today)
    if recipe.period == "any":
        own = [named(profile, each.code) for each in profile.reports.periods]
        if known := [period for period in own if period is not None]:
            return max(known, key=lambda period: period.last)
    return periods.containing(day, periods.Kind.YEAR if recipe.period == "any" else periods.Kind(recipe.period))
