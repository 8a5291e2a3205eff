"""Proofs that a record was reduced: numbered, chained by hashes, sealed. None holds anything of a person.

Who has the id of a record finds its proof by the keyed hash of it; from a proof nobody finds a record.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.secrets import Secrets
from chassis.trail.links import link
from chassis.unit_of_work import Transaction

PURPOSE = "retention/proof"
PAGE = 50

Ground = Literal["time-over", "asked"]

_LAST = text("select number, hash from retention_proof order by number desc limit 1")
_ADD = text(
    "insert into retention_proof (org, number, at, said, record, hash, seal) "
    "values (:org, :number, :at, cast(:said as jsonb), :record, :hash, :seal)"
)
_COLUMNS = "number, at, said::text as said, record, hash, seal"
_IN_ORDER = text(f"select {_COLUMNS} from retention_proof where number > :after order by number limit :limit")  # noqa: S608 - constants
_NEWEST = text(
    f"select {_COLUMNS} from retention_proof where (cast(:before as bigint) is null or number < :before) "  # noqa: S608 - constants
    "order by number desc limit :limit"
)
_OF_RECORD = text(f"select {_COLUMNS} from retention_proof where record = any(:records) order by number desc")  # noqa: S608 - constants
_ONE = text(f"select {_COLUMNS} from retention_proof where number = :number")  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it is kept. `said` is what is hashed."""

    number: int
    at: datetime
    said: Mapping[str, Any]
    hash: bytes
    seal: str


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to a record, and by which rule."""

    kind: str
    record_id: UUID
    ground: Ground
    since: date | None
    months: int | None
    rows: Mapping[str, int]
    events: int


def record_key(secrets: Secrets, org: str, kind: str, ident: UUID) -> str:
    """The keyed hash of a record's id."""
    return secrets.pseudonym(org, PURPOSE, f"{kind} {ident}")


def beginning(service: str, org: str) -> bytes:
    """The hash before the first proof: that of one organisation in one service."""
    return sha256(f"learning-loop retention 1 {service} {org}".encode()).digest()


def seal_of(secrets: Secrets, service: str, org: str, number: int, hash_: bytes) -> str:
    """The keyed seal of a proof (HMAC-SHA256, 32 hex digits)."""
    return secrets.pseudonym(org, PURPOSE, f"learning-loop proof 1 {service} {org} {number} {hash_.hex()}")


def genuine(secrets: Secrets, service: str, org: str, proof: Proof) -> bool:
    """Whether a proof carries the seal of this installation."""
    return hmac.compare_digest(proof.seal, seal_of(secrets, service, org, proof.number, proof.hash))


async def add(transaction: Transaction, secrets: Secrets, service: str, done: Done, at: datetime) -> Proof:
    """Add a proof to the organisation's chain; under the lock of `holding`, so that each has a number of its own."""
    org = transaction.org
    last = (await transaction.connection.execute(_LAST)).one_or_none()
    number, previous = (last.number + 1, bytes(last.hash)) if last else (1, beginning(service, org))
    said = {
        "number": number,
        "service": service,
        "org": org,
        "at": at.isoformat(timespec="microseconds"),
        "record": record_key(secrets, org, done.kind, done.record_id),
        "kind": done.kind,
        "ground": done.ground,
        "since": done.since.isoformat() if done.since else None,
        "months": done.months,
        "rows": dict(sorted(done.rows.items())),
        "events": done.events,
    }
    hash_ = link(previous, said)
    proof = Proof(number, at, said, hash_, seal_of(secrets, service, org, number, hash_))
    values = {"org": org, "number": number, "at": at, "said": orjson.dumps(said).decode(), "record": said["record"]}
    await transaction.connection.execute(_ADD, {**values, "hash": hash_, "seal": proof.seal})
    return proof


async def in_order(transaction: Transaction, after: int, limit: int) -> Sequence[Proof]:
    """Proofs after a number, oldest first."""
    return [_proof(row) for row in await transaction.connection.execute(_IN_ORDER, {"after": after, "limit": limit})]


async def newest(transaction: Transaction, before: int | None = None) -> Sequence[Proof]:
    """A page of proofs, newest first, and one more if there are more."""
    rows = await transaction.connection.execute(_NEWEST, {"before": before, "limit": PAGE + 1})
    return [_proof(row) for row in rows]


async def of_record(transaction: Transaction, secrets: Secrets, kinds: Sequence[str], ident: UUID) -> Sequence[Proof]:
    """The proofs of a record whose id somebody has."""
    keys = [record_key(secrets, transaction.org, each, ident) for each in kinds]
    return [_proof(row) for row in await transaction.connection.execute(_OF_RECORD, {"records": keys})]


async def one(transaction: Transaction, number: int) -> Proof | None:
    """A proof by its number."""
    row = (await transaction.connection.execute(_ONE, {"number": number})).one_or_none()
    return _proof(row) if row is not None else None


async def check(transaction: Transaction, secrets: Secrets, service: str) -> tuple[int, str]:
    """Walk along the whole chain: up to which number it holds, and what is wrong after that (empty: nothing)."""
    number, previous = 0, beginning(service, transaction.org)
    while True:
        page = await in_order(transaction, number, 1_000)
        for proof in page:
            wrong = fits(previous, number, proof.said, proof.hash)
            if not wrong and not genuine(secrets, service, transaction.org, proof):
                wrong = f"proof {proof.number} was not made by this service"
            if wrong:
                return number, wrong
            number, previous = proof.number, proof.hash
        if len(page) < 1_000:  # noqa: PLR2004 - the page
            return number, ""


def fits(previous: bytes, number: int, said: Mapping[str, Any], hash_: bytes) -> str:
    """What is wrong with the proof after `number`, empty for nothing."""
    if said.get("number") != number + 1:
        return f"proof {number + 1} is missing"
    if link(previous, said) != hash_:
        return f"proof {number + 1} does not fit its hash: it, or one before it, was changed"
    return ""


def _proof(row: Any) -> Proof:
    return Proof(row.number, row.at, orjson.loads(row.said), bytes(row.hash), row.seal)
