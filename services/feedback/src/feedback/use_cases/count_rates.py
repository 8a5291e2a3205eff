"""How many of the letters were answered, by group, without what could point to a family."""

from collections.abc import Collection
from datetime import date, datetime

from chassis.days import british_day
from chassis.unit_of_work import Transaction
from feedback.adapters import rates
from feedback.domain.link_list import months_back
from feedback.domain.rates import By, RateRow, protected

MONTHS = 24
"""How far back the letters go."""


def counted_since(today: date) -> date:
    """The first day whose letters are counted."""
    return months_back(today, MONTHS)[-1]


async def count_rates(
    transaction: Transaction, by: By, questionnaire: str | None, areas: Collection[str], now: datetime
) -> list[RateRow]:
    """The lines of a table of response rates, that of all letters last."""
    today = british_day(now)
    return protected(await rates.letters_by(transaction, by, questionnaire, counted_since(today), areas, today))
