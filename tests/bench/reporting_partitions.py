"""One million survey answers in one table, and in a table partitioned by month: what reports, feeds and the projection take.

The same rows, indexes and statements (those of the service itself) against both. A partitioned table has the day in its primary
key, so whoever writes has to look in every other month for the row that a correction of the day would leave behind: that
statement is part of its writing. ADR 0015 rests on these figures. Run it with `python -m tests.bench reporting_partitions`.
"""

import asyncio
import json
import re
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from reporting.adapters.facts import ANSWER
from reporting.adapters.tally_sql import compose
from reporting.domain.meanings import Favourable, Meanings
from reporting.domain.periods import parse
from reporting.domain.tallies import Tally
from tests.bench._reporting import EHCP, ORG, installation, share, took

RESPONSES = share(125_000)  # of eight answers: a million
FIRST, MONTHS = date(2021, 4, 1), 60
RUNS = 15
BATCH = 500
LONGEST_SECONDS = 120 + share(1800)
"""For one statement: to fill a table with a million rows takes minutes."""
PLAIN, PARTED = "fact_answer", "parted_answer"

_FILL = f"""
insert into {PLAIN} (org, response_id, question, position, questionnaire, questionnaire_version, channel, service_area, team,
                     about_on, answered_on, state, choices, occurred_at, changed_at, changed_sequence)
select '{ORG}', md5('r' || r)::uuid, q.code, q.n,
       (array['new-ehcp', 'annual-review', 'have-your-say', 'carer-call'])[r % 4 + 1], 1, 'link',
       (array['send', 'safeguarding', 'through-care'])[r % 3 + 1], 'team-' || r % 12,
       date '{FIRST}' + r % 1826, date '{FIRST}' + r % 1826 + 3, 'answered',
       array[(array['yes', 'partly', 'no'])[(r + q.n) % 3 + 1]], now(), now(), r
  from generate_series(1, {RESPONSES}) r cross join unnest($1::text[]) with ordinality q (code, n)
"""
_PAGE = """
select * from {table} where org = 'worcestershire' and (response_id, question) > ($1, '')
 order by response_id, question limit 5000
"""
DIALECT = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
_MOVED = f"""
delete from {PARTED} held using jsonb_to_recordset($1::jsonb) new (response_id uuid, question text, about_on date)
 where held.org = '{ORG}' and held.response_id = new.response_id and held.question = new.question
   and held.about_on <> new.about_on
"""
_YEAR = "select questionnaire, count(*) from {table} where about_on between $1 and $2 and state = 'answered' group by 1"


def run() -> dict[str, float]:
    """Milliseconds of each, plain and partitioned."""
    with installation(("reporting",)) as held:
        return asyncio.run(_measure(held.databases["reporting"].url("admin")))


async def _measure(url: str) -> dict[str, float]:
    # A statement that never ends is an error with its name, and no bench that never ends.
    connection = await asyncpg.connect(url, command_timeout=LONGEST_SECONDS, timeout=30)
    try:
        await connection.execute("set search_path = reporting")
        await connection.execute(_FILL, list(EHCP))
        await _partition(connection)
        await connection.execute(f"insert into {PARTED} select * from {PLAIN}")
        figures: dict[str, float] = {}
        await connection.execute(f"vacuum analyze {PLAIN}")
        await connection.execute(f"vacuum analyze {PARTED}")
        for name, measured in _readings(connection).items():
            for table, word in ((PLAIN, "plain"), (PARTED, "partitioned")):
                figures[f"{name} {word}, ms"] = await _median(lambda table=table, measured=measured: measured(table))  # type: ignore[misc]
        for table, word in ((PLAIN, "plain"), (PARTED, "partitioned")):
            figures[f"write {BATCH} responses again {word}, ms"] = await _median(lambda table=table: _write(connection, table))  # type: ignore[misc]
        return figures
    finally:
        await connection.close()


