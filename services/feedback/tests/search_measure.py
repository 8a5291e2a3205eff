"""How long a search in words takes over 5,000 of 20,000 comments, through the application and a real PostgreSQL.

`pytest services/feedback/tests/search_measure.py -s -n0` prints milliseconds; a timing is no test, so it stands in none. It is
called by its name only.
"""

import sys
import time
from typing import Any
from uuid import uuid4

import asyncpg

COMMENTS, TIMES = 20_000, 7
TEXT = "Nobody rang us back for weeks and then the worker changed again, so we had to tell our story from the start. " * 3
_RESPONSE = """
    insert into feedback.response (org, id, client, reference, fingerprint, questionnaire, version, language, channel,
                                   service_area, about_on, answered_on, submitted_at, answers, worry, may_quote)
    select org, $1, client, $2, fingerprint, questionnaire, version, language, channel, service_area, about_on,
           date '2022-01-01' + cast($3 as integer), submitted_at, answers, worry, may_quote
      from feedback.response where id = $4
"""
_TEXT = (
    "insert into feedback.response_text (org, response_id, question, sealed) values ('worcestershire', $1, 'in-your-words', $2)"
)


def say(what: str, seconds: list[float]) -> None:
    """Print the times of something, in milliseconds."""
    ordered = sorted(round(each * 1000) for each in seconds)
    sys.stdout.write(f"{what}: {ordered[len(ordered) // 2]} ms in the middle ({ordered[0]} to {ordered[-1]})\n")


async def test_milliseconds_of_a_search(seat: Any, tell: Any, sql: Any, secrets_of_service: Any, database: Any) -> None:
    """Fill, search for what is nowhere, list."""
    await tell("A first one.")
    seed = await sql.value("select id from feedback.response")
    idents = [uuid4() for _ in range(COMMENTS)]
    sealed = [secrets_of_service.seal("worcestershire", "feedback-text", TEXT[: 100 + n % 230]) for n in range(COMMENTS)]
    connection = await asyncpg.connect(database.url("admin"))
    try:
        rows = [(ident, f"R-{n}", n % 1000, seed) for n, ident in enumerate(idents)]
        await connection.executemany(_RESPONSE, rows)
        await connection.executemany(_TEXT, list(zip(idents, sealed, strict=True)))
        await connection.execute("analyze")
    finally:
        await connection.close()
    alex = seat()
    page = (await alex.get("/feedback/comments")).text
    for what, path, fields in (
        ("5,000 comments looked through", "/feedback/comments/search", {"words": "needle zebra"}),
        ("the list", "/feedback/comments", {}),
        ("the list, narrowed", "/feedback/comments?unread=yes&consent=yes&period=2022-05", {}),
    ):
        seconds = []
        for _ in range(TIMES):
            began = time.perf_counter()
            answer = await (alex.send(path, page, **fields) if fields else alex.get(path))
            seconds.append(time.perf_counter() - began)
            assert answer.status_code == 200
        say(what, seconds)
