"""A generator of requests that come at a rate, each on a connection of its own, whatever has become of the others.

A process of its own (`python -m tests.bench._arrivals`), so that what it sends does not wait for what is measured. It reads a
plan as JSON from standard input (port, key, rate, seconds, path, body with @n in it) and writes, as JSON, how many requests it
sent in how many seconds, and of each the number, status, whether Retry-After was there, and seconds. With `callers` in place
of a rate so many send the next when they have their answer.

Connections that close as many callers would, and no client library: one that queued, or waited for a free connection, would
offer no more than is taken.
"""

import asyncio
import itertools
import json
import sys
import time
from typing import Any

import uvloop


async def _one(plan: dict[str, Any], number: int, found: list[tuple[int, int, bool, float]]) -> None:
    body = plan["body"].replace("@n", str(number)).encode()
    head = (
        f"POST {plan['path']} HTTP/1.1\r\nHost: 127.0.0.1:{plan['port']}\r\nX-API-Key: {plan['key']}\r\nConnection: close\r\n"
        f"Idempotency-Key: {plan['wave']}-{number}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    began = time.perf_counter()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", plan["port"])
        writer.write(head.encode() + body)
        answer = await reader.read()
        writer.close()
    except OSError:
        answer = b""
    lines = answer.partition(b"\r\n\r\n")[0].lower()
    status = int(lines[9:12]) if lines.startswith(b"http/1.1 ") else 0
    found.append((number, status, b"\r\nretry-after:" in lines, time.perf_counter() - began))


async def arrive(plan: dict[str, Any]) -> dict[str, Any]:
    """Send; gives what was sent in how many seconds, and what came of each."""
    found: list[tuple[int, int, bool, float]] = []
    numbers, began = itertools.count(), time.perf_counter()

    async def caller() -> None:
        while time.perf_counter() - began < plan["seconds"]:
            await _one(plan, next(numbers), found)

    async with asyncio.TaskGroup() as group:
        for _ in range(plan.get("callers", 0)):
            group.create_task(caller())
        sent = 0
        while (passed := time.perf_counter() - began) < plan["seconds"]:
            # As many as should have come by now: what a busy machine held up comes at once.
            while sent < passed * plan.get("rate", 0):
                group.create_task(_one(plan, next(numbers), found))
                sent += 1
            await asyncio.sleep(0.002)
        sending = time.perf_counter() - began
    return {"sent": len(found), "sending": sending, "answering": time.perf_counter() - began, "answers": found}


if __name__ == "__main__":
    json.dump(uvloop.run(arrive(json.load(sys.stdin))), sys.stdout)
