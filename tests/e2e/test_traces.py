"""One outcome, posted as another system does: one trace, from the gateway to the read models and to a webhook."""

import time

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chassis.testing.browser import served
from chassis.testing.traces import Receiver, Seen
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.load import ORG, first_record
from tests.conftest import Outside, key

pytestmark = pytest.mark.stack

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
PATIENCE = 120.0
EVENT = "loop.audit.v1.outcome_recorded"


def wait_for_spans(collector: Receiver, *names: str, trace: str | None = None) -> list[Seen]:
    """Wait until spans of these names have come (of a trace), each with its service in front; give all there are then."""
    deadline = time.monotonic() + PATIENCE
    while True:
        spans = collector.spans() if trace is None else collector.trace(trace)
        found = {f"{each.service} {each.name}" for each in spans}
        missing = set(names) - found
        if not missing:
            return spans
        assert time.monotonic() < deadline, (missing, sorted(found))
        time.sleep(0.2)


class TestOneOutcome:
    def test_is_one_trace_from_the_gateway_to_the_projection(
        self, stack: EmbeddedStack, outside: Outside, collector: Receiver
    ) -> None:
        with outside.client("audit:outcomes:write") as client:
            body = {**first_record("audit-outcomes"), "reference": "zq-trace-1"}
            traced = {"traceparent": f"00-{TRACE}-{PARENT}-00"}
            answer = client.post("/audit/v1/outcomes", json=body, headers={**key(), **traced})
            assert answer.status_code == 201, answer.text
        names = (
            "gateway POST audit", "gateway upstream", "audit POST /audit/v1/outcomes", "audit transaction",
            f"audit-worker publish {EVENT}", f"reporting-worker apply {EVENT}",
        )  # fmt: skip
        of = {f"{each.service} {each.name}": each for each in wait_for_spans(collector, *names, trace=TRACE)}
        entered, asked, served, written, published, applied = (of[each] for each in names)
        assert entered.parent == PARENT
        assert (asked.parent, served.parent, written.parent) == (entered.span, asked.span, served.span)
        assert published.parent == applied.parent == written.span
        assert served.attributes["http.response.status_code"] == 201

        # What was applied with it stands in the trace of the batch, which leads back here.
        ((trace, span),) = applied.links
        batch = next(
            each for each in wait_for_spans(collector, "reporting-worker batch of audit", trace=trace) if each.span == span
        )
        assert (TRACE, written.span) in batch.links

        # And the log of each process has lines of this trace.
        logs = {path.name: path.read_text() for path in stack.layout.logs.rglob("*.log")}
        assert {name for name, lines in logs.items() if TRACE in lines} >= {"gateway.log", "audit.log"}


class TestWebhook:
    def test_its_message_is_in_the_trace_of_the_request_and_carries_nothing_of_it(
        self, stack: EmbeddedStack, outside: Outside, collector: Receiver
    ) -> None:
        got: list[str] = []

        async def take(request: Request) -> Response:
            got.append(f"{request.url} {request.headers} {(await request.body()).decode()}")
            return Response(status_code=204)

        trace = TRACE[::-1]
        with served(Starlette(routes=[Route("/events", take, methods=["POST"])])) as url:
            asked = {"name": "traced", "url": f"{url}/events", "types": ["audit.v1.outcome_recorded"]}
            made = outside.operator.call("POST", "/gateway/v1/webhooks", org=ORG, json=asked, headers=key())
            where = f"/gateway/v1/webhooks/{made['subscription_id']}"
            deadline = time.monotonic() + PATIENCE
            while (status := outside.operator.call("GET", where, org=ORG)["status"]) != "live":
                assert time.monotonic() < deadline, status
                time.sleep(0.2)
            with outside.client("audit:outcomes:write") as client:
                body = {**first_record("audit-outcomes"), "reference": "zq-trace-2"}
                traced = {"traceparent": f"00-{trace}-{PARENT}-00"}
                assert client.post("/audit/v1/outcomes", json=body, headers={**key(), **traced}).status_code == 201
            names = ("audit transaction", "gateway-worker webhook")
            of = {f"{each.service} {each.name}": each for each in wait_for_spans(collector, *names, trace=trace)}
            outside.operator.call("DELETE", where, org=ORG, headers=key())
        written, sent = (of[each] for each in names)
        assert sent.parent == written.span
        assert (sent.attributes["loop.event"], sent.attributes["loop.outcome"]) == ("audit.v1.outcome_recorded", "ok")
        assert any("outcome_recorded" in each for each in got)
        assert [each for each in got if trace in each or "traceparent" in each] == []
