"""docker-compose.yml against the processes that it starts: their settings, their rights, and what they wait for.

No container engine is needed. What is checked is the file as Compose would read it, with what `loop deploy secrets` writes.
"""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from loop_cli.servers.nats import MAX_PAYLOAD, program
from loop_cli.servers.postgres import SETTINGS as POSTGRES
from loop_cli.stack.containers import COMPOSE, environment
from loop_cli.stack.services import NAVIGATION, PROGRAMS, SERVICES, Program
from tests.architecture.containers import BY_NAME, PUBLIC_URL, ROOT, deploy, dockerfile, known, starts

TRIED = ("mailpit", "oidc", "metabase")
"""Programs of others, in profiles of their own."""

WRITABLE = {"oidc", "metabase"}
"""Of these, those that unpack themselves into their own image."""

BY_INSTALLATION = {"LOOP_PUBLIC_URL", "LOOP_NAVIGATION", "LOOP_TRUSTED_PROXIES", "LOOP_SCAN_URL"}


def read_env(path: Path) -> dict[str, str]:
    """A file of variables as Compose reads it: a line each, comments, single quotes around what is meant as it stands."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {name: value.removeprefix("'").removesuffix("'") for name, _, value in (line.partition("=") for line in lines)}


def put_in(value: Any, variables: dict[str, str]) -> Any:
    """What Compose makes of `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$` in every value."""
    if isinstance(value, dict):
        return {key: put_in(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [put_in(each, variables) for each in value]
    if not isinstance(value, str):
        return value

    def one(found: re.Match[str]) -> str:
        name, default, needed = found[1], found[2], found[3]
        if found[0] == "$$":
            return "$"
        if needed is not None:
            assert variables.get(name), f"${{{name}:?}} is not set by what `loop deploy secrets` writes"
        return variables.get(name) or default or ""

    return re.sub(r"\$\$|\$\{(\w+)(?::-([^}]*)|(:\?[^}]*))?\}", one, value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return deploy(tmp_path_factory.mktemp("compose") / "installation", "compose")


@pytest.fixture(scope="module")
def compose(folder: Path) -> dict[str, Any]:
    written = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    found = put_in(written, read_env(folder / "compose.env"))
    assert isinstance(found, dict)
    return found


def said(service: dict[str, Any]) -> dict[str, str]:
    """The environment of a service: its files first, what stands in it counts more."""
    found: dict[str, str] = {}
    for path in service.get("env_file", []):
        found |= read_env(Path(path))
    return {**found, **service.get("environment", {})}


def on_host(service: dict[str, Any], value: str) -> str:
    """A value with paths of the container turned into those of this machine."""
    for each in service.get("volumes", []):
        if isinstance(each, dict):
            value = value.replace(each["target"], each["source"])
    return value


class TestProcesses:
    @pytest.mark.parametrize("each", PROGRAMS, ids=lambda each: each.name)
    def test_every_variable_is_a_setting_of_its_process(self, each: Program, compose: dict[str, Any]) -> None:
        assert set(said(compose["services"][each.name])) <= known(each.name)

    @pytest.mark.parametrize("each", PROGRAMS, ids=lambda each: each.name)
    def test_it_would_start_with_exactly_these(
        self, each: Program, compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service = compose["services"][each.name]
        settings = starts(each, {name: on_host(service, value) for name, value in said(service).items()}, monkeypatch)
        assert settings.public_url == PUBLIC_URL
        assert [entry.model_dump(mode="json") for entry in settings.navigation] == NAVIGATION

    @pytest.mark.parametrize("each", PROGRAMS, ids=lambda each: each.name)
    def test_it_is_told_what_containers_are_told(self, each: Program, compose: dict[str, Any]) -> None:
        found = said(compose["services"][each.name])
        assert {name: value for name, value in found.items() if name not in BY_INSTALLATION} == environment(each, COMPOSE)

    @pytest.mark.parametrize("each", PROGRAMS, ids=lambda each: each.name)
    def test_it_runs_its_program_and_is_asked_whether_it_lives(self, each: Program, compose: dict[str, Any]) -> None:
        service, image = compose["services"][each.name], dockerfile(each.service).read_text()
        if each.part == "web":
            assert "command" not in service
            assert f'CMD ["python", "-m", "{each.module}"]' in image
            assert '"chassis.probe", "LOOP_PORT"]' in image
        else:
            assert service["command"] == ["python", "-m", each.module]
            assert service["healthcheck"]["test"][-1] == "LOOP_WORKER_PORT"

    def test_each_gets_its_own_files_and_no_others(self, compose: dict[str, Any], folder: Path) -> None:
        for name in [*BY_NAME, *(f"{service}-migrations" for service in SERVICES), "roles", "loop"]:
            given = [volume["source"] for volume in compose["services"][name]["volumes"] if isinstance(volume, dict)]
            of_files = [path for path in given if path.startswith(f"{folder}/files")]
            assert of_files == [f"{folder}/files/{name}"]

    def test_no_secret_is_in_the_environment(self, compose: dict[str, Any], folder: Path) -> None:
        secrets = {
            line for path in (folder / "files").rglob("*") if path.is_file() and path.name != "identity_keys"
            for line in path.read_text().splitlines() if len(line) > 20
        }  # fmt: skip
        text = yaml.safe_dump(compose)
        assert secrets
        assert [each for each in secrets if each in text] == []


class TestHeldIn:
    def test_nobody_has_more_rights_than_needed(self, compose: dict[str, Any]) -> None:
        for name, service in compose["services"].items():
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert service["read_only"] is (name not in WRITABLE), name
            assert not service.keys() & {"privileged", "pid", "ipc", "devices"}, name
            assert {"memory", "cpus", "pids"} <= service["deploy"]["resources"]["limits"].keys(), name
            assert service["logging"]["options"]["max-size"], name
            if name not in {*TRIED, "nats-volume"}:
                assert not service["user"].startswith("0"), name
                assert "cap_add" not in service, name

    def test_what_it_may_not_change_is_mounted_so(self, compose: dict[str, Any]) -> None:
        for name, service in compose["services"].items():
            for volume in service.get("volumes", []):
                if isinstance(volume, dict):
                    assert (volume["read_only"], volume["bind"]["create_host_path"]) == (True, False), name

    def test_only_the_gateway_is_published_and_on_this_machine_alone(self, compose: dict[str, Any]) -> None:
        ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
        assert {name for name in ports if not compose["services"][name].get("profiles")} == {"gateway"}
        assert [each for listed in ports.values() for each in listed if not each.startswith("127.0.0.1:")] == []

    def test_servers_are_in_networks_that_lead_nowhere(self, compose: dict[str, Any]) -> None:
        inside = {name for name, network in compose["networks"].items() if network.get("internal")}
        for name in ("postgres", "nats", "roles", *(f"{service}-migrations" for service in SERVICES), "audit", "complaints"):
            assert set(compose["services"][name]["networks"]) <= inside, name
        # Who has no events to read or send does not reach the broker.
        reach = {name for name, service in compose["services"].items() if "events" in service.get("networks", [])}
        assert reach == {"nats", "loop", *(each.name for each in PROGRAMS if each.part == "worker")}

    def test_only_the_demonstration_could_let_anybody_in(self, compose: dict[str, Any]) -> None:
        assert "DEMO" not in yaml.safe_dump(compose)


class TestWhole:
    def test_all_that_is_named_is_there(self, compose: dict[str, Any]) -> None:
        services = compose["services"]
        for name, service in services.items():
            assert "image" in service, name
            assert set(service.get("networks", [])) <= set(compose["networks"]), name
            for other, how in service.get("depends_on", {}).items():
                once = services[other].get("restart") == "no"
                assert how["condition"] == ("service_completed_successfully" if once else "service_healthy"), (name, other)
                assert once or "healthcheck" in services[other] or other in SERVICES, (name, other)
            for volume in service.get("volumes", []):
                if isinstance(volume, str):
                    assert volume.partition(":")[0] in compose["volumes"], name
                else:
                    assert (ROOT / volume["source"]).exists(), volume["source"]
            if "build" in service:
                assert (ROOT / service["build"]["dockerfile"]).is_file(), name
        used = {each for service in services.values() for each in service.get("networks", [])}
        assert used == set(compose["networks"])

    def test_roles_come_before_schemas_and_schemas_before_services(self, compose: dict[str, Any]) -> None:
        for service in SERVICES:
            assert list(compose["services"][f"{service}-migrations"]["depends_on"]) == ["roles"]
            for name in (service, f"{service}-worker"):
                assert f"{service}-migrations" in compose["services"][name]["depends_on"]

    def test_names_of_our_services_are_those_that_others_call(self, compose: dict[str, Any]) -> None:
        assert set(BY_NAME) | {COMPOSE.postgres, COMPOSE.nats} <= set(compose["services"])


class TestServers:
    def test_postgresql_keeps_what_it_says_as_the_embedded_one_does(self, compose: dict[str, Any]) -> None:
        words = compose["services"]["postgres"]["command"][1:]
        assert words[::2] == ["-c"] * (len(words) // 2)
        found = dict(word.split("=", 1) for word in words[1::2])
        # Where it listens is the container's; the machine is larger than a desk.
        differs = {"listen_addresses", "unix_socket_directories", "max_connections", "shared_buffers"}
        assert {name: found[name] for name in POSTGRES if name not in differs} == {
            name: value for name, value in POSTGRES.items() if name not in differs
        }
        # Each process keeps ten connections at most, and a few stay for operators.
        assert int(found["max_connections"]) > 10 * len(PROGRAMS)

    def test_nats_takes_its_configuration_with_the_users(self, folder: Path, tmp_path: Path) -> None:
        text = (ROOT / "deploy/compose/nats.conf").read_text()
        assert "sync_interval: always" in text
        assert f"max_payload: {MAX_PAYLOAD}" in text
        (tmp_path / "nats.conf").write_text(text.replace("/data", str(tmp_path)))
        (tmp_path / "users.conf").write_text((folder / "files/nats/users.conf").read_text())
        command = [str(program()), "--config", str(tmp_path / "nats.conf"), "-t"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
