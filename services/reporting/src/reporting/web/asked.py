"""What an address asks of a report: period, service areas, teams, comparison."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query
from pydantic import StringConstraints

from reporting.domain.cut import Cut
from reporting.domain.tables import ReportView
from reporting.web.callers import PeriodCode

MOST_NAMED = 2  # parts in a file's name
# Empty as well: a form without script sends what was left empty too.
_Part = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]*)?$", max_length=80)]
_Compared = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9.,-]*)?$", max_length=400)]

AreaCodes = Annotated[
    list[_Part],
    Query(
        max_length=100,
        description="Service areas to which the report is cut; repeat it for several. Never wider than what the caller may "
        "see. "
        "What is not recorded by service area is not shown then (`not-collected`, with a note).",
        examples=[["safeguarding"]],
    ),
]
TeamCodes = Annotated[list[_Part], Query(max_length=100, description="Teams to which it is cut, as `area`.")]
Compared = Annotated[
    list[_Compared],
    Query(
        max_length=20,
        description="With which earlier periods each table compares itself: a number of periods before (`4`; `0` for none), "
        "`year-before`, or the code of an earlier period of the same kind; several with "
        "commas or by repeating it. Without it, as the recipe says.",
        examples=[["4"], ["year-before"]],
    ),
]


@dataclass(frozen=True)
class Asked:
    """A period's code (None: the last with records that is over) and the cut."""

    period: str | None
    cut: Cut


def _asked(period: PeriodCode = None, area: AreaCodes = [], team: TeamCodes = [], compare: Compared = []) -> Asked:  # noqa: B006 - FastAPI copies it
    def kept(values: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each for value in values for each in value.split(",") if each))

    return Asked(period or None, Cut(kept(area), kept(team), kept(compare)))


Wanted = Annotated[Asked, Depends(_asked)]


def file_name(view: ReportView, cut: Cut, *more: str) -> str:
    """What a file of a report is called, without its ending: what it is of stands in it."""
    parts = [*cut.areas, *cut.teams]
    of = [*parts] if len(parts) <= MOST_NAMED else [f"{len(parts)}-parts"]
    return "-".join([view.code, *more, view.period.code.replace("..", "-to-"), *of])
