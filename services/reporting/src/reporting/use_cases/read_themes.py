"""Reading what the three kinds of evidence say of each theme."""

from dataclasses import dataclass

from chassis.errors import not_found
from chassis.profile_store import ProfileStore
from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain import themes
from reporting.domain.evaluation import Scope
from reporting.domain.meanings import meanings
from reporting.domain.periods import Kind, Period, containing
from reporting.domain.profile import Profile, Theme
from reporting.domain.tallies import Count
from reporting.domain.themes import Row, Year
from reporting.domain.tracker import TrackedAction
from reporting.use_cases.look_back import actions_of
from reporting.use_cases.read_dashboard import quarter_of
from reporting.use_cases.read_report import Reader


@dataclass(frozen=True)
class Themes:
    """The themes of an organisation, of a service area or (None) of all that the reader may see."""

    profile: Profile
    year: Year
    area: str | None
    areas: tuple[str, ...]
    rows: list[Row]
    disagreements: list[Row]


@dataclass(frozen=True)
class OneTheme:
    """A theme with each service area's evidence, its counts by quarter, and the actions that were completed."""

    profile: Profile
    year: Year
    row: Row
    area: str | None
    areas: tuple[str, ...]
    by_area: list[Row]
    quarters: list[tuple[Period, dict[str, Count]]]
    actions: list[TrackedAction]


class ThemeReader:
    """Reads themes of one organisation."""

    def __init__(self, store: ProfileStore[Profile]) -> None:
        self._store = store

    async def read_all(self, transaction: Transaction, reader: Reader, quarter: str | None, area: str | None) -> Themes:
        """Every theme, for the year that ends with a quarter (the latest that has records, where none is asked for).

        Raises DomainError: 404 for an area that the reader may not see, 422 for what is no quarter, 503 while the read model is
        being rebuilt.
        """
        scope, year, facts = await self._begin(transaction, reader, quarter, area)
        asked = themes.of_all(scope, year)
        answers = await facts.answer(asked.tallies(), meanings(scope.profile))
        rows = themes.rows(asked, answers, area)
        return Themes(scope.profile, year, area, themes.areas(scope), rows, themes.disagreements(asked, answers))

    async def read_one(
        self, transaction: Transaction, reader: Reader, code: str, quarter: str | None, area: str | None
    ) -> OneTheme:
        """A theme. Raises as `read_all`, and 404 for a theme that there is not."""
        scope, year, facts = await self._begin(transaction, reader, quarter, area)
        theme = self._theme(scope, code)
        asked = themes.of_one(scope, year, theme)
        answers = await facts.answer(asked.tallies(), meanings(scope.profile))
        return OneTheme(
            scope.profile,
            year,
            themes.row(asked, answers, theme, area),
            area,
            themes.areas(scope),
            themes.by_area(asked, answers, theme),
            list(themes.quarters(asked, answers, code, area)),
            await actions_of(transaction, reader, code, area),
        )

    async def _begin(
        self, transaction: Transaction, reader: Reader, quarter: str | None, area: str | None
    ) -> tuple[Scope, Year, TallyRepository]:
        profile = (await self._store.current(transaction)).profile
        await progress_repository.assert_complete(transaction)
        facts = TallyRepository(transaction)
        begun, latest = await facts.begun(), await facts.latest()
        if quarter is None:
            day = max((latest[each] for each in themes.COLLECTIONS if each in latest), default=reader.today)
            period = containing(min(day, reader.today), Kind.QUARTER)
        else:
            period = quarter_of(quarter, themes.QUARTERS - 1)
        scope = Scope(profile, period, reader.today, reader.areas, begun, latest=latest)
        if area is not None and area not in themes.areas(scope):
            raise not_found("service area")
        return scope, Year(period), facts

    def _theme(self, scope: Scope, code: str) -> Theme:
        found = next((each for each in themes.themes(scope) if each.code == code), None)
        if found is None:
            raise not_found("theme")
        return found
