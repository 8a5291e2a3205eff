"""Data keys are rotated, and a backup that its maker cannot read comes back whole, on the whole stack."""

import json
import time
from pathlib import Path

import httpx
import pyrage
import pytest
from typer.testing import CliRunner

from chassis.testing.fixtures import scratch_folder
from loop_cli.backup import app as backups
from loop_cli.keys import app as keys
from loop_cli.servers import ServerError, free_port
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.load import first_record
from tests.conftest import ORGS, Outside, key

SHOWN = {"COLUMNS": "250"}


def call(app: object, *words: object) -> str:
    answer = CliRunner().invoke(app, [str(word) for word in words], env=SHOWN)  # type: ignore[arg-type]
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_a_key_is_rotated_and_a_backup_comes_back_and_lives(stack: EmbeddedStack, outside: Outside) -> None:
    data, org = stack.layout.root, ORGS[0]
    system, issuing = outside.client("feedback:invitations:write"), key()
    body = {**first_record("families")["invitation"], "reference": "copied"}
    issued = system.post("/feedback/v1/invitations", json=body, headers=issuing)
    assert issued.status_code == 201

    def ring() -> list[dict[str, str]]:
        content: list[dict[str, str]] = json.loads((data / "secrets" / "key-ring-feedback.json").read_text())["keys"]
        return [each for each in content if each["org"] == org]

    call(keys, "keys", "create", "--org", org, "--data", data)
    call(keys, "keys", "rotate", "--org", org, "--data", data)
    assert len(ring()) == 2
    call(keys, "keys", "status", "--org", org, "--data", data)
    call(keys, "keys", "retire", "--org", org, "--data", data)
    assert not any(each["retired_at"] for each in ring()), "a key is retired only when the newer one has settled"
    with pytest.raises(ServerError, match="Nothing was destroyed"):
        call(keys, "keys", "destroy", "--org", org, "--confirm", "other", "--data", data)

    who = pyrage.x25519.Identity.generate()
    with scratch_folder("restored") as folder:
        file, identity, restored = folder / "copy.age", folder / "identity", folder / "data"
        identity.write_text(f"# made for a test\n{who}\n")
        call(backups, "backup", file, "--recipient", who.to_public(), "--data", data)
        assert b"PGDMP" not in file.read_bytes()
        kept = data / "secrets"
        with pytest.raises(ServerError, match="Nothing was restored"):
            call(backups, "restore", file, "--secrets", folder, "--identity", identity, "--data", restored)
        stranger = folder / "stranger"
        stranger.write_text(str(pyrage.x25519.Identity.generate()))
        with pytest.raises(ServerError, match="does not open with this key"):
            call(backups, "restore", file, "--secrets", kept, "--identity", stranger, "--data", restored)
        shown = call(backups, "restore", file, "--secrets", kept, "--identity", identity, "--data", restored)
        assert "Restored and whole" in shown
        with pytest.raises(ServerError, match="There are data"):
            call(backups, "restore", file, "--secrets", kept, "--identity", identity, "--data", restored)
        later = call(keys, "keys", "rotate", "--org", ORGS[1], "--spread", 300, "--data", restored)
        assert "It seals in 300 s" in later
        with EmbeddedStack(restored, port=free_port()) as second:
            second.wait_ready()

            def again() -> httpx.Response:
                headers = {**system.headers, **issuing}
                return httpx.post(f"{second.url}/feedback/v1/invitations", json=body, headers=headers, timeout=60)

            # The same request once more: its answer, with the link, was sealed in the copy.
            assert again().json() == issued.json()
            wrap_anew(restored)
            assert again().json() == issued.json()
            destroyed = call(keys, "keys", "destroy", "--org", org, "--confirm", org, "--data", restored)
            assert "unreadable" in destroyed
            # The processes that knew the keys have forgotten them: they look once a second.
            deadline = time.monotonic() + 60
            while (answer := again()).status_code != 503:
                assert time.monotonic() < deadline, answer.text
            assert answer.json()["type"].endswith("words-do-not-open")
    system.close()


def wrap_anew(data: Path) -> None:
    """Change every key-encryption key while everything runs; those of before are gone, and those of a service its own."""
    files = sorted((data / "secrets").glob("kek-*.key"))
    before = [file.read_text() for file in files]
    assert len(set(before)) == len(files) == 5
    assert "0 keys" not in call(keys, "keys", "rotate", "--kek", "--data", data)
    assert not set(before) & {file.read_text() for file in files}
