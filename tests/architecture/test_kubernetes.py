"""deploy/kubernetes against Kubernetes' own schemas and against the processes that it starts.

There is no cluster here. Objects of Kubernetes are held against the schemas of `kubernetes-validate`; of objects of others
(CloudNativePG, KEDA) the fields that we use are listed here, as their documentation has them.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml
from cryptography import x509
from tools import kubernetes

from loop_cli.servers.postgres import SETTINGS as POSTGRES
from loop_cli.stack.containers import KUBERNETES, MOUNT, REPLICAS, environment
from loop_cli.stack.given import names
from loop_cli.stack.services import NAVIGATION, PROGRAMS, SERVICES, Program
from tests.architecture.containers import BY_NAME, PUBLIC_URL, ROOT, deploy, known, starts

FOLDER = ROOT / "deploy/kubernetes"
VERSION = "1.34"
"""The oldest version of Kubernetes that the guide names."""

Object = dict[str, Any]

OTHERS: dict[str, dict[str, Any]] = {
    "postgresql.cnpg.io/v1/Cluster": {
        "imageCatalogRef": {"apiGroup", "kind", "name", "major"}, "instances": int, "primaryUpdateStrategy": str,
        "enableSuperuserAccess": bool, "superuserSecret": {"name"}, "certificates": {"serverCASecret", "serverTLSSecret"},
        "bootstrap": {"initdb"}, "postgresql": {"synchronous", "parameters"}, "storage": {"size"}, "walStorage": {"size"},
        "resources": {"requests", "limits"}, "affinity": {"enablePodAntiAffinity", "podAntiAffinityType", "topologyKey"},
        "plugins": list,
    },
    "postgresql.cnpg.io/v1/ScheduledBackup": {
        "schedule": str, "backupOwnerReference": str, "cluster": {"name"}, "method": str, "pluginConfiguration": {"name"},
    },
    "barmancloud.cnpg.io/v1/ObjectStore": {
        "retentionPolicy": str, "configuration": {"destinationPath", "endpointURL", "s3Credentials", "wal", "data"},
    },
    "keda.sh/v1alpha1/ScaledObject": {
        "scaleTargetRef": {"name"}, "minReplicaCount": int, "maxReplicaCount": int, "cooldownPeriod": int, "triggers": list,
    },
}  # fmt: skip
"""Fields of `spec` that we use of objects that are not Kubernetes' own: a type, or the names below."""


def objects(path: Path) -> list[Object]:
    return [each for each in yaml.safe_load_all(path.read_text()) if each]


def of(folder: str) -> list[Object]:
    """All objects of a base, as its kustomization names them."""
    listed = yaml.safe_load((FOLDER / folder / "kustomization.yaml").read_text())["resources"]
    return [each for name in listed if name.endswith(".yaml") for each in objects(FOLDER / folder / name)]


BASES = [each for folder in ("servers", "once", "services", "scaling") for each in of(folder)]
OVERLAY = [each for folder in ("servers", "services") for each in of(f"overlays/example/{folder}")]
ALL = [*BASES, *OVERLAY]


def kind(each: Object) -> str:
    return f"{each['apiVersion']}/{each['kind']}"


def find(what: str, name: str) -> Object:
    return next(each for each in BASES if (each["kind"], each["metadata"]["name"]) == (what, name))


def pods() -> Iterator[tuple[str, Object]]:
    """Every pod that these start, with the name of what starts it."""
    for each in BASES:
        if "template" in each.get("spec", {}):
            yield each["metadata"]["name"], each["spec"]["template"]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> list[Object]:
    """What `loop deploy secrets` writes."""
    return objects(deploy(tmp_path_factory.mktemp("kubernetes") / "installation", "kubernetes") / "secrets.yaml")


