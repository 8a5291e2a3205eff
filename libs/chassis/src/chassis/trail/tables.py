"""The tables of the trail, for the migrations of a service."""

from chassis.tenancy import Operations, protect

APPEND_ONLY = """
create function {schema}.trail_stays() returns trigger language plpgsql as $$
begin
    if old.number is not null or (new.org, new.id, new.at, new.subject, new.kind, new.method, new.route, new.parameters,
                                  new.request_id, new.events)
            is distinct from (old.org, old.id, old.at, old.subject, old.kind, old.method, old.route, old.parameters,
                              old.request_id, old.events) then
        raise exception 'an entry of the trail stays as it was written' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$
"""


def create_trail_tables(op: Operations, schema: str) -> None:
    """Entries, checkpoints and what the last walk along the chain found.

    Those who serve requests add and read; the worker joins what is not joined yet; nobody changes or deletes. The owner of the
    schema could: that is what the chain shows.
    """
    op.execute(
        f"""
        create table {schema}.trail (
            org        text not null,
            id         bigint generated always as identity,   -- order of writing
            number     bigint,                                -- gapless for an organisation, given by the worker
            at         timestamptz not null default now(),
            subject    text not null,
            kind       text not null,
            method     text not null,
            route      text not null,
            parameters jsonb not null,                        -- ids and codes of the path
            request_id text not null,
            events     uuid[] not null,                       -- what was recorded in the event log
            hash       bytea,
            constraint trail_key primary key (org, id),
            constraint trail_number_once unique (org, number),
            -- what has a number is joined to the chain
            constraint trail_numbered_is_joined check ((number is null) = (hash is null)),
            constraint trail_hash_is_sha256 check (length(hash) = 32)
        )
        """
    )
    op.execute(f"create index trail_to_join on {schema}.trail (org, id) where number is null")
    op.execute(f"create index trail_of_subject on {schema}.trail (org, subject, number)")
    protect(op, schema, "trail", app="select, insert", worker="select", worker_sees_all=True)
    op.execute(f"grant update (number, hash) on {schema}.trail to {schema}_worker")
    op.execute(APPEND_ONLY.format(schema=schema))
    op.execute(
        f"create trigger trail_stays before update on {schema}.trail for each row execute function {schema}.trail_stays()"
    )
    op.execute(
        f"""
        create table {schema}.trail_checkpoint (
            org    text not null,
            number bigint not null,
            hash   bytea not null,
            at     timestamptz not null default now(),
            seal   text not null,      -- keyed: who has the database alone cannot make one
            constraint trail_checkpoint_key primary key (org, number),
            constraint trail_checkpoint_hash_is_sha256 check (length(hash) = 32)
        )
        """
    )
    protect(op, schema, "trail_checkpoint", app="select", worker="select, insert", worker_sees_all=True)
    op.execute(
        f"""
        create table {schema}.trail_check (
            org        text not null constraint trail_check_key primary key,
            checked_at timestamptz not null,
            up_to      bigint not null,
            broken_at  bigint,         -- the first number that does not fit; null where all do
            reason     text,
            constraint trail_broken_says_why check ((broken_at is null) = (reason is null))
        )
        """
    )
    protect(op, schema, "trail_check", app="select", worker="select, insert, update", worker_sees_all=True)


def create_joined_trail_tables(op: Operations, schema: str) -> None:
    """The same for a process without a worker, which joins each entry as it writes it (`chassis.trail.joining`)."""
    op.execute(
        f"""
        create table {schema}.trail (
            org        text not null,
            number     bigint not null,                       -- gapless for an organisation
            at         timestamptz not null,
            subject    text not null,
            kind       text not null,
            method     text not null,
            route      text not null,
            parameters jsonb not null,                        -- ids and codes
            request_id text not null,
            events     uuid[] not null,
            hash       bytea not null,
            constraint trail_key primary key (org, number),
            constraint trail_number_begins_with_one check (number > 0),
            constraint trail_hash_is_sha256 check (length(hash) = 32)
        )
        """
    )
    op.execute(f"create index trail_of_subject on {schema}.trail (org, subject, number)")
    op.execute(
        f"""
        create table {schema}.trail_checkpoint (
            org    text not null,
            number bigint not null,
            hash   bytea not null,
            at     timestamptz not null default now(),
            seal   text not null,
            constraint trail_checkpoint_key primary key (org, number),
            constraint trail_checkpoint_hash_is_sha256 check (length(hash) = 32)
        )
        """
    )
    op.execute(
        f"""
        create table {schema}.trail_check (
            org        text not null constraint trail_check_key primary key,
            checked_at timestamptz not null,
            up_to      bigint not null,
            broken_at  bigint,
            reason     text,
            constraint trail_broken_says_why check ((broken_at is null) = (reason is null))
        )
        """
    )
    # Nobody who serves requests changes or deletes what was written.
    protect(op, schema, "trail", app="select, insert")
    protect(op, schema, "trail_checkpoint", app="select, insert")
    protect(op, schema, "trail_check", app="select, insert, update")


def drop_joined_trail_tables(op: Operations, schema: str) -> None:
    """Take them away again, with everything that was written."""
    for table in ("trail_check", "trail_checkpoint", "trail"):
        op.execute(f"drop table {schema}.{table}")


def drop_trail_tables(op: Operations, schema: str) -> None:
    """Take them away again, with everything that was written."""
    for table in ("trail_check", "trail_checkpoint", "trail"):
        op.execute(f"drop table {schema}.{table}")
    op.execute(f"drop function {schema}.trail_stays()")
