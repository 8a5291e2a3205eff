"""The API of webhooks: who may, what is refused and why, other organisations and other machines, what is kept for whom."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.outbox import now
from chassis.unit_of_work import UnitOfWork
from contracts import audit, complaints, feedback_stars
from gateway.testing import Gateway
from gateway.testing_webhooks import KEY, Kit, complaint, received

PATH = "/gateway/v1/webhooks"
READ = "complaints:read"
MANAGE = "webhooks:manage"


@pytest.fixture
async def gateway(kit: Kit, start: Any, tmp_path: Path) -> Gateway:
    (tmp_path / "webhook.key").write_text(KEY)
    found: Gateway = await start(webhook_key_file=tmp_path / "webhook.key", webhook_loopback=True)
    return found


def body(kit: Kit, **differing: Any) -> dict[str, Any]:
    return {"name": "cms", "url": kit.receiver.url(), "types": ["complaints.*"], **differing}


async def machine(
    gateway: Gateway, *scopes: str, org: str = "north", name: str = "cms", areas: tuple[str, ...] = ()
) -> httpx.AsyncClient:
    made = {"name": name, "scopes": list(scopes or (MANAGE, READ)), "areas": list(areas)}
    answer = await (await gateway.operator(org)).post("/gateway/v1/clients", json=made)
    assert answer.status_code == 201, answer.text
    return await gateway.client(X_API_Key=answer.json()["api_key"])


class TestWhoMay:
    async def test_scope_and_organisation_and_machine_keep_apart(self, gateway: Gateway, kit: Kit) -> None:
        mine, other = await machine(gateway), await machine(gateway, name="bi")
        south, reader = await machine(gateway, org="south"), await machine(gateway, READ, name="reader")
        made = await mine.post(PATH, json=body(kit))
        assert made.status_code == 201, made.text
        assert made.headers["cache-control"] == "no-store"
        assert made.json()["secret"].startswith("whsec_")
        ident = made.json()["subscription_id"]
        (event,) = await kit.happens(complaint())
        at = f"{PATH}/{ident}"
        requests = [
            ("GET", at, None), ("PATCH", at, {"name": "x"}), ("POST", f"{at}/pause", None), ("POST", f"{at}/resume", None),
            ("POST", f"{at}/test", None), ("POST", f"{at}/rotation", {}), ("GET", f"{at}/messages", None),
            ("GET", f"{at}/messages/{event.id}", None), ("POST", f"{at}/replay", {"only": "unsent"}), ("DELETE", at, None),
        ]  # fmt: skip
        nobody = await gateway.client()
        for method, path, sent in requests:
            for who, status in ((nobody, 401), (reader, 403), (south, 404), (other, 404)):
                answer = await who.request(method, path, json=sent)
                assert answer.status_code == status, (method, path, answer.text)
        assert (await south.get(PATH)).json()["items"] == (await other.get(PATH)).json()["items"] == []
        assert (await south.get(PATH, params={"org": "north"})).status_code == 403
        operator = await gateway.operator("north")
        for each in (await mine.get(PATH), await operator.get(PATH)):
            (found,) = each.json()["items"]
            assert found["subscription_id"] == ident
            assert "secret" not in found
        assert (await (await gateway.operator("south")).get(at)).status_code == 404
        assert (await (await gateway.operator()).get(PATH)).status_code == 422

    async def test_machine_subscribes_to_no_more_than_it_may_read(self, gateway: Gateway, kit: Kit) -> None:
        limited = await machine(gateway, MANAGE, READ, areas=("send",))
        for differing, words in (
            ({"types": ["audit.*"]}, "needs a scope"),
            ({"types": ["audit.v1.outcome_recorded"], "areas": ["send"]}, "needs the scope audit:audits:read"),
            ({"types": ["audit.v1.audit_escalated"]}, "sent to nobody: Safeguarding"),
            ({"types": ["complaints.v1.nonsense"]}, "is no kind of event"),
            ({}, "only service areas that you are limited to: send"),
            ({"areas": ["send", "care"]}, "only service areas that you are limited to: send"),
            ({"url": "http://cms.example/"}, "must begin with https"),
            ({"url": "https://169.254.169.254/latest"}, "must name its server"),
            ({"url": "https://a:b@cms.example/"}, "no user name"),
        ):
            answer = await limited.post(PATH, json=body(kit, **differing))
            assert answer.status_code == 422, answer.text
            assert words in answer.text
        assert (await limited.post(PATH, json=body(kit, areas=["send"]))).status_code == 201
        taken = await limited.post(PATH, json=body(kit, areas=["send"]))
        assert (taken.status_code, taken.json()["type"].rpartition(":")[2]) == (409, "webhook-name-taken")

    async def test_installation_without_a_key_says_so(self, kit: Kit, start: Any) -> None:
        answer = await (await (await start()).operator("north")).post(PATH, json=body(kit))
        assert answer.status_code == 503
        assert "LOOP_KEY_RING_FILE" in answer.text


class TestWhatIsKept:
    async def test_events_of_the_organisation_area_and_time_each_once(self, kit: Kit) -> None:
        await kit.subscribed("complaints.*", path="/all")
        await kit.subscribed("complaints.v1.complaint_received", path="/send", areas=frozenset({"send"}))
        stage = {
            "complaint_id": "0190b2f0-0000-7000-8000-000000000001",
            "stage": 1,
            "started_on": "2026-03-02",
            "calendar": "x",
        }
        started = complaints.StageStarted.model_validate({**stage, "due_on": "2026-03-16", "limit": 10})
        old = received(complaint(), at=now() - timedelta(minutes=5))
        extra = received(complaint("care"), secret_words="that no contract names")
        batch = [received(complaint()), extra, received(started), old]
        await kit.happens(*batch)
        await kit.happens(*batch)
        await kit.happens(complaint(), org="south")
        await kit.deliver()
        assert len(kit.receiver.at("/all")) == 3
        assert len(kit.receiver.at("/send")) == 1
        assert not [each for each in kit.receiver.got if b"that no contract names" in each.body]

    async def test_machine_that_was_narrowed_or_shut_out_is_told_no_more(self, gateway: Gateway, kit: Kit) -> None:
        mine, operator = await machine(gateway), await gateway.operator("north")
        ident = (await mine.post(PATH, json=body(kit))).json()["subscription_id"]
        (client,) = (await operator.get("/gateway/v1/clients")).json()["items"]
        await kit.deliver()
        await kit.happens(complaint())
        at = f"/gateway/v1/clients/{client['client_id']}"
        assert (await operator.patch(at, json={"scopes": [MANAGE]})).status_code == 200
        await kit.happens(complaint())
        assert await kit.deliver() == 1
        assert len(kit.receiver.got) == 1
        (dropped, _) = (await operator.get(f"{PATH}/{ident}/messages")).json()["items"]
        assert (dropped["state"], dropped["outcome"]) == ("dropped", "unwanted")
        assert (await operator.delete(at)).status_code == 204
        found = (await operator.get(f"{PATH}/{ident}")).json()
        assert (found["status"], found["reason"]) == ("disabled", "client")
        assert (await operator.post(f"{PATH}/{ident}/resume")).status_code == 409

    async def test_nothing_of_an_erased_star_goes_out_even_what_waited(self, kit: Kit) -> None:
        await kit.subscribed("feedback.*")
        star = {"star_id": "0190b2f0-0000-7000-8000-000000000001", "person": "a" * 32, "star": "family", "service_area": "send"}
        closed = {**star, "closed_on": "2026-03-02", "ground": "end-star"}
        other = {**closed, "star_id": "0190b2f0-0000-7000-8000-000000000002"}
        await kit.happens(*(feedback_stars.StarClosed.model_validate(each) for each in (closed, other)))
        erased = {"star_id": star["star_id"], "erased_on": "2026-03-02", "ground": "asked"}
        again = feedback_stars.StarClosed.model_validate(closed)
        await kit.happens(again, feedback_stars.StarErased.model_validate(erased))
        await kit.deliver()
        told = [json.loads(each.body) for each in kit.receiver.got]
        assert sorted((each["type"], each["data"]["star_id"][-1]) for each in told) == [
            ("feedback.v1.star_closed", "2"), ("feedback.v1.star_erased", "1"),
        ]  # fmt: skip

    async def test_of_a_record_that_was_reduced_no_body_stays_sent_or_waiting(self, kit: Kit) -> None:
        await kit.subscribed("complaints.*")
        gone, other = (f"0190b2f0-0000-7000-8000-00000000000{number}" for number in (1, 2))
        begun = {"stage": 1, "started_on": "2026-03-02", "calendar": "x", "due_on": "2026-03-16", "limit": 10}
        first, second = (complaints.StageStarted.model_validate({**begun, "complaint_id": each}) for each in (gone, other))
        await kit.happens(first, second)
        await kit.deliver()
        await kit.happens(first)
        reduced = {"kind": "complaint", "record_id": gone, "reduced_on": "2032-03-02", "ground": "asked"}
        await kit.happens(complaints.ComplaintRecordReduced.model_validate(reduced), org="south")
        kept = "select payload, (select count(*) from gateway.webhook_attempt a where a.message_id = m.message_id) as tried "
        rows = await kit.sql(f"{kept} from gateway.webhook_message m where type <> 'webhook.test'")
        assert sum(gone in row["payload"] for row in rows) == 2
        await kit.happens(complaints.ComplaintRecordReduced.model_validate(reduced))
        rows = await kit.sql(f"{kept} from gateway.webhook_message m where type <> 'webhook.test'")
        assert [(other in row["payload"], row["tried"]) for row in rows] == [(True, 1)]
        told = len(kit.receiver.got)
        await kit.deliver()
        assert len(kit.receiver.got) == told

    async def test_withheld_events_are_kept_for_nobody(self, kit: Kit) -> None:
        await kit.subscribed("audit.*", "complaints.*", "feedback.*")
        raised = {"audit_id": "0190b2f0-0000-7000-8000-000000000001", "escalation_id": "0190b2f0-0000-7000-8000-000000000002"}
        await kit.happens(audit.AuditEscalated.model_validate({**raised, "raised_on": "2026-03-02"}))
        assert await kit.deliver() == 0


class TestLogAndReplay:
    async def test_log_pages_and_messages_are_sent_again_with_their_ids(self, gateway: Gateway, kit: Kit) -> None:
        operator = await gateway.operator("north")
        made = await kit.subscribed()
        at = f"{PATH}/{made.subscription.id}"
        events = await kit.happens(*(complaint() for _ in range(5)))
        await kit.deliver()
        first = (await operator.get(f"{at}/messages", params={"limit": 4})).json()
        rest = (await operator.get(f"{at}/messages", params={"limit": 4, "after": first["next"]})).json()
        found = [each["message_id"] for each in first["items"] + rest["items"]]
        # Within a millisecond they stand in no order.
        assert set(found[:5]) == {str(each.id) for each in events}
        assert (len(found), rest["next"]) == (6, None)
        today = now().date()
        span = {"first": str(today - timedelta(days=2)), "last": str(today + timedelta(days=2))}
        for sent, number in (
            ({"message_id": found[0]}, 1), (span, 5), ({"only": "unsent"}, 0), ({**span, "only": "unsent"}, 0),
            ({"first": "2020-01-01", "last": "2020-01-02"}, 0), ({"first": "0001-01-01", "last": "9999-12-31"}, 5),
        ):  # fmt: skip
            kit.receiver.got.clear()
            answer = await operator.post(f"{at}/replay", json=sent)
            assert (answer.status_code, answer.json()["messages"]) == (202, number), (sent, answer.text)
            assert await kit.deliver() == number
            assert {each.headers["webhook-id"] for each in kit.receiver.got} <= set(found)
        for sent, status in (({"message_id": "nobody"}, 404), ({}, 422), ({"first": "2026-03-02", "last": "2026-03-01"}, 422)):
            assert (await operator.post(f"{at}/replay", json=sent)).status_code == status
        whole = (await operator.get(f"{at}/messages/{found[0]}")).json()
        assert [each["outcome"] for each in whole["tried"]] == ["ok"] * 4
        assert whole["payload"].encode() in {each.body for each in kit.receiver.got}
        assert (await operator.get(f"{at}/messages", params={"after": "nonsense"})).status_code == 422

    async def test_what_failed_is_sent_again_with_the_whole_schedule_before_it(self, gateway: Gateway, kit: Kit) -> None:
        operator, made = await gateway.operator("north"), await kit.subscribed()
        await kit.happens(complaint())
        await kit.sql("update gateway.webhook_message set state = 'failed', done_at = now(), attempts = 10 where attempts = 0")
        answer = await operator.post(f"{PATH}/{made.subscription.id}/replay", json={"only": "unsent"})
        assert answer.json() == {"messages": 1, "more": False}
        (row,) = await kit.sql("select state, attempts, attempts_before from gateway.webhook_message where attempts = 10")
        assert list(row) == ["waiting", 10, 10]
        assert await kit.deliver() == 1

    async def test_stale_change_is_refused_and_deleting_leaves_nothing_secret(self, gateway: Gateway, kit: Kit) -> None:
        operator, made = await gateway.operator("north"), await kit.subscribed()
        at = f"{PATH}/{made.subscription.id}"
        revision = (await operator.get(at)).json()["revision"]
        assert (await operator.patch(at, json={"areas": ["send"], "revision": revision})).status_code == 200
        assert (await operator.patch(at, json={"areas": ["care"], "revision": revision})).status_code == 412
        assert (await operator.post(f"{at}/rotation", json={"overlap_days": 3})).status_code == 201
        assert (await operator.delete(at)).status_code == 204
        assert (await operator.get(at)).status_code == 404
        (row,) = await kit.sql("select address, contact, secret, previous_secret from gateway.webhook_subscription")
        assert list(row) == [None] * 4
        assert (await operator.post(PATH, json=body(kit, name="/events"))).status_code == 201


async def test_nothing_secret_lies_in_clear_and_tenants_see_nothing_of_each_other(kit: Kit) -> None:
    made = await kit.subscribed(path="/events?sig=a-key-of-the-receiver")
    await kit.happens(complaint())
    tables = ("webhook_subscription", "webhook_message", "webhook_attempt", "trail")
    for table in tables:
        rows = await kit.sql(f"select t::text as words, t.org from gateway.{table} t")
        assert {row["org"] for row in rows} == {"north"}
        words = " ".join(row["words"] for row in rows if table != "webhook_subscription" or "name" not in row)
        assert made.secret not in words
    (row,) = await kit.sql("select address, secret from gateway.webhook_subscription")
    assert b"a-key-of-the-receiver" not in row["address"]
    assert made.secret.encode() not in row["secret"]
    async with UnitOfWork(kit.setup.uow.engine).begin("south") as transaction:
        for table in tables:
            found = await transaction.connection.exec_driver_sql(f"select count(*) from gateway.{table}")
            assert found.scalar_one() == 0
