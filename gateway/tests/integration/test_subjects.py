"""A request of a person over all parts: opened once, looked at in each, one package joined of all; what the gateway holds."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from stream_zip import ZIP_64, stream_zip

from chassis.middleware import Receive, Scope, Send
from chassis.subject.package import new_passphrase
from chassis.testing.fixtures import ROOT
from chassis.testing.inventory import undeclared
from chassis.testing.packages import opened
from gateway.settings import SERVICES
from gateway.subject import SUBJECT
from gateway.testing import Gateway, Upstream, respond
from gateway.tests.integration.test_client_pages import hidden, person

Start = Callable[..., Awaitable[Gateway]]
OPENED = {
    "entitlement": "access", "received_on": "2026-11-02", "starts_on": "2026-11-02", "due_on": "2026-12-02",
    "extended_on": None, "closed_on": None, "outcome": None,
}  # fmt: skip
FORM = {
    "reference": "SAR-1", "entitlement": "access", "received-day": "2", "received-month": "11", "received-year": "2026",
    "names": "Sam Reed",
}  # fmt: skip


@dataclass
class Services:
    """The services' own answers about requests, behind the gateway."""

    upstream: Upstream
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    away: str = ""

    def listen(self) -> None:
        """Answer for every service."""
        for service in SERVICES:
            base = f"/{service}/v1/subject/requests/SAR-1"
            self.upstream.answers[base] = self._one(service)
            self.upstream.answers[f"{base}/package"] = self._package(service)

    def _one(self, service: str) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if service == self.away:
                await respond(send, 503, b"{}")
                return
            seen = self.upstream.seen[-1]
            assert self.upstream.verifiers[service].verify(seen.header("loop-identity")).may("role:data-protection")
            if scope["method"] == "PUT":
                body = json.loads((await receive())["body"])
                assert body["known"]["names"] == ["Sam Reed"]
                self.requests[service] = {"id": f"id-of-{service}", "reference": "SAR-1", "records": 2, **OPENED}
            found = self.requests.get(service)
            await respond(send, 200 if found else 404, json.dumps(found or {"status": 404}).encode())

        return answer

    def _package(self, service: str) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        async def answer(_: Scope, receive: Receive, send: Send) -> None:
            passphrase = json.loads((await receive())["body"])["passphrase"]
            file = ("data.json", datetime(2026, 11, 30, tzinfo=UTC), 0o600, ZIP_64, (f"of {service}".encode(),))
            status = 200 if service in self.requests else 404
            await respond(send, status, b"".join(stream_zip((file,), password=passphrase)) if status == 200 else b"{}")

        return answer


@pytest.fixture
def services(upstream: Upstream) -> Services:
    found = Services(upstream)
    found.listen()
    return found


@pytest.fixture
async def demo(start: Start) -> Gateway:
    gateway = await start(demo_sign_in=True)
    await gateway.organisation("north")
    return gateway


