"""What the gateway has sealed is declared, and comes under new keys while messages go out."""

import asyncio
import json
import os
import sys
from functools import partial
from pathlib import Path

from standardwebhooks.webhooks import Webhook

from chassis.kek_file import replace_key
from chassis.key_encryption import key_encryption
from chassis.key_ring import KeyRing, RingFile, new_kek
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database
from chassis.testing.sealing import assert_declared
from gateway.adapters.webhook_sealing import WebhookSealing
from gateway.delivery.deliverer import Deliverer
from gateway.delivery.outside import Outside
from gateway.sealed import SEALED
from gateway.testing_webhooks import KEY, Kit, complaint
from gateway.worker import LOOPBACK


async def test_every_binary_column_is_declared_as_sealed_or_plain(database: Database) -> None:
    await assert_declared(database, SEALED)


class Keys:
    """The gateway's key files, and the key of webhooks from before."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.kek, self.old = folder / "kek", folder / "webhook.key"
        self.kek.write_text(new_kek())
        self.old.write_text(KEY)
        self.named = partial(key_encryption, [f"file:{self.kek}"])
        self.path = folder / "ring.json"
        self.ring.make_if_missing()
        self.ring.make_root()
        self.environment = os.environ | {
            "LOOP_DATABASE_URL": database.url("owner"),
            "LOOP_SECRET_KEY_FILE": str(self.old),
            "LOOP_KEY_RING_FILE": str(self.path),
            "LOOP_KEY_ENCRYPTION": json.dumps([f"file:{self.kek}"]),
        }

    @property
    def ring(self) -> RingFile:
        return RingFile(self.path, self.named())

    def process(self, *, old: bool) -> WebhookSealing:
        """A process that starts now, with or without the key of before."""
        ring = KeyRing(self.path, self.named(), self.named)
        return WebhookSealing(Secrets.from_file(self.old, ring) if old else Secrets(None, ring))

    async def reseal(self) -> dict[str, dict[str, dict[str, int]]]:
        command = (sys.executable, "-m", "gateway.sealed", "reseal", "north")
        job = await asyncio.create_subprocess_exec(*command, env=self.environment, stdout=asyncio.subprocess.PIPE)
        out, _ = await job.communicate()
        assert job.returncode == 0
        said: dict[str, dict[str, dict[str, int]]] = json.loads(out)
        return said


async def test_signing_secrets_come_under_new_keys_while_messages_go_out(kit: Kit, tmp_path: Path) -> None:
    made = await kit.subscribed()
    keys = Keys(tmp_path, kit.database)
    sending = keys.process(old=True)

    async def goes_out(sealing: WebhookSealing) -> None:
        await kit.happens(complaint())
        deliverer = Deliverer(kit.engine, sealing, Outside(LOOPBACK, places=20), kit.telling)
        await kit.deliver(deliverer)
        await deliverer.close()
        got = kit.receiver.got.pop()
        assert Webhook(made.secret).verify(got.body, got.headers)

    await goes_out(sending)
    first = keys.ring.add("north")
    said = await keys.reseal()
    assert said["counts"]["webhook_subscription.secret"] == {first.id: 1}
    await goes_out(keys.process(old=False))
    replace_key(keys.kek, keys.path)
    second = keys.ring.add("north")
    assert (await keys.reseal())["counts"]["webhook_subscription.address"] == {second.id: 1}
    keys.ring.destroy({first.id})
    keys.old.unlink()
    await goes_out(keys.process(old=False))
    await goes_out(sending)  # it has known neither of these keys
