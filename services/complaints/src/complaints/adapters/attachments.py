"""To what files belong, in PostgreSQL: to a complaint, to what came in, or to what is not sent yet."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from chassis.attachments.store import FileStore, StoredFile
from chassis.identity import Identity
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.adapters.intake_sealing import REASON, STAFF, open_text

Owner = Literal["complaint", "representation", "draft"]
_COLUMNS = {"complaint": "complaint_id", "representation": "representation_id", "draft": "draft_id"}
# A complaint has its own, and those of what became it or was found to be the same.
_OF_COMPLAINT = """
    complaint_id = :owner or representation_id in (
        select r.id from representation r where r.org = :org and r.complaint_id = :owner)
"""
_LIST = """
    select file_id, representation_id, added_by, added_by_name, added_at, removed_by_name, removed_at, removed_reason
      from attachment where org = :org and ({of}) order by added_at, file_id
"""
_COUNT = text("select count(*) from attachment where org = :org and representation_id = :ident and removed_at is null")
_ADD = """
    insert into attachment (org, file_id, {column}, added_by, added_by_name) values (:org, :file_id, :owner, :by, :by_name)
"""
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('files ' || :org || chr(31) || :owner, 14))")
_REMOVE = text(
    """
    update attachment set removed_by = :by, removed_by_name = :by_name, removed_at = now(), removed_reason = :reason
     where org = :org and file_id = :file_id and removed_at is null
    """
)
_SEND = text("update attachment set representation_id = :ident, draft_id = null where org = :org and draft_id = :draft")
_UNSENT = text(
    """
    select coalesce(sum(f.size), 0)::bigint from attachment a join stored_file f on f.org = a.org and f.id = a.file_id
     where a.org = :org and a.draft_id is not null
    """
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file with who added it, and who removed it and why."""

    file: StoredFile
    representation_id: UUID | None
    added_by: str
    added_by_name: str = field(repr=False)
    added_at: datetime
    removed_by_name: str = field(repr=False)
    removed_at: datetime | None
    removed_reason: str = field(repr=False)

    @property
    def kept(self) -> bool:
        """Whether its content is still there."""
        return self.file.destroyed_at is None


class Attachments:
    """Files of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets, store: FileStore) -> None:
        self._transaction = transaction
        self._org = transaction.org
        self._connection = transaction.connection
        self._secrets = secrets
        self._store = store

    async def of(self, owner: Owner, ident: UUID | bytes) -> list[Attachment]:
        """The files of a record in the order in which they came, removed ones too."""
        rows = (await self._connection.execute(text(_LIST.format(of=_of(owner))), {"org": self._org, "owner": ident})).all()
        files = await self._store.find(self._transaction, [row.file_id for row in rows])
        return [self._attachment(row, files[row.file_id]) for row in rows]

    async def hold(self, ident: UUID | bytes) -> None:
        """Let nobody else add a file to this record until the transaction ends: limits hold, and the same file comes once."""
        await self._connection.execute(
            _LOCK, {"org": self._org, "owner": ident.hex() if isinstance(ident, bytes) else ident.hex}
        )

    async def add(self, owner: Owner, ident: UUID | bytes, file_id: UUID, by: str, name: str) -> None:
        """Say to what a stored file belongs."""
        sealed = self._secrets.seal(self._org, STAFF, name) if name else None
        values = {"org": self._org, "file_id": file_id, "owner": ident, "by": by, "by_name": sealed}
        await self._connection.execute(text(_ADD.format(column=_COLUMNS[owner])), values)

    async def remove(self, file_id: UUID, identity: Identity, reason: str) -> None:
        """Destroy a file's content; its row stays, with who did it and why."""
        values = {
            "org": self._org,
            "file_id": file_id,
            "by": identity.subject,
            "by_name": self._secrets.seal(self._org, STAFF, identity.label or identity.subject),
            "reason": self._secrets.seal(self._org, REASON, reason),
        }
        await self._connection.execute(_REMOVE, values)
        await self._store.destroy(self._transaction, file_id)

    async def unsent(self) -> int:
        """Bytes of what lies on drafts of the organisation."""
        return int((await self._connection.execute(_UNSENT, {"org": self._org})).scalar_one())

    def _attachment(self, row: Any, file: StoredFile) -> Attachment:
        def opened(purpose: str, sealed: bytes | None) -> str:
            return open_text(self._secrets, self._org, purpose, sealed)

        return Attachment(
            file=file,
            representation_id=row.representation_id,
            added_by=row.added_by,
            added_by_name=opened(STAFF, row.added_by_name) or row.added_by,
            added_at=row.added_at,
            removed_by_name=opened(STAFF, row.removed_by_name),
            removed_at=row.removed_at,
            removed_reason=opened(REASON, row.removed_reason),
        )


def _of(owner: Owner) -> str:
    return _OF_COMPLAINT if owner == "complaint" else f"{_COLUMNS[owner]} = :owner"


async def count_files(transaction: Transaction, representation: UUID) -> int:
    """How many files something that came in has that were not removed."""
    values = {"org": transaction.org, "ident": representation}
    return int((await transaction.connection.execute(_COUNT, values)).scalar_one())


async def send_files(transaction: Transaction, draft: bytes, representation: UUID) -> None:
    """What was added to a draft now belongs to what was sent."""
    await transaction.connection.execute(_SEND, {"org": transaction.org, "draft": draft, "ident": representation})
