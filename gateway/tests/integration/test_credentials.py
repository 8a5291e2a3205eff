"""Every way in, and every way that is closed."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.identity import HEADER, Identity
from chassis.testing.fixtures import Database, Keys
from chassis.unit_of_work import UnitOfWork
from gateway.domain.scopes import SCOPES
from gateway.domain.secrets import hash_of
from gateway.testing import OPERATOR_KEY, Gateway, Upstream, statements
from loop_cli.servers import free_port

Start = Callable[..., Awaitable[Gateway]]

FEED = "/reporting/odata/v4/$metadata"


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


async def token(gateway: Gateway, issued: dict[str, Any], **fields: str) -> httpx.Response:
    client = await gateway.client(Authorization=basic(issued["client_id"], issued["client_secret"]))
    return await client.post("/oauth2/token", data={"grant_type": "client_credentials", **fields})


class TestApiKey:
    async def test_holder_comes_in_as_its_client_with_its_scopes(self, gateway: Gateway, upstream: Upstream) -> None:
        issued = await gateway.credentials("audit:outcomes:write", "audit:outcomes:read")
        client = await gateway.client(X_API_Key=issued["api_key"])
        answer = await client.post("/audit/v1/outcomes?limit=1", json={"a": 1})
        assert answer.status_code == 200
        identity = upstream.identity("audit")
        assert (identity.kind, identity.org, identity.subject) == ("client", "north", issued["client_id"])
        assert identity.grants == {"audit:outcomes:write", "audit:outcomes:read"}
        assert (upstream.last.query, upstream.last.body) == ("limit=1", b'{"a":1}')

    async def test_unknown_and_malformed_keys_look_the_same(self, gateway: Gateway, upstream: Upstream) -> None:
        await gateway.credentials()
        answers = []
        for key in ("llk_" + "a" * 43, "x", "ü" * 5, "a" * 5000):
            client = await gateway.client()
            answers.append(await client.get("/audit/v1/outcomes", headers=[(b"X-API-Key", key.encode())]))
        assert {answer.status_code for answer in answers} == {401}
        assert len({(answer.json()["type"], answer.json()["detail"]) for answer in answers}) == 1
        assert answers[0].headers["www-authenticate"].startswith("Bearer ")
        assert answers[0].headers["content-type"] == "application/problem+json"
        assert upstream.seen == []

    async def test_secret_is_no_api_key(self, gateway: Gateway) -> None:
        issued = await gateway.credentials()
        client = await gateway.client(X_API_Key=issued["client_secret"])
        assert (await client.get("/audit/v1/outcomes")).status_code == 401

    async def test_two_credentials_at_once_are_refused(self, gateway: Gateway) -> None:
        issued = await gateway.credentials()
        client = await gateway.client(X_API_Key=issued["api_key"], Authorization="Bearer x")
        assert (await client.get("/audit/v1/outcomes")).status_code == 400

    async def test_key_reaches_no_service(self, gateway: Gateway, upstream: Upstream) -> None:
        issued = await gateway.credentials()
        client = await gateway.client(X_API_Key=issued["api_key"])
        await client.get("/audit/v1/outcomes")
        assert not {"x-api-key", "authorization", "cookie"} & upstream.last.names()
        assert issued["api_key"] not in str(upstream.last.headers)


class TestDisabledClient:
    async def test_every_credential_is_refused_at_once(self, gateway: Gateway) -> None:
        issued = await gateway.credentials("reporting:read")
        bearer = (await token(gateway, issued)).json()["access_token"]
        ways = [
            await gateway.client(X_API_Key=issued["api_key"]),
            await gateway.client(Authorization=f"Bearer {bearer}"),
            await gateway.client(Authorization=basic(issued["client_id"], issued["client_secret"])),
        ]
        assert [(await way.get(FEED)).status_code for way in ways] == [200, 200, 200]
        operator = await gateway.operator("north")
        assert (await operator.delete(f"/gateway/v1/clients/{issued['client_id']}")).status_code == 204
        assert [(await way.get(FEED)).status_code for way in ways] == [401, 401, 401]
        assert (await token(gateway, issued)).json()["error"] == "invalid_client"

    async def test_another_gateway_refuses_it_when_its_memory_ends(self, start: Start) -> None:
        one, other = await start(credential_ttl=0.2), await start(credential_ttl=0.2)
        issued = await one.credentials()
        client = await other.client(X_API_Key=issued["api_key"])
        assert (await client.get("/audit/v1/outcomes")).status_code == 200
        await (await one.operator("north")).delete(f"/gateway/v1/clients/{issued['client_id']}")
        await asyncio.sleep(0.25)
        assert (await client.get("/audit/v1/outcomes")).status_code == 401


class TestAccessToken:
    async def test_token_comes_in_with_the_scopes_that_were_asked_for(self, gateway: Gateway, upstream: Upstream) -> None:
        issued = await gateway.credentials("audit:outcomes:write", "audit:outcomes:read")
        answer = await token(gateway, issued, scope="audit:outcomes:read")
        body = answer.json()
        assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 900, "audit:outcomes:read")
        assert answer.headers["cache-control"] == "no-store"
        client = await gateway.client(Authorization=f"Bearer {body['access_token']}")
        assert (await client.get("/audit/v1/outcomes")).status_code == 200
        assert upstream.identity("audit").grants == {"audit:outcomes:read"}

    async def test_secret_in_the_form_works_as_well(self, gateway: Gateway) -> None:
        issued = await gateway.credentials()
        fields = {
            "grant_type": "client_credentials",
            "client_id": issued["client_id"],
            "client_secret": issued["client_secret"],
        }
        answer = await (await gateway.client()).post("/oauth2/token", data=fields)
        assert answer.status_code == 200
        assert answer.json()["scope"] == "audit:outcomes:write"

    @pytest.mark.parametrize(
        ("fields", "error", "status"),
        [
            ({}, "invalid_request", 400),
            ({"grant_type": "password"}, "unsupported_grant_type", 400),
            ({"grant_type": "client_credentials", "scope": "reporting:read"}, "invalid_scope", 400),
            ({"grant_type": "client_credentials", "scope": "nonsense"}, "invalid_scope", 400),
            ({"grant_type": "client_credentials", "client_secret": "x"}, "invalid_request", 400),
            ({"grant_type": "client_credentials", "client_id": "other"}, "invalid_request", 400),
        ],
    )
    async def test_errors_are_those_of_the_standard(
        self, gateway: Gateway, fields: dict[str, str], error: str, status: int
    ) -> None:
        issued = await gateway.credentials()
        client = await gateway.client(Authorization=basic(issued["client_id"], issued["client_secret"]))
        answer = await client.post("/oauth2/token", data=fields)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("authorization", ["Basic !!!", "Basic Og==", "Bearer x", basic("nobody", "x"), basic("", "")])
    async def test_wrong_client_is_told_nothing_more(self, gateway: Gateway, authorization: str) -> None:
        client = await gateway.client(Authorization=authorization)
        answer = await client.post("/oauth2/token", data={"grant_type": "client_credentials"})
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")

    async def test_right_secret_under_another_client_is_refused(self, gateway: Gateway) -> None:
        one = await gateway.credentials(name="one")
        two = await gateway.credentials(name="two")
        mixed = {"client_id": one["client_id"], "client_secret": two["client_secret"]}
        assert (await token(gateway, mixed)).status_code == 401

    async def test_form_that_repeats_a_field_or_is_no_form_is_refused(self, gateway: Gateway) -> None:
        client = await gateway.client(Content_Type="application/x-www-form-urlencoded")
        for content in ("grant_type=client_credentials&grant_type=x", "&&&", b"\xff\xfe=1"):
            assert (await client.post("/oauth2/token", content=content)).json()["error"] == "invalid_request"
        answer = await (await gateway.client()).post("/oauth2/token", json={"grant_type": "client_credentials"})
        assert answer.json()["error"] == "invalid_request"

    async def test_secret_in_the_address_is_refused(self, gateway: Gateway) -> None:
        client = await gateway.client(Content_Type="application/x-www-form-urlencoded")
        answer = await client.post("/oauth2/token?client_secret=x", content="grant_type=client_credentials")
        assert answer.json()["error"] == "invalid_request"

    async def test_identity_of_a_service_is_no_access_token(self, gateway: Gateway, keys: Keys) -> None:
        await gateway.organisation()
        identity = Identity("north", "x", "client", frozenset(SCOPES))
        for audience in ("gateway", "audit"):
            client = await gateway.client(Authorization=f"Bearer {keys.signer.sign(identity, audience)}")
            assert (await client.get("/audit/v1/outcomes")).status_code == 401

    async def test_access_token_is_no_identity(self, gateway: Gateway, upstream: Upstream) -> None:
        bearer = (await token(gateway, await gateway.credentials())).json()["access_token"]
        for service, verifier in upstream.verifiers.items():
            with pytest.raises(Exception, match="not a valid identity"):
                verifier.verify(bearer)
            assert service


class TestBasic:
    async def test_bi_tool_reads_the_feed(self, gateway: Gateway, upstream: Upstream) -> None:
        issued = await gateway.credentials("reporting:read")
        client = await gateway.client(Authorization=basic(issued["client_id"], issued["client_secret"]))
        assert (await client.get(FEED)).status_code == 200
        assert upstream.identity("reporting").grants == {"reporting:read"}

    @pytest.mark.parametrize("path", ["/reporting/v1/reports", "/audit/v1/outcomes", "/reporting/", "/reporting/odata"])
    async def test_it_works_nowhere_else(self, gateway: Gateway, path: str) -> None:
        issued = await gateway.credentials("reporting:read")
        client = await gateway.client(Authorization=basic(issued["client_id"], issued["client_secret"]))
        answer = await client.get(path)
        assert answer.status_code == 401
        assert "Basic" not in answer.headers["www-authenticate"]

    async def test_tool_without_credentials_is_asked_for_them(self, gateway: Gateway) -> None:
        answer = await (await gateway.client()).get(FEED)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")

    async def test_garbage_is_refused(self, gateway: Gateway) -> None:
        for value in ("Basic", "Basic x", "Basic %%%", "Basic " + base64.b64encode(b"\xff:\xff").decode()):
            client = await gateway.client(Authorization=value)
            assert (await client.get(FEED)).status_code == 401


class TestOperator:
    async def test_operator_acts_for_the_organisation_it_names(self, gateway: Gateway, upstream: Upstream) -> None:
        await gateway.organisation("north")
        await (await gateway.operator("north")).put("/audit/v1/profile", json={})
        identity = upstream.identity("audit")
        assert (identity.kind, identity.org) == ("operator", "north")
        assert identity.grants == {"operator", "profile:write", *SCOPES}
        assert "loop-org" not in upstream.last.names()

    async def test_operator_without_organisation_has_none(self, gateway: Gateway, upstream: Upstream) -> None:
        await (await gateway.operator()).get("/reporting/v1/progress")
        assert upstream.identity("reporting").org is None

    @pytest.mark.parametrize("org", ["nowhere", "*", "North", "a" * 100, "north'--"])
    async def test_unknown_organisation_is_refused(self, gateway: Gateway, org: str) -> None:
        await gateway.organisation("north")
        answer = await (await gateway.operator(org)).get("/audit/v1/outcomes")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:learning-loop:problem:unknown-organisation")

    @pytest.mark.parametrize("key", [OPERATOR_KEY[:-1], OPERATOR_KEY + "x", OPERATOR_KEY.upper(), "x"])
    async def test_almost_the_key_is_not_the_key(self, gateway: Gateway, key: str) -> None:
        client = await gateway.client(Authorization=f"Bearer {key}")
        assert (await client.put("/gateway/v1/organisations/north", json={"name": "N"})).status_code == 401


class TestOrganisationOfAClient:
    async def test_client_that_names_another_organisation_is_refused(self, gateway: Gateway, upstream: Upstream) -> None:
        issued = await gateway.credentials(org="north")
        await gateway.organisation("south")
        client = await gateway.client(X_API_Key=issued["api_key"], Loop_Org="south")
        answer = await client.get("/audit/v1/outcomes")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:learning-loop:problem:wrong-organisation")
        assert upstream.seen == []

    async def test_naming_its_own_changes_nothing(self, gateway: Gateway) -> None:
        issued = await gateway.credentials(org="north")
        client = await gateway.client(X_API_Key=issued["api_key"], Loop_Org="north")
        assert (await client.get("/audit/v1/outcomes")).status_code == 200


class TestForgedIdentity:
    async def test_header_of_a_caller_is_dropped(self, gateway: Gateway, upstream: Upstream, keys: Keys) -> None:
        issued = await gateway.credentials("audit:outcomes:read", org="north")
        forged = keys.signer.sign(Identity("south", "x", "operator", frozenset({"operator"})), "audit")
        for name in (HEADER, HEADER.lower(), HEADER.upper()):
            client = await gateway.client(X_API_Key=issued["api_key"])
            await client.get("/audit/v1/outcomes", headers={name: forged})
            assert [each for each, _ in upstream.last.headers].count("loop-identity") == 1
            assert upstream.identity("audit").org == "north"

    async def test_forged_identity_alone_opens_nothing(self, gateway: Gateway, upstream: Upstream, keys: Keys) -> None:
        forged = keys.signer.sign(Identity("north", "x", "operator", frozenset({"operator"})), "audit")
        client = await gateway.client(**{HEADER: forged})
        assert (await client.get("/audit/v1/outcomes")).status_code == 401
        assert upstream.seen == []

    async def test_connection_header_cannot_take_the_identity_away(self, gateway: Gateway, upstream: Upstream) -> None:
        issued = await gateway.credentials()
        client = await gateway.client(X_API_Key=issued["api_key"], Connection="close, Loop-Identity, X-Mine", X_Mine="1")
        await client.get("/audit/v1/outcomes")
        assert upstream.identity("audit").org == "north"
        assert "x-mine" not in upstream.last.names()


class TestLookingUp:
    @pytest.mark.parametrize(("ttl", "asks"), [(60, False), (0, True)])
    async def test_hot_path_asks_the_database_once(self, start: Start, ttl: float, asks: bool) -> None:
        gateway = await start(credential_ttl=ttl)
        client = await gateway.system()
        await client.get("/audit/v1/outcomes")
        with statements() as sent:
            for _ in range(20):
                assert (await client.get("/audit/v1/outcomes")).status_code == 200
        assert bool(sent) is asks

    async def test_database_that_is_away_is_said_so(self, start: Start, database: Database) -> None:
        relay = Relay(database.address.port)
        await relay.open()
        url = database.url().replace(f":{database.address.port}/", f":{relay.port}/")
        gateway = await start(credential_ttl=0, database_url=url)
        client = await gateway.system()
        assert (await client.get("/audit/v1/outcomes")).status_code == 200
        await relay.close()
        for _ in range(2):
            answer = await client.get("/audit/v1/outcomes")
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        # Families need no credentials, so they do not notice.
        assert (await (await gateway.client()).get("/s/start")).status_code == 200
        await relay.open()
        assert (await client.get("/audit/v1/outcomes")).status_code == 200
        await relay.close()

    async def test_day_of_last_use_is_kept_and_no_more(self, gateway: Gateway) -> None:
        client = await gateway.system()
        operator = await gateway.operator("north")
        assert (await operator.get("/gateway/v1/clients")).json()["items"][0]["last_used_on"] is None
        await client.get("/audit/v1/outcomes")
        used = (await operator.get("/gateway/v1/clients")).json()["items"][0]["last_used_on"]
        assert len(used) == len("2026-01-01")


class TestTables:
    async def test_no_secret_is_stored(self, gateway: Gateway, database: Database) -> None:
        issued = await gateway.credentials()
        rows = await run_sql(database.url("admin"), "select credential::text as row from gateway.credential")
        assert len(rows) == 2
        assert issued["client_secret"] not in str(rows)
        assert issued["api_key"] not in str(rows)

    async def test_row_is_seen_by_its_organisation_and_by_the_holder_of_its_hash_only(
        self, gateway: Gateway, database: Database
    ) -> None:
        issued = await gateway.credentials(org="north")
        await gateway.organisation("south")
        engine = create_async_engine(database.url().replace("postgresql://", "postgresql+asyncpg://"))
        uow = UnitOfWork(engine)

        async def seen(org: str, capability: str = "") -> int:
            async with uow.begin(org, capability=capability) as transaction:
                return int((await transaction.connection.execute(text("select count(*) from gateway.credential"))).scalar_one())

        assert await seen("north") == 2
        assert [await seen("south"), await seen(""), await seen("*")] == [0, 0, 0]
        assert await seen("", hash_of(issued["api_key"])) == 1
        assert await seen("", hash_of(issued["client_secret"])) == 1
        assert await seen("", hash_of("wrong")) == 0
        await engine.dispose()


class Relay:
    """A way to the database that can be cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port or free_port())
        self.port = self._server.sockets[0].getsockname()[1]

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers += [writer, back]
        for one, other in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._copy(one, other))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(data)
        writer.close()

    async def close(self) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def run_sql(url: str, statement: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[Any] = await connection.fetch(statement)
        return rows
    finally:
        await connection.close()
