"""Row-level security for migrations: every table carries `org` and nobody sees past it.

The roles of a schema `<s>`: `<s>_owner` migrates, `<s>_app` serves HTTP, `<s>_worker` runs relay and consumers, and takes on
`<s>_retention` for as long as it reduces a record whose time is over. The transaction
says whose rows it may see with `set_config('app.org', <code>, true)`; without that it sees nothing.
"""

import re
from typing import Protocol

INSTALLATION = "*"
"""The tenant of what belongs to no organisation (consumer positions). Not a valid organisation code."""

ORG_PATTERN = r"^[a-z][a-z0-9-]{1,62}$"
_ORG = re.compile(ORG_PATTERN)
_TENANT = "org = nullif(current_setting('app.org', true), '')"


class Operations(Protocol):
    """What is needed of Alembic's `op`."""

    def execute(self, sqltext: str) -> object:
        """Run one statement."""


def is_organisation(code: str) -> bool:
    """Whether a string can be the code of an organisation."""
    return _ORG.fullmatch(code) is not None


def role_statements(schema: str, passwords: dict[str, str]) -> list[str]:
    """SQL that makes the three roles and the schema; `passwords` by role suffix (`owner`, `app`, `worker`).

    Passwords must be free of quotes (they are generated). Run by an administrator; running it again changes passwords only.
    """
    statements = []
    for suffix, password in passwords.items():
        role = f"{schema}_{suffix}"
        statements.append(
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then "
            f"create role {role} login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$"
        )
        statements.append(f"alter role {role} password '{password}'")
        statements.append(f"alter role {role} set search_path = {schema}")
    if "worker" in passwords:
        statements += _retention_role(schema)
    return statements


def _retention_role(schema: str) -> list[str]:
    """The role that reduces records whose time is over (`chassis.retention`): nobody signs in by it.

    The worker takes it on (`set local role`) for the transactions in which it does, and has none of its rights otherwise.
    """
    role = f"{schema}_retention"
    made = (
        f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then "
        f"create role {role} nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$"
    )
    return [made, f"grant {role} to {schema}_worker with inherit false, set true"]


def schema_statements(schema: str, suffixes: tuple[str, ...] = ("app", "worker")) -> list[str]:
    """SQL that makes the schema of a service in the current database, owned by its owner and closed to all others."""
    return [
        f"create schema if not exists {schema} authorization {schema}_owner",
        f"revoke all on schema {schema} from public",
        *(f"grant usage on schema {schema} to {schema}_{suffix}" for suffix in suffixes),
        *([f"grant usage on schema {schema} to {schema}_retention"] if "worker" in suffixes else []),
    ]


def protect(
    op: Operations,
    schema: str,
    table: str,
    *,
    app: str = "select, insert, update",
    worker: str = "",
    worker_sees_all: bool = False,
) -> None:
    """Force row-level security on a table and grant the two roles what they need and no more.

    `worker_sees_all` is for the tables of the mechanisms only: the relay carries every organisation's events, and old answers
    to machines are cleared away for all.
    """
    op.execute(f"alter table {schema}.{table} enable row level security")
    op.execute(f"alter table {schema}.{table} force row level security")
    op.execute(f"create policy tenant on {schema}.{table} using ({_TENANT}) with check ({_TENANT})")
    if worker_sees_all:
        op.execute(f"create policy mechanism on {schema}.{table} to {schema}_worker using (true) with check (true)")
    if app:
        op.execute(f"grant {app} on {schema}.{table} to {schema}_app")
    if worker:
        op.execute(f"grant {worker} on {schema}.{table} to {schema}_worker")


def allow_holder(op: Operations, schema: str, table: str, column: str) -> None:
    """Let whoever names a row's secret hash (`app.capability`) read that row, and no other, without an organisation."""
    op.execute(
        f"create policy holder_of_{column} on {schema}.{table} for select "
        f"using ({column} = nullif(current_setting('app.capability', true), ''))"
    )


