"""Write what of deploy/kubernetes is made of the services: the jobs that prepare them, and their deployments.

    python tools/kubernetes.py [--check]

Environment and files of each process are those of `loop_cli.stack.containers`; the rest is said once here, not ten times there.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from loop_cli.stack.containers import KUBERNETES, METRICS_PORT, MOUNT, WEB_PORT, WORKER_PORT, environment
from loop_cli.stack.services import PROGRAMS, SERVICES, Program

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "kubernetes"
HEAD = "# Made by tools/kubernetes.py; do not edit.\n"

USER = 10001
"""As in the images."""

PART_OF = {"app.kubernetes.io/part-of": "learning-loop"}
WEB_MOST = 4
"""Web processes of a service at most. Each keeps ten connections, and PostgreSQL has 500 (servers/postgres.yaml)."""

RESOURCES = {"requests": {"cpu": "250m", "memory": "384Mi"}, "limits": {"memory": "768Mi"}}
"""No limit of processor time: it would slow a process down while the node has nothing else to do."""

JOB_RESOURCES = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}}

Object = dict[str, Any]


def labels(name: str) -> dict[str, str]:
    """By these a process is found."""
    return {**PART_OF, "app.kubernetes.io/name": name}


def about(name: str, found_by: dict[str, str]) -> Object:
    """Metadata; the namespace is the overlay's."""
    return {"name": name, "labels": found_by}


def container(name: str, image: str, command: list[str] | None, variables: dict[str, str]) -> Object:
    """A container that may change nothing but /tmp, and finds its files in `MOUNT`."""
    found: Object = {"name": name, "image": image}
    if command:
        found["command"] = command
    return found | {
        "env": [{"name": variable, "value": value} for variable, value in variables.items()],
        "volumeMounts": [
            {"name": "files", "mountPath": MOUNT, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - inside a container of its own
        ],
        "securityContext": {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        },
    }  # fmt: skip


def pod(files: str, containers: list[Object], user: int = USER) -> Object:
    """A pod that fits the restricted standard, without a token for the cluster."""
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True, "runAsUser": user, "runAsGroup": user, "fsGroup": user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": containers,
        "volumes": [
            {"name": "files", "secret": {"secretName": files, "defaultMode": 0o440}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}},
        ],
    }  # fmt: skip


def job(name: str, component: str, made: Object) -> Object:
    """A job that is tried again until its server is there, and is gone an hour after it is done."""
    found_by = {**labels(name), "app.kubernetes.io/component": component}
    made["restartPolicy"] = "OnFailure"
    return {
        "apiVersion": "batch/v1", "kind": "Job", "metadata": about(name, found_by),
        "spec": {
            "backoffLimit": 20, "activeDeadlineSeconds": 1800, "ttlSecondsAfterFinished": 3600,
            "template": {"metadata": {"labels": found_by}, "spec": made},
        },
    }  # fmt: skip


def roles() -> Object:
    """Roles, database and schemas, as PostgreSQL's administrator. psql takes no password from a file that others may read."""
    connection = {
        "PGHOST": KUBERNETES.postgres, "PGUSER": "postgres", "PGDATABASE": "postgres", "PGCONNECT_TIMEOUT": "10",
        "PGSSLMODE": "verify-full", "PGSSLROOTCERT": f"{MOUNT}/ca",
    }  # fmt: skip
    script = f'PGPASSWORD="$(cat {MOUNT}/password)" exec psql --no-psqlrc --quiet --file={MOUNT}/roles.sql'
    made = container("roles", "postgres:18", ["sh", "-c", script], connection) | {"resources": JOB_RESOURCES}
    return job("roles", "roles", pod("roles", [made], user=999))


def migrations(service: str) -> Object:
    """One schema, as its owner; the migration itself waits for another of the same schema (`chassis.migrate`)."""
    name = f"{service}-migrations"
    variables = {"LOOP_DATABASE_URL_FILE": f"{MOUNT}/database_url", "LOOP_INSIDE_CA": f"{MOUNT}/ca"}
    command = ["alembic", "-c", f"/srv/{service}/alembic.ini", "upgrade", "head"]
    made = container("migrations", f"learning-loop/{service}", command, variables) | {"resources": JOB_RESOURCES}
    return job(name, "migrations", pod(name, [made]))


