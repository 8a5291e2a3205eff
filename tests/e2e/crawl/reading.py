"""What tools that read figures see of another organisation: by OData, as files, and by SQL with a role of their own.

The other organisation's own system and role read the same, and must find its identifiers: else nothing would be shown.
"""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from chassis import direct
from loop_cli import bi_roles
from tests.e2e.crawl.browsing import Caller
from tests.e2e.crawl.learning import UUID

FEED, FILES = "/reporting/odata/v4", "/reporting/exports"
FORMATS = ("csv", "json")
"""Of files: those that can be searched as text. They hold the same rows as the others."""

_RELATIONS = """
    select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
       and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
"""


@dataclass
class Read:
    """What should not be, a line for each; how much was read; and what the other organisation's own readers found of it."""

    wrong: list[str] = field(default_factory=list)
    sets: int = 0
    files: int = 0
    filters: int = 0
    relations: int = 0
    own: set[str] = field(default_factory=set)
    own_by_sql: set[str] = field(default_factory=set)


async def read_all(
    theirs_by: Caller, ours: list[Caller], admin: str, orgs: tuple[str, str], theirs: frozenset[str], mark: str
) -> Read:
    """Read everything as tools of our organisation, and as the other's own. `orgs`: theirs and ours."""
    found = Read()
    names = [each["name"] for each in (await theirs_by.send("GET", FEED)).json()["value"]]
    kinds = dict(
        re.findall(r'Property Name="(\w+)" Type="Edm\.(\w+)"', (await theirs_by.send("GET", f"{FEED}/$metadata")).text)
    )
    found.sets = len(names)
    await asyncio.gather(*(_one_set(found, name, kinds, theirs_by, ours, theirs, mark) for name in names))
    for org in orgs:
        await _by_sql(found, admin, org, theirs, mark, own=org == orgs[0])
    return found


async def _one_set(
    found: Read, name: str, kinds: dict[str, str], theirs_by: Caller, ours: list[Caller], theirs: frozenset[str], mark: str
) -> None:
    rows = (await theirs_by.send("GET", f"{FEED}/{name}?$top=50")).json()["value"]
    known = {column: value for row in rows for column, value in row.items() if isinstance(value, str) and value in theirs}
    found.own |= set(known.values())
    for who in ours:
        for path in (f"{FEED}/{name}", *(f"{FILES}/{name}.{each}" for each in FORMATS)):
            answer = await who.send("GET", path)
            found.files += path.startswith(FILES) and answer.is_success
            _look(found, f"{who.name}: {path}", answer.text, theirs, mark)
        for column, value in known.items():
            asked = [
                await who.send("GET", f"{FEED}/{name}?$filter={_equal(kinds, column, each)}")
                for each in (value, _nobody(value))
            ]
            found.filters += 1
            if [each.status_code for each in asked] != [200, 200] or any(_rows(each) for each in asked):
                found.wrong.append(f"{who.name}: {name} where {column} is {value}: {[each.text[:200] for each in asked]}")


def _equal(kinds: dict[str, str], column: str, value: str) -> str:
    return f"{column} eq {value}" if kinds.get(column) == "Guid" else f"{column} eq '{value}'"


def _nobody(value: str) -> str:
    return str(uuid4()) if UUID.fullmatch(value) else f"{value[:-3]}q7x"


def _rows(answer: httpx.Response) -> list[Any]:
    rows: list[Any] = answer.json().get("value", ["none"])
    return rows


def _look(found: Read, where: str, text: str, theirs: frozenset[str], mark: str) -> None:
    told = {each for each in UUID.findall(text) if each in theirs}
    if told or mark in text.lower():
        found.wrong.append(f"{where} tells of {sorted(told)[:3] or mark}")


async def _by_sql(found: Read, admin: str, org: str, theirs: frozenset[str], mark: str, *, own: bool) -> None:
    """Make a role as the operator's command does, read every row of all that it may read, and end it."""
    role, password = direct.new_role(), direct.new_password()
    root = await asyncpg.connect(admin)
    try:
        async with root.transaction():
            await bi_roles.make(root, role, direct.verifier(password), (org, "The crawler", []))
        reader = await asyncpg.connect(re.sub(r"//[^@]*@", f"//{role}:{password}@", admin))
        try:
            for relation in [row[0] for row in await reader.fetch(_RELATIONS)]:
                text = "\n".join(row[0] for row in await reader.fetch(f"select t::text from {relation} t"))
                if own:
                    found.own_by_sql |= {each for each in UUID.findall(text) if each in theirs}
                else:
                    found.relations += 1
                    _look(found, f"the SQL role of {org}: {relation}", text, theirs, mark)
        finally:
            await reader.close()
        async with root.transaction():
            await bi_roles.end(root, org, role)
    finally:
        await root.close()


def admin_of(data: Path) -> str:
    """The URL of the embedded installation's administrator of PostgreSQL."""
    return bi_roles.admin_url(data)
