"""Exports: a whole entity set as one file, in a form that tools for figures read by themselves."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from reporting.domain.odata.model import Edm, EntitySet, Property


class Format(StrEnum):
    """What a file can be; the value is how its name ends."""

    CSV = "csv"
    PARQUET = "parquet"
    ARROW = "arrow"

    @property
    def media_type(self) -> str:
        """As registered with IANA."""
        return _MEDIA_TYPES[self]

    @property
    def words(self) -> str:
        """What it is called on a page."""
        return _WORDS[self]


_MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.ARROW: "application/vnd.apache.arrow.stream",
}
_WORDS = {Format.CSV: "CSV", Format.PARQUET: "Parquet", Format.ARROW: "Arrow"}


REMOVED = Property("removed", Edm.BOOLEAN, "Whether the row is gone: then only its key is filled in. Drop the row of this key.")
MARK_PATTERN = r"^[0-9A-Za-z_-]{32,100}-[0-9]{1,18}$"


def parse_mark(mark: str) -> tuple[str, int]:
    """The epoch of a mark and its number."""
    epoch, _, number = mark.rpartition("-")
    return epoch, int(number)


@dataclass(frozen=True)
class Export:
    """What is asked for: an entity set in a format, for an organisation and the service areas that its reader is limited to."""

    org: str
    areas: frozenset[str]
    entities: EntitySet
    format: Format
    since: str | None = None
    """The mark up to where the reader holds everything: then only what has changed since is asked for."""

    @property
    def columns(self) -> tuple[Property, ...]:
        """The columns of the file. In one of changes a row that is gone has its key only, so all others may be empty."""
        if self.since is None:
            return self.entities.properties
        return (*(replace(each, nullable=each.name not in self.entities.key) for each in self.entities.properties), REMOVED)

    def file_name(self, today: date) -> str:
        """What the file is called when it is saved."""
        changes = "-changes" if self.since is not None else ""
        return f"{self.org}-{self.entities.name}{changes}-{today.isoformat()}.{self.format}"
