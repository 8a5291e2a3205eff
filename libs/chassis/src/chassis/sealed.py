"""What a service has sealed, declared once: the columns, the purposes, and what is bound into a value.

`chassis.resealing` goes by it, and a test of each service holds it against every binary column of its schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Column:
    """A column with sealed values. `kind` json: sealed texts stand in it as base64, at whatever place."""

    table: str
    name: str
    kind: Literal["bytes", "json"] = "bytes"
    bound: str = "''"
    """SQL, on the row `t`: what `seal_bytes` was given as `bound`."""
    batch: int = 100
    """Rows that are held at a time; few where a value can be large."""


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """A column with hashes of contents (`chassis.keyed_hash`), and the purpose of their key."""

    table: str
    name: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """All of a service. `plain` are binary columns that are not sealed, each with what it is."""

    schema: str
    columns: tuple[Column, ...]
    purposes: tuple[str, ...]
    """Under which something is sealed in these columns; a value of a derived key is tried with each (it opens with one)."""
    plain: Mapping[str, str]
    keyed: tuple[str, ...] = ()
    """For which keys are derived besides: of pseudonyms, search hashes, form tokens."""

    hashes: tuple[KeyedHash, ...] = ()
    """Hashes that may be plain, from before they were keyed."""

    @property
    def derived(self) -> frozenset[str]:
        """Every purpose for which there may be a key that follows from the root or the master key."""
        return frozenset((*self.purposes, *self.keyed, *KEYED))


def columns(table: str, *names: str) -> tuple[Column, ...]:
    """Ordinary sealed columns of a table."""
    return tuple(Column(table, name) for name in names)


KEYED = (
    "idempotency", "trail", "file-content", "retention/forms", "retention/hold", "retention/known",
    "retention/proof", "subject/forms", "subject-place", "subject-seen",
)  # fmt: skip
"""What the mechanisms of the chassis derive keys for, in every service."""

MAIL = columns("mail", "recipient", "content")
MAIL_PURPOSES = ("mail.recipient", "mail.content")
UPLOAD = (Column("upload", "content", batch=10),)
UPLOAD_PURPOSES = ("upload",)
RETENTION = (
    *columns("retention_hold", "reference_sealed", "reason_sealed", "lifted_sealed"),
    *columns("retention_order", "ground_sealed"),
)
RETENTION_PURPOSES = ("retention/hold", "retention/order")
RETENTION_PLAIN = {"retention_proof.hash": "the mark of a proof in its chain"}
_PIECES = (
    "(select t.file_id || '/' || t.number || '/' || f.pieces from {schema}.stored_file f "
    "where f.org = t.org and f.id = t.file_id)"
)
FILE_PURPOSES = ("file", "file-details")
PLAIN = {
    "idempotency.fingerprint": "a keyed hash of what was asked for",
    "trail.hash": "the mark of an entry in its chain",
    "trail_beginning.hash": "the mark of the entry after which the chain begins",
    "trail_checkpoint.hash": "the mark of the entry at which the chain was sealed",
}


def files(schema: str) -> tuple[Column, ...]:
    """The columns of `chassis.attachments.store`; of a piece only the wrapped key changes, the content is not opened."""
    return (
        Column("stored_file", "details", bound="t.id::text"),
        Column("stored_piece", "content", bound=_PIECES.format(schema=schema), batch=8),
    )


SUBJECT = (
    *columns("subject_request", "extension", "asked"),
    *columns("subject_record", "found"),
    *columns("subject_decision", "words", "reason"),
    *columns("subject_note", "says", "reason", "by_name"),
    *columns("subject_restriction", "reason", "by_name", "ending"),
)
SUBJECT_PURPOSES = ("subject",)
