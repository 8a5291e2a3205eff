"""What the list of links can be narrowed by."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Stands = Literal["waiting", "begun", "answered", "ended", "withdrawn", "poster"]
Sent = Literal["to-send", "sent", "delivered", "undelivered", "reminded", "declined"]
SENTS: tuple[Sent, ...] = get_args(Sent)
STANDS: tuple[Stands, ...] = get_args(Stands)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What was chosen; empty for all. `month` is the first day of the month of issue, `reference` how it begins."""

    stands: Stands | None = None
    questionnaire: str = ""
    team: str = ""
    channel: str = ""
    month: date | None = None
    reference: str = ""
    sent: Sent | None = None


def month_of(text: str) -> date | None:
    """The first day of a month written like 2026-11; None for anything else."""
    year, _, month = text.partition("-")
    if not (len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdecimal()):  # noqa: PLR2004 - digits
        return None
    try:
        return date(int(year), int(month), 1)
    except ValueError:
        return None


def months_back(today: date, count: int = 24) -> list[date]:
    """The first days of the last months, this one first."""
    months = today.year * 12 + today.month - 1
    return [date((months - back) // 12, (months - back) % 12 + 1, 1) for back in range(count)]
