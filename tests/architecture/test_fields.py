"""docs/security/sealed-fields.md against what the services declare: every sealed column once, and roles that exist."""

import importlib
import re
from pathlib import Path

from chassis import sealed
from gateway.domain.scopes import ROLES, SCOPES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/security/sealed-fields.md").read_text()
ROW = re.compile(r"^\| `(\w+)\.(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
CODES = {*ROLES, *SCOPES, "operator"}
SHARED = (*sealed.MAIL, *sealed.UPLOAD, *sealed.RETENTION, *sealed.SUBJECT)


def declared() -> set[tuple[str, str, str]]:
    found = set()
    for service in ("audit", "feedback", "complaints", "reporting", "gateway"):
        for column in importlib.import_module(f"{service}.sealed").SEALED.columns:
            found.add(("any" if column in SHARED else service, column.table, column.name))
    return found


def test_every_sealed_column_stands_here_once() -> None:
    named = [
        (schema, table, column)
        for schema, table, columns, _, _ in ROW.findall(PAGE)
        for column in re.findall(r"`(\w+)`", columns)
    ]
    assert sorted(named) == sorted(declared())


def test_every_row_says_who_by_roles_and_scopes_that_exist() -> None:
    rows = ROW.findall(PAGE)
    assert len(rows) == len(re.findall(r"^\| `", PAGE, re.MULTILINE))
    assert not {code for *_, read, written in rows for code in re.findall(r"`([^`]+)`", read + written)} - CODES
