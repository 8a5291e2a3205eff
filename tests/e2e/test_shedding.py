"""Four times as many requests at once as a real service has places for: each that is taken is in the database, once.

The service holds what it has taken for as long as the database holds a table, so it is a condition that is waited for.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import httpx
import pytest
import uvicorn
from pydantic import SecretStr
from services.complaints.tests.conftest import application_on, profile_applied

from chassis.testing.fixtures import Database, Databases, Filling, Keys, migrate
from chassis.testing.sample import eventually
from gateway.main import config
from gateway.settings import GatewaySettings
from gateway.testing import OPERATOR_KEY, Gateway, serving, upstreams_at

__all__ = ["profile_applied"]

ORG, PLACES, QUEUE = "worcestershire", 2, 2
COUNT = 4 * (PLACES + QUEUE)
COMPLIMENT = {"received_on": "2022-04-28", "service_area": "send", "source": "parent-or-carer", "external": True}


@pytest.fixture
def complaints(databases: Databases, profile_applied: Filling) -> Iterator[Database]:
    with databases.clone("complaints", migrate("complaints"), profile_applied) as database:
        yield database


@pytest.fixture
def clients(databases: Databases) -> Iterator[Database]:
    with databases.clone("gateway", migrate("gateway")) as database:
        yield database


@pytest.fixture
async def gateway(complaints: Database, clients: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway with few places before the complaints service."""
    with pytest.MonkeyPatch.context() as patch:
        application = application_on(complaints, keys, patch)
        service = uvicorn.Config(application, http="httptools", log_config=None, access_log=False)
        async with AsyncExitStack() as stack:
            port = await stack.enter_async_context(serving(service))
            (tmp_path / "operator.key").write_text(OPERATOR_KEY)
            settings = GatewaySettings(
                database_url=SecretStr(clients.url()),
                database_pool=3,
                signing_key=keys.folder / "gateway.jwk",
                identity_keys=keys.folder / "identity-keys.json",
                operator_key_file=tmp_path / "operator.key",
                upstreams=upstreams_at(port),
                connections_per_service=PLACES,
                queue_per_service=QUEUE,
                grace_seconds=2,
            )
            yield Gateway(await stack.enter_async_context(serving(config(settings))), settings, stack)


async def stored(complaints: Database) -> list[str]:
    """References in the database, as often as they are there."""
    connection = await asyncpg.connect(complaints.url("admin"))
    try:
        return [row[0] for row in await connection.fetch("select reference from complaints.compliment order by 1")]
    finally:
        await connection.close()


class TestFourTimesTheCapacity:
    async def test_what_is_taken_is_stored_once_and_what_is_refused_is_not_and_can_be_sent_again(
        self, gateway: Gateway, complaints: Database
    ) -> None:
        key = (await gateway.credentials("complaints:write", org=ORG))["api_key"]
        many = await gateway.stack.enter_async_context(
            httpx.AsyncClient(
                base_url=gateway.url, headers={"X-API-Key": key}, timeout=120, limits=httpx.Limits(max_connections=None)
            )
        )

        async def send(number: int) -> httpx.Response:
            body = {**COMPLIMENT, "reference": f"C-{number:02}"}
            return await many.post(
                "/complaints/v1/compliments", json=body, headers={"X-API-Key": key, "Idempotency-Key": f"k-{number}"}
            )

        holding = await asyncpg.connect(complaints.url("admin"))
        hold = holding.transaction()
        await hold.start()
        await holding.execute("lock table complaints.compliment in access exclusive mode")
        tasks = [asyncio.create_task(send(number)) for number in range(COUNT)]

        async def all_others_are_answered() -> bool:
            return sum(task.done() for task in tasks) == COUNT - PLACES - QUEUE

        await eventually(all_others_are_answered)
        await hold.rollback()
        await holding.close()
        answers = await asyncio.gather(*tasks)
        taken = {number for number, answer in enumerate(answers) if answer.status_code == httpx.codes.CREATED}
        assert len(taken) == PLACES + QUEUE
        assert await stored(complaints) == [f"C-{number:02}" for number in sorted(taken)]
        for number in set(range(COUNT)) - taken:
            assert (answers[number].status_code, answers[number].headers["retry-after"]) == (503, "2"), answers[number].text
        # Sent again, one after another, those that were taken as well: each is there once.
        again = [await send(number) for number in range(COUNT)]
        assert {answer.status_code for answer in again} == {httpx.codes.CREATED}
        assert await stored(complaints) == [f"C-{number:02}" for number in range(COUNT)]
