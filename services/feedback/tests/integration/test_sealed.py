"""What is declared as sealed is all there is; and words inside JSON come under a new key as columns of bytes do."""

import base64
import json
from pathlib import Path
from typing import Any

import asyncpg

from chassis.key_encryption import LocalKey
from chassis.key_ring import KeyRing, RingFile, new_kek
from chassis.resealing import Resealing
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database
from chassis.testing.sealing import assert_declared
from feedback.adapters import sealing
from feedback.sealed import SEALED
from feedback.settings import FeedbackSettings

ORG = "worcestershire"


async def test_every_binary_column_is_declared_as_sealed_or_plain(database: Database) -> None:
    await assert_declared(database, SEALED)


async def test_words_in_a_draft_come_under_the_new_key_and_open(
    family: Any, issue: Any, sql: Any, database: Database, settings: FeedbackSettings, tmp_path: Path
) -> None:
    issued = await issue(questionnaire="living-where-i-live", service_area="through-care", channel="handed-over")
    await family.open(issued["url"])
    await family.answer(4, answer="yes")
    await family.answer(5, answer="He comes at night")
    before = json.loads(await sql.value("select answers::text from feedback.draft"))
    keks = [LocalKey(base64.b64decode(new_kek()), "kek")]
    ring = RingFile(tmp_path / "ring.json", keks)
    ring.make_if_missing()
    key = ring.add(ORG)
    assert settings.secret_key_file
    secrets = Secrets.from_file(settings.secret_key_file, KeyRing(ring.path, keks))
    connection = await asyncpg.connect(database.url("owner"))
    try:
        work = Resealing(connection, secrets, SEALED, ORG)
        assert (await work.count())["draft.answers"] == {"derived": 1}
        assert (await work.run())["draft.answers"].resealed == 1
        assert (await work.run())["draft.answers"].resealed == 1, "a second time there is nothing to do"
        assert (await work.count())["draft.answers"] == {key.id: 1}
        assert set((await work.count())["idempotency.body"]) == {key.id}, "links that were issued, for whoever asks again"
    finally:
        await connection.close()
    after = json.loads(await sql.value("select answers::text from feedback.draft"))
    [(question, old)] = [(name, each["sealed"]) for name, each in before.items() if "sealed" in each]
    new = after[question].pop("sealed")
    assert new != old
    assert after == {name: {key: value for key, value in each.items() if key != "sealed"} for name, each in before.items()}
    assert sealing.open_text(secrets, ORG, new) == "He comes at night"
