"""How a service declares what it holds of people: kinds of records, the tables of each, and whose data every column is.

A column that is not declared is in no export: `docs/privacy.md` names every column with personal data, and a test holds each
service's declaration against it.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from chassis.attachments.store import FileStore
from chassis.secrets import Secrets
from chassis.subject.matching import Asked
from chassis.subject.wording import Wording
from chassis.unit_of_work import Transaction


class Whose(StrEnum):
    """Whose personal data a column is, and so what somebody is given of it before anybody has read it."""

    RECORD = "record"  # facts of the record: everybody's whom it concerns
    CHILD = "child"  # of the child whom the record is about
    ROW = "row"  # of the person of this row, and of nobody else in the record
    SENDER = "sender"  # words of whoever wrote in: theirs; to others only once they were read
    WORDS = "words"  # words that may speak of several people: only once they were read
    STAFF = "staff"  # who of the staff did something
    KEPT_BACK = "kept-back"  # could put somebody in danger, or give away who told
    INTERNAL = "internal"  # hashes, states of the machine: nothing that can be understood; listed, and not given


class Role(StrEnum):
    """What the person is in a record."""

    CHILD = "child"
    SENDER = "sender"  # complainant, whoever answered, whoever asked to be contacted
    REPRESENTATIVE = "representative"
    CALLER = "caller"
    STAFF = "staff"
    MENTIONED = "mentioned"  # their name, or something else of theirs, stands in the words
    OTHER = "other"


ROLES: Mapping[Role, str] = {
    Role.CHILD: "Child concerned",
    Role.SENDER: "Complained, answered or asked",
    Role.REPRESENTATIVE: "Spoke for somebody",
    Role.CALLER: "Makes calls",
    Role.STAFF: "Member of staff or partner agency",
    Role.MENTIONED: "Is spoken of",
    Role.OTHER: "Another part",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column. `purpose` is that under which it is sealed; without one it stands in the clear."""

    column: str
    label: str
    whose: Whose = Whose.RECORD
    purpose: str = ""
    form: str = "text"
    """`text`; `json`: shown member by member; `pdf`: a PDF of the record; `stored`: a file of `chassis.attachments`."""
    sql: str = ""
    """SQL on the row `t`, where it is more than the column."""
    bound: str = "''"
    """SQL on the row `t`: what was bound into the sealed value."""
    of: str = ""
    """Of a name of staff: the column with the sign-in that it belongs to."""
    decode: Callable[[bytes], Any] | None = field(default=None, compare=False)
    """What the opened bytes are, where they are neither text nor JSON."""

    @property
    def searched(self) -> bool:
        """Whether words are looked for in it: everything sealed."""
        return bool(self.purpose) and self.whose is not Whose.INTERNAL and not self.is_file

    @property
    def is_file(self) -> bool:
        """Whether it is handed out as a file of its own."""
        return self.form in {"pdf", "stored"}


@dataclass(frozen=True, slots=True)
class Part:
    """A table of a kind of record, or a piece of one.

    `record` is SQL on the row `t`: the id of the record that the row belongs to. `person`: each row is about one person, in the
    role that `role` (a column) says by `roles`. `subject` are columns with the sign-in of staff, by which they are found.
    """

    table: str
    title: str
    record: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    where: str = ""
    """SQL by which a record's rows are found, where `record` = :id would be slow."""
    order: str = ""
    person: bool = False
    role: str = ""
    roles: Mapping[str, Role] = field(default_factory=dict)
    subject: tuple[str, ...] = ()
    only: str = ""
    """SQL on the row `t`: only these rows."""

    @property
    def of_record(self) -> str:
        """SQL: the rows of the record `:id`."""
        found = self.where or f"{self.record} = :id"
        return f"({found}) and ({self.only})" if self.only else found


CODE = "code"
"""In the place of SQL: the id of the record is made of a code in the address, as `md5(code)::uuid` makes it."""
KEPT_AS_IT_IS = (
    "Nobody changes it, nothing of it is quoted or sent, and it is neither erased nor reduced when its time is over."
)
MARKED = (
    "It is neither erased nor reduced when its time is over. Changes are not stopped by the system: do not use it but to keep "
    "it, for legal claims, and to protect somebody."
)


