"""The operator's API."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from gateway.domain.people import PEOPLE
from gateway.domain.scopes import SCOPES
from gateway.testing import Gateway

Start = Callable[..., Awaitable[Gateway]]


class TestOrganisations:
    async def test_is_made_once_and_renamed(self, gateway: Gateway) -> None:
        operator = await gateway.operator()
        path = "/gateway/v1/organisations/north"
        first = await operator.put(path, json={"name": "North"})
        assert (first.status_code, first.json()) == (201, {"org": "north", "name": "North", "created": True})
        again = await operator.put(path, json={"name": "  The North "})
        assert (again.status_code, again.json()) == (200, {"org": "north", "name": "The North", "created": False})

    @pytest.mark.parametrize("org", ["North", "*", "a", "1north", "north_east", "x" * 64, "n'or", "%2a"])
    async def test_code_that_is_none_is_refused(self, gateway: Gateway, org: str) -> None:
        answer = await (await gateway.operator()).put(f"/gateway/v1/organisations/{org}", json={"name": "N"})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "body", ["{", "[]", "{}", '{"name": 1}', '{"name": ""}', '{"name": "N", "more": 1}', "null", "\xff"]
    )
    async def test_malformed_body_is_a_problem_with_a_pointer(self, gateway: Gateway, body: str) -> None:
        operator = await gateway.operator()
        answer = await operator.put(
            "/gateway/v1/organisations/north", content=body.encode("latin-1"), headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in {400, 422}
        assert answer.json()["type"].startswith("urn:learning-loop:problem:")


class TestClients:
    async def test_secrets_are_shown_once(self, gateway: Gateway) -> None:
        issued = await gateway.credentials("audit:outcomes:write")
        assert issued["client_id"].startswith("north-")
        assert issued["client_secret"].startswith("lls_")
        assert issued["api_key"].startswith("llk_")
        assert len(issued["api_key"]) == 47
        listed = (await (await gateway.operator("north")).get("/gateway/v1/clients")).json()
        assert [each["client_id"] for each in listed["items"]] == [issued["client_id"]]
        assert not {"client_secret", "api_key", "secret_hash", "key_hash"} & set(listed["items"][0])

    async def test_same_name_twice_is_a_conflict_until_the_first_is_disabled(self, gateway: Gateway) -> None:
        issued = await gateway.credentials(name="cms")
        operator = await gateway.operator("north")
        body = {"name": "cms", "scopes": ["audit:outcomes:write"]}
        answer = await operator.post("/gateway/v1/clients", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:learning-loop:problem:client-name-taken")
        assert (await operator.delete(f"/gateway/v1/clients/{issued['client_id']}")).status_code == 204
        assert (await operator.delete(f"/gateway/v1/clients/{issued['client_id']}")).status_code == 204
        assert (await operator.post("/gateway/v1/clients", json=body)).status_code == 201

    async def test_new_credentials_end_the_old_and_the_client_stays_the_same(self, gateway: Gateway, upstream: Any) -> None:
        old = await gateway.credentials()
        path = f"/gateway/v1/clients/{old['client_id']}/credentials"
        assert (await (await gateway.client(X_API_Key=old["api_key"])).get("/audit/v1/x")).status_code == 200
        answer = await (await gateway.operator("north")).post(path)
        new = answer.json()
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert {name for name in old if old[name] != new[name]} == {"client_secret", "api_key"}
        assert (await (await gateway.client(X_API_Key=old["api_key"])).get("/audit/v1/x")).status_code == 401
        assert (await (await gateway.client(X_API_Key=new["api_key"])).get("/audit/v1/x")).status_code == 200
        assert upstream.identity("audit").subject == old["client_id"]
        token = {"grant_type": "client_credentials"}
        anybody = await gateway.client()
        for issued, status in ((old, 401), (new, 200)):
            pair = (issued["client_id"], issued["client_secret"])
            assert (await anybody.post("/oauth2/token", data=token, auth=pair)).status_code == status

    async def test_disabled_client_and_that_of_another_organisation_get_no_credentials(self, gateway: Gateway) -> None:
        issued = await gateway.credentials(org="north")
        await gateway.organisation("south")
        path = f"/gateway/v1/clients/{issued['client_id']}"
        assert (await (await gateway.operator("south")).post(f"{path}/credentials")).status_code == 404
        operator = await gateway.operator("north")
        assert (await operator.delete(path)).status_code == 204
        assert (await operator.post(f"{path}/credentials")).status_code == 404

    async def test_unknown_scopes_are_named_with_those_that_exist(self, gateway: Gateway) -> None:
        await gateway.organisation()
        body = {"name": "x", "scopes": ["audit:outcomes:write", "everything", "profile:write"]}
        answer = await (await gateway.operator("north")).post("/gateway/v1/clients", json=body)
        assert answer.status_code == 422
        assert len(answer.json()["errors"]) == 2
        assert all(scope in answer.text for scope in SCOPES)

    @pytest.mark.parametrize(
        "change",
        [
            {"scopes": []}, {"scopes": "audit:outcomes:write"}, {"name": ""}, {"name": "x" * 101}, {"areas": ["A B"]},
            {"areas": None}, {"org": "nowhere"}, {"org": "*"}, {"more": 1}, {"scopes": ["a"] * 51},
        ],
    )  # fmt: skip
    async def test_malformed_client_is_refused(self, gateway: Gateway, change: dict[str, Any]) -> None:
        await gateway.organisation()
        body = {"org": "north", "name": "x", "scopes": ["audit:outcomes:write"], **change}
        answer = await (await gateway.operator()).post("/gateway/v1/clients", json=body)
        assert answer.status_code == 422, answer.text

    async def test_organisation_in_body_and_header_must_agree(self, gateway: Gateway) -> None:
        await gateway.organisation("north")
        await gateway.organisation("south")
        body = {"org": "south", "name": "x", "scopes": ["audit:outcomes:write"]}
        assert (await (await gateway.operator("north")).post("/gateway/v1/clients", json=body)).status_code == 403
        assert (await (await gateway.operator()).post("/gateway/v1/clients", json={**body, "org": None})).status_code == 422

    async def test_service_areas_reach_the_services(self, gateway: Gateway, upstream: Any) -> None:
        await gateway.organisation()
        body = {"name": "x", "scopes": ["audit:outcomes:write"], "areas": ["send", "fostering"]}
        issued = (await (await gateway.operator("north")).post("/gateway/v1/clients", json=body)).json()
        await (await gateway.client(X_API_Key=issued["api_key"])).get("/audit/v1/x")
        assert upstream.identity("audit").areas == {"send", "fostering"}

    async def test_list_pages_by_keyset(self, gateway: Gateway) -> None:
        names = [f"system {number}" for number in range(7)]
        for name in names:
            await gateway.credentials(name=name)
        operator = await gateway.operator("north")
        found, after = [], ""
        while True:
            answer = (
                await operator.get("/gateway/v1/clients", params={"limit": 3, **({"after": after} if after else {})})
            ).json()
            found += [each["name"] for each in answer["items"]]
            if not (after := answer["next"]):
                break
        assert found == names
        assert (await operator.get("/gateway/v1/clients", params={"after": "x"})).status_code == 422
        assert (await operator.get("/gateway/v1/clients", params={"limit": 0})).status_code == 422

    async def test_client_of_another_organisation_is_not_there(self, gateway: Gateway) -> None:
        issued = await gateway.credentials(org="north")
        await gateway.organisation("south")
        assert (await (await gateway.operator("south")).delete(f"/gateway/v1/clients/{issued['client_id']}")).status_code == 404
        assert (await (await gateway.operator("south")).get("/gateway/v1/clients")).json()["items"] == []


class TestTrouble:
    @pytest.mark.parametrize("path", ["/gateway/v1/clients/a%00b", "/gateway/v1/clients/a%00b/credentials/%00/rotation"])
    async def test_character_that_cannot_be_stored_is_the_callers_mistake(self, gateway: Gateway, path: str) -> None:
        await gateway.credentials()  # which makes the organisation known
        operator = await gateway.operator("north")
        answer = await (operator.post(path, json={}) if path.endswith("rotation") else operator.get(path))
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:learning-loop:problem:unstorable-character"
        answer = await operator.put("/gateway/v1/organisations/north", json={"name": "N\0"})
        assert answer.status_code == 422

    async def test_fault_of_ours_is_a_problem_and_leaves_the_connection(
        self, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(*_: Any) -> None:
            raise ValueError("a secret inside")

        monkeypatch.setattr("gateway.web.admin.list_clients", broken)
        await gateway.credentials()  # which makes the organisation known
        operator = await gateway.operator("north")
        for _ in range(2):
            answer = await operator.get("/gateway/v1/clients")
            assert answer.status_code == 500
            assert answer.json()["type"] == "urn:learning-loop:problem:internal-error"
            assert answer.json()["request_id"] == answer.headers["x-request-id"]
            assert "secret" not in answer.text

    async def test_body_that_is_too_large_has_one_request_id(self, gateway: Gateway) -> None:
        answer = await (await gateway.operator("north")).post("/gateway/v1/clients", content=b"x" * 100_000)
        assert answer.status_code == 413
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


class TestWhoMay:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("PUT", "/organisations/north"),
            ("POST", "/clients"),
            ("GET", "/clients"),
            ("DELETE", "/clients/north-1"),
            ("POST", "/clients/north-1/credentials"),
            ("GET", "/clients/north-1"),
            ("PATCH", "/clients/north-1"),
            ("POST", "/clients/north-1/credentials/new"),
            ("POST", "/clients/north-1/credentials/c1/rotation"),
            ("DELETE", "/clients/north-1/credentials/c1"),
        ],
    )
    async def test_operator_and_nobody_else(self, start: Start, method: str, path: str) -> None:
        gateway = await start(demo_sign_in=True)
        system = await gateway.system(*SCOPES)
        nobody = await gateway.client()
        assert (await system.request(method, f"/gateway/v1{path}", json={})).status_code == 403
        for person in PEOPLE:
            browser = await gateway.client(Sec_Fetch_Site="same-origin")
            assert (await browser.post("/sign-in", data={"organisation": "north", "person": person})).status_code == 303
            assert (await browser.request(method, f"/gateway/v1{path}", json={})).status_code == 401
        assert (await nobody.request(method, f"/gateway/v1{path}", json={})).status_code == 401

    async def test_without_a_key_file_there_is_no_operator(self, start: Start) -> None:
        gateway = await start(operator_key_file=None)
        answer = await (await gateway.operator()).put("/gateway/v1/organisations/north", json={"name": "N"})
        assert answer.status_code == 401


class TestWhereFrom:
    async def test_key_counts_from_the_networks_that_are_named_and_looks_wrong_from_others(self, start: Start) -> None:
        def counted() -> float:
            return REGISTRY.get_sample_value("loop_gateway_operators_refused_total", {"reason": "network"}) or 0

        gateway, before = await start(operator_networks=["192.0.2.0/24"]), counted()
        answer = await (await gateway.operator()).put("/gateway/v1/organisations/north", json={"name": "North"})
        unknown = await (await gateway.client(Authorization="Bearer " + "x" * 40)).put(
            "/gateway/v1/organisations/north", json={"name": "North"}
        )
        assert answer.status_code == unknown.status_code == 401
        assert answer.json()["detail"] == unknown.json()["detail"]
        # Whoever runs it hears of the one that was right; a wrong key is no operator.
        assert counted() == before + 1

    async def test_a_proxy_inside_does_not_lend_its_place(self, start: Start) -> None:
        gateway = await start(trusted_proxies=["127.0.0.1/32"])
        operator = await gateway.operator()
        path = "/gateway/v1/organisations/north"
        for address, status in (("203.0.113.9", 401), ("10.1.2.3", 201)):
            answer = await operator.put(path, json={"name": "North"}, headers={"X-Forwarded-For": address})
            assert answer.status_code == status, address
