"""Pages of the gateway as a strict browser reads them, and in a real Chromium; signing in and out."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from chassis.testing.fixtures import Database, Databases
from chassis.testing.page_client import check_pages
from gateway.domain.people import PEOPLE, Person
from gateway.testing import Gateway, Upstream, respond

Start = Callable[..., Awaitable[Gateway]]

SAME = {"Sec-Fetch-Site": "same-origin"}


async def browser_of(gateway: Gateway) -> httpx.AsyncClient:
    """A client that checks every page, as PageClient does, over a real connection."""
    client = await gateway.client(Accept="text/html,application/xhtml+xml", **SAME)
    check_pages(client)
    return client


@pytest.fixture
async def demo(start: Start) -> Gateway:
    gateway = await start(demo_sign_in=True)
    await gateway.organisation("north")
    await gateway.organisation("south")
    return gateway


async def sign_in(client: httpx.AsyncClient, org: str = "north", person: str = "alex-morgan", **more: str) -> httpx.Response:
    return await client.post("/sign-in", data={"organisation": org, "person": person, **more})


class TestSignIn:
    async def test_one_becomes_a_person_of_an_organisation(self, demo: Gateway, upstream: Upstream) -> None:
        client = await browser_of(demo)
        asked = await client.get("/reporting/reports/send?period=2022-23-q1&x=%20")
        assert (asked.status_code, asked.headers["location"]) == (
            303,
            "/sign-in?next=%2Freporting%2Freports%2Fsend%3Fperiod%3D2022-23-q1%26x%3D%2520",
        )
        form = await client.get(asked.headers["location"])
        assert form.status_code == 200
        assert all(word in form.text for word in ("North", "South", "Nia Evans", "Complaints officer"))
        answer = await sign_in(client, "south", "ruth-adeyemi", next="/reporting/reports/send?period=2022-23-q1&x=%20")
        assert (answer.status_code, answer.headers["location"]) == (303, "/reporting/reports/send?period=2022-23-q1&x=%20")
        assert (await client.get(answer.headers["location"], headers={"Accept": "*/*"})).status_code == 200
        identity = upstream.identity("reporting")
        assert (identity.kind, identity.org, identity.grants) == ("staff", "south", frozenset({"role:senior-reader"}))
        assert (identity.subject, identity.label) == ("demo-ruth-adeyemi", "Ruth Adeyemi (demonstration)")
        assert identity.areas == frozenset()
        assert "loop-session" not in str(upstream.last.headers)

    async def test_cookie_is_out_of_reach_of_pages_and_other_sites(self, demo: Gateway, start: Start) -> None:
        cookie = (await sign_in(await browser_of(demo))).headers["set-cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=28800"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        secure = await start(demo_sign_in=True, public_url="https://loop.example")
        client = await secure.client(**SAME)
        cookie = (await sign_in(client)).headers["set-cookie"]
        assert cookie.startswith("__Host-loop-session=")
        assert "Secure" in cookie
        assert (await client.get("/health")).headers["strict-transport-security"].startswith("max-age=")

    @pytest.mark.parametrize(
        ("target", "lands"),
        [
            ("//evil.example/", "/reporting/"),
            ("https://evil.example/", "/reporting/"),
            ("/\\evil.example", "/reporting/"),
            ("/\t/evil.example", "/reporting/"),
            ("\\/evil.example", "/reporting/"),
            ("javascript:alert(1)", "/reporting/"),
            ("", "/reporting/"),
            ("/audit/?a=1#b", "/audit/?a=1#b"),
        ],
    )
    async def test_way_on_stays_here(self, shared: Gateway, upstream: Upstream, target: str, lands: str) -> None:
        client = await browser_of(shared)
        assert (await sign_in(client, next=target)).headers["location"] == lands
        form = await client.get("/sign-in", params={"next": target})
        assert "evil" not in form.text

    async def test_wrong_choice_is_said_beside_the_field(self, shared: Gateway, upstream: Upstream) -> None:
        client = await browser_of(shared)
        for org, person, field in (
            ("north", "boss", "person"),
            ("", "alex-morgan", "organisation"),
            ("west", "alex-morgan", "organisation"),
        ):
            answer = await sign_in(client, org, person)
            assert answer.status_code == 422
            assert f'href="#{field}"' in answer.text
            assert "set-cookie" not in answer.headers

    @pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
    async def test_everybody_in_the_list_comes_in_with_all_of_their_roles(
        self, shared: Gateway, upstream: Upstream, person: Person
    ) -> None:
        client = await browser_of(shared)
        assert (await sign_in(client, person=person.code)).status_code == 303
        assert (await client.get("/audit/", headers={"Accept": "*/*"})).status_code == 200
        identity = upstream.identity("audit")
        assert identity.subject == f"demo-{person.code}"
        assert identity.grants == {f"role:{role}" for role in person.roles}

    async def test_one_begins_where_the_role_leads_and_the_start_page_shows_the_ways(self, start: Start) -> None:
        navigation = [
            {"text": "How we are doing", "href": "/reporting/", "grants": ["role:senior-reader"]},
            {"text": "Audits", "href": "/audit/", "grants": ["role:senior-reader", "role:manager"]},
        ]
        gateway = await start(demo_sign_in=True, navigation=navigation)
        await gateway.organisation("north")
        for person, ways in (("sam-okafor", ["/audit/"]), ("robin-hughes", ["/reporting/", "/audit/"])):
            client = await browser_of(gateway)
            form = (await client.get("/sign-in")).text
            assert '<input type="hidden" name="next" value="">' in form
            assert (await sign_in(client, person=person, next="")).headers["location"] == ways[0]
            page = (await client.get("/")).text
            assert [each for each in ("/reporting/", "/audit/") if f'<a class="govuk-link" href="{each}">' in page] == ways

    async def test_signing_out_ends_the_session_everywhere(self, demo: Gateway, start: Start) -> None:
        client = await browser_of(demo)
        cookie = (await sign_in(client)).cookies["loop-session"]
        other = await start(demo_sign_in=True, credential_ttl=0)
        assert (await client.get("/audit/x", headers={"Accept": "*/*"})).status_code == 200
        answer = await client.get("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert 'loop-session=""' in answer.headers["set-cookie"]
        assert answer.headers["clear-site-data"] == '"cache"'
        for gateway in (demo, other):
            stolen = await gateway.client(Cookie=f"loop-session={cookie}")
            assert (await stolen.get("/audit/x")).status_code == 401

    async def test_other_site_cannot_sign_anybody_out_by_a_link(self, demo: Gateway) -> None:
        client = await browser_of(demo)
        await sign_in(client)
        asked = await client.get("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
        assert (asked.status_code, "Do you want to sign out" in asked.text) == (200, True)
        assert (await client.get("/audit/x", headers={"Accept": "*/*"})).status_code == 200
        assert (await client.post("/sign-out")).status_code == 303

    async def test_session_ends_by_itself(
        self, start: Start, databases: Databases, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gateway = await start(demo_sign_in=True, session_lifetime=3600)
        await gateway.organisation("north")
        client = await gateway.client(**SAME)
        cookie = (await sign_in(client)).cookies["loop-session"]
        kept = await gateway.client(Cookie=f"loop-session={cookie}")
        assert (await kept.get("/audit/x")).status_code == 200
        # An hour later: for the gateway, which remembers it still, and for the database.
        later = SimpleNamespace(time=lambda: time.time() + 3600, monotonic=time.monotonic)
        monkeypatch.setattr("gateway.access.authentication.time", later)
        hour = "interval '1 hour'"
        change = f"update gateway.session set created_at = created_at - {hour}, expires_at = expires_at - {hour}"
        databases.execute(database.name, change)
        assert (await kept.get("/audit/x")).status_code == 401

    async def test_programs_are_not_sent_to_a_page(self, shared: Gateway, upstream: Upstream) -> None:
        for path, accept in (
            ("/audit/v1/outcomes", "text/html"),
            ("/audit/", "application/json"),
            ("/reporting/odata/v4/", "text/html"),
        ):
            answer = await (await shared.client(Accept=accept)).get(path)
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")

    async def test_without_a_way_to_sign_in_a_page_says_so(self, gateway: Gateway) -> None:
        client = await browser_of(gateway)
        assert (await client.get("/reporting/")).status_code == 401
        assert (await client.get("/sign-in")).status_code == 404
        assert (await sign_in(client)).status_code == 404


class TestChangesFromASession:
    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Sec-Fetch-Site": "same-origin"}, 200),
            ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
            ({"Origin": "http://127.0.0.1:8400"}, 200),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "same-site"}, 403),
            ({"Sec-Fetch-Site": "none"}, 403),
            ({"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8400"}, 403),
            ({"Origin": "https://evil.example"}, 403),
            ({"Origin": "null"}, 403),
            ({}, 403),
        ],
    )
    async def test_only_our_own_pages_may_send_them(
        self, shared: Gateway, upstream: Upstream, headers: dict[str, str], status: int
    ) -> None:
        cookie = (await sign_in(await browser_of(shared))).cookies["loop-session"]
        client = await shared.client(Cookie=f"loop-session={cookie}", **headers)
        assert (await client.post("/complaints/new", data={"a": "1"})).status_code == status
        assert len(upstream.seen) == (status == 200)
        assert (await client.get("/complaints/")).status_code == 200

    async def test_sign_in_from_another_site_is_refused(self, shared: Gateway, upstream: Upstream) -> None:
        client = await shared.client(Sec_Fetch_Site="cross-site")
        answer = await sign_in(client)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


class TestAnonymous:
    async def test_survey_pages_need_nothing_and_get_no_organisation(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.client()
        for path in ("/s/start", "/s/sometoken", "/s"):
            assert (await client.get(path)).status_code == 200
            identity = upstream.identity("feedback")
            assert (identity.kind, identity.org, identity.grants) == ("anonymous", None, frozenset())

    async def test_the_form_to_complain_needs_nothing_either(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.system()
        for path in ("/c/worcestershire", "/c/worcestershire/kind", "/c"):
            assert (await client.get(path)).status_code == 200
            assert upstream.identity("complaints").kind == "anonymous"

    async def test_credentials_on_a_survey_page_count_for_nothing(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.system()
        await client.get("/s/start")
        assert upstream.identity("feedback").kind == "anonymous"

    async def test_descriptions_and_style_sheets_are_public_to_read(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.client()
        for path in ("/audit/v1/openapi.json", "/reporting/static/staff.123.css", "/feedback/v1/openapi.json"):
            assert (await client.get(path)).status_code == 200
            assert (await client.post(path)).status_code == 401
        for path in (
            "/audit/v1/static/x",
            "/audit/v1/outcomes",
            "/audit/x/static/y",
            "/audit/static",
            "/audit/v1/openapi.json/x",
        ):
            assert (await client.get(path)).status_code == 401
        assert {each.method for each in upstream.seen} == {"GET"}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Learning Loop: audit", "description": "Audits."},
    "paths": {
        "/audit/v1/outcomes": {
            "post": {
                "operationId": "post",
                "summary": "Post <an> outcome",
                "description": "First.\n\nSecond & last.",
                "parameters": [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 80}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Outcome"}}}},
                "responses": {"201": {"description": "Recorded", "content": {"application/json": {"schema": {}}}}},
            }
        }
    },
    "components": {
        "schemas": {
            "Outcome": {
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "kind": {"enum": ["single", "looped"]},
                    "themes": {"type": "array", "items": {"$ref": "#/components/schemas/Missing"}},
                    "on": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
                },
            }
        }
    },
}


def describing(upstream: Upstream) -> None:
    async def answer(_: Any, __: Any, send: Any) -> None:
        await respond(send, 200, json.dumps(DOCUMENT).encode())

    upstream.answers["/audit/v1/openapi.json"] = answer


class TestGatheredDocumentation:
    async def test_services_stand_in_one_document(self, gateway: Gateway, upstream: Upstream) -> None:
        describing(upstream)
        found = (await (await gateway.client()).get("/openapi.json")).json()
        operation = found["paths"]["/audit/v1/outcomes"]["post"]
        assert operation["operationId"] == "audit_post"
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/audit.Outcome"}
        assert "audit.Outcome" in found["components"]["schemas"]
        assert found["paths"]["/gateway/v1/clients"]["post"]["security"] == [{"operator": []}]
        assert "/oauth2/token" in found["paths"]
        # The other three answered something that is no description.
        assert found["x-unavailable"] == ["feedback", "complaints", "reporting"]

    async def test_page_shows_all_of_it_and_escapes_it(self, gateway: Gateway, upstream: Upstream) -> None:
        describing(upstream)
        answer = await (await browser_of(gateway)).get("/docs")
        assert answer.status_code == 200
        for words in (
            "POST /audit/v1/outcomes",
            "Post &lt;an&gt; outcome",
            "Second &amp; last.",
            "at most 80 characters",
            "one of “single”",
        ):
            assert words in answer.text
        assert "POST /gateway/v1/clients" in answer.text

    async def test_last_good_document_of_a_service_stays(
        self, start: Start, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        describing(upstream)
        gateway = await start()
        client = await gateway.client()
        assert "/audit/v1/outcomes" in (await client.get("/openapi.json")).json()["paths"]
        del upstream.answers["/audit/v1/openapi.json"]
        later = SimpleNamespace(monotonic=lambda: time.monotonic() + 60)
        monkeypatch.setattr("gateway.web.gathered.time", later)
        found = (await client.get("/openapi.json")).json()
        assert "/audit/v1/outcomes" in found["paths"]
        assert "audit" in found["x-unavailable"]


class TestHealth:
    async def test_states_of_all_and_the_worst_of_them(self, start: Start, upstream: Upstream) -> None:
        gateway = await start()
        answer = await (await gateway.client()).get("/health")
        assert (answer.status_code, answer.json()["state"]) == (200, "ok")

    async def test_one_that_is_away_degrades_the_whole(self, start: Start, upstream: Upstream) -> None:
        base = f"http://127.0.0.1:{upstream.port}"
        gateway = await start(upstreams={"audit": base, "feedback": base, "complaints": "http://127.0.0.1:9"})
        answer = await (await gateway.client()).get("/health")
        body = answer.json()
        assert (answer.status_code, body["state"]) == (503, "degraded")
        assert {name: each["state"] for name, each in body["services"].items()} == {
            "audit": "ok", "feedback": "ok", "complaints": "down", "reporting": "down",
        }  # fmt: skip

    async def test_service_that_is_not_ready_is_degraded(self, gateway: Gateway, upstream: Upstream) -> None:
        async def answer(_: Any, __: Any, send: Any) -> None:
            await respond(send, 503, b"{}")

        upstream.answers["/readyz"] = answer
        body = (await (await gateway.client()).get("/health")).json()
        assert body["state"] == "degraded"
        assert {each["state"] for each in body["services"].values()} == {"degraded"}

    async def test_many_who_ask_are_one_question(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.client()
        await asyncio.gather(*(client.get("/health") for _ in range(20)))
        assert len([each for each in upstream.seen if each.path == "/readyz"]) == 4

    async def test_person_gets_a_page(self, gateway: Gateway) -> None:
        answer = await (await browser_of(gateway)).get("/health")
        assert "Everything is running" in answer.text

    async def test_inner_pages_are_for_neighbours(self, gateway: Gateway) -> None:
        near, far = await gateway.client(), await gateway.client(X_Forwarded_For="203.0.113.9")
        for path in ("/metrics", "/readyz"):
            assert (await near.get(path)).status_code == 200
            assert (await far.get(path)).status_code == 404
        assert (await far.get("/livez")).status_code == 200
        assert "loop_gateway_seconds_bucket" in (await near.get("/metrics")).text


class TestOwnPages:
    async def test_each_is_a_good_page(self, demo: Gateway) -> None:
        client = await browser_of(demo)
        for path in ("/", "/docs", "/health", "/sign-in"):
            assert (await client.get(path)).status_code == 200
        assert (await client.get("/nothing")).status_code == 404
        await sign_in(client)
        assert "Sign out" in (await client.get("/")).text

    async def test_answers_carry_the_headers_that_protect(self, gateway: Gateway) -> None:
        for path in ("/livez", "/openapi.json", "/nothing", "/gateway/v1/clients", "/audit/v1/x"):
            headers = (await (await gateway.client()).get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "server" not in headers
            assert "strict-transport-security" not in headers
