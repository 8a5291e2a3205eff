"""Reading reports: find the recipe and the period, count, fill the tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chassis.errors import DomainError, Kind, not_found
from chassis.profile_store import ProfileStore
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
from reporting.domain.recipes import Report, Table
from reporting.domain.tables import ReportView

MALFORMED_PERIOD, UNKNOWN_PART, NO_COMPARISON = "unknown-period", "unknown-part", "no-comparison"
_EXAMPLES = {"quarter": "2022-23-q1", "half-year": "2022-23-h1", "year": "2022-23"}
EVERYTHING = Cut()


@dataclass(frozen=True)
class Reader:
    """Who reads: the service areas that they are limited to (empty: all), and the day on which they do."""

    today: date
    areas: frozenset[str] = frozenset()


class ReportReader:
    """Fills reports of one organisation."""

    def __init__(self, store: ProfileStore[Profile]) -> None:
        self._store = store

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
        """A report for a period (the latest that has records, where none is asked for), or one of its tables; cut as asked.

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
            period = _latest(await facts.latest(), profile, recipe, reader.today)
        else:
            period = period_of(profile, recipe, period_code)
        recipe = _compared(recipe, period, cut)
        begun = await facts.begun()
        posted = await _posted(transaction, recipe)
        scope = evaluation.Scope(profile, period, reader.today, areas, begun, teams, posted)
        answers = await facts.answer(evaluation.needed(recipe, scope, table), meanings(profile))
        return evaluation.view(recipe, scope, answers, table)


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


def _latest(latest: Mapping[Collection, date], profile: Profile, recipe: Report, today: date) -> Period:
    """The period of the report's kind in which the last record was made."""
    wanted = evaluation.collections(recipe.tables)
    day = min(max((latest[each] for each in wanted if each in latest), default=today), today)
    if recipe.period == "any":
        named = [_named(profile, each.code) for each in profile.reports.periods]
        if known := [period for period in named if period is not None]:
            return max(known, key=lambda period: period.last)
    return periods.containing(day, periods.Kind.YEAR if recipe.period == "any" else periods.Kind(recipe.period))


def period_of(profile: Profile, recipe: Report, code: str) -> Period:
    """The period of a code, named by the profile or written out. Raises DomainError `unknown-period` (422)."""
    found = _named(profile, code)
    if found is None:
        try:
            found = periods.parse(code)
        except periods.UnknownPeriodError as error:
            raise DomainError(MALFORMED_PERIOD, f"There is no such period: {error}.", Kind.MALFORMED) from None
    if recipe.period not in {"any", found.kind}:
        detail = f"This report is made for a {recipe.period}, such as {_EXAMPLES[recipe.period]}."
        raise DomainError(MALFORMED_PERIOD, detail, Kind.MALFORMED)
    try:
        # Whatever the report looks back at has to lie within what periods can be.
        deepest = min((_depth(table) for table in recipe.tables), default=0)
        found.shift(deepest)
    except periods.UnknownPeriodError as error:
        raise DomainError(MALFORMED_PERIOD, f"{str(error).capitalize()}.", Kind.MALFORMED) from None
    return found


def _depth(table: Table) -> int:
    spans = [-table.compare, *(column.period.from_ for column in table.columns)]
    if table.across is not None:
        spans.append(table.across.period.from_)
    if table.rows.by == "period":
        spans += [row.from_ for row in table.rows.periods]
    return min(spans)


def _named(profile: Profile, code: str) -> Period | None:
    for each in profile.reports.periods:
        if each.code == code:
            return Period(code, periods.Kind.NAMED, each.from_, each.to, each.label, each.label)
    return None
