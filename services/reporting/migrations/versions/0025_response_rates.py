"""How many of those who were asked have answered: found by the day that they were asked about, and by the link.

A response names its link; without an index the rate of a quarter would read all responses there are.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

SCHEMA = "reporting"
INDEXES = {
    "fact_response_by_invitation": ("fact_response", "org, invitation_id"),
    "fact_invitation_about": ("fact_invitation", "org, about_on"),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.execute(f"create index {name} on {SCHEMA}.{table} ({columns})")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"drop index {SCHEMA}.{name}")
