"""Letters in PostgreSQL: drafts, what was sent, and what did not arrive. Words, people and files are sealed."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.domain.letter_profile import Kind
from complaints.domain.letters import DATES, How, Way

CONTENT = "complaints/letter"
FILE = "complaints/letter-file"
"""Purposes under which words and files are sealed."""

_PLAIN = "id, complaint_id, stage, kind, template, language, way, again_of"
_DRAFT = f"select {_PLAIN}, revision, content, created_by, changed_at, changed_by from letter_draft"  # noqa: S608 - constant fragments
_ONE_DRAFT = f"{_DRAFT} where org = :org and id = :id"
_DRAFTS_OF = text(f"{_DRAFT} where org = :org and complaint_id = :complaint_id order by created_at, id")
_ADD_DRAFT = text(
    """
    insert into letter_draft (org, id, complaint_id, stage, kind, template, language, way, again_of, content, created_by,
                              changed_by)
    values (:org, :id, :complaint_id, :stage, :kind, :template, :language, :way, :again_of, :content, :by, :by)
    on conflict on constraint letter_draft_key do nothing returning id
    """
)
_SAVE_DRAFT = text(
    """
    update letter_draft set stage = :stage, way = :way, content = :content, revision = revision + 1, changed_at = now(),
                            changed_by = :by
     where org = :org and id = :id and revision = :revision
    returning revision
    """
)
_DELETE_DRAFT = text("delete from letter_draft where org = :org and id = :id")
_SENT_COLUMNS = """
    l.id, l.complaint_id, l.stage, l.kind, l.template, l.language, l.way, l.again_of, l.sent_on, l.recorded_at, l.recorded_by,
    l.elsewhere, l.how, l.version, l.file is not null as kept, m.state as mail,
    (select a.id from letter a where a.org = l.org and a.again_of = l.id) as sent_again
"""
_SENT = "from letter l left join mail m on m.org = l.org and m.key = l.mail_key"
_ORDER = "order by l.sent_on, l.recorded_at, l.id"
_ONE = text(f"select {_SENT_COLUMNS}, l.content {_SENT} where l.org = :org and l.id = :id")
_OF = text(f"select {_SENT_COLUMNS} {_SENT} where l.org = :org and l.complaint_id = :complaint_id {_ORDER}")
_FILE = text("select file from letter where org = :org and id = :id")
_ADD = text(
    """
    insert into letter (org, id, complaint_id, stage, kind, template, language, way, sent_on, recorded_by, elsewhere, how,
                        version, again_of, mail_key, content, file)
    values (:org, :id, :complaint_id, :stage, :kind, :template, :language, :way, :sent_on, :recorded_by, :elsewhere, :how,
            :version, :again_of, :mail_key, :content, :file)
    """
)
_CODES = " ".join(f"when '{kind}' then '{day}'" for kind, day in DATES.items())
_LOST = f"""
    from mail m join letter l on l.org = m.org and l.mail_key = m.key
   where m.state = 'failed'
     and not exists (select from letter a where a.org = l.org and a.again_of = l.id)
     and not exists (select from complaint_change c
                      where c.org = l.org and c.complaint_id = l.complaint_id and c.step = 'correct' and c.stage = l.stage
                        and c.code = case l.kind {_CODES} end and c.version > l.version)
