"""Legal holds: of one record, of every record that is known by a reference, or of a whole kind. A hold always wins.

Placing one and reducing a record take the same lock: when a hold stands, no record that it holds is being reduced, and none
will be.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Row, text

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.ids import new_id
from chassis.secrets import SealError, Secrets
from chassis.unit_of_work import Transaction

PURPOSE = "retention/hold"
"""Of the key under which what a hold says is sealed, and references are hashed."""
LOST = "This cannot be opened: the key that sealed it is not here. Ask the operator."
LONGEST = 2_000

Scope = Literal["record", "reference", "kind", "restricted", "asked"]
"""Two are no holds and stand against a record as one: `restricted`, its use is restricted (`chassis.subject.restricted`), and
`asked`, a person's request that is not closed has it among its records (`id` is the request's)."""

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('retention ' || :org, 0))")
_COLUMNS = (
    "id, scope, kind, record_id, reference_sealed, reference_key, reason_sealed, placed_by, placed_at, review_on, reviewed_by, "
    "lifted_by, lifted_at, lifted_sealed, revision"
)
_ALL = text(f"select {_COLUMNS} from retention_hold order by lifted_at desc nulls first, review_on, id limit 500")  # noqa: S608 - constants
_ONE = text(f"select {_COLUMNS} from retention_hold where id = :id")  # noqa: S608 - constants
_IN_FORCE = text("select id, scope, kind, record_id, reference_key from retention_hold where lifted_at is null")
_RESTRICTED = text("select record_id, kind from subject_restriction where ended_on is null")
_ASKED = text(
    "select s.record_id, q.id from subject_record s join subject_request q on q.org = s.org and q.id = s.request_id "
    "where q.closed_on is null"
)
_REFERENCES = text("select reference_sealed from retention_hold where lifted_at is null and reference_sealed is not null")
_PLACE = text(
    """
    insert into retention_hold (org, id, scope, kind, record_id, reference_sealed, reference_key, reason_sealed, placed_by,
                                review_on)
    values (:org, :id, :scope, :kind, :record_id, :reference_sealed, :reference_key, :reason, :by, :review_on)
    """
)
_REVIEW = text(
    "update retention_hold set review_on = :review_on, reviewed_by = :by, revision = revision + 1 "
    "where id = :id and revision = :revision and lifted_at is null"
)
_LIFT = text(
    "update retention_hold set lifted_by = :by, lifted_at = now(), lifted_sealed = :why, revision = revision + 1 "
    "where id = :id and revision = :revision and lifted_at is null"
)


@dataclass(frozen=True, slots=True)
class InForce:
    """A hold as far as it decides: nothing of it is opened for that."""

    id: UUID
    scope: Scope
    kind: str | None
    record_id: UUID | None
    reference_key: str | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as its page shows it."""

    id: UUID
    scope: Scope
    kind: str | None
    record_id: UUID | None
    reference: str
    reason: str
    placed_by: str
    placed_at: datetime
    review_on: date
    reviewed_by: str | None
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_because: str
    revision: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """A hold that somebody wants."""

    scope: Scope
    reason: str
    review_on: date
    kind: str | None = None
    record_id: UUID | None = None
    reference: str = ""


async def lock(transaction: Transaction) -> None:
    """Let nobody else of the organisation place a hold, or reduce a record, until the transaction ends."""
    await transaction.connection.execute(_LOCK, {"org": transaction.org})


def key_of(secrets: Secrets, org: str, reference: str) -> str:
    """The keyed hash by which a reference is known, whatever its case."""
    return secrets.pseudonym(org, PURPOSE, reference.strip().casefold())


async def in_force(transaction: Transaction) -> list[InForce]:
    """The holds that stand, and what holds as well: restrictions, and requests of people that are not closed."""
    rows = await transaction.connection.execute(_IN_FORCE)
    found = [InForce(row.id, row.scope, row.kind, row.record_id, row.reference_key) for row in rows]
    # What a person wants kept, or the council needs while it looks into an objection, does not go meanwhile.
    marked = await transaction.connection.execute(_RESTRICTED)
    found += (InForce(row.record_id, "restricted", row.kind, row.record_id, None) for row in marked)
    wanted = await transaction.connection.execute(_ASKED)
    return [*found, *(InForce(row.id, "asked", None, row.record_id, None) for row in wanted)]


async def references(transaction: Transaction, secrets: Secrets) -> list[str]:
    """The references that are held, for records that are known by another hash of them.

    Raises `SealError` where one does not open: what it holds cannot be known, so nothing may go.
    """
    rows = (await transaction.connection.execute(_REFERENCES)).scalars()
    return [secrets.open(transaction.org, PURPOSE, bytes(sealed)) for sealed in rows]


