"""A service's kinds of retention, held against its tables: none is forgotten, and nothing sealed of a kind stays behind."""

from collections.abc import Iterable, Mapping

from chassis.retention.kinds import Declared, Delete, Empty
from chassis.retention.none_needed import OF_EVERY_SERVICE
from chassis.sealed import Sealed


def left_out(declared: Declared, sealed: Sealed, tables: Iterable[str], stay: Mapping[str, str] | None = None) -> list[str]:
    """What is wrong: tables that are in no kind and not said to need none, or both; sealed columns that no step takes.

    `stay` are sealed columns of a kind that stay, each with the reason.
    """
    there, reasons = set(tables), dict(declared.none_needed)
    wrong = [f"{each} is in no kind, and not said to need none" for each in sorted(there - declared.tables - reasons.keys())]
    # What needs none of its own may still lose rows with a record.
    whole = {step.table for kind in declared.kinds for step in kind.steps if isinstance(step, Delete)}
    emptied = {
        (step.table, column)
        for kind in declared.kinds
        for step in kind.steps
        if isinstance(step, Empty)
        for column in step.columns
    }
    wrong += [f"{each} is in a kind and said to need none" for each in sorted((declared.tables - whole) & reasons.keys())]
    wrong += [f"{each} is no table" for each in sorted((declared.tables | _own(reasons, there)) - there)]
    wrong += [
        f"{column.table}.{column.name} is sealed and stays"
        for column in sealed.columns
        # A statement goes with the record beside which it stands (`chassis.retention.asked`).
        if column.table in declared.tables - whole - {"subject_note"}
        and (column.table, column.name) not in emptied
        and f"{column.table}.{column.name}" not in (stay or {})
    ]
    return wrong


def _own(reasons: Mapping[str, str], there: set[str]) -> set[str]:
    """Tables that a service says of itself; those that the chassis makes are not in every service."""
    return {each for each in reasons if each not in OF_EVERY_SERVICE or each in there}
