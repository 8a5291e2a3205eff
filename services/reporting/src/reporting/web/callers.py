"""Who may read what: staff by role, machines by scope, operators everything."""

from typing import Annotated

from fastapi import Depends, Path, Query

from chassis.access import OPERATOR, requires
from chassis.days import british_today
from chassis.identity import Identity
from reporting.use_cases.read_report import Reader

READ = ("reporting:read", "role:senior-reader", "role:qa-officer", "role:complaints-officer", OPERATOR)

Caller = Annotated[Identity, Depends(requires(*READ))]
Operator = Annotated[Identity, Depends(requires(OPERATOR))]
Anywhere = Annotated[Identity, Depends(requires(*READ, installation=True))]
OperatorAnywhere = Annotated[Identity, Depends(requires(OPERATOR, installation=True))]

Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
PeriodCode = Annotated[
    str | None,
    Query(
        pattern=r"^[a-z0-9][a-z0-9.-]*$",
        max_length=80,
        description="A quarter (`2022-23-q1`: April to June 2022), half a year (`2022-23-h1`: April to September), a financial "
        "year (`2022-23`), months (`2022-06..2022-07`) or a period that the profile names. Without it, the latest "
        "that has records.",
        examples=["2022-23-q1"],
    ),
]


def reader_of(identity: Identity) -> Reader:
    """The reader's service areas, and today in the United Kingdom."""
    return Reader(british_today(), identity.areas)
