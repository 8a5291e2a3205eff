"""Messages handed over to a receiver that is there, slow, broken, gone, or not whom it says it is."""

import asyncio
import json
import socket
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from chassis.middleware import Send
from chassis.outbox import now
from gateway.adapters import webhook_queue as queue
from gateway.delivery import outside
from gateway.delivery.clearing import Clearing
from gateway.delivery.outside import Outside
from gateway.domain.webhook_events import TEST
from gateway.domain.webhooks import Outcome
from gateway.testing_webhooks import LOOPBACK, NORTH, Kit, complaint, status, until
from gateway.use_cases.change_webhook import WebhookChange, change_webhook
from gateway.use_cases.make_webhook import NewWebhook, make_webhook
from gateway.use_cases.replay_webhook import Again, replay_webhook
from gateway.use_cases.see_webhook import see_log, see_message, see_webhook
from gateway.use_cases.switch_webhook import Overlap, pause_webhook, resume_webhook, rotate_webhook


class TestDelivery:
    async def test_receiver_answers_a_test_and_is_told_of_what_happens_from_then_on(self, kit: Kit) -> None:
        made = await make_webhook(kit.setup, NORTH, NewWebhook("cms", kit.receiver.url(), frozenset({"complaints.*"})))
        await kit.happens(complaint())
        assert await kit.deliver() == 1
        assert [json.loads(each.body)["type"] for each in kit.receiver.got] == [TEST]
        assert (await see_webhook(kit.setup, NORTH, made.subscription.id)).subscription.status == "live"
        (event,) = await kit.happens(complaint("care"))
        assert await kit.deliver() == 1
        got = kit.receiver.got[-1]
        assert Webhook(made.secret).verify(got.body, got.headers)["data"]["service_area"] == "care"
        assert got.headers["webhook-id"] == str(event.id)
        assert json.loads(got.body).keys() == {"type", "timestamp", "data"}
        with pytest.raises(WebhookVerificationError):
            Webhook(made.secret).verify(got.body + b" ", got.headers)
        assert (await kit.sql("select count(*) from gateway.webhook_message"))[0][0] == 2

    async def test_what_is_not_taken_is_tried_again_with_the_same_id_and_not_before_it_is_asked_for(self, kit: Kit) -> None:
        made = await kit.subscribed()
        kit.receiver.answers["/events"] = [status(500), status(429, (b"retry-after", b"7200")), status(200)]
        (event,) = await kit.happens(complaint())
        for wait in (5, 7200):
            assert await kit.deliver() == 1
            (row,) = await kit.sql(
                "select extract(epoch from m.next_try_at - a.at)::float as wait from gateway.webhook_message m "
                "join gateway.webhook_attempt a on a.message_id = m.message_id and a.number = m.attempts "
                "where m.state = 'waiting'"
            )
            assert row["wait"] >= wait * 0.9
            assert (await see_webhook(kit.setup, NORTH, made.subscription.id)).subscription.failing_since
            await kit.due()
        assert await kit.deliver() == 1
        seen = await see_message(kit.setup, NORTH, made.subscription.id, str(event.id))
        assert [(each.number, each.status, each.kind) for each in seen.attempts] == [
            (1, 500, "trouble"), (2, 429, "too-many"), (3, 200, "ok"),
        ]  # fmt: skip
        assert seen.message.state == "sent"
        assert {each.headers["webhook-id"] for each in kit.receiver.got} == {str(event.id)}
        assert {each.body for each in kit.receiver.got} == {seen.payload.encode()}
        assert (await see_webhook(kit.setup, NORTH, made.subscription.id)).subscription.failing_since is None

    async def test_receiver_that_is_gone_is_disabled_at_once_and_misses_nothing_when_it_goes_on(self, kit: Kit) -> None:
        made = await kit.subscribed()
        kit.receiver.answers["/events"] = [status(410), status(204)]
        await kit.happens(complaint())
        await kit.deliver()
        seen = await see_webhook(kit.setup, NORTH, made.subscription.id)
        assert (seen.subscription.status, seen.subscription.reason, seen.failed) == ("disabled", "gone", 1)
        assert seen.history[0].act == "disabled"
        await kit.happens(complaint(), complaint())
        assert await kit.deliver() == 0
        await resume_webhook(kit.setup, NORTH, made.subscription.id)
        assert await kit.deliver() == 2

    async def test_receiver_to_whom_nothing_got_through_for_three_days_is_disabled(self, kit: Kit) -> None:
        made = await kit.subscribed()
        kit.receiver.answers["/events"] = [status(503)]
        await kit.happens(complaint())
        await kit.deliver()
        assert (await see_webhook(kit.setup, NORTH, made.subscription.id)).subscription.status == "live"
        await kit.sql("update gateway.webhook_subscription set failing_since = now() - interval '3 days'")
        await kit.due()
        await kit.deliver()
        seen = await see_webhook(kit.setup, NORTH, made.subscription.id)
        assert (seen.subscription.status, seen.subscription.reason, seen.waiting) == ("disabled", "failing", 1)

    async def test_message_is_given_up_after_ten_attempts(self, kit: Kit) -> None:
        made = await kit.subscribed()
        kit.receiver.answers["/events"] = [status(500)]
        await kit.happens(complaint())
        await kit.sql("update gateway.webhook_message set attempts = 9 where state = 'waiting'")
        await kit.deliver()
        assert (await see_webhook(kit.setup, NORTH, made.subscription.id)).failed == 1

    async def test_both_secrets_sign_while_one_follows_the_other(self, kit: Kit) -> None:
        made = await kit.subscribed()
        newer = await rotate_webhook(kit.setup, NORTH, made.subscription.id, Overlap(7))
        await kit.happens(complaint())
        await kit.deliver()
        got = kit.receiver.got[-1]
        assert len(got.headers["webhook-signature"].split()) == 2
        for secret in (made.secret, newer.secret):
            Webhook(secret).verify(got.body, got.headers)
        # Its answer was lost, and another was made: the receiver still has the first one.
        newest = await rotate_webhook(kit.setup, NORTH, made.subscription.id, Overlap(7))
        await kit.happens(complaint())
        await kit.deliver()
        got = kit.receiver.got[-1]
        for secret in (made.secret, newer.secret, newest.secret):
            Webhook(secret).verify(got.body, got.headers)
        later = replace(kit.setup, clock=lambda: now() - timedelta(days=8))
        newest = await rotate_webhook(later, NORTH, made.subscription.id, Overlap(7))
        await kit.happens(complaint())
        await kit.deliver()
        got = kit.receiver.got[-1]
        Webhook(newest.secret).verify(got.body, got.headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(made.secret).verify(got.body, got.headers)
        await Clearing(kit.engine, "gateway").once()
        (row,) = await kit.sql("select previous_secret, previous_until from gateway.webhook_subscription")
        assert list(row) == [None, None]

    async def test_paused_receiver_gets_it_all_later(self, kit: Kit) -> None:
        made = await kit.subscribed()
        await pause_webhook(kit.setup, NORTH, made.subscription.id)
        await kit.happens(complaint(), complaint())
        assert await kit.deliver() == 0
        await resume_webhook(kit.setup, NORTH, made.subscription.id)
        assert await kit.deliver() == 2

    async def test_new_address_must_answer_before_it_gets_what_was_kept_for_it(self, kit: Kit) -> None:
        made = await kit.subscribed()
        kit.receiver.answers["/new"] = [status(404), status(204)]
        change = WebhookChange(url=kit.receiver.url("/new"))
        await change_webhook(kit.setup, NORTH, made.subscription.id, change)
        await kit.happens(complaint())
        assert await kit.deliver() == 1
        await kit.due()
        assert await kit.deliver() == 2
        assert [json.loads(each.body)["type"] for each in kit.receiver.at("/new")] == [
            TEST, TEST, "complaints.v1.complaint_received",
        ]  # fmt: skip
        assert not kit.receiver.at("/events")


class TestWorkers:
    async def test_worker_that_is_killed_in_the_middle_costs_one_more_delivery_at_most(self, kit: Kit) -> None:
        made = await kit.subscribed()
        (event,) = await kit.happens(complaint())
        (lost,) = await queue.claim(kit.engine, 10, 5, TEST)
        assert await kit.deliver() == 0
        await kit.due()
        assert await kit.deliver() == 1
        async with kit.engine.begin() as connection:
            late = Outcome("trouble", 500)
            await queue.write_down(connection, lost, late, timedelta(seconds=5))
        seen = await see_message(kit.setup, NORTH, made.subscription.id, str(event.id))
        assert (seen.message.state, seen.message.kind) == ("sent", "ok")
        assert len(kit.receiver.got) == 1

    async def test_two_workers_share_what_is_due_and_send_each_once(self, kit: Kit) -> None:
        await kit.subscribed()
        events = await kit.happens(*(complaint() for _ in range(40)))
        workers, stopping = [kit.deliverer(), kit.deliverer()], asyncio.Event()
        running = [asyncio.create_task(each.run(stopping)) for each in workers]
        await until(lambda: len(kit.receiver.got) >= 40)
        stopping.set()
        await asyncio.gather(*running)
        assert sorted(each.headers["webhook-id"] for each in kit.receiver.got) == sorted(str(each.id) for each in events)

    async def test_all_workers_together_send_a_subscription_no_more_at_once_than_it_may_have(self, kit: Kit) -> None:
        let_go = asyncio.Event()

        async def slow(send: Send) -> None:
            await let_go.wait()
            await status(204)(send)

        made = await kit.subscribed()
        kit.receiver.answers["/events"] = [slow]
        await kit.happens(*(complaint() for _ in range(8)))
        here, there, third = workers = [kit.deliverer(each=3) for _ in range(3)]
        # Whoever comes second at the very same moment takes nothing.
        begun = sum(await asyncio.gather(*(each.begin() for each in workers)))
        assert begun + await here.begin() == 3
        assert await there.begin() == await third.begin() == 0
        # Sent again while it is under way, it waits for its turn like any other.
        await replay_webhook(kit.setup, NORTH, made.subscription.id, Again(unsent=True))
        assert await there.begin() == 0
        let_go.set()
        for each in workers:
            await each.finish()
        assert await there.begin() == 3
        await there.finish()
        # What a worker that was killed had begun holds nobody up for longer than its lease.
        lost = await queue.claim(kit.engine, 10, 3, TEST)
        assert await here.begin() == 0
        await kit.sql("update gateway.webhook_attempt set at = at - interval '61 seconds' where kind is null")
        await kit.due()
        assert await here.begin() == len(lost) > 0
        await here.finish()
        for each in workers:
            await each.close()

    async def test_slow_receiver_holds_up_itself_alone(self, kit: Kit) -> None:
        let_go = asyncio.Event()

        async def slow(send: Send) -> None:
            await let_go.wait()
            await status(204)(send)

        await kit.subscribed(path="/slow")
        await kit.subscribed(path="/quick")
        kit.receiver.answers["/slow"] = [slow]
        await kit.happens(*(complaint() for _ in range(12)))
        worker, stopping = kit.deliverer(each=3), asyncio.Event()
        running = asyncio.create_task(worker.run(stopping))
        await until(lambda: len(kit.receiver.at("/quick")) == 12 and len(kit.receiver.at("/slow")) == 3)
        assert len(kit.receiver.at("/slow")) == 3
        let_go.set()
        await until(lambda: len(kit.receiver.at("/slow")) == 12)
        stopping.set()
        await running
        assert (await kit.sql("select count(*) from gateway.webhook_message where state = 'waiting'"))[0][0] == 0

    async def test_clearing_takes_what_is_old_and_what_nobody_wants_any_more(self, kit: Kit) -> None:
        await kit.subscribed()
        await kit.happens(complaint())
        await kit.deliver()
        clearing = Clearing(kit.engine, "gateway")
        assert await clearing.once() == 0
        assert await clearing.once(timedelta(seconds=-5)) == 2
        assert (await kit.sql("select count(*) from gateway.webhook_attempt"))[0][0] == 0


class TestOutside:
    """What a receiver, or whoever runs its name server, may try."""

    async def test_redirects_are_not_followed_and_answers_are_not_kept(self, kit: Kit) -> None:
        made = await kit.subscribed()
        where = kit.receiver.url("/elsewhere").encode()
        kit.receiver.answers["/events"] = [
            status(302, (b"location", where)), status(200, (b"content-encoding", b"gzip"), body=b"secret words " * 90_000),
        ]  # fmt: skip
        await kit.happens(complaint())
        for _ in range(2):
            await kit.deliver()
            await kit.due()
        assert not kit.receiver.at("/elsewhere")
        messages, _ = await see_log(kit.setup, NORTH, made.subscription.id, None, None, 10)
        assert [(each.state, each.kind, each.status, each.attempts) for each in messages] == [
            ("sent", "ok", 200, 2), ("sent", "ok", 204, 1),
        ]  # fmt: skip
        dump = await kit.sql(
            "select m::text || a::text as words "
            "from gateway.webhook_message m join gateway.webhook_attempt a using (message_id)"
        )
        assert not [row for row in dump if "secret words" in row["words"]]

    async def test_name_is_looked_up_and_checked_for_each_connection(self, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
        await kit.subscribed()
        answers = [["127.0.0.1"], ["10.0.0.7"], ["127.0.0.1", "169.254.169.254"], []]

        def lookup(host: str, port: int, family: int) -> list[Any]:
            assert host == "cms.example"
            found = answers.pop(0)
            if not found:
                raise socket.gaierror(socket.EAI_NONAME, "words of a name server")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

        monkeypatch.setattr(outside, "lookup", lookup)
        client = Outside(LOOPBACK, places=2)
        url = f"http://cms.example:{kit.receiver.port}/events"
        kinds = [(await client.post(url, b"{}", {})).kind for _ in range(4)]
        assert kinds == ["ok", "forbidden", "forbidden", "name"]
        assert [each.headers["host"] for each in kit.receiver.got] == [f"cms.example:{kit.receiver.port}"]
        await client.close()

    async def test_addresses_inside_are_not_connected_to_even_when_they_stand_in_the_url(self, kit: Kit) -> None:
        client = Outside(places=2, seconds=5)
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"):
            found = await client.post(f"http://{host}:{kit.receiver.port}/events", b"{}", {})
            assert not found.taken
            assert found.kind in {"forbidden", "own", "connection"}, (host, found)
        assert not kit.receiver.got
        await client.close()

    async def test_receiver_that_never_answers_or_speaks_no_http_ends_in_time(self, kit: Kit) -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        async def babbling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example ESMTP\r\n")
            await writer.drain()
            await reader.read()
            writer.close()

        client = Outside(LOOPBACK, places=2, seconds=0.5)
        for server, kind in ((silent, "timeout"), (babbling, "answer")):
            async with await asyncio.start_server(server, "127.0.0.1", 0) as listening:
                port = listening.sockets[0].getsockname()[1]
                assert (await client.post(f"http://127.0.0.1:{port}/", b"{}", {})).kind == kind
        assert (await client.post(f"https://127.0.0.1:{kit.receiver.port}/", b"{}", {})).kind == "tls"
        assert (await client.post("http://127.0.0.1:1/", b"{}", {})).kind == "connection"
        await client.close()
