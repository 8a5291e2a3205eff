"""The trail of a running installation, checked by the command as an operator does."""

import json
import re
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from loop_cli.stack.embedded import EmbeddedStack
from loop_cli.trail import app
from tests.chaos.load import ORG
from tests.conftest import Outside

pytestmark = pytest.mark.stack
PATIENCE = 60.0
READ = {
    "audit": "/audit/v1/outcomes",
    "feedback": "/feedback/v1/invitations",
    "complaints": "/complaints/v1/complaints",
    "reporting": "/reporting/v1/reports",
}
"""What somebody reads in each service, so that each trail has an entry."""


def verify(stack: EmbeddedStack, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["verify", "--org", ORG, *arguments, "--data", str(stack.layout.root)])
    return result.exit_code, result.output


class TestVerify:
    def test_every_chain_holds_and_kept_heads_show_what_is_made_anew(
        self, stack: EmbeddedStack, outside: Outside, tmp_path: Path
    ) -> None:
        with outside.client("audit:outcomes:read", "feedback:invitations:read", "complaints:read", "reporting:read") as client:
            for service, path in READ.items():
                asked = client.get(path).headers["x-request-id"]
                deadline = time.monotonic() + PATIENCE
                while asked not in {each["request_id"] for each in outside.operator.pages(f"/{service}/v1/trail", ORG)}:
                    assert time.monotonic() < deadline, service
                    time.sleep(0.1)
        kept = tmp_path / "heads.json"
        code, shown = verify(stack, "--keep", str(kept))
        assert code == 0, shown
        for service in (*READ, "gateway"):
            found = re.search(rf"^{service} +holds, from the first entry to number (\d+)$", shown, re.MULTILINE)
            assert found, shown
            assert int(found[1]) > 0, shown
        assert verify(stack, "--against", str(kept))[0] == 0

        heads = json.loads(kept.read_text())
        heads["heads"]["audit"]["hash"] = "00" * 32
        kept.write_text(json.dumps(heads))
        code, shown = verify(stack, "--against", str(kept))
        assert code == 1
        assert "audit        does not hold" in shown
