"""Keys of operators, each with a name and an end; and a sign by which all gateways ask the database again."""

from alembic import op

from chassis.tenancy import INSTALLATION, protect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        f"""
        create table gateway.operator_key (
            org          text not null default '{INSTALLATION}',
            key_id       text primary key,
            name         text not null constraint operator_key_name check (name ~ '^[a-z][a-z0-9.-]{{1,39}}$'),
            hash         text not null constraint operator_key_once unique  -- SHA-256 of 256 random bits
                         constraint operator_key_hash check (hash ~ '^[0-9a-f]{{64}}$'),
            created_at   timestamptz not null default now(),
            created_by   text not null,
            expires_at   timestamptz not null,
            last_used_at timestamptz,
            ended_at     timestamptz,
            ended_by     text,
            constraint operator_key_is_of_the_installation check (org = '{INSTALLATION}'),
            -- one that nobody remembers must not open every organisation for good; 367 days: a year, whatever the hour
            constraint operator_key_ends_within_a_year check (
                expires_at > created_at and expires_at <= created_at + interval '367 days'),
            constraint operator_key_ended_by_somebody check ((ended_at is null) = (ended_by is null))
        )
        """
    )
    protect(op, "gateway", "operator_key", app="select, insert")
    # Whose it is and what proves it stays as it was made.
    op.execute("grant update (expires_at, last_used_at, ended_at, ended_by) on gateway.operator_key to gateway_app")
    op.execute(
        f"""
        create table gateway.recall (
            org    text not null default '{INSTALLATION}' constraint recall_once primary key,
            number bigint not null default 0,  -- goes up whenever gateways must believe nothing that they remember
            constraint recall_is_of_the_installation check (org = '{INSTALLATION}')
        )
        """
    )
    protect(op, "gateway", "recall", app="select, insert, update")


def downgrade() -> None:
    op.execute("drop table gateway.recall")
    op.execute("drop table gateway.operator_key")
