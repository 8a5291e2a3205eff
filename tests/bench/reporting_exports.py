"""Exports of survey answers: Parquet, CSV and Arrow of 100,000 and of 1,000,000 rows, beside plain COPY of the same rows.

The real web process (uvicorn) on a PostgreSQL with durable settings; memory is the highest that the process had resident
during its exports, asked of it a hundred times a second. COPY is asyncpg's of the same columns, as the same role, into
nothing: what the database and the driver alone can do. Run it with `python -m tests.bench reporting_exports`.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Self

import aiohttp
import asyncpg
import psutil
import pyarrow as pa
import pyarrow.parquet

from chassis.identity import Identity
from reporting.domain.odata.entity_sets import SURVEY_ANSWERS
from tests.bench._reporting import share
from tests.bench._service import ORG, Installation, installation

SMALL, LARGE = share(100_000), share(1_000_000)
TIMES = 3
FORMATS = ("parquet", "csv", "arrow")
SECONDS_TAKEN = 90
AIMS = {"parquet_seconds_1m": "under 10", "peak_mb": "under 300", "parquet_growth_of_ten": "12 or less"}

_ROWS = """
insert into fact_answer (org, response_id, question, position, questionnaire, questionnaire_version, channel, service_area,
                         team, about_on, answered_on, state, choices, occurred_at, changed_at, changed_sequence)
select $1, r.id, 'question-' || q, q, 'new-ehcp', 1, 'link', 'send', 'send-north', date '2022-04-01' + r.n % 700,
       date '2022-04-05' + r.n % 700, 'answered', array['yes'], now(), now(), r.n * 8 + q
  from (select uuidv7() as id, n from generate_series(1, $2::int / 8) as n) r cross join generate_series(1, 8) as q
"""


@dataclass
class Peak:
    """The most memory that a process has resident while this watches."""

    process: psutil.Process
    bytes: int = 0
    _watch: asyncio.Task[None] | None = field(default=None)

    async def __aenter__(self) -> Self:
        self._watch = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._watch:
            self._watch.cancel()

    async def _look(self) -> None:
        while True:
            self.bytes = max(self.bytes, self.process.memory_info().rss)
            await asyncio.sleep(0.01)


def run() -> dict[str, float]:
    """Measure once: seconds of each format and of COPY, at both sizes, and the highest memory."""
    with installation("reporting") as held:
        return asyncio.run(_measure(held))


async def _measure(held: Installation) -> dict[str, float]:
    admin = await asyncpg.connect(held.database.url("admin"))
    plain = await asyncpg.connect(held.database.url())
    found: dict[str, float] = {"idle_mb": held.process.memory_info().rss / 2**20}
    seconds: dict[tuple[str, int], float] = {}
    try:
        await admin.execute("set search_path = reporting")
        async with aiohttp.ClientSession(held.url, timeout=aiohttp.ClientTimeout(300)) as client, Peak(held.process) as peak:
            have = 0
            for size in (SMALL, LARGE):
                await admin.execute(_ROWS, ORG, size - have, timeout=300)
                await admin.execute("vacuum analyze fact_answer", timeout=300)
                have = size
                for kind in FORMATS:
                    seconds[kind, size] = min([await _export(client, held, kind, size) for _ in range(TIMES)])
                seconds["copy", size] = min([await _copy(plain) for _ in range(TIMES)])
            found["peak_mb"] = peak.bytes / 2**20
    finally:
        await admin.close()
        await plain.close()
    found["copy_rows_a_second"] = LARGE / seconds["copy", LARGE]
    for kind in FORMATS:
        found[f"{kind}_seconds_100k"] = seconds[kind, SMALL]
        found[f"{kind}_seconds_1m"] = seconds[kind, LARGE]
        found[f"{kind}_growth_of_ten"] = seconds[kind, LARGE] / seconds[kind, SMALL]
        found[f"{kind}_rows_a_second"] = LARGE / seconds[kind, LARGE]
        found[f"{kind}_over_copy"] = seconds["copy", LARGE] / seconds[kind, LARGE]
    return found


async def _export(client: aiohttp.ClientSession, held: Installation, kind: str, rows: int) -> float:
    """Seconds until the last byte is there; the file is read afterwards, to be sure that it is one."""
    headers = held.headers(Identity(ORG, "client:bench", "client", frozenset({"reporting:read"})))
    began = time.perf_counter()
    async with client.get(f"/reporting/exports/SurveyAnswers.{kind}", headers=headers, raise_for_status=True) as answer:
        content = await answer.read()
    took = time.perf_counter() - began
    if _rows(kind, content) != rows:
        raise AssertionError(f"{_rows(kind, content)} rows came out of {rows}")
    return took


def _rows(kind: str, content: bytes) -> int:
    if kind == "csv":
        return content.count(b"\n") - 1
    if kind == "arrow":
        return int(pa.ipc.open_stream(content).read_all().num_rows)
    return int(pa.parquet.ParquetFile(pa.BufferReader(content)).metadata.num_rows)


async def _copy(connection: asyncpg.Connection) -> float:
    columns = ", ".join(each.name for each in SURVEY_ANSWERS.properties)

    async def nothing(_: bytes) -> None:
        return

    began = time.perf_counter()
    async with connection.transaction():
        await connection.execute("select set_config('app.areas', '*', true), set_config('app.org', $1, true)", ORG)
        query = f"select {columns} from feed_survey_answer"
        await connection.copy_from_query(query, output=nothing, format="csv", timeout=300)
    return time.perf_counter() - began