ALL_AREAS = "*"
"""What `app.areas` says for whoever is limited to no service area: of nobody, in workers, and of a whole organisation."""
# Of this transaction; PostgreSQL leaves an empty string behind where it had been set before.
AREAS_SAID = "nullif(current_setting('app.areas', true), '')"
# Asked once a statement, not once a row, hence `(select …)`. A test for not-null because the planner takes that to hold for
# nearly every row, as it does for nearly every caller: of `= '*'` it would expect every second row, and join accordingly.
UNLIMITED = f"(select nullif({AREAS_SAID} = '{ALL_AREAS}', false)) is not null"


def seen_by_area(column: str = "service_area", *, or_null: bool = False) -> str:
    """The condition under which a row is seen by whoever is limited to some service areas (docs/decisions/0027).

    Where nothing was said of areas (`app.areas` is not set), it is seen by nobody. A row without an area is hidden from whoever
    is limited unless `or_null`: it waits for somebody to say whose it is.
    """
    listed = f"{column} = any((select string_to_array({AREAS_SAID}, ','))::text[])"
    return f"({UNLIMITED} or {f'{column} is null or ' if or_null else ''}{listed})"


def create_sees(op: Operations, schema: str, record: str) -> None:
    """The function `sees_<record>(id)`: whether the caller sees that row of a table of the same name, with its own limit.

    A function, and no subquery in a policy: of that the planner would make other plans, also for those who are not limited.
    """
    seen = f"select exists (select from {schema}.{record} r where r.{_TENANT} and r.id = $1)"  # noqa: S608 - names of ours
    returns = "returns boolean language sql stable parallel safe cost 1"
    op.execute(f"create function {schema}.sees_{record}(record uuid) {returns} as $$ {seen} $$")


def drop_sees(op: Operations, schema: str, record: str) -> None:
    """Take back `create_sees`."""
    op.execute(f"drop function {schema}.sees_{record}")


def seen_with(schema: str, record: str, column: str) -> str:
    """The condition under which a row is seen with the record that its `column` names; see `create_sees`."""
    return f"({UNLIMITED} or {schema}.sees_{record}({column}))"


def limit_to_areas(op: Operations, schema: str, table: str, condition: str) -> None:
    """Hide rows from whoever is limited to service areas, whatever a query forgets to ask; `condition` is one of the above.

    Restrictive: it holds beside the policy of the tenant. For those who serve requests; relay, consumers and maintenance act
    for nobody. For reading, with which every change of a row begins: why somebody may not write elsewhere, use cases say.
    """
    op.execute(f"create policy areas on {schema}.{table} as restrictive for select to {schema}_app using ({condition})")


def unlimit_areas(op: Operations, schema: str, table: str) -> None:
    """Take back `limit_to_areas`."""
    op.execute(f"drop policy areas on {schema}.{table}")


def create_event_tables(op: Operations, schema: str, *, consumes: bool = False) -> None:
    """The tables of the event mechanism: outbox (the permanent event log), and for a consumer inbox, position, dead letters."""
    op.execute(
        f"""
        create table {schema}.outbox (
            position    bigint generated always as identity primary key,  -- order of writing
            id          uuid not null constraint outbox_id_once unique,
            org         text not null,
            sequence    bigint constraint outbox_sequence_once unique,    -- gapless, given by the relay
            subject     text not null,
            data        jsonb not null,
            occurred_at timestamptz not null,
            recorded_at timestamptz not null default now(),
            traceparent text,
            published_at timestamptz,
            -- only what has a number can have been published
            constraint outbox_published_is_numbered check (published_at is null or sequence is not null)
        ) with (fillfactor = 85)
        """
    )
    op.execute(f"create index outbox_unnumbered on {schema}.outbox (position) where sequence is null")
    op.execute(
        f"create index outbox_unpublished on {schema}.outbox (sequence) where published_at is null and sequence is not null"
    )
    protect(op, schema, "outbox", app="insert", worker="select", worker_sees_all=True)
    op.execute(f"grant update (sequence, published_at) on {schema}.outbox to {schema}_worker")
    if consumes:
        create_consumer_tables(op, schema)


