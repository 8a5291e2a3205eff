"""Many more requests than a service can take: those that are taken are right, all others are told when to come back."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from chassis.middleware import Receive, Scope, Send
from chassis.testing.page_client import assert_page
from chassis.testing.sample import eventually
from gateway.testing import Gateway, Upstream, respond, upstreams_at
from loop_cli.servers import free_port

Start = Callable[..., Awaitable[Gateway]]

PLACES, QUEUE = 4, 12


class TestFourTimesTheCapacity:
    async def test_taken_requests_are_right_and_the_others_are_told_when_to_come_back(
        self, start: Start, upstream: Upstream
    ) -> None:
        most = now = 0
        go = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal most, now
            now += 1
            most = max(most, now)
            body = b""
            more = True
            while more:
                message = await receive()
                body, more = body + message.get("body", b""), message.get("more_body", False)
            await go.wait()
            now -= 1
            await respond(send, 201, scope["query_string"] + b" " + body)

        upstream.answers["/audit/v1/outcomes"] = slow
        gateway = await start(connections_per_service=PLACES, queue_per_service=QUEUE)
        client = await gateway.system()
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(base_url=gateway.url, headers=client.headers, timeout=120, limits=limits) as many:

            async def one(number: int) -> httpx.Response:
                return await many.post(f"/audit/v1/outcomes?n={number}", content=b"x" * (1000 + number))

            count = 4 * (PLACES + QUEUE)
            tasks = [asyncio.create_task(one(number)) for number in range(count)]

            async def all_others_are_answered() -> bool:
                return sum(task.done() for task in tasks) == count - PLACES - QUEUE

            await eventually(all_others_are_answered)
            go.set()
            answers = await asyncio.gather(*tasks)
        taken = {number: answer for number, answer in enumerate(answers) if answer.status_code == 201}
        assert len(taken) == PLACES + QUEUE
        for number, answer in taken.items():
            assert answer.text == f"n={number} " + "x" * (1000 + number)
        for answer in answers:
            if answer.status_code != 201:
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
                assert answer.json()["type"] == "urn:learning-loop:problem:service-busy"
        assert most <= PLACES
        # What was refused did not reach the service, and the places are free again.
        assert len(upstream.seen) == PLACES + QUEUE
        assert (await client.get("/audit/v1/x")).status_code == 200


class TestServiceThatIsAway:
    async def test_is_left_in_peace_and_asked_again(self, start: Start, upstream: Upstream) -> None:
        port = free_port()
        gateway = await start(upstreams={**upstreams_at(upstream.port), "complaints": f"http://127.0.0.1:{port}"})
        client = await gateway.system()
        seen = [(await client.post("/complaints/v1/x", json={})).status_code for _ in range(7)]
        assert seen == [502] * 5 + [503] * 2
        away = await client.post("/complaints/v1/x", json={})
        assert away.json()["type"] == "urn:learning-loop:problem:service-away"
        assert 1 <= int(away.headers["retry-after"]) <= 5
        family = await (await gateway.client(Accept="text/html")).get("/c/north")
        assert family.status_code == 503
        assert_page(family)
        # Others are not concerned.
        assert (await client.get("/audit/v1/x")).status_code == 200
        health = (await (await gateway.client()).get("/health")).json()
        assert health["state"] == "degraded"

    async def test_comes_back_with_the_first_answer(self, start: Start, upstream: Upstream) -> None:
        async def hangs(_: Scope, receive: Receive, __: Send) -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        upstream.answers["/audit/v1/x"] = hangs
        gateway = await start(idle_timeout=0.2, breaker_failures=2, breaker_seconds=0.2)
        client = await gateway.system()
        assert [(await client.get("/audit/v1/x")).status_code for _ in range(2)] == [504, 504]
        del upstream.answers["/audit/v1/x"]

        async def back() -> bool:
            return (await client.get("/audit/v1/x")).status_code == 200

        await eventually(back)
        assert (await client.get("/audit/v1/x")).status_code == 200
