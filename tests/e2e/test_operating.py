"""What an operator does with a running installation, by the commands alone."""

import re
import time
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from typer import Typer
from typer.testing import CliRunner

from chassis.testing.browser import served
from loop_cli import trail, webhooks
from loop_cli.operate import app
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.load import ORG, first_record
from tests.conftest import Outside, key

pytestmark = pytest.mark.stack
KIND = "audit.v1.outcome_recorded"
FUTURE = "loop.audit.v9.not_known_yet"


def run(stack: EmbeddedStack, *arguments: str, group: Typer = app) -> str:
    result = CliRunner().invoke(group, [*arguments, "--data", str(stack.layout.root)], env={"COLUMNS": "250"})
    assert result.exit_code == 0, result.output
    return result.output


def credentials(shown: str) -> dict[str, str]:
    """The three strings that `create` and `renew` print."""
    return dict(re.findall(r"^(client_id|client_secret|api_key)\s+(\S+)$", shown, re.MULTILINE))


class TestClients:
    def test_credentials_work_until_they_are_disabled(self, stack: EmbeddedStack) -> None:
        name = f"case system {uuid4().hex[:6]}"
        shown = run(stack, "client", "create", "--org", ORG, "--name", name, "--scope", "audit:outcomes:read")
        found = credentials(shown)
        assert name in run(stack, "client", "list", "--org", ORG)
        with httpx.Client(base_url=stack.url, headers={"X-API-Key": found["api_key"]}) as client:
            assert client.get("/audit/v1/outcomes").status_code == 200
        token = httpx.post(
            f"{stack.url}/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(found["client_id"], found["client_secret"]),
        )
        assert token.status_code == 200, token.text
        run(stack, "client", "disable", found["client_id"], "--org", ORG)
        listed = run(stack, "client", "list", "--org", ORG)
        assert "disabled" in next(line for line in listed.splitlines() if found["client_id"] in line)

    def test_renewed_it_corrects_what_it_posted_before(self, stack: EmbeddedStack) -> None:
        name = f"case system {uuid4().hex[:6]}"
        old = credentials(run(stack, "client", "create", "--org", ORG, "--name", name, "--scope", "audit:outcomes:write"))
        new = credentials(run(stack, "client", "renew", old["client_id"], "--org", ORG))
        body = {**first_record("audit-outcomes"), "reference": uuid4().hex[:12]}
        with httpx.Client(base_url=stack.url) as client:

            def post(api_key: str, version: int) -> httpx.Response:
                headers = {"X-API-Key": api_key, **key()}
                return client.post("/audit/v1/outcomes", json={**body, "version": version}, headers=headers)

            assert post(old["api_key"], 1).status_code == 401
            assert post(new["api_key"], 1).json()["status"] == "recorded"
            newest = credentials(run(stack, "client", "renew", old["client_id"], "--org", ORG))
            assert post(newest["api_key"], 2).json()["status"] == "corrected"


class TestReplay:
    def test_it_builds_the_same_reports_again(self, stack: EmbeddedStack, outside: Outside) -> None:
        with outside.client("audit:outcomes:write", "reporting:read") as client:
            body = {**first_record("audit-outcomes"), "reference": uuid4().hex[:12]}
            assert client.post("/audit/v1/outcomes", json=body, headers=key()).status_code == 201
            run(stack, "replay", "reporting")
            reports = [each["report"] for each in client.get("/reporting/v1/reports").json()["reports"]]
            path = f"/reporting/v1/reports/{reports[0]}"
            before = client.get(path).json()
            assert "Rebuilt" in run(stack, "replay", "reporting")
            assert client.get(path).json() == before


