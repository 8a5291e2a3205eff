"""Exports: a whole entity set as one file, in a form that tools for figures read by themselves."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from reporting.domain.odata.model import EntitySet


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


@dataclass(frozen=True)
class Export:
    """What is asked for: an entity set in a format, for an organisation and the service areas that its reader is limited to."""

    org: str
    areas: frozenset[str]
    entities: EntitySet
    format: Format

    def file_name(self, today: date) -> str:
        """What the file is called when it is saved."""
        return f"{self.org}-{self.entities.name}-{today.isoformat()}.{self.format}"
