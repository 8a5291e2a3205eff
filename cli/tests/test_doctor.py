"""What `loop doctor` says of a machine: keys that open nothing, certificates that end, an installation that is not there."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

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


@dataclass(frozen=True)
class _Usage:
    total: int
    free: int


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


class TestDisk:
    @pytest.mark.parametrize(
        ("free_gb", "held_gb", "state"), [(0.2, 0, "wrong"), (5, 0, "look"), (5, 3, "well"), (7, 0, "well"), (6.2, 0, "look")]
    )
    def test_what_streams_may_still_take_counts(
        self, layout: Layout, monkeypatch: pytest.MonkeyPatch, free_gb: float, held_gb: int, state: str
    ) -> None:
        layout.nats.mkdir(exist_ok=True)
        with (layout.nats / "1.blk").open("w") as file:
            file.truncate(held_gb * 2**30)  # holes: it takes no room
        monkeypatch.setattr("shutil.disk_usage", lambda _: _Usage(40 * 2**30, int(free_gb * 2**30)))
        found = machine.disk(layout)
        assert found.state == state
        assert f"NATS may take {6 - held_gb:.1f} GB more" in found.words


class TestCertificates:
    @pytest.mark.parametrize(("days", "state"), [(-1, "wrong"), (10, "look"), (200, "well")])
    def test_the_day_is_told_before_it_comes(self, tmp_path: Path, days: int, state: str) -> None:
        [found] = machine.certificates([certificate(tmp_path / "one.pem", NOW + timedelta(days=days))])
        assert found.state == state

    @pytest.mark.parametrize("named", ["no-such-file.pem", "127.0.0.1:1", "host:port"])
    def test_what_shows_none_is_said(self, named: str) -> None:
        [found] = machine.certificates([named])
        assert (found.state, "cannot be read" in found.words) == ("wrong", True)


@contextmanager
def answering(ahead: float) -> Iterator[str]:
    """A process on a machine with another clock."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((time.time() if timestamp is None else timestamp) + ahead)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class TestClocks:
    @pytest.mark.parametrize(
        ("ahead", "state", "words"),
        [
            (0, "well", "agree"),
            (-20, "look", "behind"),
            (20, "look", "ahead of"),
            (120, "wrong", "ahead of"),
            (-7200, "wrong", "behind"),
        ],
    )
    def test_the_clock_of_another_machine_is_held_against_ours(self, ahead: float, state: str, words: str) -> None:
        with answering(ahead) as url:
            [found] = machine.clocks({"audit": url})
        assert (found.state, words in found.words) == (state, True), found

    def test_who_does_not_answer_is_named(self) -> None:
        [found] = machine.clocks({"audit": "http://127.0.0.1:1"})
        assert (found.state, found.what) == ("wrong", "clock of audit")


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
