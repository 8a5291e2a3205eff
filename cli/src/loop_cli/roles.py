"""`loop roles`: the SQL that an administrator runs once where the database is not the embedded one."""

from collections import defaultdict

import typer

from loop_cli.stack.database import DATABASE, role_sql, schema_sql
from loop_cli.stack.services import SERVICES, roles

app = typer.Typer()

HEAD = """\
-- Roles, database and schemas of Learning Loop, for a PostgreSQL that is not the embedded one.
-- Made by `loop roles`; do not edit. Run as an administrator, with every password in the environment:
--   AUDIT_OWNER_PASSWORD=... AUDIT_APP_PASSWORD=... psql -v ON_ERROR_STOP=1 -f deploy/roles.sql
-- Running it again changes passwords only.
--
-- <service>_owner migrates, <service>_app serves HTTP, <service>_worker runs relay and consumers. None is superuser, none
-- passes row-level security, none sees another service's schema.
\\set ON_ERROR_STOP on
"""

CREATE_DATABASE = (
    f"select 'create database {DATABASE}' where not exists "  # noqa: S608 - a constant
    f"(select from pg_database where datname = '{DATABASE}') \\gexec\n\\connect {DATABASE}\n"
)


class _Placeholders(defaultdict[str, str]):
    def __missing__(self, role: str) -> str:
        return f"@{role}@"


def roles_file() -> str:
    """Give the text of deploy/roles.sql: the same statements as the embedded installation's, passwords from the environment."""
    names = [role for service in SERVICES for role in roles(service)]
    text = role_sql(_Placeholders())
    for role in names:
        text = text.replace(f"'@{role}@'", f":'{role}_password'")
    variables = "".join(f"\\getenv {role}_password {role.upper()}_PASSWORD\n" for role in names)
    return f"{HEAD}{variables}\n{text}\n{CREATE_DATABASE}\n{schema_sql()}"


@app.command("roles")
def print_roles() -> None:
    """Print the SQL that makes roles, database and schemas (deploy/roles.sql)."""
    typer.echo(roles_file(), nl=False)
