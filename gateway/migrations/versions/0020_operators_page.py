"""The operator's page: sessions of operators in a browser, and dead letters that can be applied again one by one."""

from alembic import op

from chassis.tenancy import INSTALLATION, extend_consumer_tables, protect, shorten_consumer_tables

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    extend_consumer_tables(op, "gateway")
    op.execute(
        f"""
        create table gateway.operator_session (
            org          text not null default '{INSTALLATION}',
            code_hash    text primary key constraint operator_session_code_hash check (code_hash ~ '^[0-9a-f]{{64}}$'),
            key_id       text references gateway.operator_key (key_id),  -- null: the key that the installation began with
            made_at      timestamptz not null default now(),
            code_ends_at timestamptz not null,
            ends_at      timestamptz not null,
            session_hash text constraint operator_session_once unique
                         constraint operator_session_hash check (session_hash ~ '^[0-9a-f]{{64}}$'),
            begun_at     timestamptz,
            last_used_at timestamptz,
            ended_at     timestamptz,
            constraint operator_session_is_of_the_installation check (org = '{INSTALLATION}'),
            -- a code is typed at once, and a session ends before the pass that it came from could
            constraint operator_session_code_is_short check (code_ends_at <= made_at + interval '5 minutes'),
            constraint operator_session_is_short check (ends_at > made_at and ends_at <= made_at + interval '4 hours'),
            constraint operator_session_begun check (
                (session_hash is null) = (begun_at is null) and (begun_at is null) = (last_used_at is null))
        )
        """
    )
    op.execute("create index operator_session_of_key on gateway.operator_session (key_id)")
    protect(op, "gateway", "operator_session", app="select, insert")
    op.execute("grant update (session_hash, begun_at, last_used_at, ended_at) on gateway.operator_session to gateway_app")
    # The worker clears away what is over, and reads nothing of anybody.
    op.execute("grant select (ends_at, ended_at), delete on gateway.operator_session to gateway_worker")
    op.execute("create policy mechanism on gateway.operator_session to gateway_worker using (true)")


def downgrade() -> None:
    op.execute("drop table gateway.operator_session")
    shorten_consumer_tables(op, "gateway")
