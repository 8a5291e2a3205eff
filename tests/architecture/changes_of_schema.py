"""What a migration does to a schema on which the version before still runs, read from its SQL (docs/guides/upgrading.md)."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config

_NAME = r'(?:if (?:not )?exists )?(?:only )?"?([a-z_][a-z0-9_]*(?:"?\."?[a-z_][a-z0-9_]*)?)"?'
_MADE = re.compile(rf"create (?:unlogged )?table {_NAME}")

_BREAKS = {
    r"drop (table|view|materialized view|function|procedure|type|domain|sequence|schema|index|policy|trigger)\b": "takes away",
    r"alter table .*\bdrop (column|default|expression)\b": "takes away",
    r"alter \w+ .*\brename\b": "renames",
    r"alter table .*\balter (column )?\S+ (set data )?type\b": "changes the type of a column, and writes the whole table anew",
    r"alter table .*\bset not null\b": "refuses what the version before writes",
    r"alter table .*\b(enable|force) row level security\b": "hides rows from the version before",
    r"create policy\b": "hides rows from the version before",
    r"alter policy\b": "hides rows from the version before",
    r"create (constraint )?trigger\b": "holds the table while it is made, and does what the version before does not expect",
    r"revoke\b": "takes a right away",
    r"truncate\b": "deletes rows",
    r"(update|delete from)\b": "moves rows: let a worker do it, some hundred at a time",
    r"insert into\b": "moves rows: let a worker do it, some hundred at a time",
    r"lock table\b": "holds the table",
    r"set (session |local )?(lock_timeout|statement_timeout)\b": "sets a time of its own; `chassis.migrate` sets them for all",
    r"cluster\b|vacuum full\b|reindex (table|index|schema) (?!concurrently)": "holds the table",
}
_OF_A_TABLE = re.compile(
    r"(?:on|table|into|update|from) (?:only )?(?:if exists )?\"?([a-z_][a-z0-9_]*\"?\.\"?[a-z_][a-z0-9_]*)\"?", re.ASCII
)


def sql_of(deployable: Path, before: str, revision: str) -> str:
    """The SQL of one migration, as alembic prints it without a database."""
    out = io.StringIO()
    config = Config(output_buffer=out)
    config.set_main_option("script_location", str(deployable / "migrations"))
    command.upgrade(config, f"{before}:{revision}", sql=True)
    return out.getvalue()


def statements(sql: str) -> Iterator[str]:
    """Each statement in lower case and on one line, without comments and without what stands in quotes."""
    sql = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", sql, flags=re.DOTALL)
    sql = re.sub(r"'(?:[^']|'')*'", "''", sql)
    sql = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)
    for each in sql.split(";"):
        if found := " ".join(each.lower().split()):
            yield found


def faults(sql: str) -> list[str]:
    """What in an expansion the version before would not live with, each with its statement."""
    found = list(statements(sql))
    new = {match[1].replace('"', "") for each in found if (match := _MADE.match(each))}
    return [f"{why}: {each[:160]}" for each in found if not _concerns_only(each, new) for why in _faults_of(each)]


def _concerns_only(statement: str, new: set[str]) -> bool:
    """Whether a statement is about a table that the same migration makes: on that, everything is allowed."""
    match = _OF_A_TABLE.search(statement)
    return match is not None and match[1].replace('"', "") in new and not statement.startswith("insert into")


def _faults_of(statement: str) -> Iterator[str]:
    # What alembic writes about itself.
    if "alembic_version" in statement:
        return
    for pattern, why in _BREAKS.items():
        if re.match(pattern, statement):
            yield why
    if re.match(r"create (unique )?index (?!concurrently)", statement):
        yield "holds off who writes while it is built: create index concurrently"
    if re.match(r"create unique index", statement):
        yield "refuses what the version before writes"
    if statement.startswith("alter table"):
        yield from _faults_of_additions(statement)


def _faults_of_additions(statement: str) -> Iterator[str]:
    for clause in re.split(r",\s*(?=add |alter |drop )", statement):
        column = re.search(r"\badd (column )?(?!constraint|primary|unique|check|foreign|exclude)", clause)
        if column and "not null" in clause and not re.search(r"\bdefault\b|\bgenerated\b", clause):
            yield "a column that the version before leaves empty is not null without a default"
        if column and re.search(
            r"\bgenerated always as \(.*\) stored|\bdefault (clock_timestamp|gen_random_uuid|random)\b", clause
        ):
            yield "writes the whole table anew"
        if re.search(r"\badd (constraint \S+ )?(unique|primary key|exclude)\b", clause):
            yield "refuses what the version before writes"
        elif re.search(r"\badd (constraint \S+ )?(check|foreign key)\b", clause) and "not valid" not in clause:
            yield "reads the whole table while it holds it, and may refuse what the version before writes: not valid"
