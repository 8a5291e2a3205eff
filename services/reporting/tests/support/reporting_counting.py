"""Counting a measure as the application does."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI

from reporting.adapters.tally_repository import TallyRepository
from reporting.domain.meanings import Favourable, Meanings
from reporting.domain.periods import Period, parse
from reporting.domain.tallies import Tally

Q1, Q2 = parse("2022-23-q1"), parse("2022-23-q2")


def tally(measure: str, period: Period = Q1, **more: Any) -> Tally:
    """A measure in a period."""
    return Tally(measure, period.first, period.last, **more)


class Counting:
    """Counts as the application does: n, or n and of how many for a ratio; by member."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, asked: Tally, favourable: tuple[Favourable, ...] = ()) -> Mapping[Any, Any]:
        async with self._app.state.uow.begin("worcestershire") as transaction:
            answers = await TallyRepository(transaction).answer([asked], Meanings(favourable=favourable))
        return {member: (count.n, count.of) if count.of else count.n for member, count in answers[asked].items()}
