"""Reading the dashboard: the headlines of one quarter."""

from dataclasses import dataclass

from chassis.errors import DomainError, Kind
from chassis.profile_store import ProfileStore
from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain import evaluation, headlines, periods
from reporting.domain.cut import Cut
from reporting.domain.headlines import Tile
from reporting.domain.meanings import meanings
from reporting.domain.periods import Period
from reporting.domain.profile import Profile
from reporting.use_cases.read_report import EVERYTHING, Reader, narrowed_to
from reporting.use_cases.report_periods import MALFORMED_PERIOD


@dataclass(frozen=True)
class Dashboard:
    """The organisation, the quarter, the figures, and which part of the organisation they are of (None: the whole)."""

    profile: Profile
    period: Period
    tiles: list[Tile]
    only: str | None


class DashboardReader:
    """Fills the dashboard of one organisation."""

    def __init__(self, store: ProfileStore[Profile]) -> None:
        self._store = store

    async def read(self, transaction: Transaction, reader: Reader, period_code: str | None, cut: Cut = EVERYTHING) -> Dashboard:
        """The headlines of a quarter (the latest that has records, where none is asked for), of the parts asked for.

        Raises DomainError: 422 for what is not a quarter or not theirs, 503 while the read model is being rebuilt.
        """
        facts = TallyRepository(transaction)
        scope = await self.scope(transaction, reader, period_code, cut)
        answers = await facts.answer(headlines.tallies(scope), meanings(scope.profile))
        return Dashboard(scope.profile, scope.period, headlines.tiles(scope, answers), scope.words)

    async def scope(self, transaction: Transaction, reader: Reader, period_code: str | None, cut: Cut) -> evaluation.Scope:
        """For what quarter, reader and parts the dashboard is made. Raises as `read`."""
        profile = (await self._store.current(transaction)).profile
        areas, teams = narrowed_to(profile, reader, cut)
        await progress_repository.assert_complete(transaction)
        facts = TallyRepository(transaction)
        if period_code is None:
            latest, shown = await facts.latest(), headlines.collections(profile)
            day = min(max((day for each, day in latest.items() if each in shown), default=reader.today), reader.today)
            period = periods.containing(day, periods.Kind.QUARTER)
        else:
            period = quarter_of(period_code)
        return evaluation.Scope(profile, period, reader.today, areas, await facts.begun(), teams)


def quarter_of(code: str, earlier: int = 1) -> Period:
    """The quarter of a code, which has so many `earlier` ones. Raises DomainError `unknown-period` (422)."""
    try:
        period = periods.parse(code)
        period.shift(-earlier)
    except periods.UnknownPeriodError as error:
        raise DomainError(MALFORMED_PERIOD, f"There is no such period: {error}.", Kind.MALFORMED) from None
    if period.kind is not periods.Kind.QUARTER:
        raise DomainError(MALFORMED_PERIOD, "This page shows a quarter, such as 2022-23-q1.", Kind.MALFORMED)
    return period
