"""The tables of retention, for the migrations of a service; and what the role that reduces records may do with them."""

from collections.abc import Mapping, Sequence

from chassis.tenancy import Operations, protect

TABLES = ("retention_hold", "retention_order", "retention_run", "retention_reduced", "retention_proof")

_TABLES = (
    """
    create table {s}.retention_hold (
        org              text not null,
        id               uuid not null,
        scope            text not null,
        kind             text,            -- of a record, or all of a kind
        record_id        uuid,
        reference_sealed bytea,           -- what a hold by reference looks for, as it was typed
        reference_key    text,            -- keyed: by which a record that has it is known
        reason_sealed    bytea not null,
        placed_by        text not null,
        placed_at        timestamptz not null default now(),
        review_on        date not null,
        reviewed_by      text,
        lifted_by        text,
        lifted_at        timestamptz,
        lifted_sealed    bytea,           -- why
        revision         integer not null default 1,
        constraint retention_hold_key primary key (org, id),
        constraint retention_hold_of_something check (
            case scope when 'record' then kind is not null and record_id is not null and reference_key is null
                       when 'kind' then kind is not null and record_id is null and reference_key is null
                       when 'reference' then kind is null and record_id is null and reference_key is not null
                       else false end),
        constraint retention_hold_reference_can_be_read check ((reference_key is null) = (reference_sealed is null)),
        -- nobody lifts one without saying who and why
        constraint retention_hold_lifted_by_somebody check (num_nonnulls(lifted_by, lifted_at, lifted_sealed) in (0, 3))
    )
    """,
    """
    create table {s}.retention_order (
        org           text not null,
        id            uuid not null,
        kind          text not null,
        record_id     uuid not null,
        ground_sealed bytea not null,     -- why it is to be erased before its time
        asked_on      date not null,      -- when the person asked
        decided_by    text not null,
        decided_at    timestamptz not null default now(),
        done_at       timestamptz,
        refused       text,               -- what stood against it when its turn came
        constraint retention_order_key primary key (org, id),
        constraint retention_order_ends_once check (done_at is null or refused is null)
    )
    """,
    """
    create table {s}.retention_run (
        org        text not null,
        id         uuid not null,
        asked_by   text,                  -- null: by the hour
        asked_at   timestamptz not null default now(),
        ended_at   timestamptz,
        reduced    jsonb not null default '{{}}',   -- by kind
        held       jsonb not null default '{{}}',
        failed     integer not null default 0,
        constraint retention_run_key primary key (org, id)
    )
    """,
    """
    create table {s}.retention_reduced (
        org        text not null,
        kind       text not null,
        record_id  uuid not null,
        reduced_on date not null,
        number     bigint not null,       -- of its proof
        constraint retention_reduced_key primary key (org, kind, record_id)
    )
    """,
    """
    create table {s}.retention_proof (
        org    text not null,
        number bigint not null,           -- gapless for an organisation
        at     timestamptz not null,
        said   jsonb not null,            -- what, by which rule, how much of which table; nothing of a person
        record text not null,             -- keyed: who knows the id finds it, and nobody else
        hash   bytea not null,            -- over the one before and what is said
        seal   text not null,             -- keyed: who has the database alone cannot make one
        constraint retention_proof_key primary key (org, number),
        constraint retention_proof_hash_is_sha256 check (length(hash) = 32)
    )
    """,
)
_INDEXES = (
    "create index retention_hold_in_force on {s}.retention_hold (org) where lifted_at is null",
    # pressed twice is asked once
    (
        "create unique index retention_order_open on {s}.retention_order (org, kind, record_id) "
        "where done_at is null and refused is null"
    ),
    "create unique index retention_run_open on {s}.retention_run (org) where ended_at is null",
    "create index retention_proof_of on {s}.retention_proof (org, record)",
)
_LIFTING = "review_on, reviewed_by, lifted_by, lifted_at, lifted_sealed, revision"
_APP = {
    "retention_hold": f"select, insert, update ({_LIFTING})",
    "retention_order": "select, insert",
    "retention_run": "select, insert",
    "retention_reduced": "select",
    "retention_proof": "select",
}
_WORKER = {  # not why something is held or is to be erased
    "retention_hold": "select (org, id, scope, kind, record_id, reference_key, reference_sealed, lifted_at)",
    "retention_order": "select (org, id, kind, record_id, asked_on, decided_at, done_at, refused)",
    "retention_run": "select",
}
_RETENTION = {
    "retention_hold": "select",
    "retention_order": "select, update (done_at, refused)",
    "retention_run": "select, insert, update (ended_at, reduced, held, failed)",
    "retention_reduced": "select, insert, update (reduced_on, number)",
    "retention_proof": "select, insert",
    "outbox": "select, update (data), insert",
}


