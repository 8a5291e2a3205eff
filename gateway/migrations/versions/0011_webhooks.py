"""Webhooks: what other systems subscribe to, the messages for them, each attempt to hand one over, and what was done."""

from alembic import op

from chassis.tenancy import create_consumer_tables, protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_consumer_tables(op, "gateway")
    _create_subscription()
    _create_message()
    _create_attempt()
    _create_history()
    # What a machine subscribed to it is sent only for as long as it may read it.
    op.execute("grant select (org, client_id, scopes, areas, disabled_at) on gateway.client to gateway_worker")
    op.execute("create policy mechanism on gateway.client for select to gateway_worker using (true)")


def _create_subscription() -> None:
    op.execute(
        """
        create table gateway.webhook_subscription (
            subscription_id text primary key,
            org             text not null,
            client_id       text,             -- of the machine that made it; null: an administrator did, or the operator
            name            text not null constraint webhook_name check (char_length(name) between 1 and 100),
            address         bytea,            -- sealed: its query is often a key of the receiver
            types           text[] not null constraint webhook_asks_for_something check (cardinality(types) > 0),
            areas           text[] not null default '{}',
            status          text not null default 'unverified' constraint webhook_status
                            check (status in ('unverified', 'live', 'paused', 'disabled', 'deleted')),
            reason          text constraint webhook_reason check (reason in ('gone', 'failing', 'client')),
            secret          bytea,            -- sealed, all three
            previous_secret bytea,
            previous_until  timestamptz,      -- until then some of those before it sign too
            revision        integer not null default 1 constraint webhook_revision check (revision > 0),
            created_at      timestamptz not null default now(),
            created_by      text not null,
            live_from       timestamptz,      -- what happened before was not asked for
            failing_since   timestamptz,      -- the first failure after the last message that got through
            disabled_at     timestamptz,
            constraint webhook_of_its_organisation unique (org, subscription_id),
            constraint webhook_of_client foreign key (org, client_id) references gateway.client (org, client_id),
            -- nothing secret outlives what it was for
            constraint webhook_deleted_is_empty check ((status = 'deleted') = (address is null and secret is null)),
            constraint webhook_deleted_has_no_previous check (status <> 'deleted' or previous_secret is null),
            constraint webhook_previous_ends check ((previous_secret is null) = (previous_until is null)),
            constraint webhook_disabled_says_why check (
                (status = 'disabled') = (reason is not null and disabled_at is not null)),
            constraint webhook_live_since check (status not in ('live', 'paused', 'disabled') or live_from is not null)
        )
        """
    )
    op.execute("create unique index webhook_name_in_use on gateway.webhook_subscription (org, name) where status <> 'deleted'")
    protect(op, "gateway", "webhook_subscription", worker="select", worker_sees_all=True)
    op.execute(
        "grant update (status, reason, live_from, failing_since, disabled_at, revision, previous_secret, previous_until) "
        "on gateway.webhook_subscription to gateway_worker"
    )


def _create_message() -> None:
    op.execute(
        """
        create table gateway.webhook_message (
            message_id      uuid primary key,  -- version 7: in order of time
            org             text not null,
            subscription_id text not null,
            event_id        text not null,     -- what the receiver knows it by, the same in every attempt
            type            text not null,
            payload         text not null,     -- byte for byte what is signed and sent: codes, dates and pseudonyms
            kept_at         timestamptz not null default now(),
            state           text not null default 'waiting' constraint webhook_message_state
                            check (state in ('waiting', 'sent', 'failed', 'dropped')),
            attempts        integer not null default 0,
            attempts_before integer not null default 0,  -- those before it was last sent anew: the schedule begins again
            next_try_at     timestamptz not null default now(),
            status          smallint,          -- of the last attempt, as are the next two
            kind            text,
            ms              integer,
            done_at         timestamptz,
            -- kept once for a subscription, however often the event arrives
            constraint webhook_message_once unique (subscription_id, event_id),
            constraint webhook_message_of_subscription foreign key (org, subscription_id)
                references gateway.webhook_subscription (org, subscription_id),
            constraint webhook_message_done_says_when check ((state = 'waiting') = (done_at is null))
        ) with (fillfactor = 85)
        """
    )
    # Only what is still to be sent; the log of one; and of the log what did not get through.
    op.execute("create index webhook_due on gateway.webhook_message (subscription_id, next_try_at) where state = 'waiting'")
    op.execute("create index webhook_log on gateway.webhook_message (subscription_id, message_id)")
    op.execute("create index webhook_failed on gateway.webhook_message (subscription_id, message_id) where state = 'failed'")
    # What is erased is found at once.
    op.execute("create index webhook_of_stars on gateway.webhook_message (org) where type like 'feedback.v1.star%'")
    protect(
        op,
        "gateway",
        "webhook_message",
        app="select, insert",
        worker="select, insert, update, delete",
        worker_sees_all=True,
    )
    op.execute("grant update (state, next_try_at, attempts_before, done_at) on gateway.webhook_message to gateway_app")


def _create_attempt() -> None:
    op.execute(
        """
        create table gateway.webhook_attempt (
            message_id uuid not null,
            org        text not null,
            number     integer not null,
            at         timestamptz not null default now(),
            status     smallint,
            kind       text,     -- null: under way, or the process ended in the middle
            ms         integer,
            constraint webhook_attempt_key primary key (message_id, number),
            constraint webhook_attempt_of_message foreign key (message_id)
                references gateway.webhook_message (message_id) on delete cascade
        )
        """
    )
    protect(op, "gateway", "webhook_attempt", app="select", worker="select, insert", worker_sees_all=True)
    op.execute("grant update (status, kind, ms) on gateway.webhook_attempt to gateway_worker")


def _create_history() -> None:
    op.execute(
        """
        create table gateway.webhook_history (
            position        bigint generated always as identity primary key,
            org             text not null,
            subscription_id text not null,
            at              timestamptz not null default now(),
            by              text not null,
            by_label        text not null,
            act             text not null constraint webhook_act check (act in (
                            'made', 'changed', 'verified', 'paused', 'resumed', 'rotated', 'tested', 'replayed', 'disabled',
                            'deleted')),
            detail          jsonb not null default '{}',  -- codes and numbers; never an address or a secret
            constraint webhook_history_of_subscription foreign key (org, subscription_id)
                references gateway.webhook_subscription (org, subscription_id)
        )
        """
    )
    op.execute("create index webhook_history_of_one on gateway.webhook_history (subscription_id, position desc)")
    protect(op, "gateway", "webhook_history", app="select, insert", worker="insert", worker_sees_all=True)


def downgrade() -> None:
    op.execute("drop policy mechanism on gateway.client")
    op.execute("revoke select (org, client_id, scopes, areas, disabled_at) on gateway.client from gateway_worker")
    for table in ("webhook_history", "webhook_attempt", "webhook_message", "webhook_subscription"):
        op.execute(f"drop table gateway.{table}")
    for table in ("consumer_command", "dead_letter", "consumer_position", "inbox"):
        op.execute(f"drop table gateway.{table}")
