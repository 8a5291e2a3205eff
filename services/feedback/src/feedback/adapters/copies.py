"""Working copies of questionnaires, one each, and what was published of them. Wording is public; who wrote it is sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing
from feedback.domain.draft import Draft, parse
from feedback.domain.questionnaire import Questionnaire

_COPY = "code, id, document::text as document, base::text as base, revision, begun_at, changed_at, changed_by, changed_by_name"
_FIND = f"select {_COPY} from questionnaire_copy where org = :org and code = :code"  # noqa: S608 - a constant
_ALL = text(f"select {_COPY} from questionnaire_copy where org = :org order by code")  # noqa: S608 - a constant
# Of two who begin at once the second finds the first's copy.
_BEGIN = text(
    """
    insert into questionnaire_copy (org, code, id, document, base, begun_at, changed_at, changed_by, changed_by_name)
    values (:org, :code, :id, cast(:document as jsonb), cast(:base as jsonb), :at, :at, :by, :name)
        on conflict on constraint questionnaire_copy_one_each do nothing
    returning code
    """
)
_SAVE = text(
    """
    update questionnaire_copy
       set document = cast(:document as jsonb), base = cast(:base as jsonb), revision = revision + 1, changed_at = :at,
           changed_by = :by, changed_by_name = :name
     where org = :org and code = :code
    """
)
_DISCARD = text("delete from questionnaire_copy where org = :org and code = :code")
_ADD = text(
    """
    insert into questionnaire_publication
           (org, id, code, edition, version, begins_on, becomes, profile_number, changes, sources, at, by_subject, by_name)
    values (:org, :id, :code, :edition, :version, :begins_on, :becomes, :profile_number, cast(:changes as jsonb),
            cast(:sources as jsonb), :at, :by, :name)
    """
)
_PUBLISHED = """
    select id, code, edition, version, begins_on, becomes, changes::text as changes, sources::text as sources, at, by_name
      from questionnaire_publication where org = :org and
