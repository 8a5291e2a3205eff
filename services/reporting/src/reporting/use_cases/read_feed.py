"""Reading a feed, while the read model is whole: pages of rows, and what changed since."""

from dataclasses import dataclass, replace

from chassis.unit_of_work import Transaction
from reporting.adapters import dimension_store, feed_horizon, feed_marks, progress_repository
from reporting.adapters.feed_delta import DeltaRepository
from reporting.adapters.feed_marks import Standing
from reporting.adapters.feed_repository import FeedRepository
from reporting.domain.dimension_tables import ALL
from reporting.domain.odata import delta
from reporting.domain.odata.delta import Since
from reporting.domain.odata.model import EntitySet
from reporting.domain.odata.query import Query

DIMENSIONS = frozenset(each.table for each in ALL)


@dataclass(frozen=True)
class FeedAnswer:
    """A page of rows as JSON text, and where to go on: the option of the next page, or the token of the delta link."""

    rows: str
    total: int | None = None
    following: tuple[str, str] | None = None
    delta: str | None = None


@dataclass(frozen=True)
class Reading:
    """A query that is about to be read, by somebody limited to service areas (none: not limited)."""

    transaction: Transaction
    areas: frozenset[str]
    query: Query
    standing: Standing

    @property
    def state(self) -> str | None:
        """What is another whenever the answer would be; None where changes of the set are not followed."""
        return self.standing.state and f"{self.standing.state} {self._reach}"

    async def count(self) -> int:
        """How many rows the query's filter lets through."""
        return await FeedRepository(self.transaction, self.areas).count(self.query)

    async def page(self) -> FeedAnswer:
        """A page of the entity set, or of its changes. Raises ODataError (410)."""
        rows = FeedRepository(self.transaction, self.areas)
        query = self.query
        if not query.tracked and query.since is None:
            page = await rows.page(query)
            return FeedAnswer(page.rows, page.total, ("$skiptoken", page.following) if page.following else None)
        now = Since(f"{self.standing.mark.epoch}{self._reach}", self.standing.mark.xid)
        if query.since is not None:
            return await self._changes(query.since, now)
        begun = query.page.mark or (now.epoch, now.xid)
        if begun[0] != now.epoch or begun[1] > now.xid:
            raise delta.expired()
        page = await rows.page(replace(query, page=replace(query.page, mark=begun)))
        if page.following is not None:
            return FeedAnswer(page.rows, page.total, ("$skiptoken", page.following))
        return FeedAnswer(page.rows, page.total, delta=delta.write(query.asked, Since(*begun)))

    async def _changes(self, since: Since, now: Since) -> FeedAnswer:
        until = now.xid if since.until is None else since.until
        if since.epoch != now.epoch or not since.xid <= until <= now.xid:
            raise delta.expired()
        page = await DeltaRepository(self.transaction, self.areas).page(self.query, since.xid, until, since.after)
        here = self.transaction
        if await feed_horizon.is_beyond(here.connection, here.org, self.query.source, since.xid, self.standing.mark):
            raise delta.expired()
        if page.more is not None:
            following = Since(since.epoch, since.xid, until, page.more)
            return FeedAnswer(page.items, following=("$deltatoken", delta.write(self.query.asked, following)))
        return FeedAnswer(page.items, delta=delta.write(self.query.asked, Since(since.epoch, until)))

    @property
    def _reach(self) -> str:
        return delta.reach(self.query.source, self.transaction.org, self.areas)


async def open_feed(transaction: Transaction, areas: frozenset[str], query: Query) -> Reading:
    """Begin to read. Raises DomainError `being-rebuilt` (503).

    The mark is taken before anything is read: what commits after it is told with the next delta link, and an ETag is never
    newer than the rows that it comes with.
    """
    await progress_repository.assert_complete(transaction)
    await bring_up_to_date(transaction, query.source)
    return Reading(transaction, areas, query, await feed_marks.standing(transaction.connection, transaction.org, query.source))


async def bring_up_to_date(transaction: Transaction, entities: EntitySet) -> None:
    """Make a dimension what it has to be: after an upgrade nothing has done so yet."""
    if entities.view in DIMENSIONS:
        await dimension_store.bring_up_to_date(transaction.connection, transaction.org)
