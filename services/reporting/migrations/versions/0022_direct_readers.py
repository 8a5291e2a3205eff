"""Roles that read the database directly: whose organisation and service areas each of them sees (ADR 0016).

The views that they read are no part of any migration: `reporting.adapters.direct_views` makes them after each, out of the feed.
"""

from alembic import op

from chassis import direct, tenancy

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SCHEMA = "reporting"


def upgrade() -> None:
    op.execute(direct.create_table(SCHEMA))
    # Written by an administrator as the owner; no process of ours has a use for it.
    tenancy.protect(op, SCHEMA, "direct_reader", app="", worker="")


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.direct_reader")
