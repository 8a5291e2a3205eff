"""The staff directory as far as disputes and acknowledgements need it: who somebody is, and who manages a team."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Person:
    """A member of staff. `code` is the directory's own, `subject` who they are when they sign in, `manages` codes of teams."""

    code: str
    name: str = field(repr=False)
    subject: str | None = None
    service_area: str | None = None
    team: str | None = None
    manages: frozenset[str] = frozenset()
    line_manager: str | None = None
    active: bool = True


class Directory(Protocol):
    """Reads the directory of one organisation."""

    async def by_subject(self, subject: str) -> Person | None:
        """Who signs in as `subject`; None for somebody whom the directory does not know."""

    async def by_codes(self, codes: Iterable[str]) -> Mapping[str, Person]:
        """The people of these codes; those that are not there are left out. Also people who have left."""

    async def by_subjects(self, subjects: Iterable[str]) -> Mapping[str, Person]:
        """The people who sign in as these subjects, by subject."""

    async def managers_of(self, team: str) -> list[Person]:
        """Who manages a team, by code; people who have left do not."""

    async def listed(self) -> list[Person]:
        """Everybody who is here, by name."""
