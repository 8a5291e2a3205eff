"""Any sequence of posts, one by one and in batches: what counts and what is kept are always right."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from services.audit.tests.conftest import posted, rows

from chassis.testing.fixtures import Database, ServiceClient

POST = st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(1, 4), st.integers(1, 2))
"""Reference, version, and content (a number of cases)."""

CALLS = st.lists(st.one_of(POST, st.lists(POST, min_size=1, max_size=6)), min_size=1, max_size=8)


class Model:
    """What must come of it, in a dictionary."""

    def __init__(self) -> None:
        self.versions: dict[str, dict[int, int]] = {}

    def post(self, reference: str, version: int, cases: int) -> str:
        history = self.versions.setdefault(reference, {})
        current = max(history, default=0)
        if version > current:
            history[version] = cases
            return "corrected" if current else "recorded"
        return "unchanged" if version == current and history[current] == cases else "refused"


@pytest.fixture
def runs() -> Iterator[int]:
    return iter(range(1_000_000))


class TestSequences:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(calls=CALLS)
    async def test_current_and_history_are_what_a_dictionary_would_hold(
        self, app: FastAPI, client: ServiceClient, database: Database, runs: Iterator[int], calls: list[Any]
    ) -> None:
        run, model = next(runs), Model()
        for number, call in enumerate(calls):
            batch = call if isinstance(call, list) else [call]
            bodies = [posted(reference=f"{run}-{name}", version=version, cases=cases) for name, version, cases in batch]
            expected = [model.post(*each) for each in batch]
            assert await self.send(client, bodies, f"{run}-{number}", one=not isinstance(call, list)) == expected
        await self.assert_kept(database, run, model)

    @staticmethod
    async def send(client: ServiceClient, bodies: list[dict[str, Any]], key: str, *, one: bool) -> list[str]:
        headers = {"Idempotency-Key": key}
        if not one:
            answer = await client.post("/audit/v1/outcomes/batch", json={"outcomes": bodies}, headers=headers)
            return [result["status"] for result in answer.json()["results"]]
        answer = await client.post("/audit/v1/outcomes", json=bodies[0], headers=headers)
        assert answer.status_code in {200, 201, 409}
        return ["refused" if answer.status_code == 409 else answer.json()["status"]]

    @staticmethod
    async def assert_kept(database: Database, run: int, model: Model) -> None:
        ours = f"o.reference like '{run}-%'"
        current = await rows(database, f"select split_part(reference, '-', 2), version from outcome o where {ours}")
        assert dict(current) == {name: max(kept) for name, kept in model.versions.items()}
        kept_as = (
            "v.version, (v.content->>'cases')::int from outcome o join outcome_version v on v.outcome_id = o.id",
            "(data->>'version')::int, (data->>'cases')::int from outcome o join outbox on (data->>'outcome_id')::uuid = o.id",
        )
        expected = sorted((name, *each) for name, kept in model.versions.items() for each in kept.items())
        for source in kept_as:
            found = await rows(database, f"select split_part(o.reference, '-', 2), {source} where {ours}")
            assert sorted(tuple(row) for row in found) == expected
