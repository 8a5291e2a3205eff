"""What `loop doctor` says of a machine: keys that open nothing, certificates that end, an installation that is not there."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from chassis.copies import Copies
from loop_cli.doctor import app, machine
from loop_cli.doctor.database import copied
from loop_cli.stack.keys import load_or_make
from loop_cli.stack.layout import Layout

NOW = datetime.now(UTC)


def certificate(path: Path, ends: datetime) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loop.example")])
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(NOW - timedelta(days=400)).not_valid_after(ends)
    )  # fmt: skip
    path.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return str(path)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A data folder with its keys, of which nothing runs."""
    made = Layout.at(tmp_path / "data")
    made.open()
    load_or_make(made, has_data=False)
    return made


class TestKeys:
    def test_each_ring_opens_with_its_own_key(self, layout: Layout) -> None:
        assert [each.state for each in machine.keys(layout)] == ["well"]

    def test_one_that_does_not_open_is_named(self, layout: Layout) -> None:
        (layout.secrets / "kek-audit.key").write_bytes((layout.secrets / "kek-feedback.key").read_bytes())
        (layout.secrets / "key-ring-gateway.json").unlink()
        assert [(each.what, each.state) for each in machine.keys(layout)] == [
            ("key ring of audit", "wrong"),
            ("key ring of gateway", "wrong"),
        ]


class TestCertificates:
    @pytest.mark.parametrize(("days", "state"), [(-1, "wrong"), (10, "look"), (200, "well")])
    def test_the_day_is_told_before_it_comes(self, tmp_path: Path, days: int, state: str) -> None:
        [found] = machine.certificates([certificate(tmp_path / "one.pem", NOW + timedelta(days=days))])
        assert found.state == state

    @pytest.mark.parametrize("named", ["no-such-file.pem", "127.0.0.1:1", "host:port"])
    def test_what_shows_none_is_said(self, named: str) -> None:
        [found] = machine.certificates([named])
        assert (found.state, "cannot be read" in found.words) == ("wrong", True)


class TestCopies:
    @pytest.mark.parametrize(
        ("standing", "states"),
        [
            (Copies(False, 0.0, {}), {"backup": "look"}),
            (Copies(True, 0.0, {}), {"archive": "well"}),
            (Copies(True, 4000.0, {"base": NOW.timestamp() - 3600}), {"archive": "wrong", "base copy": "well"}),
            (Copies(False, 0.0, {"dump": NOW.timestamp() - 31 * 3600}), {"backup": "look"}),
        ],
    )
    def test_none_an_old_one_and_an_archive_that_is_behind_are_told(self, standing: Copies, states: dict[str, str]) -> None:
        assert {each.what: each.state for each in copied(standing, NOW)} == states


def test_where_nothing_runs_it_says_how_to_start_it(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOOP_ADMIN_DATABASE_URL", "LOOP_ADMIN_DATABASE_URL_FILE", "LOOP_NATS_URL"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(app, ["--data", str(layout.root), "--json"])
    assert result.exit_code == 1
    found = {each["what"]: each for each in json.loads(result.output)}
    assert found["database"]["state"] == "wrong"
    assert "loop up" in found["database"]["do"]
    assert found["key rings"]["state"] == "well"
