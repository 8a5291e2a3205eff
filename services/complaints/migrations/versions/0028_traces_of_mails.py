"""A mail belongs to the trace of what asked for it."""

from alembic import op

from chassis.tenancy import extend_mail_table, shorten_mail_table

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
change = "expand"

SCHEMA = "complaints"


def upgrade() -> None:
    extend_mail_table(op, SCHEMA)


def downgrade() -> None:
    shorten_mail_table(op, SCHEMA)
