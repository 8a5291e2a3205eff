"""The gateway's part of a trace: what it says of a request, and never its path, its words or who it was."""

from collections.abc import Awaitable, Callable, Iterator

import pytest

from chassis import tracing
from chassis.otlp import Sending
from chassis.testing.traces import Receiver, Seen, receiving
from gateway.testing import Gateway, Upstream
from gateway.testing_webhooks import Kit, complaint, received, status

TRACE = "0af7651916cd43dd8448eb211c80319c"
SAMPLED, NOT_SAMPLED = f"00-{TRACE}-b7ad6b7169203331-01", f"00-{TRACE}-b7ad6b7169203331-00"
LINK = "Tk" + "s" * 41


@pytest.fixture
def collector() -> Iterator[Receiver]:
    with receiving() as receiver:
        try:
            yield receiver
        finally:
            all_sent()


@pytest.fixture
async def traced(start: Callable[..., Awaitable[Gateway]], collector: Receiver) -> Gateway:
    """A gateway that records every request."""
    return await start(traces_endpoint=collector.url, traces_ratio=1.0)


def all_sent() -> None:
    """End the recording, which sends what is left."""
    tracer = tracing.current()
    if isinstance(tracer, Sending):
        tracer.close()


def named(spans: list[Seen], name: str) -> Seen:
    (found,) = [each for each in spans if each.name == name]
    return found


class TestOfTheGateway:
    async def test_says_how_long_authentication_and_the_service_took_and_hands_the_trace_on(
        self, traced: Gateway, upstream: Upstream, collector: Receiver
    ) -> None:
        client = await traced.system("audit:outcomes:write")
        # Our own decision counts, not the caller's.
        answer = await client.post(
            "/audit/v1/outcomes?child=Alex", json={"about": "Alex"}, headers={"traceparent": NOT_SAMPLED, "tracestate": "a=1"}
        )
        assert answer.status_code == 200
        handed = upstream.last.header("traceparent") or ""
        all_sent()
        spans = collector.trace(TRACE)
        request, known, asked = named(spans, "POST audit"), named(spans, "authentication"), named(spans, "upstream")
        assert (request.parent, known.parent, asked.parent) == (NOT_SAMPLED[36:52], request.span, request.span)
        assert (handed[3:35], handed[36:52]) == (TRACE, asked.span)
        assert tracing.is_recorded(handed)
        assert request.attributes == {
            "http.request.method": "POST", "http.response.status_code": 200, "loop.upstream": "audit", "loop.caller": "client",
            "loop.org": "north",
        }  # fmt: skip
        assert asked.attributes == {"loop.upstream": "audit"}
        # The look at the directory, the first time that the key was shown.
        assert [each.name for each in spans if each.parent == known.span] == ["transaction"]
        assert b"Alex" not in collector.raw()

    async def test_where_it_is_not_recorded_who_comes_after_records_nothing_either(
        self, start: Callable[..., Awaitable[Gateway]], upstream: Upstream, collector: Receiver
    ) -> None:
        gateway = await start(traces_endpoint=collector.url, traces_ratio=0.0)
        client = await gateway.system("audit:outcomes:write")
        await client.get("/audit/v1/x", headers={"traceparent": SAMPLED})
        assert upstream.last.header("traceparent") == NOT_SAMPLED
        await client.get("/audit/v1/x")
        begun = tracing.valid(upstream.last.header("traceparent"))
        assert begun is not None
        assert not tracing.is_recorded(begun)
        all_sent()
        assert collector.spans() == []

    async def test_no_link_of_a_family_no_key_and_no_path_is_in_any(
        self, traced: Gateway, upstream: Upstream, collector: Receiver
    ) -> None:
        family = await traced.client(Cookie="survey=cookievalue", User_Agent="zq-browser")
        for path in (f"/s/{LINK}", f"/s/start/{LINK}", "/s/question/3"):
            assert (await family.get(path)).status_code == 200
        wrong = await traced.client(Authorization="Bearer wrongtoken")
        assert (await wrong.get("/audit/v1/zq-reference")).status_code == 401
        assert (await wrong.request("PROPFIND", "/audit/v1/x")).status_code == 405
        assert (await wrong.get("/gateway/v1/zq-nothing")).status_code in {401, 404}
        assert (await family.get("/health")).status_code in {200, 503}
        all_sent()
        raw = collector.raw()
        for secret in (LINK, "cookievalue", "zq-browser", "wrongtoken", "zq-reference", "PROPFIND", "zq-nothing", "127.0.0.1"):
            assert secret.encode() not in raw, secret
        spans = [each for each in collector.spans() if not each.parent]
        assert [each.name for each in spans[:3]] == ["GET feedback"] * 3
        refused = next(each for each in spans if each.attributes["http.response.status_code"] == 401)
        assert (refused.attributes["loop.reason"], refused.failed) == ("unauthenticated", False)
        assert {each.name for each in spans} >= {"other audit", "GET gateway"}
        assert "/health" in {each.attributes.get("http.route") for each in spans}

    async def test_a_service_that_is_away_is_a_failure(
        self, start: Callable[..., Awaitable[Gateway]], collector: Receiver
    ) -> None:
        services = ("audit", "feedback", "complaints", "reporting")
        gateway = await start(
            traces_endpoint=collector.url, traces_ratio=1.0, upstreams=dict.fromkeys(services, "http://127.0.0.1:9")
        )
        client = await gateway.system("audit:outcomes:write")
        assert (await client.get("/audit/v1/x", headers={"traceparent": SAMPLED})).status_code == 502
        all_sent()
        spans = collector.trace(TRACE)
        request, asked = named(spans, "GET audit"), named(spans, "upstream")
        assert (request.failed, asked.failed, asked.attributes["error.type"]) == (True, True, "Refusal")
        assert not named(spans, "authentication").failed


