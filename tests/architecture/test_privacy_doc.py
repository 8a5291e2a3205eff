"""The inventory in docs/privacy.md against the migrations: what it names is there, and no binary column is left out of it.

Both are read as text, so that this needs no database. That each service declares what it has sealed is held against a real
schema by its own `test_sealed.py`.
"""

import re
from collections import defaultdict
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "privacy.md"
MIGRATIONS = {
    **{name: ROOT / "services" / name / "migrations" / "versions" for name in ("audit", "feedback", "complaints", "reporting")},
    "gateway": ROOT / "gateway" / "migrations" / "versions",
}
CHASSIS = ROOT / "libs" / "chassis" / "src" / "chassis"
MECHANISMS = [
    CHASSIS / name
    for name in (
        "tenancy.py",
        "trail/tables.py",
        "retention/tables.py",
        "subject/tables.py",
        "subject/restricted.py",
        "attachments/tables.py",
        "direct.py",
    )
]

_TYPE = r"(?:text|uuid|bytea|jsonb|date|timestamptz|boolean|smallint|integer|bigint|double precision)\b"
_COLUMN = re.compile(rf"(?:^|[,(\n\"]|\badd column|\badd|\balter column)\s*(\w+)(?:\s+|\": \")({_TYPE})")
_RENAMED = re.compile(r"alter table \S*?\.(\w+) rename column (\w+) to (\w+)")
_TABLE = re.compile(
    r"(?:create (?:unlogged )?table(?: if not exists)?|alter table) \S*?\.(\w+|\{table\})"
    r"|^    \"(\w+)\": (?:\(\s*)?(?:f?\"|\{\"|CHANGES|_)|^(CHANGES) = ",
    re.MULTILINE,
)
_CONSTANT = re.compile(r"^(\w+) = \(?\s*f?\"([^\"\n]+)\"", re.MULTILINE)
_INVENTORY = re.compile(r"^\| `(\w+)\.(\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|", re.MULTILINE)


def columns(schema: str) -> dict[str, dict[str, str]]:
    """Every column that a migration of a schema ever made, with its type, by table."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for path in (*sorted(MIGRATIONS[schema].glob("*.py")), *MECHANISMS):
        text = path.read_text()
        for name, value in _CONSTANT.findall(text):
            text = text.replace(f"{{{name}}}", value)
        text = re.sub(r"--[^\n\"]*", "", text)
        marks = list(_TABLE.finditer(text))
        for mark, after in zip_longest(marks, marks[1:]):
            piece = text[mark.end() : after.start() if after else len(text)]
            made = dict(_COLUMN.findall(piece))
            for table in _tables(next(filter(None, mark.groups())), text, mark.start()):
                for column, kind in made.items():
                    found[table].setdefault(column, kind)
        for table, before, after_that in _RENAMED.findall(text):
            found[table][after_that] = found[table][before]
    return found


def _tables(name: str, text: str, at: int) -> list[str]:
    """The tables of a piece of a migration: some are made, or changed, several at a time, by one text."""
    if name == "CHANGES":
        return re.findall(r"CHANGES\.format\(name=\"(\w+)\"", text)
    if name != "{table}":
        return [name]
    loops = re.findall(r"for table in ([A-Z]+):", text[:at])
    listed = re.search(rf"^{loops[-1]} = \((.*?)\)", text, re.MULTILINE | re.DOTALL) if loops else None
    return re.findall(r"\"(\w+)\"", listed[1]) if listed else re.findall(r"_history\(\"(\w+)\"", text)


def inventory() -> dict[tuple[str, str], list[list[str]]]:
    """What the document says of each table: its sealed columns, its keyed ones, and those in the clear."""
    return {
        (schema, table): [re.findall(r"`(\w+)`", cell) for cell in cells]
        for schema, table, *cells in _INVENTORY.findall(DOCUMENT.read_text())
    }


class TestInventory:
    def test_what_it_names_is_there(self) -> None:
        schemas = {schema: columns(schema) for schema in MIGRATIONS}
        named = [(*at, column) for at, cells in inventory().items() for cell in cells for column in cell]
        assert len(named) > 300
        assert [each for each in named if each[2] not in schemas[each[0]].get(each[1], {})] == []

    def test_no_table_stands_there_twice(self) -> None:
        tables = [found.group(1, 2) for found in _INVENTORY.finditer(DOCUMENT.read_text())]
        assert [each for each in tables if tables.count(each) > 1] == []

    def test_no_binary_column_is_left_out(self) -> None:
        told = {(*at, column) for at, cells in inventory().items() for cell in cells[:2] for column in cell}
        missing = [
            f"{schema}.{table}.{column}"
            for schema in MIGRATIONS
            for table, made in columns(schema).items()
            for column, kind in made.items()
            if kind == "bytea" and (schema, table, column) not in told and not _not_there(schema, table)
        ]
        assert missing == []

    def test_what_is_said_to_be_sealed_is_binary_or_json(self) -> None:
        schemas = {schema: columns(schema) for schema in MIGRATIONS}
        sealed = [(schema, table, column) for (schema, table), cells in inventory().items() for column in cells[0]]
        assert [each for each in sealed if schemas[each[0]][each[1]][each[2]] not in {"bytea", "jsonb"}] == []


_MADE_BY = {
    "mail": "create_mail_table",
    "upload": "create_upload_table",
    "idempotency": "create_idempotency_table",
    "trail": "create_trail_tables",
    "trail_checkpoint": "create_trail_tables",
    "trail_beginning": "create_trail_beginning",
    **dict.fromkeys(("retention_hold", "retention_order", "retention_proof"), "create_retention_tables"),
    "stored_file": "create_file_tables",
    "stored_piece": "create_file_tables",
    **dict.fromkeys(("subject_request", "subject_record", "subject_decision", "subject_note"), "create_subject_tables"),
    "subject_restriction": "create_restriction_table",
}


def _not_there(schema: str, table: str) -> bool:
    """Whether a table of the mechanisms is one that this schema does not have."""
    maker = _MADE_BY.get(table)
    return maker is not None and not any(f"{maker}(" in path.read_text() for path in MIGRATIONS[schema].glob("*.py"))
