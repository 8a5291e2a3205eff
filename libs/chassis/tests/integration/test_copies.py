"""What is told of copies of the database, on a real PostgreSQL, as a role that may do nothing else."""

import time
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.copies import Copies, Looking, note
from chassis.testing.fixtures import Database
from chassis.testing.sample import engine_of


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


async def test_without_copy_and_archive_that_is_told_and_a_copy_is_seen_by_every_role(
    database: Database, worker_engine: AsyncEngine
) -> None:
    look = Looking(worker_engine)
    await look()
    assert shown("loop_backup_timestamp_seconds", kind="dump") == 0
    assert shown("loop_archive_waiting_seconds") == 0
    before = int(time.time())
    owner = engine_of(database, "admin")
    try:
        async with owner.begin() as connection:
            await connection.execute(text(note("base").replace(":", "\\:")))
    finally:
        await owner.dispose()
    await look()
    assert before - 1 <= (shown("loop_backup_timestamp_seconds", kind="base") or 0) <= time.time() + 1
    assert shown("loop_backup_timestamp_seconds", kind="dump") is None


@pytest.mark.parametrize(
    ("archives", "archived", "waiting"),
    [
        (True, "000000010000000000000003", 0.0),  # 4 is being written
        (True, "000000010000000000000003.00000028.backup", 0.0),
        (True, "000000010000000000000002", 700.0),  # 3 is finished and not there
        (True, "00000002.history", 700.0),
        (True, None, 700.0),
        (False, None, 0.0),
    ],
)
def test_a_finished_segment_waits_and_one_that_is_written_does_not(
    archives: bool, archived: str | None, waiting: float
) -> None:
    row: dict[str, Any] = {"archives": archives, "segment_bytes": 16 * 2**20, "current": "000000010000000000000004"}
    assert Copies.of(row | {"archived": archived, "since": 700, "copies": None}).waiting == waiting


def test_segments_are_counted_over_the_end_of_a_log() -> None:
    row: dict[str, Any] = {"archives": True, "segment_bytes": 16 * 2**20, "since": 5, "copies": '{"dump": "17"}'}
    found = Copies.of(row | {"current": "000000010000000100000000", "archived": "0000000100000000000000FF"})
    assert (found.waiting, found.copied) == (0.0, {"dump": 17.0})
