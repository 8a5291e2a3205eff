"""Kill -9 in the middle of a load: every record that was answered 2xx is in the reports exactly once."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest

from loop_cli.operator import Operator
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.load import (
    ORG,
    PATIENCE,
    Load,
    new_client,
)
from tests.projected import (
    positions,
    wait_until_projected,
)

FACTS = {
    "audit": ("fact_audit", "outcome_id"),
    "compliment": ("fact_compliment", "compliment_id"),
    "response": ("fact_response", "response_id"),
}


@pytest.fixture
def load(stack: EmbeddedStack) -> Load:
    with Operator.of(stack.layout.root) as operator:
        return Load(stack.url, new_client(operator))


def facts(stack: EmbeddedStack, kind: str) -> list[str]:
    table, key = FACTS[kind]
    return stack.postgres.run_sql(f"select {key} from reporting.{table}", database="loop").split()


def kill(name: str) -> Callable[[EmbeddedStack], None]:
    def act(stack: EmbeddedStack) -> None:
        stack.process(name).kill()
        stack.wait_ready(name)

    return act


def wipe_broker(stack: EmbeddedStack) -> None:
    with stack.held("nats"):
        stack.nats.kill()
        stack.nats.wipe()
    stack.wait_ready("nats")


FAULTS: dict[str, Callable[[EmbeddedStack], None]] = {
    "relay of audit": kill("audit-worker"),
    "relay of complaints": kill("complaints-worker"),
    "consumer": kill("reporting-worker"),
    "broker": kill("nats"),
    "broker, storage wiped": wipe_broker,
    "PostgreSQL": kill("postgres"),
    "web process": kill("complaints"),
    "gateway": kill("gateway"),
}


@pytest.mark.chaos
@pytest.mark.stack
class TestNothingIsLost:
    @pytest.mark.parametrize("fault", FAULTS)
    async def test_what_was_answered_2xx_is_in_the_reports_exactly_once(
        self, stack: EmbeddedStack, load: Load, fault: str
    ) -> None:
        before = {kind: set(facts(stack, kind)) for kind in FACTS}
        async with load.running():
            await load.until(10)
            await asyncio.to_thread(FAULTS[fault], stack)
            await load.until(10)
        await asyncio.to_thread(wait_until_projected, stack)
        assert load.unexpected == []
        for kind in FACTS:
            found = [each for each in facts(stack, kind) if each not in before[kind]]
            accepted = sorted(str(each) for each in load.accepted[kind])
            assert len(set(accepted)) == len(accepted)
            assert sorted(found) == accepted, f"{kind}: in the reports exactly once"

    def test_no_event_was_put_aside_and_no_sequence_has_a_gap(self, stack: EmbeddedStack) -> None:
        wait_until_projected(stack)
        dead = stack.postgres.run_sql("select count(*) from reporting.dead_letter", database="loop")
        assert int(dead) == 0
        inbox = stack.postgres.run_sql("select source, count(*) from reporting.inbox group by 1 order by 1", database="loop")
        applied: dict[str, Any] = {}
        for line in inbox.splitlines():
            with contextlib.suppress(ValueError):
                source, count = line.replace("|", " ").split()
                applied[source] = int(count)
        assert applied == {source: written for source, (_, written) in positions(stack).items() if written}

    def test_a_replay_from_empty_gives_the_same_facts(self, stack: EmbeddedStack) -> None:
        before = {kind: sorted(facts(stack, kind)) for kind in FACTS}
        with Operator.of(stack.layout.root) as operator:
            operator.call("POST", "/reporting/v1/replay", org=ORG)
        deadline = time.monotonic() + PATIENCE
        pending = "select count(*) from reporting.consumer_command where done_at is null"
        while int(stack.postgres.run_sql(pending, database="loop")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        wait_until_projected(stack)
        assert {kind: sorted(facts(stack, kind)) for kind in FACTS} == before
