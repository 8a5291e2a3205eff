"""What a list of complaints is narrowed to, and how it is ordered."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Due = Literal["today", "week", "suspended", "decide", "letters"]
"""Of what is open: due on the day or in its week, standing still, or asked for and to be decided. And, open or closed, those of
which a letter did not arrive."""
Order = Literal["received", "due"]
"""Newest first; or open ones by what is due first."""


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to, as at the day `on`. `areas` are those to which the caller is limited (empty: all).

    `past` says that the day is over, so that a complaint may have been open then and be closed now; `due` is asked of today.
    """

    on: date
    past: bool = False
    procedure: str | None = None
    open: bool | None = None
    service_area: str | None = None
    overdue: bool = False
    due: Due | None = None
    areas: frozenset[str] = frozenset()
