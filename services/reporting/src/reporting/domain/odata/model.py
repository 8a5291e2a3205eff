"""The entity data model of the feeds: flat entity sets, each a view, every property described for those who read it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import isfinite
from uuid import UUID

from reporting.domain.odata.tracking import Root

NAMESPACE = "LearningLoop"
MOST_INTEGER = 2**63


class ODataError(Exception):
    """A request that the feeds do not answer: HTTP status, stable code and words (OData 4.01 JSON, section 21)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def malformed(message: str) -> ODataError:
    """The error for a query option that cannot be understood."""
    return ODataError(400, "malformed-query", message)


class Edm(StrEnum):
    """The primitive types in use (OData CSDL, section 3.3)."""

    STRING = "Edm.String"
    GUID = "Edm.Guid"
    INT32 = "Edm.Int32"
    INT64 = "Edm.Int64"
    BOOLEAN = "Edm.Boolean"
    DATE = "Edm.Date"
    MOMENT = "Edm.DateTimeOffset"
    DOUBLE = "Edm.Double"


SQL_TYPES = {
    Edm.STRING: "text",
    Edm.GUID: "uuid",
    Edm.INT32: "bigint",
    Edm.INT64: "bigint",
    Edm.BOOLEAN: "boolean",
    Edm.DATE: "date",
    Edm.MOMENT: "timestamptz",
    Edm.DOUBLE: "double precision",
}


def _integer(words: str) -> int:
    number = int(words)
    if not -MOST_INTEGER <= number < MOST_INTEGER:
        raise ValueError
    return number


def _boolean(words: str) -> bool:
    if words not in {"true", "false"}:
        raise ValueError
    return words == "true"


def _moment(words: str) -> datetime:
    moment = datetime.fromisoformat(words)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _double(words: str) -> float:
    number = float(words)
    if not isfinite(number):
        raise ValueError
    return number


def _text(words: str) -> str:
    if "\0" in words:
        raise ValueError
    return words


_READERS: dict[Edm, Callable[[str], object]] = {
    Edm.STRING: _text,
    Edm.GUID: UUID,
    Edm.INT32: _integer,
    Edm.INT64: _integer,
    Edm.BOOLEAN: _boolean,
    Edm.DATE: date.fromisoformat,
    Edm.MOMENT: _moment,
    Edm.DOUBLE: _double,
}


@dataclass(frozen=True)
class Property:
    """A property: its name is also the column's, unless a client made the name up (an alias of `$apply`)."""

    name: str
    type: Edm
    description: str
    nullable: bool = False
    alias_of: str = ""

    @property
    def column(self) -> str:
        """The name in SQL, which is always one of ours."""
        return self.alias_of or self.name

    def read(self, words: str) -> object:
        """The value that words stand for. Raises ODataError where they stand for none of this type."""
        try:
            return _READERS[self.type](words)
        except (ValueError, OverflowError):
            raise malformed(f"'{words[:40]}' is not a value of {self.name}, which is {self.type}.") from None


@dataclass(frozen=True)
class EntitySet:
    """A flat set of rows of one view. `limited_by` is the column that a limit to service areas goes by; None: it holds none.

    `roots` names the records whose change changes rows (`reporting.domain.odata.tracking`); without any, changes of the set
    cannot be followed. `by_calendar`: rows change also when the day of the feed is turned (ADR 0022). `records_by` is a
    function of the database that makes the rows of some records, by their ids, where the view would make all rows for that.
    `looked_up`: what stands beside a row is looked up for a page, where a plan that joins everything would seem cheaper.
    """

    name: str
    entity: str
    view: str
    description: str
    key: tuple[str, ...]
    properties: tuple[Property, ...]
    limited_by: str | None = "service_area"
    roots: tuple[Root, ...] = ()
    by_calendar: bool = False
    records_by: str = ""
    looked_up: bool = False

    def rows_of(self, ids: str) -> str:
        """Where rows of some records are read from, in SQL; it may give rows of others too."""
        return f"{self.records_by}({ids})" if self.records_by else self.view

    def property(self, name: str) -> Property:
        """The property of that name. Raises ODataError where there is none."""
        for each in self.properties:
            if each.name == name:
                return each
        raise malformed(f"{self.name} has no property '{name[:40]}'; see $metadata.")


def code(name: str, description: str, *, nullable: bool = False) -> Property:
    """A code of the organisation's profile, or one of a closed list."""
    return Property(name, Edm.STRING, description, nullable)


def day(name: str, description: str, *, nullable: bool = False) -> Property:
    """A day."""
    return Property(name, Edm.DATE, description, nullable)


CHANGES = (
    Property("occurred_at", Edm.MOMENT, "When the source first told of it; never changes."),
    Property("changed_at", Edm.MOMENT, "When the source last changed it."),
    Property(
        "changed_sequence", Edm.INT64, "Number of the last change in the source's log. To pull only changes, use delta links."
    ),
)
