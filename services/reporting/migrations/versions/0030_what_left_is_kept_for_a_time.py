"""What left a feed is told for 90 days, and cleared away after that (`reporting.adapters.feed_horizon`).

How far it was cleared away is told by set: whoever asks for what changed since before that is told to begin again.
"""

from alembic import op

from chassis import tenancy

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def upgrade() -> None:
    # What left before this is taken to have left now, and so is told for the whole time.
    op.execute(f"alter table {SCHEMA}.feed_left add column left_at timestamptz not null default now()")
    op.execute(f"create index feed_left_by_age on {SCHEMA}.feed_left (org, left_at)")
    op.execute(
        f"""
        create table {SCHEMA}.feed_horizon (
            org text not null, name text not null,
            xid xid8 not null,  -- what left the set in this transaction, or before it, may have been cleared away
            constraint feed_horizon_key primary key (org, name)
        )
        """
    )
    tenancy.protect(op, SCHEMA, "feed_horizon", app="select", worker="select, insert, update")


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.feed_horizon")
    op.execute(f"drop index {SCHEMA}.feed_left_by_age")
    op.execute(f"alter table {SCHEMA}.feed_left drop column left_at")
