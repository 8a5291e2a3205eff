"""What the semantic model counts comes out as in the reports."""

from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_counting import Counting, tally
from reporting_everything import everything
from reporting_published import worcestershire
from reporting_records import Sources
from reporting_said import published, released
from reporting_work import attempt
from sqlalchemy import text

from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.periods import parse
from reporting.domain.plain_counts import PLAIN_COUNTS, PlainCount, Where

DAY = date(2022, 4, 4)
PERIODS = [parse(code) for code in ("2021-22", "2022-23-q1", "2022-23-q2")]


def condition(where: Where) -> str:
    """In SQL what `semantic_model` says in DAX, which knows no third truth value."""
    column = f"f.{where.column}"
    values = ", ".join(f"'{value}'" if isinstance(value, str) else str(value).lower() for value in where.values)
    return {
        "empty": f"{column} is null",
        "filled": f"{column} is not null",
        "in": f"coalesce({column} in ({values}), false)",
        "is": f"{column} is not distinct from {values}",
        "is not": f"{column} is distinct from {values}",
    }[where.test]


async def rows(connection: Any, count: PlainCount, period: Any, more: tuple[Where, ...]) -> int:
    where = " and ".join(["true", *(condition(each) for each in (*count.where, *more))])
    query = f"select count(*) from {ENTITY_SETS[count.set].view} f where f.{count.day} between :first and :last and {where}"
    return int((await connection.execute(text(query), {"first": period.first, "last": period.last})).scalar_one())


@pytest.mark.usefixtures("profile")
class TestPlainCounts:
    async def test_come_out_as_in_the_reports(self, sources: Sources, counted: Counting, app: FastAPI) -> None:
        calls = [attempt("a", number, DAY, outcome) for number, outcome in enumerate(("no-answer", "declined", "done"), 1)]
        # Some that stand and some that do not: the events of everything withdraw what they have published.
        said = [released("stands"), published("stands", 1)]
        await sources.record(*worcestershire(), *everything("worcestershire-a"), *calls, *said)
        seen = set()
        async with app.state.uow.begin("worcestershire") as transaction:
            for count in PLAIN_COUNTS:
                for period in PERIODS:
                    found = sum((await counted(tally(count.measure, period))).values(), 0) if count.n is None else None
                    of = await rows(transaction.connection, count, period, ())
                    if count.n is None:
                        assert of == found, (count.measure, period.code)
                    else:
                        expected = list((await counted(tally(count.measure, period))).values()) or [(0, 0)]
                        n = await rows(transaction.connection, count, period, count.n)
                        assert (n, of) == (expected[0] if isinstance(expected[0], tuple) else (0, 0)), (
                            count.measure,
                            period.code,
                        )
                    if of:
                        seen.add(count.measure)
        # An equality of nothings would show nothing.
        assert {each.measure for each in PLAIN_COUNTS} - seen == set()