def create_consumer_tables(op: Operations, schema: str) -> None:
    """The tables of a consumer: inbox, position, dead letters, commands."""
    op.execute(
        f"""
        create table {schema}.inbox (
            consumer   text not null,
            event_id   uuid not null,
            org        text not null,
            source     text not null,
            sequence   bigint not null,
            applied_at timestamptz not null default now(),
            constraint inbox_once primary key (consumer, event_id)
        )
        """
    )
    op.execute(
        f"""
        create table {schema}.consumer_position (
            org      text not null default '{INSTALLATION}',
            consumer text not null,
            source   text not null,
            sequence bigint not null default 0,  -- nothing up to here is missing
            moved_at timestamptz not null default now(),
            primary key (consumer, source),
            constraint position_is_of_the_installation check (org = '{INSTALLATION}')
        )
        """
    )
    op.execute(
        f"""
        create table {schema}.dead_letter (
            id         uuid primary key,
            org        text not null,
            consumer   text not null,
            source     text not null,
            sequence   bigint not null,
            event_id   uuid not null,
            envelope   jsonb not null,
            reason     text not null,
            failed_at  timestamptz not null default now(),
            redriven_at timestamptz,
            constraint dead_letter_once unique (consumer, event_id)
        )
        """
    )
    op.execute(
        f"""
        create table {schema}.consumer_command (
            id           uuid primary key,
            org          text not null default '{INSTALLATION}',
            consumer     text not null,
            command      text not null constraint command_is_known check (command in ('rebuild', 'redrive')),
            requested_by text not null,
            requested_at timestamptz not null default now(),
            done_at      timestamptz,
            result       text,
            constraint command_is_of_the_installation check (org = '{INSTALLATION}')
        )
        """
    )
    protect(op, schema, "inbox", app="select", worker="select, insert, delete, truncate", worker_sees_all=True)
    protect(op, schema, "consumer_position", app="select", worker="select, insert, update", worker_sees_all=True)
    protect(op, schema, "dead_letter", app="select", worker="select, insert, update, delete", worker_sees_all=True)
    protect(op, schema, "consumer_command", app="select, insert", worker="select, update", worker_sees_all=True)


def extend_consumer_tables(op: Operations, schema: str) -> None:
    """Dead letters one by one: how often each was tried, some of them to apply again, and an index of those that wait.

    The worker writes down what an operator wants of it (`chassis.operating`), since it alone sees those of all organisations.
    """
    op.execute(f"alter table {schema}.dead_letter add column attempts integer not null default 1")
    op.execute(f"create index dead_letter_waiting on {schema}.dead_letter (consumer, id) where redriven_at is null")
    op.execute(
        f"""
        alter table {schema}.consumer_command
            add column letters uuid[],    -- the dead letters that are meant; null: all
            add constraint command_names_letters check (
                letters is null or (command = 'redrive' and cardinality(letters) between 1 and 500))
        """
    )
    op.execute(f"grant insert on {schema}.consumer_command to {schema}_worker")


def shorten_consumer_tables(op: Operations, schema: str) -> None:
    """Take back `extend_consumer_tables`."""
    op.execute(f"revoke insert on {schema}.consumer_command from {schema}_worker")
    op.execute(f"alter table {schema}.consumer_command drop column letters")
    op.execute(f"drop index {schema}.dead_letter_waiting")
    op.execute(f"alter table {schema}.dead_letter drop column attempts")


def create_idempotency_table(op: Operations, schema: str) -> None:
    """Answers already given to machines, by the key that they sent."""
    op.execute(
        f"""
        create table {schema}.idempotency (
            org         text not null,
            client      text not null,
            key         text not null,
            fingerprint bytea not null,
            status      smallint not null,
            body        jsonb not null,
            created_at  timestamptz not null default now(),
            primary key (org, client, key)
        )
        """
    )
    op.execute(f"create index idempotency_age on {schema}.idempotency (created_at)")
    protect(op, schema, "idempotency", app="select, insert", worker="select, delete", worker_sees_all=True)


def create_profile_table(op: Operations, schema: str, *, worker: str = "select") -> None:
    """The versions of an organisation's profile that were applied; the newest is in force. Without a worker, `worker=""`."""
    op.execute(
        f"""
        create table {schema}.profile (
            org        text not null,
            number     integer not null,
            version    text not null,
            document   jsonb not null,
            applied_by text not null,
            applied_at timestamptz not null default now(),
            primary key (org, number)
        )
        """
    )
    protect(op, schema, "profile", app="select, insert", worker=worker)