def against(
    holds: Iterable[InForce], secrets: Secrets, org: str, kind: str, ids: Iterable[UUID], names: Iterable[str]
) -> list[InForce]:
    """The holds that stand against reducing a record, which is made of these ids and known by these names."""
    ids, keys = set(ids), {key_of(secrets, org, each) for each in names if each}
    return [
        each
        for each in holds
        # An id is no other record's, of whatever kind: what is held may be a part of this one.
        if (each.scope == "kind" and each.kind == kind)
        or (each.scope in {"record", "restricted", "asked"} and each.record_id in ids)
        or (each.scope == "reference" and each.reference_key in keys)
    ]


async def place(transaction: Transaction, secrets: Secrets, by: str, wanted: Wanted, today: date) -> UUID:
    """Place a hold. When this has committed nothing that it holds goes. Raises `incomplete` with every field that is wrong."""
    errors = []
    if not wanted.reason.strip() or len(wanted.reason) > LONGEST:
        errors.append(FieldError("/reason", f"Write why, in {LONGEST:,} characters at most"))
    if wanted.review_on <= today:
        errors.append(FieldError("/review_on", "Choose a day after today on which somebody looks whether it is still needed"))
    if wanted.scope == "reference" and not wanted.reference.strip():
        errors.append(FieldError("/reference", "Write the reference that is to be held"))
    if errors:
        raise DomainError("incomplete", "Nothing was held. See `errors`.", Kind.MALFORMED, tuple(errors))
    await lock(transaction)
    ident, org = new_id(), transaction.org
    named = wanted.reference.strip() if wanted.scope == "reference" else ""
    values = {
        "org": org,
        "id": ident,
        "scope": wanted.scope,
        "kind": wanted.kind if wanted.scope != "reference" else None,
        "record_id": wanted.record_id if wanted.scope == "record" else None,
        "reference_sealed": secrets.seal(org, PURPOSE, named) if named else None,
        "reference_key": key_of(secrets, org, named) if named else None,
        "reason": secrets.seal(org, PURPOSE, wanted.reason.strip()),
        "by": by,
        "review_on": wanted.review_on,
    }
    await transaction.connection.execute(_PLACE, values)
    return ident


async def review(transaction: Transaction, by: str, ident: UUID, revision: int, until: date, today: date) -> None:
    """Say that a hold is still needed, until another day. Raises `incomplete`, `not-found`, `hold-changed`."""
    if until <= today:
        wrong = FieldError("/review_on", "Choose a day after today on which somebody looks again")
        raise DomainError("incomplete", "Nothing was changed. See `errors`.", Kind.MALFORMED, (wrong,))
    done = await transaction.connection.execute(_REVIEW, {"id": ident, "revision": revision, "by": by, "review_on": until})
    await _assert_changed(transaction, ident, done.rowcount)


async def lift(transaction: Transaction, secrets: Secrets, by: str, ident: UUID, revision: int, why: str) -> None:
    """End a hold, with a reason. What it held goes when its time is over. Raises as `review`."""
    if not why.strip() or len(why) > LONGEST:
        wrong = FieldError("/why", f"Write why it is not needed any more, in {LONGEST:,} characters at most")
        raise DomainError("incomplete", "Nothing was changed. See `errors`.", Kind.MALFORMED, (wrong,))
    values = {"id": ident, "revision": revision, "by": by, "why": secrets.seal(transaction.org, PURPOSE, why.strip())}
    done = await transaction.connection.execute(_LIFT, values)
    await _assert_changed(transaction, ident, done.rowcount)


async def _assert_changed(transaction: Transaction, ident: UUID, changed: int) -> None:
    if changed:
        return
    if (await transaction.connection.execute(_ONE, {"id": ident})).one_or_none() is None:
        raise not_found("hold")
    detail = "Somebody changed or lifted this hold meanwhile. Nothing was changed. Look at it as it stands now."
    raise DomainError("hold-changed", detail)


async def every(transaction: Transaction, secrets: Secrets) -> Sequence[Hold]:
    """The holds, those in force first, the one whose review comes next at the top."""
    return [_hold(secrets, transaction.org, row) for row in await transaction.connection.execute(_ALL)]


async def one(transaction: Transaction, secrets: Secrets, ident: UUID) -> Hold:
    """A hold. Raises `not-found`."""
    row = (await transaction.connection.execute(_ONE, {"id": ident})).one_or_none()
    if row is None:
        raise not_found("hold")
    return _hold(secrets, transaction.org, row)


def _hold(secrets: Secrets, org: str, row: "Row[tuple[object, ...]]") -> Hold:
    def opened(sealed: bytes | None) -> str:
        try:
            return secrets.open(org, PURPOSE, bytes(sealed)) if sealed is not None else ""
        except SealError:
            return LOST

    return Hold(
        row.id,
        row.scope,
        row.kind,
        row.record_id,
        opened(row.reference_sealed),
        opened(row.reason_sealed),
        row.placed_by,
        row.placed_at,
        row.review_on,
        row.reviewed_by,
        row.lifted_by,
        row.lifted_at,
        opened(row.lifted_sealed),
        row.revision,
    )
