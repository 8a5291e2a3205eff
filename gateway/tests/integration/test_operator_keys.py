"""Keys of operators: each with a name and an end, and what becomes of the key that an installation began with."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from chassis.testing.fixtures import Database
from chassis.testing.sample import eventually
from gateway.domain.operator_keys import PREFIX
from gateway.testing import OPERATOR_KEY, Gateway

Start = Callable[..., Awaitable[Gateway]]
PATH = "/gateway/v1/operator-keys"


async def statuses(gateway: Gateway, *keys: str) -> list[int]:
    """What each key is answered."""
    clients = [await gateway.client(Authorization=f"Bearer {each}") for each in keys]
    return [(await each.get(PATH)).status_code for each in clients]


async def make(gateway: Gateway, name: str = "alice", key: str = OPERATOR_KEY, **more: Any) -> Any:
    answer = await (await gateway.client(Authorization=f"Bearer {key}")).post(PATH, json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


class TestKeysWithNames:
    async def test_first_one_ends_the_key_of_the_setting_and_the_last_to_go_brings_it_back(
        self, gateway: Gateway, database: Database
    ) -> None:
        assert await statuses(gateway, OPERATOR_KEY) == [200]
        made = await make(gateway)
        assert made["key"].startswith(PREFIX)
        assert (made["name"], made["created_by"], made["good"]) == ("alice", "operator", True)
        assert await statuses(gateway, OPERATOR_KEY, made["key"], made["key"] + "x", PREFIX) == [401, 200, 401, 401]
        other = await make(gateway, "bob", made["key"], expires_on=(datetime.now(UTC) + timedelta(days=5)).date().isoformat())
        assert other["created_by"] == "operator:alice"
        operator = await gateway.client(Authorization=f"Bearer {other['key']}")
        listed = (await operator.get(PATH)).json()["items"]
        assert [each["name"] for each in listed] == ["bob", "alice"]
        assert all(each["last_used_at"] for each in listed)
        assert not any("key" in each for each in listed)
        # What stands in the database opens nothing.
        connection = await asyncpg.connect(database.url("admin"))
        rows = [str(dict(row)) for row in await connection.fetch("select * from gateway.operator_key")]
        await connection.close()
        assert not any(each["key"].removeprefix(PREFIX) in row for each in (made, other) for row in rows)
        for _ in range(2):
            assert (await operator.delete(f"{PATH}/{made['key_id']}")).status_code == 204
        assert await statuses(gateway, made["key"], OPERATOR_KEY) == [401, 401]
        assert (await operator.delete(f"{PATH}/c-unknown")).status_code == 404
        assert (await operator.delete(f"{PATH}/{other['key_id']}")).status_code == 204
        assert await statuses(gateway, other["key"], OPERATOR_KEY) == [401, 200]

    async def test_rotation_overlaps_and_an_end_comes_by_itself(self, start: Start, database: Database) -> None:
        gateway = await start(credential_ttl=0)
        old = await make(gateway)
        operator = await gateway.client(Authorization=f"Bearer {old['key']}")
        again = await operator.post(PATH, json={"name": "alice"})
        assert (again.status_code, old["key_id"] in again.text) == (409, True)
        new = (await operator.post(f"{PATH}/{old['key_id']}/rotation", json={"overlap_days": 2})).json()
        assert (new["name"], await statuses(gateway, old["key"], new["key"])) == ("alice", [200, 200])
        connection = await asyncpg.connect(database.url("admin"))
        await connection.execute(
            "update gateway.operator_key set created_at = now() - interval '3 days', expires_at = now() where key_id = $1",
            old["key_id"],
        )
        await connection.close()
        assert await statuses(gateway, old["key"], new["key"]) == [401, 200]
        operator = await gateway.client(Authorization=f"Bearer {new['key']}")
        assert (await operator.post(f"{PATH}/{old['key_id']}/rotation", json={})).status_code == 409
        at_once = (await operator.post(f"{PATH}/{new['key_id']}/rotation", json={"overlap_days": 0})).json()
        assert await statuses(gateway, new["key"], at_once["key"]) == [401, 200]

    async def test_what_is_asked_wrongly_makes_nothing(self, gateway: Gateway) -> None:
        operator = await gateway.operator()
        year = (datetime.now(UTC) + timedelta(days=400)).date().isoformat()
        wrong: list[dict[str, Any]] = [
            {}, {"name": "A"}, {"name": "a b"}, {"name": "x"}, {"name": "alice", "expires_on": "2020-01-01"},
            {"name": "alice", "expires_on": year}, {"name": "alice", "more": 1},
        ]  # fmt: skip
        for body in wrong:
            assert (await operator.post(PATH, json=body)).status_code == 422, body
        assert (await operator.get(PATH)).json() == {"items": []}

    async def test_counts_from_inside_only_for_the_whole_service_and_while_others_wait(
        self, start: Start, upstream: Any
    ) -> None:
        gateway = await start(trusted_proxies=["127.0.0.1/32"], credential_ttl=60)
        key = (await make(gateway))["key"]
        outside = await gateway.client(Authorization=f"Bearer {key}", X_Forwarded_For="203.0.113.9")
        assert (await outside.get(PATH)).status_code == 401
        await make(gateway, "bob", key)
        operator = await gateway.client(Authorization=f"Bearer {key}")
        (await operator.put("/gateway/v1/organisations/north", json={"name": "North"})).raise_for_status()
        north = await gateway.client(Authorization=f"Bearer {key}", Loop_Org="north")
        assert (await north.get("/audit/v1/x")).status_code == 200
        assert (upstream.identity("audit").kind, upstream.identity("audit").subject) == ("operator", "operator:alice")
        (await operator.put("/gateway/v1/maintenance/all", json={})).raise_for_status()
        stranger = await gateway.client(Authorization=f"Bearer {PREFIX}{'x' * 43}")
        assert [(await each.get("/audit/v1/x")).status_code for each in (operator, stranger)] == [200, 503]

    async def test_key_that_is_ended_in_one_gateway_is_ended_in_the_other(self, start: Start) -> None:
        here, there = await start(credential_ttl=3600), await start(credential_ttl=3600)
        alice = await make(here)

        async def first_is_out() -> bool:
            return await statuses(there, OPERATOR_KEY) == [401]

        await eventually(first_is_out)
        assert await statuses(there, alice["key"]) == [200]
        operator = await here.client(Authorization=f"Bearer {alice['key']}")
        (await operator.delete(f"{PATH}/{alice['key_id']}")).raise_for_status()

        async def out() -> bool:
            return await statuses(there, alice["key"]) == [401]

        await eventually(out)
