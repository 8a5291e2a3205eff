"""What goes wrong outside: a clear answer that says what to do, nothing stored, and never a 500."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.chaos.load import first_record
from tests.conftest import Outside, key

pytestmark = pytest.mark.stack
JSON = {"content-type": "application/json"}
WRITES = {
    "/audit/v1/outcomes": "audit-outcomes",
    "/complaints/v1/complaints": "complaints",
    "/complaints/v1/compliments": "compliments",
    "/feedback/v1/responses": "responses",
    "/feedback/v1/invitations": "families",
}
SCOPES = (
    "audit:outcomes:write", "audit:outcomes:read", "complaints:write", "complaints:read",
    "feedback:invitations:write", "feedback:invitations:read", "feedback:responses:write", "reporting:read",
)  # fmt: skip


@pytest.fixture
def client(outside: Outside) -> Iterator[httpx.Client]:
    with outside.client(*SCOPES) as made:
        yield made


def pattern(path: str) -> dict[str, Any]:
    record = first_record(WRITES[path])
    body: dict[str, Any] = record.get("complaint") or record.get("invitation") or record
    return {**body, "reference": uuid4().hex[:12]}


def assert_problem(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    assert answer.status_code in statuses, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    assert len(body["detail"]) > 10
    return body


@pytest.mark.parametrize("path", WRITES)
class TestEveryWrite:
    @pytest.mark.parametrize(
        "content", [b"", b"{", b"null", b"[]", b'"x"', b"1e999", b"\xff\xfe\x00", b'{"a":' * 2000, b"{}"],
        ids=["empty", "cut off", "null", "list", "string", "number", "not UTF-8", "deep", "no fields"],
    )  # fmt: skip
    def test_malformed_json_is_a_problem(self, client: httpx.Client, path: str, content: bytes) -> None:
        assert_problem(client.post(path, content=content, headers=key() | JSON), 400, 422)

    def test_every_field_with_a_wrong_type_is_a_problem_that_names_it(self, client: httpx.Client, path: str) -> None:
        body = pattern(path)
        for field in body:
            for wrong in ({"x": 1}, 12.5, ["\x00"], "x" * 5000, True, "nul \x00 inside", "half a character \ud800"):
                answer = client.post(path, content=json.dumps({**body, field: wrong}), headers=key() | JSON)
                if answer.status_code in {200, 201}:
                    continue  # the value fits after all (a boolean for a boolean)
                problem = assert_problem(answer, 422)
                if problem["type"].endswith(":malformed-json"):
                    continue  # half a character is no JSON at all (RFC 8259, 8.2)
                assert any(field in each["pointer"] for each in problem["errors"]), (field, wrong, problem)

    def test_an_unknown_field_and_an_unknown_code_are_named(self, client: httpx.Client, path: str) -> None:
        body = pattern(path)
        problem = assert_problem(client.post(path, json={**body, "surprise": 1}, headers=key()), 422)
        assert problem["errors"][0]["pointer"] == "/surprise"
        problem = assert_problem(client.post(path, json={**body, "service_area": "no-such-area"}, headers=key()), 422)
        assert any("Known codes" in each["detail"] for each in problem["errors"])

    def test_a_reused_key_with_another_payload_is_refused(self, client: httpx.Client, path: str) -> None:
        headers = key()
        body = pattern(path)
        first = client.post(path, json=body, headers=headers)
        assert first.status_code == 201, first.text
        assert client.post(path, json=body, headers=headers).json() == first.json()
        other = {**body, "reference": uuid4().hex[:12]}
        problem = assert_problem(client.post(path, json=other, headers=headers), 422)
        assert problem["type"] == "urn:learning-loop:problem:idempotency-key-reused"

    def test_a_missing_key_is_asked_for(self, client: httpx.Client, path: str) -> None:
        problem = assert_problem(client.post(path, json=pattern(path)), 422, 428)
        assert "Idempotency-Key" in json.dumps(problem)

    def test_a_body_of_50_mb_is_refused_early(self, client: httpx.Client, path: str) -> None:
        for content in (b" " * 50_000_000, iter([b" " * 1_000_000] * 50)):
            try:
                answer = client.post(path, content=content, headers=key() | JSON)
            except (httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
                continue  # refused so early that the rest of it was still being sent
            assert_problem(answer, 413)


class TestBatches:
    def test_a_batch_of_a_million_items_is_refused(self, client: httpx.Client) -> None:
        content = b'{"outcomes":[' + b"{}," * 999_999 + b"{}]}"
        assert_problem(client.post("/audit/v1/outcomes/batch", content=content, headers=key() | JSON), 413, 422)

    def test_a_bad_item_is_refused_alone(self, client: httpx.Client) -> None:
        good, bad = pattern("/audit/v1/outcomes"), pattern("/audit/v1/outcomes") | {"overall": "superb"}
        answer = client.post("/audit/v1/outcomes/batch", json={"outcomes": [good, bad, 7]}, headers=key())
        assert answer.status_code == 200
        assert [each["status"] for each in answer.json()["results"]] == ["recorded", "refused", "refused"]
        assert answer.json()["results"][1]["problem"]["errors"][0]["pointer"] == "/overall"


class TestAddresses:
    @pytest.mark.parametrize(
        "path",
        [
            # written out: the name of a test is the same in every process that runs tests
            "/audit/v1/outcomes/not-an-id", "/audit/v1/outcomes/01f0a3c2-5c1e-7a34-9d53-2f6f8c1b7e90",
            "/complaints/v1/complaints/01f0a3c2-5c1e-7a34-9d53-2f6f8c1b7e90",
            "/audit/v1/none",
            "/audit/v1/outcomes?after=rubbish", "/audit/v1/outcomes?limit=many", "/complaints/v1/complaints?after=%00",
            "/reporting/v1/reports/none", "/reporting/v1/reports/send-complaints?period=never", "/nowhere",
            "/audit/%2e%2e/feedback/v1/invitations", "/audit/%2e%2e/%2e%2e/etc/passwd", "/reporting/odata/v4/Nothing",
        ],
    )  # fmt: skip
    def test_addresses_that_lead_nowhere_say_so(self, client: httpx.Client, path: str) -> None:
        answer = client.get(path)
        assert 400 <= answer.status_code < 500, f"{answer.status_code} {answer.text[:300]}"


class TestLinks:
    @pytest.mark.parametrize("token", ["x", "a" * 43, "%2e%2e", "%00", "a" * 3000, "<script>"])
    def test_an_unknown_link_is_a_kind_page(self, outside: Outside, token: str) -> None:
        with outside.anybody() as family:
            answer = family.get(f"/s/{token}")
        assert 400 <= answer.status_code < 500
        if answer.status_code != 414:
            assert answer.headers["content-type"].startswith("text/html")
            assert "<h1" in answer.text

    def test_an_expired_link_is_a_kind_page(self, client: httpx.Client, outside: Outside) -> None:
        body = pattern("/feedback/v1/invitations")
        assert_problem(client.post("/feedback/v1/invitations", json={**body, "expires_on": "2020-01-01"}, headers=key()), 422)
        issued = client.post("/feedback/v1/invitations", json=body, headers=key()).json()
        withdrawn = client.post(f"/feedback/v1/invitations/{issued['invitation_id']}/withdrawal", headers=key())
        assert withdrawn.is_success, withdrawn.text
        with outside.anybody() as family:
            answer = family.get(issued["url"].replace(issued["url"].split("/s/")[0], ""))
            unknown = family.get("/s/" + "A" * len(issued["url"].rsplit("/", 1)[1]))
        assert answer.status_code == unknown.status_code
        assert "<h1" in answer.text
        assert answer.text == unknown.text, "withdrawn and unknown cannot be told apart"