def create_mail_table(op: Operations, schema: str) -> None:
    """The queue of mails (`chassis.mail_queue`). A row stays when its content has gone: its key makes a mail be sent once.

    Those who serve requests may ask for a mail and see what became of it, but not read it.
    """
    op.execute(
        f"""
        create table {schema}.mail (
            org         text not null,
            id          uuid not null,
            key         text not null,                     -- what it is for and to whom, in codes
            recipient   bytea,                             -- sealed; null once cleared away
            content     bytea,                             -- sealed; null once cleared away
            state       text not null default 'waiting',
            attempts    integer not null default 0,
            doubtful    boolean not null default false,    -- an attempt may have got through without our knowing
            next_try_at timestamptz not null default now(),
            last_error  text,                              -- names no person
            created_at  timestamptz not null default now(),
            sent_at     timestamptz,
            constraint mail_key primary key (org, id),
            -- the same thing is told to the same person once, however often it is asked for
            constraint mail_once unique (org, key),
            constraint mail_key_is_short check (length(key) between 1 and 300),
            constraint mail_state_is_known check (state in ('waiting', 'sending', 'sent', 'failed')),
            constraint mail_sent_says_when check ((state = 'sent') = (sent_at is not null)),
            -- what is still to be sent can be sent
            constraint mail_open_has_content check (
                state in ('sent', 'failed') or (recipient is not null and content is not null))
        ) with (fillfactor = 85)
        """
    )
    # The sender asks for all organisations at once; both indexes hold only what is still to be done.
    op.execute(f"create index mail_due on {schema}.mail (next_try_at) where state in ('waiting', 'sending')")
    op.execute(
        f"create index mail_to_clear on {schema}.mail (created_at) "
        f"where state in ('sent', 'failed') and (recipient is not null or content is not null)"
    )
    protect(op, schema, "mail", app="insert", worker="select, insert", worker_sees_all=True)
    seen = "org, id, key, state, attempts, last_error, created_at, sent_at"
    changed = "recipient, content, state, attempts, doubtful, next_try_at, last_error, sent_at"
    op.execute(f"grant select ({seen}) on {schema}.mail to {schema}_app")
    op.execute(f"grant update ({changed}) on {schema}.mail to {schema}_worker")


def extend_mail_table(op: Operations, schema: str) -> None:
    """The trace of what asked for a mail, until its content goes (`chassis.tracing`)."""
    op.execute(f"alter table {schema}.mail add column traceparent text")
    op.execute(f"grant update (traceparent) on {schema}.mail to {schema}_worker")


def shorten_mail_table(op: Operations, schema: str) -> None:
    """Take back `extend_mail_table`."""
    op.execute(f"alter table {schema}.mail drop column traceparent")


def create_upload_table(op: Operations, schema: str) -> None:
    """What was read of files, until the person who sent one says that it is to be recorded (`chassis.uploads`)."""
    op.execute(
        f"""
        create table {schema}.upload (
            org        text not null,
            id         uuid not null,
            kind       text not null,        -- what it would become
            made_by    text not null,        -- subject of who sent it; nobody else may open it
            content    bytea not null,       -- sealed: it can hold case numbers and names
            made_at    timestamptz not null default now(),
            expires_at timestamptz not null,
            done_at    timestamptz,
            result     jsonb,                -- figures and codes only
            constraint upload_key primary key (org, id),
            -- nothing that a person may never confirm is kept for good
            constraint upload_expires check (expires_at > made_at),
            -- done once, with a result that the second click is shown
            constraint upload_done_has_result check ((done_at is null) = (result is null))
        )
        """
    )
    op.execute(f"create index upload_expiry on {schema}.upload (expires_at)")
    protect(op, schema, "upload", app="select, insert, delete", worker="select, delete", worker_sees_all=True)
    # Whose it is and when it ends stays as it was made.
    op.execute(f"grant update (content, done_at, result) on {schema}.upload to {schema}_app")
