"""A subscription that ends by itself: somebody is told by mail, and what is done with one is in the trail’s chain."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.mail import Message
from chassis.mail_queue import unseal
from chassis.mail_sender import MailSender
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database
from chassis.trail.joining import JoinedTrail
from chassis.unit_of_work import UnitOfWork
from gateway.domain.webhook_notices import disabled_notice
from gateway.testing import Gateway
from gateway.testing_webhooks import KEY, NORTH, Kit, complaint, status
from gateway.use_cases.change_webhook import WebhookChange, change_webhook
from gateway.use_cases.see_webhook import see_webhook
from gateway.use_cases.switch_webhook import resume_webhook

PATH = "/gateway/v1/webhooks"
TEAM = "systems@council.example"


@pytest.fixture
async def gateway(kit: Kit, start: Any, tmp_path: Path) -> Gateway:
    (tmp_path / "webhook.key").write_text(KEY)
    found: Gateway = await start(webhook_key_file=tmp_path / "webhook.key", webhook_loopback=True)
    return found


@dataclass
class Postman:
    """Carries mails no further than here."""

    sent: list[Message] = field(default_factory=list)
    closed_because: str | None = None

    async def send(self, message: Message, reference: str, *, doubtful: bool = False) -> None:
        assert reference
        assert not doubtful
        self.sent.append(message)

    async def close(self) -> None:
        """Nothing is open."""


async def asked_for(kit: Kit) -> list[tuple[str, str]]:
    """To whom mails are to go, and what they are for, the oldest first."""
    rows = await kit.sql("select org, key, recipient, content from gateway.mail order by created_at, id")
    secrets = kit.setup.keys.secrets
    return [(unseal(secrets, row["org"], row["recipient"], row["content"]).to, row["key"]) for row in rows]


async def ends(kit: Kit, answer: int = 410) -> None:
    """Let its receiver be gone, and something happen."""
    kit.receiver.answers["/events"] = [status(answer)]
    await kit.happens(complaint())
    await kit.deliver()


class TestMail:
    async def test_who_is_named_is_told_once_by_a_mail_that_says_what_to_do(self, kit: Kit) -> None:
        ident = (await kit.subscribed(contact=TEAM)).subscription.id
        await kit.happens(complaint(), complaint())
        await ends(kit)
        assert [(to, key.rpartition(":")[0]) for to, key in await asked_for(kit)] == [(TEAM, f"webhook-disabled:{ident}")]
        assert "council.example" not in str(await kit.sql("select m::text from gateway.mail m"))
        postman = Postman()
        async with kit.engine.connect() as connection:
            ours = await connection.execution_options(isolation_level="AUTOCOMMIT")
            assert await MailSender("gateway", kit.engine, kit.setup.keys.secrets, postman).step(ours) == 1
        (sent,) = postman.sent
        assert sent.to == TEAM
        assert all(words in sent.body for words in ("gone for good", f"https://loop.example/webhooks/{ident}", "thirty days"))

    async def test_each_disabling_is_told_and_where_nobody_is_named_who_runs_it(self, kit: Kit) -> None:
        ident = (await kit.subscribed(contact=TEAM)).subscription.id
        await ends(kit)
        await change_webhook(kit.setup, NORTH, ident, WebhookChange(contact=""))
        await resume_webhook(kit.setup, NORTH, ident)
        await kit.sql("update gateway.webhook_subscription set failing_since = now() - interval '3 days'")
        await ends(kit, 503)
        assert (await see_webhook(kit.setup, NORTH, ident)).subscription.reason == "failing"
        assert [to for to, _ in await asked_for(kit)] == [TEAM, "operator@council.example"]

    def test_name_brings_no_line_of_its_own_into_the_mail(self) -> None:
        body = disabled_notice("Cases\r\nBcc: x\x00", "failing", "https://loop.example/webhooks/wh-1").body
        assert "“CasesBcc: x”" in body
        assert "Nothing got through to it for three days" in body


class TestContact:
    async def test_address_is_checked_sealed_and_shown_to_whoever_may_see_the_subscription(
        self, gateway: Gateway, kit: Kit
    ) -> None:
        operator = await gateway.operator("north")
        new = {"name": "cms", "url": kit.receiver.url(), "types": ["complaints.*"], "contact": "nobody"}
        refused = await operator.post(PATH, json=new)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/contact")
        made = (await operator.post(PATH, json={**new, "contact": TEAM})).json()
        at = f"{PATH}/{made['subscription_id']}"
        assert (await operator.get(at)).json()["contact"] == made["contact"] == TEAM
        (row,) = await kit.sql("select contact from gateway.webhook_subscription")
        assert b"council" not in row["contact"]
        assert (await operator.patch(at, json={"contact": ""})).json()["contact"] == ""


class TestChain:
    async def test_everything_that_is_done_with_one_is_in_the_chain_and_a_change_of_it_shows(
        self, gateway: Gateway, kit: Kit, database: Database
    ) -> None:
        operator = await gateway.operator("north")
        new: dict[str, Any] = {"name": "cms", "url": kit.receiver.url(), "types": ["complaints.*"]}
        ident = (await operator.post(PATH, json=new)).json()["subscription_id"]
        await kit.deliver()
        await operator.patch(f"{PATH}/{ident}", json={"areas": ["send"]})
        await operator.post(f"{PATH}/{ident}/rotation", json={"overlap_days": 3})
        await operator.post(f"{PATH}/{ident}/pause")
        await operator.post(f"{PATH}/{ident}/resume")
        await ends(kit)
        acts = ["made", "verified", "changed", "rotated", "paused", "resumed", "disabled"]
        story = (await see_webhook(kit.setup, NORTH, ident)).history
        assert [each.act for each in reversed(story)] == acts
        assert story[0].detail == {"reason": "gone"}
        assert {each.by_label for each in story} == {"Operator", "Learning Loop"}

        items = (await operator.get("/gateway/v1/trail")).json()["items"]
        of_it = [each for each in items if each["parameters"].get("subscription_id") == ident]
        assert [each["parameters"]["act"] for each in of_it] == acts
        assert (of_it[-1]["subject"], of_it[-1]["kind"]) == ("gateway-worker", "service")
        await self.check(kit, database, of_it[-1]["number"])

    async def check(self, kit: Kit, database: Database, number: int) -> None:
        """The chain holds, with what the worker wrote, until somebody changes what is said of an act."""
        engine = create_async_engine(database.url().replace("postgresql:", "postgresql+asyncpg:"))
        trail, uow = JoinedTrail("gateway", Secrets(bytes(32))), UnitOfWork(engine)
        await kit.sql("delete from gateway.trail_checkpoint")  # sealed with another key than this test's
        assert (await trail.walk_all(uow, ["north"], timedelta(0)))["north"].broken_at is None
        await kit.sql(
            "update gateway.trail set parameters = parameters || '{\"act\": \"tested\"}' where org = 'north' and number = $1",
            number,
        )
        assert (await trail.walk_all(uow, ["north"], timedelta(0)))["north"].broken_at == number
        await engine.dispose()

    async def test_what_was_noted_before_it_was_chained_is_shown_and_nobody_adds_to_it(self, kit: Kit) -> None:
        ident = (await kit.subscribed()).subscription.id
        await kit.sql(
            "insert into gateway.webhook_history (org, subscription_id, by, by_label, act) "
            "values ('north', $1, 'ada', 'Administrator ada', 'tested')",
            ident,
        )
        story = (await see_webhook(kit.setup, NORTH, ident)).history
        assert [(each.act, each.by_label) for each in story] == [("verified", "Learning Loop"), ("tested", "Administrator ada")]
        rights = (
            "select has_table_privilege(role, 'gateway.' || t, 'insert') from unnest($1::text[]) role, unnest($2::text[]) t"
        )
        found = await kit.sql(rights, ["gateway_app", "gateway_worker"], ["webhook_history", "client_history"])
        assert [row[0] for row in found] == [False] * 4
