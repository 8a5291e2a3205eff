"""What somebody has typed on the public form so far: sealed, found by their code only, and deleted after some days."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.adapters.intake_sealing import DRAFT

_READ = "select content, representation_id from intake_draft where org = :org and id = :id and expires_at > now()"
_ONE = text(_READ)
_HELD = text(f"{_READ} for update")
_SAVE = text(
    """
    insert into intake_draft as d (org, id, content, expires_at)
    values (:org, :id, :content, now() + cast(:kept as interval))
    on conflict on constraint draft_key do update
       set content = excluded.content, revision = d.revision + 1, expires_at = excluded.expires_at
     where d.representation_id is null
    """
)
_BEING_WRITTEN = text(
    """
    select count(*) from (select from intake_draft where org = :org and representation_id is null
                             and expires_at > now() + cast(:kept as interval) - cast(:within as interval) limit :most) as few
    """
)
_SENT = text("update intake_draft set content = null, representation_id = :representation_id where org = :org and id = :id")
_REFERENCE = text("select reference from representation where org = :org and id = :id")
_CLEAR_FILES = text(
    """
    delete from stored_file f using attachment a, intake_draft d
     where a.org = f.org and a.file_id = f.id and d.org = a.org and d.id = a.draft_id and d.expires_at < now()
    """
)
# One to which a file was added meanwhile goes the next time.
_CLEAR = text(
    """
    delete from intake_draft d where expires_at < now()
       and not exists (select from attachment a where a.org = d.org and a.draft_id = d.id)
    """
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far; once it was sent, only the reference that the sender is told."""

    answers: Mapping[str, str] = field(default_factory=dict, repr=False)
    reference: str | None = None


class Drafts:
    """Drafts of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._org = transaction.org
        self._connection = transaction.connection
        self._secrets = secrets

    async def read(self, ident: bytes, *, hold: bool = False) -> Draft | None:
        """A draft that has not expired; `hold` makes a second sender wait. Raises `SealError` where the key was lost."""
        row = (await self._connection.execute(_HELD if hold else _ONE, {"org": self._org, "id": ident})).one_or_none()
        if row is None:
            return None
        if row.representation_id is not None:
            values = {"org": self._org, "id": row.representation_id}
            return Draft(reference=(await self._connection.execute(_REFERENCE, values)).scalar_one())
        return Draft(json.loads(self._secrets.open(self._org, DRAFT, bytes(row.content))))

    async def save(self, ident: bytes, answers: Mapping[str, str], days: int) -> None:
        """Keep what was typed for some more days; what was sent stays sent."""
        content = self._secrets.seal(self._org, DRAFT, json.dumps(dict(answers)))
        values = {"org": self._org, "id": ident, "content": content, "kept": timedelta(days=days)}
        await self._connection.execute(_SAVE, values)

    async def being_written(self, days: int, within: timedelta, most: int) -> int:
        """How many drafts were touched lately, `most` at most; `days` is how long one is kept after its last touch."""
        values = {"org": self._org, "kept": timedelta(days=days), "within": within, "most": most}
        return int((await self._connection.execute(_BEING_WRITTEN, values)).scalar_one())

    async def sent(self, ident: bytes, representation: UUID) -> None:
        """What was typed is now kept by the representation; the draft only leads to its reference."""
        await self._connection.execute(_SENT, {"org": self._org, "id": ident, "representation_id": representation})


async def clear_drafts(engine: AsyncEngine) -> int:
    """Delete the drafts of all organisations that have expired, with their files; answers how many there were."""
    async with engine.begin() as connection:
        await connection.execute(_CLEAR_FILES)
        return (await connection.execute(_CLEAR)).rowcount