def create_retention_tables(op: Operations, schema: str, grants: Mapping[str, str], events: Sequence[tuple[str, str]]) -> None:
    """Make the tables, and let `<schema>_retention` do with each table of the service what `grants` says and no more.

    `events` are pairs of a subject and the member that says whose event it is: they are found by it.
    """
    op.execute(
        f"do $$ begin if not exists (select from pg_roles where rolname = '{schema}_retention') then raise exception "
        f"'the role {schema}_retention is missing: have an administrator run deploy/roles.sql again' "
        "using errcode = 'undefined_object'; end if; end $$"
    )
    for statement in (*_TABLES, *_INDEXES):
        op.execute(statement.format(s=schema))
    for table in TABLES:
        protect(op, schema, table, app=_APP[table], worker=_WORKER.get(table, ""))
    for table, granted in {**_RETENTION, **grants}.items():
        op.execute(f"grant {granted} on {schema}.{table} to {schema}_retention")
    for number, (subject, key) in enumerate(events, 1):
        op.execute(
            f"create index outbox_of_record_{number} on {schema}.outbox (org, (data->>'{key}')) where subject = '{subject}'"
        )


REQUESTS = {
    "subject_request": "select (org, id, reference, closed_on, extension), update (reference, extension, asked, made_by)",
    "subject_record": "select (org, request_id, record_id), delete",
    "subject_decision": "select (org, request_id, record_id), delete",
    "subject_note": "select (org, request_id, record_id), update (request_id), delete",
}
"""What the role that reduces needs of people's requests (`chassis.retention.asked`)."""


def create_known_keys(op: Operations, schema: str) -> None:
    """Make the table of keyed hashes by which a record that was reduced is known when it is posted again."""
    op.execute(
        f"""
        create table {schema}.retention_key (
            org        text not null,
            key        text not null,     -- keyed hash of the reference under which it was posted
            kind       text not null,
            reduced_on date not null,
            constraint retention_key_once primary key (org, key)
        )
        """
    )
    protect(op, schema, "retention_key", app="select")
    op.execute(f"grant select, insert, update (kind, reduced_on) on {schema}.retention_key to {schema}_retention")


def grant_to_retention(op: Operations, schema: str, grants: Mapping[str, str]) -> None:
    """Let `<schema>_retention` do more with tables of the service, for kinds that were added later: columns it had not yet."""
    for table, granted in grants.items():
        op.execute(f"grant {granted} on {schema}.{table} to {schema}_retention")


def revoke_from_retention(op: Operations, schema: str, grants: Mapping[str, str]) -> None:
    """Take that away again: columns that an earlier migration granted must not stand among them."""
    for table, granted in grants.items():
        op.execute(f"revoke {granted} on {schema}.{table} from {schema}_retention")


def drop_retention_tables(op: Operations, schema: str, grants: Mapping[str, str], events: Sequence[tuple[str, str]]) -> None:
    """Take them away again, with every hold and proof."""
    for number in range(len(events), 0, -1):
        op.execute(f"drop index {schema}.outbox_of_record_{number}")
    for table in grants:
        op.execute(f"revoke all on {schema}.{table} from {schema}_retention")
    op.execute(f"revoke all on {schema}.outbox from {schema}_retention")
    for table in reversed(TABLES):
        op.execute(f"drop table {schema}.{table}")
