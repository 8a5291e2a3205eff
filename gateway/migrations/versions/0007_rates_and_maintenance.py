"""What several gateways know together: how much callers have used of their rates, and which services are closed for work."""

from alembic import op

from chassis.tenancy import INSTALLATION, protect

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Unlogged: it is written all the time and means nothing after a minute. After a crash of PostgreSQL it is empty, and all
    # callers begin anew with a full allowance.
    op.execute(
        f"""
        create unlogged table gateway.rate (
            org     text not null default '{INSTALLATION}',
            -- a keyed hash: neither an address nor a session can be read from it
            key     bytea not null constraint rate_key primary key constraint rate_key_is_a_hash check (length(key) = 16),
            full_at double precision not null,  -- seconds since 1970, when the whole allowance is there again
            constraint rate_is_of_the_installation check (org = '{INSTALLATION}')
        ) with (fillfactor = 50)
        """
    )
    protect(op, "gateway", "rate", app="select, insert, update, delete")
    op.execute(
        f"""
        create table gateway.maintenance (
            org        text not null default '{INSTALLATION}',
            service    text not null constraint maintenance_once primary key
                       constraint maintenance_service check (service ~ '^[a-z][a-z0-9-]{{0,39}}$'),  -- or `all`
            begun_at   timestamptz not null default now(),
            ends_at    timestamptz,  -- null: until somebody ends it
            begun_by   text not null,
            constraint maintenance_is_of_the_installation check (org = '{INSTALLATION}'),
            constraint maintenance_ends_after_it_begins check (ends_at > begun_at)
        )
        """
    )
    protect(op, "gateway", "maintenance", app="select, insert, update, delete")


def downgrade() -> None:
    op.execute("drop table gateway.maintenance")
    op.execute("drop table gateway.rate")
