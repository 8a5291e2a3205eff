"""What the database says of itself: roles, row-level security, migrations, clock, events, trails, room."""

from collections.abc import Iterator
from datetime import UTC, datetime

import asyncpg

from chassis import copies
from loop_cli.doctor.findings import APART_LOOK, APART_WRONG, Finding, listed, look, reading, well, wrong
from loop_cli.stack.services import READERS, SERVICES, WITH_WORKER, folder_of

WAIT_LOOK, WAIT_WRONG = 60.0, 600.0
"""Seconds for which an event may wait to be published: the relay is woken at once."""
CHECK_DAYS = 2
LONG_MINUTES = 10
FULL = 0.8
OLD_IDS = 1_000_000_000
"""Age of the oldest transaction id: PostgreSQL stops taking changes at twice that."""
MOST = 10_000

_ROLES = """
    select r.rolname, r.rolsuper or r.rolbypassrls as above,
           (select array_agg(o.rolname::text) from pg_roles o where o.rolname like '%\\_owner' and o.oid <> r.oid
               and o.rolname = any($1) and pg_has_role(r.oid, o.oid, 'MEMBER')) as owns
      from pg_roles r where r.rolname = any($1)
"""
_OPEN_TABLES = """
    select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'alembic_version'
       and (not c.relrowsecurity or not c.relforcerowsecurity or not exists (select from pg_policy p where p.polrelid = c.oid))
     order by 1
"""
_WAITING = """
    select count(*) as number, extract(epoch from clock_timestamp() - min(recorded_at)) as seconds
      from (select recorded_at from {service}.outbox where published_at is null limit $1) as waiting
"""
_ASIDE = "select count(*) from (select from {reader}.dead_letter where redriven_at is null limit $1) as waiting"
_BEHIND = """
    select coalesce((select max(sequence) from {source}.outbox), 0)
           - coalesce((select sequence from {reader}.consumer_position where source = '{source}'), 0)
"""
_TRAIL = """
    select (select count(*) from {service}.trail_check where broken_at is not null) as broken,
           (select min(checked_at) from {service}.trail_check) as checked_at
"""
_ROOM = """
    select (select count(*) from pg_stat_activity where backend_type = 'client backend') as used,
           current_setting('max_connections')::int as most,
           (select age(datfrozenxid) from pg_database where datname = current_database()) as oldest,
           (select count(*) from pg_stat_activity
             where backend_type = 'client backend' and state <> 'idle'
               and xact_start < now() - make_interval(mins => $1)) as long
"""
_UNUSABLE = """
    select n.nspname || '.' || c.relname from pg_index i join pg_class c on c.oid = i.indexrelid
      join pg_namespace n on n.oid = c.relnamespace where n.nspname = any($1) and not i.indisvalid order by 1
"""


async def examine(connection: asyncpg.Connection) -> list[Finding]:
    """Look at a database as its administrator; nothing is changed. What is not migrated yet is said, and not looked into."""
    found = [await _clock(connection), *await _roles(connection), await _rows(connection)]
    migrated = []
    for service in SERVICES:
        finding = await _migrations(connection, service)
        found.append(finding)
        if finding.state == "well":
            migrated.append(service)
    for service in migrated:
        if service in WITH_WORKER or service in READERS:
            found += await _events(connection, service, migrated)
        found.append(await _trail(connection, service))
    standing = copies.Copies.of(dict(await connection.fetchrow(copies.LOOK)))
    return [*found, *copied(standing, datetime.now(UTC)), *await _room(connection)]


def copied(found: copies.Copies, now: datetime) -> Iterator[Finding]:
    """How old the last copy of the database is, and whether the archive keeps up."""
    see = "docs/runbooks/restore.md"
    if found.waiting > copies.WAITING_SECONDS:
        words = f"a segment of the log has waited for {found.waiting / 60:.0f} minutes"
        yield wrong("archive", words, "Is its disk there, with room? docs/runbooks/archive-and-backups.md")
    elif found.archives:
        yield well("archive", "PostgreSQL's log gets into it")
    if not found.copied and not found.archives:
        yield look("backup", "no copy of the database was ever made", f"`loop backup` every night, and an archive: {see}")
    for kind, at in sorted(found.copied.items()):
        what, made = {"dump": ("backup", "`loop backup`"), "base": ("base copy", "`loop up --archive`")}.get(kind, (kind, kind))
        hours = (now.timestamp() - at) / 3600
        words = f"the last is {hours:.0f} hours old"
        late = hours * 3600 > copies.COPY_SECONDS
        yield look(what, words, f"Does {made} still run? {see}") if late else well(what, words)


async def _clock(connection: asyncpg.Connection) -> Finding:
    before = datetime.now(UTC)
    there = await connection.fetchval("select clock_timestamp()")
    after = datetime.now(UTC)
    # What lies between asking and being answered is nobody's fault.
    apart = max((before - there).total_seconds(), (there - after).total_seconds(), 0.0)
    words = f"the database and this machine differ by {apart:.1f} s"
    do = "Let both keep time by NTP (`timedatectl`)."
    if apart > APART_WRONG:
        return wrong("clocks", words, do)
    return look("clocks", words, do) if apart > APART_LOOK else well("clocks", words)


