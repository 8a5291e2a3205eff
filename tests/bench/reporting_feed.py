"""Pages of 1,000 rows of the OData feed over plain SQL of the same rows.

The real web process (uvicorn) on a PostgreSQL with durable settings; a client follows the links through 100,000 survey answers.
Beside it the same rows are fetched by asyncpg with the same paging and the same role, as rows and without HTTP: what the
database and the driver alone can do. The two take turns. Run it with `python -m tests.bench reporting_feed`.
"""

import asyncio
import statistics
import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import orjson
from yarl import URL

from chassis.identity import HEADER, Identity
from reporting.domain.odata.entity_sets import SURVEY_ANSWERS
from tests.bench._reporting import ORG, Installation, installation, took

ROWS = 100_000
PAGE = 1_000
PAGES = 60
WARM_UP = 5

_ROWS = f"""
insert into fact_answer (org, response_id, question, position, questionnaire, questionnaire_version, channel, service_area,
                         about_on, answered_on, state, choices, occurred_at, changed_at, changed_sequence)
select '{ORG}', uuidv7(), 'question-' || i % 8, i % 8 + 1, 'new-ehcp', 1, 'link', 'send', date '2022-04-01' + i % 700,
       date '2022-04-05' + i % 700, 'answered', array['yes'], now(), now(), i
  from generate_series(1, {ROWS}) as i
"""
_PAGE = f"""
select {", ".join(each.name for each in SURVEY_ANSWERS.properties)} from feed_survey_answer
 where (response_id, question) > ($1, $2) order by response_id, question limit {PAGE}
"""


def run() -> dict[str, float]:
    """Measure once: milliseconds a page of each, and plain over feed."""
    with installation() as held:
        url = held.start("reporting", "main")
        return asyncio.run(_measure(held, url))


async def _measure(held: Installation, url: str) -> dict[str, float]:
    database = held.databases["reporting"]
    admin = await asyncpg.connect(database.url("admin"))
    await admin.execute("set search_path = reporting")
    await admin.execute(_ROWS)
    await admin.execute("vacuum analyze fact_answer")
    await admin.close()
    plain = await asyncpg.connect(database.url("app"))
    identity = Identity(ORG, "client:bench", "client", frozenset({"reporting:read"}))
    headers = {HEADER: held.signer("gateway").sign(identity, "reporting")}
    feed_seconds, plain_seconds = [], []
    try:
        # aiohttp, because httpx would take longer to read a page than the service to answer it.
        async with aiohttp.ClientSession(url, headers=headers) as client:
            link = "/reporting/odata/v4/SurveyAnswers"
            key: tuple[Any, str] = ("00000000-0000-0000-0000-000000000000", "")
            for _ in range(WARM_UP + PAGES):
                began = time.perf_counter()
                async with client.get(URL(link, encoded=True), raise_for_status=True) as answer:
                    content = await answer.read()
                feed_seconds.append(took(began))
                body = orjson.loads(content)
                began = time.perf_counter()
                rows = await _plain(plain, key)
                plain_seconds.append(took(began))
                if [str(rows[-1]["response_id"]), len(rows)] != [body["value"][-1]["response_id"], len(body["value"])]:
                    raise AssertionError("the feed and plain SQL read different rows")
                key = (rows[-1]["response_id"], rows[-1]["question"])
                parts = urlsplit(body["@odata.nextLink"])
                link = f"{parts.path}?{parts.query}"
    finally:
        await plain.close()
    feed, alone = statistics.median(feed_seconds[WARM_UP:]), statistics.median(plain_seconds[WARM_UP:])
    return {"feed_ms_per_page": feed * 1000, "plain_ms_per_page": alone * 1000, "ratio": alone / feed}


async def _plain(connection: asyncpg.Connection, key: tuple[Any, str]) -> list[asyncpg.Record]:
    """The rows of a page, in a transaction of the tenant as every read is."""
    async with connection.transaction():
        await connection.execute(f"select set_config('app.org', '{ORG}', true)")
        found: list[asyncpg.Record] = await connection.fetch(_PAGE, *key)
    return found
