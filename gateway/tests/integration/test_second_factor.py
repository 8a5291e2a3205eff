"""Operators come with two factors: a key, and a pass for a code of an authenticator, which is of use once."""

import base64
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from chassis.testing.fixtures import Database
from gateway.domain.second_factor import FREE_TRIES
from gateway.testing import OPERATOR_KEY, Gateway
from loop_cli.operator_keys import end_all

Start = Callable[..., Awaitable[Gateway]]
PATH = "/gateway/v1/operator-keys"
OWN = f"{PATH}/own"
ORGANISATION = "/gateway/v1/organisations/north"


class App:
    """An authenticator: what a person types off it."""

    def __init__(self, secret: str) -> None:
        self._totp = TOTP(base64.b32decode(secret + "=" * (-len(secret) % 8)), 6, SHA1(), 30)

    def code(self, steps: int = 0) -> str:
        """The code of now, or of some steps from now; one step each way is taken too."""
        return self._totp.generate(int(time.time()) + 30 * steps).decode()


class Person:
    """An operator with a key."""

    def __init__(self, gateway: Gateway, key: str) -> None:
        self.gateway, self.key, self.given = gateway, key, ""

    async def call(self, method: str, path: str, beside: str | None = None, **more: Any) -> httpx.Response:
        beside = self.given if beside is None else beside
        client = await self.gateway.client(Authorization=f"Bearer {self.key}{'~' + beside if beside else ''}")
        return await client.request(method, path, **more)

    async def enrol(self) -> App:
        answer = await self.call("POST", f"{OWN}/second-factor")
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store"), answer.text
        assert answer.json()["address"].startswith("otpauth://totp/Learning%20Loop:alice?")
        return App(answer.json()["secret"])

    async def sign_in(self, code: str) -> httpx.Response:
        answer = await self.call("POST", f"{OWN}/pass", json={"code": code})
        if answer.status_code == 201:
            self.given = answer.json()["operator_pass"]
        return answer

    async def opens(self, beside: str | None = None) -> tuple[int, str]:
        answer = await self.call("PUT", ORGANISATION, beside, json={"name": "North"})
        return answer.status_code, "" if answer.is_success else answer.json()["type"].rsplit(":", 1)[-1]


async def person(gateway: Gateway, name: str = "alice", by: Person | None = None) -> Person:
    body = {"name": name}
    made = await (by or Person(gateway, OPERATOR_KEY)).call("POST", PATH, json=body)
    assert made.status_code == 201, made.text
    return Person(gateway, made.json()["key"])


@pytest.fixture
async def required(start: Start) -> Gateway:
    return await start(operator_second_factor="required")


class TestRequired:
    async def test_neither_the_first_key_nor_a_key_alone_opens_anything(self, required: Gateway) -> None:
        first = Person(required, OPERATOR_KEY)
        assert await first.opens() == (403, "first-key-only-begins")
        assert (await first.call("POST", f"{OWN}/second-factor")).status_code == 401
        alice = await person(required)
        assert await first.opens() == (401, "unauthenticated")
        assert await alice.opens() == (403, "second-factor-missing")
        assert (await alice.call("POST", PATH, json={"name": "bob"})).status_code == 403, "it makes no other key either"
        app = await alice.enrol()
        assert (await alice.sign_in(app.code())).status_code == 201
        assert (await alice.opens())[0] in {200, 201}
        assert await alice.opens(beside="") == (401, "second-factor-needed")
        assert await alice.opens(beside="llp_" + "x" * 43) == (401, "second-factor-needed")

    async def test_a_pass_is_of_use_with_its_own_key_alone(self, required: Gateway) -> None:
        alice = await person(required)
        await alice.sign_in((await alice.enrol()).code())
        bob = await person(required, "bob", alice)
        assert await bob.opens(beside=alice.given) == (403, "second-factor-missing")
        nobody = Person(required, "llo_" + "x" * 43)
        assert await nobody.opens(beside=alice.given) == (401, "unauthenticated")
        assert await Person(required, alice.given).opens() == (401, "unauthenticated")


