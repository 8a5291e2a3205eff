"""Reads pages of a feed. The tree of a query becomes SQL of constant names and bound parameters; PostgreSQL writes the JSON."""

from dataclasses import dataclass

import orjson
from sqlalchemy import text

from chassis.unit_of_work import Transaction
from reporting.adapters.feed_sql import Parameters, after, condition, grouped, in_areas, json_of, sorting
from reporting.domain.odata.model import Property
from reporting.domain.odata.query import Query, next_token

# Of a page along the key only so many rows are looked up. PostgreSQL takes a lookup to cost what it costs on a cold disk, and
# joins everything there is until there is ten times as much. To the end of the transaction, which reads this page.
_LOOK_UP = "select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"


@dataclass(frozen=True)
class FeedPage:
    """A page: its rows as JSON text, the number of all rows where it was asked for, and the token of the next page."""

    rows: str
    total: int | None
    following: str | None


class FeedRepository:
    """Pages of entity sets, for one organisation and the service areas that its reader is limited to."""

    def __init__(self, transaction: Transaction, areas: frozenset[str]) -> None:
        self._connection = transaction.connection
        self._areas = areas

    async def page(self, query: Query) -> FeedPage:
        """One page of rows, in order."""
        total = await self.count(query) if query.count else None
        wanted = query.size if query.left is None else min(query.size, query.left)
        if not wanted:
            return FeedPage("", total, None)
        parameters = Parameters()
        statement = self._statement(query, parameters, wanted)
        if _along_key(query):
            await self._connection.execute(text(_LOOK_UP))
        found = (await self._connection.execute(text(statement), parameters.values)).one()
        following = None
        if found.number > wanted and (query.left is None or query.left > wanted):
            following = next_token(query, orjson.loads(found.last), wanted)
        return FeedPage(found.lines or "", total, following)

    async def count(self, query: Query) -> int:
        """How many rows the filter lets through, whatever the page."""
        parameters = Parameters()
        where = self._where(query, parameters)
        statement = f"select count(*) from {self._source(query, parameters)} f where {where}"  # noqa: S608 - see the module
        return int((await self._connection.execute(text(statement), parameters.values)).scalar_one())

    def _statement(self, query: Query, parameters: Parameters, wanted: int) -> str:
        """One row for the whole page, and for whether there is more: rows one by one take the driver as long as PostgreSQL."""
        where = self._where(query, parameters)
        if query.page.after:
            where += f" and {after(query.order, query.page.after, parameters)}"
        columns = ", ".join(f"f.{name}" for name in dict.fromkeys(each.column for each in (*query.columns, *_keys(query))))
        order = f" order by {', '.join(sorting(each) for each in query.order)}" if query.order else ""
        skip = f" offset {parameters.bind('bigint', query.skip)}" if query.skip and not query.page.after else ""
        limit = f" limit {parameters.bind('bigint', wanted + 1)}{skip}"
        most = parameters.bind("bigint", wanted)
        return (
            f"select string_agg({json_of(query.columns, parameters)}, ',') filter (where f.page_place <= {most}) as lines, "  # noqa: S608 - constants
            f"count(*) as number, max({json_of(_keys(query), parameters)}) filter (where f.page_place = {most}) as last "
            f"from (select f.*, row_number() over () as page_place from "
            f"(select {columns} from {self._source(query, parameters)} f where {where}{order}{limit}) f) f"
        )

    def _source(self, query: Query, parameters: Parameters) -> str:
        if query.grouping is None:
            return query.entities.view
        return f"({grouped(query.grouping, self._areas, parameters)})"

    def _where(self, query: Query, parameters: Parameters) -> str:
        # What was grouped was seen through the areas already, and may have none itself.
        conditions = ["true"] if query.grouping else [in_areas(query.entities, self._areas, parameters)]
        if query.filter is not None:
            conditions.append(condition(query.filter, parameters))
        return " and ".join(conditions)


def _keys(query: Query) -> list[Property]:
    """What the next page begins behind."""
    return [each.property for each in query.order]


def _along_key(query: Query) -> bool:
    """Whether every row that is looked up is one of the page; a filter or a start may go through all for a few."""
    whole = query.filter is None and query.grouping is None and not query.skip
    key = tuple(each.property.name for each in query.order if not each.descending)
    return query.entities.looked_up and whole and len(key) == len(query.order) and key == query.entities.key
