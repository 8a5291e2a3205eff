"""Changing the passwords of PostgreSQL's roles and NATS' users in an embedded installation.

The new ones are written beside the old first (`begin`). Whoever runs the servers then gives them out, `give_out` last, which
ends the change. Killed anywhere between, the file is still there: the next start takes the new ones for all (`settle`).
Statements hold verifiers, so that no password comes into a statement or a log of the server.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from chassis.direct import verifier
from loop_cli.servers import PostgresServer, ServerError
from loop_cli.servers.postgres import SUPERUSER
from loop_cli.stack.layout import Layout, StackError, read_json, write_json

KEPT = "passwords.json"
NEXT = "passwords-next.json"
CHANGED = "passwords_changed"
"""In the version stamp: when each password was made. Where it says nothing of one, that is as old as the installation."""

OLDEST_DAYS = 365
"""After which somebody is told to change one."""


def new_password() -> str:
    """192 random bits, in letters, digits, `-` and `_`: it needs no quoting in SQL, JSON or an address."""
    return secrets.token_urlsafe(24)


def begin(layout: Layout) -> bool:
    """Write new passwords beside the old; gives whether it did, or a change was under way already.

    Raises `StackError` where there are no passwords yet.
    """
    names = read_json(layout.secrets / KEPT)
    if not names:
        raise StackError(f"There are no passwords in {layout.secrets}. `loop up` makes them at its first start.")
    if is_begun(layout):
        return False
    write_json(layout.secrets / NEXT, {name: new_password() for name in names})
    return True


def is_begun(layout: Layout) -> bool:
    """Whether a change is under way."""
    return (layout.secrets / NEXT).exists()


def coming(layout: Layout, kept: Mapping[str, str]) -> dict[str, str] | None:
    """All passwords as they will be; None where no change is under way. One that the change does not know stays."""
    found = read_json(layout.secrets / NEXT)
    return None if found is None else {name: found.get(name, password) for name, password in kept.items()}


def alter_sql(passwords: Mapping[str, str], roles: Iterable[str]) -> str:
    """SQL that gives roles their passwords, all or none."""
    statements = (f"alter role {role} password '{verifier(passwords[role])}';\n" for role in roles)
    return f"begin;\n{''.join(statements)}commit;\n"


def enter(server: PostgresServer, *passwords: str) -> None:
    """Find out which of the administrator's passwords counts, and keep to it. Raises `ServerError` where none does."""
    for password in passwords:
        server.password = password
        try:
            server.run_sql("select 1")
        except ServerError as error:
            if "password authentication failed" not in str(error):
                raise
        else:
            return
    raise StackError(
        f"PostgreSQL in {server.directory} takes none of the passwords that are kept for it. Put back the secrets that belong "
        "to these data. Nothing was changed."
    )


def give_out(layout: Layout, server: PostgresServer, passwords: dict[str, str], roles: Iterable[str]) -> None:
    """Give `roles` and the administrator their passwords, and let the new ones be those that are kept: the end of a change."""
    server.run_sql(alter_sql(passwords, [*roles, SUPERUSER]))
    server.password = passwords[SUPERUSER]
    commit(layout, passwords)


def commit(layout: Layout, passwords: dict[str, str]) -> None:
    """Keep the new passwords, whole or not at all; then nothing is under way any more."""
    note_changed(layout, passwords)
    write_json(layout.secrets / NEXT, passwords)
    (layout.secrets / NEXT).rename(layout.secrets / KEPT)


def note_changed(layout: Layout, names: Iterable[str]) -> None:
    """Note that these passwords are made now."""
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    layout.note(**{CHANGED: layout.stamp().get(CHANGED, {}) | dict.fromkeys(names, moment)})


def changed_at(layout: Layout) -> dict[str, datetime]:
    """When each password was made, by its name."""
    stamp = layout.stamp()
    noted = stamp.get(CHANGED, {})
    names: dict[str, str] = read_json(layout.secrets / KEPT) or {}
    return {name: datetime.fromisoformat(noted.get(name, stamp["made_at"])) for name in names}
