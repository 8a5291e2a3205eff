"""The gateway's own trail: who did what with keys, clients, sessions, organisations and planned work; a change of it shows."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.secrets import Secrets
from chassis.tenancy import INSTALLATION
from chassis.testing.fixtures import Database
from chassis.testing.page_client import assert_page
from chassis.trail.checking import walked
from chassis.trail.joining import JoinedTrail
from chassis.unit_of_work import UnitOfWork
from gateway.testing import Gateway
from gateway.testing_sign_in import LyingProvider, apply, enter, provider_of

Start = Callable[..., Awaitable[Gateway]]
PATH = "/gateway/v1/trail"
KEY = base64.b64encode(bytes(range(32))).decode()


async def entries(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get(PATH)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def told(items: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["subject"], each["method"], each["route"]) for each in items]


async def execute(database: Database, statement: str) -> None:
    connection = await asyncpg.connect(database.url("admin"))
    await connection.execute(statement)
    await connection.close()


class TestWhatOperatorsDo:
    async def test_each_act_is_written_with_the_name_of_the_key_and_nothing_that_failed(self, gateway: Gateway) -> None:
        first = await gateway.operator()
        made = (await first.post("/gateway/v1/operator-keys", json={"name": "alice"})).json()
        alice = await gateway.client(Authorization=f"Bearer {made['key']}")
        (await alice.put("/gateway/v1/organisations/north", json={"name": "North"})).raise_for_status()
        north = await gateway.client(Authorization=f"Bearer {made['key']}", Loop_Org="north")
        body = {"name": "cms", "scopes": ["audit:outcomes:write", "trail:read"]}
        issued = (await north.post("/gateway/v1/clients", json=body)).json()
        assert (await north.post("/gateway/v1/clients", json=body)).status_code == 409
        assert (await north.get("/gateway/v1/clients")).status_code == 200
        (await alice.put("/gateway/v1/maintenance/audit", json={})).raise_for_status()
        (await alice.delete("/gateway/v1/maintenance/audit")).raise_for_status()
        (await north.delete("/gateway/v1/sessions", params={"subject": "staff-E100"})).raise_for_status()
        of_all = await entries(alice)
        who = "operator:alice"
        assert told(of_all) == [
            ("operator", "POST", "/gateway/v1/operator-keys"),
            (who, "PUT", "/gateway/v1/maintenance/{service}"),
            (who, "DELETE", "/gateway/v1/maintenance/{service}"),
        ]
        assert of_all[0]["parameters"] == {"made": made["key_id"], "name": "alice"}
        items = await entries(north)
        assert told(items) == [
            (who, "PUT", "/gateway/v1/organisations/{org}"),
            *[(who, "POST", "/gateway/v1/clients")] * 3,
            (who, "DELETE", "/gateway/v1/sessions"),
        ]
        # The client, and each of its two credentials: what its history shows is these entries.
        assert [each["parameters"]["act"] for each in items[1:4]] == ["made", "credential-made", "credential-made"]
        assert {each["parameters"]["client_id"] for each in items[1:4]} == {issued["client_id"]}
        assert "audit:outcomes:write" in items[1]["parameters"]["detail"]
        assert items[4]["parameters"] == {"subject": "staff-E100"}
        assert not any(secret in str([of_all, items]) for secret in (made["key"], issued["api_key"], issued["client_secret"]))
        # A system with the scope keeps a copy, and of its organisation alone; that it looked is written down too.
        copy = await entries(await gateway.client(X_API_Key=issued["api_key"]))
        assert copy[:5] == items
        assert told(copy)[5] == (who, "GET", PATH)
        assert (await (await gateway.client()).get(PATH)).status_code == 401

    async def test_chain_holds_whoever_writes_at_once_and_a_change_of_it_shows(
        self, start: Start, database: Database, tmp_path: Path
    ) -> None:
        (tmp_path / "trail.key").write_text(KEY)
        here, there = await start(trail_key_file=tmp_path / "trail.key"), await start(trail_key_file=tmp_path / "trail.key")
        await here.organisation("north")
        clients = [await each.operator("north") for each in (here, there)]
        names = [f"system {number}" for number in range(6)]
        answers = await asyncio.gather(
            *(
                clients[number % 2].post("/gateway/v1/clients", json={"name": name, "scopes": ["audit:outcomes:write"]})
                for number, name in enumerate(names)
            )
        )
        assert {each.status_code for each in answers} == {201}
        items = await entries(clients[0])
        assert [each["number"] for each in items] == list(range(1, 20))
        sealed = (await clients[0].get(f"{PATH}/checkpoints")).json()["items"]
        assert [(each["number"], each["genuine"]) for each in sealed] == [(1, True)]
        chain = [({k: v for k, v in each.items() if k != "hash"}, bytes.fromhex(each["hash"])) for each in items]
        assert walked("gateway", "north", {}, chain).broken_at is None

        engine = create_async_engine(database.url().replace("postgresql:", "postgresql+asyncpg:"))
        trail, uow = JoinedTrail("gateway", Secrets(bytes(range(32)))), UnitOfWork(engine)
        found = await trail.walk_all(uow, [INSTALLATION, "north"], timedelta(0))
        assert {org: each.broken_at for org, each in found.items()} == {INSTALLATION: None, "north": None}
        await execute(database, "update gateway.trail set subject = 'operator:nobody' where org = 'north' and number = 3")
        assert await trail.walk_all(uow, ["north"], timedelta(hours=1)) == {}
        assert (await trail.walk_all(uow, ["north"], timedelta(0)))["north"].broken_at == 3
        # Who walks along another chain later, and in another process, still says so to Prometheus.
        later = JoinedTrail("gateway", Secrets(bytes(range(32))))
        assert (await later.walk_all(uow, [INSTALLATION], timedelta(0)))[INSTALLATION].broken_at is None
        assert await later.walk_all(uow, [INSTALLATION, "north"], timedelta(hours=1)) == {}
        assert REGISTRY.get_sample_value("loop_trail_broken", {"service": "gateway"}) == 1
        assert REGISTRY.get_sample_value("loop_trail_checked_timestamp_seconds", {"service": "gateway"})
        # With another key than the one that sealed them, checkpoints are no longer genuine.
        stranger = JoinedTrail("gateway", Secrets(bytes(32)))
        assert (await stranger.walk_all(uow, ["north"], timedelta(0)))["north"].broken_at == 1
        await engine.dispose()

    async def test_who_serves_requests_can_neither_change_nor_delete(self, gateway: Gateway, database: Database) -> None:
        await gateway.organisation("north")
        connection = await asyncpg.connect(database.url("app"))
        await connection.execute("select set_config('app.org', 'north', false)")
        assert await connection.fetchval("select count(*) from gateway.trail") == 1
        for statement in ("update gateway.trail set subject = 'x'", "delete from gateway.trail", "truncate gateway.trail"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        await connection.close()


class TestPage:
    async def test_administrator_is_seen_by_who_answers_for_data_protection(
        self, start: Start, sign_in_settings: dict[str, Any], liar: LyingProvider
    ) -> None:
        gateway = await start(**sign_in_settings)
        groups = [{"group": "g-dpo", "roles": ["data-protection"]}, {"group": "g-admin", "roles": ["administrator"]}]
        await apply(gateway, provider_of(liar.issuer, groups=groups))
        admin = await enter(gateway, liar, "E900", groups=["g-admin"])
        officer = await enter(gateway, liar, "E700", groups=["g-dpo"])
        shown = await admin.get("/organisation-sessions")
        token = re.findall(r'name="csrf" value="([^"]+)"', shown.text)[0]
        done = await admin.post("/organisation-sessions", data={"csrf": token, "person": "staff-E555"})
        assert done.headers["location"] == "/organisation-sessions?ended=0"
        page = await officer.get("/gateway/trail", params={"check": "now"})
        assert_page(page)
        assert "It holds from the first entry to number" in page.text
        assert all(each in page.text for each in ("staff-E900", "staff-E555", "End one session, or every one of a person"))
        assert "Ada Lovelace" in page.text  # who is looking, and nobody else by name
        assert (await admin.get("/gateway/trail")).status_code == 403
        assert (await (await gateway.client()).get("/gateway/trail")).status_code == 401
        assert (await officer.get(PATH)).status_code == 401