"""  # noqa: S608 - constant fragments
"""Letters whose mail was given up, neither sent again nor answered by a correction of the day that they stood for."""

LOST_COMPLAINTS = f"select l.complaint_id {_LOST}"
_LOST_OF = text(f"select l.id {_LOST} and l.complaint_id = :complaint_id")
_LOST_ALL = text(
    f"""
    select l.id, l.complaint_id, l.stage, l.kind, l.sent_on, c.reference,
           (select p.details from complaint_person p
             where p.org = l.org and p.complaint_id = l.complaint_id and p.role = 'case-worker' and p.from_on <= :today
               and (p.until_on is null or p.until_on >= :today)
             order by p.from_on desc, p.added_at desc limit 1) as runs
      from (select l.org, l.id, l.complaint_id, l.stage, l.kind, l.sent_on {_LOST}) l
      join complaint c on c.org = l.org and c.id = l.complaint_id
    """  # noqa: S608 - constant fragments
)


@dataclass(frozen=True)
class Content:
    """What a letter says and to whom. `given` are words for fields, `step` what its step needs, as the form has it."""

    to_name: str = field(default="", repr=False)
    to_address: str = field(default="", repr=False)
    to_email: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    body: str = field(default="", repr=False)
    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    step: Mapping[str, Any] = field(default_factory=dict, repr=False)
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class About:
    """What is said of a letter in codes."""

    id: UUID
    complaint_id: UUID
    stage: int
    kind: Kind
    template: str | None
    language: str
    way: Way
    again_of: UUID | None


@dataclass(frozen=True)
class Draft:
    """A letter that is not sent yet."""

    about: About
    revision: int
    content: Content
    created_by: str
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True)
class Sent:
    """A letter that was sent. `mail` is what became of its mail; `kept` says that there is a file of it."""

    about: About
    sent_on: date
    recorded_at: datetime
    recorded_by: str
    elsewhere: bool
    how: How | None
    version: int | None
    kept: bool
    mail: str | None
    sent_again: UUID | None
    content: Content | None = None


@dataclass(frozen=True)
class Lost:
    """A letter that did not arrive; `runs` is who runs the case, sealed."""

    id: UUID
    complaint_id: UUID
    stage: int
    kind: Kind
    sent_on: date
    reference: str
    runs: bytes | None = field(repr=False)


class Letters:
    """Letters of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._org = transaction.org
        self._connection = transaction.connection
        self._secrets = secrets

    async def draft(self, ident: UUID, *, hold: bool = False) -> Draft | None:
        """A draft; `hold` lets nobody else change or send it until the transaction ends."""
        sql = text(_ONE_DRAFT + (" for update" if hold else ""))
        row = (await self._connection.execute(sql, {"org": self._org, "id": ident})).one_or_none()
        return None if row is None else self._draft(row)

    async def drafts_of(self, complaint_id: UUID) -> list[Draft]:
        """The drafts of a complaint, the oldest first."""
        rows = await self._connection.execute(_DRAFTS_OF, {"org": self._org, "complaint_id": complaint_id})
        return [self._draft(row) for row in rows]

    async def add_draft(self, about: About, content: Content, by: str) -> bool:
        """Store a new draft; False where its id is there already."""
        values = {"org": self._org, **asdict(about), "content": self._seal(content), "by": by}
        return (await self._connection.execute(_ADD_DRAFT, values)).one_or_none() is not None

    async def save_draft(self, ident: UUID, revision: int, stage: int, way: Way, content: Content, by: str) -> int | None:
        """Change a draft; its new revision, or None where somebody changed it since `revision`."""
        values = {"org": self._org, "id": ident, "revision": revision, "stage": stage, "way": way, "by": by}
        found = await self._connection.execute(_SAVE_DRAFT, {**values, "content": self._seal(content)})
        return found.scalar_one_or_none()

    async def delete_draft(self, ident: UUID) -> None:
        """Delete a draft."""
        await self._connection.execute(_DELETE_DRAFT, {"org": self._org, "id": ident})

    async def add(self, about: About, content: Content | None, file: bytes | None, values: Mapping[str, Any]) -> None:
        """Store what was sent; `values` are the columns that a draft does not have."""
        sealed = {
            "content": None if content is None else self._seal(content),
            "file": None if file is None else self._secrets.seal(self._org, FILE, base64.b64encode(file).decode()),
        }
        await self._connection.execute(_ADD, {"org": self._org, **asdict(about), **sealed, **values})

    async def one(self, ident: UUID) -> Sent | None:
        """What was sent, with its words."""
        row = (await self._connection.execute(_ONE, {"org": self._org, "id": ident})).one_or_none()
        return None if row is None else self._sent(row, self._open(row.content) if row.content else None)

    async def of(self, complaint_id: UUID) -> list[Sent]:
        """What was sent about a complaint, in order of time, without words."""
        rows = await self._connection.execute(_OF, {"org": self._org, "complaint_id": complaint_id})
        return [self._sent(row) for row in rows]

    async def file(self, ident: UUID) -> bytes | None:
        """The PDF as it was sent."""
        sealed = (await self._connection.execute(_FILE, {"org": self._org, "id": ident})).scalar_one_or_none()
        return None if sealed is None else base64.b64decode(self._secrets.open(self._org, FILE, bytes(sealed)))

    async def lost_of(self, complaint_id: UUID) -> Collection[UUID]:
        """The letters of a complaint that did not arrive and wait for somebody to see to that."""
        return set((await self._connection.execute(_LOST_OF, {"complaint_id": complaint_id})).scalars())

    def _seal(self, content: Content) -> bytes:
        return self._secrets.seal(self._org, CONTENT, json.dumps(asdict(content)))

    def _open(self, sealed: bytes) -> Content:
        return Content(**json.loads(self._secrets.open(self._org, CONTENT, bytes(sealed))))

    def _draft(self, row: Any) -> Draft:
        content = self._open(row.content)
        return Draft(_about(row), row.revision, content, row.created_by, row.changed_at, row.changed_by)

    @staticmethod
    def _sent(row: Any, content: Content | None = None) -> Sent:
        return Sent(
            about=_about(row),
            sent_on=row.sent_on,
            recorded_at=row.recorded_at,
            recorded_by=row.recorded_by,
            elsewhere=row.elsewhere,
            how=row.how,
            version=row.version,
            kept=row.kept,
            mail=row.mail,
            sent_again=row.sent_again,
            content=content,
        )


async def lost_letters(transaction: Transaction, today: date) -> Sequence[Lost]:
    """The letters of an organisation that did not arrive, for the worker: it reads neither words nor files."""
    rows = await transaction.connection.execute(_LOST_ALL, {"today": today})
    return [
        Lost(row.id, row.complaint_id, row.stage, row.kind, row.sent_on, row.reference, row.runs and bytes(row.runs))
        for row in rows
    ]


def _about(row: Any) -> About:
    return About(row.id, row.complaint_id, row.stage, row.kind, row.template, row.language, row.way, row.again_of)
