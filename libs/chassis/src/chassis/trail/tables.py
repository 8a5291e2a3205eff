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


# With the rights of the owner, for who has no right to delete otherwise: what it may be used for, it says itself.
_DEFINER = "language plpgsql security definer set search_path = {schema}, pg_temp"
_TENANT = "nullif(current_setting('app.org', true), '')"
# A day less than a year: the day so many months ago begins at a midnight by British clocks, whatever this server's are.
_TOO_YOUNG = "now() - interval '12 months' + interval '1 day'"
_LET_GO = """
create function {schema}.trail_let_go(last bigint, head bytea, let_go_at timestamptz, sealed text, months integer)
returns bigint {definer} as $$
declare
    tenant text := {tenant};
    gone bigint;
begin
    if exists (select from retention_hold where org = tenant and lifted_at is null)
            or exists (select from subject_restriction where org = tenant and ended_on is null) then
        raise exception 'a hold stands: the trail stays whole' using errcode = 'insufficient_privilege';
    end if;
    if exists (select from trail where org = tenant and number <= last and at > {too_young}) then
        raise exception 'entries of the trail are kept for a year at least' using errcode = 'insufficient_privilege';
    end if;
    if not exists (select from trail where org = tenant and number = last and hash = head) then
        raise exception 'the trail has no such entry' using errcode = 'no_data_found';
    end if;
    insert into trail_beginning (org, number, hash, at, seal) values (tenant, last, head, let_go_at, sealed)
        on conflict on constraint trail_beginning_key
        do update set number = excluded.number, hash = excluded.hash, at = excluded.at, seal = excluded.seal;
    delete from trail where org = tenant and number <= last;
    get diagnostics gone = row_count;
    insert into trail (org, subject, kind, method, route, parameters, request_id, events)
        values (tenant, '{schema}-worker', 'service', 'POST', '/{schema}/worker',
                jsonb_build_object('of', 'trail', 'act', 'let-go', 'detail', jsonb_build_object(
                    'up_to', last, 'entries', gone, 'months', months)::text),
                replace(gen_random_uuid()::text, '-', ''), array[]::uuid[]);
    return gone;
end $$
"""
_CLEAR = """
create function {schema}.trail_clear(most integer) returns bigint {definer} as $$
declare
    tenant text := {tenant};
    gone bigint;
begin
    delete from trail where org = tenant and number in (
        select t.number from trail t
         where t.org = tenant and t.number <= (select b.number from trail_beginning b where b.org = tenant)
           and t.at <= {too_young} order by t.number limit most);
    get diagnostics gone = row_count;
    return gone;
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


def create_trail_beginning(op: Operations, schema: str) -> None:
    """Let a trail have an end: where each chain begins, and the one function by which `<schema>_retention` lets entries go.

    It moves the beginning, deletes what is before it, and writes down that it did: all or nothing. Nobody may delete otherwise.
    It refuses while a hold stands, and what is younger than a year, whoever calls it.
    """
    _create_beginning(op, schema, app="select", worker="select", worker_sees_all=True)
    op.execute(_LET_GO.format(schema=schema, definer=_DEFINER.format(schema=schema), tenant=_TENANT, too_young=_TOO_YOUNG))
    _grant_alone(op, schema, "trail_let_go(bigint, bytea, timestamptz, text, integer)")
    for table in ("trail", "trail_checkpoint", "trail_beginning"):
        op.execute(f"grant select on {schema}.{table} to {schema}_retention")
    # What was in its time when somebody asked stays while their request is open.
    op.execute(f"grant select (received_on) on {schema}.subject_request to {schema}_retention")


def drop_trail_beginning(op: Operations, schema: str) -> None:
    """Take them away again. A chain of which entries were let go does not hold after that: none can say where it begins."""
    op.execute(f"revoke select (received_on) on {schema}.subject_request from {schema}_retention")  # noqa: S608 - names of ours
    for table in ("trail", "trail_checkpoint"):
        op.execute(f"revoke select on {schema}.{table} from {schema}_retention")  # noqa: S608 - names of ours
    op.execute(f"drop function {schema}.trail_let_go")
    op.execute(f"drop table {schema}.trail_beginning")


def create_joined_trail_beginning(op: Operations, schema: str) -> None:
    """The same where who serves requests has the key of the seals, and the worker the role that deletes.

    One seals where a chain begins (`chassis.trail.joining`); the other clears away what is before that, if it is older than a
    year. Neither can do both.
    """
    _create_beginning(op, schema, app="select, insert, update", worker="select (org, number, hash)", worker_sees_all=True)
    op.execute(_CLEAR.format(schema=schema, definer=_DEFINER.format(schema=schema), tenant=_TENANT, too_young=_TOO_YOUNG))
    _grant_alone(op, schema, "trail_clear(integer)")


def drop_joined_trail_beginning(op: Operations, schema: str) -> None:
    """As `drop_trail_beginning`."""
    op.execute(f"drop function {schema}.trail_clear")
    op.execute(f"drop table {schema}.trail_beginning")


def _create_beginning(op: Operations, schema: str, *, app: str, worker: str, worker_sees_all: bool) -> None:
    op.execute(
        f"""
        create table {schema}.trail_beginning (
            org    text not null constraint trail_beginning_key primary key,
            number bigint not null,    -- of the last entry that was let go
            hash   bytea not null,     -- its hash: what follows is chained to it
            at     timestamptz not null,
            seal   text not null,      -- keyed, over all of these: who has the database alone cannot make one
            constraint trail_beginning_after_an_entry check (number > 0),
            constraint trail_beginning_hash_is_sha256 check (length(hash) = 32)
        )
        """
    )
    protect(op, schema, "trail_beginning", app=app, worker=worker, worker_sees_all=worker_sees_all)


def _grant_alone(op: Operations, schema: str, function: str) -> None:
    op.execute(f"revoke execute on function {schema}.{function} from public")
    op.execute(f"grant execute on function {schema}.{function} to {schema}_retention")
