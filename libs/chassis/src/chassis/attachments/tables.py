"""The tables of `chassis.attachments.store`, for a service's migration."""

from chassis.attachments.limits import CHUNK_BYTES
from chassis.tenancy import Operations, protect


def create_file_tables(op: Operations, schema: str) -> None:
    """A row for each file, and one for each sealed piece of its content.

    The row stays when the content is destroyed. The worker sees those of all organisations: it has them scanned.
    """
    op.execute(
        f"""
        create table {schema}.stored_file (
            org          text not null,
            id           uuid not null,
            details      bytea not null,      -- sealed: its name, and the SHA-256 of the whole
            content_key  text not null,       -- keyed: the same content is known again, and nobody can look for a known file
            kind         text not null,       -- what it is by its content
            locked       boolean not null,    -- encrypted: a scanner may not see what is inside
            size         bigint not null,
            pieces       integer not null,
            scan         text not null,
            scan_reason  text,                -- why it could not be scanned yet, or what was found; names no person
            scanned_at   timestamptz,
            attempts     integer not null default 0,
            next_try_at  timestamptz not null default now(),
            stored_at    timestamptz not null default now(),
            destroyed_at timestamptz,
            constraint stored_file_key primary key (org, id),
            constraint stored_file_has_all_pieces check (
                size > 0 and pieces = (size + {CHUNK_BYTES - 1}) / {CHUNK_BYTES}),
            constraint stored_file_scan_known check (scan in ('waiting', 'clean', 'infected', 'not-scanned')),
            constraint stored_file_scan_has_reason check (scan in ('waiting', 'clean') or scan_reason is not null),
            constraint stored_file_reason_is_short check (length(scan_reason) <= 200),
            -- what holds a virus is not kept
            constraint stored_file_infected_is_destroyed check (scan <> 'infected' or destroyed_at is not null)
        ) with (fillfactor = 85)
        """
    )
    op.execute(
        f"""
        create table {schema}.stored_piece (
            org     text not null,
            file_id uuid not null,
            number  integer not null,
            content bytea not null,           -- sealed, with file, number and count bound in
            constraint stored_piece_key primary key (org, file_id, number),
            constraint stored_piece_of foreign key (org, file_id)
                references {schema}.stored_file (org, id) on delete cascade
        )
        """
    )
    # Sealed bytes do not shrink; do not try.
    op.execute(f"alter table {schema}.stored_piece alter column content set storage external")
    op.execute(
        f"create index stored_file_to_scan on {schema}.stored_file (next_try_at) "
        "where scan = 'waiting' and destroyed_at is null"
    )
    protect(op, schema, "stored_file", app="select, insert, delete", worker="select, delete", worker_sees_all=True)
    protect(op, schema, "stored_piece", app="select, insert, delete", worker="select, delete", worker_sees_all=True)
    op.execute(f"grant update (destroyed_at) on {schema}.stored_file to {schema}_app")
    scanned = "scan, scan_reason, scanned_at, attempts, next_try_at, destroyed_at"
    op.execute(f"grant update ({scanned}) on {schema}.stored_file to {schema}_worker")


def drop_file_tables(op: Operations, schema: str) -> None:
    """Take them away again."""
    op.execute(f"drop table {schema}.stored_piece")
    op.execute(f"drop table {schema}.stored_file")