class TestDeadLetters:
    def test_an_event_that_is_put_aside_is_shown_with_its_reason(self, stack: EmbeddedStack) -> None:
        stack.postgres.run_sql(
            "insert into audit.outbox (id, org, subject, data, occurred_at) "
            f"values ('{uuid4()}', '{ORG}', '{FUTURE}', '{{}}', now())",
            database="loop",
        )
        run(stack, "replay", "reporting")
        listed = run(stack, "dead-letters", "list", "--org", ORG)
        assert f"unknown event type {FUTURE}" in listed
        assert "0 applied, 1 still dead" in run(stack, "dead-letters", "redrive")
        # Taken back, so that the other tests of this installation find no dead letter.
        stack.postgres.run_sql(
            f"update audit.outbox set subject = 'loop.audit.v1.outcome_recorded', data = earlier.data "
            f"from (select data from audit.outbox where subject = 'loop.audit.v1.outcome_recorded' limit 1) as earlier "
            f"where subject = '{FUTURE}'",
            database="loop",
        )
        run(stack, "replay", "reporting")
        assert FUTURE not in run(stack, "dead-letters", "list", "--org", ORG)


class TestWebhooks:
    def test_system_is_subscribed_stopped_and_sent_to_again_and_the_chain_knows_of_it(
        self, stack: EmbeddedStack, outside: Outside
    ) -> None:
        answers, got = [204], list[str]()

        async def take(request: Request) -> Response:
            got.append(request.headers["webhook-id"])
            return Response(status_code=answers[-1])

        def ours(*arguments: str) -> str:
            return run(stack, *arguments, "--org", ORG, group=webhooks.app)

        def until(words: str, *arguments: str) -> str:
            deadline = time.monotonic() + 60
            while words not in (shown := ours(*arguments)):
                assert time.monotonic() < deadline, shown
                time.sleep(0.2)
            return shown

        with served(Starlette(routes=[Route("/events", take, methods=["POST"])])) as url:
            contact = ("--contact", "systems@council.example")
            shown = ours("add", "--name", "cms", "--url", f"{url}/events?key=1", "--type", KIND, *contact)
            ident, secret = re.findall(r"(wh-\w+)", shown)[0], re.findall(r"whsec_\S+", shown)[0]
            listed = until("live", "list")
            assert "systems@council.example" in listed
            assert "key=1" not in listed
            assert re.findall(r"whsec_\S+", ours("rotate", ident, "--overlap", "1")) not in ([], [secret])
            ours("disable", ident)
            with outside.client("audit:outcomes:write") as client:
                body = {**first_record("audit-outcomes"), "reference": uuid4().hex[:12]}
                assert client.post("/audit/v1/outcomes", json=body, headers=key()).status_code == 201
            until("waiting", "log", ident, "--state", "waiting")
            assert "paused" in ours("list")
            ours("resume", ident)
            shown = until(KIND, "log", ident, "--state", "sent")
            sent, message = len(got), next(line.split()[0] for line in shown.splitlines() if KIND in line)
            assert "1 messages are sent again" in ours("replay", ident, "--message", message)
            until("No such message", "log", ident, "--state", "waiting")
            assert got[sent:] == [message]
            answers.append(410)
            ours("test", ident)
            until("disabled: gone", "list")
            ours("delete", ident)
            assert ident not in ours("list")
        shown = run(stack, "verify", "--org", ORG, group=trail.app)
        assert "gateway      holds, from the first entry" in shown
        told = outside.operator.call("GET", "/gateway/v1/trail", org=ORG, params={"limit": 5000})["items"]
        acts = [each["parameters"]["act"] for each in told if each["parameters"].get("subscription_id") == ident]
        assert acts == [
            "made", "verified", "rotated", "paused", "resumed", "replayed", "tested", "disabled", "deleted",
        ]  # fmt: skip

    def test_what_is_no_message_is_refused_before_anything_is_sent(self, stack: EmbeddedStack) -> None:
        result = CliRunner().invoke(webhooks.app, ["replay", "wh-1", "--org", ORG, "--data", str(stack.layout.root)])
        assert "Say which messages" in str(result.exception)
