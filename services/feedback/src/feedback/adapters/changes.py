"""Changes made because of feedback, in the database: what is written, what stands on the public page, who did what."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing
from feedback.domain.changes import About, Change, Said, State

_COLUMNS = "id, state, revision, service_area, happened_on, words, questions, themes, quotes, action, published_on"
_AREAS = "(cardinality(cast(:areas as text[])) = 0 or service_area = any(cast(:areas as text[])))"
_ALL = text(
    f"select {_COLUMNS} from change_made where org = :org and {_AREAS} order by happened_on desc, id desc limit 200"  # noqa: S608
)
_ONE = text(f"select {_COLUMNS} from change_made where org = :org and id = :id and {_AREAS}")  # noqa: S608 - constants
_LOCK = text("select 1 from change_made where org = :org and id = :id for no key update")
_PUBLIC = text(
    f"""
    select {_COLUMNS} from change_made
     where org = :org and state = 'published' and (cast(:area as text) is null or service_area = :area)
       and (cast(:day as date) is null or (happened_on, id) < (:day, :after))
     order by happened_on desc, id desc limit :limit
    """  # noqa: S608 - constants
)
_PUBLIC_AREAS = text("select distinct service_area from change_made where org = :org and state = 'published'")
_ANY = text("select exists (select from change_made where org = :org and state = 'published')")
_ADD = text(
    """
    insert into change_made (org, id, state, revision, service_area, happened_on, words, questions, themes, quotes, action,
                             published_on)
    values (:org, :id, :state, :revision, :service_area, :happened_on, :words, :questions, :themes, :quotes, :action,
            :published_on)
        on conflict (org, id) do nothing returning id
    """
)
_SAVE = text(
    """
    update change_made set state = :state, revision = :revision, service_area = :service_area, happened_on = :happened_on,
           words = :words, questions = :questions, themes = :themes, quotes = :quotes, action = :action,
           published_on = :published_on
     where org = :org and id = :id
    """
)
_STEP = text(
    """
    insert into change_history (org, id, of_id, at, what, by_subject, by_name, revision, words)
    values (:org, :id, :of_id, :at, :what, :by_subject, :by_name, :revision, :words)
    """
)
_STEPS = text(
    "select at, what, by_subject, by_name, revision, words from change_history "
    "where org = :org and of_id = :id order by revision"
)


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A change with its id."""

    id: UUID
    change: Change

    @property
    def about(self) -> About:
        """What it is about."""
        return self.change.about

    @property
    def revision(self) -> int:
        """How many steps were taken with it."""
        return self.change.revision

    @property
    def published_on(self) -> date | None:
        """The day on which it was published last."""
        return self.change.published_on


@dataclass(frozen=True, slots=True)
class Happened:
    """A step that somebody took."""

    at: datetime
    what: str
    by_subject: str
    by: str
    revision: int
    words: str = field(repr=False)


class Changes:
    """The changes of the organisation whose transaction it is."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._connection = transaction.connection
        self._org = transaction.org
        self._secrets = secrets

    async def all(self, areas: Collection[str]) -> list[StoredChange]:
        """The newest 200 of these service areas."""
        rows = await self._connection.execute(_ALL, {"org": self._org, "areas": sorted(areas)})
        return [self._stored(row) for row in rows]

    async def one(self, ident: UUID, areas: Collection[str], *, lock: bool = False) -> StoredChange | None:
        """A change; locked until the transaction ends."""
        if lock:
            await self._connection.execute(_LOCK, {"org": self._org, "id": ident})
        names = {"org": self._org, "id": ident, "areas": sorted(areas)}
        row = (await self._connection.execute(_ONE, names)).one_or_none()
        return self._stored(row) if row else None

    async def public(self, area: str | None, limit: int, after: tuple[date, UUID] | None) -> list[StoredChange]:
        """What stands on the public page, the last that happened first."""
        names = {"org": self._org, "area": area, "limit": limit, "day": after and after[0], "after": after and after[1]}
        return [self._stored(row) for row in await self._connection.execute(_PUBLIC, names)]

    async def public_areas(self) -> set[str]:
        """Service areas of which something stands on the public page."""
        return set((await self._connection.execute(_PUBLIC_AREAS, {"org": self._org})).scalars())

    async def any_public(self) -> bool:
        """Whether something stands on the public page."""
        found: bool = (await self._connection.execute(_ANY, {"org": self._org})).scalar_one()
        return found

    async def add(self, ident: UUID, change: Change) -> bool:
        """Store a new change; False where it was stored before."""
        return (await self._connection.execute(_ADD, self._values(ident, change))).scalar_one_or_none() is not None

    async def save(self, ident: UUID, change: Change) -> None:
        """Store what became of a change."""
        await self._connection.execute(_SAVE, self._values(ident, change))

    def _values(self, ident: UUID, change: Change) -> dict[str, Any]:
        words = orjson.dumps({language: asdict(each) for language, each in change.words.items()}).decode()
        about = change.about
        return {
            "org": self._org,
            "id": ident,
            "state": change.state.value,
            "revision": change.revision,
            "service_area": about.service_area,
            "happened_on": about.happened_on,
            "words": self._secrets.seal(self._org, sealing.CHANGE, words),
            "questions": list(about.questions),
            "themes": list(about.themes),
            "quotes": list(about.quotes),
            "action": about.action,
            "published_on": change.published_on,
        }

    async def add_step(self, ident: UUID, what: str, revision: int, identity: Identity, now: datetime, words: str = "") -> None:
        """Write down who took a step."""
        name = identity.label or identity.subject
        values = {
            "org": self._org,
            "id": new_id(),
            "of_id": ident,
            "at": now,
            "what": what,
            "by_subject": identity.subject,
            "by_name": self._secrets.seal(self._org, sealing.STAFF, name),
            "revision": revision,
            "words": self._secrets.seal(self._org, sealing.CHANGE, words) if words else None,
        }
        await self._connection.execute(_STEP, values)

    async def steps(self, ident: UUID) -> list[Happened]:
        """What was done with a change, oldest first."""
        rows = await self._connection.execute(_STEPS, {"org": self._org, "id": ident})
        return [
            Happened(
                row.at,
                row.what,
                row.by_subject,
                self._secrets.open(self._org, sealing.STAFF, bytes(row.by_name)),
                row.revision,
                self._secrets.open(self._org, sealing.CHANGE, bytes(row.words)) if row.words else "",
            )
            for row in rows
        ]

    def _stored(self, row: Row[Any]) -> StoredChange:
        plain: Mapping[str, Mapping[str, str]] = orjson.loads(self._secrets.open(self._org, sealing.CHANGE, bytes(row.words)))
        words = {language: Said(**each) for language, each in plain.items()}
        about = About(row.service_area, row.happened_on, tuple(row.questions), tuple(row.themes), tuple(row.quotes), row.action)
        return StoredChange(row.id, Change(State(row.state), row.revision, about, words, row.published_on))