class TestObjects:
    def test_what_is_made_of_the_services_is_what_the_tool_writes(self) -> None:
        assert {path: path.read_text() for path in kubernetes.written()} == kubernetes.written()

    @pytest.mark.parametrize("each", ALL, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
    def test_it_fits_its_schema(self, each: Object) -> None:
        if kind(each) not in OTHERS:
            kubernetes_validate.validate(each, VERSION, strict=True)
            return
        fields = OTHERS[kind(each)]
        for name, value in each["spec"].items():
            allowed = fields[name]
            assert isinstance(value, allowed) if isinstance(allowed, type) else set(value) <= allowed, name
        assert set(each["spec"]) == set(fields)

    def test_what_the_command_writes_fits_too(self, given: list[Object]) -> None:
        for each in given:
            kubernetes_validate.validate(each, VERSION, strict=True)
        assert len({(each["kind"], each["metadata"]["name"]) for each in given}) == len(given)

    def test_every_kustomization_names_files_that_are_there_and_forgets_none(self) -> None:
        found = sorted(FOLDER.rglob("kustomization.yaml"))
        assert len(found) == 7
        for path in found:
            said = yaml.safe_load(path.read_text())
            named = [*said["resources"], *said.get("components", [])]
            for generated in said.get("configMapGenerator", []):
                named += [*generated.get("files", []), *generated.get("envs", [])]
            for each in named:
                there = path.parent / each
                assert there.is_file() or (there / "kustomization.yaml").is_file(), f"{path}: {each}"
            here = {each.name for each in path.parent.iterdir() if each.is_file()} - {"kustomization.yaml"}
            assert here <= set(named), path

    def test_every_image_of_ours_gets_the_name_of_a_store(self) -> None:
        for folder in ("once", "services"):
            images = yaml.safe_load((FOLDER / "overlays/example" / folder / "kustomization.yaml").read_text())["images"]
            assert {each["name"] for each in images} == {f"learning-loop/{service}" for service in SERVICES}


class TestProcesses:
    def container(self, program: Program) -> Object:
        found: Object = find("Deployment", program.name)["spec"]["template"]["spec"]["containers"][0]
        return found

    def said(self, program: Program, given: list[Object]) -> dict[str, str]:
        """The environment of a process, with what is common to all and what the overlay's files say."""
        container = self.container(program)
        found: dict[str, str] = {}
        maps = {each["metadata"]["name"]: each["data"] for each in given if each["kind"] == "ConfigMap"}
        for source in container["envFrom"]:
            name = source["configMapRef"]["name"]
            if name in maps:
                found |= maps[name]
            else:
                lines = (FOLDER / f"overlays/example/services/{name}.env").read_text().splitlines()
                found |= dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        return found | {each["name"]: each["value"] for each in container["env"]}

    @pytest.mark.parametrize("each", PROGRAMS, ids=lambda each: each.name)
    def test_every_variable_is_a_setting_of_its_process(self, each: Program, given: list[Object]) -> None:
        assert set(self.said(each, given)) <= known(each.name)

    @pytest.mark.parametrize("each", PROGRAMS, ids=lambda each: each.name)
    def test_it_would_start_with_exactly_these_and_carries_nothing_in_the_clear(
        self, each: Program, given: list[Object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spec = find("Deployment", each.name)["spec"]["template"]["spec"]
        files = next(volume for volume in spec["volumes"] if volume["name"] == "files")["secret"]["secretName"]
        secret = next(one for one in given if (one["kind"], one["metadata"]["name"]) == ("Secret", files))
        for name, content in secret["stringData"].items():
            (tmp_path / name).write_text(content)
        variables = {name: value.replace(MOUNT, str(tmp_path)) for name, value in self.said(each, given).items()}
        settings = starts(each, variables, monkeypatch)
        assert (settings.public_url, settings.plain_inside, settings.clear_inside()) == (PUBLIC_URL, False, [])
        assert [entry.model_dump(mode="json") for entry in settings.navigation] == NAVIGATION

    @pytest.mark.parametrize("each", PROGRAMS, ids=lambda each: each.name)
    def test_each_has_what_keeps_it_there(self, each: Program) -> None:
        container = self.container(each)
        assert {"startupProbe", "livenessProbe", "readinessProbe", "lifecycle", "resources"} <= container.keys()
        ports = {port["name"] for port in container["ports"]}
        assert {container[probe]["httpGet"]["port"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")} <= ports
        for what in ("Service", "PodDisruptionBudget"):
            selector = find(what, each.name)["spec"]["selector"]
            assert selector.get("matchLabels", selector) == kubernetes.labels(each.name)
        scaled = [one["metadata"]["name"] for one in BASES if one["kind"] == "HorizontalPodAutoscaler"]
        assert (each.name in scaled) is (each.part == "web")
        # Who is scaled is not told a number here, or every update would begin with it.
        assert ("replicas" in find("Deployment", each.name)["spec"]) is (each.part == "worker")

    def test_a_log_can_be_read_while_the_broker_is_away(self) -> None:
        for source in ("audit", "feedback", "complaints"):
            assert find("Service", f"{source}-worker")["spec"]["publishNotReadyAddresses"] is True

    def test_the_database_has_a_connection_for_everybody(self) -> None:
        scaled = [each["spec"] for each in BASES if each["kind"] == "HorizontalPodAutoscaler"]
        most = {spec["scaleTargetRef"]["name"]: spec["maxReplicas"] for spec in scaled}
        most["gateway-worker"] = find("ScaledObject", "gateway-worker")["spec"]["maxReplicaCount"]
        together = sum(10 * most.get(program.name, 2) for program in PROGRAMS)
        # While a release goes out there is one more of each; a tenth stays for the operator of the cluster and for backups.
        together += 10 * len(PROGRAMS)
        parameters = find("Cluster", "postgres")["spec"]["postgresql"]["parameters"]
        assert together <= 0.9 * int(parameters["max_connections"])


class TestHeldIn:
    @pytest.mark.parametrize(("name", "template"), list(pods()), ids=[name for name, _ in pods()])
    def test_a_pod_fits_the_restricted_standard(self, name: str, template: Object) -> None:
        spec = template["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not spec.keys() & {"hostNetwork", "hostPID", "hostIPC"}
        kinds = {key for volume in spec["volumes"] for key in volume if key != "name"}
        assert kinds <= {"secret", "emptyDir", "projected"}
        for container in spec["containers"]:
            held = container["securityContext"]
            assert held["allowPrivilegeEscalation"] is False
            assert held["readOnlyRootFilesystem"] is True
            assert held["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}

    def test_the_namespace_takes_no_other_pods(self) -> None:
        found = find("Namespace", "learning-loop")["metadata"]["labels"]
        assert found["pod-security.kubernetes.io/enforce"] == "restricted"

    def test_no_secret_is_in_what_is_committed(self) -> None:
        assert [each["metadata"]["name"] for each in ALL if each["kind"] == "Secret"] == []

    def test_every_secret_that_is_mounted_is_written_by_the_command(self, given: list[Object]) -> None:
        written = {each["metadata"]["name"] for each in given if each["kind"] == "Secret"}
        mounted = set()
        for _, template in pods():
            for volume in template["spec"]["volumes"]:
                mounted |= {volume["secret"]["secretName"]} if "secret" in volume else set()
                mounted |= {one["secret"]["name"] for one in volume.get("projected", {}).get("sources", []) if "secret" in one}
        cluster = find("Cluster", "postgres")["spec"]
        mounted |= {cluster["superuserSecret"]["name"], *cluster["certificates"].values()}
        assert mounted <= written


def selected(selector: Object) -> set[str]:
    """Names of our processes that a selector of pods means."""
    found = set()
    for name in BY_NAME:
        labels = kubernetes.labels(name)
        fits = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
        for rule in selector.get("matchExpressions", []):
            among = labels.get(rule["key"]) in rule["values"]
            fits = fits and (among if rule["operator"] == "In" else not among)
        found |= {name} if fits else set()
    return found


def let(direction: str, who: str, others: str) -> set[tuple[str, str, int]]:
    """(from, to, port) that policies let pass between our processes, as seen from one end."""
    found = set()
    for each in ALL:
        if each["kind"] != "NetworkPolicy":
            continue
        for rule in each["spec"].get(direction, []):
            for peer in rule.get(others, []):
                for mine in selected(each["spec"]["podSelector"]):
                    for other in selected(peer["podSelector"]) if set(peer) == {"podSelector"} else ():
                        pair = (mine, other) if who == "from" else (other, mine)
                        found |= {(*pair, port["port"]) for port in rule["ports"]}
    return found


class TestPolicies:
    def test_what_a_process_calls_is_let_pass_at_both_ends_and_nothing_else(self) -> None:
        calls = set()
        for program in PROGRAMS:
            text = json.dumps(environment(program, KUBERNETES))
            for address in re.findall(r"https://[a-z-]+:\d+", text):
                parts = urlsplit(address)
                calls.add((program.name, str(parts.hostname), int(parts.port or 0)))
        assert let("egress", "from", "to") == calls
        assert let("ingress", "to", "from") == calls

    def test_nothing_passes_unless_it_is_said(self) -> None:
        found = find("NetworkPolicy", "nothing")["spec"]
        assert found == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

    def test_only_workers_reach_the_broker(self) -> None:
        workers = {program.name for program in PROGRAMS if program.part == "worker"}
        assert selected(find("NetworkPolicy", "workers-to-nats")["spec"]["podSelector"]) == workers
        first = find("NetworkPolicy", "nats")["spec"]["ingress"][0]
        assert (selected(first["from"][0]["podSelector"]), first["ports"][0]["port"]) == (workers, 4222)

    def test_everybody_reaches_the_database_and_only_through_its_port(self) -> None:
        assert selected(find("NetworkPolicy", "to-servers")["spec"]["podSelector"]) == set(BY_NAME)
        first = find("NetworkPolicy", "postgres")["spec"]["ingress"][0]
        assert selected(first["from"][0]["podSelector"]) == set(BY_NAME)
        assert [port["port"] for port in first["ports"]] == [5432]


class TestServers:
    def test_postgresql_is_told_what_the_embedded_one_is(self) -> None:
        found = find("Cluster", "postgres")["spec"]["postgresql"]["parameters"]
        # These are the machine's, the operator's, or its defaults (fsync).
        differs = {
            "max_connections",
            "shared_buffers",
            "listen_addresses",
            "unix_socket_directories",
            "fsync",
            "log_line_prefix",
        }
        assert {name: found[name] for name in POSTGRES if name not in differs} == {
            name: value for name, value in POSTGRES.items() if name not in differs
        }

    def test_certificates_hold_the_names_that_are_called(self, given: list[Object]) -> None:
        secrets = {each["metadata"]["name"]: each["stringData"] for each in given if each["kind"] == "Secret"}
        wanted = {program.name: (program.name, "certificate") for program in PROGRAMS}
        wanted |= {"nats": (KUBERNETES.nats, "tls.crt"), "postgres-tls": (KUBERNETES.postgres, "tls.crt")}
        for name, (host, file) in wanted.items():
            found = x509.load_pem_x509_certificate(secrets[name][file].encode())
            hosts = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
                x509.DNSName
            )
            assert set(names(host, "learning-loop")) <= set(hosts)

    def test_streams_are_on_as_many_nodes_as_there_are(self) -> None:
        assert find("StatefulSet", "nats")["spec"]["replicas"] == REPLICAS == KUBERNETES.replicas
        text = (FOLDER / "servers/nats.conf").read_text()
        assert text.count("nats://nats-") == REPLICAS
        assert "sync_interval: always" in text
