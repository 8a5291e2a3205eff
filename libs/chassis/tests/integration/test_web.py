"""The frame around every service: problems, identity, limits, health. A made-up service, real PostgreSQL."""

import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from prometheus_client import REGISTRY
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from starlette.responses import Response

from chassis import web
from chassis.access import Anybody, org_of, requires
from chassis.errors import DomainError, FieldError, Kind
from chassis.idempotency import Answer, IdempotencyKey, fingerprint, once
from chassis.identity import HEADER, Identity
from chassis.profile_store import ProfileStore, profile_router
from chassis.secrets import SealError, Secrets
from chassis.settings import ServiceSettings
from chassis.testing.fixtures import Database, Databases, Keys, ServiceClient, caller
from chassis.testing.sample import SCHEMA
from chassis.web import create_app, uow_of

router = APIRouter()
Writer = Annotated[Identity, Depends(requires("sample:write", "role:officer"))]


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    id: str
    number: int


@router.post("/sample/v1/things", status_code=201)
async def post_thing(request: Request, thing: Thing, identity: Writer, key: IdempotencyKey) -> Response:
    async with uow_of(request).begin(org_of(identity)) as transaction:

        async def work() -> Answer:
            await transaction.connection.execute(
                text("insert into thing (org, id, number) values (:org, :id, :number)"),
                {"org": transaction.org, "id": thing.id, "number": thing.number},
            )
            return Answer(201, {"id": thing.id})

        print_ = fingerprint("POST things", thing.model_dump_json())
        return (await once(transaction, identity.subject, key, print_, work)).response()


@router.get("/sample/v1/refuse")
async def refuse(_: Anybody) -> None:
    raise DomainError("too-soon", "Wait.", Kind.CONFLICT, (FieldError("/a", "x"),))


@router.get("/sample/v1/sealed")
async def sealed(_: Anybody) -> None:
    msg = "sealed with an unknown key"
    raise SealError(msg)


@router.get("/sample/v1/break")
async def break_(_: Anybody) -> None:
    msg = "a secret inside"
    raise ValueError(msg)


class Organisation(BaseModel):
    code: str


class Profile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    organisation: Organisation
    colours: list[str] = []


def only_red(profile: Profile) -> list[FieldError]:
    return [FieldError(f"/colours/{i}", "red is expected") for i, each in enumerate(profile.colours) if each != "red"]


STORE = ProfileStore(Profile, only_red)


@router.get("/sample/v1/colours")
async def colours(request: Request, identity: Writer) -> list[str]:
    async with uow_of(request).begin(org_of(identity)) as transaction:
        return (await STORE.current(transaction)).profile.colours


@pytest.fixture
async def client(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ServiceClient]:
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(web, "version", lambda _: "0.0.0")
    STORE._cache.clear()
    limits = {"*/files": 3 * 1024 * 1024}
    settings = ServiceSettings.load()
    routers, secrets = [router, profile_router(SCHEMA, STORE)], Secrets.of(settings)
    app: FastAPI = create_app(SCHEMA, settings, routers, secrets=secrets, limits=limits)
    async with app.router.lifespan_context(app), ServiceClient(app, keys, SCHEMA, caller("sample:write")) as made:
        yield made


