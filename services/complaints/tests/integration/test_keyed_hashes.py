"""What was posted is told from another by a keyed hash; plain ones of an older release are known, and come under the key."""

from hashlib import sha256
from pathlib import Path

import asyncpg
import pytest
from services.complaints.tests.integration.test_other_records import CASE, COMPLIMENT
from services.complaints.tests.support import Desk, complaint

from chassis.key_encryption import LocalKey
from chassis.key_ring import KeyRing, RingFile
from chassis.keyed_hash import KEYED
from chassis.resealing import Resealing
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Keys
from complaints.sealed import SEALED

ORG = "worcestershire"
TABLES = ("complaint", "compliment", "ombudsman_case")


async def hashes(database: Database) -> dict[str, bytes]:
    connection = await asyncpg.connect(database.url("admin"))
    try:
        return {each: await connection.fetchval(f"select content_hash from complaints.{each}") for each in TABLES}
    finally:
        await connection.close()


async def again(desk: Desk) -> list[int]:
    same = [("complaints", complaint()), ("compliments", COMPLIMENT), ("ombudsman-cases", CASE)]
    other = [
        ("complaints", complaint(received_on="2022-04-29")),
        ("compliments", {**COMPLIMENT, "external": False}),
        ("ombudsman-cases", {**CASE, "accepted_on": "2022-06-21"}),
    ]
    return [(await desk.post(path, body)).status_code for path, body in (*same, *other)]


async def test_plain_hashes_are_known_and_keyed_in_their_place(
    desk: Desk, database: Database, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr("chassis.keyed_hash.keyed_hash", lambda _, content: sha256(content).digest())
        await desk.receive()
        for path, body in (("compliments", COMPLIMENT), ("ombudsman-cases", CASE)):
            assert (await desk.post(path, body)).status_code == 201
    assert {len(each) for each in (await hashes(database)).values()} == {32}
    assert await again(desk) == [200, 200, 200, 409, 409, 409]
    keks = [LocalKey(b"k" * 32, "kek")]
    ring = RingFile(tmp_path / "ring.json", keks)
    ring.make_if_missing()
    ring.add(ORG)
    secrets = Secrets.from_file(keys.folder / "master.key", KeyRing(ring.path, keks))
    connection = await asyncpg.connect(database.url("owner"))
    work = Resealing(connection, secrets, SEALED, ORG)
    assert {name for name, found in (await work.count()).items() if found["plain"]} == {
        f"{each}.content_hash" for each in TABLES
    }
    done = await work.run()
    assert [done[f"{each}.content_hash"].resealed for each in TABLES] == [1, 1, 1]
    assert not any(found["plain"] for found in (await work.count()).values())
    await connection.close()
    assert {each[:1] for each in (await hashes(database)).values()} == {KEYED}
    assert await again(desk) == [200, 200, 200, 409, 409, 409]
