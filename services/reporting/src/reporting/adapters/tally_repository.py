"""Answers tallies: many of them by one statement."""

from collections.abc import Collection as Many
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from reporting.adapters import theme_counts
from reporting.adapters.collection_days import BEGUN, LATEST, LATEST_UNTIL
from reporting.adapters.sources import SOURCES
from reporting.adapters.tally_sql import compose
from reporting.domain.meanings import Meanings
from reporting.domain.measures import Collection
from reporting.domain.tallies import Count, Key, Tally

# What counts by source groups many rows: with what a session has by default it sorts on disk, and with a plan for any days at
# all it takes a row at a time.
_SETTINGS = text("select set_config('work_mem', '64MB', true), set_config('plan_cache_mode', 'force_custom_plan', true)")
AT_ONCE = 60  # tallies in a statement: planning grows with them, a round trip is saved by each


class TallyRepository:
    """Counts over the facts of the organisation whose transaction it is."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection
        self._transaction = transaction

    async def answer(self, tallies: Many[Tally], meanings: Meanings) -> dict[Tally, dict[Key, Count]]:
        """Every tally with its counts, by member; what is in none of the members stands under None."""
        answers: dict[Tally, dict[Key, Count]] = {tally: {} for tally in tallies}
        by_theme = [tally for tally in answers if tally.with_sources]
        if by_theme:
            await self._by_theme(by_theme, meanings, answers)
        # Those that share something stand in one statement, as far as they fit.
        plain = [tally for tally in answers if not tally.with_sources]
        ordered = sorted(plain, key=lambda tally: (SOURCES[tally.measure].shared, repr(tally)))
        for part in _chunks(ordered):
            statement, parameters = compose(part, meanings)
            for row in await self._connection.execute(text(statement), parameters):
                tally = part[row.tally]
                answers[tally][tally.key(row.member, row.across)] = Count(int(row.n), int(row.of), int(row.sources))
        return answers

    async def _by_theme(self, tallies: list[Tally], meanings: Meanings, answers: dict[Tally, dict[Key, Count]]) -> None:
        await self._connection.execute(_SETTINGS)
        for question in theme_counts.questions(tallies):
            statement, parameters = theme_counts.compose(question, meanings)
            rows = await self._connection.execute(text(statement), parameters)
            for tally, key, count in theme_counts.answers(question, rows):
                answers[tally][key] = count

    async def begun(self) -> dict[Collection, date]:
        """The day of the first record of each collection that has any."""
        return await self._days(BEGUN)

    async def latest(self, until: date | None = None) -> dict[Collection, date]:
        """The day of the last record of each collection that has any, up to a day where one is given."""
        return await self._days(LATEST) if until is None else await self._days(LATEST_UNTIL, until=until)

    async def _days(self, queries: Mapping[Collection, str], **names: date) -> dict[Collection, date]:
        columns = ", ".join(f"({query}) as {collection}" for collection, query in queries.items())
        # Since when an organisation collects at all, whoever asks: what came later to their area is a zero until then.
        async with self._transaction.whole_organisation():
            row = (await self._connection.execute(text(f"select {columns}"), names)).one()
        return {Collection(name): day for name, day in row._mapping.items() if day is not None}  # noqa: SLF001 - its API


def _chunks(tallies: list[Tally]) -> Iterator[list[Tally]]:
    rest = iter(tallies)
    while part := list(islice(rest, AT_ONCE)):
        yield part
