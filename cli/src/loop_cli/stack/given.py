"""Writing what an installation of containers is given: `files/` and `compose.env` for Compose, `secrets.yaml` for Kubernetes.

Passwords and keys are those of `loop_cli.stack.keys`, in `secrets/` of the same folder, as of an embedded installation: what
containers read is made of them and can be made again at any time.
"""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

from loop_cli.roles import CREATE_DATABASE
from loop_cli.stack.broker import users
from loop_cli.stack.certificates import Authority
from loop_cli.stack.containers import Target, files, owner_files
from loop_cli.stack.database import schema_sql, verified_role_sql
from loop_cli.stack.keys import Keys, load_or_make
from loop_cli.stack.layout import Layout
from loop_cli.stack.services import NAVIGATION, PROGRAMS, SERVICES

SETTINGS = {
    "workers.env": "# Settings of all workers, a line each, such as LOOP_MAIL_TRANSPORT=smtp (docs/guides/mail.md).\n",
    "gateway.env": "# Settings of the gateway, such as those of sign-in (docs/guides/sign-in.md).\n",
}
"""Files of the operator's own: made empty once, and never written again."""

SQL_HEAD = "-- Made by `loop deploy secrets`. It holds verifiers, no passwords, and changes nothing when it is run again.\n"


def give(layout: Layout, target: Target, *, public_url: str, scan: str, namespace: str, has_data: bool) -> list[Path]:
    """Make what is missing and write what containers read; gives what was written. Raises `StackError`."""
    keys = load_or_make(layout, has_data=has_data)
    shared = {"LOOP_PUBLIC_URL": public_url, "LOOP_SCAN_URL": scan, "LOOP_NAVIGATION": json.dumps(NAVIGATION)}
    given = {program.name: files(program, target, keys) for program in PROGRAMS}
    given["gateway"]["session_key"] = _made_once(layout.secrets / "gateway-session.key")
    given |= owner_files(target, keys.passwords)
    given["roles"] = {"roles.sql": roles_sql(keys), "password": keys.passwords["postgres"]}
    given["nats"] = {"users.conf": users_conf(keys)}
    given["loop"] = {
        "nats_url": target.nats_url("loop", keys.passwords["nats"]),
        "operator_key": keys.operator_key.read_text(),
        "admin_database_url": target.database_url("postgres", keys.passwords["postgres"]),
    }
    if target.certificates:
        _add_certificates(given, Authority(layout.secrets), namespace)
        return [write_manifests(layout.root / "secrets.yaml", namespace, given, shared)]
    given["oidc"] = {"admin": _made_once(layout.secrets / "oidc-admin.key")}
    return [*_write_files(layout.root / "files", given), _write_env(layout.root, shared), *_settings(layout.root / "settings")]


def roles_sql(keys: Keys) -> str:
    """What an administrator runs once, and after an update: roles, database, schemas (deploy/roles.sql, with verifiers)."""
    return f"{SQL_HEAD}\\set ON_ERROR_STOP on\n{verified_role_sql(keys.passwords)}\n{CREATE_DATABASE}\n{schema_sql()}"


def users_conf(keys: Keys) -> str:
    """NATS' users with their rights and passwords, to be included in its configuration."""
    return f"authorization: {json.dumps({'users': users(keys.passwords)}, indent=1)}\n"


def _made_once(path: Path) -> str:
    """Base64 of 32 random bytes."""
    if not path.exists():
        _write(path, base64.b64encode(secrets.token_bytes(32)).decode() + "\n", 0o600)
    return path.read_text()


def _add_certificates(given: dict[str, dict[str, str]], authority: Authority, namespace: str) -> None:
    ca = authority.certificate.read_text()
    for program in PROGRAMS:
        # The probe and an operator who forwards a port call it by this machine's name.
        certificate, key = authority.certificate_for(program.name, [*names(program.name, namespace), "localhost", "127.0.0.1"])
        given[program.name] |= {"ca": ca, "certificate": certificate, "key": key}
    for job in (*(f"{service}-migrations" for service in SERVICES), "roles", "loop"):
        given[job]["ca"] = ca
    nodes = [f"nats-{number}.nats-nodes" for number in range(3)]
    hosts = [name for node in ("nats", *nodes) for name in names(node, namespace)]
    # An operator who forwards a port calls it by this machine's name.
    certificate, key = authority.certificate_for("nats", [*hosts, "localhost", "127.0.0.1"])
    given["nats"] |= {"ca.crt": ca, "tls.crt": certificate, "tls.key": key}
    hosts = [name for end in ("rw", "r", "ro") for name in names(f"postgres-{end}", namespace)]
    certificate, key = authority.certificate_for("postgres", hosts)
    given["postgres-tls"] = {"tls.crt": certificate, "tls.key": key}
    given["postgres-ca"] = {"ca.crt": ca}
    given["postgres-superuser"] = {"username": "postgres", "password": given["roles"]["password"]}


def names(host: str, namespace: str) -> list[str]:
    """Every name by which a Service is called within a cluster."""
    return [host, f"{host}.{namespace}", f"{host}.{namespace}.svc", f"{host}.{namespace}.svc.cluster.local"]


# ------------------------------------------------------------------------------------------------------------- for Compose


def _write_files(folder: Path, given: dict[str, dict[str, str]]) -> list[Path]:
    # Containers run as users that this machine does not know, so all may read the files; nobody else enters the folder above.
    for name, contents in given.items():
        _open_folder(folder / name)
        for file, content in contents.items():
            _write(folder / name / file, content, 0o444)
    return [folder]


def _write_env(root: Path, shared: dict[str, str]) -> Path:
    path = root / "compose.env"
    lines = {"LOOP_FOLDER": str(root), **shared}
    _write(path, "".join(f"{name}='{value}'\n" for name, value in lines.items()), 0o600)
    return path


def _settings(folder: Path) -> list[Path]:
    for own in ("workers", "gateway"):
        # Files that these settings name, found in /run/settings.
        _open_folder(folder / own)
    for name, head in SETTINGS.items():
        if not (folder / name).exists():
            _write(folder / name, head, 0o600)
    return [folder]


# ---------------------------------------------------------------------------------------------------------- for Kubernetes


def write_manifests(path: Path, namespace: str, given: dict[str, dict[str, str]], shared: dict[str, str]) -> Path:
    """One file to apply: a Secret for each process and server, and what all processes are told alike."""
    kinds = {"postgres-tls": "kubernetes.io/tls", "postgres-superuser": "kubernetes.io/basic-auth"}
    objects: list[dict[str, Any]] = [
        {
            "apiVersion": "v1", "kind": "Secret", "metadata": _about(name, namespace), "type": kinds.get(name, "Opaque"),
            "stringData": contents,
        }
        for name, contents in given.items()
    ]  # fmt: skip
    scan = shared.pop("LOOP_SCAN_URL")
    for name, data in (("shared", shared), ("complaints", {"LOOP_SCAN_URL": scan})):
        objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": _about(name, namespace), "data": data})
    # JSON is YAML; nothing has to be quoted by hand.
    _write(path, "".join(f"---\n{json.dumps(each, indent=1)}\n" for each in objects), 0o600)
    return path


def _about(name: str, namespace: str) -> dict[str, Any]:
    return {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/part-of": "learning-loop"}}


def _open_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o755)
    path.chmod(0o755)


def _write(path: Path, content: str, mode: int) -> None:
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(content)
    # Whatever the umask is: containers have to read it.
    aside.chmod(mode)
    aside.rename(path)
