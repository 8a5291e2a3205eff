"""Roles that read a service's database directly: views only, read-only, of one organisation each.

For tools that know SQL and nothing else. Such a tool says what it likes, `set app.org` as well, so nothing that it can set may
decide what it sees: that hangs on `session_user`, the role that logged in, which nobody but a superuser can change. The roles
of a schema `<s>`: `<s>_views` owns the views and may read what they are made of; `<s>_reader` is the group of those who log in,
and may read the views. The views stand in a schema of their own, `<s>_bi`. Every role that logs in has a row in
`<s>.direct_reader` with its organisation; without one it sees nothing.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from chassis.tenancy import is_organisation

ROLE_PATTERN = r"^bi_[a-z0-9]{12}$"
_ITERATIONS = 4096
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"

# What any role may do in a fresh database, and no reader has a use for: writing large objects, writing into the log, and
# holding locks that our own processes wait for.
_WRITES = (
    "lo_create(oid)",
    "lo_creat(integer)",
    "lo_from_bytea(oid, bytea)",
    "pg_logical_emit_message(boolean, text, text, boolean)",
    "pg_logical_emit_message(boolean, text, bytea, boolean)",
)
_LOCKS = tuple(
    f"pg_{attempt}advisory_{kind}lock{mode}({arguments})"
    for attempt in ("", "try_")
    for kind in ("", "xact_")
    for mode in ("", "_shared")
    for arguments in ("bigint", "integer, integer")
)
_DEFAULTS = {
    "search_path": "{schema}_bi",
    "default_transaction_read_only": "on",
    "statement_timeout": "5min",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "1min",
    "idle_session_timeout": "30min",
}
"""Defaults of a session. A session can set all of them anew, so they guard against mistakes; the rights guard the rest."""
CONNECTIONS = 5


def role_statements(schema: str) -> list[str]:
    """SQL that makes the owner of the views and the group of readers; nobody logs in as either."""
    return [
        f"do $$ begin if not exists (select from pg_roles where rolname = '{schema}_{suffix}') then "
        f"create role {schema}_{suffix} nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$"
        for suffix in ("views", "reader")
    ] + [f"grant {schema}_views to {schema}_owner"]


def schema_statements(schema: str, users: Sequence[str]) -> list[str]:
    """SQL that makes the schema of the views in the current database, and takes from all but `users` what is no reading.

    The last needs a superuser; where there is none, it is left out (a managed database), and `what_is_open` says so.
    """
    taken = "".join(f"revoke execute on function pg_catalog.{each} from public; " for each in (*_WRITES, *_LOCKS))
    given = "".join(f"grant execute on function pg_catalog.{each} to {', '.join(users)}; " for each in _LOCKS)
    return [
        f"create schema if not exists {schema}_bi authorization {schema}_views",
        f"revoke all on schema {schema}_bi from public",
        f"grant usage on schema {schema}_bi to {schema}_reader, {schema}_owner",
        # What the views are made of is found by name when they are made.
        f"grant usage on schema {schema} to {schema}_views",
        "do $$ begin if (select rolsuper from pg_roles where rolname = current_user) then " + taken + given + "end if; end $$",  # noqa: S608 - constants
    ]


def create_table(schema: str) -> str:
    """SQL of the table of direct readers: which role sees which organisation, and which of its service areas (none: all)."""
    return f"""
        create table {schema}.direct_reader (
            org        text not null,
            role       text not null,
            name       text not null,                 -- of the tool or system
            areas      text[] not null default '{{}}',
            created_at timestamptz not null default now(),
            created_by text not null,
            revoked_at timestamptz,
            -- a role sees one organisation, also after it was revoked
            constraint direct_reader_once primary key (role),
            -- every role can be seen by every other in the catalogue, so its name tells nothing
            constraint direct_reader_role_tells_nothing check (role ~ '{ROLE_PATTERN}'),
            constraint direct_reader_name_is_short check (length(name) between 1 and 100)
        )
    """


def new_role() -> str:
    """A name for a role: of no organisation and no person."""
    return "bi_" + "".join(secrets.choice(_ALPHABET) for _ in range(12))


def new_password() -> str:
    """A password: 192 random bits, without a character that a connection string would have to escape."""
    return secrets.token_hex(24)


def verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803), so that the password is in no statement and no log."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")
    stored = hashlib.sha256(client).digest()
    parts = (base64.b64encode(each).decode() for each in (salt, stored, server))
    return "SCRAM-SHA-256${}:{}${}:{}".format(_ITERATIONS, *parts)


def login_statements(schema: str, role: str, password: str, *, connections: int = CONNECTIONS) -> list[str]:
    """SQL of an administrator that makes a role which can log in and read the views. `password` may be a verifier."""
    settings = [f"alter role {role} set {name} = '{value.format(schema=schema)}'" for name, value in _DEFAULTS.items()]
    return [
        (
            f"create role {role} login nosuperuser nobypassrls nocreatedb nocreaterole noreplication inherit "
            f"connection limit {int(connections)} password '{password}'"
        ),
        f"grant {schema}_reader to {role}",
        *settings,
    ]


def end_statements(schema: str, role: str) -> list[str]:
    """SQL of an administrator that shuts a role out, ends its sessions and drops it."""
    return [
        f"alter role {role} nologin",
        f"revoke {schema}_reader from {role}",
        f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{role}'",  # noqa: S608 - see ROLE_PATTERN
        f"drop role {role}",
    ]


REGISTER = "insert into {schema}.direct_reader (org, role, name, areas, created_by) values ($1, $2, $3, $4, $5)"
REVOKE = "update {schema}.direct_reader set revoked_at = now() where org = $1 and role = $2 and revoked_at is null"

WHAT_IS_OPEN = """
    select 'it may make temporary tables' as what where has_database_privilege($1, current_database(), 'TEMP')
    union all select 'it may make schemas' where has_database_privilege($1, current_database(), 'CREATE')
    union all select 'it may make objects in schema ' || nspname from pg_namespace
               where has_schema_privilege($1, oid, 'CREATE') and nspname !~ '^pg_temp'
    union all select 'it may read ' || c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.relkind in ('r', 'p', 'v', 'm', 'f') and has_table_privilege($1, c.oid, 'SELECT')
                 and n.nspname not in ('pg_catalog', 'information_schema', $2)
    union all select 'it may change ' || c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
               where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
                 and has_table_privilege($1, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    union all select 'it may call ' || p.oid::regprocedure::text from pg_proc p
               where p.oid = any($3::regprocedure[]) and has_function_privilege($1, p.oid, 'EXECUTE')
    union all select 'it is a member of ' || r.rolname from pg_roles r
               where r.rolname <> $1 and r.rolname <> $4 and pg_has_role($1, r.oid, 'MEMBER')
     order by 1
"""


def open_parameters(schema: str, role: str) -> tuple[str, str, list[str], str]:
    """What `WHAT_IS_OPEN` asks with: whatever it finds is more than a reader should have."""
    return role, f"{schema}_bi", [f"pg_catalog.{each}" for each in (*_WRITES, *_LOCKS)], f"{schema}_reader"


def assert_organisation(org: str) -> None:
    """Raise ValueError where a text cannot be the code of an organisation."""
    if not is_organisation(org):
        msg = f"'{org[:40]}' cannot be the code of an organisation."
        raise ValueError(msg)