async def _roles(connection: asyncpg.Connection) -> list[Finding]:
    do = "Have an administrator of the database run deploy/roles.sql again (`loop roles`)."
    wanted = [f"{service}_{suffix}" for service in SERVICES for suffix in ("owner", "app", "worker", "retention")]
    rows = {row["rolname"]: row for row in await connection.fetch(_ROLES, wanted)}
    found = []
    if missing := [each for each in wanted if each not in rows]:
        found.append(wrong("roles", f"not there: {listed(missing)}", do))
    if above := [name for name, row in rows.items() if row["above"]]:
        words = f"stands above row-level security: {listed(above)}"
        found.append(wrong("roles", words, f"alter role … nosuperuser nobypassrls; for each. {do}"))
    if owns := [name for name, row in rows.items() if row["owns"]]:
        words = f"may act as an owner of tables: {listed(owns)}"
        found.append(wrong("roles", words, "revoke <service>_owner from …; for each: an owner can take the limits away."))
    return found or [well("roles", f"{len(wanted)} are there, and none stands above row-level security")]


async def _rows(connection: asyncpg.Connection) -> Finding:
    found = [row[0] for row in await connection.fetch(_OPEN_TABLES, list(SERVICES))]
    if found:
        return wrong("row-level security", f"not forced, or without a policy: {listed(found)}", "Run the migrations.")
    return well("row-level security", "forced on every table")


async def _migrations(connection: asyncpg.Connection, service: str) -> Finding:
    what = f"migrations of {service}"
    newest = max(path.name.partition("_")[0] for path in (folder_of(service) / "migrations" / "versions").glob("[0-9]*.py"))
    there = None
    if await connection.fetchval("select to_regclass($1)", f"{service}.alembic_version"):
        there = await connection.fetchval(f"select version_num from {service}.alembic_version")  # noqa: S608 - a constant
    if there == newest:
        return well(what, f"{newest}, as this program has it")
    if there is not None and there > newest:
        return wrong(
            what, f"{there}, and this program knows {newest}", "Use the program that brought the schema there, or newer."
        )
    do = "Run the migrations: `loop up` does, elsewhere `alembic upgrade head`."
    return wrong(what, f"{there or 'none'}, and this program needs {newest}", do)


async def _events(connection: asyncpg.Connection, service: str, migrated: list[str]) -> list[Finding]:
    found = []
    if service in WITH_WORKER:
        row = await connection.fetchrow(_WAITING.format(service=service), MOST)
        seconds = float(row["seconds"] or 0)
        words = f"{row['number']} events wait, the oldest for {seconds:.0f} s"
        do = f"Does {service}-worker run, and reach NATS? docs/runbooks/events-behind.md"
        state = wrong if seconds > WAIT_WRONG else look
        what = f"outbox of {service}"
        found.append(state(what, words, do) if seconds > WAIT_LOOK else well(what, words))
    found += [await _read(connection, service, source) for source in READERS.get(service, ()) if source in migrated]
    if service in READERS:
        aside = await connection.fetchval(_ASIDE.format(reader=service), MOST)
        what, words = f"dead letters of {service}", f"{aside} events were put aside"
        found.append(look(what, words, "`loop dead-letters`; docs/runbooks/dead-letters.md") if aside else well(what, words))
    return found


async def _read(connection: asyncpg.Connection, reader: str, source: str) -> Finding:
    behind = await connection.fetchval(_BEHIND.format(reader=reader, source=source))
    return reading(f"{reader} reading {source}", reader, behind, f"{behind} events behind")


async def _trail(connection: asyncpg.Connection, service: str) -> Finding:
    what = f"trail of {service}"
    row = await connection.fetchrow(_TRAIL.format(service=service))
    if row["broken"]:
        words = f"the chain of {row['broken']} organisations does not hold"
        return wrong(
            what, words, "`loop trail verify --org …`; docs/guides/trail.md says what to keep before anything else is done."
        )
    if row["checked_at"] is None:
        return well(what, "nobody has walked along it yet: the first walk is within a day")
    days = (datetime.now(UTC) - row["checked_at"]).days
    words = f"holds, walked along {days} days ago" if days else "holds, walked along within a day"
    return look(what, words, f"Does {service}-worker run? It walks once a day.") if days > CHECK_DAYS else well(what, words)


async def _room(connection: asyncpg.Connection) -> list[Finding]:
    row = await connection.fetchrow(_ROOM, LONG_MINUTES)
    found = list(_full(row["used"], row["most"]))
    if row["long"]:
        words = f"{row['long']} transactions have run for more than {LONG_MINUTES} minutes"
        do = (
            "select pid, usename, query from pg_stat_activity where xact_start < now() - interval '10 min'; they keep old rows."
        )
        found.append(look("transactions", words, do))
    if row["oldest"] > OLD_IDS:
        words = f"the oldest transaction id is {row['oldest']:,} old"
        found.append(wrong("transactions", words, "vacuum freeze; in the database, and find out why autovacuum did not."))
    if unusable := [each[0] for each in await connection.fetch(_UNUSABLE, list(SERVICES))]:
        found.append(look("indexes", f"not usable: {listed(unusable)}", "reindex index concurrently …; for each."))
    return found


def _full(used: int, most: int) -> Iterator[Finding]:
    words = f"{used} of {most} connections are used"
    if used > FULL * most:
        yield look(
            "connections", words, "Raise max_connections, or run fewer processes: each takes LOOP_DATABASE_POOL of them."
        )
    else:
        yield well("connections", words)
