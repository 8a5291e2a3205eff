"""`loop keys` over the rings of all services: what is shared goes when it seals nothing, what is a service's own stays."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chassis.key_ring import RingFile, read_ring
from loop_cli import keys as commands
from loop_cli.key_place import Place
from loop_cli.key_split import kept_keys
from loop_cli.stack.keys import SEALING, load_or_make
from loop_cli.stack.layout import Layout

ORG = "worcestershire"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    layout = Layout.at(tmp_path / "data")
    layout.open()
    load_or_make(layout, has_data=False)
    monkeypatch.setattr(commands, "SETTLED_MINUTES", 0.0)
    monkeypatch.setattr(Place, "ask", lambda _self, _what, orgs: [_line(each, org) for each in SEALING for org in orgs])
    return Place.of(layout.root)


def _line(service: str, org: str) -> dict[str, Any]:
    return {"service": service, "org": org, "counts": {}, "resealed": {}}


def call(*words: str, data: Path) -> str:
    answer = CliRunner().invoke(commands.app, ["keys", *words, "--data", str(data)], env={"COLUMNS": "250"})
    assert answer.exit_code == 0, (answer.output, answer.exception)
    return answer.output


def test_an_organisation_gets_keys_in_every_ring_and_none_is_anothers(place: Place, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert "5 data keys" in call("create", "--org", ORG, data=data)
    assert "has a data key already" in call("create", "--org", ORG, data=data)
    ids = [entry.id for held in place.held for entry in held.ring.entries() if entry.kind == "data"]
    assert len(ids) == len(set(ids)) == 5
    shown = call("status", data=data)
    assert all(each in shown for each in (*ids, *SEALING))


def test_what_services_shared_goes_when_it_seals_nothing_and_their_own_stays(place: Place, tmp_path: Path) -> None:
    shared = RingFile(tmp_path / "shared.json", list(place.held[0].ring._keks.values()))
    shared.make_if_missing()
    old = shared.add(ORG)
    for held in place.held[:2]:
        held.ring.take_over(shared, {})
    own = [held.ring.add(ORG).id for held in place.held]
    call("rotate", data=tmp_path / "data")
    assert "were shared" in call("retire", data=tmp_path / "data")
    for held, mine in zip(place.held, own, strict=True):
        entries = {entry.id: entry for entry in read_ring(held.ring.path)}
        assert entries[mine].wrapped
        assert entries[mine].retired_at
        assert held not in place.held[:2] or entries[old.id].wrapped is None


def test_a_service_is_given_no_purpose_that_it_does_not_declare() -> None:
    from audit.sealed import SEALED  # noqa: PLC0415 - beside what it is compared with
    from chassis.secrets import Secrets  # noqa: PLC0415 - the same

    given = kept_keys(Secrets(b"m" * 32), SEALED, {ORG})
    assert set(given) == {ORG, "*"}
    assert set(given[ORG]) == SEALED.derived
