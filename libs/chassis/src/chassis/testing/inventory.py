"""A service's declaration of what it holds of people, held against the inventory of docs/privacy.md."""

import re
from pathlib import Path

from chassis.subject.declaring import Subject, of_tables

_ROW = re.compile(r"^\| `(\w+)\.(\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|", re.MULTILINE)


def undeclared(subject: Subject, document: Path) -> list[str]:
    """Columns of the inventory that are in no kind of record, and whose table is not said to be elsewhere."""
    declared = of_tables(subject.kinds)
    return [
        f"{table}.{column}"
        for schema, table, *cells in _ROW.findall(document.read_text())
        if schema == subject.service and table not in subject.elsewhere
        for cell in cells
        for column in re.findall(r"`(\w+)`", cell)
        if column not in declared.get(table, set())
    ]