@dataclass(frozen=True, slots=True)
class KindOf:
    """A kind of record, as a person would name it, with what Article 15 wants said of it."""

    code: str
    name: str
    table: str
    reference: str
    """SQL on the row `t` of `table`, whose id is `id`."""
    area: str
    dated: str
    parts: tuple[Part, ...]
    purposes: str
    source: str
    recipients: str
    kept: str
    page: str = ""
    """Address of the record's page for staff, with `{id}`."""
    ident: str = "t.id"
    """SQL on the row `t` of `table`: the record's id, made of its key where that is no id."""
    warning: str = ""
    """What to think of before a record of this kind is ticked: that there is one can be a secret by itself."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Addresses (`/audit/audits/{audit_id}`) on and below which the record is seen, each with SQL that finds its id (`:org`,
    `:id`): empty where it is the id in the address, `CODE` where that is a code."""
    words_for: tuple[str, ...] = ()
    """Who of those that open its pages reads words (grants, one is enough); empty: all of them."""
    stops: str = MARKED
    """What a restriction of its use stops, as its page says it."""


@dataclass(frozen=True, slots=True)
class Match:
    """That a record may be about the person: why, as what, and which of its rows are theirs."""

    kind: str
    id: UUID
    why: str
    role: Role = Role.OTHER
    rows: frozenset[str] = frozenset()
    """Rows that are about them, as `table/key`, and columns that name them as staff, as `table/key/column`."""


Finder = Callable[[Transaction, Secrets, Asked], AsyncIterator[Match]]


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a service declares."""

    service: str
    title: str
    kinds: tuple[KindOf, ...]
    find: Finder | None
    """How it is looked for beside sign-ins of staff and words; None: not at all."""
    elsewhere: Mapping[str, str]
    """Tables with personal data that are in no record, each with why, or how it is found otherwise. Said in every package."""
    others: tuple[str, ...] = ()
    """Other services, which answer for themselves. Said in every package too."""
    files: Callable[[Secrets], FileStore] | None = None
    wording: Wording | None = None
    """How its codes are said in words."""
    before: Callable[[Transaction], Any] | None = None
    """What a transaction needs before the columns can be read (a reason that the database wants to hear)."""

    def kind(self, code: str) -> KindOf | None:
        """A kind by its code."""
        return next((each for each in self.kinds if each.code == code), None)


def clear(column: str, label: str, whose: Whose = Whose.RECORD) -> Field:
    """A column in the clear."""
    return Field(column, label, whose)


def internal(*columns: str) -> tuple[Field, ...]:
    """Columns that say nothing to a person."""
    return tuple(Field(column, column, Whose.INTERNAL) for column in columns)


def staff(*columns: str, label: str = "Done by (sign-in)") -> tuple[Field, ...]:
    """Columns with the sign-in of who of the staff did something."""
    return tuple(Field(column, label, Whose.STAFF) for column in columns)


def staff_name(column: str, purpose: str, of: str, label: str = "Done by") -> Field:
    """A column with the sealed name of who of the staff did something; `of` is the column with the sign-in."""
    return Field(column, label, Whose.STAFF, purpose, of=of)


def of_tables(kinds: Collection[KindOf]) -> dict[str, set[str]]:
    """Every column that is declared, by table."""
    found: dict[str, set[str]] = {}
    for kind in kinds:
        for part in kind.parts:
            found.setdefault(part.table, set()).update(each.column for each in part.fields)
    return found


OF_TRAIL = {
    "trail_checkpoint": "Marks of the trail.",
    "trail_beginning": "Where the trail begins: a mark.",
}
OF_RETENTION = {
    "retention_hold": "Why records are held, in words that concern a legal case: asked for by hand.",
    "retention_order": "Erasures that were decided: asked for by hand.",
    "retention_run": "Runs of retention, in numbers.",
    "retention_reduced": "Ids of records that were reduced: nothing of anybody is left in them.",
    "retention_proof": "Proofs of deletion: keyed hashes of ids.",
    "retention_key": "Keyed hashes of references of what was reduced: nothing can be read from them.",
}
OF_REQUESTS = {
    **dict.fromkeys(("subject_request", "subject_record", "subject_decision"), "Requests of people for their data."),
    "subject_note": "Statements of a person beside a record: given with the record.",
    "subject_restriction": "That the use of a record is restricted: given with the record.",
}
"""Tables that the chassis makes, and why they are not searched; a subject names them among what is elsewhere."""
