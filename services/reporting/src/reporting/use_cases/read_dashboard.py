"""Reading the dashboard: the headlines of one quarter."""

from dataclasses import dataclass

from chassis.errors import DomainError, Kind
from chassis.profile_store import ProfileStore
from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain import evaluation, headlines, periods
from reporting.domain.headlines import Tile
from reporting.domain.meanings import meanings
from reporting.domain.periods import Period
from reporting.domain.profile import Profile
from reporting.use_cases.read_report import MALFORMED_PERIOD, Reader


@dataclass(frozen=True)
class Dashboard:
    """The organisation, the quarter, the figures, and the reports that there are."""

    profile: Profile
    period: Period
    tiles: list[Tile]


class DashboardReader:
    """Fills the dashboard of one organisation."""

    def __init__(self, store: ProfileStore[Profile]) -> None:
        self._store = store

    async def read(self, transaction: Transaction, reader: Reader, period_code: str | None) -> Dashboard:
        """The headlines of a quarter (the latest that has records, where none is asked for).

        Raises DomainError: 422 for what is not a quarter, 503 while the read model is being rebuilt.
        """
        profile = (await self._store.current(transaction)).profile
        await progress_repository.assert_complete(transaction)
        facts = TallyRepository(transaction)
        if period_code is None:
            latest, shown = await facts.latest(), headlines.collections(profile)
            day = min(max((day for each, day in latest.items() if each in shown), default=reader.today), reader.today)
            period = periods.containing(day, periods.Kind.QUARTER)
        else:
            period = quarter_of(period_code)
        scope = evaluation.Scope(profile, period, reader.today, reader.areas, await facts.begun())
        answers = await facts.answer(headlines.tallies(scope), meanings(profile))
        return Dashboard(profile, period, headlines.tiles(scope, answers))


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
