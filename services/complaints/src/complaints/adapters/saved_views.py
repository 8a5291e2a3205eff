"""Views of the tracker that somebody keeps under a name."""

from collections.abc import Sequence

from sqlalchemy import text

from chassis.unit_of_work import Transaction

MOST = 20
_OF = text("select name, query from saved_view where subject = :subject order by name")
_SAVE = text(
    """
    insert into saved_view (org, subject, name, query) values (:org, :subject, :name, :query)
    on conflict on constraint saved_view_once do update set query = excluded.query
    """
)
_FORGET = text("delete from saved_view where subject = :subject and name = :name")


class SavedViews:
    """Those of one person in the transaction's organisation."""

    def __init__(self, transaction: Transaction, subject: str) -> None:
        self._org = transaction.org
        self._connection = transaction.connection
        self._subject = subject

    async def all(self) -> Sequence[tuple[str, str]]:
        """Name and query of each, by name."""
        return [tuple(row) for row in await self._connection.execute(_OF, {"subject": self._subject})]

    async def save(self, name: str, query: str) -> None:
        """Keep a view; under a name that is there the new one takes its place."""
        values = {"org": self._org, "subject": self._subject, "name": name, "query": query}
        await self._connection.execute(_SAVE, values)

    async def forget(self, name: str) -> None:
        """Give one up."""
        await self._connection.execute(_FORGET, {"subject": self._subject, "name": name})
