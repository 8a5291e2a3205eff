"""Acknowledged practice in PostgreSQL: read as a whole, held, created, changed, listed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from audit.adapters.histories import Histories
from audit.adapters.sealing import Sealing
from audit.domain.acknowledgement import Acknowledgement, Notice, differences
from audit.domain.dispute_access import Parties, Viewer
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction, whole_organisation

PRACTICE = "acknowledgement"
"""Purpose of the key with which the words of acknowledgements are sealed."""

_LOCK = text("select 1 from acknowledgement where id = :id for update")
_COLUMNS = """
    a.id, a.reference, a.source, a.source_reference, a.content_hash, a.raised_person, a.acknowledged_on, a.raised_by, a.origin,
    a.worker, a.service_area, a.team, a.themes, a.good_sealed, a.withdrawn_on, a.withdrawal_sealed, a.revision, a.recorded_at
"""
_READ = text(f"select {_COLUMNS} from acknowledgement a where a.id = :id")  # noqa: S608 - constants
# Two that send the same at once wait for one another, so that the second finds what the first stored.
_LOCK_REFERENCE = text(
    "select pg_advisory_xact_lock(hashtextextended('practice ' || :org || chr(31) || :source || chr(31) || :reference, 0))"
)
_FIND = text("select id from acknowledgement where source = :source and source_reference = :reference")
_NOTICES = text(
    """
    select acknowledgement_id, number, person, told_on, seen_on, shared_on from acknowledgement_notice
     where acknowledgement_id = any(:ids) order by acknowledgement_id, number
    """
)
_CREATE = text(
    """
    insert into acknowledgement (org, id, reference, source, source_reference, content_hash, raised_person, acknowledged_on,
                                 raised_by, origin, worker, service_area, team, themes, good_sealed)
    values (:org, :id, :reference, :source, :source_reference, :content_hash, :raised_person, :acknowledged_on, :raised_by,
            :origin, :worker, :service_area, :team, :themes, :good_sealed)
    """
)
_UPDATE = text(
    """
    update acknowledgement
       set acknowledged_on = :acknowledged_on, raised_by = :raised_by, origin = :origin, worker = :worker, themes = :themes,
           good_sealed = :good_sealed, withdrawn_on = :withdrawn_on, withdrawal_sealed = :withdrawal_sealed,
           revision = :revision
     where id = :id
    """
)
_SAVE_NOTICE = text(
    """
    insert into acknowledgement_notice (org, acknowledgement_id, number, person, told_on, seen_on, shared_on)
    values (:org, :id, :number, :person, :told_on, :seen_on, :shared_on)
    on conflict on constraint acknowledgement_notice_once
    do update set seen_on = excluded.seen_on, shared_on = excluded.shared_on
    """
)
# What a manager has to do with: what they recorded, what they were told, what is about their team or about themselves.
_OWN = """
    (a.raised_person = cast(:code as text) or a.source = :subject or a.team = any(cast(:manages as text[]))
     or a.worker = cast(:code as text)
     or a.id in (select n.acknowledgement_id from acknowledgement_notice n where n.person = cast(:code as text)))
"""
_TO_CONFIRM = """
    exists (select from acknowledgement_notice n
             where n.org = a.org and n.acknowledgement_id = a.id and n.shared_on is null) and a.withdrawn_on is null
