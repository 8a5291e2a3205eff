"""Codes of a record in words: as the organisation's profile names them, so that a person is handed out what they can read.

A service says how (`Subject.wording`): for a record it gives a reader, which makes words of a value. The code stays beside them
in the data. A code that no profile names any more stands for itself.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction

Reader = Callable[[str, str, Any], str | None]
"""Of table, column and value: the words, or None where the value says it itself."""
Wording = Callable[[Transaction, str, UUID], Awaitable[Reader]]
"""Of a kind of record, by its code, and a record: how its codes are read."""

_MEMBER = text("select document -> :member from profile order by number desc limit 1")


async def member(transaction: Transaction, name: str) -> Any:
    """A member of the profile in force; an empty one where there is none."""
    return (await transaction.connection.execute(_MEMBER, {"member": name})).scalar_one_or_none() or {}


def named(members: Iterable[Mapping[str, Any]] | None, name: str = "name") -> dict[str, str]:
    """The names of a list of codes."""
    return {each["code"]: each.get(name) or each["code"] for each in members or ()}


async def of_organisation(transaction: Transaction) -> dict[str, dict[str, str]]:
    """Names of service areas, teams and themes, by the columns that hold them."""
    found = await member(transaction, "organisation")
    return {
        "service_area": named(found.get("service_areas")),
        "team": named(found.get("teams")),
        "themes": named(found.get("themes")),
    }


def reader(lists: Mapping[str, Mapping[str, str]]) -> Reader:
    """Reads columns by lists of names: by `table.column`, or by the column alone."""

    def read(table: str, column: str, value: Any) -> str | None:
        names = lists.get(f"{table}.{column}") or lists.get(column)
        if not names:
            return None
        if isinstance(value, str):
            return names.get(value)
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return "; ".join(names.get(each, each) for each in value)
        return None

    return read
