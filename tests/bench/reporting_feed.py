"""Pages of 5,000 rows of the OData feed over plain COPY of the same rows, and how both grow from 100,000 rows to a million.

The real web process (uvicorn) on a PostgreSQL with durable settings; a client follows the links through survey answers. Beside
it the same rows leave the database by COPY, with the same paging and role, over the driver and without HTTP: the fastest
way that there is to get them out. The two take turns. Then pages of changes, of as many answers as a page holds. Run it with
`python -m tests.bench reporting_feed`.
"""

import asyncio
import io
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
from tests.bench._reporting import ORG, Installation, installation, share, took

SIZES = (share(100_000), share(1_000_000))
PAGE = share(5_000)
PAGES = 15
WARM_UP = 3
SECONDS_TAKEN = 120
AIMS = {"ratio_at_100000": "0.30 or more", "ratio_at_1000000": "0.30 or more", "late_over_early_page": "about 1"}

_ROWS = f"""
insert into fact_answer (org, response_id, question, position, questionnaire, questionnaire_version, channel, service_area,
                         about_on, answered_on, state, choices, occurred_at, changed_at, changed_sequence)
select '{ORG}', r.id, 'question-' || q, q, 'new-ehcp', 1, 'link', 'send', date '2022-04-01' + q * 80,
       date '2022-04-05' + q * 80, 'answered', array['yes'], now(), now(), q
  from (select uuidv7() as id from generate_series(1, {{responses}})) r cross join generate_series(1, 8) q
"""
_TOUCHED = f"""
insert into feed_touched (org, kind, root_id, xid)
select distinct org, 'response', response_id, pg_current_xact_id() from fact_answer where org = '{ORG}'
on conflict (org, kind, root_id) do nothing
"""
_COLUMNS = ", ".join(each.name for each in SURVEY_ANSWERS.properties)
_PAGE = f"""
select {_COLUMNS} from feed_survey_answer
 where (response_id, question) > ($1, $2) order by response_id, question limit {PAGE}
"""
_FIRST = ("00000000-0000-0000-0000-000000000000", "")


def run() -> dict[str, float]:
    """Measure once: milliseconds a page of each, and COPY over feed."""
    with installation() as held:
        url = held.start("reporting", "main")
        return asyncio.run(_measure(held, url))


async def _measure(held: Installation, url: str) -> dict[str, float]:
    database = held.databases["reporting"]
    admin = await asyncpg.connect(database.url("admin"))
    await admin.execute("set search_path = reporting")
    plain = await asyncpg.connect(database.url("app"))
    identity = Identity(ORG, "client:bench", "client", frozenset({"reporting:read"}))
    headers = {HEADER: held.signer("gateway").sign(identity, "reporting"), "Prefer": f"odata.maxpagesize={PAGE}"}
    figures: dict[str, float] = {}
    there = 0
    try:
        for size in SIZES:
            async with aiohttp.ClientSession(url, headers=headers) as client:
                since = await _delta_link(client)
                await admin.execute(_ROWS.format(responses=(size - there) // 8))
                await admin.execute(_TOUCHED)
                await admin.execute("vacuum analyze fact_answer, feed_touched")
                feed, copied = await _pages(client, plain, "/reporting/odata/v4/SurveyAnswers")
                changes, _ = await _pages(client, None, since)
            there = size
            figures |= {
                f"feed_ms_per_page_at_{size}": _middle(feed) * 1000,
                f"copy_ms_per_page_at_{size}": _middle(copied) * 1000,
                f"ratio_at_{size}": _middle(copied) / _middle(feed),
                f"changes_ms_per_page_at_{size}": _middle(changes) * 1000,
            }
        figures["late_over_early_page"] = (
            figures[f"feed_ms_per_page_at_{SIZES[1]}"] / figures[f"feed_ms_per_page_at_{SIZES[0]}"]
        )
    finally:
        await plain.close()
        await admin.close()
    return figures


async def _pages(client: aiohttp.ClientSession, plain: asyncpg.Connection | None, link: str) -> tuple[list[float], list[float]]:
    """Seconds of each page of the feed, and of COPY of the same rows."""
    feed, copied = [], []
    key: tuple[Any, str] = _FIRST
    for _ in range(WARM_UP + PAGES):
        began = time.perf_counter()
        async with client.get(URL(link, encoded=True), raise_for_status=True) as answer:
            content = await answer.read()
        feed.append(took(began))
        body = orjson.loads(content)
        last = body["value"][-1]
        if plain is not None:
            began = time.perf_counter()
            lines = await _copy(plain, key)
            copied.append(took(began))
            if lines.count(b"\n") != len(body["value"]) or str(last["response_id"]).encode() not in lines:
                raise AssertionError("the feed and COPY read different rows")
        key = (last["response_id"], last["question"])
        parts = urlsplit(body["@odata.nextLink"])
        link = f"{parts.path}?{parts.query}"
    return feed[WARM_UP:], copied[WARM_UP:]


async def _delta_link(client: aiohttp.ClientSession) -> str:
    """What is to come from now on; everything that is there is pulled first."""
    link = "/reporting/odata/v4/SurveyAnswers"
    wishes = {"Prefer": f"odata.track-changes, odata.maxpagesize={PAGE}"}
    while True:
        async with client.get(URL(link, encoded=True), headers=wishes, raise_for_status=True) as answer:
            body = orjson.loads(await answer.read())
        parts = urlsplit(body.get("@odata.nextLink") or body["@odata.deltaLink"])
        link = f"{parts.path}?{parts.query}"
        if "@odata.deltaLink" in body:
            return link


async def _copy(connection: asyncpg.Connection, key: tuple[Any, str]) -> bytes:
    """The rows of a page, in a transaction of the tenant as every read is."""
    lines = io.BytesIO()

    async def keep(part: bytes) -> None:
        lines.write(part)

    async with connection.transaction():
        await connection.execute(f"select set_config('app.areas', '*', true), set_config('app.org', '{ORG}', true)")
        await connection.copy_from_query(_PAGE, *key, output=keep)
    return lines.getvalue()


def _middle(seconds: list[float]) -> float:
    return statistics.median(seconds)