class TestCodes:
    async def test_a_code_counts_once_in_all_processes_and_none_of_before_it(self, start: Start) -> None:
        here, there = await start(operator_second_factor="required"), await start(operator_second_factor="required")
        alice = await person(here)
        app = await alice.enrol()
        code = app.code()
        assert (await alice.sign_in(code)).status_code == 201
        again = Person(there, alice.key)
        for used in (code, app.code(-1)):
            answer = await again.sign_in(used)
            assert (answer.status_code, answer.json()["type"].rsplit(":", 1)[-1]) == (403, "wrong-code")
        assert (await again.sign_in(app.code(1))).status_code == 201
        assert (await again.opens())[0] in {200, 201}
        assert (await Person(there, alice.key).opens(alice.given))[0] in {200, 201}

    async def test_guessing_one_is_stopped_for_the_key_and_told(
        self, required: Gateway, database: Database, capsys: pytest.CaptureFixture[str]
    ) -> None:
        alice = await person(required)
        app = await alice.enrol()
        right = {app.code(steps) for steps in range(-1, 9)}
        wrong = next(each for each in (f"{number:06}" for number in range(100)) if each not in right)
        for _ in range(FREE_TRIES):
            assert (await alice.sign_in(wrong)).status_code == 403
        held = await alice.sign_in(app.code(1))
        assert (held.status_code, 1 <= int(held.headers["retry-after"]) <= 30) == (429, True)
        connection = await asyncpg.connect(database.url("admin"))
        await connection.execute("update gateway.operator_key set wrong_at = now() - interval '31 seconds'")
        assert (await alice.sign_in(app.code(1))).status_code == 201
        assert await connection.fetchval("select wrong_codes from gateway.operator_key") == 0
        rows = [
            str(dict(row))
            for table in ("operator_key", "operator_pass")
            for row in await connection.fetch(f"table gateway.{table}")
        ]
        said = str([dict(row) for row in await connection.fetch("table gateway.trail")])
        await connection.close()
        assert not any(alice.given.removeprefix("llp_") in row or wrong in row for row in (*rows, said))
        assert "operator-keys/own/pass" in said

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", 123456, "１２３４５６"])
    async def test_what_is_no_code_is_refused_and_counts_as_nothing(self, required: Gateway, code: object) -> None:
        alice = await person(required)
        assert (await alice.call("POST", f"{OWN}/pass", json={"code": code})).status_code == 422

    async def test_nothing_begun_and_begun_twice(self, required: Gateway) -> None:
        alice = await person(required)
        assert (await alice.sign_in("123456")).json()["type"].endswith("no-second-factor")
        forgotten, app = await alice.enrol(), await alice.enrol()
        assert (await alice.sign_in(forgotten.code())).status_code == 403
        assert (await alice.sign_in(app.code())).status_code == 201
        assert (await alice.call("POST", f"{OWN}/second-factor")).json()["type"].endswith("second-factor-exists")


class TestPass:
    async def test_it_ends_by_itself(self, start: Start, database: Database) -> None:
        gateway = await start(operator_second_factor="required", credential_ttl=0)
        alice = await person(gateway)
        ends = (await alice.sign_in((await alice.enrol()).code())).json()["expires_at"]
        assert ends
        connection = await asyncpg.connect(database.url("admin"))
        await connection.execute(
            "update gateway.operator_pass set created_at = now() - interval '9 hours', expires_at = now() - interval '1 hour'"
        )
        await connection.close()
        assert await alice.opens() == (401, "second-factor-needed")

    async def test_the_key_that_follows_has_the_same_second_factor_and_no_pass(self, required: Gateway) -> None:
        alice = await person(required)
        app = await alice.enrol()
        code = app.code()
        await alice.sign_in(code)
        listed = (await alice.call("GET", PATH)).json()["items"]
        assert [each["second_factor"] for each in listed] == [True]
        rotated = await alice.call("POST", f"{PATH}/{listed[0]['key_id']}/rotation", json={})
        next_key = Person(required, rotated.json()["key"])
        assert await next_key.opens(beside=alice.given) == (401, "second-factor-needed")
        assert (await next_key.sign_in(code)).status_code == 403, "its code was taken with the old key"
        assert (await next_key.sign_in(app.code(1))).status_code == 201


class TestRecovery:
    async def test_who_is_alone_and_lost_the_device_begins_again_by_the_database(
        self, start: Start, database: Database
    ) -> None:
        gateway = await start(operator_second_factor="required", credential_ttl=0)
        alice = await person(gateway)
        await alice.sign_in((await alice.enrol()).code())
        assert await end_all(database.url("admin")) == 1
        assert await end_all(database.url("admin")) == 0, "there is none any more"
        connection = await asyncpg.connect(database.url("admin"))
        entry = "select method, route, parameters ->> 'ended' from gateway.trail where subject = 'operator:recover'"
        assert [tuple(row) for row in await connection.fetch(entry)] == [("RUN", "loop operator recover", "1")]
        await connection.close()
        assert await alice.opens() == (401, "unauthenticated")
        again = await person(gateway)
        assert await again.opens() == (403, "second-factor-missing")


class TestOffered:
    async def test_who_has_one_needs_it_from_then_on_and_others_go_on(self, gateway: Gateway) -> None:
        alice = await person(gateway)
        assert (await alice.opens())[0] in {200, 201}
        await alice.sign_in((await alice.enrol()).code())
        assert await alice.opens(beside="") == (401, "second-factor-needed")
        assert (await alice.opens())[0] == 200
        bob = await person(gateway, "bob", alice)
        assert (await bob.opens())[0] == 200