def problem(answer: Any, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["type"] == f"urn:learning-loop:problem:{slug}"
    assert body["status"] == status
    assert body["detail"]
    return body


class TestProblems:
    async def test_a_domain_error_says_what_to_do_with_pointers(self, client: ServiceClient) -> None:
        body = problem(await client.get("/sample/v1/refuse"), 409, "too-soon")
        assert body["errors"] == [{"pointer": "/a", "detail": "x"}]
        assert body["request_id"]

    async def test_what_the_database_refuses_for_its_service_area_is_said_in_words(
        self, client: ServiceClient, databases: Databases, database: Database
    ) -> None:
        limit = "create policy areas on sample.thing as restrictive for all to sample_app using (true) with check (number < 9)"
        databases.execute(database.name, limit)
        answer = await client.post("/sample/v1/things", json={"id": "a", "number": 9}, headers={"Idempotency-Key": "k"})
        problem(answer, 403, "outside-your-areas")

    async def test_a_character_that_cannot_be_stored_is_the_callers_mistake(self, client: ServiceClient) -> None:
        answer = await client.post("/sample/v1/things", json={"id": "a\0b", "number": 1}, headers={"Idempotency-Key": "k"})
        problem(answer, 422, "unstorable-character")

    @pytest.mark.parametrize(
        "content",
        [
            b"{",
            b"",
            b"[]",
            b'"x"',
            b'{"id": 1, "number": 1}',
            b'{"id": "a", "number": "1"}',
            b'{"id":"a","number":1,"x":2}',
            b"\xff\xfe",
        ],
    )
    async def test_malformed_payloads_are_problems_with_pointers(self, client: ServiceClient, content: bytes) -> None:
        headers = {"content-type": "application/json", "Idempotency-Key": "k"}
        body = problem(await client.post("/sample/v1/things", content=content, headers=headers), 422, "malformed-payload")
        assert body["errors"]

    async def test_an_unexpected_error_tells_nothing_about_the_inside(self, client: ServiceClient) -> None:
        answer = await client.get("/sample/v1/break")
        body = problem(answer, 500, "internal-error")
        assert "secret" not in json.dumps(body)
        assert body["request_id"] == answer.headers["x-request-id"]

    async def test_words_that_do_not_open_are_said_so_and_are_no_fault_of_the_page(self, client: ServiceClient) -> None:
        body = problem(await client.get("/sample/v1/sealed"), 503, "words-do-not-open")
        assert "loop keys status" in body["detail"]

    async def test_unknown_paths_and_methods_are_problems_too(self, client: ServiceClient) -> None:
        problem(await client.get("/sample/v1/nothing"), 404, "not-found")
        problem(await client.put("/sample/v1/things"), 405, "method-not-allowed")

    async def test_the_description_is_served_whole(self, client: ServiceClient) -> None:
        answers = [await client.get("/sample/v1/openapi.json") for _ in range(2)]
        assert answers[0].content == answers[1].content
        operation = answers[0].json()["paths"]["/sample/v1/things"]["post"]
        assert operation["responses"]["503"] == {"$ref": "#/components/responses/Problem503"}


class TestIdentity:
    async def test_without_identity_it_is_401_and_without_grant_403(self, client: ServiceClient) -> None:
        body = {"id": "a", "number": 1}
        headers = {"Idempotency-Key": "k"}
        nobody = await client.acting_as(None).post("/sample/v1/things", json=body, headers=headers)
        problem(nobody, 401, "unauthenticated")
        other = await client.acting_as(caller("sample:read")).post("/sample/v1/things", json=body, headers=headers)
        problem(other, 403, "forbidden")

    async def test_a_forged_identity_is_refused(self, client: ServiceClient, keys: Keys) -> None:
        anonymous = client.acting_as(None)
        for token in ("x", "a.b.c", keys.signer.sign(caller("sample:write"), "another-service")):
            problem(await anonymous.get("/sample/v1/refuse", headers={HEADER: token}), 401, "unauthenticated")

    @pytest.mark.parametrize("ahead", [120, -7200])
    async def test_the_gateways_with_another_clock_is_no_fault_of_the_caller(
        self, client: ServiceClient, keys: Keys, monkeypatch: pytest.MonkeyPatch, ahead: int
    ) -> None:
        now = time.time()
        with monkeypatch.context() as there:
            there.setattr(time, "time", lambda: now + ahead)
            token = keys.signer.sign(caller("sample:write"), SCHEMA)
        answer = await client.acting_as(None).get("/sample/v1/refuse", headers={HEADER: token})
        assert "Send it again later" in problem(answer, 503, "clocks-differ")["detail"]

    async def test_plain_headers_say_nothing(self, client: ServiceClient) -> None:
        headers = {"Loop-Org": "south", "X-Org": "south", "X-Forwarded-User": "root", "Idempotency-Key": "k"}
        problem(
            await client.acting_as(None).post("/sample/v1/things", json={"id": "a", "number": 1}, headers=headers),
            401,
            "unauthenticated",
        )


class TestLimits:
    async def test_a_large_body_is_refused_by_its_declared_length(self, client: ServiceClient) -> None:
        problem(await client.post("/sample/v1/things", content=b"x" * (1024 * 1024 + 1)), 413, "body-too-large")

    async def test_where_a_path_ends_as_is_said_more_is_read(self, client: ServiceClient) -> None:
        assert (await client.post("/sample/v1/1/files", content=b"x" * (2 * 1024 * 1024))).status_code == 404
        problem(await client.post("/sample/v1/1/files", content=b"x" * (3 * 1024 * 1024 + 1)), 413, "body-too-large")

    async def test_a_large_body_is_refused_while_it_streams(self, client: ServiceClient) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(200):
                yield b"x" * 10_000

        headers = {"Idempotency-Key": "k", "content-type": "application/json"}
        problem(await client.post("/sample/v1/things", content=chunks(), headers=headers), 413, "body-too-large")


class TestIdempotentRoute:
    async def test_a_retry_gets_the_same_answer(self, client: ServiceClient) -> None:
        first = await client.post("/sample/v1/things", json={"id": "a", "number": 1}, headers={"Idempotency-Key": "k1"})
        second = await client.post("/sample/v1/things", json={"number": 1, "id": "a"}, headers={"Idempotency-Key": "k1"})
        assert first.status_code == second.status_code == 201
        assert first.json() == second.json()
        assert second.headers["Idempotency-Replayed"] == "true"

    async def test_without_a_key_it_says_which_header_is_missing(self, client: ServiceClient) -> None:
        body = problem(await client.post("/sample/v1/things", json={"id": "a", "number": 1}), 422, "malformed-payload")
        assert body["errors"][0]["pointer"] == "/header/Idempotency-Key"


class TestProfile:
    document: dict[str, Any] = {"version": "v1", "organisation": {"code": "worcestershire"}, "colours": ["red"]}  # noqa: RUF012

    async def test_only_an_operator_applies_one(self, client: ServiceClient) -> None:
        problem(await client.put("/sample/v1/profile", json=self.document), 403, "forbidden")

    async def test_applying_is_seen_at_once_and_again_changes_nothing(self, client: ServiceClient) -> None:
        problem(await client.get("/sample/v1/colours"), 409, "no-profile")
        operator = client.acting_as(caller("operator"))
        checked = await operator.put("/sample/v1/profile", params={"dry_run": "true"}, json=self.document)
        assert checked.json() == {"version": "v1", "changed": False, "notes": []}
        problem(await client.get("/sample/v1/colours"), 409, "no-profile")
        assert (await operator.put("/sample/v1/profile", json=self.document)).json()["changed"] is True
        assert (await operator.put("/sample/v1/profile", json=self.document)).json()["changed"] is False
        assert (await client.get("/sample/v1/colours")).json() == ["red"]

    async def test_what_is_wrong_is_listed_and_nothing_is_applied(self, client: ServiceClient) -> None:
        operator = client.acting_as(caller("operator"))
        wrong = {**self.document, "colours": ["red", "blue"]}
        body = problem(await operator.put("/sample/v1/profile", json=wrong), 422, "invalid-profile")
        assert body["errors"] == [{"pointer": "/colours/1", "detail": "red is expected"}]
        shaped = {**self.document, "colours": "red"}
        assert (
            problem(await operator.put("/sample/v1/profile", json=shaped), 422, "invalid-profile")["errors"][0]["pointer"]
            == "/colours"
        )
        other = {**self.document, "organisation": {"code": "south"}}
        assert (
            problem(await operator.put("/sample/v1/profile", json=other), 422, "invalid-profile")["errors"][0]["pointer"]
            == "/organisation/code"
        )


class TestHealth:
    async def test_it_is_ready_while_the_database_answers(self, client: ServiceClient) -> None:
        assert (await client.get("/livez")).json() == {"status": "ok"}
        assert (await client.get("/readyz")).json() == {"status": "ok", "checks": {"database": "ok"}}
        assert "loop_http_seconds" in (await client.get("/metrics")).text

    async def test_requests_are_counted_by_the_template_of_their_route_and_by_methods_that_are_known(
        self, client: ServiceClient
    ) -> None:
        def counted(method: str, route: str, status: int) -> float:
            labels = {"service": SCHEMA, "method": method, "route": route, "status": str(status)}
            return REGISTRY.get_sample_value("loop_http_requests_total", labels) or 0

        cases = [("GET", "/sample/v1/refuse", 409), ("GET", "(no route)", 404), ("other", "(no route)", 404)]
        before = [counted(*case) for case in cases]
        await client.get("/sample/v1/refuse?name=Ada")
        await client.get("/sample/v1/of/Ada")
        await client.request("ADA", "/sample/v1/of/Ada")
        assert [counted(*case) for case in cases] == [number + 1 for number in before]
        told = (await client.get("/metrics")).text
        assert "Ada" not in told
        assert "ADA" not in told
        assert "/readyz" not in told

    async def test_an_identity_that_is_refused_is_counted(self, client: ServiceClient) -> None:
        def counted() -> float:
            return REGISTRY.get_sample_value("loop_identities_refused_total", {"service": SCHEMA}) or 0

        before = counted()
        assert (await client.acting_as(None).get("/sample/v1/refuse", headers={HEADER: "forged"})).status_code == 401
        assert counted() == before + 1

    async def test_it_is_degraded_and_answers_503_without_the_database(
        self, client: ServiceClient, database: Database, databases: Any
    ) -> None:
        databases.execute(
            "postgres",
            f"alter database {database.name} connection limit 0",
            f"select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = '{database.name}'",
        )
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["status"] == "degraded"
        for _ in range(2):
            refused = await client.post("/sample/v1/things", json={"id": "a", "number": 1}, headers={"Idempotency-Key": "k"})
            assert refused.status_code == 503, refused.text
            assert refused.headers["Retry-After"]
        databases.execute("postgres", f"alter database {database.name} connection limit -1")
        again = await client.post("/sample/v1/things", json={"id": "a", "number": 1}, headers={"Idempotency-Key": "k"})
        assert again.status_code == 201
