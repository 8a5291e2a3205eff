"""Credentials of systems in full: keys and certificates of their own, ends, rotation, networks, and what the owner is told."""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.testing.fixtures import Database, migrate
from gateway.adapters.certificates import subject_of, thumbprint
from gateway.testing import Gateway, Upstream

Start = Callable[..., Awaitable[Gateway]]
PATH = "/audit/v1/outcomes"
KEY = ECKey.generate_key("P-256")


def certificate(name: str = "cms.example") -> x509.Certificate:
    key, now = Ed25519PrivateKey.generate(), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1)).sign(key, None)


def header(made: x509.Certificate) -> str:
    return ":" + base64.b64encode(made.public_bytes(Encoding.DER)).decode() + ":"


def assertion(gateway: Gateway, client_id: str, jti: str) -> dict[str, str]:
    now = int(time.time())
    claims = {
        "iss": client_id, "sub": client_id, "aud": f"{gateway.settings.public_origin}/oauth2/token",
        "iat": now, "exp": now + 60, "jti": jti,
    }  # fmt: skip
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256"}, claims, KEY, algorithms=["ES256"]),
    }


async def whole(gateway: Gateway, client_id: str) -> dict[str, Any]:
    answer = await (await gateway.operator("north")).get(f"/gateway/v1/clients/{client_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def reasons(gateway: Gateway, client_id: str, *wanted: str) -> None:
    """Wait until the owner is told these reasons: they are written beside the request."""
    told: set[str] = set()
    for _ in range(200):
        told = {each["reason"] for each in (await whole(gateway, client_id))["refusals"]}
        if told == set(wanted):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(told)


async def add(gateway: Gateway, client_id: str, **body: Any) -> httpx.Response:
    operator = await gateway.operator("north")
    return await operator.post(f"/gateway/v1/clients/{client_id}/credentials/new", json={"name": "one", **body})


class TestPrivateKeyJwt:
    async def test_assertion_gets_a_token_once_in_all_processes(self, start: Start, upstream: Upstream) -> None:
        one, other = await start(), await start()
        issued = await one.credentials()
        client_id = issued["client_id"]
        jwks = json.dumps({"keys": [KEY.as_dict(private=False)]})
        assert (await add(one, client_id, kind="public-key", material=jwks)).status_code == 201
        here, there = await one.client(), await other.client()
        form = assertion(one, client_id, "first")
        granted = await here.post("/oauth2/token", data=form)
        assert granted.status_code == 200, granted.text
        bearer = await one.client(Authorization=f"Bearer {granted.json()['access_token']}")
        assert (await bearer.get(PATH)).status_code == 200
        assert upstream.identity("audit").subject == client_id
        again = [await caller.post("/oauth2/token", data=form) for caller in (here, there)]
        nobody = await here.post("/oauth2/token", data=assertion(one, "north-000000000000", "x"))
        assert {(each.status_code, each.text) for each in (*again, nobody)} == {(401, again[0].text)}
        await reasons(one, client_id, "replayed")
        mixed = await here.post("/oauth2/token", data={**assertion(one, client_id, "2"), "client_id": "another"})
        assert mixed.status_code == 401
        both = await here.post("/oauth2/token", data={**form, "client_secret": issued["client_secret"]})
        assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
        # The key's end is the token's end.
        [key] = [each for each in (await whole(one, client_id))["credentials"] if each["kind"] == "public-key"]
        await (await one.operator("north")).delete(f"/gateway/v1/clients/{client_id}/credentials/{key['credential_id']}")
        assert (await bearer.get(PATH)).status_code == 401
        assert (await here.post("/oauth2/token", data=assertion(one, client_id, "3"))).status_code == 401

    async def test_metadata_says_what_works(self, gateway: Gateway) -> None:
        told = (await (await gateway.client()).get("/.well-known/oauth-authorization-server")).json()
        assert told["token_endpoint"] == told["issuer"] + "/oauth2/token"
        assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
        assert "none" not in told["token_endpoint_auth_signing_alg_values_supported"]


class TestCertificate:
    async def test_is_believed_from_the_hop_and_reaches_no_service(self, start: Start, upstream: Upstream) -> None:
        gateway = await start(client_cert_hops=["127.0.0.0/8"])
        elsewhere = await start(client_cert_hops=["192.0.2.0/24"])
        issued = await gateway.credentials()
        by_print, by_name = certificate(), certificate("other.example")
        pem = by_print.public_bytes(Encoding.PEM).decode()
        made = await add(gateway, issued["client_id"], kind="certificate", material=pem)
        assert (made.status_code, made.json()["mark"], made.json()["secret"]) == (201, thumbprint(by_print), None)
        named = await add(gateway, issued["client_id"], kind="certificate", material=subject_of(by_name))
        assert named.status_code == 201, named.text
        assert (await add(gateway, issued["client_id"], kind="certificate", material=pem)).status_code == 422
        for each in (by_print, by_name):
            assert (await (await gateway.client(Client_Cert=header(each))).get(PATH)).status_code == 200
            assert "client-cert" not in upstream.last.names()
            assert (await (await elsewhere.client(Client_Cert=header(each))).get(PATH)).status_code == 401
        wrong = await gateway.client(Client_Cert=header(certificate()))
        assert (await wrong.get(PATH)).status_code == 401
        twice = [("Client-Cert", header(by_print)), ("Client-Cert", header(by_name))]
        assert (await (await gateway.client()).get(PATH, headers=twice)).status_code == 401
        # With a key of its own, the header neither helps nor harms, and goes no further.
        assert (await (await elsewhere.client(X_API_Key=issued["api_key"], Client_Cert="x")).get(PATH)).status_code == 200
        assert "client-cert" not in upstream.last.names()


class TestRotation:
    async def test_old_and_new_work_side_by_side_until_the_old_ends_by_itself(
        self, gateway: Gateway, database: Database
    ) -> None:
        issued = await gateway.credentials()
        path = f"/gateway/v1/clients/{issued['client_id']}"
        operator = await gateway.operator("north")
        [old] = [each for each in (await whole(gateway, issued["client_id"]))["credentials"] if each["kind"] == "api-key"]
        answer = await operator.post(f"{path}/credentials/{old['credential_id']}/rotation", json={"overlap_days": 2})
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        before, after = (
            await gateway.client(X_API_Key=issued["api_key"]),
            await gateway.client(X_API_Key=answer.json()["secret"]),
        )
        seen = [await each.get(PATH) for each in (before, after)]
        assert [each.status_code for each in seen] == [200, 200]
        assert ["loop-credential-expires" in each.headers for each in seen] == [True, False]
        assert (await operator.get("/gateway/v1/clients")).json()["items"][0]["ends_soon"] is True
        connection = await asyncpg.connect(database.url("admin"))
        await connection.execute(
            "update gateway.credential set created_at = now() - interval '2 days', expires_at = now() - interval '1 second' "
            "where expires_at is not null"
        )
        await connection.close()
        gateway_again = await (await gateway.operator("north")).patch(path, json={"areas": ["send"]})  # forgets what it knew
        assert gateway_again.status_code == 200
        assert [(await each.get(PATH)).status_code for each in (before, after)] == [401, 200]
        await reasons(gateway, issued["client_id"], "expired")
        ended = await operator.post(f"{path}/credentials/{old['credential_id']}/rotation", json={})
        assert (ended.status_code, ended.json()["type"]) == (409, "urn:learning-loop:problem:credential-ended")
        acts = [each["act"] for each in (await whole(gateway, issued["client_id"]))["history"]]
        assert acts == ["changed", "credential-rotated", "credential-made", "credential-made", "made"]
        assert answer.json()["secret"] not in str(await whole(gateway, issued["client_id"]))

    async def test_every_refusal_looks_the_same_and_the_owner_sees_why(self, gateway: Gateway) -> None:
        issued = await gateway.credentials()
        client_id, path = issued["client_id"], f"/gateway/v1/clients/{issued['client_id']}"
        operator = await gateway.operator("north")
        key = await gateway.client(X_API_Key=issued["api_key"])
        unknown = await (await gateway.client(X_API_Key="llk_" + "a" * 43)).get(PATH)
        assert (await operator.patch(path, json={"networks": ["192.0.2.0/24", "2001:db8::/32"]})).status_code == 200
        network = await key.get(PATH)
        assert (await operator.patch(path, json={"networks": []})).status_code == 200
        assert (await key.get(PATH)).status_code == 200
        [own] = [each for each in (await whole(gateway, client_id))["credentials"] if each["kind"] == "api-key"]
        for _ in range(2):
            assert (await operator.delete(f"{path}/credentials/{own['credential_id']}")).status_code == 204
        revoked = await key.get(PATH)
        for answer in (network, revoked):
            assert (answer.status_code, answer.json()["detail"]) == (unknown.status_code, unknown.json()["detail"])
        pair = (client_id, "lls_wrong")
        form = {"grant_type": "client_credentials"}
        assert (await (await gateway.client()).post("/oauth2/token", data=form, auth=pair)).status_code == 401
        await reasons(gateway, client_id, "network", "revoked", "wrong")

    async def test_two_people_at_once_and_mistakes(self, gateway: Gateway) -> None:
        issued = await gateway.credentials()
        path = f"/gateway/v1/clients/{issued['client_id']}"
        operator = await gateway.operator("north")
        revision = (await whole(gateway, issued["client_id"]))["revision"]
        assert (await operator.patch(path, json={"areas": ["send"], "revision": revision})).status_code == 200
        assert (await operator.patch(path, json={"areas": [], "revision": revision})).status_code == 412
        assert (await whole(gateway, issued["client_id"]))["areas"] == ["send"]
        for body, status in (
            ({"kind": "public-key", "material": "hello"}, 422),
            ({"kind": "api-key", "expires_on": "2020-01-01"}, 422),
            ({"kind": "password"}, 422),
        ):
            assert (await add(gateway, issued["client_id"], **body)).status_code == status
        assert (await operator.patch(path, json={"networks": ["10.1.2.3/8"]})).status_code == 422
        assert (await operator.patch(path, json={"scopes": ["everything"]})).status_code == 422
        await gateway.organisation("south")
        other = await gateway.operator("south")
        assert (await other.get(path)).status_code == 404
        assert (await other.post(f"{path}/credentials/new", json={"kind": "api-key", "name": "x"})).status_code == 404


class TestNetworksBehindAProxy:
    async def test_address_is_the_one_that_the_trusted_proxy_saw(self, start: Start) -> None:
        gateway = await start(trusted_proxies=["127.0.0.0/8"])
        issued = await gateway.credentials()
        operator = await gateway.operator("north")
        await operator.patch(f"/gateway/v1/clients/{issued['client_id']}", json={"networks": ["2001:db8::/32"]})
        for forwarded, status in (("198.51.100.1, 2001:db8:1::5", 200), ("2001:db8::5, 198.51.100.1", 401)):
            client = await gateway.client(X_API_Key=issued["api_key"], X_Forwarded_For=forwarded)
            assert (await client.get(PATH)).status_code == status


class TestMigration:
    async def test_secrets_of_before_go_on_working_up_and_down(self, database: Database) -> None:
        await asyncio.to_thread(migrate("gateway", down=True, to="0002"), database.url("owner"))
        connection = await asyncpg.connect(database.url("admin"))
        try:
            await connection.execute("insert into gateway.organisation (org, name) values ('north', 'North')")
            await connection.execute(
                "insert into gateway.client (client_id, org, name, scopes, secret_hash, key_hash, created_by) values"
                " ('north-1', 'north', 'x', '{reporting:read}', repeat('a', 64), repeat('b', 64), 'operator')"
            )
            await asyncio.to_thread(migrate("gateway"), database.url("owner"))
            rows = await connection.fetch("select kind, left(hash, 1) as hash from gateway.credential order by kind")
            assert [tuple(row) for row in rows] == [("api-key", "b"), ("client-secret", "a")]
            await asyncio.to_thread(migrate("gateway", down=True, to="0002"), database.url("owner"))
            row = await connection.fetchrow("select left(secret_hash, 1), left(key_hash, 1) from gateway.client")
            assert tuple(row) == ("a", "b")
            forced = "select count(*) from pg_class where relnamespace = 'gateway'::regnamespace and relforcerowsecurity"
            assert await connection.fetchval(forced) == 3
        finally:
            await connection.close()
