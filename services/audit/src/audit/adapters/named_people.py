"""People of the staff directory with their names, for records that show who did what; addresses stay shut."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from audit.adapters.directory import PURPOSE
from audit.domain.directory import Person
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

_SELECT = "select code, subject, name_sealed, service_area, team, manages, line_manager, active from person"
_BY_SUBJECTS = text(f"{_SELECT} where subject = any(cast(:values as text[])) and active")
_BY_CODES = text(f"{_SELECT} where code = any(cast(:values as text[]))")
_MANAGERS = text(f"{_SELECT} where manages @> array[cast(:team as text)] and active order by code")
_LISTED = text(f"{_SELECT} where active")


class PersonDirectory:
    """Reads within the transaction that was given, and so within its organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._transaction = transaction
        self._secrets = secrets

    async def by_subject(self, subject: str) -> Person | None:
        """Who signs in as `subject`; None for somebody whom the directory does not know."""
        return (await self.by_subjects([subject])).get(subject)

    async def by_subjects(self, subjects: Iterable[str]) -> dict[str, Person]:
        """The people who sign in as these subjects, by subject."""
        people = await self._people(_BY_SUBJECTS, values=sorted(set(subjects)))
        return {person.subject: person for person in people if person.subject is not None}

    async def by_codes(self, codes: Iterable[str]) -> dict[str, Person]:
        """The people of these codes; those that are not there are left out. Also people who have left."""
        wanted = sorted(set(codes))
        people = await self._people(_BY_CODES, values=wanted) if wanted else []
        return {person.code: person for person in people}

    async def managers_of(self, team: str) -> list[Person]:
        """Who manages a team, by code; people who have left do not."""
        return await self._people(_MANAGERS, team=team)

    async def listed(self) -> list[Person]:
        """Everybody who is here, by name."""
        return sorted(await self._people(_LISTED), key=lambda person: (person.name.casefold(), person.code))

    async def _people(self, statement: Any, **values: Any) -> list[Person]:
        rows = await self._transaction.connection.execute(statement, values)
        return [self._person(row) for row in rows]

    def _person(self, row: Any) -> Person:
        name = self._secrets.open(self._transaction.org, PURPOSE, bytes(row.name_sealed))
        manages = frozenset(row.manages)
        return Person(row.code, name, row.subject, row.service_area, row.team, manages, row.line_manager, row.active)