"""
_OF = text(_PUBLISHED + "code = :code order by edition desc")
_ONE = text(_PUBLISHED + "id = :id")
_SOURCES = text(
    "select sources::text from questionnaire_publication where org = :org and code = :code order by edition desc limit 1"
)


@dataclass(frozen=True, slots=True)
class Copy:
    """A working copy. `base` is the questionnaire as it was when the copy was begun, None for a new one."""

    code: str
    id: UUID
    draft: Draft
    base: Questionnaire | None
    revision: int
    begun_at: datetime
    changed_at: datetime
    changed_by: str
    changed_by_name: str


@dataclass(frozen=True, slots=True)
class Publication:
    """What was published: which version of which questionnaire, from which day, by whom, and what it changed."""

    id: UUID
    code: str
    edition: int
    version: int
    begins_on: date
    becomes: str
    changes: tuple[str, ...]
    sources: Mapping[str, Mapping[str, str]]
    at: datetime
    by: str


def _copy(row: Any, secrets: Secrets, org: str) -> Copy:
    return Copy(
        row.code,
        row.id,
        parse(orjson.loads(row.document)),
        Questionnaire.model_validate(orjson.loads(row.base)) if row.base else None,
        row.revision,
        row.begun_at,
        row.changed_at,
        row.changed_by,
        secrets.open(org, sealing.STAFF, bytes(row.changed_by_name)),
    )


async def find(transaction: Transaction, secrets: Secrets, code: str, *, lock: bool = False) -> Copy | None:
    """The working copy of a questionnaire. With `lock` nobody else changes it until the transaction ends."""
    names = {"org": transaction.org, "code": code}
    row = (await transaction.connection.execute(text(_FIND + (" for update" if lock else "")), names)).one_or_none()
    return _copy(row, secrets, transaction.org) if row else None


async def every(transaction: Transaction, secrets: Secrets) -> list[Copy]:
    """All working copies, by code."""
    rows = await transaction.connection.execute(_ALL, {"org": transaction.org})
    return [_copy(row, secrets, transaction.org) for row in rows]


async def begin(
    transaction: Transaction,
    secrets: Secrets,
    identity: Identity,
    code: str,
    draft: Draft,
    base: Questionnaire | None,
    at: datetime,
) -> bool:  # fmt: skip
    """Begin a working copy; answers whether there was none yet."""
    names = {**_said(transaction, secrets, identity, code, draft, base, at), "id": new_id()}
    return (await transaction.connection.execute(_BEGIN, names)).one_or_none() is not None


async def save(
    transaction: Transaction,
    secrets: Secrets,
    identity: Identity,
    code: str,
    draft: Draft,
    base: Questionnaire | None,
    at: datetime,
) -> None:  # fmt: skip
    """Keep a working copy that was locked, as it is now."""
    await transaction.connection.execute(_SAVE, _said(transaction, secrets, identity, code, draft, base, at))


async def discard(transaction: Transaction, code: str) -> None:
    """Delete a working copy."""
    await transaction.connection.execute(_DISCARD, {"org": transaction.org, "code": code})


def _said(
    transaction: Transaction,
    secrets: Secrets,
    identity: Identity,
    code: str,
    draft: Draft,
    base: Questionnaire | None,
    at: datetime,
) -> dict[str, Any]:  # fmt: skip
    return {
        "org": transaction.org,
        "code": code,
        "document": orjson.dumps(draft.content()).decode(),
        "base": base.model_dump_json(by_alias=True) if base else None,
        "at": at,
        "by": identity.subject,
        "name": _name(transaction, secrets, identity),
    }


async def add_publication(
    transaction: Transaction, secrets: Secrets, identity: Identity, made: Publication, profile_number: int
) -> None:
    """Write down what was published and by whom."""
    await transaction.connection.execute(
        _ADD,
        {
            "org": transaction.org,
            "id": made.id,
            "code": made.code,
            "edition": made.edition,
            "version": made.version,
            "begins_on": made.begins_on,
            "becomes": made.becomes,
            "profile_number": profile_number,
            "changes": orjson.dumps(list(made.changes)).decode(),
            "sources": orjson.dumps(made.sources).decode(),
            "at": made.at,
            "by": identity.subject,
            "name": _name(transaction, secrets, identity),
        },
    )


async def publications(transaction: Transaction, secrets: Secrets, code: str) -> Sequence[Publication]:
    """What was published of a questionnaire, newest first."""
    rows = await transaction.connection.execute(_OF, {"org": transaction.org, "code": code})
    return [_publication(row, secrets, transaction.org) for row in rows]


async def publication(transaction: Transaction, secrets: Secrets, ident: UUID) -> Publication | None:
    """What became of a working copy that was published."""
    row = (await transaction.connection.execute(_ONE, {"org": transaction.org, "id": ident})).one_or_none()
    return _publication(row, secrets, transaction.org) if row else None


async def sources(transaction: Transaction, code: str) -> Mapping[str, Mapping[str, str]]:
    """Which translations were older than their English when the questionnaire was last published."""
    found = (await transaction.connection.execute(_SOURCES, {"org": transaction.org, "code": code})).scalar_one_or_none()
    noted: Mapping[str, Mapping[str, str]] = orjson.loads(found) if found else {}
    return noted


def _publication(row: Any, secrets: Secrets, org: str) -> Publication:
    return Publication(
        row.id,
        row.code,
        row.edition,
        row.version,
        row.begins_on,
        row.becomes,
        tuple(orjson.loads(row.changes)),
        orjson.loads(row.sources),
        row.at,
        secrets.open(org, sealing.STAFF, bytes(row.by_name)),
    )


def _name(transaction: Transaction, secrets: Secrets, identity: Identity) -> bytes:
    return secrets.seal(transaction.org, sealing.STAFF, identity.label or identity.subject)
