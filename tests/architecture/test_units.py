"""deploy/systemd against the command and the guide: what a unit runs exists, where it writes is said, a clean stop has time."""

import fnmatch
import inspect
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from loop_cli.main import COMMANDS, LazyCommands
from loop_cli.servers import NatsServer, PostgresServer
from loop_cli.stack.programs import GRACE_SECONDS
from loop_cli.stack.services import PROGRAMS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/systemd"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".service", ".timer"})
SERVICES = [path for path in UNITS if path.suffix == ".service"]
PROGRAM = "/opt/learning-loop/"
GUIDE = (ROOT / "docs/guides/install.md").read_text()

HELD = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "MemoryDenyWriteExecute": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "IPAddressDeny": "any",
    "IPAddressAllow": "localhost",
    "LimitCORE": "0",
    "UMask": "0077",
    "User": "learning-loop",
}


def said(unit: Path) -> dict[str, list[str]]:
    """Every setting of a unit, with each value it has."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if line and line[0] not in "#;[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def commands(unit: Path) -> list[list[str]]:
    """What a unit runs of ours, as `loop` gets it."""
    lines = [shlex.split(line) for name, lines in said(unit).items() if name.startswith("Exec") for line in lines]
    return [words[1:] for words in lines if words[0].startswith(PROGRAM)]


def option(words: list[str], name: str) -> str:
    """What follows an option."""
    return words[words.index(name) + 1]


class TestCommands:
    @pytest.mark.parametrize("unit", SERVICES, ids=lambda each: each.name)
    def test_each_exists_and_takes_what_it_is_given(self, unit: Path) -> None:
        assert commands(unit)
        for words in commands(unit):
            command = LazyCommands(name="loop").get_command(typer.Context(LazyCommands(name="loop")), words[0])
            assert words[0] in COMMANDS
            assert command is not None
            # Refuses an option that is not there, and a missing argument; runs nothing.
            command.make_context(words[0], words[1:])

    def test_that_test_can_fail(self) -> None:
        command = LazyCommands(name="loop").get_command(typer.Context(LazyCommands(name="loop")), "up")
        with pytest.raises(Exception, match="No such option"):
            command.make_context("up", ["--flat-out"])

    @pytest.mark.parametrize("unit", SERVICES, ids=lambda each: each.name)
    def test_program_is_where_the_guide_puts_it(self, unit: Path) -> None:
        for name, values in said(unit).items():
            for value in values:
                for word in value.split() if name.startswith("Exec") or name == "Documentation" else ():
                    path = word.removeprefix("file:")
                    if path.startswith(PROGRAM) and ".venv" not in path:
                        assert (ROOT / path.removeprefix(PROGRAM)).is_file()
                    elif path.startswith(PROGRAM):
                        assert path == f"{PROGRAM}.venv/bin/loop"
        assert PROGRAM.rstrip("/") in GUIDE


class TestPaths:
    @pytest.mark.parametrize("unit", SERVICES, ids=lambda each: each.name)
    def test_what_is_written_to_can_be_written_and_stands_in_the_guide(self, unit: Path) -> None:
        writable = " ".join(said(unit)["ReadWritePaths"]).split()
        for words in commands(unit):
            wanted = [option(words, "--data")] if words[0] == "up" else [f"{option(words, '--data')}/lock", words[1]]
            for path in wanted:
                assert any(Path(path).is_relative_to(each) for each in writable), path
        for path in [*writable, *(each.lstrip("-") for each in said(unit)["EnvironmentFile"])]:
            assert path.removesuffix("/lock") in GUIDE, path

    def test_all_use_one_data_folder(self) -> None:
        assert len({option(words, "--data") for unit in SERVICES for words in commands(unit)}) == 1

    def test_the_backup_deletes_what_it_has_made_itself_alone(self) -> None:
        unit = said(FOLDER / "learning-loop-backup.service")
        target = commands(FOLDER / "learning-loop-backup.service")[0][1]
        assert unit["ExecStartPost"] == [f'/usr/bin/find {target} -maxdepth 1 -name "loop-*.dump.age" -mtime +30 -delete']
        assert f"d {target} 0700 learning-loop learning-loop" in (FOLDER / "learning-loop.tmpfiles").read_text()

    def test_every_log_of_a_process_comes_to_an_end(self) -> None:
        lines = (FOLDER / "learning-loop.logrotate").read_text().splitlines()
        logs = f"{option(commands(FOLDER / 'learning-loop.service')[0], '--data')}/logs"
        kept = [line.removeprefix(f"{logs}/") for line in lines if line.startswith(logs)]
        names = ["postgres", "nats", "nursery", *(program.name for program in PROGRAMS)]
        for name in names:
            assert len([each for each in kept if fnmatch.fnmatch(f"{name}.log", each)]) == 1, name
        assert len(kept) == len([line for line in lines if line.startswith("/")])

    def test_every_file_is_named_in_the_guide(self) -> None:
        assert [path.name for path in FOLDER.iterdir() if path.name not in GUIDE] == []


class TestHolding:
    @pytest.mark.parametrize("unit", SERVICES, ids=lambda each: each.name)
    def test_rights_are_those_of_nobody(self, unit: Path) -> None:
        found = said(unit)
        assert {name: found.get(name) for name in HELD} == {name: [value] for name, value in HELD.items()}
        assert found["SystemCallFilter"] == ["@system-service", "~@privileged"]

    def test_a_clean_stop_has_time_also_where_all_hang(self) -> None:
        servers = [inspect.signature(each.stop).parameters["timeout"].default for each in (NatsServer, PostgresServer)]
        unit = said(FOLDER / "learning-loop.service")
        assert float(unit["TimeoutStopSec"][0]) >= len(PROGRAMS) * GRACE_SECONDS + sum(servers)
        # SIGTERM to PostgreSQL itself would wait for its clients.
        assert unit["KillMode"] == ["mixed"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze (Debian: systemd)")
class TestSystemd:
    def test_it_finds_nothing_wrong(self, tmp_path: Path) -> None:
        for unit in UNITS:
            # It looks whether the programs are there.
            text = unit.read_text().replace(f"{PROGRAM}.venv/bin/loop", str(Path(sys.executable).with_name("loop")))
            (tmp_path / unit.name).write_text(text.replace(PROGRAM, f"{ROOT}/"))
        command = ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, [line for line in done.stderr.splitlines() if "learning-loop" in line]) == (0, [])

    @pytest.mark.parametrize("unit", SERVICES, ids=lambda each: each.name)
    def test_it_counts_little_that_could_be_held_and_is_not(self, unit: Path) -> None:
        # 1.5 of 10, which is a unit that holds nothing; what is left is the network, AF_UNIX, /proc/stat and the like.
        command = ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15", str(unit)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
