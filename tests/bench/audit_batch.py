"""Audit outcomes a second, posted in batches of 1,000, over the speed at which PostgreSQL takes the same rows by COPY.

Posted over HTTP to the real web process (uvicorn) on a PostgreSQL with durable settings (fsync, synchronous commit), each
outcome with seven sections. After every batch the very rows that it wrote (outcomes, versions, events, idempotency record) are
copied into the same tables of a second database on that server, with their indexes and constraints, from binary data ready in
memory, in one transaction: what the database alone can do. The two take turns, so that a busy machine slows both.
Memory is that of the web process after each batch; its growth is how much more the second half took at most than the first.
Run it with `python -m tests.bench audit_batch`.
"""

import asyncio
import io
import json
import statistics
import time
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import psutil

from chassis.identity import Identity
from tests.bench._service import ORG, Installation, installation, profile

BATCHES = 20
SIZE = 1000
WARM_UP = 3
SECONDS_TAKEN = 40
AIMS = {"memory_mb_growth": "under 5: flat"}
GRADES = ("good", "requires-improvement", "good", "outstanding")


@dataclass
class Measured:
    """Batch by batch: seconds posted and copied, the web process' own processor seconds, and its memory afterwards in MB."""

    posted: list[float] = field(default_factory=list)
    copied: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def run() -> dict[str, float]:
    """Measure once. Rates are outcomes a second, `ratio` is posted over copied; processor and memory are of the web process."""
    with installation("audit", databases=2) as held:
        found = asyncio.run(_measure(held))
    posted, copied = found.posted[WARM_UP:], found.copied[WARM_UP:]
    memory, half = found.memory[WARM_UP:], BATCHES // 2
    return {
        "posted_per_second": SIZE / statistics.median(posted),
        "copied_per_second": SIZE / statistics.median(copied),
        "ratio": statistics.median(copy / post for post, copy in zip(posted, copied, strict=True)),
        "ms_per_batch": statistics.median(posted) * 1000,
        "cpu_ms_per_batch": statistics.mean(found.processor[WARM_UP:]) * 1000,
        "memory_mb_first": memory[0],
        "memory_mb_last": memory[-1],
        "memory_mb_growth": max(memory[half:]) - max(memory[:half]),
    }


async def _measure(held: Installation) -> Measured:
    source, target = [await asyncpg.connect(each.url("admin")) for each in held.databases]
    found = Measured()
    try:
        for connection in (source, target):
            await connection.execute("set search_path = audit")
        async with httpx.AsyncClient(base_url=held.url, timeout=60) as client:
            await held.apply_profile(client, profile("organisation", "audit"))
            for number in range(WARM_UP + BATCHES):
                before = _cpu(held.process)
                found.posted.append(await _post(client, held, number))
                found.processor.append(_cpu(held.process) - before)
                found.memory.append(held.process.memory_info().rss / 2**20)
                found.copied.append(await _copy(target, await _rows(source, number)))
    finally:
        await source.close()
        await target.close()
    return found


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _post(client: httpx.AsyncClient, held: Installation, number: int) -> float:
    """Seconds from sending a batch to its answer."""
    system = Identity(ORG, "client:bench", "client", frozenset({"audit:outcomes:write"}))
    body = json.dumps({"outcomes": _outcomes(number)})
    headers = held.headers(system) | {"Idempotency-Key": f"bench-{number}", "Content-Type": "application/json"}
    began = time.perf_counter()
    answer = await client.post("/audit/v1/outcomes/batch", content=body, headers=headers)
    took = time.perf_counter() - began
    if answer.json().get("counts", {}).get("recorded") != SIZE:
        raise RuntimeError(f"the batch was not recorded: {answer.text[:500]}")
    return took


async def _copy(connection: asyncpg.Connection, batch: dict[str, bytes]) -> float:
    """Seconds in which COPY takes the rows of one batch and commits them."""
    began = time.perf_counter()
    async with connection.transaction():
        for table, data in batch.items():
            await connection.copy_to_table(table, source=io.BytesIO(data), format="binary")
    return time.perf_counter() - began


async def _rows(connection: asyncpg.Connection, number: int) -> dict[str, bytes]:
    """What one batch wrote, by table, in COPY's binary form."""
    low, high = number * SIZE, (number + 1) * SIZE
    of_outcome = f"select id from outcome where position > {low} and position <= {high}"
    queries = {
        "outcome": f"select * from outcome where position > {low} and position <= {high}",
        "outcome_version": f"select * from outcome_version where outcome_id in ({of_outcome})",
        "outbox": f"select * from outbox where position > {low} and position <= {high}",
        "idempotency": f"select * from idempotency where key = 'bench-{number}'",
    }
    rows = {}
    for table, query in queries.items():
        data = io.BytesIO()
        await connection.copy_from_query(query, output=data, format="binary")
        rows[table] = data.getvalue()
    return rows


def _outcomes(batch: int) -> list[dict[str, Any]]:
    tool = next(tool for tool in profile("organisation", "audit")["audit"]["tools"] if tool["code"] == "social-care-case-file")
    return [
        {
            "reference": f"BENCH-{batch:03}-{number:04}",
            "version": 1,
            "kind": "looped",
            "tool": tool["code"],
            "service_area": "safeguarding",
            "team": None,
            "case_reference": f"CASE-{batch}-{number}",
            "completed_on": "2022-07-06",
            "allocated_on": "2022-06-01",
            "submitted_on": "2022-06-30",
            "moderated_on": "2022-07-06",
            "overall": "requires-improvement",
            "sections": [
                {"section": section["code"], "grade": grade, "lead": "good", "peer": grade, "not_applicable": False}
                for section, grade in zip(tool["sections"], (GRADES * 2)[: len(tool["sections"])], strict=True)
            ],
            "activity": {"lead": 1, "peer": 1, "moderation": 1, "single": 0},
            "cases": 1,
            "themes": ["plans-and-outcomes"],
            "actions": [{"reference": f"a-{number}", "due_on": "2022-08-31", "done_on": None}],
        }
        for number in range(SIZE)
    ]