class TestOfWebhooks:
    async def test_an_attempt_says_the_kind_of_event_and_what_came_of_it_and_no_address(
        self, kit: Kit, collector: Receiver, start: Callable[..., Awaitable[Gateway]]
    ) -> None:
        await kit.subscribed(path="/zq-path-of-the-receiver")
        kit.receiver.answers["/zq-path-of-the-receiver"] = [status(500)]
        await kit.happens(complaint())
        await start(traces_endpoint=collector.url, traces_ratio=1.0)
        assert await kit.deliver() == 1
        all_sent()
        found = named(collector.spans(), "webhook")
        assert found.attributes == {
            "loop.org": "north", "loop.event": "complaints.v1.complaint_received", "loop.attempt": 1, "loop.outcome": "trouble",
            "http.response.status_code": 500,
        }  # fmt: skip
        assert b"zq-path" not in collector.raw()

    async def test_it_belongs_to_the_trace_of_its_event_and_sends_nothing_of_it(
        self, kit: Kit, collector: Receiver, start: Callable[..., Awaitable[Gateway]]
    ) -> None:
        await kit.subscribed()
        of = {"recorded": SAMPLED, "not recorded": f"00-{TRACE[::-1]}-b7ad6b7169203331-00", "nobody's": "zq-no-trace"}
        arrived = [received(complaint()) for _ in of]
        for each, context in zip(arrived, of.values(), strict=True):
            each.envelope["traceparent"] = context
        await kit.happens(*arrived)
        await start(traces_endpoint=collector.url, traces_ratio=1.0)
        assert await kit.deliver() == 3
        all_sent()
        found = [each for each in collector.spans() if each.name == "webhook"]
        assert sorted((each.trace == TRACE, each.parent) for each in found) == [(False, ""), (True, SAMPLED[36:52])]
        sent = kit.receiver.got[-3:]
        assert len(sent) == 3
        assert TRACE not in str([(each.headers, each.body) for each in sent])
        assert await kit.sql("select traceparent from gateway.webhook_message where traceparent like '%zq%'") == []
