"""Commentary and the choice of quotes in PostgreSQL: every version that was saved is a row, and no row ever changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError

from chassis.identity import Identity
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from reporting.domain.commentary import Saved
from reporting.domain.frozen_report import tables_data
from reporting.domain.report_key import ReportKey
from reporting.domain.tables import TableView

WORDS = "reporting/commentary"
"""Purpose of the key that seals what people wrote."""
STAFF = "reporting/staff"
"""Purpose of the key that seals names of staff."""

_KEY = "report = :report and period = :period and service_area = :service_area"
_COLUMNS = "section, version, words_sealed, figures::text as figures, brought_back, by, name_sealed, at"
_LATEST = text(
    f"select distinct on (section) {_COLUMNS} from report_commentary where {_KEY} order by section, version desc"  # noqa: S608 - constants
)
_VERSIONS = text(
    f"select {_COLUMNS} from report_commentary where {_KEY} and section = :section order by version desc limit :most"  # noqa: S608 - constants
)
_ADD = text(
    """
    insert into report_commentary
           (org, report, period, service_area, section, version, words_sealed, figures, brought_back, looked, by, name_sealed)
    values (:org, :report, :period, :service_area, :section, :version, :words, cast(:figures as jsonb), :brought_back, :looked,
            :by, :name)
    """
)
_QUOTES = text(
    f"select version, quote_ids, by, name_sealed, at from report_quotes where {_KEY} order by version desc limit 1"  # noqa: S608 - constants
)
_ADD_QUOTES = text(
    """
    insert into report_quotes (org, report, period, service_area, version, quote_ids, by, name_sealed)
    values (:org, :report, :period, :service_area, :version, :quote_ids, :by, :name)
    """
)
MOST_VERSIONS = 200
"""Earlier versions that are shown of a text."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which quotes are chosen for a report, who chose them and when; version 0 where nobody has chosen any."""

    version: int = 0
    quote_ids: tuple[UUID, ...] = ()
    by: str = ""
    name: str = ""
    at: datetime | None = None


class SavedMeanwhileError(Exception):
    """Somebody else saved the same version first. Nothing can be done any more in this transaction."""


class CommentaryRepository:
    """Commentary of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._connection = transaction.connection
        self._org = transaction.org
        self._secrets = secrets

    async def latest(self, key: ReportKey) -> dict[str, Saved]:
        """The text of every section that has one, by its code."""
        return {row.section: self._saved(row) for row in await self._connection.execute(_LATEST, key.names())}

    async def versions(self, key: ReportKey, section: str) -> Sequence[Saved]:
        """The versions of a section, the newest first."""
        names = {**key.names(), "section": section, "most": MOST_VERSIONS}
        return [self._saved(row) for row in await self._connection.execute(_VERSIONS, names)]

    async def add(
        self,
        key: ReportKey,
        section: str,
        version: int,
        words: str,
        identity: Identity,
        tables: Sequence[TableView],
        *,
        looked: bool,
        brought_back: int | None = None,
    ) -> None:
        """Keep a version. Raises SavedMeanwhileError where there is one of that number."""
        names: dict[str, Any] = {
            **key.names(),
            "org": self._org,
            "section": section,
            "version": version,
            "words": self._secrets.seal(self._org, WORDS, words),
            "figures": orjson.dumps(tables_data(tables)).decode(),
            "brought_back": brought_back,
            "looked": looked,
            **self._who(identity),
        }
        await self._insert(_ADD, names)

    async def chosen(self, key: ReportKey) -> Chosen:
        """The quotes that are chosen now."""
        row = (await self._connection.execute(_QUOTES, key.names())).one_or_none()
        return Chosen(row.version, tuple(row.quote_ids), row.by, self._name(row), row.at) if row else Chosen()

    async def choose(self, key: ReportKey, version: int, quotes: Sequence[UUID], identity: Identity) -> None:
        """Keep a choice. Raises SavedMeanwhileError where there is one of that number."""
        names = {**key.names(), "org": self._org, "version": version, "quote_ids": list(quotes), **self._who(identity)}
        await self._insert(_ADD_QUOTES, names)

    async def _insert(self, statement: Any, names: dict[str, Any]) -> None:
        try:
            await self._connection.execute(statement, names)
        except IntegrityError as error:
            if "_key" in str(error.orig):
                raise SavedMeanwhileError from None
            raise

    def _who(self, identity: Identity) -> dict[str, Any]:
        return {"by": identity.subject, "name": self._secrets.seal(self._org, STAFF, identity.label or identity.subject)}

    def _saved(self, row: Row[Any]) -> Saved:
        return Saved.beside(
            orjson.loads(row.figures),
            section=row.section,
            version=row.version,
            words=self._secrets.open(self._org, WORDS, row.words_sealed),
            by=row.by,
            name=self._name(row),
            at=row.at,
            brought_back=row.brought_back,
        )

    def _name(self, row: Row[Any]) -> str:
        return self._secrets.open(self._org, STAFF, row.name_sealed)