def probe(path: str, port: str, **often: int) -> Object:
    """A question to a port of the process; kubelet does not look at the certificate's name."""
    return {"httpGet": {"path": path, "port": port, "scheme": "HTTPS"}, "timeoutSeconds": 4, **often}


def deployment(program: Program) -> Object:
    """A web process or a worker."""
    is_web = program.part == "web"
    ports = {"http": WEB_PORT if is_web else WORKER_PORT}
    if program.name == "gateway":
        ports["metrics"] = METRICS_PORT
    ready = "metrics" if program.name == "gateway" else "http"
    shared = ["shared"] + (["complaints"] if program.service == "complaints" else [])
    own = {"gateway": ["gateway"]}.get(program.name, [] if is_web else ["workers"])
    command = None if is_web else ["python", "-m", program.module]
    made = container(program.name, f"learning-loop/{program.service}", command, environment(program, KUBERNETES)) | {
        "envFrom": [{"configMapRef": {"name": name}} for name in (*shared, *own)],
        "ports": [{"name": name, "containerPort": port} for name, port in ports.items()],
        "startupProbe": probe("/livez", "http", periodSeconds=3, failureThreshold=40),
        "livenessProbe": probe("/livez", "http", periodSeconds=10, failureThreshold=6),
        "readinessProbe": probe("/readyz", ready, periodSeconds=5, failureThreshold=3),
        # Whoever routes to it is told first that it goes; then it ends what it has begun.
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "resources": RESOURCES,
    }
    spread = [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": labels(program.name)},
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ]
    running = pod(program.name, [made]) | {"terminationGracePeriodSeconds": 30, "topologySpreadConstraints": spread}
    spec: Object = {"selector": {"matchLabels": labels(program.name)}, "revisionHistoryLimit": 3}
    if not is_web:
        # One does the work of each kind and the other stands by (advisory locks). How many web processes, the HPA says.
        spec["replicas"] = 2
    spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    spec["template"] = {"metadata": {"labels": labels(program.name)}, "spec": running}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": about(program.name, labels(program.name)), "spec": spec}


def service_of(program: Program) -> Object:
    """The name by which it is called."""
    ports = [{"name": "http", "port": WEB_PORT if program.part == "web" else WORKER_PORT, "targetPort": "http"}]
    spec: Object = {"selector": labels(program.name), "ports": ports}
    if program.part == "worker":
        # A worker without the broker is not ready, and just then others read its log.
        spec["publishNotReadyAddresses"] = True
    return {"apiVersion": "v1", "kind": "Service", "metadata": about(program.name, labels(program.name)), "spec": spec}


def budget(program: Program) -> Object:
    """One at a time, when nodes are emptied."""
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": labels(program.name)}}
    metadata = about(program.name, labels(program.name))
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}


def scaler(program: Program) -> Object:
    """More web processes while those that are there have much to do; fewer again after ten quiet minutes."""
    # Of what is asked for: one and a half times a quarter of a processor.
    target = {"type": "Utilization", "averageUtilization": 150}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": program.name},
        "minReplicas": 2, "maxReplicas": WEB_MOST,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 600}},
    }  # fmt: skip
    metadata = about(program.name, labels(program.name))
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec}


def objects_of(program: Program) -> list[Object]:
    """All of one process."""
    found = [deployment(program), service_of(program), budget(program)]
    return [*found, scaler(program)] if program.part == "web" else found


def written() -> dict[Path, str]:
    """Text of every file, by its path."""
    found = {FOLDER / "once/jobs.yaml": [roles(), *map(migrations, SERVICES)]}
    for service in SERVICES:
        programs = [program for program in PROGRAMS if program.service == service]
        found[FOLDER / f"services/{service}.yaml"] = [each for program in programs for each in objects_of(program)]
    return {path: HEAD + "---\n".join(_text(each) for each in objects) for path, objects in found.items()}


class _Whole(yaml.SafeDumper):
    """Writes what is said twice twice: an alias would be a riddle."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(each: Object) -> str:
    return yaml.dump(each, Dumper=_Whole, sort_keys=False, width=1000)


def main(arguments: list[str]) -> int:
    """Write or check; gives the exit code."""
    files = written()
    if "--check" not in arguments:
        for path, text in files.items():
            path.write_text(text)
        return 0
    wrong = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for path in wrong:
        print(f"{path.relative_to(FOLDER.parent.parent)} is not what tools/kubernetes.py writes now.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
