"""A mail belongs to the trace of what asked for it, and a message of a webhook to that of its event."""

from alembic import op

from chassis.tenancy import extend_mail_table, shorten_mail_table

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
change = "expand"

SCHEMA = "gateway"


def upgrade() -> None:
    extend_mail_table(op, SCHEMA)
    op.execute("alter table gateway.webhook_message add column traceparent text")


def downgrade() -> None:
    op.execute("alter table gateway.webhook_message drop column traceparent")
    shorten_mail_table(op, SCHEMA)
