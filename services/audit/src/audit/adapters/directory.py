"""The staff directory: who somebody is when they sign in, what they are called, and who manages a team."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from audit.domain.person import Person
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

__all__ = ["PURPOSE", "Contact", "Directory", "Person"]

PURPOSE = "person"
"""Purpose of the key that seals names and addresses of staff."""

_COLUMNS = "code, subject, service_area, team, manages, line_manager, duties, active, agency"
_OF_SUBJECT = text(f"select {_COLUMNS} from person where subject = :subject and active")  # noqa: S608 - constants
_BY_CODE = text(f"select {_COLUMNS} from person where code = :code")  # noqa: S608 - constants
_EVERYBODY = text(f"select {_COLUMNS} from person order by code")  # noqa: S608 - constants
_WORKING = text("select code, name_sealed from person where active")
_MANAGERS = text(f"select {_COLUMNS} from person where manages @> array[cast(:team as text)] and active order by code")  # noqa: S608 - constants
_NAMES = text("select code, name_sealed from person where code = any(cast(:codes as text[]))")
_NAMES_OF_SUBJECTS = text("select subject, name_sealed from person where subject = any(cast(:subjects as text[]))")
_CONTACTS = text("select code, name_sealed, email_sealed from person where code = any(cast(:codes as text[])) and active")


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody is written to. `email` is None where the directory has none: they cannot be reminded."""

    code: str
    name: str
    email: str | None


class Directory:
    """Reads the directory within the transaction that was given."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._connection = transaction.connection
        self._org = transaction.org
        self._secrets = secrets

    async def person_of(self, subject: str) -> Person | None:
        """Who signed in; None for somebody whom the directory does not know, or who has left."""
        row = (await self._connection.execute(_OF_SUBJECT, {"subject": subject})).one_or_none()
        return _person(row) if row else None

    async def by_code(self, code: str) -> Person | None:
        """Whoever has a code, also somebody who has left; None for a code that the directory does not have."""
        row = (await self._connection.execute(_BY_CODE, {"code": code})).one_or_none()
        return _person(row) if row else None

    async def everybody(self) -> dict[str, Person]:
        """All of the directory by code, also those who have left: somebody's line may run through them."""
        return {row.code: _person(row) for row in await self._connection.execute(_EVERYBODY)}

    async def working(self) -> list[tuple[str, str]]:
        """Who works here, to be chosen from: (code, name), in the order of names."""
        rows = await self._connection.execute(_WORKING)
        return sorted(((row.code, self._open(row.name_sealed)) for row in rows), key=lambda each: each[1].casefold())

    async def managers_of(self, team: str | None) -> list[Person]:
        """Who manages a team, in the order of their codes."""
        if team is None:
            return []
        return [_person(row) for row in await self._connection.execute(_MANAGERS, {"team": team})]

    async def names(self, codes: Collection[str | None]) -> dict[str, str]:
        """Names by code; a code that the directory does not have stands for itself."""
        wanted = sorted({code for code in codes if code})
        if not wanted:
            return {}
        rows = await self._connection.execute(_NAMES, {"codes": wanted})
        found = {row.code: self._open(row.name_sealed) for row in rows}
        return {code: found.get(code, code) for code in wanted}

    async def names_of_subjects(self, subjects: Collection[str]) -> dict[str, str]:
        """Names by sign-in; a sign-in that the directory does not have is missing."""
        rows = await self._connection.execute(_NAMES_OF_SUBJECTS, {"subjects": sorted(set(subjects))})
        return {row.subject: self._open(row.name_sealed) for row in rows}

    async def contacts(self, codes: Collection[str | None]) -> dict[str, Contact]:
        """How to write to people, by code; whoever is not listed, or has left, is missing."""
        wanted = sorted({code for code in codes if code})
        rows = await self._connection.execute(_CONTACTS, {"codes": wanted}) if wanted else ()
        return {row.code: Contact(row.code, self._open(row.name_sealed), self._email(row)) for row in rows}

    def _open(self, sealed: bytes) -> str:
        return self._secrets.open(self._org, PURPOSE, bytes(sealed))

    def _email(self, row: Row[Any]) -> str | None:
        return self._open(row.email_sealed) if row.email_sealed is not None else None


def _person(row: Row[Any]) -> Person:
    fields = row._asdict()
    return Person(**fields | {"manages": frozenset(row.manages), "duties": frozenset(row.duties)})
