"""Roles, database and schemas of an installation, in SQL; and the migrations' fingerprint."""

import hashlib
from collections.abc import Mapping

from chassis import direct
from chassis.tenancy import role_statements, schema_statements
from loop_cli.servers import PostgresServer
from loop_cli.stack.services import READ_DIRECTLY, SERVICES, folder_of, roles

DATABASE = "loop"


def role_sql(passwords: Mapping[str, str]) -> str:
    """SQL for an administrator in any database: the roles and who may connect. Running it again changes passwords only."""
    statements = []
    for service in SERVICES:
        suffixes = [role.removeprefix(f"{service}_") for role in roles(service)]
        statements += role_statements(service, {suffix: passwords[f"{service}_{suffix}"] for suffix in suffixes})
    for service in READ_DIRECTLY:
        statements += direct.role_statements(service)
    return "".join(f"{statement};\n" for statement in statements)


def verified_role_sql(passwords: Mapping[str, str]) -> str:
    """The same with verifiers in the place of passwords: a slow or failed statement comes into the server's log."""
    return role_sql({name: direct.verifier(password) for name, password in passwords.items()})


def schema_sql() -> str:
    """SQL for an administrator in the database `loop`: one schema a service, closed to all others; nothing in public."""
    everyone = ", ".join(role for service in SERVICES for role in roles(service))
    statements = [
        f"revoke all on database {DATABASE} from public",
        f"grant connect on database {DATABASE} to {everyone}",
        "revoke all on schema public from public",
    ]
    for service in SERVICES:
        suffixes = [role.removeprefix(f"{service}_") for role in roles(service)]
        statements += schema_statements(service, tuple(suffix for suffix in suffixes if suffix != "owner"))
    users = [role for service in SERVICES for role in roles(service)]
    for service in READ_DIRECTLY:
        statements += [*direct.schema_statements(service, users), f"grant connect on database {DATABASE} to {service}_reader"]
    return "".join(f"{statement};\n" for statement in statements)


def provision(server: PostgresServer, passwords: Mapping[str, str]) -> None:
    """Make roles, database and schemas; what is there already stays."""
    server.run_sql(verified_role_sql(passwords))
    if not server.run_sql(f"select 1 from pg_database where datname = '{DATABASE}'"):  # noqa: S608 - a constant
        server.run_sql(f"create database {DATABASE}")
    server.run_sql(schema_sql(), database=DATABASE)


def migrations_fingerprint() -> str:
    """Hash over every migration of all services: what the schemas should look like."""
    digest = hashlib.sha256()
    for service in SERVICES:
        folder = folder_of(service)
        for path in sorted((folder / "migrations").rglob("*.py")):
            digest.update(f"{service}/{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()