async def _partition(connection: asyncpg.Connection) -> None:
    await connection.execute(f"create table {PARTED} (like {PLAIN} including defaults) partition by range (about_on)")
    month = FIRST
    for _ in range(MONTHS):
        following = (month + timedelta(days=32)).replace(day=1)
        name = f"{PARTED}_{month:%Y_%m}"
        await connection.execute(f"create table {name} partition of {PARTED} for values from ('{month}') to ('{following}')")
        month = following
    await connection.execute(f"create table {PARTED}_rest partition of {PARTED} default")
    await connection.execute(f"alter table {PARTED} add primary key (org, response_id, question, about_on)")
    await connection.execute(f"create index on {PARTED} (org, questionnaire, about_on)")
    await connection.execute(f"alter table {PARTED} enable row level security")


def _readings(connection: asyncpg.Connection) -> dict[str, Callable[[str], Awaitable[Any]]]:
    """The statements of a report for a quarter, of one that compares five, of a year over all, and of pages of the feed."""
    quarters = [parse(code) for code in ("2023-24-q1", "2022-23-q4", "2022-23-q3", "2022-23-q2", "2022-23-q1")]
    favourable = Meanings(tuple(Favourable("new-ehcp", 1, question, ("yes",), None) for question in EHCP))
    only = (("questionnaire", ("new-ehcp",)),)
    where = (("service_area", ("send", "safeguarding")), *only)
    asked = [Tally("answers_favourable", each.first, each.last, where, "question", EHCP) for each in quarters]

    async def tally(table: str, count: int) -> None:
        statement, values = compose(asked[:count], favourable)
        compiled = text(statement).bindparams(**values).compile(dialect=DIALECT)
        given = [values[name] for name in compiled.positiontup or ()]
        await connection.fetch(re.sub(r"\bfact_answer\b", table, str(compiled)), *given)

    async def year(table: str) -> None:
        await connection.fetch(_YEAR.format(table=table), date(2023, 4, 1), date(2024, 3, 31))

    async def page(table: str) -> None:
        await connection.fetch(_PAGE.format(table=table), "80000000-0000-0000-0000-000000000000")

    return {
        "report of a quarter": lambda table: tally(table, 1),
        "report of five quarters": lambda table: tally(table, 5),
        "year over all questionnaires": year,
        "feed page of 5,000": page,
    }


async def _write(connection: asyncpg.Connection, table: str) -> None:
    """A batch of responses that are told again, as the projection writes it; nothing is left changed."""
    transaction = connection.transaction()
    await transaction.start()
    rows = await connection.fetch(
        f"select response_id, min(about_on) as about_on from {PLAIN} where changed_sequence % 250 = 7 group by 1 limit {BATCH}"
    )
    sample = {"questionnaire": "new-ehcp", "questionnaire_version": 1, "channel": "link", "service_area": "send"}
    stamps = {"occurred_at": "2022-04-01T09:00:00Z", "changed_at": "2022-04-01T09:00:00Z", "changed_sequence": 10_000_000}
    answers = [{"question": code, "position": n, "state": "answered", "choices": ["no"]} for n, code in enumerate(EHCP, 1)]
    body = [
        {"response_id": str(row["response_id"]), "about_on": str(row["about_on"]), "answered_on": str(row["about_on"]),
         "answers": answers, **sample, **stamps} for row in rows
    ]  # fmt: skip
    statement = ANSWER.upsert.compile(dialect=DIALECT)
    given = {"org": ORG, "rows": json.dumps(body)}
    words = re.sub(r"\bfact_answer\b", table, str(statement))
    if table == PARTED:
        words = words.replace("on conflict (org, response_id, question)", "on conflict (org, response_id, question, about_on)")
        keys = [(each["response_id"], each["about_on"]) for each in body]
        flat = [{"response_id": key, "question": code, "about_on": on} for key, on in keys for code in EHCP]
        await connection.execute(_MOVED, json.dumps(flat))
    await connection.fetch(words, *[given[name] for name in statement.positiontup or ()])
    await transaction.rollback()


async def _median(measured: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds, the median of some runs after one that warms up."""
    await measured()
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        await measured()
        seconds.append(took(began))
    return statistics.median(seconds) * 1000