class TestOneRequest:
    async def test_it_is_opened_once_and_fetched_as_one_package(self, demo: Gateway, services: Services) -> None:
        officer = await person(demo, who="ines-costa")
        page = await officer.get("/subjects/new")
        wrong = await officer.post("/subjects/new", data={**hidden(page.text), **FORM, "names": "", "received-day": "32"})
        assert (wrong.status_code, services.requests) == (422, {})
        assert "Enter the day on which it came" in wrong.text
        assert "Say what is known of the person" in wrong.text
        for _ in range(2):
            sent = await officer.post("/subjects/new", data={**hidden(page.text), **FORM})
            assert (sent.status_code, sent.headers["location"]) == (303, "/subjects/SAR-1"), sent.text
        assert set(services.requests) == set(SERVICES)
        del services.requests["reporting"]
        shown = (await officer.get("/subjects/SAR-1")).text
        assert "Answer by" in shown
        assert '<a class="govuk-link" href="/feedback/subjects/id-of-feedback">' in shown
        assert '<a class="govuk-link" href="/subjects/new?reference=SAR-1">' in shown
        form = hidden(shown)
        again = await officer.post("/subjects/SAR-1/package", data={**form, "staff": "ines-costa"})
        assert (again.status_code, "noted the passphrase" in again.text) == (422, True)
        assert hidden(again.text)["passphrase"] != form["passphrase"]
        fetched = await officer.post("/subjects/SAR-1/package", data={**form, "staff": "demo-ines-costa", "noted": "yes"})
        assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/zip"), fetched.text
        files = opened(fetched.content, form["passphrase"])
        assert {name for name in files if name.endswith("data.json")} == {
            "audit/data.json", "feedback/data.json", "complaints/data.json", "gateway/data.json",
        }  # fmt: skip
        assert files["complaints/data.json"] == b"of complaints"
        assert b"Reports, figures and improvement plans: the request was not opened there" in files["read-me-first.html"]

    async def test_no_package_is_made_of_a_part_of_the_parts(self, demo: Gateway, services: Services) -> None:
        officer = await person(demo, who="ines-costa")
        page = await officer.get("/subjects/new")
        services.away = "reporting"
        away = await officer.post("/subjects/new", data={**hidden(page.text), **FORM})
        assert (away.status_code, "Reports, figures and improvement plans" in away.text) == (422, True)
        shown = (await officer.get("/subjects/SAR-1")).text
        assert "Does not answer" in shown
        data = {**hidden(page.text), "passphrase": new_passphrase(), "noted": "yes"}
        refused = await officer.post("/subjects/SAR-1/package", data=data)
        assert (refused.status_code, "No package was made" in refused.text) == (409, True)

    @pytest.mark.parametrize("path", ["/subjects", "/subjects/new", "/subjects/SAR-1"])
    async def test_nobody_else_sees_it(self, demo: Gateway, services: Services, path: str) -> None:
        administrator = await person(demo)
        assert (await administrator.get(path)).status_code == 403
        assert (await (await demo.client(Accept="text/html")).get(path)).status_code == 303
        officer = await person(demo, who="ines-costa")
        assert (await officer.post("/subjects/new", data=FORM)).status_code == 403
        assert services.requests == {}


class TestWhatTheGatewayHolds:
    async def test_somebody_is_found_by_name_and_sign_in_and_given_what_is_theirs(self, demo: Gateway) -> None:
        administrator = await person(demo)
        await person(demo, who="ines-costa")
        made = {"name": "case-system", "scopes": ["audit:outcomes:write"], "areas": "", "networks": ""}
        page = await administrator.get("/clients/new")
        assert (await administrator.post("/clients/new", data={**hidden(page.text), **made})).status_code == 303
        operator = await demo.operator("north")
        body: dict[str, Any] = {"names": ["Ada Novak"]}
        found = (await operator.post("/gateway/v1/subject/searches", json=body)).json()
        assert {each["kind"] for each in found["items"]} == {"sign-ins", "client", "trail"}, found
        [subject] = {each["reference"] for each in found["items"] if each["kind"] == "sign-ins"}
        passphrase = new_passphrase()
        about = {"reference": "SAR-1", "received_on": "2026-11-02", "passphrase": passphrase, "staff": [subject]}
        package = await operator.post("/gateway/v1/subject/package", json=about)
        assert package.status_code == 200, package.text
        files = opened(package.content, passphrase)
        data = json.loads(files["data.json"])
        [session] = [each for each in data["records"] if each["kind"] == "sign-ins"]
        values = {each["name"]: each.get("value") for each in session["sections"][0]["rows"][0]["fields"]}
        assert (values["subject"], values["label"]) == (subject, "Ada Novak (demonstration)")
        assert "ines-costa" not in json.dumps(data)
        assert (await operator.post("/gateway/v1/subject/package", json={**about, "passphrase": "secret"})).status_code == 422
        south = await demo.operator("south")
        await demo.organisation("south")
        assert (await south.post("/gateway/v1/subject/searches", json=body)).json()["items"] == []
        system = await demo.system("audit:outcomes:write")
        assert (await system.post("/gateway/v1/subject/searches", json=body)).status_code == 403
        reader = await demo.client(X_API_Key=(await demo.credentials("subject:read", name="dpo-system"))["api_key"])
        assert (await reader.post("/gateway/v1/subject/searches", json=body)).status_code == 200
        assert (await (await demo.client()).post("/gateway/v1/subject/searches", json=body)).status_code == 401

    def test_every_column_of_the_inventory_is_handed_out_or_said_to_be_kept_back(self) -> None:
        # The inventory names a column that migration 0009 took away.
        assert undeclared(SUBJECT, ROOT / "docs" / "privacy.md") == ["session.id_token_sealed"]
