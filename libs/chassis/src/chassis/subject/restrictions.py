"""Restrictions of the use of records, in the database: placed, lifted for one person, ended. Every word is sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.secrets import SealError, Secrets
from chassis.subject.restricted import GROUNDS
from chassis.subject.store import PURPOSE
from chassis.unit_of_work import Transaction

LONGEST = 2_000
LONGEST_SIGN_IN = 200
LOST = "This cannot be opened: the key that sealed it is not here. Ask the operator."
GROUND_WORDS: Mapping[str, str] = {
    "accuracy": "The person says that it is wrong, and that is being looked into",
    "unlawful": "It should not have been kept or used, and the person does not want it erased",
    "claim": "The council does not need it any more, and the person does, for a legal claim",
    "objection": "The person has objected, and whether the council's grounds weigh more is being looked into",
}
"""Article 18(1), (a) to (d), as they stand on a record's page."""

_COLUMNS = (
    "id, kind, record_id, request_id, ground, reason, from_on, by_subject, by_name, at, writer, writer_until, told_on, "
    "ended_on, ended_by, ending"
)
_OF = text(
    f"""
    select {_COLUMNS} from subject_restriction
     where org = :org and kind = :kind and record_id = :record_id order by from_on desc, at desc
    """  # noqa: S608 - constants
)
_OPEN = text(
    f"select {_COLUMNS} from subject_restriction where org = :org and ended_on is null order by from_on, id limit 500"  # noqa: S608 - constants
)
_PLACE = text(
    """
    insert into subject_restriction (org, id, kind, record_id, request_id, ground, reason, from_on, by_subject, by_name)
    values (:org, :id, :kind, :record_id, :request, :ground, :reason, :on, :by, :by_name)
    on conflict do nothing returning id
    """
)
_SAME = text("select true from subject_restriction where org = :org and id = :id and kind = :kind and record_id = :record_id")
_LET = text(
    """
    update subject_restriction set writer = :writer, writer_until = :until
     where org = :org and kind = :kind and record_id = :record_id and ended_on is null returning id
    """
)
_END = text(
    """
    update subject_restriction set told_on = :told_on, ended_on = :on, ended_by = :by, ending = :ending,
                                   writer = null, writer_until = null
     where org = :org and kind = :kind and record_id = :record_id and ended_on is null returning id
    """
)


@dataclass(frozen=True, slots=True)
class Restriction:
    """That the use of a record is, or was, restricted."""

    id: UUID
    kind: str
    record_id: UUID
    request_id: UUID
    ground: str
    reason: str = field(repr=False)
    from_on: date
    by_subject: str
    by: str = field(repr=False)
    writer: str | None
    writer_until: date | None
    told_on: date | None
    ended_on: date | None
    ended_by: str | None
    ending: str = field(repr=False)

    @property
    def ground_words(self) -> str:
        """The ground as a page says it."""
        return GROUND_WORDS[self.ground]


@dataclass(frozen=True, slots=True)
class NewRestriction:
    """A restriction that is to be placed: `id` is the page's, so that sending it twice makes one."""

    id: UUID
    request: UUID
    ground: str
    reason: str = field(repr=False)
    from_on: date | None


class Restrictions:
    """Restrictions of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._transaction = transaction
        self._secrets = secrets
        self._org = transaction.org

    async def of(self, kind: str, record_id: UUID) -> list[Restriction]:
        """All of a record, the newest first."""
        return [self._read(row) for row in await self._run(_OF, kind=kind, record_id=record_id)]

    async def in_force(self) -> list[Restriction]:
        """Those that stand, the oldest first."""
        return [self._read(row) for row in await self._run(_OPEN)]

    async def place(self, kind: str, record_id: UUID, new: NewRestriction, identity: Identity, today: date) -> None:
        """Restrict the use of a record. Raises `incomplete` with every wrong field, `restricted-already`."""
        errors = []
        if new.ground not in GROUNDS:
            errors.append(FieldError("/ground", "Choose on which ground"))
        if not 0 < len(new.reason) <= LONGEST:
            errors.append(
                FieldError("/reason", f"Say why, in {LONGEST:,} characters at most, for everybody who opens the record")
            )
        if new.from_on is None or new.from_on > today:
            errors.append(FieldError("/from", "Enter the day from which its use is restricted, not in the future"))
        _raise(errors)
        names = {"kind": kind, "record_id": record_id, "id": new.id}
        sealed = {"reason": self._seal(new.reason), "by_name": self._seal(identity.label or identity.subject)}
        facts = {"request": new.request, "ground": new.ground, "on": new.from_on, "by": identity.subject}
        made = (await self._run(_PLACE, **names, **facts, **sealed)).one_or_none()
        if made is None and (await self._run(_SAME, **names)).one_or_none() is None:
            detail = "The use of this record is restricted already. Nothing was changed; look at it as it stands now."
            raise DomainError("restricted-already", detail)

    async def let(self, kind: str, record_id: UUID, writer: str, until: date | None, today: date) -> None:
        """Let one member of staff change the record until a day, to put it right; nobody with an empty sign-in.

        Raises `incomplete`, `not-found`.
        """
        errors = []
        if len(writer) > LONGEST_SIGN_IN:
            errors.append(
                FieldError("/writer", f"A sign-in of {LONGEST_SIGN_IN} characters at most, as it stands in the trail")
            )
        if writer and (until is None or until < today):
            errors.append(FieldError("/until", "Enter until when they may change it: today, or later"))
        _raise(errors)
        names = {"kind": kind, "record_id": record_id, "writer": writer or None, "until": until if writer else None}
        if (await self._run(_LET, **names)).one_or_none() is None:
            raise not_found("restriction")

    async def end(self, kind: str, record_id: UUID, why: str, told_on: date | None, identity: Identity, today: date) -> None:
        """End it: the person was told before. Raises `incomplete`, `not-found`; ended again stays as it ended."""
        found = await self.of(kind, record_id)
        if not found:
            raise not_found("restriction")
        standing = next((each for each in found if each.ended_on is None), found[0])
        errors = []
        if not 0 < len(why) <= LONGEST:
            errors.append(FieldError("/why", f"Say why it ends, in {LONGEST:,} characters at most"))
        if told_on is None or not standing.from_on <= told_on <= today:
            errors.append(
                FieldError("/told", "Enter when the person was told that it ends: they are told before (Article 18(3))")
            )
        _raise(errors)
        names = {"kind": kind, "record_id": record_id, "told_on": told_on, "on": today, "by": identity.subject}
        await self._run(_END, **names, ending=self._seal(why))

    def _read(self, row: Row[Any]) -> Restriction:
        return Restriction(
            row.id, row.kind, row.record_id, row.request_id, row.ground, self._open(row.reason), row.from_on, row.by_subject,
            self._open(row.by_name), row.writer, row.writer_until, row.told_on, row.ended_on, row.ended_by,
            self._open(row.ending),
        )  # fmt: skip

    def _seal(self, words: str) -> bytes:
        return self._secrets.seal(self._org, PURPOSE, words)

    def _open(self, sealed: bytes | None) -> str:
        # A mark is never lost with its words: the record's page opens all the same, and says that it is restricted.
        try:
            return "" if sealed is None else self._secrets.open(self._org, PURPOSE, bytes(sealed))
        except SealError:
            return LOST

    async def _run(self, statement: Any, **values: Any) -> Any:
        return await self._transaction.connection.execute(statement, {"org": self._org, **values})


def _raise(errors: list[FieldError]) -> None:
    if errors:
        raise DomainError("incomplete", "Nothing was changed. See `errors`.", Kind.MALFORMED, tuple(errors))
