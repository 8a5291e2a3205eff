"""From a figure of a report or of the dashboard down to the records that it counts."""

from dataclasses import dataclass
from uuid import UUID

from chassis.errors import not_found
from chassis.unit_of_work import Transaction
from reporting.adapters.record_repository import RecordRepository, opens
from reporting.domain import headlines
from reporting.domain.cut import Cut
from reporting.domain.meanings import meanings
from reporting.domain.periods import Period
from reporting.domain.populations import Population, ShareOf
from reporting.domain.profile import Profile
from reporting.domain.records import NOT_ONE_BY_ONE, NOTHING_COUNTED, Found
from reporting.domain.tables import TableView
from reporting.domain.tallies import Key, Tally
from reporting.use_cases.read_dashboard import DashboardReader
from reporting.use_cases.read_report import Reader, ReportReader

AT_ONCE = 50
_NONE = Found((), None)


@dataclass(frozen=True)
class Asked:
    """Whose figure: period and cut as in an address, and after which record a page begins."""

    period: str | None
    cut: Cut
    after: UUID | None


@dataclass(frozen=True)
class Behind:
    """The records behind a figure, or in words why there are none to open."""

    profile: Profile
    period: Period
    found: Found = _NONE
    why_not: str | None = None


@dataclass(frozen=True)
class OfTable:
    """A table with the figure that was chosen in it (None: none yet), and the records behind that."""

    title: str
    table: TableView
    behind: Behind
    row: str | None
    column: str | None


class RecordFinder:
    """Finds the records behind figures of one organisation."""

    def __init__(self, reports: ReportReader, dashboards: DashboardReader) -> None:
        self._reports = reports
        self._dashboards = dashboards

    async def of_headline(self, transaction: Transaction, reader: Reader, code: str, asked: Asked) -> tuple[str, Behind]:
        """What a headline says that it counts, and its records. Raises DomainError as the dashboard, and 404."""
        scope = await self._dashboards.scope(transaction, reader, asked.period, asked.cut)
        headline = next((each for each in headlines.headlines(scope.profile) if each.code == code), None)
        if headline is None:
            raise not_found("figure")
        tally, keys = headlines.counted(headline, scope)
        return headline.label, await self._behind(transaction, scope.profile, scope.period, tally, keys, asked.after)

    async def of_cell(
        self,
        transaction: Transaction,
        reader: Reader,
        place: tuple[str, str],
        cell: tuple[str | None, str | None],
        asked: Asked,
    ) -> OfTable:
        """The records behind a cell: `place` is report and table, `cell` row and column.

        Raises DomainError as the report, and 404: a public report leads to no records, because it is read by whoever gets it.
        """
        view = await self._reports.read(transaction, reader, place[0], asked.period, place[1], asked.cut)
        if view.audience == "public":
            raise not_found("table")
        profile = await self._reports.organisation(transaction)
        (table,) = view.tables
        figure = _figure(table, *cell)
        behind = Behind(profile, view.period)
        if figure is not None:
            tally, keys = figure
            behind = await self._behind(transaction, profile, view.period, tally, keys, asked.after)
        elif all(cell):
            behind = Behind(profile, view.period, why_not=NOTHING_COUNTED)
        return OfTable(view.title, table, behind, *cell)

    async def _behind(
        self,
        transaction: Transaction,
        profile: Profile,
        period: Period,
        tally: Tally,
        keys: tuple[Key, ...],
        after: UUID | None,
    ) -> Behind:
        if not opens(tally.measure):
            return Behind(profile, period, why_not=NOT_ONE_BY_ONE)
        found = await RecordRepository(transaction).find(tally, keys, meanings(profile), limit=AT_ONCE, after=after)
        return Behind(profile, period, found)


def _figure(table: TableView, row: str | None, column: str | None) -> tuple[Tally, tuple[Key, ...]] | None:
    """What a cell counts; None where it is not there, or is made of something else than records."""
    columns = [each.code for each in table.columns]
    line = next((each for each in table.rows if each.code == row), None)
    if line is None or column not in columns or len(line.figures) != len(columns):
        return None
    figure = line.figures[columns.index(column)]
    counted = figure.n if isinstance(figure, ShareOf) else figure
    if not isinstance(counted, Population) or counted.tally is None:
        return None
    return counted.tally, counted.keys
