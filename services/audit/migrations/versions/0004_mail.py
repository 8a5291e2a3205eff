"""The queue of mails, so that a reminder is asked for with what it reminds of, and goes out once."""

from alembic import op

from chassis import tenancy

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "audit"


def upgrade() -> None:
    tenancy.create_mail_table(op, SCHEMA)


def downgrade() -> None:
    op.execute(f"drop table {SCHEMA}.mail")
