"""The records of the demonstration go in through the interface, every step of them, and once."""

import json
from collections import Counter
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI

from chassis.testing.fixtures import ROOT, Database, ServiceClient

RECORDS = ROOT / "demo" / "records" / "worcestershire"


def records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (RECORDS / f"{name}.jsonl").read_text().splitlines()]


async def post(client: ServiceClient, path: str, body: dict[str, Any], key: str) -> Any:
    answer = await client.post(f"/complaints/v1/{path}", json=body, headers={"Idempotency-Key": key})
    assert answer.status_code in {200, 201}, (path, body, answer.text)
    return answer.status_code, answer.json()


async def send_all(client: ServiceClient, run: str) -> Counter[int]:
    """Every record, with idempotency keys of this run."""
    statuses: Counter[int] = Counter()
    for record in records("complaints"):
        reference = record["complaint"]["reference"]
        status, body = await post(client, "complaints", record["complaint"], f"{run}/{reference}")
        statuses[status] += 1
        for number, step in enumerate(record["steps"]):
            path = f"complaints/{body['complaint_id']}/{step['path']}"
            status, _ = await post(client, path, step["body"], f"{run}/{reference}/{number}")
            statuses[status] += 1
    for compliment in records("compliments"):
        status, _ = await post(client, "compliments", compliment, f"{run}/{compliment['reference']}")
        statuses[status] += 1
    for record in records("ombudsman-cases"):
        reference = record["case"]["reference"]
        status, body = await post(client, "ombudsman-cases", record["case"], f"{run}/{reference}")
        statuses[status] += 1
        if record["outcome"] is not None:
            path = f"ombudsman-cases/{body['case_id']}/outcome"
            status, _ = await post(client, path, record["outcome"], f"{run}/{reference}/outcome")
            statuses[status] += 1
    return statuses


class TestDemoRecords:
    async def test_all_are_taken_and_taken_again_without_storing_anything_twice(
        self, app: FastAPI, client: ServiceClient, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        object.__setattr__(app.state.setup, "today", lambda: date(2026, 11, 23))
        first = await send_all(client, "first")
        again = await send_all(client, "second")
        assert set(first) == {201}
        assert set(again) == {200}
        assert again[200] == first[201]
