"""What an operator does with a running installation, by the commands alone."""

import re
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from loop_cli.operate import app
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.load import ORG, first_record
from tests.conftest import Outside, key

pytestmark = pytest.mark.stack
FUTURE = "loop.audit.v9.not_known_yet"


def run(stack: EmbeddedStack, *arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--data", str(stack.layout.root)], env={"COLUMNS": "250"})
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