"""
_FILTERS = {
    "service_area": "a.service_area = :service_area",
    "team": "a.team = :team",
    "theme": "a.themes @> array[cast(:theme as text)]",
    "origin": "a.origin = :origin",
}


@dataclass(frozen=True)
class AcknowledgementRecord:
    """An acknowledgement as it is stored. `source` is the subject of whoever recorded it."""

    id: UUID
    reference: str
    source: str
    source_reference: str | None
    content_hash: bytes
    raised_person: str | None
    revision: int
    recorded_at: datetime | None
    content: Acknowledgement

    @property
    def parties(self) -> Parties:
        """Who has to do with it: the worker too."""
        content = self.content
        told = {notice.person for notice in content.notices if notice.person is not None}
        return Parties(content.service_area, content.team, self.source, self.raised_person, frozenset({content.worker, *told}))


@dataclass(frozen=True)
class PracticeFilters:
    """What a list is narrowed to; None lets everything through. `to_confirm`: not yet shared with the worker."""

    service_area: str | None = None
    team: str | None = None
    theme: str | None = None
    origin: str | None = None
    to_confirm: bool = False


class AcknowledgementRepository:
    """Acknowledgements of the transaction's organisation; with `readable` False their words come back empty."""

    def __init__(self, transaction: Transaction, secrets: Secrets, *, readable: bool = True) -> None:
        self._org = transaction.org
        self._connection = transaction.connection
        self._words = Sealing(secrets, transaction.org, PRACTICE, readable)
        self.histories = Histories(transaction, "acknowledgement", self._words)

    async def hold(self, ident: UUID) -> AcknowledgementRecord | None:
        """An acknowledgement, held until the transaction ends. None if there is none."""
        if (await self._connection.execute(_LOCK, {"id": ident})).one_or_none() is None:
            return None
        return await self.by_id(ident)

    async def by_id(self, ident: UUID) -> AcknowledgementRecord | None:
        """An acknowledgement as a whole."""
        row = (await self._connection.execute(_READ, {"id": ident})).one_or_none()
        return None if row is None else (await self._records([row]))[0]

    async def by_source(self, source: str, reference: str) -> AcknowledgementRecord | None:
        """An acknowledgement by the number that the system which sent it has for it."""
        names = {"source": source, "reference": reference}
        await self._connection.execute(_LOCK_REFERENCE, names | {"org": self._org})
        async with whole_organisation(self._connection):  # a reference is used once, in whatever service area
            found = (await self._connection.execute(_FIND, names)).scalar_one_or_none()
            return None if found is None else await self.by_id(found)

    async def create(self, record: AcknowledgementRecord, by: str) -> None:
        """Store a new acknowledgement with its notices."""
        own = {
            "source": record.source,
            "source_reference": record.source_reference,
            "content_hash": record.content_hash,
            "raised_person": record.raised_person,
            "reference": record.reference,
            "service_area": record.content.service_area,
            "team": record.content.team,
        }
        await self._connection.execute(_CREATE, self._row(record) | own)
        await self._save_notices(record.id, record.content.notices)
        await self.histories.add(record.id, record.revision, "acknowledge", by, differences(None, record.content))

    async def save(self, before: AcknowledgementRecord, after: AcknowledgementRecord, step: str, by: str) -> None:
        """Store what a step changed, and what it was before."""
        await self._connection.execute(_UPDATE, self._row(after))
        await self._save_notices(after.id, [each for each in after.content.notices if each not in before.content.notices])
        await self.histories.add(after.id, after.revision, step, by, differences(before.content, after.content))

    async def page(
        self, viewer: Viewer, filters: PracticeFilters, after: tuple[date, UUID] | None, limit: int
    ) -> list[AcknowledgementRecord]:
        """At most `limit` acknowledgements that somebody may see, the newest first, from after a (day, id)."""
        where, names = _where(viewer, filters)
        if after is not None:
            where += " and (a.acknowledged_on, a.id) < (:day, :after)"
            names |= {"day": after[0], "after": after[1]}
        statement = (
            f"select {_COLUMNS} from acknowledgement a where {where} "  # noqa: S608 - constants
            "order by a.acknowledged_on desc, a.id desc limit :limit"
        )
        rows = await self._connection.execute(text(statement), names | {"limit": limit})
        return await self._records(list(rows))

    async def _records(self, rows: list[Row[Any]]) -> list[AcknowledgementRecord]:
        found: dict[UUID, list[Notice]] = {row.id: [] for row in rows}
        if found:
            for notice in await self._connection.execute(_NOTICES, {"ids": list(found)}):
                found[notice.acknowledgement_id].append(
                    Notice(notice.number, notice.person, notice.told_on, notice.seen_on, notice.shared_on)
                )
        return [self._record(row, tuple(found[row.id])) for row in rows]

    async def _save_notices(self, ident: UUID, notices: Any) -> None:
        if rows := [{"org": self._org, "id": ident, **vars(notice)} for notice in notices]:
            await self._connection.execute(_SAVE_NOTICE, rows)

    def _row(self, record: AcknowledgementRecord) -> dict[str, Any]:
        content = record.content
        names = ("acknowledged_on", "raised_by", "origin", "worker", "withdrawn_on")
        return {name: getattr(content, name) for name in names} | {
            "org": self._org,
            "id": record.id,
            "themes": list(content.themes),
            "good_sealed": self._words.seal_always(content.good),
            "withdrawal_sealed": self._words.seal_always(content.withdrawal) if content.withdrawn_on is not None else None,
            "revision": record.revision,
        }

    def _record(self, row: Row[Any], notices: tuple[Notice, ...]) -> AcknowledgementRecord:
        names = ("acknowledged_on", "raised_by", "origin", "worker", "service_area", "team", "withdrawn_on")
        content = Acknowledgement(
            **{name: getattr(row, name) for name in names},
            themes=tuple(row.themes),
            notices=notices,
            good=self._words.open(row.good_sealed),
            withdrawal=self._words.open(row.withdrawal_sealed),
        )
        plain = ("id", "reference", "source", "source_reference", "raised_person", "revision", "recorded_at")
        own = {name: getattr(row, name) for name in plain}
        return AcknowledgementRecord(**own, content_hash=bytes(row.content_hash), content=content)


def _where(viewer: Viewer, filters: PracticeFilters) -> tuple[str, dict[str, Any]]:
    names: dict[str, Any] = {name: value for name in _FILTERS if (value := getattr(filters, name)) is not None}
    parts = ["true", *(_FILTERS[name] for name in names)]
    if filters.to_confirm:
        parts.append(_TO_CONFIRM)
    if viewer.areas:
        parts.append("a.service_area = any(cast(:areas as text[]))")
        names["areas"] = sorted(viewer.areas)
    if viewer.standing == "own":
        parts.append(_OWN)
        names |= {"code": viewer.code, "subject": viewer.subject, "manages": sorted(viewer.manages)}
    return " and ".join(parts), names
